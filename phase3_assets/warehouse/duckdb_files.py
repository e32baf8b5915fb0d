"""Reading Parquet, CSV and NDJSON files into raw tables of the embedded warehouse, all or nothing per file.

What belongs here: holding a file's columns and values against the contract, and the load itself. What doesn't: finding
the files (loading.py).
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from phase3_assets.contracts import Column, Contract
from phase3_assets.errors import LoadError
from phase3_assets.warehouse import Loaded
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
_TEXT_FORMATS = {".csv": "CSV", ".ndjson": "NDJSON", ".jsonl": "NDJSON"}


def load_file(
    connection: duckdb.DuckDBPyConnection, contract: Contract, path: Path, allow_missing: Sequence[str]
) -> Loaded:
    """Replace the dates that the file holds.

    Raises LoadError naming file, column, expected and found; the table then keeps what it had.
    """
    connection.execute("BEGIN TRANSACTION")
    try:
        loaded = _load(connection, contract, path, allow_missing)
    except duckdb.Error as error:
        connection.execute("ROLLBACK")
        raise LoadError(
            f"{path}: cannot be read ({_first_line(error)}); {contract.full_name} was not changed"
        ) from error
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    return loaded


def _load(
    connection: duckdb.DuckDBPyConnection, contract: Contract, path: Path, allow_missing: Sequence[str]
) -> Loaded:
    found = _open(connection, path)
    missing = [c for c in contract.columns if c.name not in found and c.name not in allow_missing]
    if missing:
        raise LoadError(
            f"{path}: column {missing[0].name} ({missing[0].type}) is missing"
            + (f", and {len(missing) - 1} more: {', '.join(c.name for c in missing[1:])}" if missing[1:] else "")
            + f"; found {', '.join(found)}; {contract.full_name} was not changed. "
            f"--allow-missing {missing[0].name} loads it as NULL."
        )
    present = [column for column in contract.columns if column.name in found]
    for column in present:
        if path.suffix in _TEXT_FORMATS:
            _require_castable(connection, contract, path, column)
        else:
            _require_type(connection, contract, path, column, found[column.name])
        if column.required:
            _require_values(connection, contract, path, column)
    partition = contract.partition
    if partition not in found:
        raise LoadError(f"{path}: {partition} decides which dates are replaced and cannot be missing")
    names = ", ".join(column.name for column in present)
    values = ", ".join(f'CAST("{column.name}" AS {duckdb_type(column.type)})' for column in present)
    connection.execute(
        f"DELETE FROM {contract.full_name} WHERE {partition} IN (SELECT CAST({partition} AS DATE) FROM loaded_file)"
    )
    nullable = [column for column in contract.columns if column.required and column.name not in found]
    for column in nullable:
        connection.execute(f"ALTER TABLE {contract.full_name} ALTER COLUMN {column.name} DROP NOT NULL")
    connection.execute(f"INSERT INTO {contract.full_name} ({names}) SELECT {values} FROM loaded_file")
    counted = connection.execute(
        "SELECT COUNT(*), COUNT(DISTINCT d), MIN(d), MAX(d) "
        f"FROM (SELECT CAST({partition} AS DATE) AS d FROM loaded_file)"
    ).fetchone()
    connection.execute("DROP VIEW loaded_file")
    if counted is None:
        raise LoadError(f"{path}: could not be counted; {contract.full_name} was not changed")
    ignored = tuple(name for name in found if name not in contract.column_names)
    return Loaded(counted[0], counted[1], counted[2], counted[3], ignored)


def _open(connection: duckdb.DuckDBPyConnection, path: Path) -> dict[str, str]:
    """Make the file readable as `loaded_file`; returns its columns and their DuckDB types (text in text formats)."""
    quoted = "'" + str(path).replace("'", "''") + "'"
    if path.suffix == ".parquet":
        source = f"SELECT * FROM read_parquet({quoted})"
    elif path.suffix == ".csv":
        source = (
            f"SELECT * FROM read_csv({quoted}, header = true, all_varchar = true, nullstr = '', strict_mode = true)"
        )
    else:
        lines = f"read_json_objects({quoted}, format = 'newline_delimited')"
        keys = connection.execute(f"SELECT DISTINCT unnest(json_keys(json)) FROM {lines}").fetchall()
        names = sorted(key[0] for key in keys)
        if not names:
            raise LoadError(f"{path}: holds no rows; nothing was changed")
        values = ", ".join(f"""json ->> '$."{_safe(path, name)}"' AS "{name}\"""" for name in names)
        source = f"SELECT {values} FROM {lines}"
    connection.execute(f"CREATE OR REPLACE TEMP VIEW loaded_file AS {source}")
    return {row[0]: row[1] for row in connection.execute("DESCRIBE loaded_file").fetchall()}


def _safe(path: Path, name: str) -> str:
    if not name.replace("_", "").isalnum():
        raise LoadError(f"{path}: {name!r} cannot be a column name; nothing was changed")
    return name


def _require_type(
    connection: duckdb.DuckDBPyConnection, contract: Contract, path: Path, column: Column, found: str
) -> None:
    if found.startswith(_ACCEPTED[column.type]) and not found.endswith("[]"):
        return
    filled = connection.execute(f'SELECT COUNT("{column.name}") FROM loaded_file').fetchone()
    if filled and filled[0] == 0:
        return
    raise LoadError(
        f"{path}: column {column.name} should be {column.type}, found {from_duckdb_type(found)}; "
        f"{contract.full_name} was not changed"
    )


def _require_castable(connection: duckdb.DuckDBPyConnection, contract: Contract, path: Path, column: Column) -> None:
    bad = connection.execute(
        f'SELECT "{column.name}", COUNT(*) OVER () FROM loaded_file WHERE "{column.name}" IS NOT NULL '
        f'AND TRY_CAST("{column.name}" AS {duckdb_type(column.type)}) IS NULL LIMIT 1'
    ).fetchone()
    if bad:
        raise LoadError(
            f"{path}: column {column.name} should be {column.type}, found {bad[0]!r} ({bad[1]} such rows); "
            f"{contract.full_name} was not changed"
        )


def _require_values(connection: duckdb.DuckDBPyConnection, contract: Contract, path: Path, column: Column) -> None:
    empty = connection.execute(f'SELECT COUNT(*) FROM loaded_file WHERE "{column.name}" IS NULL').fetchone()
    if empty and empty[0]:
        raise LoadError(
            f"{path}: column {column.name} ({column.type}) is required, but NULL in {empty[0]} rows; "
            f"{contract.full_name} was not changed"
        )


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
