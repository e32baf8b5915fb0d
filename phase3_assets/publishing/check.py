"""Checking published rows: a verdict per table, check and date, and what a failed check stops.

What belongs here: running a table's rules over what readers see, and recording failures so that downstream stops for
exactly those games, in later runs too. What doesn't: the rules (sql/), Dagster's view of a verdict (defs/checks.py).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from phase3_assets.catalog.parameters import date_parameters
from phase3_assets.catalog.queries import sql_text
from phase3_assets.catalog.tables import PublishedTable, bookkeeping_contracts, published_tables
from phase3_assets.clock import later, utc_now
from phase3_assets.publishing import audit as audits
from phase3_assets.publishing import measure as measuring
from phase3_assets.publishing.audit import Finding
from phase3_assets.publishing.game import Decision, Game
from phase3_assets.publishing.gate import gate
from phase3_assets.publishing.left_out import LEFT_OUT, left_out_events
from phase3_assets.publishing.measure import Metric
from phase3_assets.publishing.readiness import state_queries, store_states
from phase3_assets.publishing.records import QualityEvent, failing, recovered
from phase3_assets.publishing.states import reader_state
from phase3_assets.publishing.survey import survey_with
from phase3_assets.publishing.vocabulary import EventSeverity, Failure, Outcome, Severity
from phase3_assets.publishing.work import Work
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.interface import Answers, Query, Row, Warehouse
from phase3_assets.warehouse.schema import check_schema

GAMES_COMPLETE = "games_complete"
_GAMES_COMPLETE_RULE = (
    "Every final game of the date is published; else the others and why: a warning, an error once old."
)
_Figures = tuple[tuple[Metric, ...], tuple[Row, ...]]
"""What a check measured for a date, and the rows to add to nba_phase3.check_results."""


@dataclass(frozen=True)
class Verdict:
    """The verdict of one check on one date of one table."""

    table: str
    check: str
    date: date
    passed: bool
    severity: Severity
    """Severity of the worst finding; where the check passed, the severity that a failure would have."""
    blocking: bool
    description: str
    findings: tuple[Finding, ...]
    offenders: int
    rows: int
    threshold: float | None
    metrics: tuple[Metric, ...] = ()
    """Figures that the check measured besides its offenders, pass or fail."""
    news: tuple[Row, ...] = field(default=(), compare=False, repr=False)
    """Rows to add to nba_phase3.check_results: those that are new, or differ from the latest ones kept."""

    @property
    def stops_downstream(self) -> bool:
        """Whether Dagster skips downstream tables in a run over this date alone."""
        return self.blocking and not self.passed and self.severity is Severity.ERROR

    @property
    def metadata(self) -> dict[str, Any]:
        """Numbers to plot and samples to read, as plain values."""
        worst = max((f.value for f in self.findings if f.value is not None), key=abs, default=None)
        return {
            "offending_rows": self.offenders,
            "offending_games": len({finding.game_id for finding in self.findings}),
            "rows_checked": self.rows,
            **({"threshold": self.threshold} if self.threshold is not None else {}),
            **({"worst_value": worst} if worst is not None else {}),
            **{metric.name: metric.value for metric in self.metrics if metric.value is not None},
            "games": sorted({finding.game_id for finding in self.findings}),
            "samples": [{"game_id": finding.game_id, **finding.as_json()} for finding in self.findings[:10]],
        }

    def as_json(self) -> dict[str, Any]:
        """The verdict as JSON values, for programs."""
        return {
            "table": self.table,
            "check": self.check,
            "date": self.date.isoformat(),
            "passed": self.passed,
            "severity": self.severity,
            "blocking": self.blocking,
            "description": self.description,
            "metadata": self.metadata,
        }


def check_names(table: PublishedTable) -> tuple[str, ...]:
    """Every check of a table."""
    return (*table.rules, *table.published_rules, GAMES_COMPLETE)


def check_description(table: PublishedTable, check: str, thresholds: Thresholds) -> str:
    """What a check demands, with the values of the thresholds that it applies."""
    description = _GAMES_COMPLETE_RULE if check == GAMES_COMPLETE else table.descriptions[check]
    for name, value in thresholds.parameters().items():
        description = description.replace(f"@{name}", f"{value:g}")
    return description


def checks_and_metrics() -> dict[str, list[str]]:
    """Every check of any table, each with the names of what it measures."""
    found: dict[str, dict[str, None]] = {}
    for table in published_tables():
        for check, names in measuring.metric_names(table, check_names(table), GAMES_COMPLETE).items():
            found.setdefault(check, {}).update(dict.fromkeys(names))
    return {check: list(names) for check, names in found.items()}


def news_of(verdicts: Iterable[Verdict]) -> list[Row]:
    """The rows that the verdicts add to nba_phase3.check_results."""
    return [row for verdict in verdicts for row in verdict.news]


def check_published(
    warehouse: Warehouse,
    start: date,
    end: date,
    tables: Sequence[PublishedTable],
    thresholds: Thresholds,
    run_id: str = "manual",
    clock: Callable[[], datetime] = utc_now,
) -> list[Verdict]:
    """A verdict for every table, check and date from `start` to `end`, in one look at all of them.

    What was measured is kept in nba_phase3.check_results where it is new, pass or fail. A failed blocking check is
    recorded per game, so that later runs of downstream tables stop for exactly those games. Its recovery is recorded
    too, and game_readiness follows. A final game that is missing for too long stops nothing: it causes one event, and
    its arrival another. Raises Phase3Error where a check cannot be made: that is not a pass.
    """
    with warehouse.session(run_id=run_id) as session:
        check_schema(session)
        further = state_queries(start, end) | before_queries(start, end)
        surveyed = survey_with(session, start, end, further, thresholds, tables)
        work = Work(session, start, end, run_id, thresholds)
        verdicts = check_in_session(replace(work, now=clock), surveyed.games, tables, surveyed.answers)
        store_states(work, surveyed, news_of(verdicts))
    return verdicts


def check_in_session(
    work: Work, games: dict[str, Game], tables: Sequence[PublishedTable], before: Answers
) -> list[Verdict]:
    """Verdicts of check_published, in a session that has surveyed the range. The caller keeps what was measured.

    `before` has the answers to before_queries().
    """
    verdicts: list[Verdict] = []
    asked = [query for table in tables for query in check_queries(table, work).items()]
    answers = work.session.query_all(dict(asked))
    for table in tables:
        verdicts += judge(work, games, table, answers, before)
    return verdicts


def before_queries(start: date, end: date) -> dict[str, Query]:
    """The queries about earlier verdicts on the dates, of every table, whose answers judge() needs.

    No table's verdicts change another's, so a survey asks them once for all tables that are checked after it.
    """
    return {
        "results_before": measuring.kept_query(start, end),
        "told_before": (sql_text("bookkeeping/queries/told_by_checks"), date_parameters(start, end)),
    }


def check_queries(table: PublishedTable, work: Work, is_audited: bool = False) -> dict[str, Query]:
    """The queries about the table's published rows whose answers judge() needs.

    With `is_audited`, an audit has just judged exactly the published rows: only rules_after_writing are applied.
    """
    start, end, thresholds = work.start, work.end, work.thresholds
    find = (
        audits.after_writing_query(table, start, end, thresholds)
        if is_audited
        else audits.query(table, None, start, end, thresholds)
    )
    day, dates = table.contract.partition, date_parameters(start, end)
    return {
        f"{table.name}_findings": find,
        f"{table.name}_rows": (
            f"SELECT {day} AS game_date, COUNT(*) AS n FROM {table.contract.full_name} "
            f"WHERE {day} BETWEEN @start_date AND @end_date GROUP BY 1",
            dates,
        ),
        f"{table.name}_metrics": measuring.metrics_query(table, start, end, thresholds),
    }


def judge(
    work: Work,
    games: dict[str, Game],
    table: PublishedTable,
    answers: Answers,
    before: Answers,
    audited: Sequence[Finding] = (),
) -> list[Verdict]:
    """Verdicts on a table, given the answers to check_queries() and before_queries().

    `audited` is what an audit has just found on exactly the published rows.

    Writes down every change of a game's standing. The caller keeps what was measured (Verdict.news), together with
    what it writes anyway.
    """
    findings = [finding for finding in audited if finding.rule not in table.rules_after_writing]
    findings += audits.findings(answers[f"{table.name}_findings"])
    findings += _incomplete(work, games.values(), table)
    rows = {row["game_date"]: row["n"] for row in answers[f"{table.name}_rows"]}
    told: dict[str, dict[str, Row]] = {GAMES_COMPLETE: {}, LEFT_OUT: {}}
    for row in before["told_before"]:
        if row["table_name"] == table.name:
            told[row["check_name"]][row["game_id"]] = row
    decided, events = _changes(work, table, games, findings)
    events += _completeness_events(work, table, games, findings, told[GAMES_COMPLETE])
    events += left_out_events(work, table, games, findings, told[LEFT_OUT])
    if events:
        contracts, session = bookkeeping_contracts(), work.session
        with session.unit():
            session.append(contracts["publications"], [decision.as_row() for decision in decided])
            session.append(contracts["data_quality_events"], [event.as_row(work) for event in events])
    measured = measuring.metrics(answers[f"{table.name}_metrics"])
    counted = measuring.games_counted(games.values(), table)
    measured |= {(GAMES_COMPLETE, day): metrics for day, metrics in counted.items()}
    kept = measuring.kept_by_check(before["results_before"], table.name)

    def figures(check: str, day: date, passed: bool, severity: Severity, offenders: int) -> _Figures:
        metrics, before = measured.get((check, day), []), kept.get((check, day), {})
        # Nothing was measured for a date that has no games or whose rows are gone.
        is_measured = bool(metrics) or not passed or (day in rows and check != GAMES_COMPLETE)
        if not is_measured and not before:
            return (), ()
        told = [Metric(measuring.OFFENDING_ROWS, float(offenders), 0.0), *metrics] if is_measured else []
        said = {"table_name": table.name, "check_name": check, "game_date": day, "passed": passed, "severity": severity}
        return tuple(metrics), tuple(measuring.news(told, said, before, work.run_id, work.now()))

    return _verdicts(work, table, findings, rows, figures)


def _incomplete(work: Work, games: Iterable[Game], table: PublishedTable) -> list[Finding]:
    """The findings of games_complete: final games that readers of the table do not see, and why."""
    found, now = [], work.now()
    for game in games:
        if not measuring.is_counted(game, table) or game.is_shown(table):
            continue
        state, reason = reader_state(game)
        age = (now - measuring.complete_from(game, table)).total_seconds() / 3600
        severity = Severity.ERROR if age > work.thresholds.games_complete_hours else Severity.WARN
        obstacle = gate(game, table)
        problem = f"{state}: {reason or (obstacle.reason if obstacle else 'not published yet')}"
        found.append(
            Finding(GAMES_COMPLETE, severity, game.game_date, game.game_id, game.label, problem, round(age, 1), 1)
        )
    return found


def _verdicts(
    work: Work,
    table: PublishedTable,
    findings: Sequence[Finding],
    rows: dict[date, int],
    figures: Callable[[str, date, bool, Severity, int], _Figures],
) -> list[Verdict]:
    """A verdict per check and date; `figures` returns what each measured, given passed, severity and offenders."""
    by_check: dict[tuple[str, date], list[Finding]] = {}
    for finding in findings:
        by_check.setdefault((finding.rule, finding.game_date), []).append(finding)
    verdicts = []
    days = [work.start + timedelta(days=offset) for offset in range((work.end - work.start).days + 1)]
    for check in check_names(table):
        is_blocking = check in table.blocking_rules
        description = check_description(table, check, work.thresholds)
        for day in days:
            found = sorted(by_check.get((check, day), []), key=lambda finding: finding.severity)
            severity = found[0].severity if found else Severity.ERROR if is_blocking else Severity.WARN
            offenders = _offenders(found)
            metrics, news = figures(check, day, not found, severity, offenders)
            verdicts.append(
                Verdict(
                    table=table.name,
                    check=check,
                    date=day,
                    passed=not found,
                    severity=severity,
                    blocking=is_blocking,
                    description=description,
                    findings=tuple(found),
                    offenders=offenders,
                    rows=rows.get(day, 0),
                    threshold=audits.threshold_of(check, table.name, work.thresholds),
                    metrics=metrics,
                    news=news,
                )
            )
    return verdicts


def _offenders(found: Sequence[Finding]) -> int:
    """Number of offending rows over all games: a row that is both an error and a warning counts once."""
    most: dict[str, int] = {}
    for finding in found:
        most[finding.game_id] = max(most.get(finding.game_id, 0), finding.offenders)
    return sum(most.values())


def _changes(
    work: Work, table: PublishedTable, games: dict[str, Game], findings: Iterable[Finding]
) -> tuple[list[Decision], list[QualityEvent]]:
    """A decision and an event for every game that newly fails the blocking checks or passes them again.

    Also updates the decisions in `games`.
    """
    failed: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.severity is Severity.ERROR and finding.rule in table.blocking_rules:
            failed.setdefault(finding.game_id, []).append(finding)
    decided, events = [], []
    noted = {game.game_id for game in games.values() if (d := _of(game, table)) and d.fails(Failure.CHECK)}
    for game_id in sorted(set(failed) | noted):
        game, found = games.get(game_id), failed.get(game_id, [])
        before = _of(game, table) if game else None
        if game is None or before is None or bool(found) == before.fails(Failure.CHECK):
            continue
        if found and before.outcome is Outcome.CHECK_FAILED:
            continue  # drift is recorded already, and stops downstream as well
        kind, severity, text = "check_recovered", EventSeverity.INFO, "its checks pass again"
        if found:
            kind, severity, text = "check_failed", EventSeverity.CRITICAL, audits.summary(found)
        decision = failing(work, before, Failure.CHECK, text) if found else recovered(work, before, Failure.CHECK)
        decided.append(decision)
        game.decisions[table.name] = decision
        description = f"{game.label}: {text}"
        events.append(QualityEvent(kind, severity, table.name, game.game_date, game_id, description, tuple(found)))
    return decided, events


def _completeness_events(
    work: Work, table: PublishedTable, games: dict[str, Game], findings: Iterable[Finding], told: dict[str, Row]
) -> list[QualityEvent]:
    """An event for each game that becomes an error of games_complete, and one for each game no longer missing.

    A waiting game has no decision that could note this. Its latest event says it instead: `told` holds it by game_id.
    """
    known = {game_id for game_id, row in told.items() if row["event_type"] == "game_incomplete"}
    missing = {finding.game_id: finding for finding in findings if finding.rule == GAMES_COMPLETE}
    late = {game_id for game_id, finding in missing.items() if finding.severity is Severity.ERROR}
    events = []

    def tell(kind: str, severity: EventSeverity, game: Game, text: str, *found: Finding) -> None:
        text = f"{game.label}: {text}"
        moment = later(work.now(), told[game.game_id]["told_at"] if game.game_id in told else None)
        events.append(QualityEvent(kind, severity, table.name, game.game_date, game.game_id, text, found, moment))

    for game_id in sorted(late - known):
        finding = missing[game_id]
        text = f"still missing {finding.value:.0f} hours after its date: {finding.problem}"
        tell("game_incomplete", EventSeverity.CRITICAL, games[game_id], text, finding)
    # A game that is still missing, but only a warning since the limit was raised, has not arrived.
    for game in (games[game_id] for game_id in sorted(known - set(missing)) if game_id in games):
        state, reason = ("published", None) if game.visible_rows(table.name) else reader_state(game)
        text = f"missing no longer, it is {state}{f' ({reason})' if reason else ''}"
        tell("game_completed", EventSeverity.INFO, game, text)
    return events


def _of(game: Game, table: PublishedTable) -> Decision | None:
    return game.decisions.get(table.name)
