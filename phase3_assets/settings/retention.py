"""How long superseded rows, old events and old runs are kept.

What belongs here: the figures. What doesn't: what is deleted because of them (publishing/prune.py,
defs/old_runs.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from phase3_assets.settings.environment import MOST_DAYS, number, numbers_set


@dataclass(frozen=True)
class Retention:
    """Every figure; each can be set with PHASE3_<NAME IN CAPITALS>. 0 keeps for ever."""

    history_days: float = number(400.0, 0, MOST_DAYS)
    """How long replaced rows and superseded decisions are kept; within that time one can go back to them."""
    events_days: float = number(400.0, 0, MOST_DAYS)
    """How long quality events, and superseded check results, are kept."""

    runs_days: float = number(400.0, 0, MOST_DAYS)
    """How long runs stay in Dagster's history; the last one that published a date stays for ever."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Retention":
        """The defaults, with what the environment sets. Raises ConfigurationError for an invalid number of days."""
        return cls(**numbers_set(cls, environment))
