"""Write, audit, publish: how rows become visible, the same for every table, caller and engine. Knows no Dagster.

What belongs here: the order of a publication (gate, stage, audit, compare, decide, publish, record) and the decision
per game. What doesn't: which rows are right (sql/), what a game waits for (survey.py), how an engine writes
(warehouse/).

A reader never sees an unaudited row, and one game never stops another: rows are computed aside, audited aside, and only
games whose every rule holds are swapped in, in one atomic step together with their history and records. The states of
game_readiness are derived from these; they are written before the first table and after the last.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime

from phase3_assets.catalog.parameters import date_parameters
from phase3_assets.catalog.queries import sql_text
from phase3_assets.catalog.tables import PublishedTable, published_table, published_tables
from phase3_assets.clock import utc_now
from phase3_assets.publishing import audit as audits
from phase3_assets.publishing.audit import Finding
from phase3_assets.publishing.check import Verdict, check_queries, judge, news_of
from phase3_assets.publishing.decide import (
    _decide,
    _is_better_and_intact,
    _is_held_back_as_before,
    _is_known,
    _Review,
    _without_computing,
)
from phase3_assets.publishing.drift import Drift, content_query, find_drift, record_drift
from phase3_assets.publishing.game import WORKABLE, Game
from phase3_assets.publishing.look_back import refresh_inputs
from phase3_assets.publishing.measure import keep_rest, keep_some
from phase3_assets.publishing.readiness import state_queries, store_states, update_states
from phase3_assets.publishing.records import new_publication_id
from phase3_assets.publishing.requests import GameOutcome, Publication, Request, TableReport
from phase3_assets.publishing.stage import compare_parameters, compare_sql, stage
from phase3_assets.publishing.survey import Survey, require_scheduled, survey, survey_with
from phase3_assets.publishing.vocabulary import Outcome
from phase3_assets.publishing.write import _remove_strays, _strays, _write
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.interface import Row, Session, Warehouse
from phase3_assets.warehouse.schema import check_schema

Progress = Callable[[str], None]


def publish(
    warehouse: Warehouse,
    request: Request,
    tables: Sequence[PublishedTable] | None = None,
    thresholds: Thresholds | None = None,
    progress: Progress = lambda line: None,
    publication: Publication | None = None,
    stops_at_failed_checks: bool = False,
) -> Publication:
    """Publish every table of `tables` (all, in lineage order, by default) for the request's range.

    Each table is complete, visible and checked before the next one starts. A `publication` that is given is filled as
    the work goes on: where a table raises, it holds the reports of those before. With `stops_at_failed_checks` a table
    is left out, and has no report, where one upstream fails a blocking check; else that stops only the games at fault.
    Raises Phase3Error where nothing was done.
    """
    publication = Publication({}) if publication is None else publication
    chosen = published_tables() if tables is None else [t for t in published_tables() if t in tables]
    with warehouse.session() as session:
        session.run_id = request.run_id
        check_schema(session)
        # What tables of this request read of each other is looked at once it is published.
        read = {name for table in chosen for name in table.upstream}
        written = {table.name for table in chosen}
        looked_at = read | written if request.repair else read - written
        contents = {name: content_query(published_table(name), request.start, request.end) for name in looked_at}
        further = {**state_queries(request.start, request.end), **contents}
        limits = thresholds or Thresholds.from_environment()
        surveyed = survey_with(session, request.start, request.end, further, limits)
        games = surveyed.games
        _require_known(request, games)
        publication.games = games
        states = store_states(session, request.start, request.end, surveyed, limits, request.run_id)
        progress(f"surveyed {len(games)} scheduled games")
        stopping: set[str] = set()
        changed: set[str] = set()
        for table in chosen:
            if stopping.intersection(table.upstream):
                stopping.add(table.name)
                continue
            if changed.intersection(table.looks_back_to):
                refresh_inputs(session, table, games, request.start, request.end, surveyed.parameters)
            report, verdicts = _publish_table(session, request, table, surveyed, limits, table.name in read)
            publication.reports.append(report)
            publication.verdicts += verdicts
            if any(game.outcome in (Outcome.PUBLISHED, Outcome.WITHDRAWN) for game in report.games) or not all(
                verdict.passed for verdict in verdicts
            ):
                changed.add(table.name)
            if stops_at_failed_checks and any(verdict.stops_downstream for verdict in verdicts):
                stopping.add(table.name)
            progress(
                f"{table.name}: {report.count(Outcome.PUBLISHED)} games published, "
                f"{report.count(Outcome.UNCHANGED)} unchanged, "
                f"{sum(game.is_held_back for game in report.games)} held back ({report.seconds:.2f} s)"
            )
        with session.unit():
            update_states(session, request.start, request.end, games.values(), states, request.run_id)
            rest = keep_some(session, news_of(publication.verdicts))
        keep_rest(session, rest)
    return publication


def audit(
    warehouse: Warehouse, request: Request, tables: Sequence[PublishedTable], thresholds: Thresholds, staged: bool
) -> list[tuple[PublishedTable, Finding]]:
    """What the rules say of the rows published now, or (staged) of the rows a publication would stage now.

    Writes nothing a reader can see.
    """
    findings = []
    with warehouse.session(read_only=True) as session:
        check_schema(session)
        games = survey(session, request.start, request.end, thresholds)
        _require_known(request, games)
        for table in tables:
            relation = None
            if staged:
                ready = [g for g in games.values() if request.covers(g) and g.readiness(table) in WORKABLE]
                if not ready:
                    continue
                relation = stage(session, table, ready, "audit", utc_now())
            found = audits.find(session, table, relation, request.start, request.end, thresholds)
            findings += [(table, f) for f in found if request.game_ids is None or f.game_id in request.game_ids]
    return findings


def _require_known(request: Request, games: dict[str, Game]) -> None:
    if not request.is_automatic:
        require_scheduled(request.game_ids or (), games, request.start, request.end)


def _publish_table(
    session: Session, request: Request, table: PublishedTable, surveyed: Survey, thresholds: Thresholds, is_read: bool
) -> tuple[TableReport, list[Verdict]]:
    """Publish one table and look at it; `is_read` where a table of the same request reads it.

    On an engine that counts jobs: one to stage and judge, one to write, one to look.
    """
    started, before, games = utc_now(), session.usage(), surveyed.games
    publication_id = new_publication_id(started)
    report = TableReport(table.name, publication_id)
    due: list[Game] = []
    recorded: list[GameOutcome] = []
    foreseen = [(game, _without_computing(game, table, request)) for game in filter(request.covers, games.values())]
    moving = {game.game_date for game, verdict in foreseen if verdict is None or verdict.outcome is Outcome.WITHDRAWN}
    for game, verdict in foreseen:
        decision = game.decisions.get(table.name)
        is_contested = decision is not None and decision.is_contested and game.game_date in moving
        if verdict is None or (verdict.outcome is Outcome.QUARANTINED and is_contested):
            due.append(game)
        elif verdict.outcome in (Outcome.UNCHANGED, Outcome.GATED) or _is_known(game, table, verdict):
            report.games.append(verdict)
        else:
            recorded.append(verdict)
    # What is withdrawn goes first: the rest is audited beside everything that stays.
    withdrawn = [outcome for outcome in recorded if outcome.outcome is Outcome.WITHDRAWN]
    _write(session, request, table, games, None, withdrawn, {}, publication_id, started)
    report.games += withdrawn
    recorded = [outcome for outcome in recorded if outcome.outcome is not Outcome.WITHDRAWN]
    due, drifted = _without_drift_upstream(session, request, table, due, surveyed)
    report.games += drifted
    strays = _strays(request, table, surveyed) if request.repair else []
    computed = {(game.game_date, game.game_id) for game in due}
    apart = [stray for stray in strays if (stray.game_date, stray.game_id) not in computed]
    _remove_strays(session, request, table, apart, publication_id)
    staging, reviews = _stage_and_review(session, table, due, publication_id, thresholds, started)
    contradicted = _contradicted(session, table, due, reviews, thresholds)
    for game in due:
        verdict = _decide(game, table, reviews.get(game.game_id), game.game_id in contradicted)
        (report.games if _is_held_back_as_before(game, table, verdict) else recorded).append(verdict)
    _write(session, request, table, games, staging, recorded, reviews, publication_id, started)
    # Rows of a game that was computed were replaced in one piece, so that no reader missed them, or else go now.
    replaced = {outcome.game_id for outcome in recorded if outcome.outcome is Outcome.PUBLISHED}
    left = [stray for stray in strays if stray not in apart and stray.game_id not in replaced]
    _remove_strays(session, request, table, left, publication_id)
    report.games = sorted(report.games + recorded, key=lambda outcome: (outcome.game_date, outcome.game_id))
    for game in games.values():
        report.rows_visible[game.game_date] = report.rows_visible.get(game.game_date, 0) + game.visible_rows(table.name)
    queries = check_queries(table, request.start, request.end, thresholds)
    queries["preview"] = (sql_text(f"tables/{table.name}/preview"), date_parameters(request.start, request.end))
    if is_read:
        queries[table.name] = content_query(table, request.start, request.end)
    answers = session.query_all(queries, table.name)
    surveyed.answers.update(answers)
    verdicts = judge(session, request.start, request.end, games, table, answers, thresholds, request.run_id, utc_now())
    report.previews = _previews(answers["preview"])
    report.seconds = (utc_now() - started).total_seconds()
    report.usage = {name: value - before[name] for name, value in session.usage().items()}
    return report, verdicts


def _previews(rows: Iterable[Row]) -> dict[date, list[Row]]:
    """What readers see now of each date, in the order of `place`."""
    previews: dict[date, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row["game_date"], row["place"])):
        previews.setdefault(row["game_date"], []).append({k: v for k, v in row.items() if k != "place"})
    return previews


def _without_drift_upstream(
    session: Session, request: Request, table: PublishedTable, due: list[Game], surveyed: Survey
) -> tuple[list[Game], list[GameOutcome]]:
    """Take out the games whose upstream rows were changed by hand: nothing is computed from them."""
    drifted: dict[str, Drift] = {}
    games, due_ids = surveyed.games, {game.game_id for game in due}
    for upstream in (published_table(name) for name in table.upstream if due):
        decisions = {
            (upstream.name, game.game_id): game.decisions[upstream.name]
            for game in games.values()
            if upstream.name in game.decisions
        }
        found = [
            drift
            for drift in find_drift(upstream, surveyed.answers[upstream.name], decisions)
            if (upstream.name, drift.game_id) in decisions and drift.game_id in due_ids
        ]
        # Rows under a date that is not the game's are noted by `phase3 verify`, and gate it until they are removed.
        own = [drift for drift in found if drift.game_date == games[drift.game_id].game_date]
        record_drift(session, upstream, own, decisions, request.run_id)
        for drift in found:
            games[drift.game_id].decisions[upstream.name] = decisions[upstream.name, drift.game_id]
            drifted[drift.game_id] = drift
    gated = [
        GameOutcome(game.game_date, game.game_id, Outcome.GATED, _drift_reason(game, drifted[game.game_id]))
        for game in due
        if game.game_id in drifted
    ]
    return [game for game in due if game.game_id not in drifted], gated


def _drift_reason(game: Game, drift: Drift) -> str:
    if drift.game_date == game.game_date:
        return f"{drift.table} has drifted: run it again"
    return f"{drift.table} has rows of it under {drift.game_date}: `phase3 run {drift.game_date} --repair` removes them"


def _stage_and_review(
    session: Session,
    table: PublishedTable,
    due: Sequence[Game],
    publication_id: str,
    thresholds: Thresholds,
    started: datetime,
) -> tuple[str | None, dict[str, _Review]]:
    if not due:
        return None, {}
    start, end = min(game.game_date for game in due), max(game.game_date for game in due)
    parameters = compare_parameters(table, due)
    staging = stage(session, table, due, publication_id, started)
    answers = session.query_all(
        {
            "compare": (compare_sql(table.name).replace("staged_relation", staging), parameters),
            "findings": audits.query(table, staging, start, end, thresholds),
        },
        table.name,
    )
    reviews = {row["game_id"]: _Review(row, []) for row in answers["compare"]}
    for finding in audits.findings(answers["findings"]):
        reviews[finding.game_id].findings.append(finding)
    return staging, reviews


def _contradicted(
    session: Session, table: PublishedTable, due: Sequence[Game], reviews: dict[str, _Review], thresholds: Thresholds
) -> set[str]:
    """Of the games that are offered a worse source than the published one: those whose published rows fail a rule now.

    Asks nothing where there is no such game.
    """
    asked = [
        game
        for game in due
        if (decision := game.decisions.get(table.name))
        and (review := reviews.get(game.game_id))
        and _is_better_and_intact(table, decision, review.row)
    ]
    if not asked:
        return set()
    start, end = min(game.game_date for game in asked), max(game.game_date for game in asked)
    failed = audits.errors(audits.find(session, table, None, start, end, thresholds))
    return {finding.game_id for finding in failed}
