"""What Dagster's instance says of itself: daemons, sensors, schedules, queue, failed runs.

What belongs here: asking. What doesn't: judging (health/running.py).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg

from phase3_assets.clock import utc_now
from phase3_assets.defs.alert_sensors import subject_of, what_ran
from phase3_assets.defs.code_alerts import CODE_SENSOR
from phase3_assets.health.running import Automation, Dagster

_A_DAY = timedelta(days=1)
_MOST_RUNS = 500
_TICKS = 3
"""A sensor fails if its last three ticks did: one that met a busy machine tries again by itself."""
_DAEMONS = ("SENSOR", "SCHEDULER", "QUEUED_RUN_COORDINATOR")
"""Dagster's names of the daemons that our work needs; one that was once configured and is no longer must not count."""
_UNDER_WAY = (dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING)


def dagster_state(
    instance: dg.DagsterInstance,
    sensors: Sequence[dg.SensorDefinition],
    schedules: Sequence[dg.ScheduleDefinition],
) -> Dagster:
    """Ask the instance about our sensors and schedules, its queue, and the runs of the last day."""
    stored = _stored(instance)
    intervals = {sensor.name: float(sensor.minimum_interval_seconds or 30) for sensor in sensors}
    names = [*intervals, *(schedule.name for schedule in schedules)]
    beats = [beat.timestamp for kind, beat in instance.get_daemon_heartbeats().items() if kind in _DAEMONS]
    queued = instance.get_run_records(dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED]), limit=_MOST_RUNS)
    started = instance.get_runs_count(dg.RunsFilter(statuses=list(_UNDER_WAY)))
    return Dagster(
        beat_at=datetime.fromtimestamp(min(beats), UTC) if beats else None,
        automations=tuple(_automation(instance, name, intervals.get(name), stored.get(name)) for name in names),
        queued=len(queued),
        queued_since=min((record.create_timestamp.astimezone(UTC) for record in queued), default=None),
        started=started,
        failed=tuple(_failed(instance)),
        code=_code(stored.get(CODE_SENSOR)),
    )


def _stored(instance: dg.DagsterInstance) -> Mapping[str, Any]:
    """What the instance remembers of each sensor and schedule, by name; of two of one name, the one "
    "that ticked last."""
    found: dict[str, Any] = {}
    if instance.schedule_storage is None:  # an instance in memory, as of a notebook: no daemon uses it
        return found
    for state in instance.all_instigator_state():
        other = found.get(state.instigator_name)
        if other is None or _last_tick(instance, other, 0.0) < _last_tick(instance, state, 0.0):
            found[state.instigator_name] = state
    return found


def _last_tick(instance: dg.DagsterInstance, state: Any, otherwise: float) -> float:
    ticks = instance.get_ticks(state.instigator_origin_id, state.selector_id, limit=1)
    return ticks[0].timestamp if ticks else otherwise


def _automation(instance: dg.DagsterInstance, name: str, interval: float | None, state: Any) -> Automation:
    """A sensor (with its interval) or a schedule; without a stored state it has never ticked, and its default holds."""
    if state is None:
        return Automation(name, True, None, interval or 0.0, None, interval is None)
    ticks = instance.get_ticks(state.instigator_origin_id, state.selector_id, limit=_TICKS)
    last = ticks[0] if ticks else None
    error = None
    if last is not None and last.error is not None and all(tick.is_failure for tick in ticks):
        innermost = last.error
        while innermost.cause:
            innermost = innermost.cause
        error = next(iter(innermost.message.strip().splitlines()), "for an unknown reason")
    at = datetime.fromtimestamp(last.timestamp, UTC) if last is not None else None
    return Automation(name, state.is_running, at, interval or 0.0, error, interval is None)


def _failed(instance: dg.DagsterInstance) -> Iterator[str]:
    """The runs of the last day that failed and of whose job and dates none has succeeded since, newest first."""
    ended = (dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.SUCCESS)
    chosen = dg.RunsFilter(statuses=list(ended), updated_after=utc_now() - _A_DAY)
    seen = []
    records = instance.get_run_records(chosen, limit=_MOST_RUNS)
    for record in sorted(records, key=lambda record: record.end_time or 0.0, reverse=True):
        subject = subject_of(record)
        if subject in seen:
            continue
        seen.append(subject)
        if record.dagster_run.status is dg.DagsterRunStatus.FAILURE:
            yield f"{what_ran(record)}, run {record.dagster_run.run_id[:8]}"


def _code(state: Any) -> str | None:
    """The version that the code server has loaded, as its own sensor has noted it."""
    cursor = state.instigator_data.cursor if state is not None and state.instigator_data is not None else None
    try:
        return str(json.loads(cursor or "{}")["running"])
    except (ValueError, KeyError, TypeError):
        return None
