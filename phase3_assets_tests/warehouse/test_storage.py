"""A disk that is full, forbidden or damaged: one clear sentence, nothing overwritten, and the next run converges.

What belongs here: what the file system and the bytes of the warehouse file can do to us. What doesn't: processes that
die (stories/test_crash.py), raw files that cannot be read (loading/test_files.py).
"""

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from phase3_assets.cli import main
from phase3_assets.errors import WarehouseRequestError, WarehouseUnreadableError
from phase3_assets.instance.recorder import _reason
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets_tests.support.games import DAY, all_outcomes
from phase3_assets_tests.support.processes import PROCESSES, publish_and_die

WAL = ".wal"


def phase3(*arguments: str):
    return CliRunner().invoke(main, list(arguments), catch_exceptions=False)


def assert_one_sentence(output: str, *words: str) -> None:
    """What is wrong, what was kept, what to do: for a person, in one line."""
    (line,) = [line for line in output.splitlines() if line.startswith("phase3: ")]
    assert "Traceback" not in output
    for word in words:
        assert word in line, line


def publish_within(limit: int, path: Path, pipe) -> None:
    """Publish where no file may grow beyond a size; hands back what that raised."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try:
        publish_and_die(path, DAY, DAY)
    except WarehouseRequestError as error:
        pipe.send(str(error))
    else:
        pipe.send(None)


def published_within(limit: int, path: Path) -> str | None:
    mine, theirs = PROCESSES.Pipe()
    process = PROCESSES.Process(target=publish_within, args=(limit, path, theirs))
    process.start()
    process.join()
    return mine.recv() if mine.poll() else "no word"


@pytest.mark.slow
@pytest.mark.long
def test_a_full_disk_takes_nothing_away(make_seesaw):
    seesaw = make_seesaw("a date")
    seesaw.correct()
    before = seesaw.look()
    said = published_within(1_000, seesaw.path)
    assert "warehouse.duckdb cannot be written, the disk is full" in said and "Make room" in said
    assert seesaw.look() == before
    seesaw.assert_converges()


@pytest.mark.long
def test_a_disk_that_fills_up_at_any_moment_leaves_old_or_new(make_seesaw):
    seesaw = make_seesaw("a date")
    size, said = seesaw.path.stat().st_size, []
    for limit in (0, 30_000, size // 2, size):
        seesaw.correct()
        said.append(published_within(limit, seesaw.path))
        seesaw.assert_converges(thoroughly=False)
    failed = [text for text in said if text]
    assert failed and all("disk is full" in text for text in failed), said


@pytest.mark.long
def test_a_full_disk_on_the_command_line(make_seesaw):
    seesaw = make_seesaw("a date")
    seesaw.correct()
    command = [sys.executable, "-m", "phase3_assets.cli", "run", DAY.isoformat()]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    for limit, words in (
        (20_000, ("cannot be written, the disk is full",)),
        (0, ("File too large", "What was done before stays")),
    ):

        def restrict(limit: int = limit) -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        if not limit:
            shutil.rmtree(os.environ["DAGSTER_HOME"], ignore_errors=True)
        done = subprocess.run(command, capture_output=True, text=True, preexec_fn=restrict, env=environment)
        assert done.returncode == 1
        assert_one_sentence(done.stderr, *words)
    seesaw.assert_converges()


def test_why_a_run_could_not_be_recorded_is_said_in_its_own_words():
    trace = 'Traceback (most recent call last):\n  File "a.py", line 1, in main\n    work()\n'
    error = (
        "sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) disk I/O error\n[SQL: INSERT]\n(Background: x)\n"
    )
    assert _reason(trace + error) == "sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) disk I/O error"
    assert _reason("") == "the recording process was killed"


def as_a_user_without_privileges(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """The command, held to what files permit, which root is not unless it gives that up."""
    command = [sys.executable, "-m", "phase3_assets.cli", *arguments]
    if os.geteuid() == 0:
        if not shutil.which("setpriv"):
            pytest.skip("root may write everything, and setpriv is not there to give that up")
        command = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search", *command]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.run(command, capture_output=True, text=True, env=environment)


@pytest.mark.slow
@pytest.mark.long
def test_a_file_that_may_not_be_written_can_still_be_read(world):
    path = world.warehouse.path
    before = path.read_bytes()
    path.chmod(0o444)
    done = as_a_user_without_privileges("init")
    assert done.returncode == 1
    assert_one_sentence(done.stderr, str(path), "Permission denied", "Let this user read and write")
    assert path.read_bytes() == before
    assert "3 published" in as_a_user_without_privileges("status", DAY.isoformat()).stdout
    path.chmod(0o644)
    assert as_a_user_without_privileges("init").returncode == 0


@pytest.mark.slow
@pytest.mark.long
def test_a_folder_that_may_not_be_written_stops_a_run(make_seesaw, tmp_path_factory, monkeypatch):
    seesaw = make_seesaw("a date")
    seesaw.correct()
    before = seesaw.look()
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path_factory.mktemp("dagster")))
    seesaw.path.parent.chmod(0o555)
    done = as_a_user_without_privileges("run", DAY.isoformat())
    seesaw.path.parent.chmod(0o755)
    assert done.returncode == 1
    assert_one_sentence(done.stderr, "Permission denied", "its folder", "committed before it stays")
    assert seesaw.look() == before
    seesaw.assert_converges()


DAMAGES = {
    "emptied": lambda data: b"",
    "cut in its first header": lambda data: data[:100],
    "cut after its headers": lambda data: data[:12_288],
    "no database": lambda data: b"no database" * 1_000,
    **{
        f"changed at {at}": lambda data, at=at: (
            data[:at] + bytes(byte ^ 0x5A for byte in data[at : at + 64]) + data[at + 64 :]
        )
        for at in (0, 4_096, 8_192, 12_288)
    },
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_named_and_not_overwritten(world, damage):
    path = world.warehouse.path
    good = path.read_bytes()
    bad = DAMAGES[damage](good)
    path.write_bytes(bad)
    for command in ("init", "status"):
        result = phase3(command, *([DAY.isoformat()] if command == "status" else []))
        assert result.exit_code == 1
        assert_one_sentence(result.output, str(path), "is damaged", "Restore it from a copy")
        assert path.read_bytes() == bad
    path.write_bytes(good)
    assert "3 published" in phase3("status", DAY.isoformat()).output


def test_a_log_that_is_not_this_files_is_named_and_so_is_what_to_do(world, tmp_path):
    """Of another warehouse, and of a later state of this one, an earlier copy of which was put back."""
    path = world.warehouse.path
    log = path.with_name(path.name + WAL)
    good = path.read_bytes()
    for other in (tmp_path / "another.duckdb", tmp_path / "later.duckdb"):
        if other.stem == "later":
            other.write_bytes(good)
        script = (
            "import os, sys; from pathlib import Path; "
            "from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse\n"
            "with DuckDBWarehouse(Path(sys.argv[1])).session() as session:\n"
            "    session._connection.execute('CREATE TABLE a AS SELECT 1; CHECKPOINT; CREATE TABLE b AS SELECT 1')\n"
            "    os._exit(0)"
        )
        subprocess.run([sys.executable, "-c", script, str(other)], check=True)
        shutil.copy(other.with_name(other.name + WAL), log)
        for command in ("status", "run"):
            said = phase3(command, str(DAY)).output
            assert_one_sentence(said, f"{log.name} beside it, is damaged", "move the log aside")
        log.rename(tmp_path / "aside")
        assert "3 published" in phase3("status", str(DAY)).output
        assert path.read_bytes() == good


def test_a_file_of_a_newer_duckdb_is_named_and_so_is_how_to_read_it(world):
    path = world.warehouse.path
    good = path.read_bytes()
    newer = bytearray(good)
    # The file begins with a checksum over its header, word by word, the first of which is DUCK and the file's version.
    ours = int.from_bytes(good[8:16], "little")
    theirs = ours + (900 << 32)
    difference = (ours * 0xBF58476D1CE4E5B9 ^ theirs * 0xBF58476D1CE4E5B9) % 2**64
    newer[:8] = (int.from_bytes(good[:8], "little") ^ difference).to_bytes(8, "little")
    newer[8:16] = theirs.to_bytes(8, "little")
    path.write_bytes(newer)
    for command in ("status", "run"):
        result = phase3(command, str(DAY))
        assert_one_sentence(result.output, "was written by a DuckDB", "COPY FROM DATABASE theirs TO ours")
        assert path.read_bytes() == newer
    path.write_bytes(good)
    assert "3 published" in phase3("status", str(DAY)).output


def test_a_schema_in_the_way_of_staging_is_named_by_every_command_and_by_doctor(world):
    world.tamper("CREATE SCHEMA warehouse.nba_staging")
    for command in (["status", str(DAY)], ["run", str(DAY)]):
        result = phase3(*command)
        assert result.exit_code == 1
        assert_one_sentence(result.output, "holds a schema nba_staging", "DROP SCHEMA nba_staging CASCADE")
    found = phase3("doctor")
    assert found.exit_code == 1 and "DROP SCHEMA nba_staging CASCADE" in found.output
    world.tamper("DROP SCHEMA warehouse.nba_staging CASCADE")
    assert "3 published" in phase3("status", str(DAY)).output
    assert phase3("doctor").exit_code == 0


def test_damage_that_shows_only_while_rows_are_read_is_named_too(world):
    path = world.warehouse.path
    good = path.read_bytes()
    path.write_bytes(good[: len(good) // 2])
    with pytest.raises(WarehouseUnreadableError, match="is damaged"):
        world.publish()
    path.write_bytes(good)
    assert all_outcomes(world.publish()) == {"unchanged"}


def test_a_folder_named_after_a_lock_is_not_taken_for_one(tmp_path):
    path = tmp_path / "blocks" / "clock.duckdb"
    path.parent.mkdir()
    path.write_bytes(b"no database" * 1_000)
    started = time.monotonic()
    with pytest.raises(WarehouseUnreadableError, match="is damaged"):
        with DuckDBWarehouse(path, wait_seconds=30).session():
            pass
    assert time.monotonic() - started < 15


@pytest.mark.long
def test_a_log_that_is_cut_or_damaged_gives_old_or_new_or_an_error(make_seesaw):
    """A killed writer leaves its commits in a log beside the file; the log suffers as well."""
    seesaw = make_seesaw("a date")
    wal = seesaw.path.with_name(seesaw.path.name + WAL)
    count = len(seesaw.steps())
    for hurt in (lambda log: log[:-10], lambda log: log[: len(log) // 2]):
        seesaw.correct()
        assert seesaw.dies(step=count - 1)
        wal.write_bytes(hurt(wal.read_bytes()))
        seesaw.assert_converges(thoroughly=False)

    seesaw.correct()
    assert seesaw.dies(step=count - 1)
    whole, file = wal.read_bytes(), seesaw.path.read_bytes()
    half = len(whole) // 2
    wal.write_bytes(whole[:half] + b"damaged!" + whole[half + 8 :])
    with pytest.raises(WarehouseUnreadableError, match=r"is damaged.*WAL"):
        seesaw.scene.publish()
    assert seesaw.path.read_bytes() == file and len(wal.read_bytes()) == len(whole)
    wal.write_bytes(whole)
    assert seesaw.look() == seesaw.truths[seesaw.now], "what was committed is there"
    seesaw.assert_converges()


def test_what_a_writer_committed_through_a_link_is_there_by_every_name(world, tmp_path):
    """A killed writer leaves its commits in a log beside the file, not beside the link: a sensor by that name looks."""
    path, link = world.warehouse.path, tmp_path / "linked" / "warehouse.duckdb"
    link.parent.mkdir()
    link.symlink_to(path)
    writer = f"""
import os, signal
from pathlib import Path
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
with DuckDBWarehouse(Path({str(link)!r})).session() as session:
    session._connection.execute("DELETE FROM nba_raw.nbac_team_boxscore")
    os.kill(os.getpid(), signal.SIGKILL)
"""
    versions = {name: DuckDBWarehouse(name).table_versions(["nba_raw.nbac_team_boxscore"]) for name in (path, link)}
    done = subprocess.run([sys.executable, "-c", writer], cwd=Path(__file__).parents[2])
    assert done.returncode == -signal.SIGKILL
    for name in (path, link):
        assert DuckDBWarehouse(name).table_versions(["nba_raw.nbac_team_boxscore"]) != versions[name]
        with DuckDBWarehouse(name).session(read_only=True) as session:
            assert session.query("SELECT COUNT(*) AS n FROM nba_raw.nbac_team_boxscore", {}) == [{"n": 0}], name
