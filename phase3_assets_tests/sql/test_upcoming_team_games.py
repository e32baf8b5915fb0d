"""upcoming_team_game_context against an independent computation, in exact fractions, from what readers see.

What belongs here: every figure of the table, on real seasons and on a simulated one. What doesn't: when rows are made
(publishing/test_pre_game.py).
"""

from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest

from phase3_assets.catalog.tables import published_table
from phase3_assets.demo.season import simulate_season
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets_tests.support.games import OFFENSE

UPCOMING = "upcoming_team_game_context"


def rounded(value, places):
    if value is None:
        return None
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def possessions(row):
    return row["fg_attempts"] + Fraction(44, 100) * row["ft_attempts"] + row["turnovers"] - row["offensive_rebounds"]


def minutes(row):
    return 48 + 5 * row["overtime_periods"]


def ratio(numerator, denominator):
    return Fraction(numerator) / denominator if denominator else None


def streak(games, won):
    length = 0
    for game in games:
        if game["win_flag"] != won:
            break
        length += 1
    return length


def expected_rows(schedule, offense):
    """By (game_id, team): what the row should say. `schedule` lists (date, game_id, season, team, is final)."""
    rows = {(row["game_id"], row["team_abbr"]): row for row in offense}
    listed, played = defaultdict(list), defaultdict(list)
    for day, game_id, season, team, is_final in schedule:
        listed[season, team].append((day, game_id, is_final))
    for row in offense:
        played[row["season_year"], row["team_abbr"]].append(row)
    found = {}
    for (season, team), games in listed.items():
        for day, game_id, _ in games:
            before = sorted(d for d, _, _ in games if d < day)
            since = (day - before[-1]).days if before else None
            history = sorted(
                (row for row in played[season, team] if row["game_date"] < day),
                key=lambda r: r["game_date"],
                reverse=True,
            )
            last_10 = history[:10]
            against = [rows[row["game_id"], row["opponent_team_abbr"]] for row in last_10]
            final = [(d, g) for d, g, is_final in games if is_final and d < day]
            missing = [g for _, g in final if (g, team) not in rows]
            within = lambda days, day=day, before=before: sum(d >= day - timedelta(days=days) for d in before)  # noqa: E731
            own_possessions = sum(map(possessions, last_10))
            found[game_id, team] = {
                "days_since_last_game": since,
                "team_days_rest": None if since is None else since - 1,
                "is_back_to_back": since == 1,
                "games_in_last_7_days": within(7),
                "games_in_last_14_days": within(14),
                "is_third_in_four_nights": within(3) >= 2,
                "is_fourth_in_six_nights": within(5) >= 3,
                "is_fifth_in_seven_nights": within(6) >= 4,
                "game_number_in_season": len(before) + 1,
                "wins_entering": sum(row["win_flag"] for row in history),
                "losses_entering": sum(not row["win_flag"] for row in history),
                "wins_last_10": sum(row["win_flag"] for row in last_10),
                "team_win_streak_entering": streak(history, True),
                "team_loss_streak_entering": streak(history, False),
                "last_game_margin": history[0]["margin_of_victory"] if history else None,
                "last_game_result": ("W" if history[0]["win_flag"] else "L") if history else None,
                "offensive_rating_last_10": rounded(
                    ratio(100 * sum(row["points_scored"] for row in last_10), own_possessions), 2
                ),
                "defensive_rating_last_10": rounded(
                    ratio(100 * sum(row["points_scored"] for row in against), sum(map(possessions, against))), 2
                ),
                "pace_last_10": rounded(ratio(48 * own_possessions, sum(map(minutes, last_10))), 1),
                "latest_game_used": history[0]["game_date"] if history else None,
                "expected_games_count": len(final),
                "missing_games_count": len(missing),
                "actual_games_count": len(final) - len(missing),
                "completeness_percentage": rounded(
                    ratio(100 * (len(final) - len(missing)), len(final)) if final else Fraction(100), 2
                ),
                "is_production_ready": not final
                or (10 * len(missing) <= len(final) and bool(history) and history[0]["game_date"] == max(final)[0]),
                "early_season_flag": len(history) < 10,
            }
    return found


def hold_against(warehouse, start, end):
    with warehouse.session(read_only=True) as session:
        dates = {"start_date": start, "end_date": end}
        read = "SELECT * FROM nba_analytics.{} WHERE game_date BETWEEN @start_date AND @end_date"
        offense, rows = (session.query(read.format(name), dates) for name in (OFFENSE, UPCOMING))
        states = session.query(
            "SELECT * FROM nba_phase3.game_readiness WHERE game_date BETWEEN @start_date AND @end_date", dates
        )
    schedule = [
        (row["game_date"], row["game_id"], row["season_year"], row[side], row["source_state"] in ("ready", "waiting"))
        for row in states
        if row["source_state"] != "void"
        for side in ("home_team_abbr", "away_team_abbr")
    ]
    expected = expected_rows(schedule, offense)
    assert {(row["game_id"], row["team_abbr"]) for row in rows} == set(expected)
    for row in rows:
        own, other = expected[row["game_id"], row["team_abbr"]], expected[row["game_id"], row["opponent_team_abbr"]]
        own = {**own, "opponent_days_rest": other["team_days_rest"]}
        rests = own["team_days_rest"], other["team_days_rest"]
        own["rest_advantage"] = None if None in rests else rests[0] - rests[1]
        assert {name: row[name] for name in own} == own, (row["game_id"], row["team_abbr"])
    return rows


def test_every_figure_of_a_simulated_season_with_games_missing(make_world):
    world = make_world(simulate_season(3, date(2025, 11, 20), 30))
    for game in world.games[5:60:9]:
        world.contradict(game)
    world.load()
    world.publish()
    rows = hold_against(world.warehouse, date(2025, 11, 20), date(2025, 12, 19))
    assert any(row["missing_games_count"] for row in rows) and {row["is_production_ready"] for row in rows} == {
        True,
        False,
    }


@pytest.mark.slow
@pytest.mark.real_data
def test_every_figure_of_two_real_seasons(real_warehouse):
    start, end = date(2024, 10, 22), date(2026, 3, 12)
    tables = [published_table(name) for name in (OFFENSE, UPCOMING)]
    publish(real_warehouse, Request(start, end), tables)
    assert len(hold_against(real_warehouse, start, end)) == 2 * 2219
