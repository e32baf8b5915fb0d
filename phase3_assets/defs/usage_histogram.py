"""A picture of how usage is spread over a date's players, for the page of a table whose preview tells it.

What belongs here: drawing the rates. What doesn't: which rates (sql/tables/player_game_summary/preview.sql).
"""

from collections.abc import Sequence

import dagster as dg

from phase3_assets.defs.markdown import picture
from phase3_assets.defs.pictures import EDGE, INK, PALE, PALE_INK, STRONG, text
from phase3_assets.warehouse.interface import Row

_BIN = 5
"""Percent of usage that one bar spans."""
_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 640, 230, 20, 190, 30
"""Pixels: of the picture, and where the bars stand in it."""
RATES = "usage_rates"
"""The column of the preview that has the usage rates of all players of the date, in percent."""


def usage_histogram(rows: Sequence[Row]) -> dg.MarkdownMetadataValue | None:
    """The picture of one date's preview rows; None where they tell no usage rates."""
    if not rows or not rows[0].get(RATES):
        return None
    highest = rows[0]
    words = f"Players by usage rate; the highest is {highest['player_full_name']} with {highest['usage_rate']} %."
    return picture(words, histogram([float(rate) for rate in highest[RATES]]))


def histogram(rates: Sequence[float]) -> str:
    """An SVG of how many rates lie in each 5 percent, the bar of the highest dark. `rates` has one at least, from 0."""
    bars = max(10, int(max(rates)) // _BIN + 1)
    counts = [0] * bars
    for rate in rates:
        counts[int(rate) // _BIN] += 1
    wide = (_WIDTH - 2 * _LEFT) / bars
    drawn = [f'<line x1="{_LEFT}" x2="{_WIDTH - _LEFT}" y1="{_BOTTOM}" y2="{_BOTTOM}" stroke="{EDGE}"/>']
    for number, count in enumerate(counts):
        x, high = _LEFT + number * wide, (_BOTTOM - _TOP) * count / max(counts)
        colour = STRONG if number == int(max(rates)) // _BIN else PALE
        place = f'x="{x + 1:.1f}" y="{_BOTTOM - high:.1f}" width="{wide - 2:.1f}" height="{high:.1f}"'
        drawn.append(f'<rect {place} fill="{colour}"/>')
        if count:
            drawn.append(text(round(x + wide / 2), round(_BOTTOM - high - 5), str(count), "middle", INK))
        drawn.append(text(round(x), _BOTTOM + 16, str(_BIN * number), "middle", PALE_INK))
    title = "usage rate in percent; how many players"
    drawn.append(text(_WIDTH // 2, _HEIGHT - 6, title, "middle", PALE_INK))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" '
        f'viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="Helvetica, Arial, sans-serif" font-size="12">'
        f'<rect width="100%" height="100%" fill="#ffffff"/>{"".join(drawn)}</svg>'
    )
