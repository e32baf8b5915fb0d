"""Small tables for the UI.

What belongs here: turning rows into Markdown metadata. What doesn't: which rows (assets.py, checks.py).
"""

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

import dagster as dg

_SHOWN_ROWS = 40


def markdown_table(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> dg.MarkdownMetadataValue:
    """A Markdown table of at most 40 rows, and how many more there are."""
    shown = ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in rows[:_SHOWN_ROWS]]
    more = [f"\n… and {len(rows) - _SHOWN_ROWS} more"] if len(rows) > _SHOWN_ROWS else []
    lines = ["| " + " | ".join(headings) + " |", "|" + " --- |" * len(headings), *shown, *more]
    return dg.MetadataValue.md("\n".join(lines))


def picture(words: str, svg: str) -> dg.MarkdownMetadataValue:
    """An SVG picture with its words below, which screen readers say as well. `svg` names its namespace and its size.

    The UI shows images in Markdown where their data are in the address; SVG that stands there as such is left out.
    """
    return dg.MetadataValue.md(f"![{words}](data:image/svg+xml;base64,{b64encode(svg.encode()).decode()})\n\n{words}")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return str(value).replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
