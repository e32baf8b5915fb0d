"""What pictures in the UI have in common: colours, text, and how an SVG is shown.

What belongs here: that. What doesn't: the pictures (shot_zones.py, usage_histogram.py).
"""

from base64 import b64encode
from html import escape

import dagster as dg

PALE, STRONG, INK, PALE_INK, EDGE = "#c9d7ec", "#2f5d9b", "#1c2430", "#5b6675", "#d5dae1"


def as_markdown(svg: str, words: str) -> dg.MarkdownMetadataValue:
    """The picture with the words below it, which also stand for it where it cannot be seen."""
    # The UI shows images in Markdown where their data are in the address; SVG that stands there as such is left out.
    image = b64encode(svg.encode()).decode()
    return dg.MetadataValue.md(f"![{words}](data:image/svg+xml;base64,{image})\n\n{words}")


def text(x: int, y: int, said: str, anchor: str, colour: str, more: str = "") -> str:
    """An SVG text whose start, middle or end is at x."""
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{colour}" {more}>{escape(said)}</text>'
