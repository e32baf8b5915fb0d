"""The command that people's schedulers ask before they start work on a date: ready.

What belongs here: its arguments, its exit status and what is printed. What doesn't: how far a date is
(publishing/completion.py).
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from phase3_assets.cli.common import HELD_BACK, explained, main
from phase3_assets.cli.dates import without_games
from phase3_assets.cli.output import Column, say, show_groups, show_json
from phase3_assets.cli.parameters import DATE_ARGUMENT, JSON_OPTION, TABLE_OPTION
from phase3_assets.settings.calendar import parse_date
from phase3_assets.settings.locations import Settings

if TYPE_CHECKING:
    from phase3_assets.publishing.completion import Completion


@main.command()
@DATE_ARGUMENT
@click.option(
    "--at-least",
    default=100.0,
    show_default=True,
    type=click.FloatRange(0, 100, min_open=True),
    metavar="PERCENT",
    help="The share of the date's games that must be complete.",
)
@TABLE_OPTION
@JSON_OPTION
@explained
def ready(date: str, at_least: float, tables: tuple[str, ...], as_json: bool) -> int:
    """Whether enough of DATE is published for other work to start: exit status 0 if it is, 1 if not yet.

    Counted are the games that are neither void nor waived. A game is complete if readers see it in every table (in each
    one named with --table) with no check failed; a game that is not over yet is not complete. A date without games is
    ready, if the loaded schedule has games before and after it. Reads one row of nba_phase3.phase3_completion.

    \b
      phase3 ready 2026-02-03 --at-least 80 --table player_game_summary && python grade.py 2026-02-03
    """
    from phase3_assets.publishing.completion import Completion, is_in_schedule, read_completion
    from phase3_assets.warehouse.opening import open_warehouse
    from phase3_assets.warehouse.schema import check_schema

    day = parse_date(date)
    warehouse = open_warehouse(Settings.from_environment())
    with warehouse.session(read_only=True) as session:
        check_schema(session)
        rows = read_completion(session, day, day)
        found = Completion.from_row(rows[0]) if rows else None
        # A date whose schedule nobody has loaded looks like a date without games; no work must start on it.
        if found is not None and not found.games_scheduled and not is_in_schedule(session, day):
            found = None
    is_ready = found is not None and found.has_reached(at_least, tables)
    if as_json:
        counted = {
            "games_expected": found.games_expected if found else None,
            "games_ready": found.games_ready(tables) if found else None,
            "missing": list(found.missing_in(tables)) if found else [],
            "updated_at": found.updated_at if found else None,
        }
        answer = {"date": day, "is_ready": is_ready, "at_least": at_least, "tables": tables, **counted}
        show_json(answer)
    elif found is None:
        say(f"{day} is not ready: nothing is known of it yet.")
        say(without_games(warehouse, day, day) or f"`phase3 run {day}` looks at it.")
    else:
        verdict = f"{day} is {'ready' if is_ready else 'not ready'}: {_counted(found, at_least, tables)}"
        say(verdict, "green" if is_ready else "yellow")
        missing = [
            (game_id, reason, f"({', '.join(names)})")
            for (game_id, reason), names in _by_reason(found.missing_in(tables)).items()
        ]
        show_groups([Column("game"), Column("why it is not complete"), Column("tables")], [(None, missing)], indent=2)
    return 0 if is_ready else HELD_BACK


def _counted(found: "Completion", at_least: float, tables: tuple[str, ...]) -> str:
    if not found.games_expected:
        return "no game is scheduled on it, or all are void or waived"
    where = ", ".join(tables) or f"all {found.tables_expected} tables"
    counted = f"{found.games_ready(tables)} of {found.games_expected} games are complete in {where}"
    return f"{counted}, {at_least:g} % wanted"


def _by_reason(missing: Iterable[str]) -> dict[tuple[str, str], list[str]]:
    """The tables that lack a game, by game and reason."""
    found: dict[tuple[str, str], list[str]] = {}
    for line in missing:
        game_id, table, reason = line.split(" ", 2)
        found.setdefault((game_id, reason), []).append(table)
    return found
