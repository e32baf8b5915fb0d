"""Commands that hold rows against rules: audit, checks, metrics, verify, leak-test.

What belongs here: arguments and what is printed. What doesn't: the rules (sql/), measuring and comparing (publishing/).
"""

from collections import Counter
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from phase3_assets.cli.common import HELD_BACK, explained, main, new_run_id
from phase3_assets.cli.dates import without_games
from phase3_assets.cli.output import Column, say, show_groups, show_json, show_table
from phase3_assets.cli.parameters import GAME_OPTION, JSON_OPTION, TABLE_OPTION, date_range, of_dates
from phase3_assets.cli.progress import progress
from phase3_assets.errors import ConfigurationError
from phase3_assets.settings.locations import Settings

if TYPE_CHECKING:
    from phase3_assets.publishing.leak_test import DateTested, LeakTest

_GAME, _TABLE, _DATE, _FOUND = Column("game"), Column("table"), Column("date"), Column("found")
_SEVERITY = Column("severity", 5, is_state=True)
_MOST_FINDINGS = 5


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
        show_json(
            [{"table": t.name, "game_date": f.game_date, "game_id": f.game_id, **f.as_json()} for t, f in findings]
        )
    elif not findings and (sentence := without_games(warehouse, first, last)):
        say(sentence)
    else:
        show_table(
            [_SEVERITY, _GAME, _TABLE, _FOUND],
            [(finding.severity, finding.game_id, table.name, finding) for table, finding in findings],
        )
        counts = Counter(finding.severity for _, finding in findings)
        rules = sum(len(table.rules) for table in chosen)
        say(f"{rules} rules: {counts[Severity.ERROR]} errors, {counts[Severity.WARN]} warnings shown")
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
    verdicts = check_published(warehouse, first, last, chosen, Thresholds.from_environment(), new_run_id())
    failed = [verdict for verdict in verdicts if not verdict.passed]
    if as_json:
        show_json([verdict.as_json() for verdict in verdicts])
    elif not verdicts and (sentence := without_games(warehouse, first, last)):
        say(sentence)
    else:
        show_groups(
            [_GAME, _FOUND],
            [
                (
                    f"{verdict.severity:<5}  {verdict.date}  {verdict.table}  {verdict.offenders} offending",
                    [(finding.game_id, finding) for finding in verdict.findings[:_MOST_FINDINGS]],
                )
                for verdict in failed
            ],
            indent=9,
        )
        counts = Counter(verdict.severity for verdict in failed)
        say(f"{len(verdicts)} checks: {counts[Severity.ERROR]} errors, {counts[Severity.WARN]} warnings")
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
        show_json(rows)
        return
    show_table(
        [_DATE, _TABLE, Column("check"), Column("metric"), Column("value"), Column("verdict", is_state=True)],
        [_figure(row) for row in rows],
    )
    if rows:
        say(f"{len(rows)} {'figure' if len(rows) == 1 else 'figures'}")
    else:
        say(f"nothing measured is kept from {first} to {last}; `phase3 checks {first} {last}` measures")


def _figure(row: dict[str, Any]) -> list[Any]:
    limit = "" if row["threshold"] is None else f"  (held against {row['threshold']:g})"
    value = "none" if row["value"] is None else f"{row['value']:.6g}"
    verdict = "passed" if row["passed"] else f"failed: {row['severity']}"
    return [row["game_date"], row["table_name"], row["check_name"], row["metric"], f"{value}{limit}", verdict]


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

    drifts = Publisher().verify(Request(first, last, run_id=new_run_id()), tables_named(tables))
    if as_json:
        show_json([asdict(drift) for drift in drifts])
    else:
        show_table([_GAME, _TABLE, _FOUND], [(drift.game_id, drift.table, drift) for drift in drifts])
        say(f"{len(drifts)} games are not what was published" if drifts else "everything is what was published")
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
    from phase3_assets.publishing.leak_test import leak_test as test
    from phase3_assets.settings.thresholds import Thresholds
    from phase3_assets.warehouse.opening import open_warehouse

    warehouse = open_warehouse(Settings.from_environment())
    limits, days = Thresholds.from_environment(), (last - first).days + 1
    with progress("comparing rows", "dates", days) as bar:

        def show(tested: "DateTested") -> None:
            for name, rows in tested.rows.items():
                leaks = sum(leak.table == name for leak in tested.leaks)
                bar.say(f"{tested.game_date}  {name}  {rows} rows compared, {leaks} leaks", to_stderr=as_json)
            bar.at((tested.game_date - first).days + 1, days, f"{tested.game_date} is compared")

        result = test(warehouse, first, last, tables_named(tables), limits, show)
    if as_json:
        show_json(_leaks_as_json(result))
    else:
        _tell_leaks(result)
    return HELD_BACK if result.leaks else 0


def _leaks_as_json(result: "LeakTest") -> dict[str, Any]:
    return {
        "rows": result.rows,
        "leaks": [asdict(leak) for leak in result.leaks],
        "dates": [{key: value for key, value in asdict(t).items() if key != "leaks"} for t in result.dates],
        "not_tested": {
            "dates_without_games": result.without_games,
            "dates_without_results": result.without_results,
            "inputs_of_which_nothing_was_hidden": result.never_hidden,
        },
    }


def _tell_leaks(result: "LeakTest") -> None:
    show_table(
        [Column("", is_state=True), _DATE, _GAME, Column("whose row"), Column("what leaks")],
        [
            (
                "leak",
                leak.game_date,
                leak.game_id,
                leak.subject,
                f"{leak.table}.{leak.column}: {leak.with_everything} with everything, "
                f"{leak.with_what_was_known} with later things {leak.variant}",
            )
            for leak in result.leaks
        ],
    )
    for text, dates in (
        ("no games are scheduled", result.without_games),
        ("no game has begun, so nothing could be hidden", result.without_results),
    ):
        if dates:
            say(f"not tested, {text}: {', '.join(map(str, dates))}")
    if result.never_hidden:
        say(f"not tested, nothing at or after tip-off is there to be hidden: {', '.join(result.never_hidden)}")
    verdict = f"{len(result.leaks)} leaks" if result.leaks else "no leak"
    say(f"{result.rows} rows of {len(result.dates)} dates, each compared twice: {verdict}")
