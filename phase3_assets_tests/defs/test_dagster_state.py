"""What an instance of Dagster says of itself, as the checklist reads it; what the sensor of code notes and tells."""

import json
import time
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteRepositoryOrigin
from dagster._core.scheduler.instigation import (
    InstigatorState,
    InstigatorStatus,
    SensorInstigatorData,
    TickData,
    TickStatus,
)
from dagster._core.test_utils import create_run_for_test
from dagster._daemon.types import DaemonHeartbeat
from dagster._utils.error import SerializableErrorInfo

from phase3_assets.alerting.notifiers import Alert
from phase3_assets.definitions import build_automation
from phase3_assets.defs.code_alerts import CODE_SENSOR, build_code_sensor
from phase3_assets.defs.dagster_state import dagster_state
from phase3_assets.defs.resources import Publisher
from phase3_assets.settings.software import running
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets_tests.support.games import OFFENSE

REPOSITORY = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("phase3_assets"), "__repository__")


class Receiver:
    """Keeps what is sent."""

    def __init__(self) -> None:
        self.alerts: list[Alert] = []

    def send(self, alert: Alert) -> None:
        self.alerts.append(alert)


@pytest.fixture
def instance():
    with dg.instance_for_test() as made:
        yield made


def test_an_instance_on_which_no_daemon_has_run(instance):
    with dg.DagsterInstance.ephemeral() as in_memory:
        for each in (instance, in_memory):
            state = dagster_state(each, [], [])
            assert (state.beat_at, state.queued, state.started, state.failed, state.code) == (None, 0, 0, (), None)


def test_heartbeats_queue_and_failed_runs(instance):
    now = time.time()
    for kind, age in (("SENSOR", 20), ("SCHEDULER", 4000), ("BACKFILL", 90_000)):
        instance.add_daemon_heartbeat(DaemonHeartbeat(now - age, kind, "x"))
    for status, day in (
        (dg.DagsterRunStatus.QUEUED, "2026-02-01"),
        (dg.DagsterRunStatus.STARTED, "2026-02-01"),
        (dg.DagsterRunStatus.FAILURE, "2026-02-02"),
        (dg.DagsterRunStatus.FAILURE, "2026-02-03"),
        (dg.DagsterRunStatus.SUCCESS, "2026-02-03"),
    ):
        tags, origin = {"dagster/partition": day}, REPOSITORY.get_job_origin("publish")
        create_run_for_test(instance, "publish", status=status, tags=tags, remote_job_origin=origin)
    state = dagster_state(instance, [], [])
    assert state.beat_at is not None
    assert abs(state.beat_at - datetime.fromtimestamp(now - 4000, UTC)) < timedelta(seconds=2), "the oldest"
    assert (state.queued, state.started) == (1, 1)
    assert state.queued_since is not None and datetime.now(UTC) - state.queued_since < timedelta(minutes=1)
    assert [what.split(",")[0] for what in state.failed] == ["publish 2026-02-02"]


def tick(sensor: dg.SensorDefinition, instance: dg.DagsterInstance, cursor: str | None):
    return sensor(dg.build_sensor_context(instance=instance, cursor=cursor))


def test_the_code_sensor_notes_what_is_loaded_and_tells_once_after_a_day(world, instance, monkeypatch):
    receiver = Receiver()
    sensor = build_code_sensor(Publisher(world.warehouse, Thresholds()), receiver)
    noted = tick(sensor, instance, None).cursor
    assert json.loads(noted)["running"] == running()
    assert receiver.alerts == []
    world.tamper(f"UPDATE nba_phase3.publications SET code_version = 'before' WHERE table_name = '{OFFENSE}'")
    monkeypatch.setenv("PHASE3_CODE_DRIFT_HOURS", "0")
    assert tick(sensor, instance, noted).cursor == noted, "it looks at the warehouse once an hour"
    aged = json.dumps({**json.loads(noted), "looked_at": "2026-01-01T00:00:00+00:00"})
    told = tick(sensor, instance, aged).cursor
    assert [alert.title for alert in receiver.alerts] == [
        "Code: what is installed, what runs and what has written differ"
    ]
    assert "docs/runbook.md#alert-code-drift" in receiver.alerts[0].text
    again = json.dumps({**json.loads(told), "looked_at": "2026-01-01T00:00:00+00:00"})
    told = tick(sensor, instance, again).cursor
    assert len(receiver.alerts) == 1, "told once"
    world.publish()
    again = json.dumps({**json.loads(told), "looked_at": "2026-01-01T00:00:00+00:00"})
    tick(sensor, instance, again)
    assert [alert.severity for alert in receiver.alerts] == ["WARNING", "INFO"]


def test_a_cursor_that_cannot_be_read_is_none(instance, world):
    receiver = Receiver()
    sensor = build_code_sensor(Publisher(world.warehouse, Thresholds()), receiver)
    for cursor in ("nonsense", "[]", '{"running": 1, "looked_at": "x"}'):
        assert json.loads(tick(sensor, instance, cursor).cursor)["running"] == running()


def test_each_sensor_and_schedule_as_it_stands(instance, world):
    publisher = Publisher(world.warehouse, Thresholds())
    sensors, schedules = build_automation(publisher, Receiver())
    now = time.time()
    remember(instance, "nbac_schedule_changes", InstigatorStatus.STOPPED)
    remember(instance, "run_alerts", InstigatorStatus.DECLARED_IN_CODE, TickStatus.SKIPPED, now - 7)
    remember(instance, "check_state_alerts", InstigatorStatus.RUNNING, TickStatus.FAILURE, now - 8)
    remember(instance, CODE_SENSOR, InstigatorStatus.RUNNING, TickStatus.SKIPPED, now, '{"running": "0.0.9+earlier"}')
    state = dagster_state(instance, sensors, schedules)
    found = {one.name: one for one in state.automations}
    assert {one.name for one in (*sensors, *schedules)} == set(found)
    assert not found["nbac_schedule_changes"].is_running
    assert found["run_alerts"].is_running and found["run_alerts"].error is None
    assert found["run_alerts"].ticked_at == datetime.fromtimestamp(now - 7, UTC)
    assert found["check_state_alerts"].error == "the receiver does not answer"
    assert found["reconcile_history"].ticked_at is None and found["reconcile_history"].is_running
    assert found["health_daily"].is_schedule and not found[CODE_SENSOR].is_schedule
    assert state.code == "0.0.9+earlier"


def remember(instance, name, status, ticked=None, at=0.0, cursor=None):
    """The state that Dagster's daemon keeps of a sensor, with its last tick."""
    origin = REPOSITORY.get_instigator_origin(name)
    data = SensorInstigatorData(cursor=cursor)
    instance.add_instigator_state(InstigatorState(origin, InstigatorType.SENSOR, status, data))
    if ticked:
        (state,) = [each for each in instance.all_instigator_state() if each.instigator_name == name]
        error = SerializableErrorInfo("the receiver does not answer\n", [], "NotifierError")
        instance.create_tick(
            TickData(
                instigator_origin_id=state.instigator_origin_id,
                instigator_name=name,
                instigator_type=InstigatorType.SENSOR,
                status=ticked,
                timestamp=at,
                selector_id=state.selector_id,
                error=error if ticked is TickStatus.FAILURE else None,
            )
        )
