"""docs/runbook.md: everything that a person can be told leads to a paragraph, and every link to an anchor that exists.

What belongs here: holding the runbook against the words that the code says. What doesn't: whether a word is said when
it should be (publishing/, health/), the page's text (runbook_page.py).
"""

import ast
import re
from pathlib import Path

import pytest

from phase3_assets.catalog.queries import sql_text
from phase3_assets.catalog.tables import published_tables
from phase3_assets.publishing.check import check_names
from phase3_assets.runbook.book import (
    ALERT,
    BOOK,
    CHECK,
    DOCTOR_FINDS,
    EVENT,
    HEALTH,
    PAGE,
    REASON,
    STATE,
    link,
    reason_of,
)
from phase3_assets_tests.runbook_page import TARGET, text

PACKAGE = Path(__file__).parents[2] / "phase3_assets"
ANCHORS = {
    re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
    for title in re.findall(r"^#+ (.*)$", TARGET.read_text(encoding="utf-8"), re.MULTILINE)
}


def literals(room: str, function: str, position: int) -> set[str]:
    """The literals that the modules of a room pass to a function as its argument of that position."""
    found = set()
    for path in sorted((PACKAGE / room).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == function:
                argument = node.args[position] if len(node.args) > position else None
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    found.add(argument.value)
    return found


def test_the_page_is_what_the_runbook_says():
    assert TARGET.read_text(encoding="utf-8") == text(), "run `make runbook`"


@pytest.mark.parametrize("kind", BOOK)
def test_every_paragraph_is_whole_and_can_be_linked_to(kind):
    for name, paragraph in BOOK[kind].items():
        where = f"{kind}: {name}"
        assert all((paragraph.means, paragraph.to_do, paragraph.undo)), where
        assert re.match(r"(Now|Today|This week|Not urgent)\b", paragraph.urgency), where
        assert link(kind, name).removeprefix(f"{PAGE}#") in ANCHORS, where


def test_no_two_paragraphs_have_one_anchor():
    links = [link(kind, name) for kind, names in BOOK.items() for name in names]
    assert len(links) == len(set(links)) > 100


def test_every_line_of_health_has_a_paragraph():
    said = literals("health", "good", 0) | literals("health", "bad", 0)
    assert len(said) > 10
    assert said == set(BOOK[HEALTH])


def test_every_state_has_a_paragraph():
    code = (PACKAGE / "publishing" / "states.py").read_text(encoding="utf-8")
    returned = set(re.findall(r'return "([a-z]+)"', code))
    raw = {"scheduled", "live", "waiting"}  # returned as they are, from the raw rows
    assert returned | raw == set(BOOK[STATE])


def test_every_reason_to_wait_has_a_paragraph():
    case = sql_text("views/game_sources").rpartition("CASE\n    WHEN is_misdated")[2]
    given = set(re.findall(r"THEN (?:CONCAT\()?'([a-z_]+)", "CASE WHEN is_misdated" + case))
    assert len(given) > 10 and given <= set(BOOK[REASON])


def test_every_check_has_a_paragraph():
    checks = {check for table in published_tables() for check in (*check_names(table), *table.rules)}
    assert checks == set(BOOK[CHECK])


def test_every_event_has_a_paragraph():
    code = "\n".join(path.read_text(encoding="utf-8") for path in sorted(PACKAGE.glob("**/*.py")))
    told = set(re.findall(r'"([a-z_]+)",\s*EventSeverity\.', code))
    of_dates = set(re.findall(r"THEN '(date_[a-z]+)'", sql_text("completion/events")))
    assert len(told) > 10 and len(of_dates) == 2
    assert told | of_dates <= set(BOOK[EVENT])
    assert all(f'"{name}"' in code or name in of_dates for name in BOOK[EVENT])


def test_every_alert_has_a_paragraph():
    code = (PACKAGE / "alerting" / "texts.py").read_text(encoding="utf-8")
    linked = set(re.findall(r"link\(ALERT, ['\"]([a-z ]+)['\"]\)", code))
    makers = re.findall(r"^def (\w+_alert)\(", code, re.MULTILINE)
    assert linked == set(BOOK[ALERT])
    assert len(linked) == len(makers) - 1, "every alert but that of events, which links each event, names its own"


def test_every_finding_of_doctor_has_a_paragraph():
    said = literals("doctor", "Diagnosis", 1)
    code = "\n".join(path.read_text(encoding="utf-8") for path in sorted((PACKAGE / "doctor").glob("*.py")))
    assigned = r"""^\s*(?:_SUBJECT|subject)(?:, \w+)? = f?"([A-Za-z' ]+?)(?:(?: on)? \{[a-z]+\})?\""""
    said |= set(re.findall(assigned, code, re.MULTILINE))
    said |= set(re.findall(r'"(\w+)": \w+\.?from_environment', code)) | {"alerts"}
    assert {"thresholds", "calendar", "dataset", "permissions", "tables", "run history"} <= said
    assert said == set(BOOK[DOCTOR_FINDS])


@pytest.mark.parametrize(
    ("state", "reason", "expected"),
    [
        ("waiting", "no_player_rows (20 rows of PHI are dated 2026-02-14)", (REASON, "no_player_rows")),
        ("waiting", "not on the schedule any more", (STATE, "waiting")),
        ("quarantined", "player_game_summary: usage_rate: x: usage 300", (CHECK, "usage_rate")),
        ("quarantined", "held back by something else", (REASON, "quarantined")),
        ("published", "player_game_summary: drift: changed by hand: a", (REASON, "drift")),
        ("published", "its source is gone (no_player_rows); the rows stay", (REASON, "its source is gone")),
        ("published", "player_game_summary is held: PHI@MIN: rolled back", (REASON, "held")),
        ("published", None, (STATE, "published")),
        ("void", "moved_to_20260205", (REASON, "moved_to")),
        ("ready", None, (STATE, "ready")),
    ],
)
def test_a_games_state_and_reason_lead_to_their_paragraph(state, reason, expected):
    assert reason_of(state, reason) == expected


def test_every_link_to_the_runbook_in_a_message_leads_to_an_anchor():
    """Of the texts that name one themselves, instead of asking for it."""
    named = {
        anchor
        for path in PACKAGE.glob("**/*.py")
        for anchor in re.findall(r"docs/runbook\.md#([\w-]+)", path.read_text(encoding="utf-8"))
    }
    assert named <= ANCHORS
