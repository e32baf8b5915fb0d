"""A sensor per watched table, and one for all of history: they publish each change once, in lineage order.

What belongs here: Dagster's side of a tick (cursor, run requests, observations, skip reasons, runs under way). What
doesn't: what changed and what follows from it (automation/tick.py), alerts (alert_sensors.py), the clock's own work
(schedules.py).

Which sensors exist follows from what the SELECTs read; nobody keeps a list.
"""

from collections.abc import Callable
from datetime import date, timedelta

import dagster as dg

from phase3_assets.automation.memory import Memory
from phase3_assets.automation.tick import Runs, RunWanted, Tick, tick, watched_tables
from phase3_assets.catalog.table_names import TABLE_NAMES
from phase3_assets.clock import utc_now
from phase3_assets.defs.assets import COMPLETION, READINESS
from phase3_assets.defs.health import HEALTH_JOB
from phase3_assets.defs.jobs import CHECK_JOB, PUBLISH_JOB, SWEEP_JOB, VERIFY_JOB
from phase3_assets.defs.night_report import REPORT_JOB
from phase3_assets.defs.partitions import partition_tags
from phase3_assets.defs.resources import Publisher
from phase3_assets.defs.tags import (
    CAUSE_TAG,
    CHANGE_TAG,
    GAMES_TAG,
    PARTITION_TAG,
    RANGE_END_TAG,
    RANGE_START_TAG,
    RAW_TABLE_TAG,
    RUN_KEY_TAG,
)
from phase3_assets.errors import Phase3Error
from phase3_assets.settings.calendar import today

HISTORY_SENSOR = "reconcile_history"

UNFINISHED = (
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.SUSPENDED,
    dg.DagsterRunStatus.CANCELING,
)
"""The states of a run that may still write."""

_WRITING_NOTHING = (CHECK_JOB, HEALTH_JOB, REPORT_JOB, SWEEP_JOB, VERIFY_JOB)
_GAMES_NAMED = 40
"""Most games that a run's tag names. A run for more is not limited by name: a season's ids do not belong in a tag."""
_LONGEST_UNSTARTED = timedelta(minutes=10)
"""Age from which a created run that was never queued is ignored: the process that created it is gone. It is longer than
run monitoring (instance/home.py) waits; where monitoring is on, it fails such a run first.
"""
_OBSERVATIONS = 100
"""Most observations that one tick reports; those of the newest dates."""


def build_sensors(publisher: Publisher) -> list[dg.SensorDefinition]:
    """A sensor for every table whose changes make something due (tick.watched_tables), and `reconcile_history`."""
    return [_sensor(publisher, name) for name in watched_tables()] + [_sensor(publisher, None)]


def sensor_name(watched: str | None) -> str:
    """The name of a table's sensor, given the table's name with or without a dataset; None gives the history sensor."""
    return f"{watched.split('.')[-1]}_changes" if watched else HISTORY_SENSOR


def _sensor(publisher: Publisher, watched: str | None) -> dg.SensorDefinition:
    raw_table = None if watched is None or "." in watched else watched
    described = (
        f"Publishes what a change of {watched.split('.')[-1]} makes due, once it has settled."
        if watched
        else "Holds all of history against what should be published, whatever the other sensors remember."
    )

    @dg.sensor(
        name=sensor_name(watched),
        job_name=PUBLISH_JOB,
        description=described,
        minimum_interval_seconds=max(1, int(publisher.pacing.sensor_interval_seconds)),
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def changes(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        memory = Memory.from_json(context.cursor)
        origin = context.code_location_origin
        under_way = runs_under_way(context.instance, origin.location_name if origin else None)
        runs = Runs(under_way, lambda change: _has_failed(context.instance, change))
        try:
            found = tick(publisher.warehouse, watched, memory, runs, publisher.pacing, today(), utc_now())
        except Phase3Error as error:
            # The warehouse is locked, unreachable, not created yet, or of another shape. The skip reason tells people
            # why; a failed tick every 15 s would not help them. The cursor stays as it is: the next tick asks again, so
            # nothing is lost meanwhile.
            return dg.SensorResult(skip_reason=f"the next tick looks again: {error}", cursor=context.cursor)
        for line in found.given_up:
            context.log.error(f"{line}; it is tried again every {publisher.pacing.longest_retry_seconds:.0f} s")
        return dg.SensorResult(
            run_requests=[_request(context.instance, watched, run) for run in found.runs],
            skip_reason=None if found.runs else found.sentence,
            cursor=memory.to_json(),
            asset_events=_observations(raw_table, found),
        )

    return changes


def runs_under_way(instance: dg.DagsterInstance, location: str | None = None) -> Callable[[date], str | None]:
    """A function that names, for a date, the queued or running run that publishes it, in words; or gives None.

    The sensor looks at such a date once that run has ended. `location` is our code location's name: other projects of
    the instance may use dates as partitions as well.
    """
    ranges = []
    for record in instance.get_run_records(dg.RunsFilter(statuses=list(UNFINISHED))):
        run = record.dagster_run
        is_unstarted = run.status == dg.DagsterRunStatus.NOT_STARTED
        if is_unstarted and utc_now() - record.create_timestamp > _LONGEST_UNSTARTED:
            continue
        first = run.tags.get(PARTITION_TAG) or run.tags.get(RANGE_START_TAG)
        last = run.tags.get(PARTITION_TAG) or run.tags.get(RANGE_END_TAG)
        if first and last and _publishes(run, location):
            ranges.append((first, last, f"run {run.run_id[:8]} ({run.status.value.lower().replace('_', ' ')})"))
    return lambda day: next((run for first, last, run in ranges if first <= day.isoformat() <= last), None)


def _publishes(run: dg.DagsterRun, location: str | None) -> bool:
    """Whether a run writes our tables.

    The assets it selects decide, since no two projects share one. A run that selects none is judged by whose job it is.
    """
    if run.job_name in _WRITING_NOTHING:
        return False
    if run.asset_selection:
        return not run.asset_selection.isdisjoint({dg.AssetKey(name) for name in (READINESS, *TABLE_NAMES)})
    origin = run.remote_job_origin
    if origin and location:
        return origin.location_name == location
    return run.job_name == PUBLISH_JOB


def _has_failed(instance: dg.DagsterInstance, change: str) -> bool:
    """Whether the latest run for a change failed; a run that a person cancelled does not count as failed."""
    latest = instance.get_runs(dg.RunsFilter(tags={CHANGE_TAG: change}), limit=1)
    return bool(latest) and latest[0].status == dg.DagsterRunStatus.FAILURE


def _request(instance: dg.DagsterInstance, watched: str | None, run: RunWanted) -> dg.RunRequest:
    """The request for a run, with a key that no earlier run has.

    Dagster skips a run whose key another run of its history has. So the key's number is above every number used for the
    same change; a mere count would repeat a number once somebody deletes a run.
    """
    before = instance.get_runs(dg.RunsFilter(tags={CHANGE_TAG: run.change}))
    numbers = [each.tags.get(RUN_KEY_TAG, "").rpartition("/")[2] for each in before]
    number = 1 + max((int(text) for text in numbers if text.isdecimal()), default=0)
    tags = {CAUSE_TAG: sensor_name(watched), CHANGE_TAG: run.change}
    if watched and "." not in watched:
        tags[RAW_TABLE_TAG] = watched
    if len(run.games) <= _GAMES_NAMED:
        tags[GAMES_TAG] = ",".join(run.games)
    if run.start != run.end:
        tags |= partition_tags(run.start, run.end)
    return dg.RunRequest(
        run_key=f"{run.start}/{run.end}/{run.change}/{number}",
        partition_key=run.start.isoformat() if run.start == run.end else None,
        asset_selection=[dg.AssetKey(name) for name in (READINESS, *run.tables, COMPLETION)],
        tags=tags,
    )


def _observations(raw_table: str | None, found: Tick) -> list[dg.AssetObservation]:
    """One observation per settled date, with its version, so that the UI shows the raw table's history."""
    if raw_table is None:
        return []
    return [
        dg.AssetObservation(
            asset_key=raw_table,
            partition=day.isoformat(),
            description=f"{raw_table} of {day} changed and has settled",
            tags={"dagster/data_version": version or "no rows"},
        )
        for day, version in sorted(found.observed.items(), reverse=True)[:_OBSERVATIONS]
    ]
