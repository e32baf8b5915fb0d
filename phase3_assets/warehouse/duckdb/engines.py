"""DuckDB engines of this process: made once, lent to one session at a time.

What belongs here: having an engine without a file at hand, and the version of the files it writes. What doesn't: the
file it is attached to (duckdb.py).

Making an engine takes six times as long as attaching a file to one, and sensors open a session for every look. An idle
engine holds no file: letting a file go writes its log into it and gives up its lock, as closing would.
"""

import os

import duckdb
import pandas  # noqa: F401  DuckDB imports it with the first value it is given: a Ctrl-C in the midst of that would be lost

STORAGE_VERSION = "v1.5.0"
"""From this version on a log names the file it belongs to: another's, or an older copy's, is refused, not replayed."""
_NO_FILE = "memory"
_idle: list[duckdb.DuckDBPyConnection] = []
_of_the_parent: list[duckdb.DuckDBPyConnection] = []


def _leave_to_the_parent() -> None:
    """An engine's threads do not live on in a forked process: it uses engines of its own, and closing these crashes."""
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
    """Let go of whatever is attached, and keep the engine for the next session.

    One that does not let go is closed instead: that lets go in any case, and what was committed is in the file's log.
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
