"""upcoming_player_game_context against an independent computation, in exact fractions, from what readers see.

What belongs here: every figure of the table, and who is listed, on real seasons and on a simulated one. What doesn't:
single situations (test_upcoming_player_scenes.py), when rows are made (publishing/test_pre_game.py).
"""

from bisect import bisect_left
from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from itertools import pairwise

import pytest

from phase3_assets.catalog.tables import published_table, published_tables
from phase3_assets.demo.season import simulate_season
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.publishing.survey import survey
from phase3_assets_tests.support.games import OFFENSE, PLAYERS

TEAMS, UPCOMING = "upcoming_team_game_context", "upcoming_player_game_context"
ROSTER_DAYS, LATEST_DAYS, FIRST_DAYS = 7, 30, 14


def rounded(numerator, denominator, places):
    if not denominator:
        return None
    exact = Fraction(numerator) / Fraction(denominator)
    with localcontext() as context:
        context.prec = 60
        return (Decimal(exact.numerator) / exact.denominator).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def deviation(values):
    if len(values) < 2:
        return None
    mean = Fraction(sum(values), len(values))
    variance = sum((value - mean) ** 2 for value in values) / (len(values) - 1)
    with localcontext() as context:
        context.prec = 60
        exact = (Decimal(variance.numerator) / variance.denominator).sqrt()
        return exact.quantize(Decimal("0.01"), ROUND_HALF_UP)


def streak(games, line, is_over):
    """Latest games in a row on one side of the line; a game on the line neither counts nor breaks the streak."""
    length = 0
    for game in reversed(games):
        if game["points"] == line:
            continue
        if (game["points"] > line) != is_over:
            break
        length += 1
    return length


class Season:
    """What was published, and what of it may be read before a date."""

    def __init__(self, rows, games, lines, rosters):
        self.rows = defaultdict(list)
        for row in sorted(rows, key=lambda row: row["game_date"]):
            self.rows[row["player_lookup"]].append(row)
        self.dates = {player: [row["game_date"] for row in own] for player, own in self.rows.items()}
        self.games, self.rosters = games, rosters
        self.lines = {(line["game_id"], line["player_lookup"]): line for line in lines}
        self.lined = defaultdict(set)
        for game_id, player in self.lines:
            self.lined[game_id].add(player)
        self.starts = {}
        for game in games:
            season = game["season_year"]
            self.starts[season] = min(game["game_date"], self.starts.get(season, game["game_date"]))

    def before(self, player, day):
        """The player's rows before a date, oldest first."""
        return self.rows[player][: bisect_left(self.dates.get(player, []), day)]

    def team(self, player, day, season, of_team):
        """The team that the player is expected to play for, by his rows; `of_team` gives the date's game by team."""
        earlier = self.before(player, day)
        if not earlier or earlier[-1]["season_year"] < season - 1:
            return None
        latest = earlier[-1]
        game = of_team.get(latest["team_abbr"])
        if game is None:
            return None
        is_own_season = latest["season_year"] == season
        if is_own_season and day - latest["game_date"] <= timedelta(LATEST_DAYS):
            return latest["team_abbr"]
        if not is_own_season and day - self.starts[season] < timedelta(FIRST_DAYS):
            return latest["team_abbr"]
        return latest["team_abbr"] if player in self.lined[game["game_id"]] else None

    def rostered(self, day):
        """By player, the team whose latest roster names him; rosters are by team, as (date, players)."""
        latest = []
        for team, own in self.rosters.items():
            known = [(at, players) for at, players in own if day - timedelta(ROSTER_DAYS) <= at < day]
            if known:
                latest.append((*max(known, key=lambda roster: roster[0]), team))
        return {p: team for _, players, team in sorted(latest, key=lambda roster: roster[0]) for p in players}

    def listed(self):
        """By (game_id, player): the game's row of his team."""
        by_date = defaultdict(dict)
        for game in self.games:
            by_date[game["game_date"]][game["team_abbr"]] = game
        players = {*self.rows, *(p for own in self.rosters.values() for _, some in own for p in some)}
        found = {}
        for day, of_team in by_date.items():
            season = next(iter(of_team.values()))["season_year"]
            rostered = self.rostered(day)
            for player in players:
                team = rostered.get(player) or self.team(player, day, season, of_team)
                if team in of_team:
                    found[of_team[team]["game_id"], player] = of_team[team]
        return found

    def figures(self, player, game, line):
        day = game["game_date"]
        played = [
            row
            for row in self.before(player, day)
            if row["season_year"] == game["season_year"] and not row["is_dnp"] and row["minutes_played"] is not None
        ]
        dates = [row["game_date"] for row in played]
        gaps = [(later - earlier).days for earlier, later in pairwise(dates)]
        rested = [at for at, gap in zip(dates[1:], gaps, strict=True) if gap >= 3]
        last_10 = played[-10:]
        rest = (day - dates[-1]).days if dates else None

        def within(days):
            return [row for row in played if row["game_date"] >= day - timedelta(days)]

        def total(rows, column):
            return sum(row[column] for row in rows)

        def usage(rows):
            rates = [row["usage_rate"] for row in rows if row["usage_rate"] is not None]
            return rounded(sum(rates), len(rates), 2)

        week, fortnight = within(7), within(14)
        days = [row["game_date"] for row in fortnight]
        attempts = total(last_10, "fg_attempts")
        scoring = 2 * (attempts + Fraction(44, 100) * total(last_10, "ft_attempts"))
        points_line = Decimal(line["points_line_x100"]) / 100 if line else None
        return {
            "days_rest": rest,
            "days_since_last_game": rest,
            "full_rest_days": None if rest is None else rest - 1,
            "back_to_back": rest == 1,
            "days_rest_before_last_game": gaps[-1] if gaps else None,
            "days_since_2_plus_days_rest": (day - rested[-1]).days if rested else None,
            "games_in_last_7_days": len(week),
            "games_in_last_14_days": len(fortnight),
            "minutes_in_last_7_days": total(week, "minutes_played"),
            "minutes_in_last_14_days": total(fortnight, "minutes_played"),
            "avg_minutes_per_game_last_7": rounded(total(week, "minutes_played"), len(week), 1),
            "back_to_backs_last_14_days": sum((b - a).days == 1 for a, b in pairwise(days)),
            "points_avg_last_5": rounded(total(played[-5:], "points"), len(played[-5:]), 1),
            "points_avg_last_10": rounded(total(last_10, "points"), len(last_10), 1),
            "points_avg_season": rounded(total(played, "points"), len(played), 1),
            "points_std_last_10": deviation([row["points"] for row in last_10]),
            "minutes_avg_last_10": rounded(total(last_10, "minutes_played"), len(last_10), 1),
            "usage_rate_last_10": usage(last_10),
            "avg_usage_rate_last_7_games": usage(played[-7:]),
            "player_usage_rate_season": usage(played),
            "ts_pct_last_10": rounded(total(last_10, "points"), scoring, 3),
            "efg_pct_last_10": rounded(
                total(last_10, "fg_makes") + Fraction(total(last_10, "three_pt_makes"), 2), attempts, 3
            ),
            "games_played_season": len(played),
            "l5_games_used": len(played[-5:]),
            "l10_games_used": len(last_10),
            "latest_game_used": dates[-1] if dates else None,
            "has_prop_line": line is not None,
            "current_points_line": points_line,
            "prop_over_streak": streak(played, points_line, True) if line else None,
            "prop_under_streak": streak(played, points_line, False) if line else None,
        }

    def completeness(self, finals, published, game):
        before = [g for day, g in finals[game["season_year"], game["team_abbr"]] if day < game["game_date"]]
        there = [g for g in before if (g, game["team_abbr"]) in published]
        return {
            "expected_games_count": len(before),
            "actual_games_count": len(there),
            "missing_games_count": len(before) - len(there),
        }


def team_figures(own, other):
    """What a player's row says of the two teams, from their rows."""
    home = own if own["home_game"] else other
    paces = own["pace_last_10"], other["pace_last_10"]
    return {
        "opponent_team_abbr": other["team_abbr"],
        "tip_off": own["tip_off"],
        "season_phase": own["season_phase"],
        "team_back_to_back": own["team_back_to_back"],
        "game_spread": home["game_spread"],
        "opening_spread": home["opening_spread"],
        "spread_movement": home["spread_movement"],
        "team_spread": own["game_spread"],
        **{name: own[name] for name in ("implied_team_total", "game_total", "opening_total", "total_movement")},
        "opponent_def_rating_last_10": other["defensive_rating_last_10"],
        "opponent_def_rating_last_15": other["defensive_rating_last_15"],
        "opponent_pace_last_10": other["pace_last_10"],
        "opponent_pace_last_15": other["pace_last_15"],
        "pace_differential": None if None in paces else paces[0] - paces[1],
        "opponent_days_rest": other["days_since_last_game"],
        "travel_miles": own["travel_miles"],
        "miles_traveled_last_14_days": own["miles_traveled_last_14_days"],
        "time_zone_shift": own["time_zone_shift"],
        "consecutive_road_games": own["consecutive_road_games"],
        "venue_altitude_feet": own["venue_altitude_feet"],
    }


def hold_against(warehouse, start, end):
    """Assert that every row of the table says what this module computes; returns the rows."""
    with warehouse.session(read_only=True) as session:
        survey(session, start, end)
        dates = {"start_date": start, "end_date": end}
        read = "SELECT * FROM nba_analytics.{} WHERE game_date BETWEEN @start_date AND @end_date"
        summary, games, rows = (session.query(read.format(name), dates) for name in (PLAYERS, TEAMS, UPCOMING))
        lines = session.query("SELECT * FROM nba_staging.closing_lines")
        states = session.query("SELECT * FROM nba_phase3.game_readiness WHERE source_state IN ('ready', 'waiting')")
        rostered = session.query("SELECT * FROM nba_raw.espn_team_rosters")
    rosters = defaultdict(lambda: defaultdict(set))
    for row in rostered:
        rosters[row["team_abbr"]][row["roster_date"]].add(row["player_lookup"])
    season = Season(summary, games, lines, {team: list(own.items()) for team, own in rosters.items()})
    sides = {(game["game_id"], game["team_abbr"]): game for game in games}
    finals, published = defaultdict(list), {(row["game_id"], row["team_abbr"]) for row in summary}
    for state in states:
        for side in ("home_team_abbr", "away_team_abbr"):
            finals[state["season_year"], state[side]].append((state["game_date"], state["game_id"]))
    expected = season.listed()
    found = {(row["game_id"], row["player_lookup"]): row for row in rows}
    assert set(found) == set(expected)
    for key, row in found.items():
        game = expected[key]
        other = sides[game["game_id"], game["opponent_team_abbr"]]
        said = {
            "team_abbr": game["team_abbr"],
            **season.figures(key[1], game, season.lines.get(key)),
            **team_figures(game, other),
            **season.completeness(finals, published, game),
        }
        assert {name: row[name] for name in said} == said, key
    return rows


@pytest.mark.slow
@pytest.mark.long
def test_every_figure_of_a_simulated_season_with_games_missing(make_world):
    world = make_world(simulate_season(3, date(2025, 11, 20), 22))
    for game in world.games[5:60:9]:
        world.contradict(game)
    # Some teams' rosters stop: then the latest row says who plays for whom.
    world.rows["espn_team_rosters"] = [
        row
        for row in world.rows["espn_team_rosters"]
        if row["roster_date"] < date(2025, 11, 25) or row["team_abbr"] < "MIA"
    ]
    world.load()
    world.tables = published_tables()
    world.publish()
    rows = hold_against(world.warehouse, date(2025, 11, 20), date(2025, 12, 11))
    assert any(row["missing_games_count"] for row in rows)
    assert any((row["prop_over_streak"] or 0) > 2 for row in rows)
    assert any((row["prop_under_streak"] or 0) > 2 for row in rows)
    assert any(row["back_to_backs_last_14_days"] for row in rows)


@pytest.mark.slow
@pytest.mark.real_data
@pytest.mark.long
@pytest.mark.timeout(900)
def test_every_figure_of_two_real_seasons(real_warehouse):
    start, end = date(2024, 10, 22), date(2026, 3, 12)
    publish(real_warehouse, Request(start, end), [published_table(n) for n in (OFFENSE, PLAYERS, TEAMS, UPCOMING)])
    rows = hold_against(real_warehouse, start, end)
    assert len(rows) > 70_000
    assert sum(row["has_prop_line"] for row in rows) > 5_000
