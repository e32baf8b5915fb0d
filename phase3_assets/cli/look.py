"""Commands that look at dates and at what happened: status, plan, events.

What belongs here: arguments and what is printed. What doesn't: finding it out.
"""

from collections import Counter
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

import click

from phase3_assets.catalog.table_names import TABLE_NAMES
from phase3_assets.cli.common import explained, main
from phase3_assets.cli.dates import latest_night, without_games
from phase3_assets.cli.output import Column, fits, say, show_groups, show_json, show_lines, show_table
from phase3_assets.cli.parameters import JSON_OPTION, TABLE_OPTION, a_date, a_game, date_range, of_dates
from phase3_assets.settings.calendar import FIRST_DATE, parse_date
from phase3_assets.settings.locations import Settings

if TYPE_CHECKING:
    from phase3_assets.warehouse.interface import Warehouse

_GAME, _REASON = Column("game"), Column("reason")
_STATE = Column("state", 11, is_state=True)


@main.command()
@click.argument("start", required=False, shell_complete=a_date)
@click.argument("end", required=False, shell_complete=a_date)
@JSON_OPTION
@explained
def status(start: str | None, end: str | None, as_json: bool) -> None:
    """A line per scheduled game: its state, the reason, the rows that readers see; totals per date.

    Without a date, of the latest night: the latest date up to today on which a game is scheduled.
    """
    from phase3_assets.warehouse.opening import open_warehouse

    warehouse = open_warehouse(Settings.from_environment())
    if start is None:
        first = last = latest_night(warehouse)
    else:
        first, last = date_range(start, end or start)
    lines = _states(warehouse, first, last)
    if as_json:
        show_json(lines)
        return
    if start is None:
        say(f"{first} is the latest date with games.")
    if not lines:
        say(without_games(warehouse, first, last) or f"every game from {first} to {last} is called off or moved")
        return
    by_day: dict[date, list[dict[str, Any]]] = {}
    for line in lines:
        by_day.setdefault(line["game_date"], []).append(line)
    wide = [
        (_total(day, of_day), [_with_a_column_per_table(line) for line in of_day]) for day, of_day in by_day.items()
    ]
    tables = [Column(name, is_right=True, is_stacked=True) for name in TABLE_NAMES]
    if fits([_GAME, _STATE, *tables, _REASON], wide):
        show_groups([_GAME, _STATE, *tables, _REASON], wide)
        return
    narrow = [(_total(day, of_day), [_with_rows_in_one(line) for line in of_day]) for day, of_day in by_day.items()]
    show_groups([_GAME, _STATE, Column("rows", 7, is_right=True), _REASON], narrow, indent=2)
    show_lines(["rows: " + " / ".join(TABLE_NAMES)])


def _states(warehouse: "Warehouse", first: date, last: date) -> list[dict[str, Any]]:
    """The games of the range, by date and id: game_date, game_id, state, reason, and rows by table."""
    from phase3_assets.publishing.states import reader_state, tables_of_states
    from phase3_assets.publishing.survey import survey
    from phase3_assets.warehouse.schema import check_schema

    with warehouse.session(read_only=True) as session:
        check_schema(session)
        games = survey(session, first, last, tables=tables_of_states())
    lines = []
    for game in sorted(games.values(), key=lambda game: (game.game_date, game.game_id)):
        state, reason = reader_state(game)
        rows = {name: game.visible_rows(name) for name in TABLE_NAMES}
        lines.append(
            {
                "game_date": game.game_date,
                "game_id": game.game_id,
                "state": str(state),
                "reason": reason,
                "rows": rows,
            }
        )
    return lines


def _total(day: date, lines: list[dict[str, Any]]) -> str:
    counts = Counter(line["state"] for line in lines)
    states = ", ".join(f"{count} {state}" for state, count in counts.most_common())
    return f"{day}  {len(lines)} games: {states}; {sum(sum(line['rows'].values()) for line in lines)} rows"


def _with_a_column_per_table(line: dict[str, Any]) -> list[Any]:
    return [line["game_id"], line["state"], *line["rows"].values(), line["reason"]]


def _with_rows_in_one(line: dict[str, Any]) -> list[Any]:
    return [line["game_id"], line["state"], "/".join(map(str, line["rows"].values())), line["reason"]]


@main.command()
@TABLE_OPTION
@click.option("--cost", is_flag=True, help="On BigQuery: the bytes a run would read, per table, from dry runs.")
@JSON_OPTION
@explained
@of_dates
def plan(first: date, last: date, tables: tuple[str, ...], cost: bool, as_json: bool) -> None:
    """What a run would do, and why: new, changed inputs, changed code, upstream computed before it. Writes nothing."""
    if cost:
        _show_cost(first, last, as_json)
        return
    from phase3_assets.catalog.tables import tables_named
    from phase3_assets.publishing.plan import DUE
    from phase3_assets.publishing.plan import plan as foresee
    from phase3_assets.publishing.survey import survey
    from phase3_assets.warehouse.opening import open_warehouse
    from phase3_assets.warehouse.schema import check_schema

    chosen = tables_named(tables)
    warehouse = open_warehouse(Settings.from_environment())
    with warehouse.session(read_only=True) as session:
        check_schema(session)
        steps = foresee(survey(session, first, last, tables=chosen).values(), chosen)
    if as_json:
        show_json([asdict(step) for step in steps])
        return
    show_table(
        [Column("action", 8, is_state=True), _GAME, Column("table"), _REASON],
        [(step.action, step.game_id, step.table, step.reason) for step in steps if step.action != "nothing"],
    )
    if not steps and (sentence := without_games(warehouse, first, last)):
        say(sentence)
        return
    due = sum(step.action in DUE for step in steps)
    say(f"{due} of {len(steps)} games and tables would be worked on")


def _show_cost(first: date, last: date, as_json: bool) -> None:
    from phase3_assets.warehouse.costs import estimate, readable
    from phase3_assets.warehouse.opening import open_warehouse

    with open_warehouse(Settings.from_environment()).session(read_only=True) as session:
        costs = estimate(session, first, last)
    if as_json:
        show_json([asdict(cost) for cost in costs])
        return
    show_table(
        [Column("bytes", 10, is_right=True), Column("table"), Column("dates")],
        [(readable(one.bytes_read), one.table, f"{one.first} to {one.last}") for one in costs],
    )
    total = sum(one.bytes_read for one in costs)
    say(f"{readable(total):>10}  in all, reading every table once; a query bills 10 MiB per table at least")
    say(f"{'':>10}  not included: staging tables, which no dry run sees before a run fills them (the range's")
    say(f"{'':>10}  clean rows and the rows computed of them), and further looks at what is published")


@main.command()
@click.option("--since", metavar="DATE", shell_complete=a_date, help="Only events noticed on this date (UTC) or later.")
@click.option("--game", "game_id", metavar="GAME_ID", shell_complete=a_game, help="Only this game.")
@JSON_OPTION
@explained
def events(since: str | None, game_id: str | None, as_json: bool) -> None:
    """List the changes of state: held back, released, withdrawn, check failed, recovered, drift."""
    from phase3_assets.catalog.queries import sql_text
    from phase3_assets.warehouse.opening import open_warehouse

    parameters = {
        "first_date": FIRST_DATE,
        "since": datetime.combine(parse_date(since) if since else FIRST_DATE, time(), UTC),
        "game_id": game_id or "",
    }
    with open_warehouse(Settings.from_environment()).session(read_only=True) as session:
        rows = session.query(sql_text("bookkeeping/queries/events"), parameters)
    if as_json:
        show_json([{**row, "details": _details(row["details"])} for row in rows])
        return
    show_table(
        [
            Column("noticed (UTC)"),
            Column("severity", 8, is_state=True),
            Column("event", 20),
            Column("table"),
            Column("what happened"),
        ],
        [
            (
                f"{row['event_timestamp']:%Y-%m-%d %H:%M}",
                row["severity"],
                row["event_type"],
                row["table_name"],
                row["description"],
            )
            for row in rows
        ],
    )
    say(f"{len(rows)} events")


def _details(text: str | None) -> Any:
    """The details of an event; a text that is not JSON stays text, and a number that is not finite becomes None."""
    import json

    try:
        return json.loads(text or "[]", parse_constant=lambda name: None)
    except ValueError:
        return text
