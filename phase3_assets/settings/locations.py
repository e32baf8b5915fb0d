"""The warehouse, its files or datasets, and other locations, read from the environment once and validated.

What belongs here: environment variables, their defaults and what makes them wrong. What doesn't: thresholds of checks
(thresholds.py), the calendar (calendar.py), opening anything.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from phase3_assets.errors import ConfigurationError
from phase3_assets.settings.environment import ONE_DAY, Limits

WAREHOUSES = ("duckdb", "bigquery")

DATASET_VARIABLES = {
    "nba_raw": "PHASE3_BIGQUERY_RAW_DATASET",
    "nba_analytics": "PHASE3_BIGQUERY_ANALYTICS_DATASET",
    "nba_precompute": "PHASE3_BIGQUERY_PRECOMPUTE_DATASET",
    "nba_phase3": "PHASE3_BIGQUERY_PHASE3_DATASET",
    "nba_staging": "PHASE3_BIGQUERY_STAGING_DATASET",
}
"""By dataset name as the texts under `sql/` use it, the variable with its name in the BigQuery project."""
LASTING_DATASETS = tuple(name for name in DATASET_VARIABLES if name != "nba_staging")
"""The datasets whose tables stay when a session ends."""

_PROJECT = re.compile(r"([a-z0-9.-]+:)?[a-z][a-z0-9-]{2,28}[a-z0-9]")
_LOCATION = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_DATASET = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_SERVICE_ACCOUNT = re.compile(r"[a-z0-9-]+@[a-z0-9.-]+\.gserviceaccount\.com")
_BYTES = re.compile(r"[1-9][0-9]{0,17}")
_HOURS = re.compile(r"[1-9][0-9]{0,2}")
_TEN_GIGABYTES = str(10 * 1024**3)
_WAIT = Limits(0, ONE_DAY)


@dataclass(frozen=True)
class BigQuerySettings:
    """The BigQuery project and datasets, and the cost limit of one job. Every name is valid as an identifier."""

    project: str
    location: str
    datasets: tuple[tuple[str, str], ...]
    """(name in our texts, name in the project), for every one of them."""
    maximum_bytes_billed: int
    """The most bytes that one job may bill; BigQuery refuses a job that would bill more before it starts."""
    impersonate: str | None
    """The service account to act as; None to act as the account whose credentials are found."""
    emulator: str | None
    """Address of an emulator, e.g. http://127.0.0.1:9050, which needs no credentials; None for BigQuery itself."""
    staging_hours: int = 6
    """Hours until a staging table expires: longer than any run. Leftovers of a killed run stay no longer than this."""

    def dataset(self, name: str) -> str:
        """The project's name of the dataset that our texts call `name`."""
        return dict(self.datasets)[name]

    @classmethod
    def from_environment(cls, variables: Mapping[str, str]) -> "BigQuerySettings":
        """Read the PHASE3_BIGQUERY_ variables and BIGQUERY_EMULATOR_HOST; see Settings.from_environment."""
        datasets = tuple(
            (name, _matching(variables, variable, _DATASET, "a dataset name: letters, digits and _", name))
            for name, variable in DATASET_VARIABLES.items()
        )
        _require_distinct(datasets)
        maximum = _matching(
            variables, "PHASE3_BIGQUERY_MAX_BYTES_BILLED", _BYTES, "a whole number of bytes", _TEN_GIGABYTES
        )
        impersonate = None
        if variables.get("PHASE3_BIGQUERY_IMPERSONATE"):
            impersonate = _matching(
                variables, "PHASE3_BIGQUERY_IMPERSONATE", _SERVICE_ACCOUNT, "a service account's e-mail address"
            )
        emulator = variables.get("BIGQUERY_EMULATOR_HOST") or None
        return cls(
            project=_matching(variables, "PHASE3_BIGQUERY_PROJECT", _PROJECT, "a project's id, e.g. my-project-123"),
            location=_matching(variables, "PHASE3_BIGQUERY_LOCATION", _LOCATION, "a location, e.g. US or europe-west1"),
            datasets=datasets,
            maximum_bytes_billed=int(maximum),
            impersonate=impersonate,
            emulator=emulator if emulator is None or "://" in emulator else f"http://{emulator}",
            staging_hours=int(
                _matching(variables, "PHASE3_BIGQUERY_STAGING_HOURS", _HOURS, "a whole number of hours, 1 to 999", "6")
            ),
        )


@dataclass(frozen=True)
class Settings:
    """The locations that one process works with."""

    warehouse: str
    duckdb_path: Path
    dagster_home: Path
    wait_seconds: float
    bigquery: BigQuerySettings | None = None
    """Set if, and only if, the warehouse is BigQuery."""
    reports_path: Path = Path(".phase3/dagster/reports")
    """The folder of the asset night_report's pages."""
    reports_url: str | None = None
    """Where a web server of yours shows that folder; None where none does."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read PHASE3_WAREHOUSE, PHASE3_DUCKDB_PATH, PHASE3_WAIT_SECONDS, DAGSTER_HOME, PHASE3_REPORTS_PATH and _URL.

        For BigQuery, its own too.

        Raises ConfigurationError naming the variable, its value and what it may be.
        """
        variables = os.environ if environment is None else environment
        warehouse = variables.get("PHASE3_WAREHOUSE") or "duckdb"
        if warehouse not in WAREHOUSES:
            raise ConfigurationError(f"PHASE3_WAREHOUSE is {warehouse!r}; it can be {' or '.join(WAREHOUSES)}")
        dagster_home = Path(variables.get("DAGSTER_HOME") or ".phase3/dagster").absolute()
        return cls(
            warehouse=warehouse,
            duckdb_path=Path(variables.get("PHASE3_DUCKDB_PATH") or ".phase3/warehouse.duckdb").absolute(),
            dagster_home=dagster_home,
            wait_seconds=_WAIT.read("PHASE3_WAIT_SECONDS", variables.get("PHASE3_WAIT_SECONDS") or "60"),
            bigquery=BigQuerySettings.from_environment(variables) if warehouse == "bigquery" else None,
            reports_path=Path(variables.get("PHASE3_REPORTS_PATH") or dagster_home / "reports").absolute(),
            reports_url=_address(variables, "PHASE3_REPORTS_URL"),
        )


def _matching(
    variables: Mapping[str, str], variable: str, pattern: re.Pattern[str], what: str, default: str | None = None
) -> str:
    value = variables.get(variable) or default
    if value is None:
        raise ConfigurationError(f"{variable} is not set; with PHASE3_WAREHOUSE=bigquery it is {what}")
    if not pattern.fullmatch(value):
        raise ConfigurationError(f"{variable} is {value!r}; it is {what}")
    return value


def _address(variables: Mapping[str, str], variable: str) -> str | None:
    """The address in the variable; None where it is not set. Raises ConfigurationError for another kind of text."""
    value = variables.get(variable) or None
    if value is not None and not re.fullmatch(r"https?://[^\s<>\"]+", value):
        raise ConfigurationError(f"{variable} is {value!r}; it is an address that begins with http:// or https://")
    return value


def _require_distinct(datasets: tuple[tuple[str, str], ...]) -> None:
    taken: dict[str, str] = {}
    for name, dataset in datasets:
        if dataset in taken:
            raise ConfigurationError(
                f"{DATASET_VARIABLES[name]} and {DATASET_VARIABLES[taken[dataset]]} are both {dataset!r}; "
                "each of the datasets needs a name of its own"
            )
        taken[dataset] = name
