"""Engines kept between sessions: whoever comes next finds neither the file held nor anything left over."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from phase3_assets.errors import WarehouseRequestError
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse

WRITE_TO = "import duckdb, sys; duckdb.connect(sys.argv[1]).execute('CREATE TABLE written AS SELECT 1 AS one')"


def write_from_another_process(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", WRITE_TO, str(path)], capture_output=True, text=True)


@pytest.mark.parametrize("fails", [False, True])
def test_when_a_session_ends_its_file_is_free_and_whole(tmp_path: Path, fails: bool):
    warehouse = DuckDBWarehouse(tmp_path / "warehouse.duckdb")

    def work() -> None:
        with warehouse.session() as session:
            session._connection.execute("CREATE TABLE nba_raw.kept AS SELECT 42 AS answer")
            assert write_from_another_process(warehouse.path).returncode, "the file is held while a session is open"
            if fails:
                raise KeyError("the session's own work failed")

    if fails:
        with pytest.raises(KeyError):
            work()
    else:
        work()
    assert write_from_another_process(warehouse.path).returncode == 0
    with warehouse.session(read_only=True) as session:
        assert session.query("SELECT answer FROM nba_raw.kept") == [{"answer": 42}]


def test_the_next_session_finds_nothing_of_the_one_before(tmp_path: Path):
    first, second = DuckDBWarehouse(tmp_path / "first.duckdb"), DuckDBWarehouse(tmp_path / "second.duckdb")
    for warehouse in (first, second, first):
        with warehouse.session() as session:
            assert session.live_columns() == {}
            session.stage("rows", "SELECT 1 AS one", {})
    with first.session(), second.session() as other:
        assert other.live_columns() == {}
        with pytest.raises(duckdb.Error, match="rows"):
            other.query("SELECT * FROM nba_staging.rows")


def test_an_engine_that_failed_is_not_lent_again(tmp_path: Path):
    warehouse = DuckDBWarehouse(tmp_path / "warehouse.duckdb")
    with pytest.raises(WarehouseRequestError), warehouse.session() as session:
        session._connection.execute("BEGIN TRANSACTION")
        session._connection.execute("SELECT * FROM nothing_there")
    with warehouse.session() as session, session.unit():
        assert session.query("SELECT 1 AS one") == [{"one": 1}]


def test_a_forked_process_uses_engines_of_its_own(tmp_path: Path):
    warehouse = DuckDBWarehouse(tmp_path / "warehouse.duckdb")
    with warehouse.session() as session:
        session._connection.execute("CREATE TABLE nba_raw.kept AS SELECT 42 AS answer")
    done = subprocess.run([sys.executable, "-c", ""], preexec_fn=lambda: None)
    assert done.returncode == 0
    child = os.fork()
    if not child:
        with warehouse.session(read_only=True) as session:
            os._exit(session.query("SELECT answer FROM nba_raw.kept")[0]["answer"])
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 42


def threads_of(warehouse: DuckDBWarehouse) -> int:
    with warehouse.session(read_only=True) as session:
        return session.query("SELECT current_setting('threads') AS n")[0]["n"]


def test_a_small_file_is_read_by_one_thread_and_a_large_one_by_all_also_on_an_engine_used_before(tmp_path):
    small, large = DuckDBWarehouse(tmp_path / "small.duckdb"), DuckDBWarehouse(tmp_path / "large.duckdb")
    with small.session(), large.session() as session:
        session._connection.execute("CREATE TABLE nba_raw.many AS SELECT random() AS x FROM range(10_000_000)")
    with duckdb.connect() as engine:
        (all_threads,) = engine.execute("SELECT current_setting('threads')").fetchone() or ()
    assert [threads_of(each) for each in (small, large, small)] == [1, all_threads, 1]
