"""One line of the morning's checklist.

What belongs here: its shape and its verdicts. What doesn't: finding it out (the modules beside this one).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from phase3_assets.runbook.book import HEALTH, link


class Verdict(StrEnum):
    """How a line stands."""

    GOOD = "good"
    LOOK = "look"
    """Somebody should look at it today; what readers see is right."""
    ACT = "act"
    """Readers lack something or see something wrong, or soon will."""


_GRAVITY = (Verdict.ACT, Verdict.LOOK, Verdict.GOOD)


@dataclass(frozen=True)
class Line:
    """One finding about one subject."""

    name: str
    """What it is about, one of runbook/morning.py."""
    subject: str
    """Which one: a game, a sensor; empty where there is only one."""
    verdict: Verdict
    fact: str
    """What was found, with figures."""
    to_do: str = ""
    """Empty on a good line."""
    runbook: str = ""
    """Where to read more: docs/runbook.md#health-games."""

    @property
    def title(self) -> str:
        """The name, and which one."""
        return f"{self.name} {self.subject}".strip()


def good(name: str, fact: str) -> Line:
    """A line with nothing to do."""
    return Line(name, "", Verdict.GOOD, fact, "", link(HEALTH, name))


def bad(name: str, verdict: Verdict, fact: str, to_do: str, subject: str = "", runbook: str = "") -> Line:
    """A line with something to do; it leads to the name's own paragraph unless another is named."""
    return Line(name, subject, verdict, fact, to_do, runbook or link(HEALTH, name))


def gravest(verdicts: Iterable[Verdict]) -> Verdict:
    """The gravest of the verdicts; good where there are none."""
    return min(verdicts, key=_GRAVITY.index, default=Verdict.GOOD)


def by_gravity(lines: Iterable[Line]) -> list[Line]:
    """The gravest first; lines of one verdict stay in their order."""
    return sorted(lines, key=lambda line: _GRAVITY.index(line.verdict))
