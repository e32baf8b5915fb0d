"""Several writers who want one lease, their requests in every order: the real lease and the real client, one at a time.

What belongs here: who goes next, what befalls a request on its way, what must hold at every step. What doesn't: which
worlds are tried (test_lease.py).

Every writer is a thread that waits before each of its requests, so a run is a list of choices; `every_run` tries all
of them, and stops where the same state was gone on from before. A writer's job is its time between being allowed to
send one and its end; BigQuery ends it after JOB_MINUTES.
"""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import duckdb
import requests
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from phase3_assets.errors import WarehouseBusyError
from phase3_assets.warehouse.bigquery import client as bigquery_client
from phase3_assets.warehouse.bigquery.jobs import JOB_MINUTES, Jobs
from phase3_assets.warehouse.bigquery.lease import CLOCK_MINUTES, Lease
from phase3_assets_tests.bigquery.loopback import Loopback, Sent, settings_for

START = datetime(2026, 2, 4, tzinfo=UTC)
JOB = timedelta(minutes=JOB_MINUTES, seconds=bigquery_client.REQUEST_SECONDS)
"""The longest from being allowed to send a job to its end."""
FAULTS = ("request lost", "answer lost", "request late", "killed")
_SETTINGS = settings_for("http://lease.test")
_HERE = threading.local()


class _Killed(BaseException):
    """The writer's process is gone."""


@dataclass
class Writer:
    """One session, waiting before its next request or at the end of its job (`pending` None)."""

    name: str
    clock: timedelta
    pending: requests.PreparedRequest | None = None
    is_done: bool = False
    is_killed: bool = False
    verdict: str = ""
    answer: tuple[int, dict[str, Any]] | None = None
    seen: list[tuple[str, int]] = field(default_factory=list)
    """What it was told so far: what it does next depends on nothing else."""
    jobs: list[list[datetime | None]] = field(default_factory=list)
    """When each was allowed, and when it ended."""
    go: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))


class _Line(requests.adapters.HTTPAdapter):
    """What takes a writer's requests to the server, when they may go."""

    def send(self, request: requests.PreparedRequest, *arguments: Any, **options: Any) -> requests.Response:
        """Wait for the verdict on the request."""
        writer, world = _HERE.writer, _HERE.world
        world.wait(writer, request)
        if writer.verdict != "answered":
            raise requests.exceptions.ConnectionError(writer.verdict)
        response = requests.Response()
        response.status_code, answer = writer.answer
        response._content = json.dumps(answer).encode()
        response.headers["Content-Type"] = "application/json"
        response.request, response.url = request, str(request.url)
        return response


def _client() -> bigquery.Client:
    made = bigquery_client.client(_SETTINGS, AnonymousCredentials())  # type: ignore[no-untyped-call]
    made._http.trust_env = False  # no looking for proxies before each request
    made._http.mount("http://", _Line())
    return made


class World:
    """One run: writers, the server, the time, and what was chosen."""

    client: bigquery.Client | None = None

    def __init__(
        self,
        choices: list[int],
        clocks: list[timedelta],
        faults: tuple[str, ...] = (),
        jumps: tuple[int, ...] = (),
        disturbances: int = 1,
        known: set[Any] | None = None,
    ) -> None:
        World.client = World.client or _client()
        self.server = Loopback(_NoTables())  # type: ignore[arg-type]
        self.now = START
        self.writers = [Writer(f"writer{number}", clock) for number, clock in enumerate(clocks)]
        self.choices, self.taken, self.counts = choices, [], []  # type: ignore[var-annotated]
        self.faults, self.jumps, self.disturbances = faults, jumps, disturbances
        self.late: list[tuple[Writer, requests.PreparedRequest]] = []
        self.told: list[str] = []
        self.known = set() if known is None else known
        self.is_known = False
        self.arrived = threading.Semaphore(0)

    def run(self) -> "World":
        """Let the writers work until each is done. Raises AssertionError where something does not hold."""
        work = []
        with ThreadPoolExecutor(len(self.writers)) as threads:
            for writer in self.writers:
                work.append(threads.submit(self._work, writer))
                self.arrived.acquire()
            try:
                while options := self._options():
                    if len(self.taken) >= len(self.choices) and self._is_known():
                        break
                    options[self._choose(len(options))]()
            finally:
                for writer in self.writers:
                    if not writer.is_done:
                        self._kill(writer)
        for done in work:
            done.result()
        return self

    def wait(self, writer: Writer, request: requests.PreparedRequest | None) -> None:
        """Wait, as that writer, until it is chosen. Raises _Killed where it is not to go on."""
        if not writer.is_killed:
            writer.pending = request
            self.arrived.release()
            writer.go.acquire()
        if writer.is_killed:
            raise _Killed

    def _work(self, writer: Writer) -> None:
        _HERE.writer, _HERE.world = writer, self
        lease = Lease(Jobs(World.client, _SETTINGS, writer.name), 0, lambda: None)
        try:
            with lease.held():
                lease.renew()
                self._begin_job(writer)
                self.wait(writer, None)
                writer.jobs[-1][1] = self.now
        except (_Killed, WarehouseBusyError):
            return
        finally:
            writer.is_done = True
            self.arrived.release()

    def _begin_job(self, writer: Writer) -> None:
        for other in self.writers:
            for begun, ended in other.jobs:
                assert ended is not None or self.now >= begun + JOB, f"two write: {self.story()}"
        writer.jobs.append([self.now, None])

    def story(self) -> str:
        """What happened, for whoever reads a failure."""
        return "; ".join(self.told)

    def _options(self) -> list[Callable[[], None]]:
        """What can happen next: undisturbed steps first. Where nobody is left to go on, nothing."""
        waiting = [writer for writer in self.writers if not writer.is_done]
        if not waiting:
            return []
        options: list[Callable[[], None]] = [lambda w=writer: self._step(w, "answered") for writer in waiting]  # type: ignore[misc]
        options += [lambda at=at: self._deliver(at) for at in range(len(self.late))]  # type: ignore[misc]
        if self.disturbances:
            for writer in waiting:
                faults = self.faults if writer.pending is not None else [f for f in self.faults if f == "killed"]
                options += [lambda w=writer, f=fault: self._disturb(w, f) for fault in faults]  # type: ignore[misc]
            options += [lambda m=minutes: self._jump(m) for minutes in self.jumps]  # type: ignore[misc]
        return options

    def _is_known(self) -> bool:
        """Whether everything that can follow has been tried."""
        writers = tuple((tuple(w.seen), w.is_done, w.is_killed, str(w.jobs)) for w in self.writers)
        late = tuple((writer.name, request.body, request.headers.get("If-Match")) for writer, request in self.late)
        state = (writers, late, self.now, self.disturbances, json.dumps(self.server.leases, sort_keys=True))
        self.is_known = state in self.known
        self.known.add(state)
        return self.is_known

    def _choose(self, count: int) -> int:
        chosen = self.choices[len(self.taken)] % count if len(self.taken) < len(self.choices) else 0
        self.taken.append(chosen)
        self.counts.append(count)
        return chosen

    def _step(self, writer: Writer, verdict: str) -> None:
        request = writer.pending
        self.told.append(f"{writer.name} {request.method if request else 'ends its job'} {verdict}")
        if request is not None and verdict != "request lost":
            if verdict == "request late":
                self.late.append((writer, request))
            else:
                writer.answer = self._served(writer, request)
        writer.seen.append((f"{verdict} {self.now} {json.dumps(writer.answer)}", len(writer.seen)))
        writer.verdict = verdict
        writer.go.release()
        self.arrived.acquire()

    def _disturb(self, writer: Writer, fault: str) -> None:
        self.disturbances -= 1
        if fault == "killed":
            self.told.append(f"{writer.name} is killed")
            self._kill(writer)
        else:
            self._step(writer, fault)

    def _jump(self, minutes: int) -> None:
        self.disturbances -= 1
        self.told.append(f"{minutes} minutes pass")
        self.now += timedelta(minutes=minutes)

    def _kill(self, writer: Writer) -> None:
        writer.is_killed = True
        writer.go.release()
        self.arrived.acquire()

    def _deliver(self, at: int) -> None:
        writer, request = self.late.pop(at)
        self.told.append(f"{writer.name}'s late {request.method} arrives")
        self._served(writer, request)

    def _served(self, writer: Writer, request: requests.PreparedRequest) -> tuple[int, dict[str, Any]]:
        """The server's answer; nobody else's lease is changed before it is over, and none is deleted."""
        assert request.method != "DELETE", self.story()
        parts = urlsplit(str(request.url))
        body = json.loads(request.body or b"{}")
        if request.method == "PATCH":
            body["if-match"] = request.headers.get("If-Match")
        before = self._lease()
        answer = self.server.answer(Sent(str(request.method), parts.path, parse_qs(parts.query), body), b"")
        after = self._lease()
        if before and before != after and before["session"] not in ("", writer.name):
            over = datetime.fromisoformat(before["until"]) - timedelta(minutes=CLOCK_MINUTES)
            assert self.now >= over, f"taken from a holder: {self.story()}"
        return answer

    def _lease(self) -> dict[str, str]:
        return next((json.loads(lease["description"]) for lease in self.server.leases.values()), {})


class _NoTables:
    """A DuckDB without tables, that the server may ask."""

    def execute(self, *arguments: Any) -> duckdb.DuckDBPyConnection:
        return self  # type: ignore[return-value]

    def fetchall(self) -> list[tuple[Any, ...]]:
        return []


def clock_of_writer() -> datetime:
    """Now, by the clock of the writer whose thread this is."""
    return _HERE.world.now + _HERE.writer.clock


def every_run(clocks: list[timedelta], **disturbed: Any) -> Iterator[World]:
    """Run a world in every way it can go; yields the runs that came to an end of their own."""
    known: set[Any] = set()
    choices: list[int] | None = []
    while choices is not None:
        world = World(choices, clocks, known=known, **disturbed).run()
        if not world.is_known:
            yield world
        choices = _next(world.taken, world.counts)


def _next(taken: list[int], counts: list[int]) -> list[int] | None:
    for at in reversed(range(len(taken))):
        if taken[at] + 1 < counts[at]:
            return [*taken[:at], taken[at] + 1]
    return None
