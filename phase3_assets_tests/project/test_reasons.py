"""docs/reasons.md: every word that a user can be told is explained there, and the page is what the code says.

What belongs here: holding the page's entries against the SQL and Python that make the words. What doesn't: the entries
(reasons.py), whether a word is said when it should be (publishing/test_readiness.py, sql/test_rules.py,
publishing/test_publish.py).
"""

import re

import pytest

from phase3_assets.catalog.queries import sql_text
from phase3_assets.catalog.tables import published_tables
from phase3_assets.publishing.check import GAMES_COMPLETE
from phase3_assets.runbook.events import EVENTS
from phase3_assets.runbook.reasons import AFTERWARDS, WAITING
from phase3_assets.runbook.rules import RULES
from phase3_assets_tests.reasons import AFTERWARDS_BENDS, ROOT, TARGET, WAITING_BENDS, text


def test_every_reason_to_wait_is_explained():
    case = sql_text("views/game_sources").rpartition("CASE\n    WHEN is_misdated")[2]
    given = set(re.findall(r"THEN (?:CONCAT\()?'([a-z_]+)", "CASE WHEN is_misdated" + case))
    assert given == set(WAITING) and len(given) > 10


def test_every_explained_reason_has_an_example():
    assert list(WAITING_BENDS) == list(WAITING) and list(AFTERWARDS_BENDS) == list(AFTERWARDS)


def test_every_rule_has_a_remedy():
    rules = {rule for table in published_tables() for rule in (*table.rules, *table.published_rules)}
    assert set(RULES) == rules | {GAMES_COMPLETE}


def test_every_event_is_explained():
    """Events are told apart by literals: at each call that makes one, or in a table or tuple beside it."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "phase3_assets").glob("**/*.py")))
    told = set(re.findall(r'"([a-z_]+)",\s*EventSeverity\.', code))
    assert len(told) > 10 and told <= set(EVENTS)
    assert all(f'"{name}"' in code for name in EVENTS)


@pytest.mark.slow
@pytest.mark.long
def test_the_page_is_what_a_user_is_told():
    assert TARGET.read_text(encoding="utf-8") == text(), "run `make reasons`"
