"""Commands about what readers saw and when: history, diff, as-of.

What belongs here: arguments and what is printed. What doesn't: finding it out (publishing/rollback.py, as_of.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import click

from phase3_assets.cli.common import HELD_BACK, explained, main
from phase3_assets.cli.dates import without_games
from phase3_assets.cli.output import Column, say, show_json, show_table
from phase3_assets.cli.parameters import DATE_ARGUMENT, JSON_OPTION, TABLE_ARGUMENT
from phase3_assets.settings.calendar import eastern, parse_date, parse_moment
from phase3_assets.settings.locations import Settings


@main.command()
@TABLE_ARGUMENT
@DATE_ARGUMENT
@JSON_OPTION
@explained
def history(table: str, date: str, as_json: bool) -> None:
    """List the publications of a date of a table, oldest first."""
    from phase3_assets.catalog.tables import published_table
    from phase3_assets.publishing import rollback
    from phase3_assets.warehouse.opening import open_warehouse

    warehouse = open_warehouse(Settings.from_environment())
    day = parse_date(date)
    rows = rollback.history(warehouse, published_table(table), day)
    if as_json:
        show_json(rows)
        return
    if not rows:
        say(without_games(warehouse, day, day) or rollback.no_publication(warehouse, published_table(table), day))
        return
    show_table(
        [Column("finished (UTC)"), Column("publication"), Column("what it did", is_state=True)],
        [
            (
                f"{row['finished_at']:%Y-%m-%d %H:%M:%S}",
                row["publication_id"],
                f"{row['outcomes']}: {row['games']} games, "
                f"+{row['rows_added']} ~{row['rows_changed']} -{row['rows_removed']} rows",
            )
            for row in rows
        ],
    )
    say(f"{len(rows)} publications")


@main.command()
@TABLE_ARGUMENT
@DATE_ARGUMENT
@click.option("--from", "before", metavar="ID", help="The publication to compare from (the last but one).")
@click.option("--to", "after", metavar="ID", help="The publication to compare to (the last).")
@JSON_OPTION
@explained
def diff(table: str, date: str, before: str | None, after: str | None, as_json: bool) -> int:
    """What changed in a date of a table between two publications, by key and column.

    A game of which one of the two versions is pruned, or was changed by hand, is "not kept" and not compared: exit
    status 1.
    """
    from phase3_assets.catalog.tables import published_table
    from phase3_assets.publishing import rollback
    from phase3_assets.warehouse.opening import open_warehouse

    warehouse = open_warehouse(Settings.from_environment())
    found = rollback.diff(warehouse, published_table(table), parse_date(date), before, after)
    missing = [difference.game_id for difference in found if difference.kind == rollback.NOT_KEPT]
    if as_json:
        show_json([asdict(difference) for difference in found])
        return HELD_BACK if missing else 0
    show_table(
        [Column("kind", 8, is_state=True), Column("game"), Column("row"), Column("columns")],
        [
            (
                difference.kind,
                difference.game_id,
                " ".join(difference.key),
                ", ".join(f"{name} {old} -> {new}" for name, (old, new) in difference.columns.items()),
            )
            for difference in found
        ],
    )
    say(f"{len(found) - len(missing)} rows differ" + (f"; {len(missing)} games not compared" if missing else ""))
    return HELD_BACK if missing else 0


@main.command("as-of")
@TABLE_ARGUMENT
@DATE_ARGUMENT
@click.option(
    "--at",
    "at",
    required=True,
    metavar="TIMESTAMP",
    help="The moment: 2026-02-03T22:15-05:00, 2026-02-04T03:15Z, or without a zone: then it is Eastern.",
)
@JSON_OPTION
@explained
def as_of(table: str, date: str, at: str, as_json: bool) -> int:
    """The rows of a date that readers of a table saw at a moment: a line each, with every value that is not missing.

    A game of which that cannot be told is "not known", with the reason, and none of its rows is shown: exit status 1.
    Its rows of then were let go of (PHASE3_HISTORY_DAYS), or somebody has changed them by hand since.

    \b
      phase3 as-of player_game_summary 2026-02-03 --at 2026-02-03T23:30

    In a console, for a range: SELECT * FROM
    nba_phase3.player_game_summary_as_of('2026-02-01', '2026-02-03', TIMESTAMP '2026-02-03 23:30:00-05:00')
    """
    from phase3_assets.catalog.tables import published_table
    from phase3_assets.publishing.as_of import as_of as seen_at
    from phase3_assets.warehouse.opening import open_warehouse

    subject, day, moment = published_table(table), parse_date(date), parse_moment(at)
    warehouse = open_warehouse(Settings.from_environment())
    seen = seen_at(warehouse, subject, day, moment)
    if as_json:
        answer = {"table": table, "game_date": day, "moment": moment, "rows": seen.rows, "unknown": seen.unknown}
        show_json(answer)
        return HELD_BACK if seen.unknown else 0
    if not seen.rows and not seen.unknown and (sentence := without_games(warehouse, day, day)):
        say(sentence)
        return 0
    names = [name for name in subject.contract.column_names if name not in ("game_id", *subject.contract.key)]
    key = [name for name in subject.contract.key if name != subject.contract.partition]
    show_table(
        [Column("game"), Column("row"), Column("values")],
        [
            *((row["game_id"], " ".join(str(row[name]) for name in key), _values(row, names)) for row in seen.rows),
            *((game_id, f"not known: {reason}", None) for game_id, reason in seen.unknown.items()),
        ],
    )
    games = len({row["game_id"] for row in seen.rows})
    say(
        f"{len(seen.rows)} rows of {games} games, as readers saw them at {eastern(moment):%Y-%m-%d %H:%M:%S %Z}"
        + (f"; {len(seen.unknown)} games not known" if seen.unknown else "")
    )
    return HELD_BACK if seen.unknown else 0


def _values(row: Mapping[str, Any], names: Sequence[str]) -> str:
    return ", ".join(f"{name} {row[name]}" for name in names if row[name] not in (None, []))
