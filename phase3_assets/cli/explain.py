"""The command that explains a row or a cell.

What belongs here: arguments and what is printed. What doesn't: the explanation (explaining/).
"""

from dataclasses import asdict

import click

from phase3_assets.cli.common import HELD_BACK, explained, main
from phase3_assets.cli.dates import without_games
from phase3_assets.cli.output import say, show_json, show_lines, terminal_width
from phase3_assets.cli.parameters import DATE_ARGUMENT, JSON_OPTION, TABLE_ARGUMENT
from phase3_assets.settings.calendar import parse_date
from phase3_assets.settings.locations import Settings


@main.command()
@TABLE_ARGUMENT
@DATE_ARGUMENT
@click.argument("key")
@click.argument("columns", nargs=-1, metavar="[COLUMN]...")
@JSON_OPTION
@explained
def explain(table: str, date: str, key: str, columns: tuple[str, ...], as_json: bool) -> int:
    """Why a published value is what it is, or why there is no such row. Writes nothing.

    KEY is a team's code, or a player's key (his name in small letters without blanks). For each COLUMN: its meaning,
    the formula with its numbers, the rows that are counted, what the raw rows say and where they came from, what checks
    measured, and what readers saw before. Without COLUMN, a line for every column.

    What is computed is computed now, from what is loaded now, by the very SELECT that publishes. If it differs from the
    published value, the command says so. Exit status 1 if there is no such row.

    \b
      phase3 explain player_game_summary 2026-02-03 daltonknecht usage_rate
      phase3 explain team_offense_game_summary 2026-02-03 POR
    """
    from phase3_assets.catalog.tables import published_table
    from phase3_assets.explaining.explain import explain as find_out
    from phase3_assets.explaining.text import WIDTH, as_lines
    from phase3_assets.warehouse.opening import open_warehouse

    warehouse = open_warehouse(Settings.from_environment())
    day = parse_date(date)
    found = find_out(warehouse, published_table(table), day, key, columns)
    if as_json:
        show_json(asdict(found))
    else:
        has_game = found.missing is None or found.game_id is not None
        sentence = None if has_game else without_games(warehouse, day, day)
        if sentence is not None:
            say(f"{table} has no row of {key}: {sentence}")
        else:
            show_lines(as_lines(found, not columns, terminal_width() or WIDTH))
    return HELD_BACK if found.missing is not None else 0
