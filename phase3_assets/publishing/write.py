"""Writing what was decided: rows, history, records and events, all or nothing.

What belongs here: one unit of writes, its records and its events; removing rows that no publication wrote. What
doesn't: deciding (decide.py), the statements of an engine (warehouse/).
"""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from phase3_assets.catalog.contracts import POST_GAME
from phase3_assets.catalog.parameters import date_parameters
from phase3_assets.catalog.tables import PublishedTable, bookkeeping_contracts
from phase3_assets.clock import later, utc_now
from phase3_assets.publishing.decide import _SOURCE_RULES, _is_known, _Review
from phase3_assets.publishing.drift import Drift, find_drift
from phase3_assets.publishing.game import WORKABLE, Decision, Game
from phase3_assets.publishing.interventions import lift_holds
from phase3_assets.publishing.records import decided_last, event
from phase3_assets.publishing.requests import GameOutcome, Request
from phase3_assets.publishing.stage import game_count_sql
from phase3_assets.publishing.survey import Survey
from phase3_assets.publishing.vocabulary import EventSeverity, Outcome
from phase3_assets.warehouse.interface import Row, Session


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
            "stray_rows_removed", EventSeverity.WARNING, table, day, stray.game_id, description, (), request.run_id, now
        )
        events.append(found_event)
    with session.unit():
        replaced = {"replaced_by": publication_id, "replaced_at": now}
        # A date at a time: under another date the same game may have rows that stay.
        for day, ids in by_date.items():
            session.keep_history(table.contract, ids, day, day, replaced)
            session.replace_games(table.contract, ids, day, day, None)
        session.append(bookkeeping_contracts()["data_quality_events"], events)


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
    published = [outcome.game_id for outcome in recorded if outcome.outcome is Outcome.PUBLISHED]
    withdrawn = [outcome.game_id for outcome in recorded if outcome.outcome is Outcome.WITHDRAWN]
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
    is_new = outcome.outcome is Outcome.PUBLISHED
    is_gone = outcome.outcome is Outcome.WITHDRAWN
    stands = before if before and before.row_count and not (is_new or is_gone) else None
    return {
        "publication_id": publication_id,
        "table_name": table.name,
        "game_date": game.game_date,
        "game_id": game.game_id,
        "outcome": outcome.outcome,
        "reason": outcome.reason,
        **outcome.standing.as_columns(),
        "row_count": outcome.rows,
        "content_hash": review.row["content_hash"] if is_new and review else stands.content_hash if stands else None,
        "quality_tier": review.row["staged_tier"] if is_new and review else stands.quality_tier if stands else None,
        "visible_publication_id": publication_id if is_new else stands.visible_publication_id if stands else None,
        "rows_staged": review.row["staged_rows"] if review else None,
        "rows_added": outcome.rows_added,
        "rows_changed": outcome.rows_changed,
        "rows_removed": outcome.rows_removed,
        # What was decided without computing stands for no inputs: once there are some, the game is due.
        "inputs_hash": game.inputs_hash(table) if game.readiness(table) in WORKABLE else None,
        "inputs_version": table.inputs_version,
        "is_hindsight": _is_hindsight(game, table, started) if is_new else stands.is_hindsight if stands else None,
        "findings": json.dumps([finding.as_json() for finding in outcome.findings]),
        "code_version": table.code_version,
        "run_id": run_id,
        "started_at": started,
        "finished_at": now,
    }


def _is_hindsight(game: Game, table: PublishedTable, started: datetime) -> bool | None:
    """Whether rows computed at that moment are a pre-game table's, made after tip-off."""
    known_until = game.facts["known_until"]
    return None if table.phase == POST_GAME else known_until is None or started >= known_until


_EVENTS = {
    Outcome.QUARANTINED: ("game_quarantined", EventSeverity.CRITICAL),
    Outcome.WITHDRAWN: ("game_withdrawn", EventSeverity.WARNING),
    Outcome.KEPT: ("game_kept", EventSeverity.WARNING),
}


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
        was_held, was_failing = before and before.is_held_back, before and before.outcome is Outcome.CHECK_FAILED
        passes = outcome.outcome in (Outcome.PUBLISHED, Outcome.UNCHANGED)
        kinds = []
        if outcome.outcome in _EVENTS and not _is_known(game, table, outcome):
            kinds.append((*_EVENTS[outcome.outcome], f"{game.label}: {outcome.reason}"))
        if was_held and passes:
            kinds.append(("game_released", EventSeverity.INFO, f"{game.label} passes its audit again"))
        if before and was_failing and passes:
            text = f"{game.label}: put right by a publication ({before.reason})"
            kinds.append(("check_recovered", EventSeverity.INFO, text))
        review = reviews.get(outcome.game_id)
        is_new_tier = review and (before is None or before.quality_tier != review.row["staged_tier"])
        if outcome.outcome is Outcome.PUBLISHED and is_new_tier:
            told = (finding for finding in outcome.findings if finding.rule in _SOURCE_RULES)
            kinds += [(finding.rule, EventSeverity.WARNING, f"{game.label}: {finding.problem}") for finding in told]
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
