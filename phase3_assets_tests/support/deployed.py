"""The deployment of deploy/compose.yaml as processes of this machine, on a PostgreSQL that a test may restart.

What belongs here: starting each service's command with its own settings, restarting it when it ends, as its supervisor
does, killing it. What doesn't: what the files say (composed.py), what must hold (deployment/test_topology.py).

Commands, settings and health checks are those of the file. Of what a container adds, three things are imitated: each
service's name is loopback, each port a free one, and /opt/phase3 and /var/lib/phase3 are folders of the test's.
"""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

import dagster as dg
from sqlalchemy import create_engine, text

from phase3_assets_tests.support.composed import COMPOSE, EXAMPLE, ROOT, services
from phase3_assets_tests.support.postgres import PostgreSQL, free_port, url

OURS = ("code", "grading", "daemon", "webserver")
_PORTS = ("3000", "4000", "4001")
PATIENCE_SECONDS = 1500
"""How long anything is waited for. What is waited for takes a minute on a machine of one's own; on one that others load
ten times over, a look of a sensor takes 40 seconds, and a night more than five minutes."""


class Deployed:
    """Use as a context manager: entering runs `setup` and starts every service; leaving ends them."""

    def __init__(self, folder: Path, database: PostgreSQL, name: str, checkout: Path = ROOT, **settings: str) -> None:
        self.folder = folder
        self.checkout = checkout
        """The folder of the project; whatever starts from now on is of this version."""
        self._settings = settings
        self._name = name
        self._ports = {port: free_port() for port in _PORTS}
        self._database = database
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._wanted: set[str] = set()
        self._turn = threading.RLock()
        self._ending = threading.Event()
        self._instance: dg.DagsterInstance | None = None
        self.restarts: dict[str, int] = {}
        """How often each service was restarted because it had ended."""
        for below in ("dagster", "warehouse", "logs", "grading", "home"):
            (folder / below).mkdir(parents=True)
        (folder / "dagster" / "dagster.yaml").write_text((checkout / "deploy" / "dagster.yaml").read_text())

    def __enter__(self) -> "Deployed":
        with create_engine(url(self._database.port, "postgres"), isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(text(f"CREATE DATABASE {self._name}"))
        self._supervisor = threading.Thread(target=self._supervise, daemon=True)
        try:
            self.set_up()
            for service in OURS:
                self.start(service)
            self._supervisor.start()
            for service in OURS:
                self.wait(f"{service} is healthy", lambda service=service: self.is_healthy(service))
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    @property
    def address(self) -> str:
        """Where the web server answers."""
        return f"http://127.0.0.1:{self._ports['3000']}"

    def spec(self, service: str) -> dict[str, Any]:
        """What the file says of a service, with what the test's machine has in the place of a container's."""
        given = {
            "DAGSTER_PG_HOST": "127.0.0.1",
            "DAGSTER_PG_PORT": str(self._database.port),
            "DAGSTER_PG_USERNAME": "team",
            "DAGSTER_PG_PASSWORD": "p@ss/word",
            "DAGSTER_PG_DATABASE": self._name,
            "PHASE3_UI_USER": "somebody",
            "PHASE3_UI_PASSWORD_HASH": "unused",
            "GRADING_FIRST_DATE": str(date.today() - timedelta(days=400)),
        }
        said: dict[str, Any] = self._here(services(COMPOSE, EXAMPLE, variables=given)[service])
        return said

    def environment(self, service: str = "code") -> dict[str, str]:
        """The environment of a service's process; nothing of ours, or of the developer's, comes from the test's own."""
        own = {name: os.environ[name] for name in ("LANG", "LC_ALL", "TZ", "TMPDIR") if name in os.environ}
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        said = {name: str(value) for name, value in self.spec(service)["environment"].items()}
        home = str(self.folder / "home")
        # The file settings.env beside compose.yaml, which a team fills, goes to setup, to our code and to other code.
        more = self._settings if "env_file" in self.spec(service) else {}
        return {**own, "PATH": path, "HOME": home, "PYTHONPATH": str(self.checkout), **said, **more}

    def set_up(self) -> None:
        """Run the service `setup` to its end, as `up` does."""
        said = self.spec("setup")
        ended = subprocess.run(
            said["command"],
            env=self.environment("setup"),
            cwd=said["working_dir"],
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr

    def start(self, service: str) -> None:
        """Start a service, and keep it running from now on."""
        with self._turn:
            self._wanted.add(service)
            self._processes[service] = self._spawn(service)

    def stop(self, service: str, seconds: float = 60) -> None:
        """Stop a service as its supervisor does: politely, and by force once its grace period is over."""
        with self._turn:
            self._wanted.discard(service)
            process = self._processes.pop(service)
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        _kill_group(process)

    def restart(self) -> None:
        """Stop and start every service of ours in turn, as `up` does with another image; start those that stand."""
        for service in OURS:
            if service in self._processes:
                self.stop(service)
            self.start(service)

    def kill(self, service: str) -> None:
        """SIGKILL every process of a service, as when its container or its unit is killed; it is restarted."""
        with self._turn:
            _kill_group(self._processes[service])

    def kill_main_process(self, service: str) -> None:
        """SIGKILL a service's first process alone: those that it has started go on for as long as they can."""
        with self._turn:
            self._processes[service].kill()
            self._processes[service].wait()

    def kill_runs(self) -> int:
        """SIGKILL the process of every run of ours that is under way; returns how many there were."""
        victims = list(self.run_processes())
        for pid in victims:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return len(victims)

    def run_processes(self) -> Iterator[int]:
        """The ids of processes that the code server started for runs."""
        with self._turn:
            group = self._processes["code"].pid
        for pid, command in _processes_of(group):
            if "spawn_main" in command:
                yield pid

    @contextlib.contextmanager
    def another(self, service: str) -> Iterator[None]:
        """The service a second time, by mistake."""
        process = self._spawn(service)
        try:
            yield
        finally:
            _kill_group(process)

    def is_healthy(self, service: str) -> bool:
        """Whether the service's own health check passes now."""
        said = self.spec(service)
        check = said["healthcheck"]["test"][1:]
        asked = subprocess.run(
            check, env=self.environment(service), cwd=said["working_dir"], capture_output=True, timeout=PATIENCE_SECONDS
        )
        return asked.returncode == 0

    @property
    def instance(self) -> dg.DagsterInstance:
        """Run history, read as every process of the deployment reads it."""
        if self._instance is None:
            before = dict(os.environ)
            os.environ.update(self.environment("daemon"))
            try:
                self._instance = dg.DagsterInstance.from_config(str(self.folder / "dagster"))
            finally:
                os.environ.clear()
                os.environ.update(before)
        return self._instance

    def runs(self, *statuses: dg.DagsterRunStatus) -> list[dg.DagsterRun]:
        """Runs, newest first; of these statuses, if any are given."""
        return list(self.instance.get_runs(dg.RunsFilter(statuses=list(statuses))))

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """What the web server's endpoint answers."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(f"{self.address}/graphql", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=120) as response:
            answer = json.load(response)
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data

    def wait(self, what: str, condition: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> Any:
        """The condition's value once it is true; AssertionError with the ends of the logs after `seconds`.

        While the database is away, the condition counts as not true.
        """
        deadline = time.monotonic() + seconds
        reason = ""
        while time.monotonic() < deadline:
            try:
                if found := condition():
                    return found
            except Exception as error:  # noqa: BLE001 - a dead database or web server is what these tests are about
                reason = f"; at last: {type(error).__name__}: {error}"[:500]
            time.sleep(0.3)
        ends = "\n".join(f"--- {log.name}\n{log.read_text(errors='replace')[-1500:]}" for log in self._logs())
        raise AssertionError(f"the logs end\n{ends}\nnot within {seconds:.0f} s: {what}{reason}")

    def _logs(self) -> list[Path]:
        return sorted(self.folder.glob("*.log"))

    def _spawn(self, service: str) -> "subprocess.Popen[bytes]":
        said = self.spec(service)
        with (self.folder / f"{service}.log").open("ab") as output:
            return subprocess.Popen(
                said["command"],
                env=self.environment(service),
                cwd=said["working_dir"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def _supervise(self) -> None:
        """Restart what has ended: restart: unless-stopped."""
        while not self._ending.wait(0.5):
            with self._turn:
                for service in self._wanted:
                    if self._processes[service].poll() is not None:
                        self.restarts[service] = self.restarts.get(service, 0) + 1
                        self._processes[service] = self._spawn(service)

    def _end(self) -> None:
        self._ending.set()
        with self._turn:
            for process in self._processes.values():
                _kill_group(process)
            self._wanted.clear()
        if self._instance is not None:
            self._instance.dispose()

    def _here(self, value: Any) -> Any:
        if isinstance(value, str):
            value = value.replace("/opt/phase3", str(self.checkout)).replace("/var/lib/phase3", str(self.folder))
            value = re.sub(r"\b(3000|4000|4001)\b", lambda found: str(self._ports[found[0]]), value)
            return "127.0.0.1" if value in ("code", "grading", "0.0.0.0") else value
        if isinstance(value, list):
            return [self._here(part) for part in value]
        if isinstance(value, dict):
            return {key: self._here(part) for key, part in value.items()}
        return value


def _kill_group(process: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _processes_of(group: int) -> Iterator[tuple[int, str]]:
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            found = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[2])
            if found == group:
                yield int(entry.name), (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
