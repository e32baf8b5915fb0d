"""How SQL is written here (sql/README.md), where a machine can tell.

What belongs here: the look of the texts. What doesn't: what they say.
"""

import re

import pytest

from phase3_assets.catalog.contracts import SQL_FOLDER
from phase3_assets.catalog.queries import opening_comment

TEXTS = {str(path.relative_to(SQL_FOLDER)): path.read_text(encoding="utf-8") for path in SQL_FOLDER.rglob("*.sql")}
LINE_LENGTH = 120


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_a_line_has_120_characters_at_most(name):
    """A description in a contract is one string, and may be longer."""
    lines = [line for line in TEXTS[name].splitlines() if 'description="' not in line]
    assert [line for line in lines if len(line) > LINE_LENGTH] == []


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_rows_are_grouped_by_named_columns(name):
    assert re.findall(r"GROUP BY \d[\d, ]*", TEXTS[name]) == []


@pytest.mark.parametrize("name", sorted(name for name in TEXTS if not re.search(r"(^raw/|/?tables?[/.][\w/]*)", name)))
def test_a_text_opens_with_what_a_row_is_or_what_a_rule_demands(name):
    assert opening_comment(TEXTS[name])
