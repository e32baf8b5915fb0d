"""Which games the loaded schedule has, and on which dates.

What belongs here: the games of a range, and the dates with games nearest to a date. What doesn't: what state a game is
in (publishing/survey.py).
"""

from dataclasses import dataclass
from datetime import date, timedelta

from phase3_assets.catalog.parameters import date_parameters
from phase3_assets.catalog.queries import prepared, sql_text, views_needed
from phase3_assets.warehouse.interface import Row, Session

_A_SEASON = timedelta(days=366)


@dataclass(frozen=True)
class NearestDates:
    """The dates with games nearest to a date; None where no loaded schedule has one."""

    latest: date | None
    """The date itself, or the last one before it."""
    next: date | None
    """The first one after it."""
    last: date | None
    """The last one of the schedule."""


def nearest_dates(session: Session, day: date) -> NearestDates:
    """The dates with games nearest to `day`, in the year before and the year after it. Writes nothing."""
    (row,) = _answer(session, "readiness/nearest_dates", day - _A_SEASON, day + _A_SEASON, day)
    return NearestDates(row["latest_date"], row["next_date"], row["last_date"])


def scheduled_games(session: Session, first: date, last: date) -> list[Row]:
    """The games that are scheduled and not called off, by date: game_date and game_id. Writes nothing."""
    rows = _answer(session, "readiness/scheduled", first, last, last)
    return sorted(rows, key=lambda row: (row["game_date"], row["game_id"]))


def _answer(session: Session, name: str, first: date, last: date, day: date) -> list[Row]:
    parameters = {"day": day, **date_parameters(first, last)}
    text = sql_text(name)
    for view in views_needed(text):
        session.stage(view, prepared(sql_text(f"views/{view}")), parameters)
    return session.query(prepared(text), parameters)
