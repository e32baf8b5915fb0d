"""Two engines behind one warehouse: whatever the project asks is asked of both, and the answers must be equal.

What belongs here: a warehouse that keeps rows in memory and runs every statement on Google's evaluator, and one that
holds DuckDB against it. What doesn't: Google's module itself (google_sql.py), which work is done on them (tests).

Each engine reads only what it has itself computed, so a difference shows where it arises and in everything after it.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow

from phase3_assets.catalog.contracts import Contract
from phase3_assets.catalog.queries import STAGING_DATASET, parameters_of
from phase3_assets.errors import PublicationError
from phase3_assets.warehouse.interface import Answers, Loaded, Parameters, Query, Row, Session, Warehouse
from phase3_assets.warehouse.schema import initialise
from phase3_assets_tests.bigquery.google_sql import Answer, Schema, evaluate, schema_of

Relations = dict[str, tuple[Schema, list[Row]]]

_TYPES = {str: "STRING", bool: "BOOL", int: "INT64", float: "FLOAT64", date: "DATE", datetime: "TIMESTAMP"}


def parameter_type(value: Any) -> str:
    """The BigQuery type of a query parameter of that value. The project sends no NULLs."""
    return f"ARRAY<{parameter_type(value[0])}>" if isinstance(value, list) else _TYPES[type(value)]


class GoogleWarehouse:
    """Tables as lists of rows; every SELECT is run by Google's evaluator on the BigQuery text as it is."""

    def __init__(self) -> None:
        self.relations: Relations = {}
        self._columns: dict[str, dict[str, str]] = {}

    @contextmanager
    def session(
        self, read_only: bool = False, wait_seconds: float | None = None, run_id: str = ""
    ) -> Iterator["GoogleSession"]:
        """See Warehouse."""
        try:
            yield GoogleSession(self.relations, self._columns)
        finally:
            for name in [name for name in self.relations if name.startswith(f"{STAGING_DATASET}.")]:
                del self.relations[name]


class GoogleSession:
    """See Session. What BigQuery does by MERGE and INSERT, which the evaluator only analyzes, is done to the lists."""

    def __init__(self, relations: Relations, columns: dict[str, dict[str, str]]) -> None:
        self._relations = relations
        self._columns = columns
        self.has_written = False

    def answer(self, sql: str, parameters: Parameters | None = None) -> Answer:
        """The rows of a SELECT with their types."""
        used = {name: value for name, value in (parameters or {}).items() if name in parameters_of(sql)}
        kinds = {name: parameter_type(value) for name, value in used.items()}
        return evaluate(sql, self._relations, kinds, used)

    def query(self, sql: str, parameters: Parameters | None = None) -> list[Row]:
        return self.answer(sql, parameters).rows

    def query_all(self, queries: Mapping[str, Query], table: str = "") -> Answers:
        return {name: self.query(*query) for name, query in queries.items()}

    def stage(self, name: str, sql: str, parameters: Parameters) -> str:
        answer = self.answer(sql, parameters)
        self._relations[f"{STAGING_DATASET}.{name}"] = (answer.schema, answer.rows)
        return f"{STAGING_DATASET}.{name}"

    @contextmanager
    def unit(self) -> Iterator[None]:
        before = {name: list(rows) for name, (_, rows) in self._relations.items()}
        try:
            yield
        except BaseException:
            for name, rows in before.items():
                self._rows(name)[:] = rows
            raise

    def replace_games(
        self, target: Contract, game_ids: Sequence[str], start: date, end: date, source: str | Sequence[Row] | None
    ) -> None:
        def concerned(row: Row) -> bool:
            return start <= row[target.partition] <= end and row["game_id"] in game_ids

        rows = self._rows(target.full_name)
        rows[:] = [row for row in rows if not concerned(row)]
        new = filter(concerned, self._rows(source)) if isinstance(source, str) else source or ()
        self.append(target, list(new))

    def keep_history(self, target: Contract, game_ids: Sequence[str], start: date, end: date, row: Row) -> None:
        kept = [
            {**present, **row}
            for present in self._rows(target.full_name)
            if start <= present["game_date"] <= end and present["game_id"] in game_ids
        ]
        self.append(target.history(), kept)

    def remove_rows(self, target: Contract, key: Sequence[str], sql: str, parameters: Parameters) -> None:
        gone = {tuple(row[name] for name in key) for row in self.query(sql, parameters)}
        rows = self._rows(target.full_name)
        rows[:] = [row for row in rows if tuple(row[name] for name in key) not in gone]

    def append(self, target: Contract, rows: Sequence[Row]) -> None:
        self._rows(target.full_name).extend({name: row.get(name) for name in target.column_names} for row in rows)

    def merge(self, target: Contract, sql: str, parameters: Parameters) -> None:
        new = {tuple(row[name] for name in target.key): row for row in self.query(sql, parameters)}
        rows = self._rows(target.full_name)
        rows[:] = [row for row in rows if tuple(row[name] for name in target.key) not in new]
        self.append(target, list(new.values()))

    def require_none(self, sql: str, parameters: Parameters, message: str) -> None:
        found = self.query(sql, parameters)
        if found:
            raise PublicationError(f"{message}: {found[0]}")

    def live_columns(self, dataset: str = "") -> dict[str, dict[str, str]]:
        return self._columns

    def partition_faults(self) -> dict[str, str]:
        return {}

    def create_table(self, contract: Contract) -> None:
        self._relations[contract.full_name] = (schema_of(contract), [])
        self._columns[contract.full_name] = {column.name: column.type for column in contract.columns}

    def add_column(self, contract: Contract, column: str) -> None:
        raise NotImplementedError("tables here are made whole")

    def create_view(self, name: str, sql: str) -> None:
        """Views are for people; no statement of the project reads them."""

    def create_function(self, name: str, arguments: Mapping[str, str], sql: str) -> None:
        """Functions are for people too; their SELECTs are asked as they stand (story.py)."""

    def load_file(self, contract: Contract, path: Path, allow_missing: Sequence[str]) -> Loaded:
        raise NotImplementedError("raw rows are appended here")

    def _rows(self, full_name: str) -> list[Row]:
        return self._relations[full_name][1]


class PairedWarehouse:
    """DuckDB and Google's evaluator side by side."""

    def __init__(self, duckdb: Warehouse, google: GoogleWarehouse) -> None:
        self.duckdb = duckdb
        self.google = google
        self.statements: dict[str, int] = {}
        """Every SELECT that both have answered, with the rows compared."""

    @contextmanager
    def session(
        self, read_only: bool = False, wait_seconds: float | None = None, run_id: str = ""
    ) -> Iterator["PairedSession"]:
        """See Warehouse."""
        with self.duckdb.session(read_only, wait_seconds, run_id) as left, self.google.session() as right:
            yield PairedSession(left, right, self.statements)

    def table_versions(self, names: Sequence[str]) -> dict[str, str]:
        """DuckDB's: versions come from metadata, which Google's evaluator has none of."""
        return self.duckdb.table_versions(names)

    @property
    def rows_compared(self) -> int:
        """Rows that were equal on both."""
        return sum(self.statements.values())


def side_by_side(duckdb: Warehouse) -> PairedWarehouse:
    """An initialised, empty DuckDB warehouse, and Google's evaluator with the same tables."""
    google = GoogleWarehouse()
    initialise(google)
    return PairedWarehouse(duckdb, google)


class PairedSession:
    """See Session. Reads are answered once both engines agree; writes are done on both."""

    def __init__(self, duckdb: Session, google: GoogleSession, statements: dict[str, int]) -> None:
        self._duckdb = duckdb
        self._google = google
        self._statements = statements

    @property
    def has_written(self) -> bool:
        return self._duckdb.has_written

    def query(self, sql: str, parameters: Parameters | None = None) -> list[Row]:
        rows = self._duckdb.query(sql, parameters)
        self._require_equal(sql, rows, self._google.query(sql, parameters))
        return rows

    def arrow(self, sql: str, parameters: Parameters) -> pyarrow.Table:
        table = self._duckdb.arrow(sql, parameters)
        self._require_equal(sql, table.to_pylist(), self._google.query(sql, parameters))
        return table

    def query_all(self, queries: Mapping[str, Query], table: str = "") -> Answers:
        return {name: self.query(*query) for name, query in queries.items()}

    def stage(self, name: str, sql: str, parameters: Parameters) -> str:
        relation = self._duckdb.stage(name, sql, parameters)
        assert self._google.stage(name, sql, parameters) == relation
        everything = f"SELECT * FROM {relation}"
        self._require_equal(sql, self._duckdb.query(everything), self._google._rows(relation))
        return relation

    @contextmanager
    def unit(self) -> Iterator[None]:
        with self._duckdb.unit(), self._google.unit():
            yield

    def merge(self, target: Contract, sql: str, parameters: Parameters) -> None:
        self.query(sql, parameters)
        self._duckdb.merge(target, sql, parameters)
        self._google.merge(target, sql, parameters)

    def require_none(self, sql: str, parameters: Parameters, message: str) -> None:
        self.query(sql, parameters)
        self._duckdb.require_none(sql, parameters, message)

    def live_columns(self, dataset: str = "") -> dict[str, dict[str, str]]:
        return self._duckdb.live_columns(dataset)

    def partition_faults(self) -> dict[str, str]:
        return self._duckdb.partition_faults()

    def partition_versions(self, contracts: Sequence[Contract], start: date, end: date) -> dict[str, dict[date, str]]:
        return self._duckdb.partition_versions(contracts, start, end)

    def usage(self) -> Mapping[str, float]:
        return self._duckdb.usage()

    def estimate(self, sql: str, parameters: Parameters) -> int | None:
        return self._duckdb.estimate(sql, parameters)

    def __getattr__(self, name: str) -> Any:
        """Every write, done on both."""

        def on_both(*arguments: Any) -> None:
            getattr(self._duckdb, name)(*arguments)
            getattr(self._google, name)(*arguments)

        return on_both

    def _require_equal(self, sql: str, left: list[Row], right: list[Row]) -> None:
        require_equal(sql, left, right)
        self._statements[sql] = self._statements.get(sql, 0) + len(left)


class EnginesDisagree(AssertionError):
    """Two engines gave different rows for one text."""


def require_equal(sql: str, duckdb: Sequence[Row], google: Sequence[Row]) -> None:
    """Raise EnginesDisagree, with the first differing rows, unless both are the same rows (in any order)."""
    left, right = sorted(map(_comparable, duckdb), key=repr), sorted(map(_comparable, google), key=repr)
    if left == right:
        return
    only_left = [row for row in left if row not in right]
    only_right = [row for row in right if row not in left]
    difference = _first_difference(only_left, only_right)
    raise EnginesDisagree(
        f"{len(left)} rows by DuckDB, {len(right)} by Google's evaluator; {len(only_left)} and {len(only_right)} of "
        f"them are in one only. First difference: {difference}\n{sql}"
    )


def _first_difference(left: Sequence[Row], right: Sequence[Row]) -> Mapping[str, Any]:
    if not left or not right:
        return {"DuckDB": left[:1], "Google": right[:1]}
    names = sorted(set(left[0]) | set(right[0]))
    return {name: (left[0].get(name), right[0].get(name)) for name in names if left[0].get(name) != right[0].get(name)}


def _comparable(row: Row) -> Row:
    return dict(sorted(row.items()))
