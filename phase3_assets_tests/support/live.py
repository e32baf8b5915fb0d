"""A real `phase3 ui`: webserver, daemon, code server and run workers, as processes that a test may kill.

What belongs here: starting, killing and asking such a deployment, for tests and benchmarks. What doesn't: what is
expected of it (stories/test_daemon.py, stories/test_browser.py).
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import dagster as dg

from phase3_assets.instance.home import prepare_dagster_home
from phase3_assets.settings.locations import Settings

ROOT = Path(__file__).parents[2]
EVERYTHING = ""


class Live:
    """One `phase3 ui` on a folder's warehouse and Dagster home; every process of it is one process group.

    With a `workspace`, it is Dagster's own `dagster dev` on the code locations that this file lists.
    """

    def __init__(self, folder: Path, workspace: Path | None = None, **settings: str) -> None:
        self.folder = folder
        self.log = folder / "ui.log"
        program = ["dagster", "dev", "-w", str(workspace)] if workspace else ["phase3_assets.cli", "ui"]
        self._program = [sys.executable, "-m", *program]
        own = {"PHASE3_DUCKDB_PATH": str(folder / "warehouse.duckdb"), "DAGSTER_HOME": str(folder / "dagster")}
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PHASE3_", "DAGSTER_"))}
        self.environment = {**kept, "PYTHONPATH": str(ROOT), **own, **settings}
        self._server: subprocess.Popen[bytes] | None = None
        self._port = 0
        with _environment_kept():
            prepare_dagster_home(Settings.from_environment(self.environment))
        self.instance = dg.DagsterInstance.from_config(str(folder / "dagster"))

    @property
    def address(self) -> str:
        """Where the UI answers."""
        return f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> "Live":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, seconds: float = 180) -> None:
        """Start, and wait until the UI answers."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        command = [*self._program, "--port", str(self._port)]
        with self.log.open("ab") as output:
            self._server = subprocess.Popen(
                command, env=self.environment, cwd=self.folder, stdout=output, stderr=output, start_new_session=True
            )
        try:
            self.wait("the UI answers", self._answers, seconds)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End every process: first politely, so that they take leave of each other."""
        if self._server is None:
            return
        with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
            os.killpg(self._server.pid, signal.SIGTERM)
            self._server.wait(timeout=15)
        self.kill(EVERYTHING)
        self._server = None

    def kill(self, *what: str) -> int:
        """SIGKILL every process whose command line holds one of `what`; returns how many there were."""
        assert self._server is not None
        if EVERYTHING in what:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._server.pid, signal.SIGKILL)
            self._server.wait(timeout=15)
            return 1
        victims = [pid for pid, command in self.processes() if any(word in command for word in what)]
        for pid in victims:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return len(victims)

    def processes(self) -> Iterator[tuple[int, str]]:
        """Process id and command line of every process of the group."""
        assert self._server is not None
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            with contextlib.suppress(OSError):
                group = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[2])
                if group == self._server.pid:
                    yield int(entry.name), (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()

    def wait(self, what: str, condition: Callable[[], object], seconds: float = 240) -> Any:
        """The condition's value once it is true; AssertionError with the log's end after `seconds`."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := condition():
                return found
            if self._server is not None and self._server.poll() is not None:
                break
            time.sleep(0.2)
        ended = self.log.read_text(errors="replace")[-6000:]
        raise AssertionError(f"not within {seconds:.0f} s: {what}; the log ends\n{ended}")

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """What the UI's own endpoint answers."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(f"{self.address}/graphql", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as response:
            answer = json.load(response)
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data

    def ticks(self, sensor: str) -> list[Any]:
        """The ticks of a sensor, newest first; none before the daemon has seen the sensor."""
        states = [state for state in self.instance.all_instigator_state() if state.instigator_name == sensor]
        return [tick for s in states for tick in self.instance.get_ticks(s.instigator_origin_id, s.selector_id)]

    def runs(self, *statuses: dg.DagsterRunStatus) -> list[dg.DagsterRun]:
        """Runs, newest first; of these statuses, if any are given."""
        return list(self.instance.get_runs(dg.RunsFilter(statuses=list(statuses))))

    def partition_statuses(self, asset: str) -> dict[str, str]:
        """What the UI shows of an asset's partitions: `2026-02-03/2026-02-05` to MATERIALIZED or FAILED."""
        shown = self.ask(_PARTITION_STATUSES, key={"path": [asset]})["assetNodeOrError"]["assetPartitionStatuses"]
        return {f"{part['startKey']}/{part['endKey']}": part["status"] for part in shown["ranges"]}

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/server_info", timeout=5):
                return True
        except OSError:
            return False


@contextlib.contextmanager
def _environment_kept() -> Iterator[None]:
    before = dict(os.environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


_PARTITION_STATUSES = """
query ($key: AssetKeyInput!) {
  assetNodeOrError(assetKey: $key) {
    ... on AssetNode {
      assetPartitionStatuses {
        ... on TimePartitionStatuses { ranges { status startKey endKey } }
      }
    }
  }
}
"""
