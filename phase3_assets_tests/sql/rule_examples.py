"""What an example of a rule is: rows changed by hand, and what the rule must say of them.

What belongs here: the words that examples are written in. What doesn't: examples (rules/, a file per table), trying
them (rule_bench.py).
"""

from dataclasses import dataclass

from phase3_assets.catalog.tables import published_table


@dataclass(frozen=True)
class Said:
    """What a rule says of one subject; every finding of the rule must be one of those expected."""

    severity: str
    subject: str | None
    problem: str
    """What its text contains."""


@dataclass(frozen=True)
class Caught:
    """Rows changed by hand, and all that the rule must say of them, in exactly the games of `games`.

    Statements and subjects may name {t} (the table) and the facts of `facts_of`; `games` are positions in the world.
    """

    change: str
    says: tuple[Said, ...]
    games: tuple[int, ...] = (0,)


@dataclass(frozen=True)
class Passed:
    """Rows changed by hand at which the rule must say nothing, or no more than a warning of `warns`."""

    change: str
    warns: str | None = None


def error(subject: str | None, problem: str) -> Said:
    """An error of that subject, with that in its text."""
    return Said("ERROR", subject, problem)


def warning(subject: str | None, problem: str) -> Said:
    """A warning of that subject, with that in its text."""
    return Said("WARN", subject, problem)


def required(table: str) -> list[str]:
    """The columns that the contract demands, but for those that say which game it is."""
    contract = published_table(table).contract
    return [c.name for c in contract.computed_columns if c.required and c.name not in ("game_date", "game_id")]
