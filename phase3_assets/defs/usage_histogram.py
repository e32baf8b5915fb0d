"""The picture of how usage is spread over a date's players, on the page of a table whose preview tells it.

What belongs here: what the preview's rows tell the picture. What doesn't: drawing it (reporting/pictures.py), which
rates (sql/tables/player_game_summary/preview.sql).
"""

from collections.abc import Sequence

import dagster as dg

from phase3_assets.defs.markdown import picture
from phase3_assets.warehouse.interface import Row

_RATES = "usage_rates"
"""The column of the preview that has the usage rates of all players of the date, in percent."""


def usage_histogram(rows: Sequence[Row]) -> dg.MarkdownMetadataValue | None:
    """The picture of one date's preview rows, the highest rate first; None where they tell no usage rates."""
    from phase3_assets.reporting.pictures import usage_by_itself, usage_in_words

    if not rows or not rows[0].get(_RATES):
        return None
    highest = rows[0]
    rates = [float(rate) for rate in highest[_RATES]]
    player = f"{highest['player_full_name']}, {highest['team_abbr']}"
    return picture(usage_in_words(rates, player), usage_by_itself(rates, player))
