"""Processes that publish and are killed, and a process that reads all the while.

What belongs here: publishing up to a step and dying there, counting the steps, looking on from another process. What
doesn't: what must hold afterwards (stories/test_crash.py).

Every process is forked from a server that has only imported the package, so that a kill costs no start of Python; what
dies and what is left behind is the same.
"""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import duckdb

from phase3_assets.errors import Phase3Error
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.warehouse.duckdb.warehouse import DuckDBSession, DuckDBWarehouse
from phase3_assets_tests.support.reader import Reader, Snapshot, look

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["phase3_assets_tests.support.processes"])
PATIENCE_SECONDS = 240
"""How long anybody waits for a turn: a busy machine is no failure."""
_NEVER = -1
PAUSE_SECONDS = 0.2


class _Steps:
    """The statements of a publication, in order; at one of them its process is killed."""

    def __init__(self, last: int) -> None:
        self.taken: list[str] = []
        self._last = last

    def take(self, what: str) -> None:
        """One more step begins."""
        if len(self.taken) == self._last:
            os.kill(os.getpid(), signal.SIGKILL)
        self.taken.append(what)


class _SteppedConnection:
    """A connection of which every statement is a step."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, steps: _Steps) -> None:
        self._connection = connection
        self._steps = steps

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, sql: str, *parameters: Any) -> duckdb.DuckDBPyConnection:
        self._steps.take(sql)
        return self._connection.execute(sql, *parameters)


class SteppedWarehouse(DuckDBWarehouse):
    """A warehouse whose writer dies as step `last` is to begin, or never; closing the file is a step as well."""

    def __init__(self, path: Path, last: int = _NEVER) -> None:
        super().__init__(path, PATIENCE_SECONDS)
        self.steps = _Steps(last)

    @contextmanager
    def session(
        self, read_only: bool = False, wait_seconds: float | None = None, run_id: str = ""
    ) -> Iterator[DuckDBSession]:
        with super().session(read_only, wait_seconds, run_id) as session:
            session._connection = _SteppedConnection(session._connection, self.steps)
            yield session
            self.steps.take("close")


def steps_of(path: Path, first: date, last: date) -> list[str]:
    """Publish, and say the steps that took."""
    warehouse = SteppedWarehouse(path)
    publish(warehouse, Request(first, last))
    return warehouse.steps.taken


def publish_and_die(path: Path, first: date, last: date, step: int = _NEVER) -> None:
    """What a process does that is to be killed; without a step, it is killed from outside."""
    publish(SteppedWarehouse(path, step), Request(first, last))


class OnLooker:
    """A process that reads the published tables whenever no writer has the file; use as a context.

    It fails the test where it saw anything but `allowed`, or lost what it had seen; that is known once it has ended.
    """

    def __init__(self, path: Path, *allowed: Snapshot) -> None:
        self._mine, theirs = PROCESSES.Pipe()
        self._process = PROCESSES.Process(target=_look_on, args=(path, allowed, theirs), daemon=True)
        self.looks = 0

    def __enter__(self) -> "OnLooker":
        self._process.start()
        assert self._mine.recv() == "looking"
        return self

    def __exit__(self, *error: object) -> None:
        with suppress(BrokenPipeError):  # it has ended before, and has said why
            self._mine.send("enough")
        self.looks, complaint = self._mine.recv()
        self._process.join()
        assert complaint is None, complaint


def _look_on(path: Path, allowed: tuple[Snapshot, ...], pipe: Connection) -> None:
    reader, complaint = Reader({}), None
    for truth in allowed:
        reader.allow(truth)
    pipe.send("looking")
    try:
        while not pipe.poll(PAUSE_SECONDS):
            with DuckDBWarehouse(path, PATIENCE_SECONDS).session(read_only=True) as session:
                reader.remember(look(session._connection))
        reader.assert_only_the_truth_was_seen()
    except (AssertionError, Phase3Error) as error:
        complaint = str(error)
    pipe.send((reader.looks, complaint))
