"""Failures 51 to 55: time.

What belongs here: odds taken during a game, old dates, the off-season, nights on which clocks change. What doesn't:
53, a leak into pre-game tables, which are not built yet; every case of a closing line (sql/test_closing_lines.py).
"""

from datetime import date, timedelta

import pytest

from phase3_assets.demo.season import simulate_season
from phase3_assets_tests.faults.scenes import PROPS, SCHEDULE, failing
from phase3_assets_tests.support.bends import late_tip_off
from phase3_assets_tests.support.games import DAY, OFFENSE, PLAYERS, SUMMARIES, all_outcomes, state_of
from phase3_assets_tests.support.sensors import Watch


def test_51_odds_taken_during_the_game_are_no_closing_line(published):
    """In-game odds used as a closing line: 27,106 rows in one month.

    Guard: sql/views/closing_lines.sql (minutes_before_tipoff)
    """
    for row in list(published.rows[PROPS]):
        tip_off = published.game.tip_off
        late = {**row, "points_line": 60.5, "snapshot_timestamp": tip_off + timedelta(minutes=20)}
        published.rows[PROPS] += [
            {**late, "minutes_before_tipoff": -20},
            {**late, "minutes_before_tipoff": 0, "snapshot_timestamp": tip_off},
            {**late, "minutes_before_tipoff": None, "game_start_time": None},
            {**late, "minutes_before_tipoff": None, "snapshot_timestamp": tip_off, "game_start_time": tip_off},
        ]
    published.load(PROPS)
    publication = published.publish()
    assert all_outcomes(publication) == {"unchanged"}
    assert failing(publication.verdicts) == {} and published.events() == []


@pytest.mark.slow
def test_52_old_dates_are_built_like_new_ones(make_scene):
    """A look-back view of 365 days breaks older backfills; season dates are in code.

    Guard: sql/views/scheduled_games.sql, phase3_assets/catalog/parameters.py (date_parameters)
    """
    games = [game for day in (date(2021, 10, 19), date(2023, 6, 30)) for game in simulate_season(8, day, 1)[:2]]
    for number, game in enumerate(games):
        game.number = 200 + number
    scene = make_scene(games)
    publication = scene.publish()
    assert {state_of(publication, game) for game in games} == {("published", None)}
    assert {row["season_year"] for row in scene.table(OFFENSE)} == {2021, 2022}
    assert not [key for key, verdict in failing(publication.verdicts).items() if verdict.severity == "ERROR"]


@pytest.mark.slow
@pytest.mark.long
def test_54_the_off_season_is_silent_and_the_first_game_day_is_not_missed(make_scene):
    """Off-season: schedulers are paused or alert for nothing; the first game day is missed.

    Guard: phase3_assets/automation/tick.py (tick), phase3_assets/publishing/check.py (_incomplete)
    """
    first_day = date(2025, 10, 21)
    scene = make_scene(simulate_season(7, first_day, 1)[:2])
    rows = scene.rows
    scene.rows = {name: [] for name in rows}
    scene.rows[SCHEDULE] = [row for row in rows[SCHEDULE] if row["game_status"] == 1]
    scene.load()
    watch = Watch(scene)
    watch.today = date(2025, 8, 15)
    assert watch.until_quiet() == []
    assert scene.check() == {} and scene.events() == [], "nothing is missing in August"
    scene.rows = rows
    scene.load()
    watch.today = first_day
    (run, *_) = watch.until_quiet()
    assert (run.start, run.end) == (first_day, first_day)
    assert scene.visible(PLAYERS) == {game.game_id for game in scene.games}


@pytest.mark.slow
def test_55_a_late_game_in_the_west_stays_on_its_eastern_date(make_scene):
    """Daylight saving, midnight Eastern, UTC dates: a 22:30 Pacific game lands on the next day.

    Guard: sql/views/team_games.sql, phase3_assets/settings/calendar.py (TIMEZONE)
    """
    games = [game for day in (date(2025, 11, 1), date(2026, 3, 7), DAY) for game in simulate_season(5, day, 1)[:1]]
    for number, game in enumerate(games):
        game.number = 100 + number
    scene = make_scene(games)
    for game in games:
        late_tip_off(scene, game)
        for row in scene.of(PROPS, game):
            row["minutes_before_tipoff"] = None
    scene.load()
    publication = scene.publish()
    assert {state_of(publication, game) for game in games} == {("published", None)}
    for name in SUMMARIES:
        assert {(row["game_date"], row["game_id"]) for row in scene.table(name)} == {
            (game.game_date, game.game_id) for game in games
        }
