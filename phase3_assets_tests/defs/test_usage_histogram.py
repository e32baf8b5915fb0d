"""The picture of usage rates has a bar for each five percent, and none is drawn where a preview tells no rates."""

import re
from base64 import b64decode
from decimal import Decimal

from phase3_assets.defs.usage_histogram import histogram, usage_histogram


def heights(svg):
    return [float(high) for high in re.findall(r'<rect x="[\d.]+" y="[\d.]+" width="[\d.]+" height="([\d.]+)"', svg)]


def test_each_rate_is_in_its_bar_and_the_highest_is_marked():
    svg = histogram([0, 4.9, 5, 22, 23, 24.9, 61.5])
    drawn = heights(svg)
    assert len(drawn) == 13 and drawn[4] == max(drawn) and drawn[1] == drawn[12] and round(drawn[0] / drawn[1]) == 2
    assert [
        number for number, colour in enumerate(re.findall(r'height="[\d.]+" fill="(#\w+)"', svg)) if colour == "#2f5d9b"
    ] == [12]


def test_the_words_name_the_highest():
    row = {
        "player_full_name": "A <b> Player",
        "usage_rate": Decimal("45.70"),
        "usage_rates": [Decimal("45.70"), Decimal(3)],
    }
    told = usage_histogram([row]).value
    assert "A <b> Player with 45.70 %" in told
    assert "<svg" in b64decode(re.search(r"base64,([^)]*)\)", told).group(1)).decode()


def test_a_preview_without_rates_has_no_picture():
    assert usage_histogram([]) is None and usage_histogram([{"game_id": "g"}]) is None
