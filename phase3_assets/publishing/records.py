"""Records of decisions and of changes worth knowing, for every module that writes them.

What belongs here: making the next decision from the one before, and quality events. What doesn't: deciding them
(decide.py, check.py, drift.py), what a decision says (game.py), people's decisions (interventions.py).
"""

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from phase3_assets.catalog.tables import PublishedTable
from phase3_assets.clock import later
from phase3_assets.publishing.audit import Finding, threshold_of
from phase3_assets.publishing.game import Decision, Game
from phase3_assets.publishing.standing import NOTHING_AGAINST_IT, Standing
from phase3_assets.publishing.vocabulary import EventSeverity, Failure, Outcome
from phase3_assets.publishing.work import Work
from phase3_assets.warehouse.interface import Row


@dataclass(frozen=True)
class QualityEvent:
    """A change of state worth knowing: a row of nba_phase3.data_quality_events."""

    kind: str
    severity: EventSeverity
    table_name: str | None
    """The table concerned; None where the event is not about a single table."""
    game_date: date
    game_id: str
    description: str
    """One sentence for a person."""
    findings: tuple[Finding, ...] = ()
    """What was found; the event shows the first finding's figure."""
    noticed_at: datetime | None = None
    """When the change was noticed, if that must be later than another event; None means when the row is written."""

    def as_row(self, work: Work) -> Row:
        """The row, as the work that noticed the change writes it."""
        first = self.findings[0] if self.findings else None
        return {
            "event_id": uuid.uuid4().hex,
            "event_timestamp": self.noticed_at or work.now(),
            "event_type": self.kind,
            "table_name": self.table_name,
            "game_date": self.game_date,
            "game_id": self.game_id,
            "metric_name": first.rule if first else None,
            "metric_value": first.value if first else None,
            "threshold": threshold_of(first.rule, self.table_name, work.thresholds) if first else None,
            "severity": self.severity,
            "description": self.description,
            "details": json.dumps([finding.as_json() for finding in self.findings]),
            "run_id": work.run_id,
        }


def new_publication_id(now: datetime) -> str:
    """An id that sorts by time."""
    return f"{now:%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:8]}"


def decided_last(table: PublishedTable, games: Iterable[Game]) -> dict[date, datetime]:
    """Latest decision time of the table per date.

    Rollback identifies a version of a date by its time, so every new decision must be later, for every game of it
    (clock.later).
    """
    latest: dict[date, datetime] = {}
    for game in games:
        decision = game.decisions.get(table.name)
        if decision:
            latest[game.game_date] = max(decision.finished_at, latest.get(game.game_date, decision.finished_at))
    return latest


def failing(work: Work, before: Decision, kind: Failure, text: str) -> Decision:
    """The decision that follows `before` once published rows are found wrong.

    A game that is held back stays held back: the failure is noted beside the reason, since nothing can mend it yet.
    """
    if before.is_held_back:
        return _decided_again(work, before, Outcome.QUARANTINED, before.standing.failing_too(kind, text))
    return _decided_again(work, before, Outcome.CHECK_FAILED, Standing(failing={kind: text}))


def recovered(work: Work, before: Decision, kind: Failure) -> Decision:
    """The decision that follows `before` once the failure of that kind is gone."""
    if before.is_held_back:
        return _decided_again(work, before, Outcome.QUARANTINED, before.standing.without(kind))
    return _decided_again(work, before, Outcome.UNCHANGED, NOTHING_AGAINST_IT)


def _decided_again(work: Work, before: Decision, outcome: Outcome, standing: Standing) -> Decision:
    """A new decision like `before`, with another outcome and standing. What readers see has not changed."""
    now = work.now()
    return replace(
        before,
        publication_id=new_publication_id(now),
        outcome=outcome,
        reason=standing.sentence,
        standing=standing,
        run_id=work.run_id,
        started_at=now,
        finished_at=later(now, before.finished_at),
        rows_staged=None,
        rows_added=None,
        rows_changed=None,
        rows_removed=None,
        findings=None,
    )
