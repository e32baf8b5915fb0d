"""Write, audit, publish: how rows become visible, the same for every table, caller and engine. Knows no Dagster.

What belongs here: a publication as a whole: its survey, its tables one after another, its states. What doesn't: one
table's steps (turn.py), which rows are right (sql/), what a game waits for (survey.py), how an engine writes
(warehouse/).

A reader never sees an unaudited row, and one game never stops another: rows are computed aside, audited aside, and only
games whose every rule holds are swapped in, in one atomic step together with their history and records. The states of
game_readiness are derived from these; they are written before the first table and after the last.
"""

from collections.abc import Callable, Sequence

from phase3_assets.catalog.tables import PublishedTable, published_table, published_tables
from phase3_assets.clock import utc_now
from phase3_assets.publishing import audit as audits
from phase3_assets.publishing import completion
from phase3_assets.publishing.audit import Finding
from phase3_assets.publishing.check import before_queries, news_of
from phase3_assets.publishing.drift import content_query
from phase3_assets.publishing.game import WORKABLE, Game
from phase3_assets.publishing.look_back import LookBack
from phase3_assets.publishing.measure import keep_rest, keep_some
from phase3_assets.publishing.plan import is_due_for_code_alone
from phase3_assets.publishing.readiness import state_queries, store_states, update_states
from phase3_assets.publishing.requests import Publication, Request
from phase3_assets.publishing.stage import stage
from phase3_assets.publishing.survey import require_scheduled, survey, survey_with, surveyed_for
from phase3_assets.publishing.turn import TableTurn
from phase3_assets.publishing.vocabulary import Severity
from phase3_assets.publishing.work import Work
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.interface import Warehouse
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
    the work goes on: where a table raises an error, it holds the reports of the tables before. With
    `stops_at_failed_checks`, a table is left out, and has no report, where an upstream table fails a blocking check.
    Without it, such a failure stops only the games at fault. Raises Phase3Error where nothing was done.
    """
    publication = Publication({}) if publication is None else publication
    chosen = published_tables() if tables is None else [t for t in published_tables() if t in tables]
    limits = thresholds or Thresholds.from_environment()
    with warehouse.session(run_id=request.run_id) as session:
        work = Work(session, request.start, request.end, request.run_id, limits)
        check_schema(session)
        # A table of this request that another one reads is looked at once it is published.
        read = {name for table in chosen for name in table.upstream}
        written = {table.name for table in chosen}
        looked_at = read | written if request.repair else read - written
        further = state_queries(work.start, work.end) | before_queries(work.start, work.end)
        further |= {name: content_query(published_table(name), work.start, work.end) for name in looked_at}
        surveyed = survey_with(session, work.start, work.end, further, limits, chosen, foresees=False)
        contents = {name: surveyed.answers[name] for name in looked_at}
        games = publication.games = surveyed.games
        _require_known(request, games)
        states = store_states(work, surveyed, is_last=False)
        progress(f"surveyed {len(games)} scheduled games")
        look_back = LookBack(session, games, surveyed.parameters)
        if request.is_automatic and any(is_due_for_code_alone(g, request.names_changes) for g in games.values()):
            # Whether new code alone makes such a game due, only all of its inputs can tell.
            look_back.foresee(surveyed_for(chosen))
        stopping: set[str] = set()
        for table in chosen:
            if stopping.intersection(table.upstream):
                stopping.add(table.name)
                continue
            look_back.foresee(surveyed_for([table]))
            turn = TableTurn(work, request, table, games)
            verdicts = turn.take(contents, surveyed, table.name in read)
            publication.reports.append(turn.report)
            publication.verdicts += verdicts
            if turn.report.has_changed or any(v.severity is Severity.ERROR and not v.passed for v in verdicts):
                look_back.forget(table.name)
            if stops_at_failed_checks and any(verdict.stops_downstream for verdict in verdicts):
                stopping.add(table.name)
            progress(turn.report.sentence)
        with session.unit():
            update_states(work, games.values(), states)
            rest = keep_some(session, news_of(publication.verdicts))
            completion.follow(work, surveyed.answers)
        keep_rest(session, rest)
    return publication


def audit(
    warehouse: Warehouse, request: Request, tables: Sequence[PublishedTable], thresholds: Thresholds, staged: bool
) -> list[tuple[PublishedTable, Finding]]:
    """Findings of the rules about the rows published now or, if `staged`, about the rows a publication would stage.

    Writes nothing that a reader can see.
    """
    findings = []
    with warehouse.session(read_only=True) as session:
        check_schema(session)
        games = survey(session, request.start, request.end, thresholds, tables)
        _require_known(request, games)
        for table in tables:
            relation, judged = None, request.game_ids
            if staged:
                ready = [g for g in games.values() if request.covers(g) and g.readiness(table) in WORKABLE]
                if not ready:
                    continue
                relation = stage(session, table, ready, "audit", utc_now())
                judged = frozenset(game.game_id for game in ready)
            found = audits.find(session, table, relation, request.start, request.end, thresholds)
            findings += [(table, finding) for finding in found if judged is None or finding.game_id in judged]
    return findings


def _require_known(request: Request, games: dict[str, Game]) -> None:
    if not request.is_automatic:
        require_scheduled(request.game_ids or (), games, request.start, request.end)
