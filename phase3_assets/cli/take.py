"""Commands that hand out what is in the warehouse: export, query, describe.

What belongs here: arguments and what is printed. What doesn't: finding it out (reading/).
"""

import sys
from pathlib import Path

import click

from phase3_assets.cli.common import HELD_BACK, explained, main
from phase3_assets.cli.dates import without_games
from phase3_assets.cli.output import (
    Column,
    complain,
    is_terminal,
    say,
    show_json,
    show_json_rows,
    show_lines,
    show_table,
)
from phase3_assets.cli.parameters import (
    JSON_OPTION,
    OPTIONAL_END_ARGUMENT,
    START_ARGUMENT,
    TABLE_ARGUMENT,
    any_table,
)
from phase3_assets.errors import ConfigurationError
from phase3_assets.settings.calendar import parse_date
from phase3_assets.settings.locations import Settings

_MOST_ROWS = 100


@main.command()
@TABLE_ARGUMENT
@START_ARGUMENT
@OPTIONAL_END_ARGUMENT
@click.option(
    "--to",
    "path",
    required=True,
    metavar="FILE",
    help="The file: its ending, .parquet, .csv or .ndjson, says the format.",
)
@click.option("--columns", metavar="NAME,NAME", help="Only these columns, in this order.")
@click.option("--at", metavar="TIMESTAMP", help="The rows that readers saw at this moment, written as for `as-of`.")
@click.option("--force", is_flag=True, help="Replace a file that exists.")
@explained
def export(table: str, start: str, end: str | None, path: str, columns: str | None, at: str | None, force: bool) -> int:
    """Write the published rows of a range to a file, in the types of the contract.

    The file appears when it is complete; a command that is killed leaves what was there. A file that exists is not
    replaced without --force.

    A game is in the file with all of its rows, or not at all. Games whose rows are not certain to be those that were
    published, or against which a failed check stands, are left out and named: exit status 1.

    \b
      phase3 export player_game_summary 2026-02-01 2026-02-28 --to february.parquet
      phase3 export player_game_summary 2026-02-03 --to night.csv --columns player_lookup,points
    """
    from phase3_assets.reading.export import export as write
    from phase3_assets.reading.read import left_out

    wanted = None if columns is None else [name.strip() for name in columns.split(",")]
    done = write(table, start, end or start, Path(path), wanted, at, force)
    say(f"{path}: {done.rows} {'row' if done.rows == 1 else 'rows'} of {table}, {start} to {end or start}")
    if done.left_out:
        complain(left_out(table, done.left_out))
        return HELD_BACK
    if not done.rows and (sentence := _without_games(start, end or start)):
        say(sentence)
    return 0


def _without_games(start: str, end: str) -> str | None:
    from phase3_assets.warehouse.opening import open_warehouse

    return without_games(open_warehouse(Settings.from_environment()), parse_date(start), parse_date(end))


@main.command()
@click.argument("sql")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV, every row.")
@JSON_OPTION
@click.option("--native", is_flag=True, help="The SQL is in the warehouse's own dialect; it is not translated.")
@explained
def query(sql: str, as_csv: bool, as_json: bool, native: bool) -> None:
    """Answer one SELECT over the tables of the warehouse; it can change nothing. `-` reads it from standard input.

    The SQL is in BigQuery's dialect on both warehouses, so one text serves both: names are dataset.table
    (`phase3 describe` lists them), a list is unnested with UNNEST. --native takes DuckDB's dialect on DuckDB.

    Everything but a SELECT is refused: on DuckDB the file is opened for reading only, in an engine that may touch no
    other file and load no extension; on BigQuery a dry run first says what the text is, and
    PHASE3_BIGQUERY_MAX_BYTES_BILLED limits what it may cost. A terminal shows at most 100 rows; a pipe gets all of
    them, and so do --csv and --json.

    \b
      phase3 query "SELECT player_lookup, points FROM nba_analytics.player_game_summary
                    WHERE game_date = '2026-02-03' ORDER BY points DESC LIMIT 10"
    """
    from phase3_assets.reading.formats import as_text, as_texts, is_number, json_lines, write
    from phase3_assets.reading.query import query as answer

    if as_csv and as_json:
        raise ConfigurationError("--csv and --json exclude each other")
    rows = answer(sys.stdin.read() if sql == "-" else sql, engine="arrow", native=native)
    if as_csv:
        write(rows, "csv", sys.stdout.buffer)
    elif as_json:
        show_json_rows(list(json_lines(rows)))
    else:
        count, more = f"{rows.num_rows} {'row' if rows.num_rows == 1 else 'rows'}", ""
        if is_terminal(sys.stdout):
            shown = rows.slice(0, _MOST_ROWS)
            numbers = [is_number(field.type) for field in rows.schema]
            show_table(
                [Column(name, is_right=right) for name, right in zip(rows.column_names, numbers, strict=True)],
                zip(*as_texts(shown), strict=True),
            )
            if shown.num_rows < rows.num_rows:
                more = f"; the first {_MOST_ROWS} are shown, and all of them in a pipe, with --csv or with --json"
        else:
            show_lines(as_text(rows))
        say(count + more)


@main.command()
@click.argument("table", required=False, shell_complete=any_table)
@JSON_OPTION
@explained
def describe(table: str | None, as_json: bool) -> None:
    """What a table promises: columns, types, key, meanings, checks, and what it is made of. Without TABLE, a list.

    It is read from the contracts under sql/, so it needs no warehouse. docs/tables.md says the same of every published
    table.

    \b
      phase3 describe player_game_summary
      phase3 describe nbac_schedule --json
    """
    from phase3_assets.reading.describe import as_lines
    from phase3_assets.reading.describe import describe as described

    found = described(table)
    if as_json:
        show_json(found)
    elif table is not None:
        show_lines(as_lines(found))
    else:
        rows = [(one["kind"], f"{one['dataset']}.{one['name']}", one["description"]) for one in found]
        widest = max(len(name) for _, name, _ in rows)
        show_table([Column("kind", 9), Column("table", widest), Column("what it holds")], rows)
