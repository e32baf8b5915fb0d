"""The picture of usage rates on a date's page names the highest, and none is drawn where a preview tells no rates."""

import re
from base64 import b64decode
from decimal import Decimal

from phase3_assets.defs.usage_histogram import usage_histogram


def shown(rates):
    """The words below the picture, and the picture."""
    row = {"player_full_name": "A <b> Player", "team_abbr": "POR", "usage_rate": rates[0], "usage_rates": rates}
    told = usage_histogram([row]).value
    return told, b64decode(re.search(r"base64,([^)]*)\)", told).group(1)).decode()


def test_the_words_name_the_highest():
    told, svg = shown([Decimal("45.70"), Decimal(3)])
    assert "A <b> Player, POR, with 45.7 percent" in told
    assert svg.startswith("<svg") and "A &lt;b&gt; Player, POR 45.7 %" in svg


def test_there_is_a_bar_for_each_five_percent():
    _, svg = shown([Decimal("61.5"), Decimal(22), Decimal(23), Decimal("4.9"), Decimal(0)])
    bars = re.findall(r'<path d="M [\d.]+ ([\d.]+)\s+L [^L"]*L [\d.]+ ([\d.]+)[^"]*"[^>]*fill: #2f5d9b', svg)
    heights = [round(float(bottom) - float(top)) for bottom, top in bars]
    assert len(heights) == 13 and [number for number, height in enumerate(heights) if height] == [0, 4, 12]
    assert heights[0] == heights[4] == 2 * heights[12]


def test_a_preview_without_rates_has_no_picture():
    assert usage_histogram([]) is None and usage_histogram([{"game_id": "g"}]) is None
