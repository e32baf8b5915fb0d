"""Which runs of Dagster's history may go, and that the last one to publish a date never does."""

from collections.abc import Iterator
from datetime import timedelta

import dagster as dg
import pytest
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteRepositoryOrigin
from dagster._core.test_utils import create_run_for_test

from phase3_assets.clock import utc_now
from phase3_assets.defs.jobs import JOBS
from phase3_assets.defs.old_runs import let_go_of_runs
from phase3_assets.defs.partitions import partition_tags
from phase3_assets_tests.support.games import DAY, OFFENSE, PLAYERS

DONE, FAILED = dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE
NEXT = DAY + timedelta(days=1)
OURS = "phase3_assets"


class History:
    """Runs by a name of the test's own, oldest first."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.instance = instance
        self._names: dict[str, str] = {}

    def add(self, name, days=(DAY, DAY), status=DONE, tables=(OFFENSE, PLAYERS), job="publish", location=OURS) -> None:
        origin = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin(location), "repository").get_job_origin(job)
        run = create_run_for_test(
            self.instance,
            job_name=job,
            status=status,
            tags=partition_tags(*days) if days[0] != days[1] else {"dagster/partition": str(days[0])},
            asset_selection={dg.AssetKey(table) for table in tables} if tables else None,
            remote_job_origin=origin,
        )
        self._names[run.run_id] = name

    def left(self, days_ago: float = -1) -> set[str]:
        """The names of runs that stay when those older than some days may go."""
        let_go_of_runs(self.instance, utc_now() - timedelta(days=days_ago), JOBS, OURS)
        return {self._names[run.run_id] for run in self.instance.get_runs()}


@pytest.fixture
def history() -> Iterator[History]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield History(instance)


def test_a_run_goes_once_later_ones_have_published_all_it_did(history):
    history.add("first")
    history.add("range", (DAY, NEXT))
    history.add("correction", tables=(OFFENSE,))
    assert history.left() == {"range", "correction"}
    history.add("next", (NEXT, NEXT))
    assert history.left() == {"range", "correction", "next"}, "the players of the first date are the range's"
    history.add("players", tables=(PLAYERS,))
    assert history.left() == {"correction", "next", "players"}


def test_a_run_that_failed_covers_nothing_and_goes_when_a_later_one_has_succeeded(history):
    history.add("published")
    history.add("failed", status=FAILED)
    assert history.left() == {"published", "failed"}
    history.add("again")
    assert history.left() == {"again"}


def test_runs_that_publish_nothing_go_and_those_of_others_or_under_way_stay(history):
    history.add("verified", tables=None, job="verify")
    history.add("anothers", tables=None, job="verify", location="another")
    history.add("grade", tables=None, job="grade")
    history.add("mart", tables=("mart",), job="__ASSET_JOB", location="another")
    history.add("under way", tables=None, job="check", status=dg.DagsterRunStatus.STARTED)
    assert history.left() == {"verified", "anothers", "grade", "mart", "under way"} - {"verified"}


def test_what_is_not_old_stays(history):
    history.add("first")
    history.add("second")
    assert history.left(days_ago=1) == {"first", "second"}


def test_a_run_of_the_job_that_selects_nothing_publishes_every_table(history):
    history.add("first", tables=(OFFENSE,))
    history.add("whole", tables=())
    assert history.left() == {"whole"}
    history.add("again", tables=(OFFENSE,))
    assert history.left() == {"whole", "again"}


def test_a_date_stays_published_in_dagsters_eyes_and_an_older_runs_events_are_gone(history):
    @dg.asset(name=OFFENSE, partitions_def=dg.DailyPartitionsDefinition(str(DAY)))
    def offense() -> None: ...

    job = dg.define_asset_job("publish", [offense])
    defs = dg.Definitions([offense], jobs=[job]).resolve_job_def("publish")
    first, second = (
        defs.execute_in_process(
            instance=history.instance, partition_key=str(DAY), asset_selection=[dg.AssetKey(OFFENSE)]
        ).run_id
        for _ in range(2)
    )
    assert let_go_of_runs(history.instance, utc_now() + timedelta(days=1), JOBS, OURS) == 1
    assert history.instance.get_materialized_partitions(dg.AssetKey(OFFENSE)) == {str(DAY)}
    assert history.instance.all_logs(first) == [] and history.instance.all_logs(second)
