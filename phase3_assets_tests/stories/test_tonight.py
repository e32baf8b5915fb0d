"""A day of pre-game rows by themselves: sensors under a clock that moves from the morning to after the final whistle.

What belongs here: what readers see at each hour, of lines, reports and schedule as they come. What doesn't: the figures
made of earlier games (sql/), ticks about corrections of those (automation/test_pre_game_ticks.py).
"""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from phase3_assets.automation.tick import watched_tables
from phase3_assets.catalog.tables import published_table
from phase3_assets.demo.before_tip_off import rows_before
from phase3_assets.publishing.as_of import as_of
from phase3_assets.settings.calendar import TIMEZONE
from phase3_assets_tests.support.games import SUMMARIES
from phase3_assets_tests.support.pre_game import TONIGHT, UPCOMING, Season
from phase3_assets_tests.support.sensors import Watch

UPCOMING_PLAYERS = "upcoming_player_game_context"
CONTEXTS = (UPCOMING, UPCOMING_PLAYERS)
pytestmark = pytest.mark.slow


def eastern(hour: int, minute: int = 0) -> datetime:
    """A time of the night's date."""
    return datetime.combine(TONIGHT, time(hour, minute), ZoneInfo(TIMEZONE)).astimezone(UTC)


class Day:
    """The season's next date, hour by hour: sources write, sensors tick, and a reader looks."""

    def __init__(self, make_world, monkeypatch):
        self.season = Season(make_world, monkeypatch)
        self.world, self.tonight = self.season.world, self.season.tonight
        self.watch = Watch(self.world, (*watched_tables(), None))
        self.watch.today = TONIGHT
        self.seen = {}

    def reach(self, moment):
        """Let it be `moment`: everything written by then is loaded, and the sensors have done what they can."""
        for name, rows in rows_before(self.tonight, moment).items():
            if name != "nbac_schedule":
                self.world.rows[name] = [
                    row for row in self.world.rows.get(name, []) if row.get("game_date") != TONIGHT
                ] + rows
        self.world.load()
        return self.settle(moment)

    def settle(self, moment):
        self.watch.now = moment
        self.season.at(moment)
        runs = self.watch.until_quiet()
        self.seen[moment] = {name: self.rows(name) for name in CONTEXTS}
        return runs

    def rows(self, name):
        return [row for row in self.world.table(name) if row["game_date"] == TONIGHT]

    def players(self, game):
        return {row["player_lookup"]: row for row in self.rows(UPCOMING_PLAYERS) if row["game_id"] == game.game_id}


@pytest.fixture
def day(make_world, monkeypatch):
    return Day(make_world, monkeypatch)


def reported(game, moment):
    """The status of each player, by the latest report that was written by then and whose hour was over by tip-off."""
    rows = [
        row
        for row in rows_before([game], moment)["nbac_injury_report"]
        if eastern(row["report_hour"]) + timedelta(hours=1) <= game.tip_off
    ]
    return {
        row["player_full_name"]: row["injury_status"].lower()
        for row in sorted(rows, key=lambda row: row["report_hour"])
    }


def quoted(rows, moment, game, chosen):
    """The latest value before tip-off of the first book, of what had been written by then."""
    before = [row for row in rows if row["processed_at"] <= moment and row["snapshot_timestamp"] < game.tip_off]
    return chosen(max(before, key=lambda row: row["snapshot_timestamp"])) if before else None


@pytest.mark.long
def test_readers_see_at_every_hour_what_was_known_then(day):
    for hour in (8, 11, 19):
        moment = eastern(hour, 10)
        day.reach(moment)
        written = rows_before(day.tonight, moment)
        for game in day.tonight:
            lines = [
                row
                for row in written["odds_api_game_lines"]
                if (row["bookmaker_key"], row["outcome_name"], row["home_team_abbr"])
                == ("draftkings", game.home, game.home)
            ]
            spread = quoted(lines, moment, game, lambda row: row["outcome_point"])
            for row in (row for row in day.rows(UPCOMING) if row["game_id"] == game.game_id):
                assert row["game_spread"] == (spread if row["home_game"] else -spread)
            expected = reported(game, moment)
            players = day.players(game)
            assert len(players) >= 16
            assert {
                row["player_full_name"]: row["player_status"] for row in players.values() if row["player_status"]
            } == (expected)
            props = [row for row in written["odds_api_player_points_props"] if row["bookmaker"] == "draftkings"]
            for lookup, row in players.items():
                of_player = [p for p in props if p["player_lookup"] == lookup and p["game_id"] == game.nba_game_id]
                assert row["current_points_line"] == quoted(of_player, moment, game, lambda line: line["points_line"])
    assert len({str(seen) for seen in day.seen.values()}) == len(day.seen), "something changed at every hour"


@pytest.mark.long
def test_after_tip_off_nothing_changes_and_every_hour_can_be_looked_up(day):
    for moment in (eastern(10, 55), eastern(19, 10)):
        day.reach(moment)
    last = day.seen[eastern(19, 10)]
    assert day.reach(eastern(20, 55)) == []
    day.season.results_come()
    runs = day.settle(eastern(23, 50))
    assert runs and all(set(run.tables) <= set(SUMMARIES) for run in runs)
    assert {name: day.rows(name) for name in CONTEXTS} == last
    assert all(
        row["is_hindsight"] is False and row["known_at"] < row["tip_off"] for rows in last.values() for row in rows
    )
    day.season.at(eastern(23, 59))
    for moment, seen in day.seen.items():
        for name in CONTEXTS:
            told = as_of(day.world.warehouse, published_table(name), TONIGHT, moment + timedelta(minutes=5))
            assert not told.unknown
            assert by_key(told.rows) == by_key(seen[name])


def by_key(rows):
    return sorted(
        (row["game_id"], row["team_abbr"], row.get("player_lookup", ""), row["publication_id"]) for row in rows
    )


@pytest.mark.long
def test_a_morning_without_lines_and_reports_is_silver_and_counts_nobody_as_healthy(day):
    day.reach(eastern(7, 45))
    teams = day.rows(UPCOMING)
    assert len(teams) == 2 * len(day.tonight)
    assert {row["quality_tier"] for row in teams} == {"silver"}
    assert {row["players_out_count"] for row in teams} == {None}


@pytest.mark.long
def test_a_postponed_game_loses_its_rows_and_a_game_moved_to_today_has_them_within_a_tick(day):
    moved, *others = day.tonight
    (row,) = day.world.of("nbac_schedule", moved)
    row["game_date"], before = TONIGHT + timedelta(days=5), row["game_date"]
    day.reach(eastern(9))
    assert not day.players(moved) and {r["game_id"] for r in day.rows(UPCOMING)} == {g.game_id for g in others}
    row["game_date"], row["processed_at"] = before, eastern(12)
    day.reach(eastern(12, 5))
    assert len(day.players(moved)) >= 16
    (gone,) = day.world.of("nbac_schedule", others[0])
    gone["game_status_text"], gone["processed_at"] = "Postponed", eastern(15)
    day.reach(eastern(15, 5))
    assert {r["game_id"] for name in CONTEXTS for r in day.rows(name)} == {g.game_id for g in (moved, *others[1:])}
