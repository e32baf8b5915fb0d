"""A Dagster without the private parts that our classes rely on: its own class takes their place, and work goes on.

What belongs here: parts taken away one at a time, as a later Dagster might. What doesn't: what our classes do where all
parts are there (test_postgres_storage.py, test_run_launcher.py, stories/test_daemon.py).
"""

import sys

import dagster as dg
import pytest
from dagster._core.launcher import RunLauncher
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._grpc.client import DagsterGrpcClient

from phase3_assets.catalog.tables import published_tables
from phase3_assets.instance import event_storage, run_launcher
from phase3_assets.instance.event_storage import BatchingSqliteEventLogStorage
from phase3_assets.instance.home import prepare_dagster_home
from phase3_assets.instance.recording import open_instance, record_run
from phase3_assets.instance.run_launcher import WatchfulRunLauncher
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.settings.locations import Settings
from phase3_assets_tests.support.games import DAY, OFFENSE, SUMMARIES


@pytest.fixture(autouse=True)
def _home():
    prepare_dagster_home(Settings.from_environment())


def without_table(monkeypatch):
    """Dagster has it under another name, and its own storage knows that."""

    def gone():
        raise ImportError("cannot import name 'SqlEventLogStorageTable'")

    monkeypatch.setattr(event_storage, "events_table", gone)


def with_another_signature(monkeypatch):
    monkeypatch.setattr(SqliteEventLogStorage, "_store_asset_event", lambda self, event: None)


def without_connect(monkeypatch):
    """The base class's own methods still work; they have only another name for it."""
    connect = SqliteEventLogStorage._connect
    monkeypatch.delattr(SqliteEventLogStorage, "_connect")
    monkeypatch.setattr(SqliteEventLogStorage, "_connection_of", connect, raising=False)
    monkeypatch.setattr(SqliteEventLogStorage, "run_connection", lambda self, run_id=None: self._connection_of(run_id))
    monkeypatch.setattr(SqliteEventLogStorage, "index_connection", lambda self: self._connection_of("index"))


def without_state(monkeypatch):
    made = SqliteEventLogStorage.__init__

    def renamed(self, *arguments, **options):
        made(self, *arguments, **options)
        if isinstance(self, BatchingSqliteEventLogStorage):
            del self._db_lock

    monkeypatch.setattr(SqliteEventLogStorage, "__init__", renamed)


TAKEN = {
    "SqlEventLogStorageTable": without_table,
    "_store_asset_event with 3 arguments": with_another_signature,
    "_connect with 1 arguments": without_connect,
    "_db_lock": without_state,
}


def test_nothing_is_said_where_all_parts_are_there(caplog):
    with dg.DagsterInstance.get() as instance:
        assert type(instance.event_log_storage) is BatchingSqliteEventLogStorage
        assert type(instance.run_launcher) is WatchfulRunLauncher
    assert not caplog.records


@pytest.mark.parametrize("part", TAKEN)
def test_dagsters_own_storage_takes_the_place_of_ours_and_says_why(part, monkeypatch, caplog):
    TAKEN[part](monkeypatch)
    with dg.DagsterInstance.get() as instance:
        assert type(instance.event_log_storage) is SqliteEventLogStorage
    (said,) = [record for record in caplog.records if record.name == event_storage.__name__]
    for words in (part, dg.__version__, "Dagster's own SqliteEventLogStorage", "a minute longer", "Nothing is lost"):
        assert words in said.message


@pytest.mark.long
def test_a_publication_is_recorded_all_the_same(world, monkeypatch):
    without_connect(monkeypatch)
    request = Request(DAY, DAY, run_id=dg.DagsterRun("publish").run_id, repair=True)
    publication = publish(world.warehouse, request)
    with open_instance() as instance:
        record_run(request, published_tables(), publication, instance)
        assert instance.get_run_by_id(request.run_id).status is dg.DagsterRunStatus.SUCCESS
        for table in SUMMARIES:
            assert instance.get_materialized_partitions(dg.AssetKey(table)) == {DAY.isoformat()}


@pytest.mark.long
def test_a_history_that_ours_wrote_is_read_and_continued_by_dagsters_own(world, monkeypatch):
    first, second = (Request(DAY, DAY, run_id=dg.DagsterRun("publish").run_id, repair=True) for _ in range(2))
    for request in (first, second):
        if request is second:
            without_connect(monkeypatch)
        publication = publish(world.warehouse, request)
        with open_instance() as instance:
            record_run(request, published_tables(), publication, instance)
            runs = {event.run_id for event in instance.fetch_materializations(dg.AssetKey(OFFENSE), limit=9).records}
    assert runs == {first.run_id, second.run_id}


def without_question(monkeypatch):
    monkeypatch.delattr(DagsterGrpcClient, "can_cancel_execution")


def without_module(monkeypatch):
    monkeypatch.setitem(sys.modules, "phase3_assets.instance.run_worker", None)


def without_monitoring(monkeypatch):
    monkeypatch.delattr(RunLauncher, "check_run_worker_health")


@pytest.mark.parametrize(
    ("taken", "part"),
    [
        (without_question, "DagsterGrpcClient.can_cancel_execution with 1 arguments"),
        (without_module, "run_worker"),
        (without_monitoring, "check_run_worker_health with 1 arguments"),
    ],
)
def test_dagsters_own_launcher_takes_the_place_of_ours_and_says_why(taken, part, monkeypatch, caplog):
    taken(monkeypatch)
    with dg.DagsterInstance.get() as instance:
        assert type(instance.run_launcher) is dg.DefaultRunLauncher
        assert not instance.run_launcher.supports_check_run_worker_health
    (said,) = [record for record in caplog.records if record.name == run_launcher.__name__]
    for words in (part, "Dagster's own DefaultRunLauncher", "max_runtime_seconds", "Nothing is lost"):
        assert words in said.message
