"""Reading Parquet, CSV and NDJSON files into raw tables of the embedded warehouse, all or nothing per file.

What belongs here: checking a file's columns and values against the contract, and the load itself; for another
warehouse, converting the file to Parquet with exactly the contract's columns. What doesn't: finding the files
(loading/files.py).
"""

import csv
import stat
import tempfile
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from phase3_assets.catalog.contracts import Column, Contract
from phase3_assets.errors import LoadError
from phase3_assets.warehouse.duckdb.dialect import duckdb_type, from_duckdb_type
from phase3_assets.warehouse.duckdb.spellings import NULLS, PLAUSIBLE_DATES, literals, value_of
from phase3_assets.warehouse.interface import NOTHING_TAKEN, Loaded, Taken
from phase3_assets.warehouse.spreadsheets import SPREADSHEET_ENDINGS
from phase3_assets.warehouse.text_files import (
    COMPRESSED_ENDINGS,
    CSV_ENDINGS,
    JSON_ENDINGS,
    TextFile,
    ending,
    recognise,
)

_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
_FRACTIONS = ("FLOAT", "DOUBLE", "DECIMAL")
_TIMES = ("TIMESTAMP WITH TIME ZONE", "TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP_MS", "TIMESTAMP_S")
_ACCEPTED = {
    "STRING": ("VARCHAR",),
    "INT64": (*_INTEGERS, *_FRACTIONS),
    "FLOAT64": (*_INTEGERS, *_FRACTIONS),
    "BOOL": ("BOOLEAN",),
    "DATE": ("DATE", *_TIMES),
    "TIMESTAMP": _TIMES,
}
ENDINGS = (".parquet", *CSV_ENDINGS, *JSON_ENDINGS, *SPREADSHEET_ENDINGS)
"""The endings of files that can be read; CSV and JSON files may be compressed too."""
_MOST_SHOWN = 300
_MOST_NAMES = 8
_LOAD_KEYS = {
    "nbac_team_boxscore": ("game_id", "team_abbr", "processed_at"),
    "nbac_player_boxscores": ("game_id", "team_abbr", "player_lookup", "processed_at"),
    "nbac_gamebook_player_stats": ("game_id", "team_abbr", "player_name_original", "processed_at"),
}
"""By raw table, the key of a row within one load; two rows with one key and different figures contradict each other."""


@dataclass(frozen=True)
class _Opened:
    """One file as a view; its columns have the contract's spelling of a name where only case and blanks differ."""

    path: Path
    view: str
    types: Mapping[str, str]
    """DuckDB type by column name."""
    kind: str
    """`.parquet`, `.csv` or `.json`."""
    recognised: tuple[str, ...]

    @property
    def is_text(self) -> bool:
        return self.kind != ".parquet"


def is_readable(path: Path) -> bool:
    """Whether the name has the ending of a file that can be read."""
    is_compressed = path.suffix.lower() in COMPRESSED_ENDINGS
    return ending(path) in ENDINGS and not (is_compressed and ending(path) in (".parquet", *SPREADSHEET_ENDINGS))


def parts_of(path: Path) -> list[Path]:
    """The parts of what counts as one file: all readable files in a folder, or the file itself."""
    if path.suffix or not path.is_dir():
        return [path]
    return sorted(part for part in path.rglob("*") if part.is_file() and is_readable(part))


def load_file(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    path: Path,
    allow_missing: Sequence[str],
    taken: Taken = NOTHING_TAKEN,
    date_format: str | None = None,
) -> Loaded:
    """Replace the dates that the file holds. The files of a folder count as one file.

    Raises LoadError, naming file, column, expected and found, if the file cannot be loaded or holds one of the dates
    `taken`; the table then keeps the rows it had.
    """
    part = path
    try:
        with tempfile.TemporaryDirectory() as folder:
            opened, inspected = [], []
            for number, part in enumerate(parts_of(path)):
                # Checked before opening: a pipe would keep us waiting, and with us everybody who needs the warehouse.
                if not stat.S_ISREG(part.stat().st_mode):
                    raise LoadError(f"{part}: is not a file that can be read; {contract.full_name} was not changed")
                file = open_file(connection, contract, part, f"loaded_file_{number}", Path(folder))
                _require_columns(contract, file, allow_missing)
                loaded, file = _inspect(connection, contract, file, date_format, Path(folder))
                inspected.append(loaded)
                opened.append(file)
            part = path
            if not opened:
                raise LoadError(f"{path}: holds no file that is read ({' '.join(ENDINGS)}); nothing was changed")
            loaded = _together(inspected)
            _require_not_taken(contract, path, loaded, taken)
            notes = _replace(connection, contract, opened, loaded.days, date_format)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise LoadError(
            f"{part}: is not a file that can be read ({reason}); {contract.full_name} was not changed"
        ) from error
    except (duckdb.Error, csv.Error, UnicodeError) as error:
        reason = _cut(str(error).strip().splitlines()[0])
        raise LoadError(f"{part}: cannot be loaded ({reason}); {contract.full_name} was not changed") from error
    return Loaded(loaded.rows, loaded.days, loaded.ignored_columns, (*loaded.notes, *notes))


def columns_of_file(
    connection: duckdb.DuckDBPyConnection, path: Path, names: Collection[str], folder: Path, view: str = "adapted_file"
) -> list[str]:
    """The names of the file's columns; afterwards its rows are in `view`.

    `names` are expected columns; they identify the delimiter. Raises LoadError if the file cannot be read.
    """
    columns = tuple(Column(name, "STRING", False, "") for name in sorted(names))
    return list(_readable(connection, Contract("", "", columns, (), "", (), ""), path, folder, view).types)


def append_file(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    path: Path,
    table: str,
    folder: Path,
    date_format: str | None = None,
) -> None:
    """Add the file's rows to a table with the contract's columns and, as the last column, the file's name.

    Values are checked against the contract's types. Columns that the file lacks are NULL. Raises LoadError as
    load_file() does.
    """
    file = _readable(connection, contract, path, folder)
    try:
        _, file = _inspect(connection, contract, file, date_format, folder)
        values = [
            _value(file, column, date_format) if column.name in file.types else "NULL" for column in contract.columns
        ]
        connection.execute(
            f"INSERT INTO {table} SELECT {', '.join(values)}, $name FROM {file.view}", {"name": path.name}
        )
    except duckdb.Error as error:
        reason = _cut(str(error).strip().splitlines()[0])
        raise LoadError(f"{path}: cannot be read ({reason}); nothing was loaded") from error


def _readable(
    connection: duckdb.DuckDBPyConnection, contract: Contract, path: Path, folder: Path, view: str = "adapted_file"
) -> _Opened:
    try:
        return open_file(connection, contract, path, view, folder)
    except (OSError, EOFError, zlib.error, duckdb.Error, csv.Error, UnicodeError) as error:
        reason = _cut(str(error).strip().splitlines()[0])
        raise LoadError(f"{path}: cannot be read ({reason}); nothing was loaded") from error


def _together(parts: Sequence[Loaded]) -> Loaded:
    days = sorted({day for part in parts for day in part.days})
    ignored = dict.fromkeys(name for part in parts for name in part.ignored_columns)
    notes = dict.fromkeys(note for part in parts for note in part.notes)
    return Loaded(sum(part.rows for part in parts), tuple(days), tuple(ignored), tuple(notes))


def parquet_of(
    contract: Contract,
    path: Path,
    allow_missing: Sequence[str],
    target: Path,
    taken: Taken = NOTHING_TAKEN,
    date_format: str | None = None,
) -> tuple[Loaded, list[str]]:
    """Write the file's rows to `target` (Parquet) in the contract's columns and types, by the rules of load_file().

    Returns what was loaded, and the required columns that are NULL because the file lacks them.
    """
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"CREATE SCHEMA {contract.dataset}")
        columns = ", ".join(f"{column.name} {duckdb_type(column.type)}" for column in contract.columns)
        connection.execute(f"CREATE TABLE {contract.full_name} ({columns})")
        loaded = load_file(connection, contract, path, allow_missing, taken, date_format)
        required = [column.name for column in contract.columns if column.required]
        filled = connection.execute(
            f"SELECT {', '.join(f'COUNT({name})' for name in required)} FROM {contract.full_name}"
        ).fetchone()
        quoted = str(target).replace("'", "''")
        connection.execute(f"COPY {contract.full_name} TO '{quoted}' (FORMAT parquet)")
    missing = [name for name, count in zip(required, filled or (), strict=True) if count == 0]
    return loaded, missing


def open_file(
    connection: duckdb.DuckDBPyConnection, contract: Contract, path: Path, view: str, folder: Path
) -> _Opened:
    """Make the file readable as `view`. Its columns have the file's own types in Parquet, and are text in other files.

    A column that matches one of the contract, ignoring case and surrounding blanks, gets the contract's name; other
    columns keep their names. Types are not guessed, and folder names do not become columns. `folder` receives a plain
    copy of the file if one is needed; it must exist as long as the view is used.
    """
    kind = ending(path)
    recognised: tuple[str, ...] = ()
    if kind == ".parquet":
        source = f"read_parquet({_quoted(path)}, hive_partitioning = false)"
        described = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
        columns = [(row[0], f'"{row[0].replace(chr(34), chr(34) * 2)}"', row[1]) for row in described]
    else:
        text = recognise(path, {name.lower() for name in contract.column_names}, folder)
        recognised = text.recognised
        if kind in JSON_ENDINGS:
            kind = ".json"
            source, columns = _json(connection, contract, path, text)
        else:
            kind = ".csv"
            names = [f"c{number}" for number in range(len(text.header))]
            kinds = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
            source = (
                f"read_csv({_quoted(text.path)}, header = true, auto_detect = false, delim = '{text.delimiter}', "
                f"strict_mode = true, quote = {literals((text.quote,))}, escape = {literals((text.quote,))}, "
                f"nullstr = [{literals(NULLS)}], hive_partitioning = false, columns = {{{kinds}}})"
            )
            columns = [(header, name, "VARCHAR") for header, name in zip(text.header, names, strict=True)]
    types, values = _named(contract, path, columns)
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {view} AS SELECT {', '.join(values)} FROM {source}")
    return _Opened(path, view, types, kind, recognised)


def _named(contract: Contract, path: Path, columns: Sequence[tuple[str, str, str]]) -> tuple[dict[str, str], list[str]]:
    """Types by column name, and the SQL of the view's columns, from (name in the file, SQL, type) for each column."""
    known = {name.lower(): name for name in contract.column_names}
    types: dict[str, str] = {}
    values, folded = [], set()
    for found, value, kind in columns:
        plain = found.strip() or "(no name)"
        name = known.get(plain.lower(), plain)
        if name in known.values() and name in types:
            raise LoadError(f"{path}: has two columns {name}; nothing was changed. Leave one.")
        types[name] = kind
        if name.lower() not in folded:
            folded.add(name.lower())
            quoted = name.replace('"', '""')
            values.append(f'{value} AS "{quoted}"')
            if kind == "JSON":
                types[name] = "VARCHAR"
                values.append(f'{value.replace("->>", "->")} AS "{quoted}?"')
    return types, values


def _json(
    connection: duckdb.DuckDBPyConnection, contract: Contract, path: Path, text: TextFile
) -> tuple[str, list[tuple[str, str, str]]]:
    """SQL for the relation of JSON objects, and its columns as (name, SQL for the text, "JSON")."""
    layout = "array" if text.is_array else "newline_delimited"
    source = f"read_json_objects({_quoted(text.path)}, format = '{layout}', hive_partitioning = false)"
    keys = sorted(
        row[0] for row in connection.execute(f"SELECT DISTINCT unnest(json_keys(json)) FROM {source}").fetchall()
    )
    if not keys and connection.execute(f"SELECT 1 FROM {source} LIMIT 1").fetchone():
        raise LoadError(
            f"{path}: is no newline-delimited JSON of objects, nor an array of them: every line should be one row, "
            '{"game_id": ...}; nothing was changed'
        )
    if not keys:
        raise LoadError(f"{path}: holds no rows; nothing was changed")
    strange = [key for key in keys if '"' in key or "\\" in key or not key.isprintable()]
    if strange:
        raise LoadError(f"{path}: {_cut(repr(strange[0]))} cannot be a column name; nothing was changed")
    places = [literals((f'$."{key}"',)) for key in keys]
    return source, [(key, f"json ->> {place}", "JSON") for key, place in zip(keys, places, strict=True)]


def _quoted(path: Path) -> str:
    literal = "".join(f"[{letter}]" if letter in "[*?" else letter for letter in str(path))
    return literals((literal,))


def _cut(text: str) -> str:
    """The text, shortened for a message: a value in a faulty file may be as long as the file."""
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}... ({len(text)} characters)"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return _cut(", ".join(names[:_MOST_NAMES])) + more


def _require_columns(contract: Contract, file: _Opened, allow_missing: Sequence[str]) -> None:
    missing = [c for c in contract.columns if c.name not in file.types and c.name not in allow_missing]
    if missing:
        others = f" and {_some([c.name for c in missing[1:]])} are" if missing[1:] else " is"
        raise LoadError(
            f"{file.path}: column {missing[0].name} ({missing[0].type}){others} missing; "
            f"found {_some(list(file.types))}; {contract.full_name} was not changed.\n"
            f"  --allow-missing {missing[0].name} loads it as NULL."
        )
    if contract.partition not in file.types:
        raise LoadError(f"{file.path}: {contract.partition} decides which dates are replaced and cannot be missing")


def _inspect(
    connection: duckdb.DuckDBPyConnection, contract: Contract, file: _Opened, date_format: str | None, folder: Path
) -> tuple[Loaded, _Opened]:
    """Check every value against its column's type and NOT NULL; returns the file's dates and rows, and a file to load.

    A text file is read only once: its values are kept in `folder` in their types, each with a flag whether it was
    wrong, and the returned file is that copy. Raises LoadError for a faulty value.
    """
    path = file.path
    present = [column for column in contract.columns if column.name in file.types]
    for column in present:
        kind = file.types[column.name]
        accepted = kind.startswith(_ACCEPTED[column.type]) and not kind.endswith("[]")
        filled_at_all = f'SELECT 1 FROM {file.view} WHERE "{column.name}" IS NOT NULL LIMIT 1'
        if not file.is_text and not accepted and connection.execute(filled_at_all).fetchone():
            raise LoadError(
                f"{path}: column {column.name} should be {column.type}, found {from_duckdb_type(kind)}; "
                f"{contract.full_name} was not changed"
            )
    typed = _typed(connection, file, present, date_format, folder) if file.is_text else file
    tests = []
    for column in present:
        wrong = f'"{column.name}?"' if file.is_text else _wrong(file, column, date_format)
        tests += [f"COUNT({_value(typed, column, date_format)})", f"COUNT_IF({wrong})"]
    partition = contract.partition
    day = _value(typed, contract.column(partition), date_format) if partition else "CAST(NULL AS DATE)"
    row = connection.execute(
        f"SELECT COUNT(*), LIST_SORT(LIST(DISTINCT {day}) FILTER ({day} IS NOT NULL)), {', '.join(tests)} "
        f"FROM {typed.view}"
    ).fetchone()
    if row is None or row[0] == 0:
        raise LoadError(f"{path}: holds no rows; {contract.full_name} was not changed")
    rows, days = row[:2]
    for position, column in enumerate(present):
        filled, bad_values = row[2 + 2 * position : 4 + 2 * position]
        if bad_values:
            number, example = _first(connection, file, column, _wrong(file, column, date_format))
            kind = "" if file.is_text else f"{from_duckdb_type(file.types[column.name])} "
            raise LoadError(
                f"{path}: column {column.name} should be {column.type}, found {kind}{_cut(repr(example))} in "
                f"row {number} ({bad_values} such rows); {contract.full_name} was not changed."
                + _help(column, example, date_format)
            )
        if column.required and filled < rows:
            number, _ = _first(connection, file, column, f"{_value(file, column, date_format)} IS NULL")
            raise LoadError(
                f"{path}: column {column.name} ({column.type}) is required, but NULL in {rows - filled} rows, first in "
                f"row {number}; {contract.full_name} was not changed"
            )
    ignored = tuple(_cut(name) for name in file.types if name not in contract.column_names)
    notes = (f"read as {', '.join(file.recognised)}",) if file.recognised else ()
    return Loaded(rows, tuple(days or ()), ignored, notes), typed


def _typed(
    connection: duckdb.DuckDBPyConnection,
    file: _Opened,
    present: Sequence[Column],
    date_format: str | None,
    folder: Path,
) -> _Opened:
    """A copy of the text file with typed values; the column `name?` says whether the value of `name` was wrong."""
    target, view = folder / f"{file.view}.parquet", f"{file.view}_typed"
    values = ", ".join(
        f'{_value(file, c, date_format)} AS "{c.name}", {_wrong(file, c, date_format)} AS "{c.name}?"' for c in present
    )
    if not values:
        return file
    connection.execute(f"COPY (SELECT {values} FROM {file.view}) TO {literals((str(target),))} (FORMAT parquet)")
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {view} AS FROM read_parquet({_quoted(target)})")
    types = {column.name: duckdb_type(column.type) for column in present}
    return _Opened(file.path, view, types, ".parquet", file.recognised)


def _first(connection: duckdb.DuckDBPyConnection, file: _Opened, column: Column, condition: str) -> tuple[int, object]:
    """The first row that meets the condition: its number, counted from 1 after the header, and the column's value."""
    found = connection.execute(
        f'SELECT number, CAST("{column.name}" AS VARCHAR) FROM '
        f"(SELECT row_number() OVER () AS number, * FROM {file.view}) WHERE {condition} ORDER BY number LIMIT 1"
    ).fetchone()
    return (found[0], found[1]) if found else (0, None)


def _help(column: Column, example: object, date_format: str | None) -> str:
    if column.type in ("DATE", "TIMESTAMP") and date_format is None and any(mark in str(example) for mark in "/.-"):
        return "\n  --date-format says how the file writes dates: '%m/%d/%Y' reads 02/03/2026 as February 3."
    return ""


def _require_not_taken(contract: Contract, path: Path, loaded: Loaded, taken: Taken) -> None:
    """Raise LoadError if the file holds a date that an earlier file of this command has replaced.

    Each file counts as the whole of its dates, so only a person knows which of two files with one date is right.
    """
    twice = [day for day in loaded.days if day in taken]
    if twice:
        others = f" and {len(twice) - 1} more dates" if twice[1:] else ""
        raise LoadError(
            f"{path}: holds {twice[0]}{others}, which {taken[twice[0]]} holds too and has just replaced; nothing of "
            f"{path.name} was loaded into {contract.full_name}. Keep each date of a table in one file."
        )


def _value(file: _Opened, column: Column, date_format: str | None) -> str:
    """SQL for the column's value in its type; NULL if there is no value, or none that is exactly of the type."""
    name = f'"{column.name}"'
    if not file.is_text:
        of_the_type = duckdb_type(column.type) == file.types[column.name]
        return name if of_the_type else f"TRY_CAST({name} AS {duckdb_type(column.type)})"
    if file.kind == ".json" and column.type == "STRING":
        return name
    return value_of(name, column.type, date_format)


def _wrong(file: _Opened, column: Column, date_format: str | None) -> str:
    """SQL that is true if there is a value, but it is not exactly of the column's type."""
    name, kind = f'"{column.name}"', file.types[column.name]
    value = _value(file, column, date_format)
    if not file.is_text:
        if column.type == "INT64" and kind.startswith(_FRACTIONS):
            return f"{name} IS NOT NULL AND NOT COALESCE(isfinite({name}::DOUBLE) AND {value} = {name}, false)"
        if column.type == "DATE":
            whole = "" if kind == "DATE" else f" OR {value} <> {name}"
            return f"NOT COALESCE({value} {PLAUSIBLE_DATES}, true){whole}"
        return "false"
    if column.type == "STRING":
        return f"""json_type("{column.name}?") NOT IN ('VARCHAR', 'NULL')""" if file.kind == ".json" else "false"
    wrong = f"{value} IS NULL AND {name} IS NOT NULL AND trim({name}) NOT IN ({literals(NULLS)})"
    return f"{wrong} OR NOT COALESCE({value} {PLAUSIBLE_DATES}, true)" if column.type == "DATE" else wrong


def _replace(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    files: Sequence[_Opened],
    days: Sequence[date],
    date_format: str | None,
) -> list[str]:
    """Delete the files' dates and insert their rows, in one transaction; returns a sentence for each contradiction."""
    connection.execute("BEGIN TRANSACTION")
    try:
        for file in files:
            for column in contract.columns:
                if column.required and column.name not in file.types:
                    connection.execute(f"ALTER TABLE {contract.full_name} ALTER COLUMN {column.name} DROP NOT NULL")
        connection.execute(
            f"DELETE FROM {contract.full_name} WHERE {contract.partition} IN (SELECT unnest($days))",
            {"days": list(days)},
        )
        for file in files:
            present = [column for column in contract.columns if column.name in file.types]
            names = ", ".join(column.name for column in present)
            values = ", ".join(_value(file, column, date_format) for column in present)
            connection.execute(f"INSERT INTO {contract.full_name} ({names}) SELECT {values} FROM {file.view}")
        notes = _contradictions(connection, contract, files, days, date_format)
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    return notes


def _contradictions(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    files: Sequence[_Opened],
    days: Sequence[date],
    date_format: str | None,
) -> list[str]:
    """A sentence if one load has rows with the same key whose figures differ; otherwise an empty list."""
    key = _LOAD_KEYS.get(contract.name)
    if key is None:
        return []
    # In most loads no key occurs twice. Reading only the key's columns from the files shows this in a fraction of the
    # time.
    hashes = []
    for file in files:
        values = [_value(file, contract.column(name), date_format) for name in key if name in file.types]
        hashes.append(f"SELECT hash({', '.join(['0', *values])}) AS key FROM {file.view}")
    are_distinct = f"SELECT COUNT(*) = COUNT(DISTINCT key) FROM ({' UNION ALL '.join(hashes)})"
    if connection.execute(are_distinct).fetchone() == (True,):
        return []
    of_days = f"{contract.partition} BETWEEN $first AND $last AND {contract.partition} IN (SELECT unnest($days))"
    parameters = {"first": min(days), "last": max(days), "days": list(days)}
    figures = ", ".join(c.name for c in contract.columns if c.type in ("INT64", "FLOAT64") or c.name == "minutes")
    found = connection.execute(
        f"SELECT {', '.join(key[:-1])}, COUNT(*) OVER () FROM {contract.full_name} "
        f"WHERE {of_days} GROUP BY {', '.join(key)} "
        f"HAVING COUNT(*) > 1 AND MIN(hash({figures})) <> MAX(hash({figures})) ORDER BY ALL LIMIT 1",
        parameters,
    ).fetchone()
    if not found:
        return []
    *names, count = found
    return [
        f"WARNING: {count} keys have two rows of one load with other figures, first {' '.join(map(str, names))}; "
        "such a source contradicts itself and its game may be held back"
    ]
