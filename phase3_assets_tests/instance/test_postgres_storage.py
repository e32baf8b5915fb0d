"""A team's Dagster keeps its history in PostgreSQL: the documented dagster.yaml starts, and stores what Dagster does.

What belongs here: a real PostgreSQL server of the test's own. What doesn't: the laptop's SQLite (test_home.py).
"""

import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest
import yaml
from click.testing import CliRunner
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluation,
    AssetCheckEvaluationPlanned,
    AssetCheckEvaluationTargetMaterializationData,
)
from dagster._core.events import DagsterEvent, DagsterEventType, StepMaterializationData
from dagster._core.execution.api import create_execution_plan
from dagster._core.instance.config import PoolGranularity
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteRepositoryOrigin
from dagster._core.run_coordinator import QueuedRunCoordinator
from dagster._daemon.run_coordinator.queued_run_coordinator_daemon import QueuedRunCoordinatorDaemon
from dagster._daemon.types import DaemonHeartbeat
from sqlalchemy import create_engine, text

from phase3_assets.catalog.tables import published_tables
from phase3_assets.cli import main
from phase3_assets.definitions import build_defs
from phase3_assets.defs.resources import WRITER_POOL, Publisher
from phase3_assets.defs.tags import CAUSE_TAG
from phase3_assets.instance.recording import open_instance, record_run
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets_tests.support.games import DAY, night
from phase3_assets_tests.support.postgres import (
    DOCUMENTED,
    HELM_VALUES,
    make_home,
    server,
    url,
    why_there_is_none,
    with_dagsters_own_events,
)

pytest.importorskip("dagster_postgres", reason="the extra `postgres` is not installed")
from phase3_assets.instance.postgres_storage import BatchingPostgresEventLogStorage

# Everything but ids and moments, which differ from run to run; an id is told by what it points at. In ours, passed
# evaluations of a date have no event of their own, and a range's checks are not planned by date.
STORED = (
    "SELECT dagster_event_type, asset_key, partition, count(*) FROM (SELECT *, event::json -> 'dagster_event' -> "
    "'event_specific_data' AS data FROM event_logs) e WHERE dagster_event_type <> 'ASSET_CHECK_EVALUATION' "
    "OR data ->> 'success' = 'false' OR data ->> 'partition' IS NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
    "SELECT t.asset_key, t.key, t.value, e.partition, e.dagster_event_type FROM asset_event_tags t "
    "JOIN event_logs e ON e.id = t.event_id ORDER BY 1, 2, 3, 4, 5",
    "SELECT c.asset_key, c.check_name, c.partition, c.execution_status, e.dagster_event_type, e.partition, "
    "m.partition, c.evaluation_event::json -> 'dagster_event' -> 'event_specific_data' ->> 'description', "
    "c.evaluation_event_timestamp = e.timestamp "
    "FROM asset_check_executions c LEFT JOIN event_logs e ON e.id = c.evaluation_event_storage_id "
    "AND (c.execution_status <> 'SUCCEEDED' OR c.partition IS NULL) "
    "LEFT JOIN event_logs m ON m.id = c.materialization_event_storage_id "
    "WHERE c.execution_status <> 'PLANNED' ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9",
    "SELECT asset_key, last_materialization::json ->> '__class__', last_materialization_timestamp IS NULL, "
    "last_run_id IS NULL FROM asset_keys ORDER BY 1",
)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    missing = why_there_is_none()
    if missing:
        pytest.skip(missing)
    with server(durable=False) as port:
        yield port


@pytest.fixture
def team(port: int, tmp_path: Path, monkeypatch):
    """Makes a database of the name and a DAGSTER_HOME, which becomes everybody's."""

    def make(name: str, configuration: str = DOCUMENTED) -> Path:
        for variable, value in make_home(port, tmp_path / name, configuration).items():
            monkeypatch.setenv(variable, value)
        return tmp_path / name

    return make


def stored(port: int, database: str) -> list[list[tuple]]:
    with create_engine(url(port, database)).connect() as connection:
        return [[tuple(row) for row in connection.execute(text(query))] for query in STORED]


@pytest.mark.slow
@pytest.mark.long
def test_a_command_line_run_is_recorded_in_the_teams_history_by_the_documented_configuration(team, world):
    home = team("commanded")
    result = CliRunner().invoke(main, ["run", str(DAY)])
    assert result.exit_code == 0, result.output
    assert (home / "dagster.yaml").read_text() == DOCUMENTED
    with dg.DagsterInstance.get() as instance:
        assert type(instance.event_log_storage) is BatchingPostgresEventLogStorage
        assert isinstance(instance.run_coordinator, QueuedRunCoordinator)
        (run,) = instance.get_runs()
        assert run.tags[CAUSE_TAG] == "command line" and run.status == dg.DagsterRunStatus.SUCCESS
        assert instance.get_latest_materialization_event(dg.AssetKey("player_game_summary")).run_id == run.run_id
    assert not (home / "history").exists()


def test_doctor_says_what_is_missing_until_nothing_is(team, world, monkeypatch):
    def doctor(is_healthy: bool = True) -> str:
        result = CliRunner().invoke(main, ["doctor"])
        assert (result.exit_code == 0) == is_healthy, result.output
        return result.output

    home = team("examined")
    assert "PostgreSQL answers; the first process of Dagster makes its tables" in doctor()
    with dg.DagsterInstance.get() as instance:
        found = doctor()
        assert "warning  queue: the pool phase3_writer has no limit" in found
        assert "dagster instance concurrency set phase3_writer 1" in found
        assert "warning  daemon: has not been heard of" in found
        instance.event_log_storage.set_concurrency_slots(WRITER_POOL, 1)
        instance.add_daemon_heartbeat(DaemonHeartbeat(time.time(), "SENSOR", "one", []))
    assert "warning" not in doctor()
    monkeypatch.setenv("DAGSTER_PG_PORT", "1")
    found = doctor(is_healthy=False)
    assert "error    run history: PostgreSQL: " in found and "p@ss" not in found
    monkeypatch.delenv("DAGSTER_PG_DATABASE")
    assert "DAGSTER_PG_DATABASE" in doctor(is_healthy=False)
    (home / "dagster.yaml").write_text(DOCUMENTED.replace("postgresql+psycopg2", "postgresql+pg8000"))
    monkeypatch.setenv("DAGSTER_PG_DATABASE", "examined")
    assert "driver pg8000 is not installed" in doctor(is_healthy=False)


def test_what_the_helm_values_add_takes_the_place_of_what_the_chart_says(team):
    """The chart puts additionalInstanceConfig behind a dagster.yaml of its own that names Dagster's event log."""
    values = yaml.safe_load(HELM_VALUES)
    added = values["additionalInstanceConfig"]
    database = values["postgresql"]
    said = added["event_log_storage"]["config"]["postgres_db"]
    assert said["scheme"] == database["postgresqlScheme"] and said["hostname"] == database["postgresqlHost"]
    assert said["username"] == database["postgresqlUsername"] and said["db_name"] == database["postgresqlDatabase"]
    here = yaml.safe_load(DOCUMENTED)["run_storage"]["config"]
    added["event_log_storage"]["config"] = here
    charts = yaml.safe_load(with_dagsters_own_events(DOCUMENTED))
    assert added["retention"] == charts["retention"]
    del charts["run_launcher"], charts["retention"]
    charts |= chart_queue(values)
    team("charted", yaml.safe_dump(charts) + yaml.safe_dump(added))
    with dg.DagsterInstance.get() as instance:
        assert type(instance.event_log_storage) is BatchingPostgresEventLogStorage
        configured = instance.get_concurrency_config()
        assert configured.pool_config.pool_granularity == PoolGranularity.RUN
        assert configured.run_queue_config.max_concurrent_runs == 25


def chart_queue(values: dict) -> dict:
    """What the chart of Dagster 1.13 writes into dagster.yaml of its sections about the queue."""
    queue = values["dagsterDaemon"].get("runCoordinator", {}).get("config", {}).get("queuedRunCoordinator", {})
    configured = {"dequeue_use_threads": True, "dequeue_num_workers": 4}
    said = {"run_coordinator": {"module": "dagster.core.run_coordinator", "class": "QueuedRunCoordinator"}}
    concurrency = values.get("concurrency", {})
    if concurrency.get("enabled"):
        assert set(concurrency) == {"enabled", "runs", "pools"}
        assert set(concurrency["runs"]) == {"maxConcurrentRuns"} and set(concurrency["pools"]) == {"granularity"}
        runs = {"max_concurrent_runs": concurrency["runs"]["maxConcurrentRuns"]}
        said["concurrency"] = {"runs": runs, "pools": concurrency["pools"]}
    if "maxConcurrentRuns" in queue or not concurrency.get("enabled"):
        limit = queue.get("maxConcurrentRuns")
        configured["max_concurrent_runs"] = -1 if limit is None else limit
    said["run_coordinator"]["config"] = configured
    return said


def test_runs_that_write_queue_and_other_projects_runs_go_on(team, warehouse):
    @dg.op
    def elsewhere() -> None: ...

    @dg.job
    def another_projects() -> None:
        elsewhere()

    ours = build_defs(Publisher(warehouse))
    wanted = [*[ours.resolve_job_def(name) for name in ("publish", "publish", "check", "sweep")], another_projects]
    team("queued")
    with dg.DagsterInstance.get() as instance:
        instance.event_log_storage.set_concurrency_slots(WRITER_POOL, 1)  # dagster instance concurrency set
        tags = {"dagster/partition": str(DAY)}
        for job in wanted:
            plan = create_execution_plan(job, tags=tags)
            origin = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("location"), "repository").get_job_origin(
                job.name
            )
            queued = dg.DagsterRunStatus.QUEUED
            instance.create_run_for_job(job, plan, tags=tags, status=queued, remote_job_origin=origin)

        def begun() -> list[str]:
            """The jobs that Dagster's daemon would start now; they have started then."""
            queue, configured = QueuedRunCoordinatorDaemon(interval_seconds=1), instance.get_concurrency_config()
            with queue:
                runs = queue._get_runs_to_dequeue(instance, configured, fixed_iteration_time=None)
            for run in runs:
                tell(run, DagsterEventType.RUN_START)
            return sorted(run.job_name for run in runs)

        def tell(run: dg.DagsterRun, what: DagsterEventType) -> None:
            instance.report_dagster_event(DagsterEvent(what.value, run.job_name), run.run_id)

        assert begun() == ["another_projects", "publish"]
        for following in ("publish", "check", "sweep"):
            assert begun() == [], "they wait in the queue"
            (ended,) = [
                run
                for run in instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))
                if run.job_name != "another_projects"
            ]
            tell(ended, DagsterEventType.RUN_SUCCESS)
            assert begun() == [following]


def test_evaluations_of_every_kind_are_the_rows_that_dagsters_own_storage_makes(team, port):
    """Planned and not, passed and not, with and without a materialization that they are of, the same one twice."""
    box = dg.AssetKey("box")
    target = AssetCheckEvaluationTargetMaterializationData(storage_id=1, run_id="r", timestamp=1.0)

    def entry(kind: DagsterEventType, data: object) -> dg.EventLogEntry:
        event = DagsterEvent(kind.value, "job", event_specific_data=data)
        return dg.EventLogEntry(None, "debug", "", run_id="r", timestamp=1_770_000_000.5, dagster_event=event)

    def evaluation(check: str, passed: bool, partition: str | None, of: object = None) -> dg.EventLogEntry:
        data = AssetCheckEvaluation(
            box, check, passed, {}, target_materialization_data=of, partition=partition, description=f"{passed}"
        )
        return entry(DagsterEventType.ASSET_CHECK_EVALUATION, data)

    before = [
        entry(
            DagsterEventType.ASSET_MATERIALIZATION,
            StepMaterializationData(dg.AssetMaterialization(box, partition="2026-02-03")),
        ),
        entry(
            DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED,
            AssetCheckEvaluationPlanned(asset_key=box, check_name="planned"),
        ),
    ]
    batch = [
        evaluation("planned", False, None, target),
        evaluation("unplanned", True, None),
        *[evaluation("dated", passed, f"2026-02-0{day}", target) for day, passed in enumerate((True, False), start=3)],
        evaluation("dated", False, "2026-02-03"),
    ]
    for name, configuration in {"batched": DOCUMENTED, "singly": with_dagsters_own_events(DOCUMENTED)}.items():
        team(name, configuration)
        with dg.DagsterInstance.get() as instance:
            for event in before:
                instance.event_log_storage.store_event(event)
            if name == "batched":
                instance.event_log_storage.store_event_batch(batch)
            else:
                for event in batch:
                    instance.event_log_storage.store_event(event)
    assert stored(port, "batched") == stored(port, "singly")
    assert len(stored(port, "singly")[2]) == 4


@pytest.mark.slow
@pytest.mark.long
def test_a_range_leaves_what_dagsters_own_storage_makes_of_it(team, port, make_world, capfd):
    world = make_world([*night(2), *night(2, day=DAY + timedelta(days=1), seed=8)])
    world.contradict()
    world.load()
    request = Request(DAY, DAY + timedelta(days=1), run_id=str(uuid.uuid4()))
    publication = publish(world.warehouse, request)
    tables = published_tables()
    for name, configuration in {"ours": DOCUMENTED, "dagsters": with_dagsters_own_events(DOCUMENTED)}.items():
        team(name, configuration)
        with open_instance() as instance:
            assert (type(instance.event_log_storage) is BatchingPostgresEventLogStorage) == (name == "ours")
            record_run(request, tables, publication, instance)
        assert ("Exception while storing event batch" in capfd.readouterr().err) == (name == "dagsters")
    ours, dagsters = stored(port, "ours"), stored(port, "dagsters")
    assert all(dagsters)
    # Where Dagster has planned an evaluation of no rows, it is made.
    dagsters[2] = [row for row in dagsters[2] if not (row[2] and row[7] == "0 rows, none offending")]
    assert ours == dagsters
