"""Finding a paragraph, and the link that a message gives.

What belongs here: the kinds of paragraphs, their names and anchors. What doesn't: their texts.
"""

from functools import cache

from phase3_assets.runbook.alerts import ALERTS
from phase3_assets.runbook.doctor import DOCTOR
from phase3_assets.runbook.events import EVENTS
from phase3_assets.runbook.morning import MORNING
from phase3_assets.runbook.paragraph import Paragraph
from phase3_assets.runbook.reasons import AFTERWARDS, WAITING
from phase3_assets.runbook.rules import RULES
from phase3_assets.runbook.states import NOT_KNOWN, STATES

PAGE = "docs/runbook.md"
HEALTH, STATE, REASON, CHECK, EVENT, ALERT, DOCTOR_FINDS = (
    "health",
    "state",
    "reason",
    "check",
    "event",
    "alert",
    "doctor",
)
BOOK: dict[str, dict[str, Paragraph]] = {
    HEALTH: MORNING,
    STATE: STATES,
    REASON: {**WAITING, **AFTERWARDS},
    CHECK: RULES,
    EVENT: EVENTS,
    ALERT: ALERTS,
    DOCTOR_FINDS: DOCTOR,
}
"""Every paragraph, by kind and name."""


def paragraph(kind: str, name: str) -> Paragraph:
    """The paragraph, or one that says there is none: a message must not fail for want of advice."""
    return BOOK[kind].get(name, NOT_KNOWN)


def heading(kind: str, name: str) -> str:
    """The paragraph's heading on the page."""
    return f"{kind}: {name}"


@cache
def link(kind: str, name: str) -> str:
    """`docs/runbook.md#reason-no_player_rows`; the page's beginning where there is no such paragraph."""
    if name not in BOOK[kind]:
        return PAGE
    kept = "".join(letter for letter in heading(kind, name).lower() if letter.isalnum() or letter in "_- ")
    return f"{PAGE}#{kept.replace(' ', '-')}"


def reason_of(state: str, reason: str | None) -> tuple[str, str]:
    """Kind and name of the paragraph for a game's state and reason, as `phase3 status` says them."""
    text = reason or ""
    if state == "waiting" and text.split(" ")[0] in WAITING:
        return REASON, text.split(" ")[0]
    if state == "quarantined":
        # `<table>: <rule>: <worst offender>`
        named = [part.strip() for part in text.split(":")[1:2]]
        return (CHECK, named[0]) if named and named[0] in RULES else (REASON, "quarantined")
    if state == "void":
        return (REASON, "moved_to") if text.startswith("moved_to") else (REASON, "PPD")
    for words, name in _IN_A_PUBLISHED_ONE.items():
        if state == "published" and words in text:
            return REASON, name
    return STATE, state


_IN_A_PUBLISHED_ONE = {
    ": drift: ": "drift",
    ": check failed: ": "check failed",
    "its source is gone": "its source is gone",
    " is held: ": "held",
    "better_source_published": "better_source_published",
}
"""Words of a published game's reason, the gravest first, with the reason's name."""
