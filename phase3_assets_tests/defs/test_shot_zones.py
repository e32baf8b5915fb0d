"""The picture of a night's shots shows each team's figures on its side, and nothing where a preview tells no zones."""

import re
from base64 import b64decode

from phase3_assets.defs.shot_zones import shot_zones


def defense(team, opponent, **figures):
    zones = ("rim", "paint", "mid_range", "three_pt")
    none = {f"{zone}_{count}_allowed": 0 for zone in zones for count in ("fg", "fga")}
    return {"game_id": "20260203_IND_MIN", "team_abbr": team, "opponent_team_abbr": opponent, **none, **figures}


def drawn(rows):
    return b64decode(re.search(r"base64,([^)]*)\)", shot_zones(rows).value).group(1)).decode()


def test_what_a_team_shot_is_what_the_other_allowed():
    svg = drawn(
        [
            defense("IND", "MIN", paint_fg_allowed=31, paint_fga_allowed=48),
            defense("MIN", "IND", three_pt_fg_allowed=13, three_pt_fga_allowed=41),
        ]
    )
    left = dict(re.findall(r'<text x="16" y="(\d+)" [^>]*>([^<]*)<', svg))
    right = dict(re.findall(r'<text x="464" y="(\d+)" [^>]*>([^<]*)<', svg))
    assert list(left.values()) == ["IND shot, MIN allowed", "0/0  –", "0/0  –", "0/0  –", "13/41  32 %"]
    assert list(right.values()) == ["MIN shot, IND allowed", "0/0  –", "31/48  65 %", "0/0  –", "0/0  –"]
    # The longest bar is that of most attempts; its dark part is makes.
    lengths = [int(width) for width in re.findall(r'width="(\d+)" height="14"', svg)]
    assert max(lengths) == lengths[2] and lengths[3] == round(lengths[2] * 31 / 48)


def test_names_are_written_as_text():
    rows = [defense("<b>", "MIN"), defense("MIN", "<b>")]
    assert "<b>" not in drawn(rows) and "&lt;b&gt;" in drawn(rows)


def test_a_preview_without_zones_and_a_date_without_games_have_no_picture():
    assert shot_zones([]) is None
    assert shot_zones([{"game_id": "g", "team_abbr": "IND"}]) is None
