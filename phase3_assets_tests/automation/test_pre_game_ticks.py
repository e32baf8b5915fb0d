"""What sensors ask for of tables that look back: tonight's and tomorrow's games, and what a correction reaches.

What belongs here: ticks before, at and after tip-off. What doesn't: ticks about final games (test_tick.py), the rows
(publishing/test_pre_game.py).
"""

from datetime import date, timedelta

import pytest

from phase3_assets.automation.tick import _reading, watched_tables
from phase3_assets_tests.support.games import OFFENSE, PLAYERS, SUMMARIES
from phase3_assets_tests.support.pre_game import TONIGHT, UPCOMING, Season
from phase3_assets_tests.support.sensors import RAW, Watch

LOOKED_AT = f"nba_analytics.{OFFENSE}"
pytestmark = pytest.mark.slow


@pytest.fixture
def season(make_world, monkeypatch):
    return Season(make_world, monkeypatch)


@pytest.fixture
def watch(season):
    """Every sensor on the afternoon of the day, before anything is published."""
    watch = Watch(season.world, (*RAW, LOOKED_AT, None))
    watch.now, watch.today = season.tip_off - timedelta(hours=8), TONIGHT
    return watch


def asked(runs, table):
    return {game_id for run in runs if table in run.tables for game_id in run.games}


def ids(games):
    return {game.game_id for game in games}


def test_a_published_table_that_others_look_back_to_is_watched():
    assert LOOKED_AT in watched_tables() and set(RAW) <= set(watched_tables())


def test_a_correction_of_the_season_before_opens_today_and_tomorrow_for_who_reads_two_seasons():
    last_april = [TONIGHT.replace(year=TONIGHT.year - 1, month=4)]
    tomorrow = TONIGHT + timedelta(days=1)
    assert list(_reading(f"nba_analytics.{PLAYERS}", last_april, TONIGHT)) == [tomorrow, TONIGHT]
    assert not {tomorrow, TONIGHT} & set(_reading(LOOKED_AT, last_april, TONIGHT)), "who reads one season"
    two_years_ago = [last_april[0].replace(year=TONIGHT.year - 2)]
    assert list(_reading(f"nba_analytics.{PLAYERS}", two_years_ago, TONIGHT)) == []
    in_summer = date(TONIGHT.year, 9, 30)
    assert list(_reading(f"nba_analytics.{PLAYERS}", last_april, in_summer)) == [in_summer]


@pytest.mark.long
def test_tonights_games_are_asked_for_by_themselves_and_once(season, watch):
    runs = watch.until_quiet()
    assert ids(season.tonight) <= asked(runs, UPCOMING) and set(season.rows())
    assert not asked([run for run in runs if run.start == TONIGHT], OFFENSE)
    assert watch.until_quiet() == []


@pytest.mark.long
def test_tomorrows_games_are_asked_for_today_without_any_news(season, watch):
    watch.today = TONIGHT - timedelta(days=2)
    watch.now -= timedelta(days=2)
    season.at(watch.now)
    watch.until_quiet()
    assert not season.rows()
    watch.today, watch.now = TONIGHT - timedelta(days=1), watch.now + timedelta(days=1)
    season.at(watch.now)
    runs = watch.until_quiet()
    assert asked(runs, UPCOMING) == ids(season.tonight) and len(season.rows()) == 2 * len(season.tonight)


@pytest.mark.long
def test_a_correction_reaches_tonights_rows_that_read_it_and_no_others(season, watch):
    watch.until_quiet()
    game = season.tonight[0]
    earlier = max((g for g in season.played if game.home in (g.home, g.away)), key=lambda g: g.game_date)
    season.correct(earlier)
    runs = watch.until_quiet()
    assert asked(runs, OFFENSE) == {earlier.game_id}
    reading = [g for g in season.tonight if {g.home, g.away} & {earlier.home, earlier.away}]
    assert asked(runs, UPCOMING) == ids(reading)


@pytest.mark.long
def test_after_tip_off_nothing_asks_for_rows_that_were_made_before(season, watch):
    watch.until_quiet()
    before = season.rows()
    season.results_come()
    watch.now, watch.today = season.tip_off + timedelta(hours=10), TONIGHT + timedelta(days=1)
    season.at(watch.now)
    season.correct(season.played[-1])
    runs = watch.until_quiet()
    assert ids(season.tonight) <= asked(runs, OFFENSE) and not asked(runs, UPCOMING)
    assert season.rows() == before
    assert all(set(run.tables) <= set(SUMMARIES) for run in runs)
