"""A real PostgreSQL server of one's own, on loopback, and a team's DAGSTER_HOME with a database in it.

What belongs here: starting and ending it, the configuration of deploy/. What doesn't: what is stored there
(instance/test_postgres_storage.py), how fast (benchmarks/histories.py).
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import yaml
from sqlalchemy import create_engine, text

_DEPLOY = Path(__file__).parents[2] / "deploy"
DOCUMENTED = (_DEPLOY / "dagster.yaml").read_text(encoding="utf-8")
"""The dagster.yaml of a team."""
HELM_VALUES = (_DEPLOY / "helm-values.yaml").read_text(encoding="utf-8")
"""The values of Dagster's Helm chart."""
PROGRAMS = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)
_PATIENCE_SECONDS = 30


def why_there_is_none() -> str | None:
    """What is missing for a server here, or None."""
    if PROGRAMS is None:
        return "PostgreSQL is not installed (Debian: apt install postgresql)"
    return None if shutil.which("setpriv") else "setpriv, which ends the server with its test, is not installed"


class PostgreSQL:
    """A server in a folder of its own; use as a context manager. Its user `team` needs no password.

    `durable` waits for the disk at each commit, as in production. PostgreSQL refuses to run as root: `nobody` runs it.
    It ends with the context, or with this process.
    """

    def __init__(self, durable: bool) -> None:
        self.port = free_port()
        self._durable = durable

    def __enter__(self) -> "PostgreSQL":
        self._folder = Path(tempfile.mkdtemp(prefix="phase3-postgres-"))
        self._as_nobody = ["setpriv", "--pdeathsig", "KILL"]
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self._folder, nobody.pw_uid, nobody.pw_gid)
            self._as_nobody += ["--reuid", "nobody", "--regid", str(nobody.pw_gid), "--clear-groups"]
        create = [*self._as_nobody, str(PROGRAMS / "initdb"), "--no-sync", "-D", str(self._folder / "data")]
        create += ["-U", "team", "--auth=trust", "-E", "UTF8"]
        try:
            subprocess.run(create, check=True, capture_output=True, cwd=self._folder, timeout=4 * _PATIENCE_SECONDS)
            self.start()
        except BaseException:
            shutil.rmtree(self._folder)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.stop(signal.SIGQUIT)
        finally:
            shutil.rmtree(self._folder)

    def start(self) -> None:
        """Start the server on its data, and wait until it answers."""
        serve = [*self._as_nobody, str(PROGRAMS / "postgres"), "-D", str(self._folder / "data"), "-p", str(self.port)]
        serve += ["-k", str(self._folder), "-c", "listen_addresses=127.0.0.1"]
        serve += ["-c", f"fsync={'on' if self._durable else 'off'}"]
        log = self._folder / "log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                serve, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=self._folder
            )
        try:
            _wait_for(self._process, self.port, log)
        except BaseException:
            self.stop(signal.SIGQUIT)
            raise

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End the server; by default as a restart of the service does: every connection is cut, nothing is lost."""
        self._process.send_signal(how)
        self._process.wait(_PATIENCE_SECONDS)


@contextmanager
def server(durable: bool) -> Iterator[int]:
    """The port of a server: PostgreSQL."""
    with PostgreSQL(durable) as running:
        yield running.port


def free_port() -> int:
    """A port of loopback on which nobody listens."""
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
        "PHASE3_LOGS": str(home / "logs"),
    }


def with_dagsters_own_events(configuration: str) -> str:
    """The same, but with the event log that Dagster itself brings for PostgreSQL."""
    named = yaml.safe_load(configuration)
    named["event_log_storage"] |= {"module": "dagster_postgres.event_log", "class": "PostgresEventLogStorage"}
    return yaml.safe_dump(named)
