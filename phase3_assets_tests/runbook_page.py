"""docs/runbook.md: a paragraph for every state, reason, check, event, alert, health line and finding of doctor.

What belongs here: putting the page together (`make runbook`). What doesn't: its paragraphs (phase3_assets/runbook),
whether none is missing (project/test_runbook.py).
"""

from collections.abc import Iterator
from pathlib import Path

from phase3_assets.catalog.tables import published_tables
from phase3_assets.publishing.check import check_description
from phase3_assets.runbook.book import (
    ALERT,
    BOOK,
    CHECK,
    DOCTOR_FINDS,
    EVENT,
    HEALTH,
    REASON,
    STATE,
    heading,
)
from phase3_assets.runbook.paragraph import Paragraph
from phase3_assets.settings.thresholds import Thresholds

TARGET = Path(__file__).parents[1] / "docs" / "runbook.md"
_INTRODUCTION = """# Runbook: what to do

Written by `make runbook` from [`phase3_assets/runbook`](../phase3_assets/runbook); do not edit.

Every message of the project leads to a paragraph here. Each says what the word means, how urgent it is, what to do,
and how to undo that. In commands, DATE, GAME_ID and TABLE stand for the ones of the message, FIRST and LAST for a range
of dates.

**Where to begin.** `phase3 health` in the morning: it says `good`, or names what is not, with a link to here. After an
alert: the link in it. To rehearse: `phase3 drill` plays an incident on made-up data, and asks for the right command.

**What is always safe.** `status`, `plan`, `health`, `explain`, `history`, `diff`, `audit` and `doctor` write
nothing. `run` and `backfill` can be repeated: they write only what differs, and what readers saw before stays in
history."""
_SECTIONS = {
    HEALTH: ("The morning", "The lines of `phase3 health`, and of the asset `morning_health`."),
    STATE: ("States of a game", "`phase3 status DATE`, `nba_phase3.game_readiness`."),
    REASON: ("Reasons", "What stands behind a state. Examples as you meet them: [reasons.md](reasons.md)."),
    CHECK: ("Checks", "The rules of staged and of published rows. Examples of each finding: [reasons.md](reasons.md)."),
    EVENT: ("Quality events", "`phase3 events`, and the messages about them."),
    ALERT: ("Messages about runs and code", "What the sensors `run_alerts` and `code_alerts` send."),
    DOCTOR_FINDS: ("What doctor finds", "The subjects of `phase3 doctor`."),
}


def text() -> str:
    """The page."""
    lines = [_INTRODUCTION]
    for kind, (title, said) in _SECTIONS.items():
        lines += ["", f"## {title}", "", said]
        for name, paragraph in BOOK[kind].items():
            lines += ["", *_paragraph(kind, name, paragraph)]
    return "\n".join(lines) + "\n"


def _paragraph(kind: str, name: str, paragraph: Paragraph) -> Iterator[str]:
    yield f"### {heading(kind, name)}"
    yield ""
    yield paragraph.means
    if kind == CHECK:
        yield ""
        for table in published_tables():
            if name in (*table.rules, *table.published_rules):
                yield f"* `{table.name}`: {check_description(table, name, Thresholds())}"
    yield ""
    yield f"* **How urgent.** {paragraph.urgency}"
    yield f"* **What to do.** {paragraph.to_do}"
    yield f"* **How to undo it.** {paragraph.undo}"


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
