"""The calendar in Dagster's terms: a partition is an Eastern calendar date.

What belongs here: the partitions every asset and check shares, and ranges of them. What doesn't: the calendar itself
(settings/calendar.py).
"""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from phase3_assets.defs.tags import RANGE_END_TAG, RANGE_START_TAG
from phase3_assets.errors import ConfigurationError
from phase3_assets.settings.calendar import FIRST_DATE, TIMEZONE

if TYPE_CHECKING:
    import dagster as dg


def partition_tags(first: date, last: date) -> dict[str, str]:
    """The tags that make a run cover a range of dates."""
    return {
        RANGE_START_TAG: first.isoformat(),
        RANGE_END_TAG: last.isoformat(),
    }


def daily_partitions() -> "dg.DailyPartitionsDefinition":
    """The partitions of every asset and check: FIRST_DATE to tomorrow, included."""
    import dagster as dg

    return dg.DailyPartitionsDefinition(start_date=FIRST_DATE.isoformat(), timezone=TIMEZONE, end_offset=2)


def first_and_last(keys: Iterable[str]) -> tuple[date, date]:
    """The first and the last date of a run's partition keys. Raises ConfigurationError where a range holds none."""
    dates = sorted(date.fromisoformat(key) for key in keys)
    if not dates:
        raise ConfigurationError("the run's range of dates ends before it starts; nothing was done")
    return dates[0], dates[-1]
