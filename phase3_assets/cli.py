"""The command line `phase3`: thin over the same code that Dagster runs.

What belongs here: arguments, what is printed, exit codes (0 done, 1 something was held back or failed, 2 wrong usage or
configuration). What doesn't: doing any of it. Dagster is imported only by the commands that need it.
"""

import json
import sys
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, time
from functools import wraps
from pathlib import Path
from typing import Any

import click

from phase3_assets.errors import ConfigurationError, Phase3Error, SchemaDriftError
from phase3_assets.partitions import FIRST_DATE, parse_date
from phase3_assets.settings import Settings
from phase3_assets.tables import TABLE_NAMES

HELD_BACK, WRONG_USAGE = 1, 2


def _explained(command: Callable[..., int | None]) -> Callable[..., None]:
    """Turn the errors people are meant to read into a sentence and an exit code."""

    @wraps(command)
    def run(*arguments: Any, **options: Any) -> None:
        try:
            code = command(*arguments, **options)
        except (ConfigurationError, SchemaDriftError) as error:
            click.echo(f"phase3: {error}", err=True)
            sys.exit(WRONG_USAGE)
        except Phase3Error as error:
            click.echo(f"phase3: {error}", err=True)
            sys.exit(HELD_BACK)
        sys.exit(code or 0)

    return run


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Turn raw NBA box scores into per-game summaries that are right, or not visible.

    \b
    A first look, with made-up games:   phase3 demo
    Your own raw files:                 phase3 init
                                        phase3 load-raw FOLDER
                                        phase3 backfill 2026-01-01 2026-01-31
                                        phase3 status 2026-01-31
    The same in a browser:              phase3 ui

    Dates are Eastern calendar dates, written 2026-02-03.

    \b
    Environment
      PHASE3_WAREHOUSE     duckdb (default)
      PHASE3_DUCKDB_PATH   the warehouse file (.phase3/warehouse.duckdb)
      DAGSTER_HOME         run history (.phase3/dagster, created with telemetry off)
      PHASE3_WAIT_SECONDS  how long to wait for another process that is writing (60)

    Exit status: 0 done; 1 something was held back or failed; 2 wrong usage or configuration.
    """


_TABLE = click.option(
    "--table", "tables", multiple=True, type=click.Choice(TABLE_NAMES), help="Only this table (repeatable)."
)
_GAME = click.option("--game", "games", multiple=True, metavar="GAME_ID", help="Only this game (repeatable).")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


@main.command()
@_explained
def init() -> None:
    """Create datasets, tables and views, and add missing columns.

    Safe to repeat. Takes no destructive step: where only one would help, it names the columns and changes nothing.
    """
    from phase3_assets.schema import initialise
    from phase3_assets.warehouse import open_warehouse

    for line in initialise(open_warehouse(Settings.from_environment())):
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
@_explained
def load_raw(folder: Path, tables: tuple[str, ...], allow_missing: tuple[str, ...]) -> int:
    """Load Parquet, CSV or NDJSON files named after raw tables, e.g. FOLDER/nbac_schedule.parquet.

    A file replaces the dates that it contains, all or nothing. A missing or wrongly typed column is an error that names
    file, column, expected and found; further columns are ignored and named.
    """
    from phase3_assets.loading import load_raw as load
    from phase3_assets.schema import initialise
    from phase3_assets.warehouse import Loaded, open_warehouse

    def show(table: str, path: Path, loaded: Loaded) -> None:
        dates = f"{loaded.first_date} to {loaded.last_date}" if loaded.rows else "no dates"
        click.echo(f"{table}: {loaded.rows} rows of {loaded.dates} dates ({dates}) from {path.name}")
        if loaded.ignored_columns:
            click.echo(f"  ignored columns: {', '.join(loaded.ignored_columns)}")

    warehouse = open_warehouse(Settings.from_environment())
    initialise(warehouse)
    failures, passed_over = load(warehouse, folder, tables, allow_missing, show)
    if passed_over and not tables:
        click.echo(f"passed over, not raw tables: {', '.join(passed_over)}")
    for failure in failures:
        click.echo(f"phase3: {failure}", err=True)
    return HELD_BACK if failures else 0


@main.command()
@click.argument("date")
@_GAME
@_TABLE
@click.option(
    "--repair", is_flag=True, help="Compute even what looks decided, so that rows changed by hand are replaced."
)
@_JSON
@_explained
def run(date: str, games: tuple[str, ...], tables: tuple[str, ...], repair: bool, as_json: bool) -> int:
    """Publish one date: every game that is ready, every table, in lineage order.

    The run appears in the UI's history. Same inputs again: nothing is written.
    """
    return _publish(date, date, games, tables, repair, as_json)


@main.command()
@click.argument("start")
@click.argument("end")
@_TABLE
@click.option(
    "--repair", is_flag=True, help="Compute even what looks decided, so that rows changed by hand are replaced."
)
@_JSON
@_explained
def backfill(start: str, end: str, tables: tuple[str, ...], repair: bool, as_json: bool) -> int:
    """Publish every date from START to END in one set-based pass.

    Interrupt it at any moment: each table is old or new per game, and the next backfill takes up what is left.
    """
    return _publish(start, end, (), tables, repair, as_json)


def _publish(start: str, end: str, games: tuple[str, ...], tables: tuple[str, ...], repair: bool, as_json: bool) -> int:
    from phase3_assets.home import prepare_dagster_home
    from phase3_assets.publishing import Request, publish
    from phase3_assets.recorder import Recorder
    from phase3_assets.tables import published_tables
    from phase3_assets.thresholds import Thresholds
    from phase3_assets.warehouse import open_warehouse

    settings, thresholds = Settings.from_environment(), Thresholds.from_environment()
    first, last = _range(start, end)
    chosen = [table for table in published_tables() if not tables or table.name in tables]
    request = Request(first, last, frozenset(games) or None, str(uuid.uuid4()), repair)
    warehouse = open_warehouse(settings)
    prepare_dagster_home(settings)
    with Recorder() as recorder:
        publication = publish(
            warehouse, request, chosen, thresholds, lambda line: None if as_json else click.echo(f"  {line}")
        )
        recorder.record(warehouse, request, chosen, publication)
    held = publication.held_back
    if as_json:
        click.echo(json.dumps(_as_json(request.run_id, publication), indent=2))
    else:
        click.echo(f"{len(held)} games held back" + (":" if held else f" of {len(publication.games)} scheduled"))
        for game in held:
            click.echo(f"  {game.game_id}  {game.reason}")
    return HELD_BACK if held else 0


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
        "held_back": [
            {"game_id": game.game_id, "outcome": game.outcome, "reason": game.reason} for game in publication.held_back
        ],
    }


@main.command()
@click.argument("start")
@click.argument("end", required=False)
@_JSON
@_explained
def status(start: str, end: str | None, as_json: bool) -> None:
    """A line per scheduled game: its state, the reason, the rows that readers see; totals per date."""
    from phase3_assets.readiness import check_schema, reader_state, survey
    from phase3_assets.warehouse import open_warehouse

    first, last = _range(start, end or start)
    with open_warehouse(Settings.from_environment()).session(read_only=True) as session:
        check_schema(session)
        games = survey(session, first, last)
    lines: list[dict[str, Any]] = []
    for game in games.values():
        state, reason = reader_state(game)
        rows = {name: game.visible_rows(name) for name in TABLE_NAMES}
        lines.append(
            {"game_date": str(game.game_date), "game_id": game.game_id, "state": state, "reason": reason, "rows": rows}
        )
    if as_json:
        click.echo(json.dumps(lines, indent=2))
        return
    if not lines:
        click.echo(f"no games are scheduled from {first} to {last}")
    for day in sorted({line["game_date"] for line in lines}):
        of_day = [line for line in lines if line["game_date"] == day]
        counts = Counter(line["state"] for line in of_day)
        total = sum(sum(line["rows"].values()) for line in of_day)
        states = ", ".join(f"{count} {state}" for state, count in counts.most_common())
        click.echo(f"{day}  {len(of_day)} games: {states}; {total} rows")
        for line in of_day:
            shown = "/".join(str(count) for count in line["rows"].values())
            click.echo(f"  {line['game_id']}  {line['state']:<11}  {shown:>7}  {line['reason'] or ''}".rstrip())
    if lines:
        click.echo("rows: " + " / ".join(TABLE_NAMES))


@main.command()
@click.argument("start")
@click.argument("end", required=False)
@click.option(
    "--staged", is_flag=True, help="Audit the rows a publication would stage now, instead of the published ones."
)
@_GAME
@_TABLE
@_JSON
@_explained
def audit(
    start: str, end: str | None, staged: bool, games: tuple[str, ...], tables: tuple[str, ...], as_json: bool
) -> int:
    """What the rules say of what is published (or, with --staged, would be), with the offending rows."""
    from phase3_assets.publishing import Request
    from phase3_assets.publishing import audit as audit_rows
    from phase3_assets.tables import published_tables
    from phase3_assets.thresholds import Thresholds
    from phase3_assets.warehouse import open_warehouse

    request = Request(*_range(start, end or start), frozenset(games) or None)
    chosen = [table for table in published_tables() if not tables or table.name in tables]
    warehouse = open_warehouse(Settings.from_environment())
    findings = audit_rows(warehouse, request, chosen, Thresholds.from_environment(), staged)
    if as_json:
        rows = [
            {"table": t.name, "game_date": str(f.game_date), "game_id": f.game_id, **f.as_json()} for t, f in findings
        ]
        click.echo(json.dumps(rows, indent=2))
    else:
        for table, finding in findings:
            click.echo(f"{finding.severity:<5}  {finding.game_id}  {table.name}  {finding}")
        counts = Counter(finding.severity for _, finding in findings)
        rules = sum(len(table.rules) for table in chosen)
        click.echo(f"{rules} rules: {counts['ERROR']} errors, {counts['WARN']} warnings shown")
    return HELD_BACK if any(finding.severity == "ERROR" for _, finding in findings) else 0


@main.command()
@click.argument("start")
@click.argument("end", required=False)
@_TABLE
@_JSON
@_explained
def checks(start: str, end: str | None, tables: tuple[str, ...], as_json: bool) -> int:
    """Run every check on what is published: one verdict per table, check and date.

    A failed blocking check stops later runs of what is downstream, for exactly the games that failed, until a new
    publication of theirs passes. Exit status 1 when an error failed.
    """
    from phase3_assets.checking import check_published
    from phase3_assets.tables import published_tables
    from phase3_assets.thresholds import Thresholds
    from phase3_assets.warehouse import open_warehouse

    first, last = _range(start, end or start)
    chosen = [table for table in published_tables() if not tables or table.name in tables]
    warehouse = open_warehouse(Settings.from_environment())
    verdicts = check_published(warehouse, first, last, chosen, Thresholds.from_environment(), str(uuid.uuid4()))
    failed = [verdict for verdict in verdicts if not verdict.passed]
    if as_json:
        click.echo(json.dumps([verdict.as_json() for verdict in verdicts], indent=2))
    else:
        for verdict in failed:
            click.echo(f"{verdict.severity:<5}  {verdict.date}  {verdict.table}  {verdict.offenders} offending")
            for finding in verdict.findings[:5]:
                click.echo(f"         {finding.game_id}  {finding}")
        counts = Counter(verdict.severity for verdict in failed)
        click.echo(f"{len(verdicts)} checks: {counts['ERROR']} errors, {counts['WARN']} warnings")
    return HELD_BACK if any(verdict.severity == "ERROR" for verdict in failed) else 0


@main.command()
@click.argument("start")
@click.argument("end", required=False)
@_TABLE
@_JSON
@_explained
def verify(start: str, end: str | None, tables: tuple[str, ...], as_json: bool) -> int:
    """Find rows that were updated, deleted or inserted behind the publications' back. Exit status 1 when there are any.

    What is found stops downstream and is put right by the game's next publication (`phase3 run DATE --repair`).
    """
    from phase3_assets.tables import published_tables
    from phase3_assets.verifying import verify as verify_rows
    from phase3_assets.warehouse import open_warehouse

    first, last = _range(start, end or start)
    chosen = [table for table in published_tables() if not tables or table.name in tables]
    drifts = verify_rows(open_warehouse(Settings.from_environment()), first, last, chosen, str(uuid.uuid4()))
    if as_json:
        click.echo(json.dumps([{**asdict(drift), "game_date": str(drift.game_date)} for drift in drifts], indent=2))
    else:
        for drift in drifts:
            click.echo(f"{drift.game_id}  {drift.table}  {drift}")
        click.echo(f"{len(drifts)} games are not what was published" if drifts else "everything is what was published")
    return HELD_BACK if drifts else 0


@main.command()
@click.argument("start")
@click.argument("end", required=False)
@_TABLE
@_JSON
@_explained
def plan(start: str, end: str | None, tables: tuple[str, ...], as_json: bool) -> None:
    """What a run would do, and why: new, changed inputs, changed code, upstream computed before it. Writes nothing."""
    from phase3_assets.planning import DUE
    from phase3_assets.planning import plan as foresee
    from phase3_assets.readiness import check_schema, survey
    from phase3_assets.tables import published_tables
    from phase3_assets.warehouse import open_warehouse

    first, last = _range(start, end or start)
    chosen = [table for table in published_tables() if not tables or table.name in tables]
    with open_warehouse(Settings.from_environment()).session(read_only=True) as session:
        check_schema(session)
        steps = foresee(survey(session, first, last).values(), chosen)
    if as_json:
        click.echo(json.dumps([{**asdict(step), "game_date": str(step.game_date)} for step in steps], indent=2))
        return
    for step in steps:
        if step.action != "nothing":
            click.echo(f"{step.action:<8}  {step.game_id}  {step.table}  {step.reason}")
    due = sum(step.action in DUE for step in steps)
    click.echo(f"{due} of {len(steps)} games and tables would be worked on")


@main.command()
@click.option("--since", metavar="DATE", help="Only events noticed on this date (UTC) or later.")
@click.option("--game", "game_id", metavar="GAME_ID", help="Only this game.")
@_JSON
@_explained
def events(since: str | None, game_id: str | None, as_json: bool) -> None:
    """Every change of state worth knowing: held back, released, withdrawn, check failed, recovered, drift."""
    from phase3_assets.queries import sql_text
    from phase3_assets.warehouse import open_warehouse

    parameters = {
        "first_date": FIRST_DATE,
        "since": datetime.combine(parse_date(since) if since else FIRST_DATE, time(), UTC),
        "game_id": game_id or "",
    }
    with open_warehouse(Settings.from_environment()).session(read_only=True) as session:
        rows = session.query(sql_text("bookkeeping/events"), parameters)
    if as_json:
        click.echo(
            json.dumps([{**row, "details": json.loads(row["details"] or "[]")} for row in rows], indent=2, default=str)
        )
        return
    for row in rows:
        moment = row["event_timestamp"].strftime("%Y-%m-%d %H:%M")
        click.echo(
            f"{moment}  {row['severity']:<8}  {row['event_type']:<20}  {row['table_name']}  {row['description']}"
        )
    click.echo(f"{len(rows)} events")


@main.command()
@click.argument("game_id")
@click.option("--reason", required=True, help="Why, for whoever asks later.")
@click.option("--undo", is_flag=True, help="Take the waiver back.")
@_explained
def waive(game_id: str, reason: str, undo: bool) -> None:
    """Give up on a game that will never come.

    It leaves games_complete, is shown as waived, and no run works on it until the waiver is taken back.
    """
    from phase3_assets import interventions
    from phase3_assets.warehouse import open_warehouse

    decide = interventions.unwaive if undo else interventions.waive
    decide(open_warehouse(Settings.from_environment()), game_id, reason, str(uuid.uuid4()))
    click.echo(f"{game_id} is {'no longer ' if undo else ''}waived: {reason}")


_PUBLISHED = click.argument("table", type=click.Choice(TABLE_NAMES))


@main.command()
@_PUBLISHED
@click.argument("date")
@_JSON
@_explained
def history(table: str, date: str, as_json: bool) -> None:
    """Every publication that decided about a date of a table, oldest first."""
    from phase3_assets import rollback
    from phase3_assets.tables import published_table
    from phase3_assets.warehouse import open_warehouse

    warehouse = open_warehouse(Settings.from_environment())
    rows = rollback.history(warehouse, published_table(table), parse_date(date))
    if as_json:
        click.echo(json.dumps(rows, indent=2, default=str))
        return
    for row in rows:
        changes = f"+{row['rows_added']} ~{row['rows_changed']} -{row['rows_removed']} rows"
        moment = f"{row['finished_at']:%Y-%m-%d %H:%M:%S}"
        click.echo(f"{moment}  {row['publication_id']}  {row['outcomes']}: {row['games']} games, {changes}")
    click.echo(f"{len(rows)} publications")


@main.command()
@_PUBLISHED
@click.argument("date")
@click.option("--from", "before", metavar="ID", help="The publication to compare from (the last but one).")
@click.option("--to", "after", metavar="ID", help="The publication to compare to (the last).")
@_JSON
@_explained
def diff(table: str, date: str, before: str | None, after: str | None, as_json: bool) -> None:
    """What changed in a date of a table between two publications, by key and column."""
    from phase3_assets import rollback
    from phase3_assets.tables import published_table
    from phase3_assets.warehouse import open_warehouse

    warehouse = open_warehouse(Settings.from_environment())
    found = rollback.diff(warehouse, published_table(table), parse_date(date), before, after)
    if as_json:
        click.echo(json.dumps([asdict(difference) for difference in found], indent=2, default=str))
        return
    for difference in found:
        columns = ", ".join(f"{name} {old} -> {new}" for name, (old, new) in difference.columns.items())
        click.echo(f"{difference.kind:<8}  {difference.game_id}  {' '.join(difference.key)}  {columns}".rstrip())
    click.echo(f"{len(found)} rows differ")


@main.command()
@_PUBLISHED
@click.argument("date")
@click.option(
    "--to", "to", required=True, metavar="ID", help="The publication whose rows come back (`phase3 history`)."
)
@click.option("--reason", required=True, help="Why, for whoever asks later.")
@_GAME
@_explained
def rollback(table: str, date: str, to: str, reason: str, games: tuple[str, ...]) -> int:
    """Make readers see a date as an earlier publication left it, atomically, and hold it there.

    Later runs leave the games as they are until `phase3 release` lifts the hold. What was visible goes into history.
    """
    from phase3_assets.rollback import rollback as put_back
    from phase3_assets.tables import published_table
    from phase3_assets.thresholds import Thresholds
    from phase3_assets.warehouse import open_warehouse

    warehouse, day = open_warehouse(Settings.from_environment()), parse_date(date)
    limits = Thresholds.from_environment()
    found = put_back(warehouse, published_table(table), day, to, games, reason, limits, str(uuid.uuid4()))
    for game_id in found:
        click.echo(f"{game_id}  rolled back and held")
    click.echo(
        f"{len(found)} games rolled back; what reads {table} is due: phase3 run {date}" if found else "nothing differs"
    )
    return 0


@main.command()
@_PUBLISHED
@click.argument("date")
@click.option("--reason", required=True, help="Why, for whoever asks later.")
@_GAME
@_explained
def release(table: str, date: str, reason: str, games: tuple[str, ...]) -> None:
    """Lift the hold that a rollback left; the next run computes the games again."""
    from phase3_assets.interventions import release as lift
    from phase3_assets.warehouse import open_warehouse

    warehouse = open_warehouse(Settings.from_environment())
    count = lift(warehouse, table, parse_date(date), games, reason, str(uuid.uuid4()))
    click.echo(f"{count} holds lifted" + (f"; phase3 run {date} computes the games again" if count else ""))


@main.command()
@click.option("--seed", default=2026, show_default=True, help="Another seed makes another season.")
@click.option("--days", default=30, show_default=True, type=click.IntRange(3, 170), help="Days of the season to play.")
@_explained
def demo(seed: int, days: int) -> int:
    """From nothing to something worth seeing: a made-up season, published, and the incident replayed in three acts.

    Uses the warehouse and Dagster home of the environment; refuses a warehouse that already holds raw rows.
    """
    from phase3_assets.demo import play

    return play(Settings.from_environment(), seed, days, click.echo)


@main.command()
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Anything but loopback needs authentication in front."
)
@click.option("--port", default=3000, show_default=True)
@_explained
def ui(host: str, port: int) -> None:
    """Open Dagster's UI on this warehouse (the same as `dagster dev` with DAGSTER_HOME set)."""
    import os

    from phase3_assets.home import prepare_dagster_home

    prepare_dagster_home(Settings.from_environment())
    arguments = ["dev", "-m", "phase3_assets.definitions", "--host", host, "--port", str(port)]
    os.execv(sys.executable, [sys.executable, "-m", "dagster", *arguments])  # noqa: S606 - no shell is wanted


def _range(start: str, end: str) -> tuple[Any, Any]:
    first, last = parse_date(start), parse_date(end)
    if first > last:
        raise ConfigurationError(f"{start} is after {end}")
    return first, last


if __name__ == "__main__":
    main()
