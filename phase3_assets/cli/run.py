"""Commands that load and publish: init, load-raw, pull, run, backfill, prune, demo, ui.

What belongs here: arguments and what is printed. What doesn't: doing it. Dagster is imported only where it is needed.
"""

import ipaddress
import json
import sys
import uuid
from collections import Counter
from datetime import date as date_type
from pathlib import Path
from typing import Any

import click

from phase3_assets.cli.common import (
    GAME_OPTION,
    HELD_BACK,
    JSON_OPTION,
    TABLE_OPTION,
    date_range,
    explained,
    main,
    no_games,
)
from phase3_assets.settings.locations import Settings


@main.command()
@click.option(
    "--adopt", multiple=True, metavar="TABLE", help="Take over this table, which another program made (repeatable)."
)
@explained
def init(adopt: tuple[str, ...]) -> None:
    """Create datasets, tables and views, and add missing columns.

    Safe to repeat. Takes no destructive step: where only one would help, it names the columns and changes nothing.
    Tables of the same names that somebody else made are compared with the contracts, and left alone.
    """
    from phase3_assets.warehouse.opening import open_warehouse
    from phase3_assets.warehouse.schema import initialise

    for line in initialise(open_warehouse(Settings.from_environment()), adopt):
        click.echo(line)


@main.command("load-raw")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--table", "tables", multiple=True, metavar="NAME", help="Only this raw table (repeatable).")
@click.option(
    "--allow-missing",
    multiple=True,
    metavar="COLUMN",
    help="Load this column as NULL where a file lacks it (repeatable).",
)
@click.option(
    "--date-format",
    metavar="FORMAT",
    help="How the files write dates, for example %m/%d/%Y, unless they write 2026-02-03.",
)
@click.option("--from", "adapter", metavar="SOURCE", help="The files are another source's: nba_api, bigdataball.")
@click.option(
    "--map",
    "map_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A YAML file that says which of your columns is which of ours; `phase3 describe-raw TABLE` prints a template.",
)
@explained
def load_raw(
    folder: Path,
    tables: tuple[str, ...],
    allow_missing: tuple[str, ...],
    date_format: str | None,
    adapter: str | None,
    map_file: Path | None,
) -> int:
    """Load Parquet, CSV or JSON files named after raw tables, e.g. FOLDER/nbac_schedule.parquet: docs/loading.md.

    A file replaces the dates that it contains, all or nothing; of two files of a table with the same date, the second
    is refused. A missing or wrongly typed column is an error that names file, column, expected and found; further
    columns are ignored and named.
    """
    from phase3_assets.cli.first_steps import next_steps
    from phase3_assets.errors import ConfigurationError
    from phase3_assets.loading.adapters import converted, guess
    from phase3_assets.loading.column_maps import mapped, read_maps
    from phase3_assets.loading.files import load_raw as load
    from phase3_assets.warehouse.interface import Loaded
    from phase3_assets.warehouse.opening import open_warehouse
    from phase3_assets.warehouse.schema import initialise, initialise_raw

    if adapter and (map_file or allow_missing):
        other = "--map" if map_file else "--allow-missing"
        raise ConfigurationError(f"--from {adapter} knows its columns; {other} is for files of your own")
    days: set[date_type] = set()
    names: dict[str, str] = {}

    def show(table: str, path: Path, loaded: Loaded) -> None:
        days.update(loaded.days)
        dates = f"{loaded.first_date} to {loaded.last_date}" if loaded.rows else "no dates"
        name = names.get(path.name, path.name)
        click.echo(f"{table}: {loaded.rows} rows of {loaded.dates} dates ({dates}) from {name}")
        if loaded.ignored_columns:
            click.echo(f"  ignored columns: {', '.join(loaded.ignored_columns)}")
        for note in loaded.notes:
            click.echo(f"  {note}")

    settings = Settings.from_environment()
    warehouse = open_warehouse(settings)
    # A local file gets every table. On BigQuery, the account that loads may have rights to raw tables only.
    (initialise if settings.bigquery is None else initialise_raw)(warehouse)
    if adapter:
        with converted(adapter, folder, date_format) as made:
            failures, passed_over = load(warehouse, made, tables, (), show)
            failures = [failure.replace(str(made), f"{folder} read as {adapter}") for failure in failures]
    elif map_file:
        maps = read_maps(map_file, allow_missing)
        unmapped = {name for column_map in maps for name in column_map.unmapped}
        with mapped(maps, folder) as (made, names):
            failures, passed_over = load(warehouse, made, tables, sorted(unmapped), show, date_format)
            for own, name in names.items():
                failures = [
                    failure.replace(str(made / own), str(folder / name)).replace(own, name) for failure in failures
                ]
    else:
        try:
            failures, passed_over = load(warehouse, folder, tables, allow_missing, show, date_format)
        except ConfigurationError as error:
            for source, files in (guess(folder) if folder.is_dir() else {}).items():
                click.echo(f"{', '.join(files[:5])} look like files of {source}: load-raw {folder} --from {source}")
            raise error
    if passed_over and not tables:
        click.echo(f"passed over, not raw tables: {', '.join(passed_over)}")
        for source, files in guess(folder, passed_over).items():
            click.echo(f"{', '.join(files[:5])} look like files of {source}: load-raw {folder} --from {source}")
    for line in next_steps(warehouse, days):
        click.echo(line)
    for failure in failures:
        click.echo(f"phase3: {failure}", err=True)
    return HELD_BACK if failures else 0


@main.command("describe-raw")
@click.argument("table")
@explained
def describe_raw(table: str) -> None:
    """Print the columns of a raw TABLE as a template for `phase3 load-raw FOLDER --map FILE`."""
    from phase3_assets.loading.column_maps import template

    click.echo(template(table), nl=False)


@main.command("try")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--from",
    "adapter",
    metavar="SOURCE",
    help="The source of the files, if they are not in our shape; guessed if left out.",
)
@explained
def try_folder(folder: Path, adapter: str | None) -> int:
    """Load FOLDER into a scratch warehouse, publish it and print the last night; your own warehouse is not touched."""
    from phase3_assets.cli.first_steps import try_out

    return HELD_BACK if try_out(folder, adapter, click.echo) else 0


@main.command()
@click.argument("start")
@click.argument("end")
@click.option(
    "--published", is_flag=True, help="Copy published rows, their history and records as well as the raw tables."
)
@click.option("--to", "to", type=click.Path(path_type=Path), metavar="FILE", help="The file (PHASE3_DUCKDB_PATH).")
@click.option("--yes", is_flag=True, help="Do not ask after showing the size.")
@explained
def pull(start: str, end: str, published: bool, to: Path | None, yes: bool) -> int:
    """Copy a range from BigQuery into a local DuckDB file, to look at a production night on a laptop.

    Shows the bytes it would read first. The schedule is copied for the whole season: it decides which games are on.
    """
    from phase3_assets.loading.pulling import parts
    from phase3_assets.loading.pulling import pull as copy
    from phase3_assets.warehouse.costs import readable
    from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
    from phase3_assets.warehouse.opening import open_warehouse

    settings = Settings.from_environment()
    source, target = open_warehouse(settings), DuckDBWarehouse(to or settings.duckdb_path, settings.wait_seconds)
    wanted = parts(source, *date_range(start, end), published)
    for part in wanted:
        click.echo(f"{readable(part.bytes_read):>10}  {part.contract.full_name}  {part.first} to {part.last}")
    click.echo(f"{readable(sum(part.bytes_read for part in wanted)):>10}  would be read, into {target.path}")
    if not yes and not click.confirm("copy it?"):
        return HELD_BACK
    copy(source, target, wanted, click.echo)
    click.echo(f"PHASE3_WAREHOUSE=duckdb PHASE3_DUCKDB_PATH={target.path} phase3 status {start} {end}")
    return 0


@main.command()
@click.argument("date")
@GAME_OPTION
@TABLE_OPTION
@click.option(
    "--repair",
    is_flag=True,
    help="Compute every game again, whatever was decided: replaces rows changed by hand, and "
    "pre-game rows frozen at tip-off.",
)
@JSON_OPTION
@explained
def run(date: str, games: tuple[str, ...], tables: tuple[str, ...], repair: bool, as_json: bool) -> int:
    """Publish one date: every game that is ready, every table, in lineage order.

    The run appears in the UI's history. Same inputs again: nothing is written.
    """
    return _publish(date, date, games, tables, repair, as_json)


@main.command()
@click.argument("start")
@click.argument("end")
@TABLE_OPTION
@click.option(
    "--repair",
    is_flag=True,
    help="Compute every game again, whatever was decided: replaces rows changed by hand, and "
    "pre-game rows frozen at tip-off.",
)
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
        from phase3_assets.publishing.requests import Request
        from phase3_assets.settings.thresholds import Thresholds
        from phase3_assets.warehouse.opening import open_warehouse

        request = Request(first, last, frozenset(games) or None, str(uuid.uuid4()), repair)
        chosen = tables_named(tables)
        warehouse = open_warehouse(settings)
        publication = publish(
            warehouse,
            request,
            chosen,
            Thresholds.from_environment(),
            lambda line: None if as_json else click.echo(f"  {line}"),
        )
        try:
            publication.completion = completion_of(warehouse, first, last)
            recorder.record(request, chosen, publication)
        finally:
            _tell(request, publication, as_json)
    is_failed = any(verdict.blocking for verdict in publication.failed_checks)
    return HELD_BACK if publication.held_back or is_failed else 0


def _tell(request: Any, publication: Any, as_json: bool) -> None:
    held, failed = publication.held_back, publication.failed_checks
    if as_json:
        click.echo(json.dumps(_as_json(request.run_id, publication), indent=2, default=str))
    elif not publication.games:
        click.echo(no_games(request.start, request.end))
        return
    else:
        click.echo(f"{len(held)} games held back" + (":" if held else f" of {len(publication.games)} scheduled"))
        for game in held:
            click.echo(f"  {game.game_id}  {game.reason}")
        for verdict in failed:
            click.echo(f"check failed on published rows: {verdict.table} {verdict.date}: {verdict.findings[0]}")
        click.echo(_how_far(publication.completion))


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


def _as_json(run_id: str, publication: Any) -> dict[str, Any]:
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
@explained
def prune(dry_run: bool) -> None:
    """Delete replaced rows, superseded decisions and events that are older than they are to be kept.

    PHASE3_HISTORY_DAYS and PHASE3_EVENTS_DAYS (400 each; 0: for ever) say how long. Published rows stay, and so does
    what a game's latest decision, a hold, or undoing the visible version needs. Dagster does this every Monday.
    """
    from phase3_assets.publishing.prune import prune as let_go
    from phase3_assets.settings.retention import Retention
    from phase3_assets.warehouse.opening import open_warehouse

    retention = Retention.from_environment()
    found = let_go(open_warehouse(Settings.from_environment()), retention, str(uuid.uuid4()), dry_run)
    for pruned in found:
        verb = "would be deleted" if dry_run else "deleted"
        click.echo(f"{pruned.table}: {pruned.rows} rows {verb}, superseded before {pruned.before:%Y-%m-%d %H:%M} UTC")
    if not found:
        click.echo("PHASE3_HISTORY_DAYS and PHASE3_EVENTS_DAYS are 0: everything is kept for ever")


@main.command()
@click.option("--seed", default=2026, show_default=True, help="Another seed makes another season.")
@click.option("--days", default=30, show_default=True, type=click.IntRange(3, 170), help="Days of the season to play.")
@click.option(
    "--files",
    type=click.Path(path_type=Path, file_okay=False),
    help="Only write the raw files of that many days, up to yesterday, into this new folder, for `phase3 load-raw` and "
    "for the sensors of a deployment to publish.",
)
@explained
def demo(seed: int, days: int, files: Path | None) -> int:
    """From nothing to something worth seeing: a made-up season, published, and the incident replayed in three acts.

    Uses the warehouse and Dagster home of the environment; refuses a warehouse that already holds raw rows.
    """
    from datetime import timedelta

    from phase3_assets.demo.story import play, write_nights
    from phase3_assets.settings.calendar import today

    if files:
        last = today() - timedelta(days=1)
        games = write_nights(files, seed, days, last)
        click.echo(f"{len(games)} games of {days} days, the last one {last}. Next: phase3 load-raw {files}")
        return 0
    return play(Settings.from_environment(), seed, days, click.echo)


@main.command()
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Anything but loopback needs authentication in front."
)
@click.option("--port", default=3000, show_default=True)
@click.option("--with-daemon", is_flag=True, help="On BigQuery: also run sensors, schedules and queued runs from here.")
@explained
def ui(host: str, port: int, with_daemon: bool) -> None:
    """Open Dagster's UI on this warehouse (the same as `dagster dev` with DAGSTER_HOME set).

    On BigQuery it is the UI alone: its tables are a team's, whose daemon runs elsewhere, and a second one would
    publish and alert beside it.
    """
    import os

    from phase3_assets.instance.home import prepare_dagster_home

    if not _is_loopback(host):
        click.echo(
            f"phase3: WARNING: {host} is not loopback. The UI asks nobody who they are: everyone who reaches "
            f"{host}:{port} can start runs and read everything. Keep it on 127.0.0.1 and put a proxy that "
            "authenticates in front: docs/authentication.md",
            err=True,
        )
    settings = Settings.from_environment()
    prepare_dagster_home(settings)
    workspace = Path(__file__).parents[2] / "workspace.yaml"
    code = ["-w", str(workspace)] if workspace.exists() else ["-m", "phase3_assets.definitions"]
    program = ["dagster", "dev"]
    if settings.bigquery and not with_daemon:
        program = ["dagster_webserver"]
        click.echo(
            "phase3: the warehouse is BigQuery: this is the UI alone. Sensors, schedules and queued runs wait for the "
            "team's daemon; if there is none, and this is to be it, say --with-daemon.",
            err=True,
        )
    arguments = [*program, *code, "--host", host, "--port", str(port)]
    os.execv(sys.executable, [sys.executable, "-m", *arguments])  # noqa: S606 - no shell is wanted


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
