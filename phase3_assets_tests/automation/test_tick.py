"""A sensor's tick on a real warehouse: what it asks for, what it leaves, and that losing its memory changes nothing.

What belongs here: ticks and the runs they ask for, carried out by the publishing core. What doesn't: Dagster's side
(defs/test_sensors.py), a whole night (stories/test_game_night.py).
"""

import itertools
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from phase3_assets.automation import tick as changes
from phase3_assets.automation.memory import Memory
from phase3_assets.demo.season import simulate_season
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.settings.calendar import FIRST_DATE
from phase3_assets.settings.pacing import Pacing
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets_tests.support.games import DAY, OFFENSE, PLAYERS, SUMMARIES, World, night, of_summaries, report_of
from phase3_assets_tests.support.sensors import PACING, RAW, TEAM_BOX, Watch

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("only_summaries")]


@pytest.fixture(scope="module")
def _quiet(
    tmp_path_factory: pytest.TempPathFactory, _published_file: bytes, only_summaries: None
) -> tuple[datetime, dict[str | None, str]]:
    """When sensors had seen a published world and had nothing left to do, and what they then remembered."""
    path = tmp_path_factory.mktemp("quiet") / "warehouse.duckdb"
    path.write_bytes(_published_file)
    watch = Watch(World(DuckDBWarehouse(path), night(3)))
    assert watch.until_quiet() == []
    return watch.now, {name: memory.to_json() for name, memory in watch.memories.items()}


@pytest.fixture
def watch(world: World, _quiet: tuple[datetime, dict[str | None, str]]) -> Watch:
    """Sensors that have seen a published world and have nothing left to do."""
    watch = Watch(world)
    watch.now, memories = _quiet
    watch.memories = {name: Memory.from_json(memory) for name, memory in memories.items()}
    return watch


@pytest.mark.long
def test_a_new_warehouse_is_published_in_one_run_once_it_has_settled(make_world):
    world = make_world(3)
    world.load()
    watch = Watch(world)
    assert watch.tick() == [], "seen for the first time: it may still be loading"
    runs = watch.until_quiet()
    assert [(run.start, run.end, of_summaries(run.tables)) for run in runs] == [(DAY, DAY, [*SUMMARIES])]
    assert set(runs[0].games) == {game.game_id for game in world.games}
    assert len(world.table(OFFENSE)) == 6


@pytest.mark.long
def test_a_correction_brings_one_run_of_exactly_its_game_and_of_what_depends_on_it(watch):
    for row in watch.world.of(TEAM_BOX):
        row["turnovers"] += 3
    watch.world.load(TEAM_BOX)
    (run,) = watch.until_quiet()
    assert (run.games, of_summaries(run.tables)) == ((watch.world.game.game_id,), [*SUMMARIES])
    assert watch.world.table(OFFENSE)[0]["turnovers"] is not None


@pytest.mark.long
def test_a_player_correction_leaves_the_teams_alone(watch):
    for row in watch.world.of("nbac_gamebook_player_stats"):
        if row["minutes"]:
            row["assists"] += 1
    watch.world.load("nbac_gamebook_player_stats")
    (run,) = watch.until_quiet()
    assert (run.games, of_summaries(run.tables)) == ((watch.world.game.game_id,), [PLAYERS])


@pytest.mark.long
def test_the_same_content_loaded_again_brings_no_run(watch):
    for table in RAW:
        for row in watch.world.rows.get(table, []):
            row["processed_at"] = (row["processed_at"] or watch.now) + timedelta(days=1)
    watch.world.load()
    assert watch.until_quiet() == []


@pytest.mark.long
def test_a_prop_snapshot_after_tip_off_brings_no_run_and_one_before_does(watch):
    late = {**watch.world.of("odds_api_player_points_props")[0]}
    late.update(minutes_before_tipoff=-5, snapshot_timestamp=watch.world.game.tip_off + timedelta(minutes=5))
    watch.world.rows["odds_api_player_points_props"].append({**late, "points_line": 2.5})
    watch.world.load("odds_api_player_points_props")
    assert watch.until_quiet() == []
    early = {**late, "minutes_before_tipoff": 1, "points_line": 3.5, "bookmaker": "draftkings"}
    early["snapshot_timestamp"] = watch.world.game.tip_off - timedelta(minutes=1)
    watch.world.rows["odds_api_player_points_props"].append(early)
    watch.world.load("odds_api_player_points_props")
    (run,) = watch.until_quiet()
    assert of_summaries(run.tables) == [PLAYERS]


@pytest.mark.long
def test_a_burst_is_one_run(watch):
    """Rows arrive at every tick for a while: nothing runs until they stop."""
    for _ in range(4):
        for row in watch.world.of(TEAM_BOX):
            row["assists"] += 1
        watch.world.load(TEAM_BOX)
        assert watch.tick() == []
    assert len(watch.until_quiet()) == 1


@pytest.mark.long
def test_a_longer_time_to_settle_can_be_asked_for(watch):
    watch.pacing = Pacing(settle_seconds=100)
    for row in watch.world.of(TEAM_BOX):
        row["assists"] += 1
    watch.world.load(TEAM_BOX)
    asked = [len(watch.tick(seconds=30)) for _ in range(6)]
    assert asked == [0, 0, 0, 0, 1, 0]


@pytest.mark.long
def test_an_incomplete_game_starts_no_run_and_says_when_it_is_looked_at_next(make_world):
    world = make_world(3)
    for row in world.of(TEAM_BOX):
        row.update(points=0, fg_attempted=0, minutes=None)
    gamebook = list(world.of("nbac_gamebook_player_stats"))
    world.drop("nbac_gamebook_player_stats")
    world.load()
    watch = Watch(world, raw=(TEAM_BOX,))
    (run,) = watch.until_quiet()
    assert world.game.game_id not in run.games and len(run.games) == 2
    sentence = watch.tick_of(TEAM_BOX).sentence
    assert "2 games published" in sentence and "next look" in sentence
    assert f"{world.game.away}@{world.game.home} waits: placeholder_team_boxscore" in sentence

    looks = []
    for _ in range(12):
        opened = watch.memories[TEAM_BOX].open[DAY.isoformat()]
        looks.append(opened.next_look)
        assert watch.tick(seconds=opened.next_look - watch.now.timestamp() + 1) == []
    pauses = [later - earlier for earlier, later in itertools.pairwise(looks)]
    assert pauses[0] < pauses[1] < pauses[2] and max(pauses) <= PACING.longest_retry_seconds + 2

    world.rows["nbac_gamebook_player_stats"] += gamebook
    world.load("nbac_gamebook_player_stats")
    other = Watch(world, raw=("nbac_gamebook_player_stats",))
    other.now = watch.now
    (run,) = other.until_quiet()
    assert run.games == (world.game.game_id,)


@pytest.mark.parametrize(
    "lost",
    [
        *("{", "[]", '{"open":{"nonsense":{}}}', '{"open":{"2026-02-03":{"x":1}}}', "null", ""),
        *(
            '{"table_version":"7",' + text % moment
            for text in ('"looked_at":%s}', '"open":{"2026-02-03":{"own_version":"1","next_look":%s}}}')
            for moment in ("NaN", "Infinity", "-1", "1e18", "9" * 400, '"noon"', "null")
        ),
        '{"open":{"2026-02-03":{"own_version":"1","looks":-1}}}',
        '{"open":{"2026-02-03":{"own_version":"1","change":5}}}',
        '{"open":{"0001-01-01":{"own_version":"1"}}}',
        '{"done":{"9999-12-31":"1"}}',
        '{"unsearched":"soon"}',
        '{"unsearched":"9999-12-31"}',
        "[" * 100_000,
    ],
)
def test_a_corrupt_memory_is_a_lost_one(lost):
    assert Memory.from_json(lost) == Memory()


@pytest.mark.parametrize("lost", ["", pytest.param('{"open":{"2026-02-03":{"x":1}}}', marks=pytest.mark.long)])
def test_a_lost_or_corrupt_memory_loses_nothing_and_doubles_nothing(watch, lost):
    for row in watch.world.of(TEAM_BOX):
        row["assists"] += 1
    watch.world.load(TEAM_BOX)
    watch.tick(carry_out=False)
    watch.memories = {name: Memory.from_json(lost) for name in watch.raw}
    assert len(watch.until_quiet()) == 1
    watch.memories = {name: Memory.from_json(lost) for name in watch.raw}
    assert watch.until_quiet() == []


@pytest.mark.long
def test_a_date_with_a_run_under_way_is_left_alone_and_looked_at_afterwards(watch):
    for row in watch.world.of(TEAM_BOX):
        row["assists"] += 1
    watch.world.load(TEAM_BOX)
    watch.under_way = {DAY}
    assert [watch.tick() for _ in range(4)] == [[]] * 4
    watch.under_way = set()
    assert len(watch.until_quiet()) == 1


@pytest.mark.long
def test_a_run_that_died_is_asked_for_again_with_growing_pauses_and_reported_once(watch):
    watch.raw = (TEAM_BOX,)
    for row in watch.world.of(TEAM_BOX):
        row["assists"] += 1
    watch.world.load(TEAM_BOX)
    asked_at, reported = [], []
    for _ in range(60 * 24):
        watch.now += timedelta(seconds=15)
        found = watch.tick_of(TEAM_BOX)
        if found.runs:
            asked_at.append(watch.now.timestamp())
        reported += found.given_up
    pauses = [round(later - earlier) for earlier, later in itertools.pairwise(asked_at)]
    assert pauses[:5] == [60, 120, 240, 480, 960] and max(pauses) <= 3600
    assert len(reported) == 1 and DAY.isoformat() in reported[0]
    (run,) = watch.tick(seconds=3600)
    assert run.games == (watch.world.game.game_id,)
    assert watch.until_quiet() == []


@pytest.mark.long
def test_a_run_that_died_once_its_rows_were_visible_is_asked_for_again_so_that_it_is_reported(watch):
    """Otherwise Dagster shows the date as failed, without verdicts, although readers see the new rows."""
    for row in watch.world.of(TEAM_BOX):
        row["assists"] += 1
    watch.world.load(TEAM_BOX)
    watch.tick()
    (died,) = watch.tick()
    watch.failed.add(died.change)
    (again,) = watch.tick()
    assert again.tables == died.tables and set(died.games) <= set(again.games) and again.change != died.change
    watch.failed.add(again.change)
    assert watch.tick() == [], "it died again: after a pause"
    assert [run.tables for run in watch.tick(seconds=61)] == [died.tables]
    watch.failed.clear()
    assert watch.until_quiet() == []


def test_after_a_run_that_died_halfway_what_it_had_published_is_reported_too(watch):
    watch.raw = (TEAM_BOX,)
    for row in watch.world.of(TEAM_BOX):
        row["assists"] += 1
    watch.world.load(TEAM_BOX)
    watch.tick(carry_out=False)
    (died,) = watch.tick(carry_out=False)
    watch.carry_out(replace(died, tables=died.tables[:1]))
    watch.failed.add(died.change)
    runs = watch.until_quiet()
    assert runs[0].tables == died.tables


@pytest.mark.long
def test_a_date_corrected_twice_is_asked_for_twice(watch):
    changes = []
    for _ in range(2):
        for row in watch.world.of(TEAM_BOX):
            row["assists"] += 1
        watch.world.load(TEAM_BOX)
        changes += [run.change for run in watch.until_quiet()]
    assert len(set(changes)) == 2


@pytest.mark.long
def test_many_dates_are_one_run_and_far_ones_come_newest_first_within_the_cap(make_world):
    games = simulate_season(5, date(2025, 11, 1), 12)
    starts = (date(2025, 3, 1), date(2025, 1, 5), date(2025, 2, 1))
    far = [game for start in starts for game in simulate_season(6, start, 1)]
    world = make_world(games + far)
    world.load()
    watch = Watch(world, raw=("nbac_schedule",))
    watch.pacing = Pacing(runs_per_tick=2)
    watch.tick()
    first, second = watch.tick(), watch.tick()
    assert [(run.start, run.end) for run in first] == [
        (min(g.game_date for g in games), max(g.game_date for g in games)),
        (date(2025, 3, 1), date(2025, 3, 1)),
    ]
    assert [run.start for run in second] == [date(2025, 2, 1), date(2025, 1, 5)]
    assert watch.until_quiet() == []


@pytest.mark.long
def test_a_tick_ends_in_time_and_the_next_goes_on(make_world, monkeypatch):
    """Near dates are one look, however few a run may have; others are looked at newest first while there is time."""
    monkeypatch.setattr(changes, "_TICK_SECONDS", -1)
    near = simulate_season(5, date(2025, 11, 1), 3)
    world = make_world(
        near + [game for start in (date(2025, 1, 5), date(2025, 3, 1)) for game in simulate_season(6, start, 1)]
    )
    world.load()
    watch = Watch(world, raw=("nbac_schedule",))
    watch.pacing = Pacing(days_per_run=1)
    watch.tick()
    assert watch.tick() == [], "today and tomorrow are looked at first: they may have pre-game rows"
    assert [run.start for run in watch.tick()] == sorted({game.game_date for game in near}, reverse=True)
    assert [run.start for run in watch.until_quiet()] == [date(2025, 3, 1), date(2025, 1, 5)]


def test_rows_from_before_the_calendar_are_left_alone_however_wide_the_window(make_world):
    world = make_world(1)
    world.rows["nbac_schedule"] += [
        {**row, "game_date": FIRST_DATE - timedelta(days=30)} for row in world.of("nbac_schedule")
    ]
    world.load()
    watch = Watch(world, raw=("nbac_schedule",))
    watch.pacing = Pacing(sensor_window_days=4000)
    assert [(run.start, run.end) for run in watch.until_quiet()] == [(DAY, DAY)]
    assert min(watch.memories["nbac_schedule"].done) == DAY.isoformat()


def test_history_beyond_the_window_is_found_by_the_reconciliation(make_world):
    world = make_world(simulate_season(6, date(2022, 11, 5), 1))
    world.load()
    watch = Watch(world, raw=RAW)
    assert watch.until_quiet() == []
    watch = Watch(world, raw=(None,))
    (run,) = watch.until_quiet()
    assert run.start == date(2022, 11, 5)


@pytest.mark.long
def test_a_season_that_an_earlier_first_date_opens_is_found_though_no_table_changed(make_world, monkeypatch):
    world = make_world(simulate_season(6, date(2018, 11, 5), 1))
    world.load()
    watch = Watch(world, raw=(None,))
    assert watch.until_quiet() == []
    for module in ("tick", "memory"):
        monkeypatch.setattr(f"phase3_assets.automation.{module}.FIRST_DATE", date(2018, 10, 1))
    watch.now += timedelta(hours=2)
    (run,) = watch.until_quiet()
    assert run.start == date(2018, 11, 5)


@pytest.mark.long
def test_a_changed_formula_alone_starts_no_run(watch):
    watch.world.tamper("UPDATE nba_phase3.publications SET code_version = 'before'")
    assert watch.until_quiet() == []
    for row in watch.world.of(TEAM_BOX):
        row["assists"] += 1
    watch.world.load(TEAM_BOX)
    (run,) = watch.until_quiet()
    assert run.games == (watch.world.game.game_id,)


def test_a_run_for_a_whole_range_leaves_games_that_only_new_code_would_change(watch):
    """Too many games to be named are asked for by their dates, which other games share."""
    watch.world.tamper("UPDATE nba_phase3.publications SET code_version = 'before'")
    for row in watch.world.of(TEAM_BOX):
        row["assists"] += 1
    watch.world.load(TEAM_BOX)
    publication = publish(watch.world.warehouse, Request(DAY, DAY, run_id="sensor", is_automatic=True))
    for report in publication.reports:
        changed = {game.game_id for game in report.games if game.outcome != "unchanged"}
        assert changed <= {watch.world.game.game_id} and len(report.games) == 3
    (row,) = watch.world.query(
        "SELECT COUNT(*) AS n FROM nba_phase3.publications WHERE code_version <> 'before' AND game_id <> @game",
        game=watch.world.game.game_id,
    )
    assert row["n"] == 0
    assert report_of(publication, OFFENSE).count("published") == 1


def test_days_off_future_dates_and_games_not_final_bring_no_run(watch):
    for game in simulate_season(9, DAY + timedelta(days=20), 1):
        for row in World(watch.world.warehouse, [game]).rows["nbac_schedule"]:
            watch.world.rows["nbac_schedule"].append({**row, "game_status": 1, "game_status_text": "7:00 pm ET"})
    live = {**watch.world.rows["nbac_schedule"][0], "game_id": "0022599999", "game_date": DAY + timedelta(days=1)}
    watch.world.rows["nbac_schedule"].append({**live, "game_status": 2, "game_status_text": "Q3"})
    watch.world.load("nbac_schedule")
    assert watch.until_quiet() == []


@pytest.mark.long
def test_a_clock_set_back_puts_no_look_off_for_long(watch):
    watch.raw = (TEAM_BOX,)
    for row in watch.world.of(TEAM_BOX):
        row["assists"] += 1
    watch.world.load(TEAM_BOX)
    watch.tick()
    assert len(watch.tick(carry_out=False)) == 1
    watch.now -= timedelta(days=300)
    asked = [run for _ in range(10) for run in watch.tick()]
    assert len(asked) == 1, "after the pause that follows a run which did nothing, by the clock as it now is"


def test_an_idle_tick_opens_nothing(watch, monkeypatch):
    assert watch.tick() == []

    def refuse(*_arguments, **_options):
        raise AssertionError("an idle tick opened the warehouse")

    monkeypatch.setattr(type(watch.world.warehouse), "session", refuse)
    assert watch.tick() == []


@pytest.mark.parametrize("moment", ["NaN", "1e18"])
def test_history_is_looked_at_again_whatever_moment_a_memory_says(make_world, moment):
    world = make_world(1)
    world.load()
    watch = Watch(world, raw=(None,))
    watch.memories = {None: Memory.from_json(f'{{"looked_at":{moment}}}')}
    assert [run.start for run in watch.until_quiet()] == [DAY]


def test_a_date_looked_at_for_years_is_still_looked_at_at_the_longest_pause():
    pauses = [PACING.retry_pause(looks) for looks in (1, 2, 3, 1024, 1025, 100_000)]
    assert pauses == [60, 120, 240, 3600, 3600, 3600]
    shortest = Pacing.from_environment({"PHASE3_FIRST_RETRY_SECONDS": "1", "PHASE3_LONGEST_RETRY_SECONDS": "2592000"})
    assert shortest.retry_pause(100_000) == 2_592_000


@pytest.mark.long
def test_the_widest_window_and_the_longest_wait_that_can_be_set_work(make_world):
    world = make_world(1)
    world.load()
    watch = Watch(world, raw=(TEAM_BOX,))
    watch.pacing = Pacing.from_environment(
        {"PHASE3_SENSOR_WINDOW_DAYS": "36500", "PHASE3_SENSOR_WAIT_SECONDS": "86400", "PHASE3_RUNS_PER_TICK": "1"}
    )
    assert [run.start for run in watch.until_quiet()] == [DAY]
