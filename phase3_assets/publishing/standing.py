"""A game's standing with a table: the recorded state that decides, and the one sentence that tells it to people.

What belongs here: the columns blocked_by and published_rows_failing of nba_phase3.publications, and the sentence made
of them, which nothing ever reads back. What doesn't: deciding (decide.py, check.py, drift.py), the state of a game in
all tables (states.py).

Decisions recorded before these columns existed have NULL in both, and their sentence in `reason`. That sentence is kept
as the text of an unknown rule or failure, shown unchanged, and not interpreted. A game is due if an unknown rule holds
it back, or if its published rows have an unknown failure: its next run judges it anew and records the state. Rows kept
for an unknown rule stay kept, and are recorded anew once the sentence would change.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from phase3_assets.publishing.vocabulary import Failure, Outcome
from phase3_assets.warehouse.interface import Row

NO_ROWS = "no rows"
"""Blocks a final game for which no rows were computed."""
SOURCE_LOST = "source_lost"
"""Keeps published rows visible because the game is not ready any more."""
BETTER_SOURCE = "better_source_published"
"""Keeps published rows visible because the new rows come from a worse source."""
DUPLICATES = "duplicates"
"""The rule that may fail through another game's fault: two games of a date claim one key."""
_UNKNOWN_RULE = "unknown"
"""Stands for the rule of a decision that was recorded only as a sentence."""
_AS_WELL = "the published rows fail it as well"
"""Replaces a repeated text where a game is held back for the same fault that its published rows have."""
_FAILURES = {Failure.CHECK: "check failed: ", Failure.DRIFT: "drift: ", Failure.UNKNOWN: ""}


@dataclass(frozen=True)
class Standing:
    """What a decision rests on."""

    blocked_by: Mapping[str, str] = field(default_factory=dict)
    """What keeps the newest rows from readers: rule to its worst finding. Rules explained by others are excluded."""
    failing: Mapping[Failure, str] = field(default_factory=dict)
    """What is wrong with the rows that readers see."""

    @classmethod
    def from_row(cls, row: Row) -> "Standing":
        """From a row of publications."""
        outcome, reason = row["outcome"], row["reason"] or ""
        blocked_by, failing = row["blocked_by"], row["published_rows_failing"]
        if blocked_by is None and failing is None:
            if outcome in (Outcome.QUARANTINED, Outcome.KEPT):
                return cls(blocked_by={_UNKNOWN_RULE: reason})
            return cls(failing={Failure.UNKNOWN: reason}) if outcome == Outcome.CHECK_FAILED else cls()
        told = json.loads(failing or "{}")
        return cls(json.loads(blocked_by or "{}"), {Failure(kind): text for kind, text in told.items()})

    def as_columns(self) -> Row:
        """The columns of a row of publications that hold the standing; NULL where there is nothing to hold."""
        return {
            "blocked_by": json.dumps(self.blocked_by) if self.blocked_by else None,
            "published_rows_failing": json.dumps(self.failing) if self.failing else None,
        }

    @property
    def is_unknown(self) -> bool:
        """Whether an earlier version of the project recorded only a sentence about what blocks the game."""
        return _UNKNOWN_RULE in self.blocked_by

    def failing_too(self, kind: Failure, text: str) -> "Standing":
        """The same standing with one more failure of the published rows, which replaces one of the same kind."""
        return Standing(self.blocked_by, {**self.failing, kind: text})

    def without(self, kind: Failure) -> "Standing":
        """The same standing without this kind of failure of the published rows."""
        return Standing(self.blocked_by, {name: text for name, text in self.failing.items() if name != kind})

    def is_same(self, other: "Standing") -> bool:
        """Whether `other` says nothing new. A standing known only as a sentence is compared by its sentence."""
        is_unknown = self.is_unknown or other.is_unknown
        return self.sentence == other.sentence if is_unknown else self == other

    @property
    def sentence(self) -> str | None:
        """The whole standing in one line for people; None where there is nothing to say."""
        blocked = "; ".join(
            text if rule == _UNKNOWN_RULE else f"{rule}: {text}" for rule, text in self.blocked_by.items()
        )
        failing = (f"{_FAILURES[kind]}{_AS_WELL if text == blocked else text}" for kind, text in self.failing.items())
        return "; ".join(part for part in (blocked, *failing) if part) or None


NOTHING_AGAINST_IT = Standing()
