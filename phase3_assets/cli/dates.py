"""What is said of dates without games, and of games that are not scheduled; which date is meant where none is named.

What belongs here: sentences about dates and games. What doesn't: finding them (reading/schedule.py).
"""

from datetime import date, datetime
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


def not_scheduled(warehouse: "Warehouse", game_id: str) -> str | None:
    """What to say of a game's id that the schedule of its date does not have; None if it has it."""
    from phase3_assets.publishing.survey import game_meant
    from phase3_assets.reading.schedule import scheduled_games

    try:
        day = datetime.strptime(game_id[:8], "%Y%m%d").date()
    except ValueError:
        return f"{game_id!r} is no game id; write it as 20260203_PHX_POR"
    with warehouse.session(read_only=True) as session:
        games = [game["game_id"] for game in scheduled_games(session, day, day)]
    return None if game_id in games else f"no game {game_id} is scheduled on {day}{game_meant(game_id, games)}"
