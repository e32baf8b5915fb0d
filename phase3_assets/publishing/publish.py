"""Write, audit, publish: how rows become visible, the same for every table, caller and engine. Knows no Dagster.

What belongs here: the order of a publication (gate, stage, audit, compare, decide, publish, record) and the decision
per game. What doesn't: which rows are right (sql/), what a game waits for (readiness.py), how an engine writes
(warehouse/).

A reader never sees an unaudited row, and one game never stops another: rows are computed aside, audited aside, and only
games whose every rule holds are swapped in, in one atomic step together with their history and records. The states of
game_readiness are derived from these; they are written before the first table and after the last.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from phase3_assets import audits
from phase3_assets.audits import Finding
from phase3_assets.checking import Verdict, check_queries, judge, news_of
from phase3_assets.clock import later, utc_now
from phase3_assets.game_states import state_queries, store_states, update_states
from phase3_assets.interventions import lift_holds
from phase3_assets.measuring import keep_rest, keep_some
from phase3_assets.outcomes import GameOutcome, Publication, Request, TableReport
from phase3_assets.planning import is_due_for_code_alone
from phase3_assets.queries import sql_text
from phase3_assets.readiness import (
    CHECK_FAILED,
    Decision,
    Game,
    Survey,
    check_schema,
    date_parameters,
    gate,
    require_scheduled,
    survey,
    survey_with,
)
from phase3_assets.records import decided_last, event, held_beside, new_publication_id
from phase3_assets.staging import compare_parameters, compare_sql, game_count_sql, stage
from phase3_assets.tables import (
    PublishedTable,
    bookkeeping_contracts,
    published_table,
    published_tables,
)
from phase3_assets.thresholds import Thresholds
from phase3_assets.verifying import Drift, content_query, find_drift, record_drift
from phase3_assets.warehouse import Row, Session, Warehouse

Progress = Callable[[str], None]
_TIER_RANK = {"gold": 3, "silver": 2, "bronze": 1}


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
        for table in chosen:
            if stopping.intersection(table.upstream):
                stopping.add(table.name)
                continue
            report, verdicts = _publish_table(session, request, table, surveyed, limits, table.name in read)
            publication.reports.append(report)
            publication.verdicts += verdicts
            if stops_at_failed_checks and any(verdict.stops_downstream for verdict in verdicts):
                stopping.add(table.name)
            progress(
                f"{table.name}: {report.count('published')} games published, {report.count('unchanged')} unchanged, "
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
                ready = [game for game in games.values() if request.covers(game) and game.source_state == "ready"]
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
    moving = {game.game_date for game, verdict in foreseen if verdict is None or verdict.outcome == "withdrawn"}
    for game, verdict in foreseen:
        decision = game.decisions.get(table.name)
        is_contested = decision is not None and decision.is_contested and game.game_date in moving
        if verdict is None or (verdict.outcome == "quarantined" and is_contested):
            due.append(game)
        elif verdict.outcome == "unchanged" or verdict.outcome == "gated" or _is_known(game, table, verdict):
            report.games.append(verdict)
        else:
            recorded.append(verdict)
    # What is withdrawn goes first: the rest is audited beside everything that stays.
    withdrawn = [outcome for outcome in recorded if outcome.outcome == "withdrawn"]
    _write(session, request, table, games, None, withdrawn, {}, publication_id, started)
    report.games += withdrawn
    recorded = [outcome for outcome in recorded if outcome.outcome != "withdrawn"]
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
    replaced = {outcome.game_id for outcome in recorded if outcome.outcome == "published"}
    left = [stray for stray in strays if stray not in apart and stray.game_id not in replaced]
    _remove_strays(session, request, table, left, publication_id)
    report.games = sorted(report.games + recorded, key=lambda outcome: (outcome.game_date, outcome.game_id))
    for game in games.values():
        report.rows_visible[game.game_date] = report.rows_visible.get(game.game_date, 0) + game.visible_rows(table.name)
    queries = check_queries(table, request.start, request.end, thresholds)
    queries["preview"] = (sql_text(f"{table.name}/preview"), date_parameters(request.start, request.end))
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
        GameOutcome(game.game_date, game.game_id, "gated", _drift_reason(game, drifted[game.game_id]))
        for game in due
        if game.game_id in drifted
    ]
    return [game for game in due if game.game_id not in drifted], gated


def _drift_reason(game: Game, drift: Drift) -> str:
    if drift.game_date == game.game_date:
        return f"{drift.table} has drifted: run it again"
    return f"{drift.table} has rows of it under {drift.game_date}: `phase3 run {drift.game_date} --repair` removes them"


def _strays(request: Request, table: PublishedTable, surveyed: Survey) -> list[Drift]:
    """The games with rows that no publication wrote: somebody inserted them by hand or moved them to another date, or
    the records are lost.
    """
    found = find_drift(table, surveyed.answers[table.name], surveyed.decisions)
    return [
        drift
        for drift in found
        if drift.published_rows == 0 and (request.game_ids is None or drift.game_id in request.game_ids)
    ]


def _remove_strays(
    session: Session, request: Request, table: PublishedTable, strays: Sequence[Drift], publication_id: str
) -> None:
    """Remove such rows into history, with an event each."""
    if not strays:
        return
    now = utc_now()
    text = "rows that no publication wrote were removed into history"
    events, by_date = [], dict[date, list[str]]()
    for stray in strays:
        day, description = stray.game_date, f"{stray.game_id}: {text}"
        by_date.setdefault(day, []).append(stray.game_id)
        found_event = event(
            "stray_rows_removed", "WARNING", table, day, stray.game_id, description, (), request.run_id, now
        )
        events.append(found_event)
    with session.unit():
        replaced = {"replaced_by": publication_id, "replaced_at": now}
        # A date at a time: under another date the same game may have rows that stay.
        for day, ids in by_date.items():
            session.keep_history(table.contract, ids, day, day, replaced)
            session.replace_games(table.contract, ids, day, day, None)
        session.append(bookkeeping_contracts()["data_quality_events"], events)


def _without_computing(game: Game, table: PublishedTable, request: Request) -> GameOutcome | None:
    """The outcome of a game that needs no rows computed; None for one that does."""
    decision = game.decisions.get(table.name)
    visible = game.visible_rows(table.name)
    reason = game.facts["source_reason"]
    withdrawal = game.withdrawal(table)
    if withdrawal:
        return GameOutcome(game.game_date, game.game_id, "withdrawn", withdrawal, rows_removed=visible)
    if game.source_state != "ready" and visible and decision and decision.outcome == CHECK_FAILED:
        return GameOutcome(game.game_date, game.game_id, "gated", decision.reason, visible)
    if game.source_state != "ready" and visible:
        return GameOutcome(game.game_date, game.game_id, "kept", f"source_lost: {reason or game.source_state}", visible)
    hold = game.hold(table)
    if hold and decision and decision.outcome == CHECK_FAILED:
        reason = f"held ({hold}), and {decision.reason}: roll back to that version again, or release it"
        return GameOutcome(game.game_date, game.game_id, "gated", reason, visible)
    if hold:
        return GameOutcome(game.game_date, game.game_id, "unchanged", f"held: {hold}", visible)
    # A range asked for by a sensor spans games that only new code would change; those wait for a person's backfill.
    is_left = request.is_automatic and is_due_for_code_alone(game)
    obstacle = None if is_left else gate(game, table)
    if obstacle:
        return GameOutcome(
            game.game_date, game.game_id, "gated", obstacle.reason, visible, is_pending=obstacle.is_pending
        )
    is_held_back = decision is not None and decision.outcome == "quarantined"
    # A person's run judges what is held back again: a threshold, which nothing records, may be another now.
    is_settled = is_left or (game.is_decided(table) and (request.is_automatic or not is_held_back))
    if decision and is_settled and not request.repair:
        outcome = "quarantined" if is_held_back else "unchanged"
        return GameOutcome(game.game_date, game.game_id, outcome, decision.reason, visible)
    return None


def _is_known(game: Game, table: PublishedTable, verdict: GameOutcome) -> bool:
    decision = game.decisions.get(table.name)
    return decision is not None and (decision.outcome, decision.reason) == (verdict.outcome, verdict.reason)


def _is_held_back_as_before(game: Game, table: PublishedTable, verdict: GameOutcome) -> bool:
    return verdict.outcome == "quarantined" and game.is_decided(table) and _is_known(game, table, verdict)


@dataclass
class _Review:
    """What one look at a staged game found: the difference to what is published, and the rules' findings."""

    row: Row
    findings: list[Finding]


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


def _decide(game: Game, table: PublishedTable, review: _Review | None, is_contradicted: bool) -> GameOutcome:
    """What becomes of one game whose rows were computed; a better source's published rows stay, unless contradicted."""
    visible = game.visible_rows(table.name)
    decision = game.decisions.get(table.name)
    if review is None or not review.row["staged_rows"]:
        reason = held_beside(decision, "no rows: the game is final, none came")
        return GameOutcome(game.game_date, game.game_id, "quarantined", reason, visible)
    findings, row = tuple(review.findings), review.row
    if decision and not is_contradicted and _is_better_and_intact(table, decision, row):
        why = next((f" ({finding.problem})" for finding in findings if finding.rule in _SOURCE_RULES), "")
        reason = f"better_source_published: {decision.quality_tier} stays, {row['staged_tier']} offered{why}"
        return GameOutcome(game.game_date, game.game_id, "kept", reason, visible, findings=findings)
    failed = audits.errors(findings)
    if failed:
        reason = held_beside(decision, audits.summary(failed))
        return GameOutcome(game.game_date, game.game_id, "quarantined", reason, visible, findings=findings)
    changes = (row["rows_added"], row["rows_changed"], row["rows_removed"])
    # Equal rows that no record vouches for: a publication was killed before it was recorded. Publish them again.
    is_recorded = decision is not None and decision.content_hash == row["content_hash"]
    outcome = "unchanged" if is_recorded and not any(changes) else "published"
    return GameOutcome(game.game_date, game.game_id, outcome, None, row["staged_rows"], *changes, findings)


def _is_better_and_intact(table: PublishedTable, decision: Decision, row: Row) -> bool:
    """Whether a better source's rows are published, as they were published and with no check failed.

    A table without sources of its own follows the rows it reads, whatever theirs are.
    """
    is_intact = decision.outcome != CHECK_FAILED and row["published_hash"] == decision.content_hash
    is_better = _TIER_RANK.get(row["staged_tier"], 0) < _TIER_RANK.get(decision.quality_tier or "", 0)
    return bool(table.views) and decision.row_count > 0 and is_intact and is_better


def _write(
    session: Session,
    request: Request,
    table: PublishedTable,
    games: dict[str, Game],
    staging: str | None,
    recorded: Sequence[GameOutcome],
    reviews: dict[str, _Review],
    publication_id: str,
    started: datetime,
) -> None:
    """Swap in what passed, together with history, records and events, all or nothing."""
    if not recorded:
        return
    now = utc_now()
    events = list(_events(table, games, recorded, reviews, request.run_id, now))
    records = []
    decided = decided_last(table, games.values())
    for outcome in recorded:
        game, review = games[outcome.game_id], reviews.get(outcome.game_id)
        moment = later(now, decided.get(game.game_date))
        record = _record(game, table, outcome, review, publication_id, request.run_id, started, moment)
        records.append(record)
        game.decisions[table.name] = Decision.from_row(record)
    published = [outcome.game_id for outcome in recorded if outcome.outcome == "published"]
    withdrawn = [outcome.game_id for outcome in recorded if outcome.outcome == "withdrawn"]
    start, end = min(o.game_date for o in recorded), max(o.game_date for o in recorded)
    replaced = {"replaced_by": publication_id, "replaced_at": now}
    bookkeeping = bookkeeping_contracts()
    held = [games[game_id] for game_id in withdrawn if table.name in games[game_id].holds]
    lift_holds(session, table.name, held, "the version that was held is withdrawn", request.run_id)
    with session.unit():
        if published or withdrawn:
            session.keep_history(table.contract, published + withdrawn, start, end, replaced)
        if published:
            session.replace_games(table.contract, published, start, end, staging)
        if withdrawn:
            session.replace_games(table.contract, withdrawn, start, end, None)
        session.append(bookkeeping["publications"], records)
        session.append(bookkeeping["data_quality_events"], events)
        if published:
            session.require_none(
                game_count_sql(table.name),
                {**date_parameters(start, end), "table_name": table.name, "game_ids": published},
                f"{table.name}: the rows written are not the rows staged",
            )


def _record(
    game: Game,
    table: PublishedTable,
    outcome: GameOutcome,
    review: _Review | None,
    publication_id: str,
    run_id: str,
    started: datetime,
    now: datetime,
) -> Row:
    before = game.decisions.get(table.name)
    is_new = outcome.outcome == "published"
    is_gone = outcome.outcome == "withdrawn"
    stands = before if before and before.row_count and not (is_new or is_gone) else None
    return {
        "publication_id": publication_id,
        "table_name": table.name,
        "game_date": game.game_date,
        "game_id": game.game_id,
        "outcome": outcome.outcome,
        "reason": outcome.reason,
        "row_count": outcome.rows,
        "content_hash": review.row["content_hash"] if is_new and review else stands.content_hash if stands else None,
        "quality_tier": review.row["staged_tier"] if is_new and review else stands.quality_tier if stands else None,
        "visible_publication_id": publication_id if is_new else stands.visible_publication_id if stands else None,
        "rows_staged": review.row["staged_rows"] if review else None,
        "rows_added": outcome.rows_added,
        "rows_changed": outcome.rows_changed,
        "rows_removed": outcome.rows_removed,
        # What was decided without computing stands for no inputs: once there are some, the game is due.
        "inputs_hash": game.inputs_hash(table) if game.source_state == "ready" else None,
        "findings": json.dumps([finding.as_json() for finding in outcome.findings]),
        "code_version": table.code_version,
        "run_id": run_id,
        "started_at": started,
        "finished_at": now,
    }


_EVENTS = {
    "quarantined": ("game_quarantined", "CRITICAL"),
    "withdrawn": ("game_withdrawn", "WARNING"),
    "kept": ("game_kept", "WARNING"),
}


_SOURCE_RULES = ("source_contradicted", "players_incomplete")
"""Rules whose warning says why a game is not published from its first source as it is."""


def _events(
    table: PublishedTable,
    games: dict[str, Game],
    recorded: Iterable[GameOutcome],
    reviews: dict[str, _Review],
    run_id: str,
    now: datetime,
) -> Iterable[Row]:
    """One event per change of state: held back, released, withdrawn, kept against a worse source, put right, published
    from another source than the first because that one is contradicted or not whole.
    """
    for outcome in recorded:
        game = games[outcome.game_id]
        before = game.decisions.get(table.name)
        was_held = before is not None and before.outcome == "quarantined"
        kinds = []
        if outcome.outcome in _EVENTS and not _is_known(game, table, outcome):
            kinds.append((*_EVENTS[outcome.outcome], f"{game.label}: {outcome.reason}"))
        if was_held and outcome.outcome in ("published", "unchanged"):
            kinds.append(("game_released", "INFO", f"{game.label} passes its audit again"))
        if before and before.outcome == CHECK_FAILED and outcome.outcome in ("published", "unchanged"):
            kinds.append(("check_recovered", "INFO", f"{game.label}: put right by a publication ({before.reason})"))
        review = reviews.get(outcome.game_id)
        is_new_tier = review and (before is None or before.quality_tier != review.row["staged_tier"])
        if outcome.outcome == "published" and is_new_tier:
            told = (finding for finding in outcome.findings if finding.rule in _SOURCE_RULES)
            kinds += [(finding.rule, "WARNING", f"{game.label}: {finding.problem}") for finding in told]
        for event_type, severity, description in kinds:
            yield event(
                event_type,
                severity,
                table,
                outcome.game_date,
                outcome.game_id,
                description,
                outcome.findings,
                run_id,
                now,
            )
