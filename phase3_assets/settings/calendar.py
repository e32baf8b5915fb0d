"""The project's only calendar: the range of Eastern dates that it handles.

What belongs here: the first date, the time zone, today's date, reading a date or a moment. What doesn't: Dagster's
partitions (defs/partitions.py); which dates have games (the schedule decides, sql/views/scheduled_games.sql). A date
without games is valid and simply has no rows.
"""

import os
from datetime import UTC, date, datetime, timedelta

from phase3_assets.errors import ConfigurationError

TIMEZONE = "America/New_York"
_DEFAULT_FIRST_DATE = date(2021, 10, 1)
_LEAGUE_BEGAN = date(1946, 11, 1)


def _first_date() -> date:
    """The first date: 2021-10-01, or the earlier date in PHASE3_FIRST_DATE.

    Raises ConfigurationError if the variable is no date, a later date, or a date before the league began.
    """
    text = os.environ.get("PHASE3_FIRST_DATE")
    if not text:
        return _DEFAULT_FIRST_DATE
    wrong = (
        f"PHASE3_FIRST_DATE is {text!r}; it is a date from {_LEAGUE_BEGAN} to {_DEFAULT_FIRST_DATE}, written like these"
    )
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError(wrong) from error
    if day > _DEFAULT_FIRST_DATE:
        raise ConfigurationError(
            f"{wrong}. A later date would shut out dates that may be published already: readers would go on seeing "
            "their rows, and no check, sensor or command would ever look at them again. Dates without games cost "
            "nothing: leave the variable unset, and name the dates you want, e.g. phase3 backfill 2025-10-21 2026-04-12"
        )
    if day < _LEAGUE_BEGAN:
        raise ConfigurationError(wrong)
    return day


def eastern(moment: datetime) -> datetime:
    """The moment in Eastern time; one without a zone is Eastern already."""
    from zoneinfo import ZoneInfo  # takes a while to import, and `phase3 --help` asks for no time

    zone = ZoneInfo(TIMEZONE)
    return moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)


def today() -> date:
    """Today's date in Eastern time."""
    return eastern(datetime.now(UTC)).date()


FIRST_DATE = _first_date()
"""The calendar's first date. It may be moved to an earlier date at any time: Dagster's history and our tables identify
a date by its name. If it is moved to a later date again, rows published before it are no longer checked;
`phase3 doctor` names them (doctor/calendar.py).
"""


def last_date() -> date:
    """The calendar's last date: tomorrow, because pre-game rows for tomorrow's games are made today."""
    return today() + timedelta(days=1)


def parse_date(text: str) -> date:
    """The date of a partition from its name, `2026-02-03`; raises ConfigurationError if it is not in the calendar."""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError(f"{text!r} is not a date; write it as 2026-02-03") from error
    if not FIRST_DATE <= day <= last_date():
        raise ConfigurationError(
            f"{text} is outside the calendar, {FIRST_DATE} to {last_date()} (Eastern; PHASE3_FIRST_DATE sets "
            "where it begins)"
        )
    return day


def parse_moment(text: str) -> datetime:
    """The moment in UTC for a text like `2026-02-03T22:15`: with a zone (`Z`, `-05:00`), or Eastern without one.

    Raises ConfigurationError for a text that is no moment, for a date without a time, and for an Eastern time that a
    change of clocks skips or repeats.
    """
    try:
        moment = datetime.fromisoformat(text)
        in_utc = eastern(moment).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ConfigurationError(f"{text!r} is not a moment; {_MOMENTS}") from error
    if "T" not in text.upper() and " " not in text:
        raise ConfigurationError(f"{text!r} is a whole date; add the time of day: {_MOMENTS}")
    if moment.tzinfo is None and eastern(moment.replace(fold=1)).astimezone(UTC) != in_utc:
        raise ConfigurationError(
            f"the clocks change at {text!r} (Eastern), so that there are two such moments or none: add the offset, "
            "-04:00 or -05:00"
        )
    return in_utc


_MOMENTS = "write it as 2026-02-03T22:15 (Eastern), 2026-02-03T22:15-05:00 or 2026-02-04T03:15Z"
