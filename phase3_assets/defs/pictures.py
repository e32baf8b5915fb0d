"""What small pictures in the UI have in common: colours and text.

What belongs here: that. What doesn't: the pictures (shot_zones.py, usage_histogram.py), showing one (markdown.py).
"""

from html import escape

PALE, STRONG, INK, PALE_INK, EDGE = "#c9d7ec", "#2f5d9b", "#1c2430", "#5b6675", "#d5dae1"


def text(x: int, y: int, said: str, anchor: str, colour: str, more: str = "") -> str:
    """An SVG text whose start, middle or end is at x."""
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{colour}" {more}>{escape(said)}</text>'
