"""The words that the core decides by and stores in its tables.

What belongs here: each closed set of words as an enum. What doesn't: sentences for people (standing.py, states.py), the
names of rules and events, which are open sets.
"""

from enum import StrEnum


class Outcome(StrEnum):
    """What became of one game of one table."""

    PUBLISHED = "published"
    """New rows are visible."""
    UNCHANGED = "unchanged"
    """The rows that readers see are what a publication would write."""
    KEPT = "kept"
    """The rows that readers see stay, although the game's source is gone or worse now."""
    QUARANTINED = "quarantined"
    """A rule holds the computed rows back; what readers saw before stays."""
    WITHDRAWN = "withdrawn"
    """The rows went into history, or the game gave up its claim on another game's key."""
    CHECK_FAILED = "check_failed"
    """Rows that readers see fail a blocking check, or are not those that were written. Tables that read them stop."""
    ROLLED_BACK = "rolled_back"
    """Somebody went back to an earlier version."""
    GATED = "gated"
    """The table may not work on the game yet. Never recorded: the next run asks again."""


RECORDED_OUTCOMES = tuple(outcome for outcome in Outcome if outcome is not Outcome.GATED)
"""What publications.outcome may hold."""

VISIBLE_OUTCOMES = (Outcome.PUBLISHED, Outcome.UNCHANGED, Outcome.KEPT, Outcome.ROLLED_BACK)
"""Decisions after which the rows readers see are the ones a downstream table may use."""


class SourceState(StrEnum):
    """The state of a game by the raw rows alone."""

    SCHEDULED = "scheduled"
    LIVE = "live"
    WAITING = "waiting"
    """Final by the schedule; something else is missing."""
    READY = "ready"
    VOID = "void"
    """Not played on this date, or not one of the games that are published."""


NOT_FINAL = (SourceState.SCHEDULED, SourceState.LIVE, SourceState.VOID)
"""States in which nobody expects rows: the game is not over, or will never be."""
BEGUN = (SourceState.LIVE, SourceState.WAITING, SourceState.READY)
"""States of a game that has begun, whatever the clock says."""


class Failure(StrEnum):
    """What can be wrong with rows that readers see."""

    CHECK = "check"
    """A blocking check fails on them."""
    DRIFT = "drift"
    """They are not the rows that were published."""
    UNKNOWN = "unknown"
    """A failed check or drift: an earlier version of the project recorded only the sentence."""


class Severity(StrEnum):
    """How grave a rule's finding is."""

    ERROR = "ERROR"
    """It holds the game back."""
    WARN = "WARN"


class EventSeverity(StrEnum):
    """How grave a quality event is."""

    INFO = "INFO"
    WARNING = "WARNING"
    CRITICAL = "CRITICAL"
