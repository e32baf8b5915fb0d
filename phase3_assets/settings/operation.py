"""What a good morning is: how old a backup may be, how much disk must be free, how long code may differ.

What belongs here: the figures and the folder that `phase3 health` judges by. What doesn't: judging (health/), the
thresholds of the data's own rules (thresholds.py).
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from phase3_assets.settings.environment import ONE_DAY, number, numbers_set

_NONE = "none"


@dataclass(frozen=True)
class Operation:
    """Every figure; each can be set with PHASE3_<NAME IN CAPITALS>."""

    backup_hours: float = number(26.0, 1, 24 * 366)
    """Age of the newest backup, in hours, above which it is too old: a day, and two hours for a late one."""
    disk_free_gib: float = number(2.0, 0, 1_000_000)
    """Free room on the warehouse's disk, in GiB: below it, there is too little."""
    code_drift_hours: float = number(24.0, 0, 24 * 366)
    """Hours that code which runs, or has written, may differ from the code that is installed."""
    queue_seconds: float = number(3600.0, 1, 30 * ONE_DAY)
    """How long a run may wait in Dagster's queue."""
    sensor_silence_seconds: float = number(900.0, 60, ONE_DAY)
    """How long a sensor that runs may be silent; three of its own intervals, where that is longer."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Operation":
        """The defaults, with what the environment sets.

        Raises ConfigurationError for a value that is not a number, or not within its limits.
        """
        return cls(**numbers_set(cls, environment))


@dataclass(frozen=True)
class Backups:
    """Where backups of the embedded warehouse are put."""

    folder: Path | None
    """PHASE3_BACKUP_FOLDER; None where none is named."""
    is_declined: bool
    """Whether PHASE3_BACKUP_FOLDER is `none`: somebody has decided to have no backups."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Backups":
        """Read PHASE3_BACKUP_FOLDER."""
        variables = os.environ if environment is None else environment
        folder = (variables.get("PHASE3_BACKUP_FOLDER") or "").strip()
        is_declined = folder.lower() == _NONE
        return cls(Path(folder).expanduser().absolute() if folder and not is_declined else None, is_declined)
