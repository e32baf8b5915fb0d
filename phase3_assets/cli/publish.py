"""Commands that publish, and that let go of what is old: run, backfill, prune.

What belongs here: arguments and what is printed. What doesn't: publishing (publishing/). Dagster is imported only where
a run is recorded.
"""

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from phase3_assets.cli.common import HELD_BACK, explained, main, new_run_id
from phase3_assets.cli.dates import without_games
from phase3_assets.cli.output import say, show_json
from phase3_assets.cli.parameters import (
    DATE_ARGUMENT,
    END_ARGUMENT,
    GAME_OPTION,
    JSON_OPTION,
    START_ARGUMENT,
    TABLE_OPTION,
    date_range,
)
from phase3_assets.cli.progress import progress
from phase3_assets.settings.locations import Settings

if TYPE_CHECKING:
    from phase3_assets.publishing.requests import Publication, Request
    from phase3_assets.warehouse.interface import Warehouse

_REPAIR_OPTION = click.option(
    "--repair",
    is_flag=True,
    help="Compute every game again, whatever was decided: replaces rows changed by hand, and "
    "pre-game rows frozen at tip-off.",
)


@main.command()
@DATE_ARGUMENT
@GAME_OPTION
@TABLE_OPTION
@_REPAIR_OPTION
@JSON_OPTION
@explained
def run(date: str, games: tuple[str, ...], tables: tuple[str, ...], repair: bool, as_json: bool) -> int:
    """Publish one date: every game that is ready, every table, in lineage order.

    The run appears in the UI's history. Same inputs again: nothing is written.
    """
    return _publish(date, date, games, tables, repair, as_json)


@main.command()
@START_ARGUMENT
@END_ARGUMENT
@TABLE_OPTION
@_REPAIR_OPTION
@JSON_OPTION
@explained
def backfill(start: str, end: str, tables: tuple[str, ...], repair: bool, as_json: bool) -> int:
    """Publish every date from START to END in one set-based pass.

    Interrupt it at any moment: each table is old or new per game, and the next backfill takes up what is left.
    """
    return _publish(start, end, (), tables, repair, as_json)


def _publish(start: str, end: str, games: tuple[str, ...], tables: tuple[str, ...], repair: bool, as_json: bool) -> int:
    from phase3_assets.instance.home import prepare_dagster_home
    from phase3_assets.instance.recorder import Recorder

    settings = Settings.from_environment()
    first, last = date_range(start, end)
    prepare_dagster_home(settings)
    with Recorder(settings) as recorder:
        from phase3_assets.catalog.tables import tables_named
        from phase3_assets.publishing.completion import completion_of
        from phase3_assets.publishing.publish import publish
        from phase3_assets.publishing.requests import Publication, Request
        from phase3_assets.settings.thresholds import Thresholds
        from phase3_assets.warehouse.opening import open_warehouse

        request = Request(first, last, frozenset(games) or None, new_run_id(), repair)
        chosen = tables_named(tables)
        warehouse = open_warehouse(settings)
        with progress("looking at the games", "tables", len(chosen)) as bar:
            coming = iter([*(table.name for table in chosen), "the records"])

            def told(line: str) -> None:
                """The games are surveyed, or a table is done."""
                if not as_json:
                    bar.say(f"  {line}")
                bar.at(len(publication.reports), len(chosen), next(coming, ""))

            publication = Publication({})
            publish(warehouse, request, chosen, Thresholds.from_environment(), told, publication)
            try:
                publication.completion = completion_of(warehouse, first, last)
                recorder.record(request, chosen, publication)
            finally:
                bar.close()
                _tell(warehouse, request, publication, as_json)
    is_failed = any(verdict.blocking for verdict in publication.failed_checks)
    return HELD_BACK if publication.held_back or is_failed else 0


def _tell(warehouse: "Warehouse", request: "Request", publication: "Publication", as_json: bool) -> None:
    held, failed = publication.held_back, publication.failed_checks
    if as_json:
        show_json(_as_json(request.run_id, publication))
    elif not publication.games:
        say(without_games(warehouse, request.start, request.end) or "every game is called off or moved")
    else:
        say(f"{len(held)} games held back" + (":" if held else f" of {len(publication.games)} scheduled"))
        for game in held:
            say(f"  {game.game_id}  {game.reason}")
        for verdict in failed:
            say(f"check failed on published rows: {verdict.table} {verdict.date}: {verdict.findings[0]}")
        say(_how_far(publication.completion))


def _how_far(rows: list[dict[str, Any]]) -> str:
    """How far the dates are, by their rows of phase3_completion: one date in full, a range as a count."""
    if len(rows) != 1:
        return f"{sum(row['is_complete'] for row in rows)} of {len(rows)} dates are complete"
    row = rows[0]
    expected = row["games_scheduled"] - row["games_void"] - row["games_waived"]
    complete = "complete" if row["is_complete"] else "not complete"
    return (
        f"{row['game_date']} is {complete}: {row['games_complete']} of {expected} games in every table, "
        f"{row['tables_complete']} of {row['tables_expected']} tables"
    )


def _as_json(run_id: str, publication: "Publication") -> dict[str, Any]:
    return {
        "run_id": run_id,
        "tables": [
            {
                "table": report.table,
                "publication_id": report.publication_id,
                "seconds": round(report.seconds, 3),
                "games": dict(Counter(game.outcome for game in report.games)),
                "rows_added": sum(game.rows_added for game in report.games),
                "rows_changed": sum(game.rows_changed for game in report.games),
                "rows_removed": sum(game.rows_removed for game in report.games),
            }
            for report in publication.reports
        ],
        "completion": publication.completion,
        "failed_checks": [verdict.as_json() for verdict in publication.failed_checks],
        "held_back": [
            {"game_id": game.game_id, "outcome": game.outcome, "reason": game.reason} for game in publication.held_back
        ],
    }


@main.command()
@click.option("--dry-run", is_flag=True, help="Say what would be deleted, and delete nothing.")
@JSON_OPTION
@explained
def prune(dry_run: bool, as_json: bool) -> None:
    """Delete replaced rows, superseded decisions and events that are older than they are to be kept.

    PHASE3_HISTORY_DAYS and PHASE3_EVENTS_DAYS (400 each; 0: for ever) say how long. Published rows stay, and so does
    what a game's latest decision, a hold, or undoing the visible version needs. Dagster does this every Monday.
    """
    from phase3_assets.publishing.prune import prune as let_go
    from phase3_assets.settings.retention import Retention
    from phase3_assets.warehouse.opening import open_warehouse

    retention = Retention.from_environment()
    found = let_go(open_warehouse(Settings.from_environment()), retention, new_run_id(), dry_run)
    if as_json:
        show_json([{**asdict(pruned), "is_deleted": not dry_run} for pruned in found])
        return
    for pruned in found:
        verb = "would be deleted" if dry_run else "deleted"
        say(f"{pruned.table}: {pruned.rows} rows {verb}, superseded before {pruned.before:%Y-%m-%d %H:%M} UTC")
    if not found:
        say("PHASE3_HISTORY_DAYS and PHASE3_EVENTS_DAYS are 0: everything is kept for ever")
