"""Dagster's side of the sensors and schedules: requests that really run, cursors, what the UI shows, silence.

What belongs here: sensors evaluated with a real instance, and their requests executed. What doesn't: what a tick
decides (automation/test_tick.py).
"""

import json
import threading
import time
from datetime import UTC, date, datetime, timedelta

import dagster as dg
import pytest

from phase3_assets.automation import tick as changes
from phase3_assets.definitions import build_defs
from phase3_assets.defs import schedules, sensors
from phase3_assets.defs.jobs import PUBLISH_JOB, SWEEP_JOB, VERIFY_JOB
from phase3_assets.defs.partitions import partition_tags
from phase3_assets.defs.resources import Publisher
from phase3_assets.defs.sensors import HISTORY_SENSOR, runs_under_way
from phase3_assets.defs.tags import CAUSE_TAG, CHANGE_TAG, GAMES_TAG, WAITING_TAG
from phase3_assets.demo.season import simulate_season
from phase3_assets.settings.calendar import TIMEZONE
from phase3_assets.settings.pacing import Pacing
from phase3_assets_tests.support.games import DAY, OFFENSE, PLAYERS, SUMMARIES

pytestmark = pytest.mark.slow
TEAM_BOX = "nbac_team_boxscore"


@pytest.fixture(autouse=True)
def _the_next_morning(monkeypatch):
    """The calendar of the simulated night: the day after it, whatever the day of the test."""
    for module in (sensors, schedules):
        monkeypatch.setattr(module, "today", lambda: DAY + timedelta(days=1))


class Deployment:
    """A world's definitions on one instance, its sensors' cursors kept as the daemon keeps them."""

    def __init__(self, world, instance: dg.DagsterInstance | None = None) -> None:
        self.world = world
        self.defs = build_defs(Publisher(world.warehouse, pacing=Pacing(gate_wait_seconds=0)))
        self.instance = instance or dg.DagsterInstance.ephemeral()
        self.cursors: dict[str, str | None] = {}
        self.run_keys: set[str] = set()

    def tick(self, name: str) -> dg.SensorResult:
        (sensor,) = [sensor for sensor in self.defs.sensors if sensor.name == name]
        context = dg.build_sensor_context(self.instance, cursor=self.cursors.get(name), definitions=self.defs)
        result = sensor(context)
        self.cursors[name] = result.cursor
        return result

    def execute(self, request: dg.RunRequest, job: str = PUBLISH_JOB) -> dg.ExecuteInProcessResult:
        if request.run_key:
            assert request.run_key not in self.run_keys, "Dagster would leave out a run whose key it knows"
            self.run_keys.add(request.run_key)
        return self.defs.resolve_job_def(job).execute_in_process(
            instance=self.instance,
            partition_key=request.partition_key,
            tags=dict(request.tags),
            asset_selection=request.asset_selection,
        )

    def fail(self, request: dg.RunRequest) -> dg.DagsterRun:
        """The run as the daemon makes it, failed; left out where Dagster knows its key."""
        tags = {**request.tags, "dagster/run_key": str(request.run_key)}
        assert not self.instance.get_runs(dg.RunsFilter(tags={"dagster/run_key": str(request.run_key)}))
        job = self.defs.resolve_job_def(PUBLISH_JOB)
        return self.instance.create_run_for_job(job, tags=tags, status=dg.DagsterRunStatus.FAILURE)


@pytest.fixture
def deployment(make_world):
    world = make_world(3)
    world.load()
    return Deployment(world)


def test_there_is_a_sensor_for_every_raw_table_that_a_select_reads_and_all_run_by_default(deployment):
    found = {sensor.name: sensor for sensor in deployment.defs.sensors}
    expected = {
        f"{name}_changes"
        for name in (
            "nbac_schedule",
            TEAM_BOX,
            "nbac_gamebook_player_stats",
            "nbac_player_boxscores",
            "odds_api_player_points_props",
        )
    }
    assert expected | {HISTORY_SENSOR} <= set(found)
    for name in expected | {HISTORY_SENSOR}:
        assert found[name].default_status == dg.DefaultSensorStatus.RUNNING
    for schedule in deployment.defs.schedules:
        assert schedule.default_status == dg.DefaultScheduleStatus.RUNNING
        assert schedule.execution_timezone == TIMEZONE


def test_a_change_becomes_a_run_that_publishes_and_checks_it_and_an_observation(deployment):
    sensor = f"{TEAM_BOX}_changes"
    first = deployment.tick(sensor)
    assert not first.run_requests and "settling" in str(first.skip_reason)
    second = deployment.tick(sensor)
    (request,) = second.run_requests
    assert request.partition_key == DAY.isoformat()
    assert request.tags[CAUSE_TAG] == sensor and request.tags["phase3/raw_table"] == TEAM_BOX
    assert set(request.tags[GAMES_TAG].split(",")) == {game.game_id for game in deployment.world.games}
    (observation,) = second.asset_events
    assert (observation.asset_key.path, observation.partition) == ([TEAM_BOX], DAY.isoformat())
    assert observation.tags["dagster/data_version"]

    result = deployment.execute(request)
    assert result.success
    assert len(deployment.world.table(PLAYERS)) > 0
    checked = {(e.asset_key.path[-1], e.check_name) for e in result.get_asset_check_evaluations()}
    assert {(table, "game_count") for table in SUMMARIES} <= checked
    assert not deployment.tick(sensor).run_requests
    assert "nothing new" in str(deployment.tick(sensor).skip_reason)


@pytest.mark.long
def test_a_correction_runs_its_game_alone_and_the_same_date_twice(deployment):
    sensor = f"{TEAM_BOX}_changes"
    deployment.tick(sensor)
    deployment.execute(deployment.tick(sensor).run_requests[0])
    deployment.tick(sensor)
    for more in (1, 2):
        for row in deployment.world.of(TEAM_BOX):
            row["assists"] += more
        deployment.world.load(TEAM_BOX)
        assert not deployment.tick(sensor).run_requests
        (request,) = deployment.tick(sensor).run_requests
        assert request.tags[GAMES_TAG] == deployment.world.game.game_id
        result = deployment.execute(request)
        assert result.success
        (event,) = result.asset_materializations_for_node(OFFENSE)
        assert event.metadata["dagster/partition_row_count"].value == 6, "rows of the date, not of the run's game"
        assert not deployment.tick(sensor).run_requests


@pytest.mark.long
def test_a_range_is_one_run_over_its_partitions(make_world):
    games = simulate_season(5, DAY - timedelta(days=5), 6)
    world = make_world(games)
    world.load()
    deployment = Deployment(world)
    deployment.tick("nbac_schedule_changes")
    (request,) = deployment.tick("nbac_schedule_changes").run_requests
    result = deployment.execute(request)
    assert result.success
    days = {game.game_date.isoformat() for game in games}
    assert days <= deployment.instance.get_materialized_partitions(dg.AssetKey(PLAYERS))


@pytest.mark.long
def test_a_run_that_failed_is_asked_for_under_a_key_dagster_has_not_seen(deployment, monkeypatch):
    sensor = f"{TEAM_BOX}_changes"
    clock = [datetime(2026, 2, 4, 12, tzinfo=UTC)]
    monkeypatch.setattr(sensors, "utc_now", lambda: clock[0])
    deployment.tick(sensor)
    (request,) = deployment.tick(sensor).run_requests
    deployment.fail(request)
    assert not deployment.tick(sensor).run_requests, "not at once"
    clock[0] += timedelta(seconds=61)
    (again,) = deployment.tick(sensor).run_requests
    assert again.run_key != request.run_key and again.tags[CHANGE_TAG] == request.tags[CHANGE_TAG]
    deployment.cursors.clear()
    deployment.tick(sensor)
    (lost,) = deployment.tick(sensor).run_requests
    assert lost.run_key != request.run_key, "a lost cursor must not ask for a run that Dagster would leave out"


@pytest.mark.long
def test_a_run_deleted_from_the_history_does_not_stop_its_date_for_ever(deployment, monkeypatch):
    sensor = f"{TEAM_BOX}_changes"
    clock = [datetime(2026, 2, 4, 12, tzinfo=UTC)]
    monkeypatch.setattr(sensors, "utc_now", lambda: clock[0])
    deployment.tick(sensor)
    runs = []
    for _ in range(3):
        (request,) = deployment.tick(sensor).run_requests
        runs.append(deployment.fail(request))
        if len(runs) == 2:
            deployment.instance.delete_run(runs[0].run_id)
        clock[0] += timedelta(hours=2)
    assert len(deployment.instance.get_runs()) == 2


def test_queued_and_running_runs_cover_their_dates_and_others_do_not(deployment):
    job = deployment.defs.resolve_job_def(PUBLISH_JOB)
    make = deployment.instance.create_run_for_job
    make(job, tags={"dagster/partition": "2026-02-03"}, status=dg.DagsterRunStatus.NOT_STARTED)
    make(job, tags=partition_tags(date(2026, 1, 1), date(2026, 1, 5)), status=dg.DagsterRunStatus.STARTED)
    make(job, tags={"dagster/partition": "2026-01-10"}, status=dg.DagsterRunStatus.FAILURE)
    verify = deployment.defs.resolve_job_def(VERIFY_JOB)
    make(verify, tags={"dagster/partition": "2026-01-12"}, status=dg.DagsterRunStatus.STARTED)
    under_way = runs_under_way(deployment.instance)
    covered = [day for day in (3, 5, 6, 10, 12) if under_way(date(2026, 1, day))]
    assert covered == [3, 5] and under_way(DAY)


def test_a_run_whose_launch_was_lost_is_named_and_holds_its_date_for_minutes_only(deployment, monkeypatch):
    sensor = f"{TEAM_BOX}_changes"
    job = deployment.defs.resolve_job_def(PUBLISH_JOB)
    tags = {"dagster/partition": DAY.isoformat()}
    run = deployment.instance.create_run_for_job(job, tags=tags, status=dg.DagsterRunStatus.NOT_STARTED)
    clock = [datetime.now(UTC)]
    monkeypatch.setattr(sensors, "utc_now", lambda: clock[0])
    for _ in range(2):
        waiting = deployment.tick(sensor)
        assert not waiting.run_requests
        assert f"{DAY}: run {run.run_id[:8]} (not started) is working on it" in str(waiting.skip_reason)
    clock[0] += timedelta(minutes=11)
    deployment.tick(sensor)
    assert deployment.tick(sensor).run_requests


def test_a_warehouse_that_is_away_is_no_failure_and_loses_nothing(deployment):
    sensor = f"{TEAM_BOX}_changes"
    deployment.tick(sensor)
    before = deployment.cursors[sensor]
    kept = deployment.world.warehouse.path.read_bytes()
    deployment.world.warehouse.path.write_bytes(b"not a database" * 1000)
    result = deployment.tick(sensor)
    assert not result.run_requests and "looks again" in str(result.skip_reason)
    assert result.cursor == before
    deployment.world.warehouse.path.write_bytes(kept)
    deployment.tick(sensor)
    assert len(deployment.tick(sensor).run_requests) <= 1
    assert json.loads(deployment.cursors[sensor])["open"]


@pytest.mark.parametrize("trouble", ["DROP TABLE nba_raw.nbac_player_boxscores", None])
def test_a_warehouse_that_is_not_ready_is_told_and_makes_no_tick_red(deployment, trouble):
    if trouble:
        deployment.world.tamper(trouble)
    else:
        deployment.world.warehouse.path.unlink()
    result = deployment.tick(f"{TEAM_BOX}_changes")
    assert not result.run_requests and "phase3 init" in str(result.skip_reason)


def test_a_run_asked_for_a_game_that_has_left_the_schedule_publishes_the_others(deployment):
    sensor = f"{TEAM_BOX}_changes"
    deployment.tick(sensor)
    (request,) = deployment.tick(sensor).run_requests
    deployment.world.drop("nbac_schedule")
    deployment.world.load("nbac_schedule")
    assert deployment.execute(request).success
    published = {row["game_id"] for row in deployment.world.table(PLAYERS)}
    assert published == {game.game_id for game in deployment.world.games[1:]}


def test_a_sensors_run_does_not_wait_for_upstream_rows_that_only_the_next_run_can_bring(deployment):
    sensor = f"{TEAM_BOX}_changes"
    deployment.tick(sensor)
    (request,) = deployment.tick(sensor).run_requests
    waiting = build_defs(Publisher(deployment.world.warehouse, pacing=Pacing(gate_wait_seconds=60)))
    deployment.defs, started = waiting, time.monotonic()
    result = deployment.execute(request._replace(asset_selection=[dg.AssetKey(PLAYERS)]))
    assert result.success and time.monotonic() - started < 60
    run = deployment.instance.get_run_by_id(result.run_id)
    assert run.tags[WAITING_TAG] == "3 games"


def schedule_result(deployment, name):
    (schedule,) = [schedule for schedule in deployment.defs.schedules if schedule.name == name]
    return schedule(dg.build_schedule_context(deployment.instance, scheduled_execution_time=datetime.now(UTC)))


@pytest.mark.long
def test_the_sweep_names_every_final_game_that_is_not_published(deployment):
    game = deployment.world.game
    for row in deployment.world.of(TEAM_BOX):
        row.update(points=0, fg_attempted=0, minutes=None)
    deployment.world.drop("nbac_gamebook_player_stats")
    deployment.world.load()
    deployment.world.publish()
    request = schedule_result(deployment, "sweep_daily")
    result = deployment.execute(request, SWEEP_JOB)
    (event,) = [e for e in result.all_events if e.event_type_value == "ASSET_OBSERVATION"]
    shown = event.asset_observation_data.asset_observation.metadata
    assert shown["games_not_published"].value == 1
    assert game.game_id in shown["not_published"].value and "placeholder_team_boxscore" in shown["not_published"].value


@pytest.mark.long
def test_the_sweep_waives_what_has_waited_too_long(deployment, monkeypatch):
    deployment.world.drop(TEAM_BOX)
    deployment.world.drop("nbac_gamebook_player_stats")
    deployment.world.reload_and_publish()
    deployment.world.tamper("UPDATE nba_phase3.game_readiness SET updated_at = updated_at - INTERVAL 15 DAY")
    deployment.execute(schedule_result(deployment, "sweep_daily"), SWEEP_JOB)
    assert [event["game_id"] for event in deployment.world.events("game_waived")] == [deployment.world.game.game_id]


def test_the_daily_verification_finds_what_was_changed_by_hand(deployment):
    deployment.world.publish()
    request = schedule_result(deployment, "verify_daily")
    assert deployment.execute(request, VERIFY_JOB).success
    deployment.world.tamper("UPDATE nba_analytics.player_game_summary SET usage_rate = 1228")
    with pytest.raises(dg.Failure, match="not what was published"):
        deployment.execute(request, VERIFY_JOB)


def test_both_schedules_are_silent_when_no_game_was_scheduled_for_weeks(deployment, monkeypatch):
    monkeypatch.setattr(schedules, "today", lambda: date(2026, 8, 15))
    for name in ("verify_daily", "sweep_daily"):
        assert isinstance(schedule_result(deployment, name), dg.SkipReason)


def test_both_schedules_look_at_every_date_where_they_cannot_look_first(deployment, monkeypatch):
    """There is no other tick until tomorrow: the run waits for its turn, or fails where somebody sees it."""
    warehouse = deployment.world.warehouse
    monkeypatch.setattr(warehouse, "wait_seconds", 600)  # a command's patience: Dagster has less
    release, is_held = threading.Event(), threading.Event()

    def hold() -> None:
        with warehouse.session():
            is_held.set()
            release.wait(60)

    holder = threading.Thread(target=hold)
    holder.start()
    is_held.wait(60)
    begun = time.monotonic()
    requests = [schedule_result(deployment, name) for name in ("verify_daily", "sweep_daily")]
    assert time.monotonic() - begun < 50
    release.set()
    holder.join()
    last = schedules.today() - timedelta(days=1)
    for request in requests:
        assert partition_tags(last - timedelta(days=29), last).items() <= request.tags.items()


@pytest.mark.long
def test_an_emptied_schedule_is_no_off_season(deployment):
    deployment.world.publish()
    deployment.world.rows["nbac_schedule"] = []
    deployment.world.load()
    request = schedule_result(deployment, "sweep_daily")
    assert deployment.execute(request, SWEEP_JOB).success
    reasons = {row["reason"] for row in deployment.world.query("SELECT reason FROM nba_phase3.game_readiness")}
    assert reasons == {"its source is gone (not on the schedule any more); the rows stay"}


def test_both_schedules_skip_while_there_is_no_warehouse(deployment):
    deployment.world.warehouse.path.unlink()
    for name in ("verify_daily", "sweep_daily"):
        skipped = schedule_result(deployment, name)
        assert isinstance(skipped, dg.SkipReason) and "phase3 init" in skipped.skip_message


@pytest.mark.long
def test_a_misspelt_check_is_a_failed_run_and_no_green_one(deployment):
    job = deployment.defs.resolve_job_def("check")
    for check, is_known in (("usage_rate", True), ("usage-rate", False)):
        result = job.execute_in_process(
            instance=deployment.instance,
            partition_key=DAY.isoformat(),
            run_config={"ops": {"check_rows": {"config": {"checks": [check]}}}},
            raise_on_error=False,
        )
        assert result.success == is_known
    (failure,) = [event for event in result.all_events if event.event_type_value == "STEP_FAILURE"]
    assert "no check usage-rate" in str(failure.step_failure_data.user_failure_data.description)


@pytest.mark.parametrize("job", [PUBLISH_JOB, "check", VERIFY_JOB])
def test_a_range_that_ends_before_it_starts_is_refused_in_a_sentence(deployment, job):
    tags = partition_tags(DAY, DAY - timedelta(days=3))
    result = deployment.defs.resolve_job_def(job).execute_in_process(
        instance=deployment.instance, tags=tags, raise_on_error=False
    )
    failures = [event for event in result.all_events if event.event_type_value == "STEP_FAILURE"]
    assert "range of dates ends before it starts" in str(failures[0].step_failure_data.error)


def test_the_memory_stays_small(deployment):
    """A season of dates in the cursor; Dagster stores it at every tick."""
    days = [date(2025, 10, 1) + timedelta(days=n) for n in range(400)]
    memory = changes.Memory(done={day.isoformat(): "12-123456789012345678901" for day in days})
    assert len(memory.to_json()) < 20_000


def test_another_projects_run_of_the_same_date_is_no_run_of_ours(deployment):
    @dg.asset(partitions_def=dg.DailyPartitionsDefinition("2020-01-01"))
    def odds() -> None: ...

    theirs = dg.Definitions(assets=[odds], jobs=[dg.define_asset_job("reload", [odds])]).resolve_job_def("reload")
    tags = {"dagster/partition": DAY.isoformat()}
    make = deployment.instance.create_run_for_job
    make(theirs, tags=tags, status=dg.DagsterRunStatus.STARTED)
    make(theirs, tags=tags, status=dg.DagsterRunStatus.STARTED, asset_selection=frozenset({odds.key}))
    assert runs_under_way(deployment.instance)(DAY) is None
    ours = deployment.defs.resolve_job_def(PUBLISH_JOB)
    make(ours, tags=tags, status=dg.DagsterRunStatus.STARTED, asset_selection=frozenset({dg.AssetKey(OFFENSE)}))
    assert runs_under_way(deployment.instance)(DAY)
