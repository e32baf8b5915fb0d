"""Made-up play-by-play adds up to the made-up box scores, event by event and in what is published of it."""

from collections import Counter
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from phase3_assets.catalog.tables import tables_named
from phase3_assets.defs.shot_zones import shot_zones
from phase3_assets.demo.play_by_play import PLAY_BY_PLAY, event_rows, play_by_play_rows
from phase3_assets.demo.season import simulate_season
from phase3_assets_tests.support.games import DEFENSE, OFFENSE, PLAYERS, SUMMARIES, report_of

START = date(2025, 10, 21)
ZONES = "defense_zone_analytics"
ROLES = {"assists": "assist", "blocks": "block", "steals": "steal"}


def on_court(row, side):
    return [row[f"{side}_player_{number}_lookup"] for number in range(1, 6)]


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 10**6))
def test_every_count_of_the_box_score_is_an_event_of_somebody_on_court(seed):
    for game in simulate_season(seed, START, 1):
        rows = event_rows(game)
        assert [row["event_sequence"] for row in rows] == list(range(1, len(rows) + 1))
        assert all(len(set(on_court(row, side))) == 5 for row in rows for side in ("home", "away"))
        clocks = [(row["period"], -row["game_clock_seconds"]) for row in rows]
        assert clocks == sorted(clocks) and clocks[-1] == (4 + game.overtimes, 0)
        score = (rows[-1]["score_away"], rows[-1]["score_home"])
        assert score == (game.total(game.away, "points"), game.total(game.home, "points"))
        told, helped = Counter(), Counter()
        for row in rows:
            if row["event_type"] in ("shot", "free throw", "turnover", "foul", "rebound") and "player_1_lookup" in row:
                side = "home" if row["player_1_team_abbr"] == game.home else "away"
                assert row["player_1_lookup"] in on_court(row, side)
                told[row["player_1_lookup"], row["event_type"], row.get("shot_made")] += 1
            if "player_2_lookup" in row:
                helped[row["player_2_lookup"], row["player_2_role"]] += 1
        for line in game.lines:
            counts, name = line.counts or Counter(), line.player.lookup
            assert told[name, "shot", True] == counts["field_goals_made"]
            assert told[name, "shot", False] == counts["field_goals_attempted"] - counts["field_goals_made"]
            assert told[name, "free throw", None] == counts["free_throws_attempted"]
            assert told[name, "turnover", None] == counts["turnovers"]
            assert told[name, "rebound", None] == counts["total_rebounds"]
            assert told[name, "foul", None] == counts["personal_fouls"]
            for count, role in ROLES.items():
                assert helped[name, role] <= counts[count]


def test_the_same_game_has_the_same_events():
    first, second = (simulate_season(1, START, 1)[0] for _ in range(2))
    assert event_rows(first) == event_rows(second)


def test_published_zones_are_complete_and_equal_to_the_box_score(make_world):
    world = make_world(1)
    world.tables = tables_named((*SUMMARIES, ZONES))
    world.rows |= play_by_play_rows(world.games)
    world.load()
    publication = world.publish()
    players = [row for row in world.table(PLAYERS) if not row["is_dnp"]]
    assert players and {row["has_complete_shot_zones"] for row in players} == {True}
    for row in players:
        assert row["paint_attempts"] + row["mid_range_attempts"] == row["fg_attempts"] - row["three_pt_attempts"]
        assert row["paint_makes"] + row["mid_range_makes"] == row["fg_makes"] - row["three_pt_makes"]
        assert row["assisted_fg_makes"] + row["unassisted_fg_makes"] == row["fg_makes"]
        assert row["paint_blocks"] + row["mid_range_blocks"] + row["three_pt_blocks"] == row["blocks"]
    assert sum(row["and1_count"] for row in players) > 0
    for row in world.table(OFFENSE):
        theirs = [player for player in players if player["team_abbr"] == row["team_abbr"]]
        assert row["team_paint_attempts"] == sum(player["paint_attempts"] for player in theirs)
        assert 80 < row["possessions_pbp"] < 130
    assert None not in {row["blocks_rim"] for row in world.table(DEFENSE)}
    assert len(world.table(ZONES)) == 2
    (preview,) = report_of(publication, ZONES).previews.values()
    assert shot_zones(preview) is not None, "the page of the table shows no picture"
    assert {row["game_id"] for row in world.rows[PLAY_BY_PLAY]} == {game.game_id for game in world.games}
