"""What is said of dates without games, and which date is meant where none is named.

What belongs here: sentences about dates. What doesn't: finding the dates (reading/schedule.py).
"""

from datetime import date
from typing import TYPE_CHECKING

from phase3_assets.errors import ConfigurationError
from phase3_assets.settings.calendar import today

if TYPE_CHECKING:
    from phase3_assets.warehouse.interface import Warehouse


def latest_night(warehouse: "Warehouse") -> date:
    """The latest date, up to today, on which the schedule has a game that is not called off.

    Raises ConfigurationError, with what to do, where there is none.
    """
    from phase3_assets.reading.schedule import nearest_dates
    from phase3_assets.warehouse.schema import check_schema

    with warehouse.session(read_only=True) as session:
        check_schema(session)
        found = nearest_dates(session, today())
    if found.latest is None:
        coming = f"; the first is on {found.next}" if found.next else ""
        raise ConfigurationError(
            f"no game is scheduled in the year up to today{coming}. `phase3 load-raw FOLDER` loads a schedule; "
            "`phase3 status DATE` looks at an earlier date"
        )
    return found.latest


def without_games(warehouse: "Warehouse", first: date, last: date) -> str | None:
    """What to say of a range in which no game is scheduled, with the nearest dates that have one; None if one is."""
    from phase3_assets.reading.schedule import nearest_dates

    with warehouse.session(read_only=True) as session:
        around = nearest_dates(session, last)
        if around.latest is not None and around.latest >= first:
            return None
    when, these = (f"on {first}", "this date") if first == last else (f"from {first} to {last}", "these dates")
    near = [str(day) for day in (around.latest, around.next) if day is not None]
    if not near:
        return (
            f"no game is scheduled {when}, nor in the year before or after: the schedule is empty there. "
            f"Load nbac_schedule of {these} (phase3 load-raw)."
        )
    dates = f"dates with games are {near[0]} and {near[1]}" if len(near) == 2 else f"date with games is {near[0]}"
    return (
        f"no game is scheduled {when}; the nearest {dates}. "
        f"Load nbac_schedule of {these} (phase3 load-raw), unless no game was on."
    )
