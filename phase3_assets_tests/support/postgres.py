"""A real PostgreSQL server of one's own, on loopback, and a team's DAGSTER_HOME with a database in it.

What belongs here: starting and ending it, the documented configuration. What doesn't: what is stored there
(instance/test_postgres_storage.py), how fast (benchmarks/histories.py).
"""

import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml
from sqlalchemy import create_engine, text

_DOCUMENTATION = Path(__file__).parents[2] / "docs" / "deployment.md"
DOCUMENTED, HELM_VALUES = re.findall(r"```yaml\n(.*?)```", _DOCUMENTATION.read_text(encoding="utf-8"), re.DOTALL)
"""The dagster.yaml that docs/deployment.md shows, and the values of Dagster's Helm chart."""
PROGRAMS = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)
_PATIENCE_SECONDS = 30


def why_there_is_none() -> str | None:
    """What is missing for a server here, or None."""
    if PROGRAMS is None:
        return "PostgreSQL is not installed (Debian: apt install postgresql)"
    return None if shutil.which("setpriv") else "setpriv, which ends the server with its test, is not installed"


@contextmanager
def server(durable: bool) -> Iterator[int]:
    """The port of a server whose user `team` needs no password. It ends with the context, or with this process.

    `durable` waits for the disk at each commit, as in production. PostgreSQL refuses to run as root: `nobody` runs it.
    """
    folder = Path(tempfile.mkdtemp(prefix="phase3-postgres-"))
    privileges = ["setpriv", "--pdeathsig", "KILL"]
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        privileges += ["--reuid", "nobody", "--regid", str(nobody.pw_gid), "--clear-groups"]
    port, data = _free_port(), str(folder / "data")
    create = [
        *privileges,
        str(PROGRAMS / "initdb"),
        "--no-sync",
        "-D",
        data,
        "-U",
        "team",
        "--auth=trust",
        "-E",
        "UTF8",
    ]
    serve = [*privileges, str(PROGRAMS / "postgres"), "-D", data, "-p", str(port), "-k", str(folder)]
    serve += ["-c", "listen_addresses=127.0.0.1", "-c", f"fsync={'on' if durable else 'off'}"]
    log = folder / "log"
    try:
        subprocess.run(create, check=True, capture_output=True, cwd=folder, timeout=2 * _PATIENCE_SECONDS)
        with log.open("wb") as output:
            process = subprocess.Popen(serve, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=folder)
        try:
            _wait_for(process, port, log)
            yield port
        finally:
            process.send_signal(signal.SIGQUIT)
            process.wait(_PATIENCE_SECONDS)
    finally:
        shutil.rmtree(folder)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait_for(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    asked = [str(PROGRAMS / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while subprocess.run(asked).returncode:
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"PostgreSQL did not start: {log.read_text()}")
        time.sleep(0.1)


def url(port: int, database: str) -> str:
    """What SQLAlchemy connects to."""
    return f"postgresql+psycopg2://team@127.0.0.1:{port}/{database}"


def make_home(port: int, home: Path, configuration: str = DOCUMENTED) -> dict[str, str]:
    """A DAGSTER_HOME and a database, both named alike; returns the environment of those who use it."""
    with create_engine(url(port, "postgres"), isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text(f"CREATE DATABASE {home.name}"))
    home.mkdir()
    (home / "dagster.yaml").write_text(configuration, encoding="utf-8")
    return {
        "DAGSTER_HOME": str(home),
        "DAGSTER_EVENT_BATCH_SIZE": "1000",
        "DAGSTER_PG_HOST": "127.0.0.1",
        "DAGSTER_PG_PORT": str(port),
        "DAGSTER_PG_USERNAME": "team",
        "DAGSTER_PG_PASSWORD": "p@ss/word",
        "DAGSTER_PG_DATABASE": home.name,
    }


def with_dagsters_own_events(configuration: str) -> str:
    """The same, but with the event log that Dagster itself brings for PostgreSQL."""
    named = yaml.safe_load(configuration)
    named["event_log_storage"] |= {"module": "dagster_postgres.event_log", "class": "PostgresEventLogStorage"}
    return yaml.safe_dump(named)
