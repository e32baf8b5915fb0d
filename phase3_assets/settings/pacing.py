"""The timing of runs and sensors: their intervals, waits and limits.

What belongs here: durations and counts, with documented defaults and validation, and the pauses computed from them.
What doesn't: the code that waits (defs/resources.py, automation/tick.py), what makes a published figure right or wrong
(thresholds.py).
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from phase3_assets.settings.environment import MOST_DAYS, ONE_DAY, number, numbers_set


@dataclass(frozen=True)
class Pacing:
    """Every figure; each can be set with PHASE3_<NAME IN CAPITALS>."""

    gate_wait_seconds: float = number(300.0, 0, ONE_DAY)
    """How long a run of a table waits for upstream rows that are missing or stale, before it ends as waiting."""
    sensor_interval_seconds: float = number(15.0, 1, ONE_DAY)
    """Pause between two ticks of a raw table's sensor."""
    sensor_wait_seconds: float = number(2.0, 0, ONE_DAY)
    """How long a tick waits for another process that is writing the warehouse, before it leaves the work to the next
    tick.
    """
    settle_seconds: float = number(0.0, 0, ONE_DAY)
    """How long a date must be unchanged before a run is started; 0: unchanged from one tick to the next."""
    sensor_window_days: float = number(400.0, 1, MOST_DAYS, whole=True)
    """How many days back the sensors of raw tables look; the hourly reconciliation looks at everything."""
    runs_per_tick: float = number(3.0, 1, 1000, whole=True)
    """Runs that one tick may start; the remaining work waits for the next tick."""
    days_per_run: float = number(400.0, 1, MOST_DAYS, whole=True)
    """Dates that one run may span."""
    first_retry_seconds: float = number(60.0, 1, ONE_DAY)
    """Pause before retrying a date that waits, or that a run did not finish; doubled each time."""
    longest_retry_seconds: float = number(3600.0, 1, 30 * ONE_DAY)
    """The longest pause before such a retry."""
    run_attempts: float = number(5.0, 1, 1000, whole=True)
    """Unfinished runs after which a date is reported; after that it is retried at the longest pause."""
    reconcile_seconds: float = number(3600.0, 1, 30 * ONE_DAY)
    """Pause between two reconciliations, which look at the whole history."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Pacing":
        """The defaults, with what the environment sets.

        Raises ConfigurationError for a value that is not a number, or not within its limits.
        """
        return cls(**numbers_set(cls, environment))

    def gate_pauses(self) -> Iterator[float]:
        """Pauses in seconds, growing and with jitter, that add up to gate_wait_seconds."""
        left, pause = self.gate_wait_seconds, 2.0
        while left > 0:
            seconds = min(left, pause * random.uniform(0.75, 1.25))
            yield seconds
            left, pause = left - seconds, min(pause * 1.6, 60.0)

    def retry_pause(self, attempts: int) -> float:
        """Seconds until a date is retried after that many attempts; without jitter, so that people can be told when."""
        doublings = min(max(attempts - 1, 0), _MOST_DOUBLINGS)
        return min(self.first_retry_seconds * 2.0**doublings, self.longest_retry_seconds)


_MOST_DOUBLINGS = 64
"""Enough to exceed the longest pause by far. The limit is needed because a date may be retried for years, and 2.0**1024
overflows a float.
"""
