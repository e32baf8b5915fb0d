"""Who may read what we write, where we listen, and that no secret is ever repeated.

What belongs here: real processes and the files, sockets and words they leave. What doesn't: what a notifier says when a
receiver is away (alerting/test_alerts.py).
"""

import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets.warehouse.schema import initialise
from phase3_assets_tests.support.games import DAY, World, night
from phase3_assets_tests.support.live import ROOT, Live

SECRET = "Pl4nted-s3cret"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def phase3(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """A command, run as a person with an ordinary umask runs it."""
    own = {"PHASE3_DUCKDB_PATH": str(folder / "made" / "for" / "w.duckdb"), "DAGSTER_HOME": str(folder / "home")}
    return subprocess.run(
        ["bash", "-c", 'umask 022; exec "$0" -m phase3_assets.cli "$@"', sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **own, **settings},
        capture_output=True,
        text=True,
        timeout=110,
    )


def open_to_others(*folders: Path) -> list[str]:
    """Every file and folder below that somebody else may read, write or enter."""
    paths = [path for folder in folders for path in (folder, *folder.rglob("*"))]
    assert any(path.is_file() for path in paths), "nothing was made"
    return [f"{path} {path.stat().st_mode & 0o777:o}" for path in paths if path.stat().st_mode & _OTHERS]


@pytest.mark.slow
@pytest.mark.long
def test_what_a_command_creates_is_for_its_owner_alone(tmp_path):
    done = phase3(tmp_path, "init")
    assert done.returncode == 0, done.stderr
    done = phase3(tmp_path, "run", DAY.isoformat())
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "home" / "history").is_dir()
    assert open_to_others(tmp_path / "made", tmp_path / "home") == []


def test_what_dagsters_own_processes_create_is_for_their_owner_alone(tmp_path):
    """`dagster dev` and run workers load the definitions, not the command line."""
    program = (
        "import os, pathlib; os.umask(0o022); import phase3_assets.definitions as d; d.defs();"
        "from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse\n"
        "with DuckDBWarehouse(pathlib.Path('made/w.duckdb')).session() as session:\n"
        "    session._connection.execute('CREATE TABLE nba_raw.t AS SELECT 1')\n"
        "    assert not os.stat('made/w.duckdb.wal').st_mode & 0o077, 'the write-ahead log'\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=110
    )
    assert done.returncode == 0, done.stderr
    assert open_to_others(tmp_path / "made") == []


@pytest.mark.long
def test_what_exists_already_keeps_its_permissions(tmp_path):
    folder = tmp_path / "made" / "for"
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    DuckDBWarehouse(folder / "w.duckdb").session().__enter__()
    (folder / "w.duckdb").chmod(0o644)
    assert phase3(tmp_path, "init").returncode == 0
    assert [path.stat().st_mode & 0o777 for path in (folder, folder / "w.duckdb")] == [0o755, 0o644]


@pytest.mark.parametrize("host", ["192.0.2.1", "0.0.0.0", "::", "a-name.invalid"])
def test_a_ui_that_others_could_reach_is_warned_of(tmp_path, host):
    """The port is none that can be bound, so that nothing is ever served there."""
    said, _ = _first_words(tmp_path, "ui", "--host", host, "--port", "70000")
    assert said.startswith(f"phase3: WARNING: {host} is not loopback") and "docs/authentication.md" in said


def test_the_ui_on_bigquery_is_no_second_daemon(tmp_path, monkeypatch):
    monkeypatch.setenv("PHASE3_WAREHOUSE", "bigquery")
    monkeypatch.setenv("PHASE3_BIGQUERY_PROJECT", "a-project-123")
    monkeypatch.setenv("PHASE3_BIGQUERY_LOCATION", "US")
    said, _ = _first_words(tmp_path, "ui", "--port", "70000")
    assert "this is the UI alone" in said and "--with-daemon" in said


def _first_words(folder: Path, *arguments: str) -> tuple[str, int]:
    """The first line on standard error; then the command, and whatever it became, is killed."""
    command = subprocess.Popen(
        [sys.executable, "-m", "phase3_assets.cli", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        assert command.stderr is not None
        return command.stderr.readline(), command.pid
    finally:
        os.killpg(command.pid, signal.SIGKILL)
        command.communicate()


def listening(live: Live) -> Iterator[str]:
    """Addresses, as /proc writes them, on which a process of the deployment listens."""
    inodes = set()
    for pid, _ in live.processes():
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            target = str(entry.readlink()) if entry.is_symlink() else ""
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                yield fields[1].split(":")[0]


_LOOPBACK = ("0100007F", "00000000000000000000000001000000", "0000000000000000FFFF00000100007F")


def own_address() -> str | None:
    """An address of this machine that is not loopback, if it has one. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        address = str(probe.getsockname()[0])
    return None if address.startswith("127.") else address


@pytest.mark.daemon
@pytest.mark.timeout(900)
def test_a_deployment_listens_on_loopback_alone_and_repeats_no_secret(tmp_path):
    """An alert that cannot be delivered, a run that fails, a sensor that cannot look, credentials that are none."""
    warehouse = DuckDBWarehouse(tmp_path / "warehouse.duckdb", wait_seconds=60)
    initialise(warehouse)
    world = World(warehouse, night(1))
    world.contradict()
    world.reload_and_publish()
    assert world.events("game_quarantined")
    credentials = tmp_path / "elsewhere.json"
    credentials.write_text(f'{{"type": "service_account", "private_key": "{SECRET}"', encoding="utf-8")
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        settings = {
            "PHASE3_ALERTS": "webhook",
            "PHASE3_ALERT_WEBHOOK_URL": f"http://127.0.0.1:{unused.getsockname()[1]}/{SECRET}?token={SECRET}",
            "PHASE3_SLACK_TOKEN": SECRET,
            "PHASE3_SLACK_CHANNEL": "#nba",
            "GOOGLE_APPLICATION_CREDENTIALS": str(credentials),
            "PHASE3_SENSOR_INTERVAL_SECONDS": "5",
        }
        with Live(tmp_path, **settings) as live:
            (tick,) = live.wait("an alert fails", lambda: [t for t in ticks(live) if t.error])[:1]
            assert "the alert webhook failed" in tick.error.to_string() and SECRET not in tick.error.to_string()
            found = list(listening(live))
            assert found and set(found) <= set(_LOOPBACK), f"listens beyond loopback: {found}"
            address = own_address()
            if address:
                with pytest.raises(ConnectionRefusedError):
                    socket.create_connection((address, live._port), timeout=10)
            with warehouse.session() as session:
                session._connection.execute("ALTER TABLE nba_analytics.player_game_summary DROP COLUMN margin")
            failed = phase3(tmp_path, "run", DAY.isoformat(), **live.environment)
            assert failed.returncode == 2 and SECRET not in failed.stdout + failed.stderr
            launch = ["job", "launch", "-m", "phase3_assets.definitions", "-j", "publish"]
            started = subprocess.run(
                [sys.executable, "-m", "dagster", *launch, "--tags", f'{{"dagster/partition": "{DAY}"}}'],
                env=live.environment,
                cwd=tmp_path,
                capture_output=True,
                text=True,
            )
            assert SECRET not in started.stdout + started.stderr
            live.wait("a run fails", lambda: live.runs(dg.DagsterRunStatus.FAILURE))
    for arguments in (("doctor",), ("status", DAY.isoformat())):
        said = phase3(
            tmp_path, *arguments, **{**settings, "PHASE3_WAREHOUSE": "bigquery", "PHASE3_BIGQUERY_PROJECT": "a-project"}
        )
        assert said.returncode and SECRET not in said.stdout + said.stderr, said
    assert places_with(SECRET, tmp_path, but_not=credentials) == []
    with warehouse.session(read_only=True) as session:
        for table in session.live_columns():
            assert SECRET not in str(session.query(f"SELECT * FROM {table}")), table


def ticks(live: Live) -> list[object]:
    """The alert sensor's ticks; none until the daemon has noted that it is there."""
    names = [state.instigator_name for state in live.instance.all_instigator_state()]
    return live.ticks("check_state_alerts") if "check_state_alerts" in names else []


def places_with(secret: str, folder: Path, but_not: Path) -> list[Path]:
    """Every file below the folder whose bytes hold the secret: databases, logs, compute logs, cursors."""
    files = [path for path in folder.rglob("*") if path.is_file() and path != but_not]
    assert any(path.suffix == ".db" for path in files), "no run history was looked at"
    return [path for path in files if secret.encode() in path.read_bytes()]
