"""Converting files of known sources to raw tables: `sql/adapters/` has a folder per source, a SELECT per raw table.

What belongs here: recognising a source's files by their columns, and running its SELECTs. What doesn't: the columns and
the SELECTs (sql/adapters/), loading the result (files.py).

To add an adapter, add a folder with three things: files.yml, a SELECT for every raw table that the source can fill, and
a README. files.yml lists the kinds of file, each with its columns and their BigQuery types; a kind that repeats another
under other column names lists the matching columns instead.
"""

import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import yaml

from phase3_assets.catalog.contracts import SQL_FOLDER, Column, Contract, raw_contracts
from phase3_assets.catalog.queries import prepared, relations_read, sql_text
from phase3_assets.errors import ConfigurationError, LoadError
from phase3_assets.warehouse.duckdb.dialect import duckdb_sql, duckdb_type
from phase3_assets.warehouse.duckdb.files import append_file, columns_of_file, is_readable

FOLDER = SQL_FOLDER / "adapters"
_FILE_NAME = Column("file_name", "STRING", False, "the name of the file that the row is from")


@dataclass(frozen=True)
class Kind:
    """One kind of file of a source."""

    contract: Contract
    required: frozenset[str]
    """Names, in lower case, of the columns that identify the kind: a file of this kind has them all."""
    same_as: str | None = None
    """The kind that has the same content under other column names, or None."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Where `same_as` is set: each column's name in that other kind."""


def adapter_names() -> list[str]:
    """The names of all sources that have an adapter."""
    return sorted(path.parent.name for path in FOLDER.glob("*/files.yml"))


def kinds(adapter: str) -> list[Kind]:
    """The adapter's kinds of file, most required columns first. Raises ConfigurationError for an unknown adapter."""
    if adapter not in adapter_names():
        raise ConfigurationError(f"--from {adapter}: there is no such adapter; there are {', '.join(adapter_names())}")
    found = []
    kinds_said = yaml.safe_load((FOLDER / adapter / "files.yml").read_text(encoding="utf-8"))
    for name, said in kinds_said.items():
        types, names, same_as = {**said["columns"], **said.get("optional", {})}, {}, said.get("same_as")
        if same_as:
            other = {**kinds_said[same_as]["columns"], **kinds_said[same_as].get("optional", {})}
            names, types = types, {own: other[column] for own, column in types.items()}
        columns = tuple(Column(column, type_, False, "") for column, type_ in types.items())
        contract = Contract(adapter, name, columns, (), "", (), "")
        found.append(Kind(contract, frozenset(column.lower() for column in said["columns"]), same_as, names))
    return sorted(found, key=lambda kind: -len(kind.required))


def guess(folder: Path, names: Collection[str] | None = None) -> dict[str, list[str]]:
    """By adapter, the names of the files in the folder that have its columns. `names` limits which files are tried."""
    found: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory() as scratch, duckdb.connect() as connection:
        for path in _files(folder):
            for adapter in adapter_names() if names is None or path.name in names else ():
                if _kind_of(connection, path, kinds(adapter), Path(scratch)):
                    found.setdefault(adapter, []).append(path.name)
    return found


@contextmanager
def converted(adapter: str, folder: Path, date_format: str | None = None) -> Iterator[Path]:
    """Yield a temporary folder with one Parquet file per raw table that the source's files fill, named after the table.

    `date_format` (in the notation of strptime) reads dates that are not written as 2026-02-03.
    Raises LoadError, naming file, column and row, where a value is not of the type that the adapter declares, and where
    no raw table can be made. Raises ConfigurationError for an unknown adapter or a folder without files of its kinds.
    """
    known = kinds(adapter)
    if not folder.is_dir():
        raise ConfigurationError(f"{folder} is not a folder")
    with tempfile.TemporaryDirectory() as scratch, duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for kind in known:
            columns = ", ".join(f'"{c.name}" {duckdb_type(c.type)}' for c in (*kind.contract.columns, _FILE_NAME))
            connection.execute(f"CREATE TABLE {kind.contract.name} ({columns})")
        found = set()
        for path in _files(folder):
            kind_of_file = _kind_of(connection, path, known, Path(scratch))
            if kind_of_file is not None:
                name = kind_of_file.contract.name
                append_file(connection, kind_of_file.contract, path, name, Path(scratch), date_format)
                found.add(name)
        for kind in known:
            if kind.same_as and kind.contract.name in found:
                columns = ", ".join(f'"{column}" AS "{other}"' for column, other in kind.names.items())
                connection.execute(
                    f"INSERT INTO {kind.same_as} BY NAME SELECT {columns}, file_name FROM {kind.contract.name}"
                )
                found.add(kind.same_as)
        if not found:
            raise ConfigurationError(
                f"{folder} has no file of {adapter}'s kinds ({', '.join(kind.contract.name for kind in known)}); "
                f"sql/adapters/{adapter}/README.md says what it takes"
            )
        target = Path(scratch) / "raw"
        target.mkdir()
        made = [path.stem for path in _selects(adapter) if _write(connection, adapter, path.stem, known, found, target)]
        if not made:
            raise LoadError(
                f"{folder}: {', '.join(sorted(found))} alone make no raw table; nothing was loaded. "
                f"sql/adapters/{adapter}/README.md says which files belong together."
            )
        yield target


def _selects(adapter: str) -> list[Path]:
    return sorted((FOLDER / adapter).glob("*.sql"))


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file() and is_readable(path))


def _kind_of(connection: duckdb.DuckDBPyConnection, path: Path, known: list[Kind], scratch: Path) -> Kind | None:
    names = {name for kind in known for name in kind.required}
    columns = {name.strip().lower() for name in columns_of_file(connection, path, names, scratch)}
    return next((kind for kind in known if kind.required <= columns), None)


def _write(
    connection: duckdb.DuckDBPyConnection, adapter: str, table: str, known: list[Kind], found: set[str], target: Path
) -> bool:
    """Write the raw table; False, with nothing written, if a file it needs is missing or the SELECT returns no rows.

    Columns that the SELECT leaves out are NULL.
    """
    text = sql_text(f"adapters/{adapter}/{table}")
    needed = {kind.contract.name for kind in known} & set(relations_read(text))
    if not needed <= found:
        return False
    connection.execute(f"CREATE TABLE raw_{table} AS {duckdb_sql(prepared(text))}")
    made = {row[0] for row in connection.execute(f"DESCRIBE raw_{table}").fetchall()}
    values = ", ".join(
        f"CAST({column.name if column.name in made else 'NULL'} AS {duckdb_type(column.type)}) AS {column.name}"
        for column in raw_contracts()[table].columns
    )
    written = connection.execute(f"COPY (SELECT {values} FROM raw_{table}) TO '{target / table}.parquet'").fetchone()
    if not written or not written[0]:
        (target / f"{table}.parquet").unlink()
        return False
    return True
