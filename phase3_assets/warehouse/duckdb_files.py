"""Reading Parquet, CSV and NDJSON files into raw tables of the embedded warehouse, all or nothing per file.

What belongs here: holding a file's columns and values against the contract, and the load itself; for another warehouse,
the same file made a Parquet file of exactly the contract's columns. What doesn't: finding the files (loading.py).
"""

import csv
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from phase3_assets.contracts import Column, Contract
from phase3_assets.errors import LoadError
from phase3_assets.warehouse import NOTHING_TAKEN, Loaded, Taken
from phase3_assets.warehouse.dialect import duckdb_type, from_duckdb_type

_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
_ACCEPTED = {
    "STRING": ("VARCHAR",),
    "INT64": _INTEGERS,
    "FLOAT64": (*_INTEGERS, "FLOAT", "DOUBLE", "DECIMAL"),
    "BOOL": ("BOOLEAN",),
    "DATE": ("DATE",),
    "TIMESTAMP": ("TIMESTAMP WITH TIME ZONE", "TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP_MS", "TIMESTAMP_S"),
}
_TEXT_FORMATS = (".csv", ".ndjson", ".jsonl")
_MOST_SHOWN = 1000
_PLAUSIBLE_DATES = "BETWEEN DATE '1946-11-01' AND DATE '2099-12-31'"


def load_file(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    path: Path,
    allow_missing: Sequence[str],
    taken: Taken = NOTHING_TAKEN,
) -> Loaded:
    """Replace the dates that the file holds, none of them `taken`.

    Raises LoadError naming file, column, expected and found; the table then keeps what it had.
    """
    try:
        # Asked before it is opened: a pipe would keep us waiting for a writer, and all others for the warehouse.
        if not stat.S_ISREG(path.stat().st_mode):
            raise LoadError(f"{path}: is not a file that can be read; {contract.full_name} was not changed")
        found = _open(connection, path)
        _require_columns(contract, path, found, allow_missing)
        loaded = _inspect(connection, contract, path, found)
        _require_not_taken(contract, path, loaded, taken)
        _replace(connection, contract, found)
    except OSError as error:
        raise LoadError(
            f"{path}: is not a file that can be read ({error.strerror}); {contract.full_name} was not changed"
        ) from error
    except (duckdb.Error, csv.Error, UnicodeDecodeError) as error:
        reason = str(error).strip().splitlines()[0]
        raise LoadError(f"{path}: cannot be loaded ({reason}); {contract.full_name} was not changed") from error
    return loaded


def parquet_of(
    contract: Contract, path: Path, allow_missing: Sequence[str], target: Path, taken: Taken = NOTHING_TAKEN
) -> tuple[Loaded, list[str]]:
    """Write the file's rows to `target`, in the contract's columns and types, held to the same rules as load_file.

    Returns what was loaded, and the required columns that are NULL because the file lacks them.
    """
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"CREATE SCHEMA {contract.dataset}")
        columns = ", ".join(f"{column.name} {duckdb_type(column.type)}" for column in contract.columns)
        connection.execute(f"CREATE TABLE {contract.full_name} ({columns})")
        loaded = load_file(connection, contract, path, allow_missing, taken)
        required = [column.name for column in contract.columns if column.required]
        filled = connection.execute(
            f"SELECT {', '.join(f'COUNT({name})' for name in required)} FROM {contract.full_name}"
        ).fetchone()
        quoted = str(target).replace("'", "''")
        connection.execute(f"COPY {contract.full_name} TO '{quoted}' (FORMAT parquet)")
    missing = [name for name, count in zip(required, filled or (), strict=True) if count == 0]
    return loaded, missing


def _open(connection: duckdb.DuckDBPyConnection, path: Path) -> dict[str, str]:
    """Make the file readable as `loaded_file`; returns its columns and their DuckDB types (text in text formats).

    Nothing is guessed: neither a dialect, nor types, nor columns from the names of folders.
    """
    literal = "".join(f"[{letter}]" if letter in "[*?" else letter for letter in str(path))
    quoted = "'" + literal.replace("'", "''") + "'"
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        source = f"SELECT * FROM read_parquet({quoted}, hive_partitioning = false)"
    elif suffix == ".csv":
        columns = ", ".join(f"'{_safe(path, name)}': 'VARCHAR'" for name in _csv_header(path))
        source = (
            f"SELECT * FROM read_csv({quoted}, header = true, auto_detect = false, delim = ',', quote = '\"', "
            f"escape = '\"', nullstr = '', strict_mode = true, hive_partitioning = false, columns = {{{columns}}})"
        )
    else:
        lines = f"read_json_objects({quoted}, format = 'newline_delimited', hive_partitioning = false)"
        keys = connection.execute(f"SELECT DISTINCT unnest(json_keys(json)) FROM {lines}").fetchall()
        names = sorted(_safe(path, key[0]) for key in keys)
        if not names and connection.execute(f"SELECT 1 FROM {lines} LIMIT 1").fetchone():
            raise LoadError(
                f"{path}: is no newline-delimited JSON of objects: every line should be one row, "
                '{"game_id": ...}, and no array; nothing was changed'
            )
        if not names:
            raise LoadError(f"{path}: holds no rows; nothing was changed")
        values = ", ".join(
            f"""json ->> '$."{name}"' AS "{name}", json_type(json, '$."{name}"') AS "{name}?\"""" for name in names
        )
        source = f"SELECT {values} FROM {lines}"
    connection.execute(f"CREATE OR REPLACE TEMP VIEW loaded_file AS {source}")
    described = connection.execute("DESCRIBE loaded_file").fetchall()
    return {row[0]: row[1] for row in described if not row[0].endswith("?")}


def _csv_header(path: Path) -> list[str]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        header = next(csv.reader(file), [])
    if not header:
        raise LoadError(f"{path}: is empty; nothing was changed")
    return header


def _safe(path: Path, name: str) -> str:
    if not name.replace("_", "").isalnum():
        raise LoadError(f"{path}: {_cut(repr(name))} cannot be a column name; nothing was changed")
    return name


def _cut(text: str) -> str:
    """Cut where it goes on and on: what a person is to read may be a file's whole content."""
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}... ({len(text)} characters)"


def _require_columns(contract: Contract, path: Path, found: Mapping[str, str], allow_missing: Sequence[str]) -> None:
    missing = [c for c in contract.columns if c.name not in found and c.name not in allow_missing]
    if missing:
        others = f", and {len(missing) - 1} more: {', '.join(c.name for c in missing[1:])}" if missing[1:] else ""
        raise LoadError(
            f"{path}: column {missing[0].name} ({missing[0].type}) is missing{others}; found {_cut(', '.join(found))}; "
            f"{contract.full_name} was not changed. --allow-missing {missing[0].name} loads it as NULL."
        )
    if contract.partition not in found:
        raise LoadError(f"{path}: {contract.partition} decides which dates are replaced and cannot be missing")


def _inspect(connection: duckdb.DuckDBPyConnection, contract: Contract, path: Path, found: Mapping[str, str]) -> Loaded:
    """Hold every value against its column's type and NOT NULL, in one pass over the file."""
    present = [column for column in contract.columns if column.name in found]
    is_text, is_json = path.suffix.lower() in _TEXT_FORMATS, path.suffix.lower() in (".ndjson", ".jsonl")
    tests = []
    for column in present:
        bad = _not_of_type(column, is_json) if is_text else _implausible(column, found[column.name])
        tests += [
            f'COUNT("{column.name}")',
            f"COUNT_IF({bad})",
            f'MIN(CASE WHEN {bad} THEN "{column.name}"::VARCHAR END)',
        ]
    day = f'TRY_CAST("{contract.partition}" AS DATE)'
    row = connection.execute(
        f"SELECT COUNT(*), LIST_SORT(LIST(DISTINCT {day}) FILTER ({day} IS NOT NULL)), {', '.join(tests)} "
        "FROM loaded_file"
    ).fetchone()
    if row is None or row[0] == 0:
        raise LoadError(f"{path}: holds no rows; {contract.full_name} was not changed")
    rows, days = row[:2]
    for position, column in enumerate(present):
        filled, bad_values, example = row[2 + 3 * position : 5 + 3 * position]
        kind = found[column.name]
        if not is_text and filled and not (kind.startswith(_ACCEPTED[column.type]) and not kind.endswith("[]")):
            raise LoadError(
                f"{path}: column {column.name} should be {column.type}, found {from_duckdb_type(kind)}; "
                f"{contract.full_name} was not changed"
            )
        if bad_values:
            raise LoadError(
                f"{path}: column {column.name} should be {column.type}, found {_cut(repr(example))} "
                f"({bad_values} such rows); {contract.full_name} was not changed"
            )
        if column.required and filled < rows:
            raise LoadError(
                f"{path}: column {column.name} ({column.type}) is required, but NULL in {rows - filled} rows; "
                f"{contract.full_name} was not changed"
            )
    return Loaded(rows, tuple(days or ()), tuple(name for name in found if name not in contract.column_names))


def _require_not_taken(contract: Contract, path: Path, loaded: Loaded, taken: Taken) -> None:
    """Two files that hold a date are each taken for the whole of it; which one is right only a person knows."""
    twice = [day for day in loaded.days if day in taken]
    if twice:
        others = f" and {len(twice) - 1} more dates" if twice[1:] else ""
        raise LoadError(
            f"{path}: holds {twice[0]}{others}, which {taken[twice[0]]} holds too and has just replaced; nothing of "
            f"{path.name} was loaded into {contract.full_name}. Keep each date of a table in one file."
        )


def _not_of_type(column: Column, is_json: bool) -> str:
    """SQL that is true of a text that does not say a value of the column's type, exactly."""
    name = f'"{column.name}"'
    kind = f'"{column.name}?"'
    if column.type == "STRING":
        return f"{kind} NOT IN ('VARCHAR', 'NULL')" if is_json else "false"
    wrong = f"{name} IS NOT NULL AND TRY_CAST({name} AS {duckdb_type(column.type)}) IS NULL"
    if column.type == "INT64":
        wrong += f" OR NOT regexp_full_match({name}, '[+-]?[0-9]+')"
    if column.type == "DATE":
        wrong += f" OR NOT regexp_full_match({name}, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}')"
        wrong += f" OR NOT COALESCE(TRY_CAST({name} AS DATE) {_PLAUSIBLE_DATES}, true)"
    return wrong


def _implausible(column: Column, found: str) -> str:
    return f'NOT COALESCE("{column.name}" {_PLAUSIBLE_DATES}, true)' if column.type == found == "DATE" else "false"


def _replace(connection: duckdb.DuckDBPyConnection, contract: Contract, found: Mapping[str, str]) -> None:
    """Delete the file's dates and insert its rows, in one transaction."""
    partition = contract.partition
    present = [column for column in contract.columns if column.name in found]
    names = ", ".join(column.name for column in present)
    values = ", ".join(f'CAST("{column.name}" AS {duckdb_type(column.type)})' for column in present)
    connection.execute("BEGIN TRANSACTION")
    try:
        for column in contract.columns:
            if column.required and column.name not in found:
                connection.execute(f"ALTER TABLE {contract.full_name} ALTER COLUMN {column.name} DROP NOT NULL")
        connection.execute(
            f"DELETE FROM {contract.full_name} "
            f'WHERE {partition} IN (SELECT DISTINCT CAST("{partition}" AS DATE) FROM loaded_file)'
        )
        connection.execute(f"INSERT INTO {contract.full_name} ({names}) SELECT {values} FROM loaded_file")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
