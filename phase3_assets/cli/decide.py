"""Commands by which a person decides: waive, rollback, release.

What belongs here: arguments and what is printed. What doesn't: carrying it out (publishing/interventions.py,
publishing/rollback.py).
"""

import click

from phase3_assets.cli.common import HELD_BACK, explained, main, new_run_id
from phase3_assets.cli.output import say
from phase3_assets.cli.parameters import DATE_ARGUMENT, GAME_OPTION, REASON_OPTION, TABLE_ARGUMENT, a_game
from phase3_assets.settings.calendar import parse_date
from phase3_assets.settings.locations import Settings


@main.command()
@click.argument("game_id", shell_complete=a_game)
@REASON_OPTION
@click.option("--undo", is_flag=True, help="Take the waiver back.")
@explained
def waive(game_id: str, reason: str, undo: bool) -> None:
    """Give up on a game that will never come.

    It leaves games_complete, is shown as waived, and no run works on it until the waiver is taken back.
    """
    from phase3_assets.publishing import interventions
    from phase3_assets.publishing.readiness import refresh_states
    from phase3_assets.settings.thresholds import Thresholds
    from phase3_assets.warehouse.opening import open_warehouse

    decide = interventions.unwaive if undo else interventions.waive
    warehouse, run_id = open_warehouse(Settings.from_environment()), new_run_id()
    day = decide(warehouse, game_id, reason, run_id)
    refresh_states(warehouse, day, day, Thresholds.from_environment(), run_id)
    say(f"{game_id} is {'no longer ' if undo else ''}waived: {reason}")


@main.command()
@TABLE_ARGUMENT
@DATE_ARGUMENT
@click.option(
    "--to", "to", required=True, metavar="ID", help="The publication whose rows come back (`phase3 history`)."
)
@REASON_OPTION
@GAME_OPTION
@explained
def rollback(table: str, date: str, to: str, reason: str, games: tuple[str, ...]) -> int:
    """Make readers see a date as an earlier publication left it, atomically, and hold it there.

    Later runs leave the games as they are until `phase3 release` lifts the hold. What was visible goes into history.
    A game that is void now, or of which no rows of then are kept, is named and left as it is: exit status 1.
    """
    from phase3_assets.catalog.tables import published_table
    from phase3_assets.publishing.readiness import refresh_states
    from phase3_assets.publishing.rollback import rollback as put_back
    from phase3_assets.settings.thresholds import Thresholds
    from phase3_assets.warehouse.opening import open_warehouse

    warehouse, day = open_warehouse(Settings.from_environment()), parse_date(date)
    limits, run_id = Thresholds.from_environment(), new_run_id()
    done = put_back(warehouse, published_table(table), day, to, games, reason, limits, run_id)
    refresh_states(warehouse, day, day, limits, run_id)
    for game_id in done.games:
        say(f"{game_id}  rolled back and held")
    for game_id, why in done.left.items():
        say(f"{game_id}  left as it is: {why}")
    if done.games:
        say(f"{len(done.games)} games rolled back; what reads {table} is due: phase3 run {date}")
    elif not done.left:
        say("nothing differs")
    return HELD_BACK if done.left else 0


@main.command()
@TABLE_ARGUMENT
@DATE_ARGUMENT
@REASON_OPTION
@GAME_OPTION
@explained
def release(table: str, date: str, reason: str, games: tuple[str, ...]) -> None:
    """Lift the hold that a rollback left; the next run computes the games again."""
    from phase3_assets.publishing.interventions import release as lift
    from phase3_assets.publishing.readiness import refresh_states
    from phase3_assets.settings.thresholds import Thresholds
    from phase3_assets.warehouse.opening import open_warehouse

    warehouse, day, run_id = open_warehouse(Settings.from_environment()), parse_date(date), new_run_id()
    count = lift(warehouse, table, day, games, reason, run_id)
    refresh_states(warehouse, day, day, Thresholds.from_environment(), run_id)
    say(f"{count} holds lifted" + (f"; phase3 run {date} computes the games again" if count else ""))
