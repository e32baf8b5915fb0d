"""Converting a person's own files to raw tables: a YAML file (the column map) gives an expression for each raw column.

What belongs here: reading and checking that YAML file, printing a template of one, and writing files in our columns.
What doesn't: files of a known source (adapters.py), loading the result (files.py).

    nbac_team_boxscore:
      files: "box_*.csv"          # default: the files named after the table
      columns:
        game_id: id               # a column of the files ...
        points: made2 * 2 + made3 * 3 + CAST(ft AS INT64)   # ... or an expression over their columns
"""

import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import duckdb
import yaml
from sqlglot import exp
from sqlglot.errors import SqlglotError

from phase3_assets.catalog.contracts import Column, Contract, raw_contracts
from phase3_assets.catalog.parser import parse
from phase3_assets.catalog.queries import prepared
from phase3_assets.errors import ConfigurationError, LoadError
from phase3_assets.loading.files import table_of
from phase3_assets.suggestions import did_you_mean, did_you_mean_or_all
from phase3_assets.warehouse.duckdb.dialect import duckdb_sql
from phase3_assets.warehouse.duckdb.files import columns_of_file, is_readable

_ROWS = "own_rows"
_PARTS = {"files", "columns"}
_SUGGESTED = {"processed_at": "CURRENT_TIMESTAMP()"}
"""The template's expressions for columns that nobody's files have."""


@dataclass(frozen=True)
class ColumnMap:
    """The map of one raw table: which files fill it, and how each column is computed from theirs."""

    contract: Contract
    files: str | None
    """Pattern of the files' names; None for the files named after the table."""
    columns: Mapping[str, str]
    """By raw column, the file's column or the expression that gives its value."""

    def takes(self, path: Path) -> bool:
        """Whether the file is one that this map reads."""
        if self.files is None:
            return table_of(path, [self.contract.name]) is not None
        return fnmatch(path.name.lower(), self.files.lower())

    @property
    def unmapped(self) -> list[str]:
        """The raw columns without an expression; they will be NULL."""
        return [name for name in self.contract.column_names if name not in self.columns]


def template(table: str) -> str:
    """A column map of the raw table to be filled in, with a line per column.

    Raises ConfigurationError for an unknown table.
    """
    contract = _contract(table)
    width = 2 + max(len(name) for name in contract.column_names)
    lines = [
        f"# What each column of {contract.full_name} is: after the colon a column of your files, or an expression over",
        "# their columns as BigQuery writes them. In a text file every column is a STRING. Take out the lines of what",
        "# you do not have: it will be NULL. Then: phase3 load-raw FOLDER --map THIS_FILE",
        f"{contract.name}:",
        f'  files: "{contract.name}*"  # the names of your files',
        "  columns:",
    ]
    for column in contract.columns:
        said = (column.type, "required" if column.required else "", column.description)
        suggested = _SUGGESTED.get(column.name, column.name)
        lines.append(f"    {column.name + ': ' + suggested:<{2 * width}}  # {', '.join(filter(None, said))}")
    return "\n".join(lines) + "\n"


def columns(table: str) -> tuple[Column, ...]:
    """The columns of the raw table. Raises ConfigurationError for an unknown table."""
    return _contract(table).columns


def read_maps(path: Path, allow_missing: Collection[str] = ()) -> list[ColumnMap]:
    """The maps of a YAML file.

    `allow_missing` names required columns that the maps may leave out. Raises ConfigurationError, naming table and
    column, for a faulty file.
    """
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeError, yaml.YAMLError) as error:
        reason = getattr(error, "strerror", None) or " ".join(str(error).split())
        raise ConfigurationError(f"{path} cannot be read: {reason}") from error
    if not isinstance(said, dict) or not said:
        raise ConfigurationError(f"{path} names no raw table; phase3 describe-raw TABLE prints a template")
    return [_map(path, str(table), of_table, allow_missing) for table, of_table in said.items()]


@contextmanager
def mapped(maps: Sequence[ColumnMap], folder: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    """Yield a temporary folder of CSV files in our columns, and for each of them the name of the original file.

    Values keep their spelling and rows their number, because loading is what checks them: it refuses a value that is
    not exactly of its column's type, and names the row.
    Raises ConfigurationError where the folder has no file for a map, LoadError where a file lacks a column or an
    expression fails.
    """
    if not folder.is_dir():
        raise ConfigurationError(f"{folder} is not a folder")
    names: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as scratch, duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        target = Path(scratch) / "raw"
        target.mkdir()
        files = sorted(path for path in folder.iterdir() if path.is_file() and is_readable(path))
        for column_map in maps:
            taken = [path for path in files if column_map.takes(path)]
            if not taken:
                wanted = column_map.files or f"{column_map.contract.name}*"
                raise ConfigurationError(
                    f"{folder} has no file {wanted} for {column_map.contract.name}; "
                    f"it has {', '.join(path.name for path in files[:8]) or 'no file that is read'}"
                )
            for number, path in enumerate(taken):
                made = target / f"{column_map.contract.name} ({number}).csv"
                names[made.name] = path.name
                _write(connection, column_map, path, made, Path(scratch))
        yield target, names


def _contract(table: str) -> Contract:
    contracts = raw_contracts()
    if table not in contracts:
        raise ConfigurationError(f"no raw table {table}{did_you_mean_or_all(table, contracts)}")
    return contracts[table]


def _map(path: Path, table: str, said: object, allow_missing: Collection[str]) -> ColumnMap:
    contract = _contract(table)
    if not isinstance(said, dict) or not isinstance(said.get("columns"), dict) or not set(said) <= _PARTS:
        raise ConfigurationError(f"{path}: {table} should have `columns:`, and may have `files:`, and nothing else")
    columns = {str(name): value for name, value in said["columns"].items()}
    strange = [name for name in columns if name not in contract.column_names]
    if strange:
        hint = did_you_mean(strange[0], contract.column_names)
        raise ConfigurationError(
            f"{path}: {table} has no column {strange[0]}; phase3 describe-raw {table} lists its columns{hint}"
        )
    expressions = {}
    for name, value in columns.items():
        if value is None or isinstance(value, list | dict):
            raise ConfigurationError(
                f"{path}: {table}.{name} should be a column or an expression; leave the line out for NULL"
            )
        expressions[name] = str(value).upper() if isinstance(value, bool) else str(value)
    missing = [c.name for c in contract.columns if c.required and c.name not in columns and c.name not in allow_missing]
    if missing:
        raise ConfigurationError(
            f"{path}: {table} needs {', '.join(missing)}. Map it, or load it as NULL: --allow-missing {missing[0]}"
        )
    files = said.get("files")
    return ColumnMap(contract, None if files is None else str(files), expressions)


def _write(
    connection: duckdb.DuckDBPyConnection, column_map: ColumnMap, path: Path, target: Path, scratch: Path
) -> None:
    """Write the file's rows, in their order, as the raw table's columns."""
    trees = {name: _expression(column_map, name, text) for name, text in column_map.columns.items()}
    read = {column.name for tree in trees.values() for column in tree.find_all(exp.Column)}
    plain = {text.strip() for text in column_map.columns.values()}
    found = {name.lower(): name for name in columns_of_file(connection, path, read | plain, scratch, _ROWS)}
    values = []
    for name, text in column_map.columns.items():
        own = found.get(text.strip().lower())
        if own is not None:
            values.append(f"{exp.column(own, quoted=True).sql('bigquery')} AS {name}")
            continue
        for column in trees[name].find_all(exp.Column):
            if column.table or column.name.lower() not in found:
                raise LoadError(
                    f"{path}: has no column {column.sql('bigquery')}, of which {column_map.contract.name}.{name} is "
                    f"made; it has {', '.join(list(found.values())[:12])}; nothing was loaded"
                )
            column.set("this", exp.to_identifier(found[column.name.lower()], quoted=True))
        values.append(f"{trees[name].sql('bigquery')} AS {name}")
    texts = ", ".join(f"CAST({name} AS VARCHAR) AS {name}" for name in column_map.columns)
    quoted = str(target).replace("'", "''")
    try:
        sql = duckdb_sql(prepared(f"SELECT {', '.join(values)} FROM {_ROWS}"))
        connection.execute(f"COPY (SELECT {texts} FROM ({sql})) TO '{quoted}' (FORMAT csv, HEADER, FORCE_QUOTE *)")
    except (duckdb.Error, SqlglotError) as error:
        reason = str(error).strip().splitlines()[0][:300]
        raise LoadError(
            f"{path}: an expression for {column_map.contract.name} cannot be computed ({reason}); nothing was loaded"
        ) from error


def _expression(column_map: ColumnMap, name: str, text: str) -> exp.Expr:
    """The expression's tree; a text that is no expression, like `Player Name`, is taken as a column's name."""
    where = f"{column_map.contract.name}.{name}: {text}"
    try:
        value: exp.Expr = parse(f"SELECT (\n{text}\n) FROM {_ROWS}").expressions[0]
    except SqlglotError:
        return exp.column(text.strip(), quoted=True)
    if value.find(exp.Alias):
        return exp.column(text.strip(), quoted=True)
    if value.find(exp.Query, exp.Tuple):
        raise ConfigurationError(f"{where} should be one expression over the columns of a row")
    if value.find(exp.AggFunc, exp.Window, exp.Star):
        raise ConfigurationError(f"{where} should be about one row, without aggregates")
    return value
