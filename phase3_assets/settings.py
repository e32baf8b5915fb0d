"""Where things are, read from the environment once and validated.

What belongs here: environment variables, their defaults and what makes them wrong. What doesn't: thresholds of checks
(thresholds.py), the calendar (partitions.py), opening anything.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from phase3_assets.errors import ConfigurationError

WAREHOUSES = ("duckdb",)


@dataclass(frozen=True)
class Settings:
    """What one process works with."""

    warehouse: str
    duckdb_path: Path
    dagster_home: Path
    wait_seconds: float

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read PHASE3_WAREHOUSE, PHASE3_DUCKDB_PATH, PHASE3_WAIT_SECONDS and DAGSTER_HOME.

        Raises ConfigurationError naming the variable, its value and what it may be.
        """
        variables = os.environ if environment is None else environment
        warehouse = variables.get("PHASE3_WAREHOUSE") or "duckdb"
        if warehouse not in WAREHOUSES:
            raise ConfigurationError(f"PHASE3_WAREHOUSE is {warehouse!r}; it can be {' or '.join(WAREHOUSES)}")
        wait = variables.get("PHASE3_WAIT_SECONDS") or "60"
        try:
            wait_seconds = float(wait)
        except ValueError as error:
            raise ConfigurationError(f"PHASE3_WAIT_SECONDS is {wait!r}; it is a number of seconds") from error
        return cls(
            warehouse=warehouse,
            duckdb_path=Path(variables.get("PHASE3_DUCKDB_PATH") or ".phase3/warehouse.duckdb").absolute(),
            dagster_home=Path(variables.get("DAGSTER_HOME") or ".phase3/dagster").absolute(),
            wait_seconds=wait_seconds,
        )
