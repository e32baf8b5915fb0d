"""Letting go of runs in Dagster's history that are old, and that nothing needs any more.

What belongs here: which of our runs may go. What doesn't: when (jobs.py, schedules.py), old rows of the warehouse
(publishing/prune.py), old ticks (Dagster's own retention, in dagster.yaml).

Dagster keeps runs for ever. With a run go its events, and with its events what Dagster knows of the dates that it
published. So the last run that published a table's date stays, whatever its age; without it the UI would show the date
as never published.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, timedelta

import dagster as dg

from phase3_assets.defs.tags import PARTITION_TAG, RANGE_END_TAG, RANGE_START_TAG

_FINISHED = (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)
_AT_ONCE = 500
"""Runs that are read with one query."""


def let_go_of_runs(
    instance: dg.DagsterInstance, before: datetime, jobs: Mapping[str, Collection[str]], location: str | None = None
) -> int:
    """Delete our finished runs created before a moment that may go, with their events; returns how many.

    `jobs` are our jobs by name, each with the assets that a run of it publishes where it selects none. Runs that select
    assets are ours if all of these are. `location` is our code location's name: other projects of the instance may call
    a job the same.
    """
    # All are chosen before one is deleted: the list is read in pages, each from the last run of the one before.
    chosen = list(_replaced(instance, before, jobs, location))
    for run_id in chosen:
        instance.delete_run(run_id)
    return len(chosen)


def _replaced(
    instance: dg.DagsterInstance, before: datetime, jobs: Mapping[str, Collection[str]], location: str | None
) -> Iterator[str]:
    """Old runs whose every asset and date a later run has published; newest first."""
    published: set[tuple[dg.AssetKey, date]] = set()
    cursor = None
    while records := instance.get_run_records(dg.RunsFilter(statuses=list(_FINISHED)), _AT_ONCE, cursor=cursor):
        cursor = records[-1].dagster_run.run_id
        for record in records:
            run = record.dagster_run
            assets = _assets(run, jobs)
            if assets is None or not _is_from(run, location):
                continue
            covers = {(asset, day) for asset in assets for day in _dates(run)}
            if record.create_timestamp < before and covers <= published:
                yield run.run_id
            elif run.status == dg.DagsterRunStatus.SUCCESS:
                published |= covers


def _assets(run: dg.DagsterRun, jobs: Mapping[str, Collection[str]]) -> Collection[dg.AssetKey] | None:
    """The assets that a run of ours was to publish; None for a run that is not ours."""
    if not run.asset_selection:
        names = jobs.get(run.job_name)
        return None if names is None else {dg.AssetKey(name) for name in names}
    ours = {dg.AssetKey(name) for names in jobs.values() for name in names}
    return run.asset_selection if run.asset_selection <= ours else None


def _is_from(run: dg.DagsterRun, location: str | None) -> bool:
    """Whether the run may be of our code location; the command line's runs name none."""
    origin = run.remote_job_origin
    return not origin or not location or origin.location_name == location


def _dates(run: dg.DagsterRun) -> Iterator[date]:
    first = run.tags.get(PARTITION_TAG) or run.tags.get(RANGE_START_TAG)
    last = run.tags.get(PARTITION_TAG) or run.tags.get(RANGE_END_TAG)
    if first and last:
        days = (date.fromisoformat(last) - date.fromisoformat(first)).days
        yield from (date.fromisoformat(first) + timedelta(days=number) for number in range(days + 1))
