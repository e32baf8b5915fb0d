"""Commands that look: status, audit, checks, metrics, verify, leak-test, plan, doctor, events, history, diff, as-of.

What belongs here: arguments and what is printed. What doesn't: finding it out.
"""

import json
import math
import uuid
from collections import Counter
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import click

from phase3_assets.catalog.table_names import TABLE_NAMES
from phase3_assets.cli.common import (
    GAME_OPTION,
    HELD_BACK,
    JSON_OPTION,
    TABLE_ARGUMENT,
    TABLE_OPTION,
    date_range,
    explained,
    main,
    no_games,
    of_dates,
)
from phase3_assets.errors import ConfigurationError
from phase3_assets.settings.calendar import FIRST_DATE, TIMEZONE, parse_date, parse_moment
from phase3_assets.settings.locations import Settings


@main.command()
@JSON_OPTION
@explained
@of_dates
def status(first: date, last: date, as_json: bool) -> None:
    """A line per scheduled game: its state, the reason, the rows that readers see; totals per date."""
    from phase3_assets.publishing.states import reader_state, tables_of_states
    from phase3_assets.publishing.survey import survey
    from phase3_assets.warehouse.opening import open_warehouse
    from phase3_assets.warehouse.schema import check_schema

    with open_warehouse(Settings.from_environment()).session(read_only=True) as session:
        check_schema(session)
        games = survey(session, first, last, tables=tables_of_states())
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
        click.echo(no_games(first, last))
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
@click.option(
    "--staged", is_flag=True, help="Audit the rows a publication would stage now, instead of the published ones."
)
@GAME_OPTION
@TABLE_OPTION
@JSON_OPTION
@explained
@of_dates
def audit(first: date, last: date, staged: bool, games: tuple[str, ...], tables: tuple[str, ...], as_json: bool) -> int:
    """List the rows that break a rule: of what is published or, with --staged, of what a run would publish."""
    from phase3_assets.catalog.tables import tables_named
    from phase3_assets.publishing.publish import audit as audit_rows
    from phase3_assets.publishing.requests import Request
    from phase3_assets.publishing.vocabulary import Severity
    from phase3_assets.settings.thresholds import Thresholds
    from phase3_assets.warehouse.opening import open_warehouse

    request = Request(first, last, frozenset(games) or None)
    chosen = tables_named(tables)
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
        click.echo(f"{rules} rules: {counts[Severity.ERROR]} errors, {counts[Severity.WARN]} warnings shown")
    return HELD_BACK if any(finding.severity is Severity.ERROR for _, finding in findings) else 0


@main.command()
@TABLE_OPTION
@JSON_OPTION
@explained
@of_dates
def checks(first: date, last: date, tables: tuple[str, ...], as_json: bool) -> int:
    """Run every check on what is published: one verdict per table, check and date.

    A failed blocking check stops later runs of what is downstream, for exactly the games that failed, until a new
    publication of theirs passes. Exit status 1 when an error failed.
    """
    from phase3_assets.catalog.tables import tables_named
    from phase3_assets.publishing.check import check_published
    from phase3_assets.publishing.vocabulary import Severity
    from phase3_assets.settings.thresholds import Thresholds
    from phase3_assets.warehouse.opening import open_warehouse

    chosen = tables_named(tables)
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
        click.echo(f"{len(verdicts)} checks: {counts[Severity.ERROR]} errors, {counts[Severity.WARN]} warnings")
    return HELD_BACK if any(verdict.severity is Severity.ERROR for verdict in failed) else 0


@main.command()
@click.argument("wanted", nargs=-1, required=True, metavar="[CHECK] [METRIC] START [END]")
@TABLE_OPTION
@JSON_OPTION
@explained
def metrics(wanted: tuple[str, ...], tables: tuple[str, ...], as_json: bool) -> None:
    """What the checks measured, passed or failed: the latest figure per table, check, metric and date.

    Figures are measured with every publication and every check of a date, and kept in nba_phase3.check_results.

    \b
      phase3 metrics 2026-02-03
      phase3 metrics usage_rate max_usage_rate 2025-10-21 2026-02-28
    """
    from phase3_assets.publishing.check import checks_and_metrics
    from phase3_assets.publishing.measure import read_results
    from phase3_assets.warehouse.opening import open_warehouse

    check, metric, first, last = _check_metric_and_dates(wanted)
    warehouse = open_warehouse(Settings.from_environment())
    rows = read_results(warehouse, first, last, checks_and_metrics(), check, metric)
    rows = [row for row in rows if not tables or row["table_name"] in tables]
    if as_json:
        click.echo(json.dumps(rows, indent=2, default=str))
        return
    for row in rows:
        limit = "" if row["threshold"] is None else f"  (held against {row['threshold']:g})"
        value = "none" if row["value"] is None else f"{row['value']:.6g}"
        verdict = "passed" if row["passed"] else f"failed: {row['severity']}"
        click.echo(
            f"{row['game_date']}  {row['table_name']}  {row['check_name']}  {row['metric']}  {value}{limit}  {verdict}"
        )
    if rows:
        click.echo(f"{len(rows)} {'figure' if len(rows) == 1 else 'figures'}")
    else:
        click.echo(f"nothing measured is kept from {first} to {last}; `phase3 checks {first} {last}` measures")


def _check_metric_and_dates(wanted: tuple[str, ...]) -> tuple[str, str, date, date]:
    """The parsed arguments [CHECK] [METRIC] START [END]; what begins with a digit is a date.

    Raises ConfigurationError for arguments of any other form.
    """
    names = [text for text in wanted if not text[:1].isdigit()]
    dates = list(wanted[len(names) :])
    if len(names) > 2 or len(dates) not in (1, 2) or [*names, *dates] != list(wanted):
        raise ConfigurationError(
            f"{' '.join(wanted)!r} is not [CHECK] [METRIC] START [END], as in usage_rate max_usage_rate 2026-02-03"
        )
    check, metric = [*names, "", ""][:2]
    return check, metric, *date_range(dates[0], dates[-1])


@main.command()
@TABLE_OPTION
@JSON_OPTION
@explained
@of_dates
def verify(first: date, last: date, tables: tuple[str, ...], as_json: bool) -> int:
    """Find rows that were updated, deleted or inserted behind the publications' back. Exit status 1 when there are any.

    What is found stops downstream and is put right by the game's next publication (`phase3 run DATE --repair`).
    """
    from phase3_assets.catalog.tables import tables_named
    from phase3_assets.defs.resources import Publisher
    from phase3_assets.publishing.requests import Request

    drifts = Publisher().verify(Request(first, last, run_id=str(uuid.uuid4())), tables_named(tables))
    if as_json:
        click.echo(json.dumps([{**asdict(drift), "game_date": str(drift.game_date)} for drift in drifts], indent=2))
    else:
        for drift in drifts:
            click.echo(f"{drift.game_id}  {drift.table}  {drift}")
        click.echo(f"{len(drifts)} games are not what was published" if drifts else "everything is what was published")
    return HELD_BACK if drifts else 0


@main.command("leak-test")
@TABLE_OPTION
@JSON_OPTION
@explained
@of_dates
def leak_test(first: date, last: date, tables: tuple[str, ...], as_json: bool) -> int:
    """Prove that rows of pre-game tables say nothing that could not be known before tip-off. Writes nothing.

    For each date, the rows are computed aside from all that is loaded and published, and again without what happened at
    or after tip-off, and again with that changed. Every column must be the same. A difference is a leak: exit status 1.
    A test that proves nothing, since no row was compared or no game has begun, is an error: exit status 2.

    \b
      phase3 leak-test 2026-02-01 2026-02-28
      phase3 leak-test 2026-02-03 --table upcoming_team_game_context
    """
    from phase3_assets.catalog.tables import tables_named
    from phase3_assets.publishing.leak_test import DateTested
    from phase3_assets.publishing.leak_test import leak_test as test
    from phase3_assets.settings.thresholds import Thresholds
    from phase3_assets.warehouse.opening import open_warehouse

    def show(tested: DateTested) -> None:
        for name, rows in tested.rows.items():
            leaks = sum(leak.table == name for leak in tested.leaks)
            click.echo(f"{tested.game_date}  {name}  {rows} rows compared, {leaks} leaks", err=as_json)

    warehouse = open_warehouse(Settings.from_environment())
    result = test(warehouse, first, last, tables_named(tables), Thresholds.from_environment(), show)
    if as_json:
        answer = {
            "rows": result.rows,
            "leaks": [asdict(leak) for leak in result.leaks],
            "dates": [{key: value for key, value in asdict(t).items() if key != "leaks"} for t in result.dates],
            "not_tested": {
                "dates_without_games": result.without_games,
                "dates_without_results": result.without_results,
                "inputs_of_which_nothing_was_hidden": result.never_hidden,
            },
        }
        click.echo(json.dumps(answer, indent=2, default=str))
        return HELD_BACK if result.leaks else 0
    for leak in result.leaks:
        click.echo(
            f"leak  {leak.game_date}  {leak.game_id}  {leak.subject}  {leak.table}.{leak.column}: "
            f"{leak.with_everything} with everything, {leak.with_what_was_known} with later things {leak.variant}"
        )
    for text, dates in (
        ("no games are scheduled", result.without_games),
        ("no game has begun, so nothing could be hidden", result.without_results),
    ):
        if dates:
            click.echo(f"not tested, {text}: {', '.join(map(str, dates))}")
    if result.never_hidden:
        click.echo(f"not tested, nothing at or after tip-off is there to be hidden: {', '.join(result.never_hidden)}")
    verdict = f"{len(result.leaks)} leaks" if result.leaks else "no leak"
    click.echo(f"{result.rows} rows of {len(result.dates)} dates, each compared twice: {verdict}")
    return HELD_BACK if result.leaks else 0


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
    with open_warehouse(Settings.from_environment()).session(read_only=True) as session:
        check_schema(session)
        steps = foresee(survey(session, first, last, tables=chosen).values(), chosen)
    if as_json:
        click.echo(json.dumps([{**asdict(step), "game_date": str(step.game_date)} for step in steps], indent=2))
        return
    for step in steps:
        if step.action != "nothing":
            click.echo(f"{step.action:<8}  {step.game_id}  {step.table}  {step.reason}")
    due = sum(step.action in DUE for step in steps)
    click.echo(f"{due} of {len(steps)} games and tables would be worked on")


def _show_cost(first: date, last: date, as_json: bool) -> None:
    from phase3_assets.warehouse.costs import estimate, readable
    from phase3_assets.warehouse.opening import open_warehouse

    with open_warehouse(Settings.from_environment()).session(read_only=True) as session:
        costs = estimate(session, first, last)
    if as_json:
        click.echo(json.dumps([asdict(cost) for cost in costs], indent=2, default=str))
        return
    for one in costs:
        click.echo(f"{readable(one.bytes_read):>10}  {one.table}  {one.first} to {one.last}")
    total = sum(one.bytes_read for one in costs)
    click.echo(f"{readable(total):>10}  in all, reading every table once; a query bills 10 MiB per table at least")
    click.echo(f"{'':>10}  not included: staging tables, which no dry run sees before a run fills them (the range's")
    click.echo(f"{'':>10}  clean rows and the rows computed of them), and further looks at what is published")


@main.command()
@JSON_OPTION
@explained
def doctor(as_json: bool) -> int:
    """Look at everything that can be set up wrong, and say how to mend it. Exit status 1 on an error."""
    from phase3_assets.doctor.diagnosis import ERROR
    from phase3_assets.doctor.examine import examine

    found = []
    for diagnosis in examine(Settings.from_environment()):
        found.append(diagnosis)
        if not as_json:
            click.echo(f"{diagnosis.level:<7}  {diagnosis.subject}: {diagnosis.found}")
            if diagnosis.remedy:
                click.echo(f"         {diagnosis.remedy}")
    if as_json:
        click.echo(json.dumps([asdict(diagnosis) for diagnosis in found], indent=2))
    return HELD_BACK if any(diagnosis.level == ERROR for diagnosis in found) else 0


@main.command()
@click.option("--since", metavar="DATE", help="Only events noticed on this date (UTC) or later.")
@click.option("--game", "game_id", metavar="GAME_ID", help="Only this game.")
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
        click.echo(json.dumps([_event_as_json(row) for row in rows], indent=2, default=str))
        return
    for row in rows:
        moment = row["event_timestamp"].strftime("%Y-%m-%d %H:%M")
        click.echo(
            f"{moment}  {row['severity']:<8}  {row['event_type']:<20}  {row['table_name']}  {row['description']}"
        )
    click.echo(f"{len(rows)} events")


def _event_as_json(event: dict[str, Any]) -> dict[str, Any]:
    """The event as valid JSON, whatever the row holds.

    A value that is not finite becomes None. Details that are not JSON stay text.
    """
    value, text = event["metric_value"], event["details"] or "[]"
    try:
        details = json.loads(text, parse_constant=lambda name: None)
    except ValueError:
        details = text
    return {**event, "metric_value": value if value is None or math.isfinite(value) else None, "details": details}


@main.command()
@TABLE_ARGUMENT
@click.argument("date")
@JSON_OPTION
@explained
def history(table: str, date: str, as_json: bool) -> None:
    """List the publications of a date of a table, oldest first."""
    from phase3_assets.catalog.tables import published_table
    from phase3_assets.publishing import rollback
    from phase3_assets.warehouse.opening import open_warehouse

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
@TABLE_ARGUMENT
@click.argument("date")
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
        click.echo(json.dumps([asdict(difference) for difference in found], indent=2, default=str))
        return HELD_BACK if missing else 0
    for difference in found:
        columns = ", ".join(f"{name} {old} -> {new}" for name, (old, new) in difference.columns.items())
        click.echo(f"{difference.kind:<8}  {difference.game_id}  {' '.join(difference.key)}  {columns}".rstrip())
    click.echo(f"{len(found) - len(missing)} rows differ" + (f"; {len(missing)} games not compared" if missing else ""))
    return HELD_BACK if missing else 0


@main.command("as-of")
@TABLE_ARGUMENT
@click.argument("date")
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
    seen = seen_at(open_warehouse(Settings.from_environment()), subject, day, moment)
    if as_json:
        answer = {"table": table, "game_date": day, "moment": moment, "rows": seen.rows, "unknown": seen.unknown}
        click.echo(json.dumps(answer, indent=2, default=str))
        return HELD_BACK if seen.unknown else 0
    names = [name for name in subject.contract.column_names if name not in ("game_id", *subject.contract.key)]
    key = [name for name in subject.contract.key if name != subject.contract.partition]
    for row in seen.rows:
        values = ", ".join(f"{name} {row[name]}" for name in names if row[name] not in (None, []))
        click.echo(f"{row['game_id']}  {' '.join(str(row[name]) for name in key)}  {values}")
    for game_id, reason in seen.unknown.items():
        click.echo(f"{game_id}  not known: {reason}")
    eastern = moment.astimezone(ZoneInfo(TIMEZONE))
    games = len({row["game_id"] for row in seen.rows})
    click.echo(
        f"{len(seen.rows)} rows of {games} games, as readers saw them at {eastern:%Y-%m-%d %H:%M:%S %Z}"
        + (f"; {len(seen.unknown)} games not known" if seen.unknown else "")
    )
    return HELD_BACK if seen.unknown else 0
