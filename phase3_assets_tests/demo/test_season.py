"""The simulated season satisfies the identities that real box scores do, and is the same for the same seed."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phase3_assets.demo.season import TEAM_CODES, raw_rows, simulate_season

START = date(2025, 10, 21)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_every_identity_of_a_box_score_holds(seed):
    for game in simulate_season(seed, START, 3):
        for team in (game.away, game.home):
            lines = [line for line in game.lines if line.team == team and line.seconds]
            assert sum(line.seconds for line in lines) == 60 * (240 + 25 * game.overtimes)
            assert all(0 < line.seconds <= 60 * (48 + 5 * game.overtimes) for line in lines)
            for line in lines:
                c = line.counts
                twos = c["field_goals_made"] - c["three_pointers_made"]
                assert c["points"] == 2 * twos + 3 * c["three_pointers_made"] + c["free_throws_made"]
                assert 0 <= c["three_pointers_made"] <= c["three_pointers_attempted"]
                assert c["three_pointers_made"] <= c["field_goals_made"] <= c["field_goals_attempted"]
                assert c["free_throws_made"] <= c["free_throws_attempted"]
        assert game.total(game.away, "points") != game.total(game.home, "points")


def test_the_same_seed_gives_the_same_season_and_another_one_another():
    assert raw_rows(simulate_season(1, START, 5)) == raw_rows(simulate_season(1, START, 5))
    assert raw_rows(simulate_season(1, START, 5)) != raw_rows(simulate_season(2, START, 5))


def test_a_season_has_what_seasons_have():
    games = simulate_season(3, START, 60)
    dates = {game.game_date for game in games}
    assert len(dates) < 60, "off-days"
    assert {game.overtimes for game in games} >= {0, 1}
    assert {team for game in games for team in (game.away, game.home)} == set(TEAM_CODES)
    played = {(team, game.game_date) for game in games for team in (game.away, game.home)}
    assert len(played) == 2 * len(games), "a team plays once a date"
    assert any((team, day + timedelta(days=1)) in played for team, day in played), "back-to-backs"
    statuses = {line.status for game in games for line in game.lines}
    assert statuses == {"active", "dnp", "inactive"}


@pytest.mark.parametrize("days", [1, 10])
def test_names_give_unique_player_keys(days):
    keys = [(game.game_date, line.player.lookup) for game in simulate_season(5, START, days) for line in game.lines]
    assert len(keys) == len(set(keys))
