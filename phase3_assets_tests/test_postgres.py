"""A team's Dagster keeps its history in PostgreSQL: the documented dagster.yaml starts, and stores what Dagster does.

What belongs here: a real PostgreSQL server of the test's own. What doesn't: the laptop's SQLite (test_home.py).
"""

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest
import yaml
from click.testing import CliRunner
from dagster._core.run_coordinator import QueuedRunCoordinator
from sqlalchemy import create_engine, text

from phase3_assets.assets import CAUSE_TAG
from phase3_assets.cli import main
from phase3_assets.outcomes import Request
from phase3_assets.publishing import publish
from phase3_assets.recording import open_instance, record_run
from phase3_assets.tables import published_tables
from phase3_assets_tests.games import DAY, night
from phase3_assets_tests.postgres import server, why_there_is_none

pytest.importorskip("dagster_postgres", reason="the extra `postgres` is not installed")
from phase3_assets.postgres_storage import BatchingPostgresEventLogStorage

DOCUMENTATION = Path(__file__).parents[1] / "docs" / "deployment.md"
DOCUMENTED = re.findall(r"```yaml\n(.*?)```", DOCUMENTATION.read_text(encoding="utf-8"), re.DOTALL)[0]
# Everything but ids and moments, which differ from run to run; an id is told by what it points at.
STORED = (
    "SELECT dagster_event_type, asset_key, partition, count(*) FROM event_logs GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
    "SELECT t.asset_key, t.key, t.value, e.partition, e.dagster_event_type FROM asset_event_tags t "
    "JOIN event_logs e ON e.id = t.event_id ORDER BY 1, 2, 3, 4, 5",
    "SELECT c.asset_key, c.check_name, c.partition, c.execution_status, e.dagster_event_type, e.partition, m.partition "
    "FROM asset_check_executions c LEFT JOIN event_logs e ON e.id = c.evaluation_event_storage_id "
    "LEFT JOIN event_logs m ON m.id = c.materialization_event_storage_id ORDER BY 1, 2, 3, 4, 5, 6, 7",
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
    """Makes a database and a DAGSTER_HOME with a dagster.yaml of the name; the home becomes everybody's."""

    def make(name: str, configuration: str = DOCUMENTED) -> Path:
        with create_engine(url(port, "postgres"), isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        for variable, value in {
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "USERNAME": "team",
            "PASSWORD": "p@ss/word",
            "DATABASE": name,
        }.items():
            monkeypatch.setenv(f"DAGSTER_PG_{variable}", value)
        home = tmp_path / name
        home.mkdir()
        (home / "dagster.yaml").write_text(configuration)
        monkeypatch.setenv("DAGSTER_HOME", str(home))
        monkeypatch.setenv("DAGSTER_EVENT_BATCH_SIZE", "1000")
        return home

    return make


def url(port: int, database: str) -> str:
    return f"postgresql+psycopg2://team@127.0.0.1:{port}/{database}"


def stored(port: int, database: str) -> list[list[tuple]]:
    with create_engine(url(port, database)).connect() as connection:
        return [[tuple(row) for row in connection.execute(text(query))] for query in STORED]


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


@pytest.mark.slow
def test_a_range_leaves_what_dagsters_own_storage_makes_of_it(team, port, make_world, capfd):
    world = make_world([*night(2), *night(2, day=DAY + timedelta(days=1), seed=8)])
    world.contradict()
    world.load()
    request = Request(DAY, DAY + timedelta(days=1), run_id=str(uuid.uuid4()))
    publication = publish(world.warehouse, request)
    tables = published_tables()
    for name, configuration in {"ours": DOCUMENTED, "dagsters": with_dagsters_own(DOCUMENTED)}.items():
        team(name, configuration)
        with open_instance() as instance:
            assert (type(instance.event_log_storage) is BatchingPostgresEventLogStorage) == (name == "ours")
            record_run(request, tables, publication, instance)
        assert ("Exception while storing event batch" in capfd.readouterr().err) == (name == "dagsters")
    ours, dagsters = stored(port, "ours"), stored(port, "dagsters")
    assert all(dagsters)
    assert ours == dagsters


def with_dagsters_own(configuration: str) -> str:
    named = yaml.safe_load(configuration)
    named["event_log_storage"] |= {"module": "dagster_postgres.event_log", "class": "PostgresEventLogStorage"}
    return yaml.safe_dump(named)
