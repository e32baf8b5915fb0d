"""What each quality issue means that a published row can have: the words of the column `quality_issues`.

What belongs here: reading the meanings beside the SQL that writes the words, in sql/tables/<table>/select.sql. What
doesn't: saying them (reading/describe.py, explaining/text.py, defs/labels.py).

A meaning is a comment above the line that writes the word:

    -- issue no_spread: No bookmaker's spread from before tip-off is loaded.
    IF(lines.spread_x100 IS NULL, 'no_spread', NULL),

A word may name details behind an equals sign: `missing_games=20260203_PHX_POR`. A test fails when a word that a SELECT
writes has no meaning.
"""

import re
from collections.abc import Iterable
from functools import cache

from phase3_assets.catalog.contracts import SQL_FOLDER
from phase3_assets.catalog.lineage import column_lineage

COLUMN = "quality_issues"
"""The column that holds them."""
_MEANING = re.compile(r"^ *-- issue (\w+): (.*(?:\n *-- (?!issue ).*)*)", re.MULTILINE)


@cache
def quality_issues(table_name: str) -> dict[str, str]:
    """By word, what it means: the words that the table's SELECT writes, and those that it takes over from other tables.

    Empty for a table without such a column.
    """
    found: dict[str, str] = {}
    for source, column in column_lineage(table_name).get(COLUMN, []):
        if column == COLUMN:
            found |= quality_issues(source)
    text = (SQL_FOLDER / "tables" / table_name / "select.sql").read_text(encoding="utf-8")
    return found | {name: re.sub(r"\n *-- ", " ", meaning) for name, meaning in _MEANING.findall(text)}


def meanings(table_name: str, issues: Iterable[str]) -> dict[str, str]:
    """By word, what the issues of a row of the table mean; a word that no SELECT writes any more is left out."""
    words = {issue.partition("=")[0] for issue in issues}
    return {word: meaning for word, meaning in quality_issues(table_name).items() if word in words}
