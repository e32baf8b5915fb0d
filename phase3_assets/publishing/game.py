"""A scheduled game and the latest decision about it, as every other module of this package uses them.

What belongs here: what follows from a game's raw rows, its inputs and its decisions alone. What doesn't: asking the
warehouse for them (survey.py), the gate (gate.py).
"""

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime

from phase3_assets.catalog.contracts import POST_GAME
from phase3_assets.catalog.tables import PublishedTable
from phase3_assets.clock import utc_now
from phase3_assets.publishing.standing import DUPLICATES, Standing
from phase3_assets.publishing.vocabulary import BEGUN, VISIBLE_OUTCOMES, Failure, Outcome, SourceState
from phase3_assets.settings.software import running
from phase3_assets.warehouse.interface import Row

ANY_TABLE = "*"
"""The table name of a waiver."""

OVER = "over"
"""The readiness of a game for a pre-game table once it has begun."""
WORKABLE = (SourceState.READY, OVER)
"""The readiness with which rows can be computed."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One recorded decision about one game of one table: a row of nba_phase3.publications."""

    publication_id: str
    table_name: str
    game_date: date
    game_id: str
    outcome: Outcome
    reason: str | None
    """A sentence for people; no code decides by it."""
    standing: Standing
    """What the decision rests on: the columns blocked_by and published_rows_failing."""
    row_count: int
    content_hash: str | None
    quality_tier: str | None
    visible_publication_id: str | None
    rows_staged: int | None = None
    rows_added: int | None = None
    rows_changed: int | None = None
    rows_removed: int | None = None
    inputs_hash: str | None
    inputs_version: str | None
    """Version of the texts that made inputs_hash (PublishedTable.inputs_version)."""
    is_hindsight: bool | None
    """Whether the visible rows of a pre-game table were made after tip-off."""
    findings: str | None = None
    """JSON: what the audit found."""
    code_version: str | None
    run_id: str | None
    started_at: datetime
    finished_at: datetime

    @classmethod
    def from_row(cls, row: Row) -> "Decision":
        """From a row of publications."""
        as_they_are = {name: row[name] for name in cls.__dataclass_fields__ if name not in ("outcome", "standing")}
        return cls(outcome=Outcome(row["outcome"]), standing=Standing.from_row(row), **as_they_are)

    def as_row(self) -> Row:
        """The row of publications, as this process writes it."""
        as_they_are = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "standing"}
        return {**as_they_are, **self.standing.as_columns(), "software_version": running()}

    @property
    def is_held_back(self) -> bool:
        """Whether a rule keeps the game's newest rows from readers."""
        return self.outcome is Outcome.QUARANTINED

    @property
    def is_contested(self) -> bool:
        """Whether the game is held back for a fault that may lie with another game of its date."""
        return self.is_held_back and DUPLICATES in self.standing.blocked_by

    @property
    def is_unexplained(self) -> bool:
        """Whether the game is held back by a rule that an earlier version did not record (standing.py)."""
        return self.is_held_back and self.standing.is_unknown

    def fails(self, kind: Failure) -> bool:
        """Whether a failure of this kind is recorded for the rows that readers see."""
        return kind in self.standing.failing


@dataclass
class Game:
    """One scheduled game: what the raw rows say, what its inputs are, what was decided so far."""

    game_date: date
    game_id: str
    facts: Row
    inputs: dict[str, str | None]
    """Fingerprints by table name; only of tables whose inputs the survey looked at."""
    decisions: dict[str, Decision] = field(default_factory=dict)
    waiver: str | None = None
    """Why the game was waived; None where it was not."""
    holds: dict[str, str] = field(default_factory=dict)
    """Table name to the reason why the table keeps the rows it was rolled back to."""
    reopened: set[str] = field(default_factory=set)
    """Tables in which the game is contested and some game of its date has been decided since."""

    @property
    def source_state(self) -> SourceState:
        """The game's state by the raw rows alone."""
        return SourceState(self.facts["source_state"])

    @property
    def has_begun(self) -> bool:
        """Whether tip-off has passed, by the clock or by the game's state in the schedule."""
        known_until = self.facts.get("known_until")
        is_past = known_until is not None and known_until <= utc_now()
        return is_past or self.source_state in BEGUN

    def readiness(self, table: PublishedTable) -> str:
        """What the table can do with the game now: `ready`, or the state that forbids it.

        A post-game table works on final games, so this is source_state. A pre-game table works on a game until its
        tip-off; then the game is `over` for it: what it shows stays, and only a person's run may change it.
        """
        if table.phase == POST_GAME or self.source_state is SourceState.VOID:
            return self.source_state
        return OVER if self.has_begun else SourceState.READY

    def is_frozen(self, table: PublishedTable) -> bool:
        """Whether the game's rows in a pre-game table are frozen: made before tip-off, and the game has begun."""
        decision = self.decisions.get(table.name)
        if decision is None or not decision.row_count or decision.is_hindsight:
            return False
        return self.readiness(table) == OVER

    @property
    def label(self) -> str:
        """`PHX@POR`."""
        return f"{self.facts['away_team_abbr']}@{self.facts['home_team_abbr']}"

    def inputs_hash(self, table: PublishedTable) -> str:
        """Fingerprint of everything `table` computes this game from: its raw rows and the published upstream rows."""
        parts = [self.inputs.get(table.name) or ""]
        for name in table.upstream:
            upstream = self.decisions.get(name)
            parts.append((upstream.content_hash if upstream else None) or "")
        return hashlib.md5("|".join(parts).encode(), usedforsecurity=False).hexdigest()

    def hold(self, table: PublishedTable) -> str | None:
        """Why the rows that readers see must stay, or None. A hold has no effect where readers see no rows."""
        return self.holds.get(table.name) if self.visible_rows(table.name) else None

    def is_decided(self, table: PublishedTable) -> bool:
        """Whether the latest decision was made on the current inputs by the current code, or a hold keeps it."""
        decision = self.decisions.get(table.name)
        if self.hold(table):
            return True
        return not self.has_new_inputs(table) and decision is not None and decision.code_version == table.code_version

    def has_new_inputs(self, table: PublishedTable) -> bool:
        """Whether the game needs a new decision for another reason than changed code.

        The reasons: no decision yet, changed inputs, a failed check, a rule that was not recorded, or a contested game
        that is reopened. False where a hold keeps the game's rows. Inputs that the survey did not look at count as
        unchanged.
        """
        decision = self.decisions.get(table.name)
        if self.hold(table):
            return False
        return (
            decision is None
            or decision.outcome is Outcome.CHECK_FAILED
            or decision.is_unexplained
            or table.name in self.reopened
            or (self._has_other_inputs(table, decision) and not self._is_incomparable(table, decision))
        )

    def has_incomparable_inputs(self, table: PublishedTable) -> bool:
        """Whether it is unknown if inputs changed: the texts that fingerprint them did, since the latest decision."""
        decision = self.decisions.get(table.name)
        return decision is not None and not self.hold(table) and self._is_incomparable(table, decision)

    def _has_other_inputs(self, table: PublishedTable, decision: Decision) -> bool:
        return table.name in self.inputs and decision.inputs_hash != self.inputs_hash(table)

    def _is_incomparable(self, table: PublishedTable, decision: Decision) -> bool:
        # A decision made without computing covers no inputs: whatever inputs exist now are new.
        return decision.inputs_hash is not None and decision.inputs_version != table.inputs_version

    def withdrawal(self, table: PublishedTable) -> str | None:
        """Why the game's rows must be withdrawn from the table, or None.

        A void game loses its rows. A contested one that can no longer be computed gives up its claim on another game's
        key.
        """
        decision, reason = self.decisions.get(table.name), self.facts["source_reason"] or self.source_state
        if self.visible_rows(table.name):
            return str(reason) if self.source_state is SourceState.VOID else None
        if decision and decision.is_contested and self.readiness(table) not in WORKABLE:
            return f"{reason}: it claims no other game's key any more"
        return None

    def is_shown(self, table: PublishedTable) -> bool:
        """Whether readers see the game's result in the table: its rows, or none where a game may rightly have none."""
        decision = self.decisions.get(table.name)
        has_none = decision is not None and table.contract.has_optional_rows and decision.outcome in VISIBLE_OUTCOMES
        return has_none or self.visible_rows(table.name) > 0

    def visible_rows(self, table_name: str) -> int:
        """Rows of this game that readers of the table see."""
        decision = self.decisions.get(table_name)
        return decision.row_count if decision else 0
