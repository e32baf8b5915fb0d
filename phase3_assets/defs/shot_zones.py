"""A picture of a night's shots by zone, for the page of a table whose preview tells them.

What belongs here: drawing preview rows. What doesn't: which rows (sql/tables/<table>/preview.sql), other metadata
(assets.py, markdown.py).

A game is one panel: the visitors' shots to the left, the home team's to the right. What a team allowed is the other
side. A pale bar is attempts, the dark part of it makes.
"""

from collections.abc import Sequence
from html import escape

import dagster as dg

from phase3_assets.defs.markdown import picture
from phase3_assets.warehouse.interface import Row

_PALE, _STRONG, _INK, _PALE_INK, _EDGE = "#c9d7ec", "#2f5d9b", "#1c2430", "#5b6675", "#d5dae1"
_ZONES = {"rim": "rim", "paint": "paint with rim", "mid_range": "mid-range", "three_pt": "three"}
_COLUMNS = {f"{zone}_{count}_allowed" for zone in _ZONES for count in ("fg", "fga")}
_WIDTH, _HEIGHT, _ROW, _TOP = 480, 136, 21, 44
_MIDDLE, _LABEL, _FIGURES = _WIDTH // 2, 48, 82
"""Pixels: of a panel, of a zone in it; half the width of the zone's name, and the width of its figures at each end."""


def shot_zones(rows: Sequence[Row]) -> dg.MarkdownMetadataValue | None:
    """The picture of one date's preview rows, two a game; None where they tell no shots by zone."""
    if not rows or not rows[0].keys() >= _COLUMNS:
        return None
    games: dict[str, list[Row]] = {}
    for row in rows:
        games.setdefault(row["game_id"], []).append(row)
    most = max([row[f"{zone}_fga_allowed"] for row in rows for zone in _ZONES] + [1])
    panels = [
        f'<g transform="translate({_WIDTH * (number % 2)},{_HEIGHT * (number // 2)})">{_panel(sides, most)}</g>'
        for number, sides in enumerate(games.values())
    ]
    width, height = _WIDTH * min(len(panels), 2), _HEIGHT * ((len(panels) + 1) // 2)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'font-family="Helvetica, Arial, sans-serif" font-size="12"><rect width="100%" height="100%" fill="#ffffff"/>'
        f"{''.join(panels)}</svg>"
    )
    return picture("Shots by zone: pale attempts, dark makes. What a team allowed is the other side.", svg)


def _panel(sides: Sequence[Row], most: int) -> str:
    drawn = [f'<rect x="6" y="6" width="{_WIDTH - 12}" height="{_HEIGHT - 12}" rx="6" fill="none" stroke="{_EDGE}"/>']
    for row in sides:
        # A row is a defense: the shots are the opponent's. The visitors' defense comes first, so they shoot second.
        is_left = row is not sides[0]
        edge, anchor = (16, "start") if is_left else (_WIDTH - 16, "end")
        title = f"{row['opponent_team_abbr']} shot, {row['team_abbr']} allowed"
        drawn.append(_text(edge, 26, title, anchor, _INK, 'font-weight="bold"'))
        for number, zone in enumerate(_ZONES):
            makes, attempts = row[f"{zone}_fg_allowed"], row[f"{zone}_fga_allowed"]
            y = _TOP + _ROW * number
            for count, colour in ((attempts, _PALE), (makes, _STRONG)):
                length = round((_MIDDLE - _LABEL - _FIGURES - 8) * count / most)
                x = _MIDDLE - _LABEL - length if is_left else _MIDDLE + _LABEL
                drawn.append(f'<rect x="{x}" y="{y}" width="{length}" height="14" fill="{colour}"/>')
            share = f"{100 * makes / attempts:.0f} %" if attempts else "–"
            drawn.append(_text(edge, y + 11, f"{makes}/{attempts}  {share}", anchor, _INK))
    for number, name in enumerate(_ZONES.values()):
        drawn.append(_text(_MIDDLE, _TOP + _ROW * number + 11, name, "middle", _PALE_INK))
    return "".join(drawn)


def _text(x: int, y: int, said: str, anchor: str, colour: str, more: str = "") -> str:
    """An SVG text whose start, middle or end is at x."""
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{colour}" {more}>{escape(said)}</text>'
