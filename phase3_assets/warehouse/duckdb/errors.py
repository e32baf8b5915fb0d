"""Explaining DuckDB's errors to the person who runs a command: what is wrong, what was kept, what to do next.

What belongs here: turning an error of the engine into an error that a person is meant to read. What doesn't: raw files
that cannot be loaded (files.py), waiting for other processes (warehouse.py).
"""

import re
from pathlib import Path

import duckdb

from phase3_assets.catalog.queries import STAGING_DATASET
from phase3_assets.errors import Phase3Error, WarehouseRequestError, WarehouseUnreadableError
from phase3_assets.warehouse.duckdb.engines import STORAGE_VERSION

_HOLDER = re.compile(r"held in (.+?) \(PID (\d+)\)")
_TAKEN_BACK = "What was under way was taken back; what was committed before it stays."
_FULL = ("no space left", "file too large", "quota exceeded", "disk full")
_FORBIDDEN = ("permission denied", "read-only file system", "operation not permitted")
_LOG = "replaying wal file"
_OTHER_VERSION = "database file with version number"
_DAMAGED = ("corrupt", "not a valid duckdb database", "could not read enough bytes", "checksum", "deserialize")


def is_locked(error: duckdb.Error) -> bool:
    """Whether the error says that another process has the file open, so that this one cannot open it."""
    return "could not set lock on file" in str(error).lower()


def holder(error: duckdb.Error) -> str:
    """The process that has the file open, in words, as far as the engine knows it."""
    found = _HOLDER.search(str(error))
    return "process {1} ({0})".format(*found.groups()) if found else "another process"


def explained(path: Path, error: duckdb.Error) -> Phase3Error:
    """The error to raise in place of one from the engine while it opened, read or wrote the file."""
    reason = str(error).strip().splitlines()[0]
    text = reason.lower()
    if any(sign in text for sign in _FULL):
        return WarehouseRequestError(
            f"{path} cannot be written, the disk is full ({reason}). {_TAKEN_BACK} Make room, and run it again."
        )
    if any(sign in text for sign in _FORBIDDEN):
        return WarehouseUnreadableError(
            f"{path} cannot be opened or written by this user ({reason}). {_TAKEN_BACK} "
            "Let this user read and write the file and its folder, and run it again."
        )
    if _LOG in text:
        return WarehouseUnreadableError(
            f"{path} cannot be opened: its log, {path.name}.wal beside it, is damaged, or another file's ({reason}); "
            "nothing was overwritten. Restore file and log from the same copy; or move the log aside, which loses what "
            "was committed since DuckDB last wrote it into the file: load that again, and run it again."
        )
    if _OTHER_VERSION in text:
        return WarehouseUnreadableError(
            f"{path} was written by a DuckDB that this one, {duckdb.__version__}, cannot read ({reason}); nothing of "
            f"it was overwritten. With the DuckDB that wrote it: ATTACH '{path}' AS theirs (READ_ONLY); "
            f"ATTACH 'copy.duckdb' AS ours (STORAGE_VERSION '{STORAGE_VERSION}'); COPY FROM DATABASE theirs TO ours; "
            "then put the copy in its place. "
            "Or move it aside and run `phase3 init`, `phase3 load-raw` and `phase3 backfill`."
        )
    if f'ambiguous reference to catalog or schema "{STAGING_DATASET}"' in text:
        return WarehouseRequestError(
            f"{path} holds a schema {STAGING_DATASET}, which phase3 never makes there: the name is taken by its "
            f"staging, in memory ({reason}). {_TAKEN_BACK} Copy what you need of the schema to another one, drop it "
            f"(DROP SCHEMA {STAGING_DATASET} CASCADE), and run it again."
        )
    if isinstance(error, (duckdb.InternalException, duckdb.FatalException)) or any(sign in text for sign in _DAMAGED):
        return WarehouseUnreadableError(
            f"{path} is damaged, or no DuckDB database ({reason}); nothing of it was overwritten. "
            "Restore it from a copy, or move it aside and run `phase3 init`, `phase3 load-raw` and `phase3 backfill`."
        )
    return WarehouseRequestError(
        f"{path}: DuckDB refused a statement ({reason}). {_TAKEN_BACK} "
        "`phase3 doctor` compares the tables with their contracts; the next run takes up what is left."
    )
