"""Writing what was decided: rows, history, records and events, all or nothing.

What belongs here: one unit of writes, its records and its events; removing rows that no publication wrote. What
doesn't: deciding (decide.py), the statements of an engine (warehouse/).
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from phase3_assets.catalog.contracts import POST_GAME
from phase3_assets.catalog.parameters import date_parameters
from phase3_assets.catalog.tables import PublishedTable, bookkeeping_contracts
from phase3_assets.clock import later
from phase3_assets.publishing.decide import SOURCE_RULES, Review, is_known
from phase3_assets.publishing.drift import Drift
from phase3_assets.publishing.game import WORKABLE, Decision, Game
from phase3_assets.publishing.interventions import lift_holds
from phase3_assets.publishing.records import QualityEvent, decided_last
from phase3_assets.publishing.requests import GameOutcome
from phase3_assets.publishing.stage import game_count_sql
from phase3_assets.publishing.vocabulary import EventSeverity, Outcome
from phase3_assets.publishing.work import Work

_EVENTS = {
    Outcome.QUARANTINED: ("game_quarantined", EventSeverity.CRITICAL),
    Outcome.WITHDRAWN: ("game_withdrawn", EventSeverity.WARNING),
    Outcome.KEPT: ("game_kept", EventSeverity.WARNING),
}


@dataclass(frozen=True)
class Writer:
    """Writes what one publication does to one table."""

    work: Work
    table: PublishedTable
    games: dict[str, Game]
    """Every game of the survey, by game_id; write() also stores its decisions in them."""
    publication_id: str
    started: datetime

    def write(
        self, outcomes: Sequence[GameOutcome], reviews: Mapping[str, Review] | None = None, staging: str | None = None
    ) -> None:
        """Swap in the rows of games that passed, together with history, records and events, all or nothing.

        `staging` names the relation with the rows to publish. `reviews` holds what was found about them, by game_id.
        """
        if not outcomes:
            return
        reviews, now = reviews or {}, self.work.now()
        events = [event.as_row(self.work) for outcome in outcomes for event in self._events(outcome, reviews)]
        records = []
        decided = decided_last(self.table, self.games.values())
        for outcome in outcomes:
            game = self.games[outcome.game_id]
            moment = later(now, decided.get(game.game_date))
            decision = self._decision(outcome, reviews.get(outcome.game_id), moment)
            records.append(decision.as_row())
            game.decisions[self.table.name] = decision
        published = [outcome.game_id for outcome in outcomes if outcome.outcome is Outcome.PUBLISHED]
        withdrawn = [outcome.game_id for outcome in outcomes if outcome.outcome is Outcome.WITHDRAWN]
        start, end = min(o.game_date for o in outcomes), max(o.game_date for o in outcomes)
        replaced = {"replaced_by": self.publication_id, "replaced_at": now}
        self._let_go(withdrawn)
        session, contract, bookkeeping = self.work.session, self.table.contract, bookkeeping_contracts()
        with session.unit():
            if published or withdrawn:
                session.keep_history(contract, published + withdrawn, start, end, replaced)
            if published:
                session.replace_games(contract, published, start, end, staging)
            if withdrawn:
                session.replace_games(contract, withdrawn, start, end, None)
            session.append(bookkeeping["publications"], records)
            session.append(bookkeeping["data_quality_events"], events)
            if published:
                session.require_none(
                    game_count_sql(self.table.name),
                    {**date_parameters(start, end), "table_name": self.table.name, "game_ids": published},
                    f"{self.table.name}: the rows written are not the rows staged",
                )

    def remove_strays(self, strays: Sequence[Drift]) -> None:
        """Move rows that no publication wrote into history, with one event per game and date."""
        if not strays:
            return
        text = "rows that no publication wrote were removed into history"
        events, by_date = [], dict[date, list[str]]()
        for stray in strays:
            day, game_id = stray.game_date, stray.game_id
            by_date.setdefault(day, []).append(game_id)
            name, description = self.table.name, f"{game_id}: {text}"
            events.append(QualityEvent("stray_rows_removed", EventSeverity.WARNING, name, day, game_id, description))
        session, contract = self.work.session, self.table.contract
        with session.unit():
            replaced = {"replaced_by": self.publication_id, "replaced_at": self.work.now()}
            # A date at a time: under another date the same game may have rows that stay.
            for day, ids in by_date.items():
                session.keep_history(contract, ids, day, day, replaced)
                session.replace_games(contract, ids, day, day, None)
            session.append(
                bookkeeping_contracts()["data_quality_events"], [event.as_row(self.work) for event in events]
            )

    def _let_go(self, withdrawn: Iterable[str]) -> None:
        """Lift the holds of games whose held version is withdrawn."""
        held = [self.games[game_id] for game_id in withdrawn if self.table.name in self.games[game_id].holds]
        lift_holds(self.work, self.table.name, held, "the version that was held is withdrawn")

    def _decision(self, outcome: GameOutcome, review: Review | None, moment: datetime) -> Decision:
        """The decision to record: rows that stay keep what was recorded; new rows get what their review found."""
        game, table = self.games[outcome.game_id], self.table
        before = game.decisions.get(table.name)
        is_new = outcome.outcome is Outcome.PUBLISHED
        is_gone = outcome.outcome is Outcome.WITHDRAWN
        stands = before if before and before.row_count and not (is_new or is_gone) else None
        new = review.row if is_new and review else None
        return Decision(
            publication_id=self.publication_id,
            table_name=table.name,
            game_date=game.game_date,
            game_id=game.game_id,
            outcome=outcome.outcome,
            reason=outcome.reason,
            standing=outcome.standing,
            row_count=outcome.rows,
            content_hash=new["content_hash"] if new else stands.content_hash if stands else None,
            quality_tier=new["staged_tier"] if new else stands.quality_tier if stands else None,
            visible_publication_id=self.publication_id if is_new else stands.visible_publication_id if stands else None,
            rows_staged=review.row["staged_rows"] if review else None,
            rows_added=outcome.rows_added,
            rows_changed=outcome.rows_changed,
            rows_removed=outcome.rows_removed,
            # A decision made without computing covers no inputs: once there are some, the game is due.
            inputs_hash=game.inputs_hash(table) if game.readiness(table) in WORKABLE else None,
            inputs_version=table.inputs_version,
            is_hindsight=self._is_hindsight(game) if is_new else stands.is_hindsight if stands else None,
            findings=json.dumps([finding.as_json() for finding in outcome.findings]),
            code_version=table.code_version,
            run_id=self.work.run_id,
            started_at=self.started,
            finished_at=moment,
        )

    def _is_hindsight(self, game: Game) -> bool | None:
        """Whether rows of a pre-game table computed now are made after tip-off; None for a post-game table."""
        known_until = game.facts["known_until"]
        return None if self.table.phase == POST_GAME else known_until is None or self.started >= known_until

    def _events(self, outcome: GameOutcome, reviews: Mapping[str, Review]) -> Iterator[QualityEvent]:
        """One event per change of state.

        The changes: held back, released, withdrawn, kept although its source is gone or worse, put right, or published
        from another source than the first because the first is contradicted or incomplete.
        """
        game = self.games[outcome.game_id]
        before = game.decisions.get(self.table.name)
        passes = outcome.outcome in (Outcome.PUBLISHED, Outcome.UNCHANGED)

        def event(kind: str, severity: EventSeverity, text: str) -> QualityEvent:
            day, description = outcome.game_date, f"{game.label}{text}"
            return QualityEvent(kind, severity, self.table.name, day, outcome.game_id, description, outcome.findings)

        if outcome.outcome in _EVENTS and not is_known(game, self.table, outcome):
            yield event(*_EVENTS[outcome.outcome], f": {outcome.reason}")
        if before and before.is_held_back and passes:
            yield event("game_released", EventSeverity.INFO, " passes its audit again")
        if before and before.outcome is Outcome.CHECK_FAILED and passes:
            yield event("check_recovered", EventSeverity.INFO, f": put right by a publication ({before.reason})")
        review = reviews.get(outcome.game_id)
        is_new_tier = review and (before is None or before.quality_tier != review.row["staged_tier"])
        if outcome.outcome is Outcome.PUBLISHED and is_new_tier:
            for finding in outcome.findings:
                if finding.rule in SOURCE_RULES:
                    yield event(finding.rule, EventSeverity.WARNING, f": {finding.problem}")
