"""The one calendar: a partition is an Eastern calendar date.

What belongs here: the first date, the time zone, today's date, and the partitions every asset shares. What doesn't:
which dates have games (the schedule says, sql/views/scheduled_games.sql); a date without games is a legal, empty one.
"""

import os
from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from phase3_assets.errors import ConfigurationError

if TYPE_CHECKING:
    import dagster as dg

TIMEZONE = "America/New_York"
_DEFAULT_FIRST_DATE = date(2021, 10, 1)
_LEAGUE_BEGAN = date(1946, 11, 1)


def _first_date() -> date:
    """The first date: 2021-10-01, or PHASE3_FIRST_DATE; ConfigurationError where that is no date of the league's."""
    text = os.environ.get("PHASE3_FIRST_DATE")
    if not text:
        return _DEFAULT_FIRST_DATE
    wrong = (
        f"PHASE3_FIRST_DATE is {text!r}; it is a date from {_LEAGUE_BEGAN} to today, written as {_DEFAULT_FIRST_DATE}"
    )
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError(wrong) from error
    if not _LEAGUE_BEGAN <= day <= today():
        raise ConfigurationError(wrong)
    return day


def today() -> date:
    """The Eastern calendar date, now."""
    return datetime.now(ZoneInfo(TIMEZONE)).date()


FIRST_DATE = _first_date()
"""Set before the first run and never moved after it: Dagster knows partitions by their position from it."""


def parse_date(text: str) -> date:
    """A partition from its name, `2026-02-03`; ConfigurationError where it is none of ours."""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError(f"{text!r} is not a date; write it as 2026-02-03") from error
    if not FIRST_DATE <= day <= today():
        raise ConfigurationError(
            f"{text} is outside the calendar, {FIRST_DATE} to {today()} (Eastern; PHASE3_FIRST_DATE sets "
            "where it begins)"
        )
    return day


def partition_tags(first: date, last: date) -> dict[str, str]:
    """The tags that make a run one over a range of dates."""
    return {
        "dagster/asset_partition_range_start": first.isoformat(),
        "dagster/asset_partition_range_end": last.isoformat(),
    }


def daily_partitions() -> "dg.DailyPartitionsDefinition":
    """The partitions of every asset and check: FIRST_DATE to today, included."""
    import dagster as dg

    return dg.DailyPartitionsDefinition(start_date=FIRST_DATE.isoformat(), timezone=TIMEZONE, end_offset=1)


def first_and_last(keys: Iterable[str]) -> tuple[date, date]:
    """The first and the last date of a run's partition keys. Raises ConfigurationError where a range holds none."""
    dates = sorted(date.fromisoformat(key) for key in keys)
    if not dates:
        raise ConfigurationError("the run's range of dates ends before it starts; nothing was done")
    return dates[0], dates[-1]
