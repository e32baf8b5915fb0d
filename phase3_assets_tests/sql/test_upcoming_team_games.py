"""upcoming_team_game_context against an independent computation, in exact fractions, from what readers see.

What belongs here: every figure of the table, on real seasons and on a simulated one. What doesn't: when rows are made
(publishing/test_pre_game.py), which lines, reports and venues are found (test_game_lines.py, test_injury_reports.py,
test_venues.py).
"""

import math
from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import duckdb
import pytest

from phase3_assets.catalog.tables import published_table, published_tables
from phase3_assets.demo.season import simulate_season
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets_tests.conftest import REAL_DATA
from phase3_assets_tests.support.games import OFFENSE

UPCOMING = "upcoming_team_game_context"
PHASES = {"2": "regular", "4": "playoffs", "5": "play_in", "6": "cup_final"}
NEUTRAL = {
    "T-Mobile Arena": (36.1028, -115.1784, "America/Los_Angeles"),
    "Moody Center": (30.2819, -97.7324, "America/Chicago"),
    "Arena CDMX": (19.4967, -99.1758, "America/Mexico_City"),
    "The O2 Arena": (51.503, 0.0032, "Europe/London"),
    "Uber Arena": (52.5058, 13.4433, "Europe/Berlin"),
}
"""Of the real seasons' venues, those that are no team's home: latitude, longitude, time zone."""
LINE_COLUMNS = (
    "game_spread",
    "opening_spread",
    "spread_movement",
    "game_total",
    "opening_total",
    "total_movement",
    "implied_team_total",
    "game_spread_source",
    "game_total_source",
    "betting_lines_updated_at",
)


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


def miles(one, other):
    """Miles between two places: the angle between their vectors, times the earth's mean radius."""
    if None in (one, other):
        return None
    vectors = []
    for latitude, longitude, _ in (one, other):
        north, east = math.radians(latitude), math.radians(longitude)
        vectors.append((math.cos(north) * math.cos(east), math.cos(north) * math.sin(east), math.sin(north)))
    (a, b, c), (x, y, z) = vectors
    across = math.hypot(b * z - c * y, c * x - a * z, a * y - b * x)
    return round(3958.8 * math.atan2(across, a * x + b * y + c * z))


def hours_ahead(one, other, moment):
    """Hours by which clocks at `other` are ahead of those at `one`."""
    if None in (one, other):
        return None
    here, there = (moment.astimezone(ZoneInfo(place[2])).utcoffset() for place in (one, other))
    return (there - here) // timedelta(hours=1)


def journeys(games, home):
    """By game_id: travel, shift and runs of one team's games of a season, (date, game_id, place, at home, tip-off)."""
    found, before, road, at_home = {}, home, 0, 0
    for day, game_id, place, is_home, tip_off in sorted(games, key=lambda game: game[0]):
        road, at_home = (0, at_home + 1) if is_home else (road + 1, 0)
        found[game_id] = {
            "day": day,
            "travel_miles": miles(before, place),
            "time_zone_shift": hours_ahead(before, place, tip_off),
            "consecutive_road_games": road,
            "consecutive_home_games": at_home,
        }
        before = place
    for row in found.values():
        recent = [other["travel_miles"] for other in found.values() if 0 <= (row["day"] - other["day"]).days <= 13]
        row["miles_traveled_last_14_days"] = None if None in recent else sum(recent)
    return {game_id: {k: v for k, v in row.items() if k != "day"} for game_id, row in found.items()}


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
            last_10, last_15 = history[:10], history[:15]
            against_15 = [rows[row["game_id"], row["opponent_team_abbr"]] for row in last_15]
            against = [rows[row["game_id"], row["opponent_team_abbr"]] for row in last_10]
            final = [(d, g) for d, g, is_final in games if is_final and d < day]
            missing = [g for _, g in final if (g, team) not in rows]
            within = lambda days, day=day, before=before: sum(d >= day - timedelta(days=days) for d in before)  # noqa: E731
            own_possessions = sum(map(possessions, last_10))
            found[game_id, team] = {
                "days_since_last_game": since,
                "team_days_rest": None if since is None else since - 1,
                "is_back_to_back": since == 1,
                "team_back_to_back": since == 1,
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
                "defensive_rating_last_15": rounded(
                    ratio(100 * sum(row["points_scored"] for row in against_15), sum(map(possessions, against_15))), 2
                ),
                "pace_last_15": rounded(ratio(48 * sum(map(possessions, last_15)), sum(map(minutes, last_15))), 1),
                "points_allowed_avg_last_15": rounded(
                    ratio(sum(row["points_scored"] for row in against_15), len(against_15)), 1
                ),
                "latest_game_used": history[0]["game_date"] if history else None,
                "expected_games_count": len(final),
                "missing_games_count": len(missing),
                "actual_games_count": len(final) - len(missing),
                "completeness_percentage": 100 * (len(final) - len(missing)) / len(final) if final else 100.0,
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
        own["season_phase"] = PHASES[row["nba_game_id"][2]]
        assert {name: row[name] for name in own} == own, (row["game_id"], row["team_abbr"])
    return rows


@pytest.mark.long
def test_every_figure_of_a_simulated_season_with_games_missing(make_world):
    world = make_world(simulate_season(3, date(2025, 11, 20), 30))
    for game in world.games[5:60:9]:
        world.contradict(game)
    world.load()
    world.tables = published_tables()
    world.publish()
    rows = hold_against(world.warehouse, date(2025, 11, 20), date(2025, 12, 19))
    assert any(row["missing_games_count"] for row in rows) and {row["is_production_ready"] for row in rows} == {
        True,
        False,
    }


@pytest.fixture(scope="module")
def real_rows(real_warehouse):
    """Both real seasons published: the rows, held against the computation above."""
    start, end = date(2024, 10, 22), date(2026, 3, 12)
    publish(real_warehouse, Request(start, end), [published_table(name) for name in (OFFENSE, UPCOMING)])
    rows = hold_against(real_warehouse, start, end)
    assert len(rows) == 2 * 2219
    return rows


@pytest.mark.slow
@pytest.mark.real_data
def test_every_figure_of_two_real_seasons(real_rows):
    assert {row["season_year"] for row in real_rows} == {2024, 2025}


@pytest.mark.slow
@pytest.mark.real_data
def test_every_journey_of_two_real_seasons(real_warehouse, real_rows):
    located = duckdb.sql(f"SELECT * FROM '{REAL_DATA / 'team_locations.parquet'}'").fetchall()
    homes = {team: place for team, _, _, *place in located}
    with real_warehouse.session(read_only=True) as session:
        arenas = session.query(
            "SELECT DISTINCT game_id, arena_name, neutral_site_flag FROM nba_raw.nbac_schedule "
            "WHERE game_date >= DATE '2024-10-01'"
        )
    arena_of = {row["game_id"]: row for row in arenas}
    games = defaultdict(list)
    for row in real_rows:
        arena = arena_of[row["nba_game_id"]]
        host = row["team_abbr"] if row["home_game"] else row["opponent_team_abbr"]
        is_neutral = arena["neutral_site_flag"] or arena["arena_name"] in NEUTRAL
        place = NEUTRAL.get(arena["arena_name"]) if is_neutral else tuple(homes[host])
        games[row["season_year"], row["team_abbr"]].append(
            (row["game_date"], row["game_id"], place, row["home_game"] and not is_neutral, row["tip_off"])
        )
    expected = {
        (game_id, team): figures
        for (_, team), of_team in games.items()
        for game_id, figures in journeys(of_team, tuple(homes[team])).items()
    }
    for row in real_rows:
        own = expected[row["game_id"], row["team_abbr"]]
        assert {name: row[name] for name in own} == own, (row["game_id"], row["team_abbr"])
    assert sum(row["travel_miles"] is None for row in real_rows) == 18, "five games, and those after them"
    assert {row["venue_altitude_feet"] for row in real_rows if row["game_id"].endswith("_DEN")} == {5280}
    assert {row["time_zone_shift"] for row in real_rows} >= {-3, 0, 3, 6, None}


@pytest.mark.slow
@pytest.mark.real_data
def test_every_line_of_two_real_seasons(real_warehouse, real_rows):
    with real_warehouse.session(read_only=True) as session:
        lines = session.query("SELECT * FROM nba_raw.odds_api_game_lines WHERE game_date >= DATE '2024-10-01'")
    # One book and one snapshot a game, and every spread has both sides.
    spreads = {
        (line["game_date"], side): line
        for line in lines
        for side, name in ((line["home_team_abbr"], line["home_team"]), (line["away_team_abbr"], line["away_team"]))
        if line["market_key"] == "spreads" and line["outcome_name"] == name
    }
    totals = {(line["game_date"], line["home_team_abbr"]): line for line in lines if line["market_key"] == "totals"}
    assert len(spreads) == 2 * len(totals) == 704
    for row in real_rows:
        host = row["team_abbr"] if row["home_game"] else row["opponent_team_abbr"]
        spread = spreads.get((row["game_date"], row["team_abbr"]))
        total = totals.get((row["game_date"], host))
        told = {name: row[name] for name in LINE_COLUMNS}
        if spread is None:
            assert set(told.values()) == {None} and row["quality_tier"] != "gold"
            continue
        half = Fraction(total["outcome_point"]) - Fraction(spread["outcome_point"])
        assert told == {
            "game_spread": spread["outcome_point"],
            "opening_spread": spread["outcome_point"],
            "spread_movement": 0,
            "game_total": total["outcome_point"],
            "opening_total": total["outcome_point"],
            "total_movement": 0,
            "implied_team_total": rounded(half / 2, 1),
            "game_spread_source": "consensus",
            "game_total_source": "consensus",
            "betting_lines_updated_at": spread["snapshot_timestamp"],
        }
    assert sum(row["game_spread"] is not None for row in real_rows) == 704


@pytest.mark.slow
@pytest.mark.real_data
def test_without_reports_nothing_is_said_of_injuries(real_rows):
    for row in real_rows:
        counts = ("players_out_count", "starters_out_count", "questionable_players_count", "injury_report_updated_at")
        assert {row[name] for name in counts} == {None}
        is_missing = any(row[name] is None for name in ("game_spread", "game_total", "travel_miles"))
        assert "no_injury_report" in row["quality_issues"]
        assert ("no_spread" in row["quality_issues"]) == (row["game_spread"] is None)
        assert ("unknown_venue" in row["quality_issues"]) == (row["travel_miles"] is None)
        assert row["quality_tier"] in ("silver", "bronze") or not is_missing
