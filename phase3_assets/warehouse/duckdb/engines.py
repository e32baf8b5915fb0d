"""The DuckDB engines of this process: each is made once and lent to one session at a time.

What belongs here: keeping idle engines without a file, and the version of the files that they write. What doesn't: the
file that a session attaches (warehouse.py).

Making an engine takes six times as long as attaching a file to one, and sensors open a session for every look. An idle
engine holds no file: detaching a file writes its log into it and gives up its lock, as closing the engine would.
"""

import os

import duckdb
import pandas  # noqa: F401  DuckDB imports it with the first value it is given: a Ctrl-C in the midst of that would be lost

STORAGE_VERSION = "v1.5.0"
"""The version of the files we write. From this version on a log names the file it belongs to, so DuckDB refuses to
replay the log of another file or of an older copy.
"""
_NO_FILE = "memory"
_idle: list[duckdb.DuckDBPyConnection] = []
_of_the_parent: list[duckdb.DuckDBPyConnection] = []


def _leave_to_the_parent() -> None:
    """Set the parent's engines aside in a forked process, which then makes its own.

    An engine's threads do not survive the fork, and closing such an engine crashes, so they are kept but never used.
    """
    _of_the_parent.extend(_idle)
    _idle.clear()


os.register_at_fork(after_in_child=_leave_to_the_parent)


def lend() -> duckdb.DuckDBPyConnection:
    """An engine with nothing attached."""
    try:
        return _idle.pop()
    except IndexError:
        return duckdb.connect(":memory:")


def take_back(engine: duckdb.DuckDBPyConnection) -> None:
    """Detach every file and keep the engine for the next session.

    An engine that fails to detach a file is closed instead. Closing lets the file go in any case, and everything
    committed is in the file's log.
    """
    try:
        engine.execute(f"USE {_NO_FILE}")
        attached = "SELECT database_name FROM duckdb_databases() WHERE NOT internal AND database_name <> $own"
        for (name,) in engine.execute(attached, {"own": _NO_FILE}).fetchall():
            engine.execute(f"DETACH {name}")
    except duckdb.Error:
        engine.close()
    else:
        _idle.append(engine)
