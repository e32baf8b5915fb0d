"""Rows of the bookkeeping tables that more than one module writes.

What belongs here: building such rows. What doesn't: deciding them (publish.py, check.py, drift.py).
"""

import json
import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from phase3_assets.catalog.tables import PublishedTable
from phase3_assets.clock import later
from phase3_assets.publishing.audit import Finding
from phase3_assets.publishing.game import Decision, Game
from phase3_assets.publishing.standing import NOTHING_AGAINST_IT, Standing
from phase3_assets.publishing.vocabulary import EventSeverity, Failure, Outcome
from phase3_assets.warehouse.interface import Row


def new_publication_id(now: datetime) -> str:
    """An id that sorts by time."""
    return f"{now:%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:8]}"


def decided_last(table: PublishedTable, games: Iterable[Game]) -> dict[date, datetime]:
    """By date, when the table's latest decision was made: a version of a date is told by the moment of its decision,
    so the next publication of the date is later than this, for every game of it (clock.later).
    """
    latest: dict[date, datetime] = {}
    for game in games:
        decision = game.decisions.get(table.name)
        if decision:
            latest[game.game_date] = max(decision.finished_at, latest.get(game.game_date, decision.finished_at))
    return latest


def failing(before: Decision, kind: Failure, text: str) -> tuple[Outcome, Standing]:
    """Outcome and standing once published rows are found wrong.

    A game that is held back stays so: its failure is noted beside the reason, since nothing can put it right yet.
    """
    if before.is_held_back:
        return Outcome.QUARANTINED, before.standing.failing_too(kind, text)
    return Outcome.CHECK_FAILED, Standing(failing={kind: text})


def recovered(before: Decision, kind: Failure) -> tuple[Outcome, Standing]:
    """Outcome and standing once the failure of that kind is gone."""
    if before.is_held_back:
        return Outcome.QUARANTINED, before.standing.without(kind)
    return Outcome.UNCHANGED, NOTHING_AGAINST_IT


def decision_again(
    table: PublishedTable,
    game_date: date,
    game_id: str,
    before: Decision,
    outcome: Outcome,
    standing: Standing,
    run_id: str,
    now: datetime,
) -> Row:
    """A row of publications: the decision before with another outcome, where what readers see has not changed."""
    return {
        "publication_id": new_publication_id(now),
        "table_name": table.name,
        "game_date": game_date,
        "game_id": game_id,
        "outcome": outcome,
        "reason": standing.sentence,
        **standing.as_columns(),
        "row_count": before.row_count,
        "content_hash": before.content_hash,
        "quality_tier": before.quality_tier,
        "visible_publication_id": before.visible_publication_id,
        "inputs_hash": before.inputs_hash,
        "inputs_version": before.inputs_version,
        "is_hindsight": before.is_hindsight,
        "code_version": before.code_version,
        "run_id": run_id,
        "started_at": now,
        "finished_at": later(now, before.finished_at),
    }


def event(
    event_type: str,
    severity: EventSeverity,
    table: PublishedTable,
    game_date: date,
    game_id: str,
    description: str,
    findings: Sequence[Finding],
    run_id: str,
    now: datetime,
) -> Row:
    """A row of data_quality_events, with the findings as samples."""
    return {
        **plain_event(event_type, severity, table.name, game_date, game_id, description, run_id, now),
        "metric_name": findings[0].rule if findings else None,
        "metric_value": findings[0].value if findings else None,
        "details": json.dumps([finding.as_json() for finding in findings]),
    }


def plain_event(
    event_type: str,
    severity: EventSeverity,
    table_name: str | None,
    game_date: date,
    game_id: str,
    description: str,
    run_id: str,
    now: datetime,
) -> Row:
    """A row of data_quality_events without samples."""
    return {
        "event_id": uuid.uuid4().hex,
        "event_timestamp": now,
        "event_type": event_type,
        "table_name": table_name,
        "game_date": game_date,
        "game_id": game_id,
        "severity": severity,
        "description": description,
        "details": "[]",
        "run_id": run_id,
    }
