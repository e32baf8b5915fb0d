"""The embedded warehouse: DuckDB in one file, running a translation of the BigQuery text.

What belongs here: connections (one writing process at a time, short sessions, bounded waits) and how each method of the
Session protocol is carried out on DuckDB. What doesn't: translating (dialect.py), reading files (files.py).

Staging lives in an attached in-memory database: it vanishes with the process, so a kill leaves no orphan.
"""

import hashlib
import os
import random
import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb
import pyarrow

from phase3_assets.catalog.contracts import Contract
from phase3_assets.catalog.parser import parse_select
from phase3_assets.catalog.queries import STAGING_DATASET, parameters_of
from phase3_assets.errors import ConfigurationError, PublicationError, WarehouseBusyError
from phase3_assets.settings.locations import LASTING_DATASETS
from phase3_assets.warehouse.duckdb.confined import answer
from phase3_assets.warehouse.duckdb.dialect import duckdb_sql, duckdb_type, from_duckdb_type, translated
from phase3_assets.warehouse.duckdb.engines import STORAGE_VERSION, lend, take_back
from phase3_assets.warehouse.duckdb.errors import explained, holder, is_locked
from phase3_assets.warehouse.duckdb.files import load_file
from phase3_assets.warehouse.duckdb.rows import as_arrow
from phase3_assets.warehouse.interface import NOTHING_TAKEN, Answers, Loaded, Parameters, Query, Row, Taken

_ONE_SESSION_PER_FILE: dict[Path, threading.RLock] = {}
_LOCK_REGISTRY = threading.Lock()
_ONE_THREAD_BYTES = 64 * 1024**2
"""The size up to which a file is worked on by one thread. Threads share a table by row groups of 122,880 rows. In a
file this small no table has two of them, so further threads would only wait.
"""


def _of_games(target: Contract) -> str:
    """SQL for the condition that a row is of one of @game_ids and dated @start_date to @end_date."""
    return f"{target.partition} BETWEEN @start_date AND @end_date AND game_id IN (SELECT g FROM UNNEST(@game_ids) AS g)"


class DuckDBWarehouse:
    """A DuckDB file. Sessions of one process take turns; they wait for other processes, with jitter, up to a limit."""

    def __init__(self, path: Path, wait_seconds: float = 60.0) -> None:
        # Resolve links: the engine keeps a killed writer's commits in a log beside the name that it opened.
        self.path = Path(os.path.realpath(path))
        self.wait_seconds = wait_seconds

    @contextmanager
    def session(
        self, read_only: bool = False, wait_seconds: float | None = None, run_id: str = ""
    ) -> Iterator["DuckDBSession"]:
        """A session on the file; see Warehouse.session.

        Raises WarehouseBusyError; ConfigurationError if the file is only to be read and does not exist. Errors of the
        engine, also those inside the session, become WarehouseUnreadableError or WarehouseRequestError.
        """
        if read_only and not self.path.exists():
            raise ConfigurationError(f"there is no warehouse at {self.path} yet; `phase3 init` creates it")
        with _LOCK_REGISTRY:
            turn = _ONE_SESSION_PER_FILE.setdefault(self.path, threading.RLock())
        patience = self.wait_seconds if wait_seconds is None else wait_seconds
        if not turn.acquire(timeout=patience):
            raise WarehouseBusyError(f"{self.path} was in use by this process for {patience:.0f} s; try again")
        try:
            connection = self._connect(read_only, patience)
            session = DuckDBSession(connection)
            try:
                yield session
            except duckdb.Error as error:
                connection.close()
                raise explained(self.path, error) from error
            except RuntimeError as error:
                connection.close()
                if str(error) != "Query interrupted":
                    raise
                raise KeyboardInterrupt from error  # Ctrl-C during a statement, which DuckDB reports as a RuntimeError
            except BaseException:
                connection.close()
                raise
            if session.is_confined:
                connection.close()
            else:
                take_back(connection)
        finally:
            turn.release()

    def table_versions(self, names: Sequence[str]) -> dict[str, str]:
        """See Warehouse. One file holds all tables, so every table has the file's version."""
        files = [self.path, self.path.with_name(f"{self.path.name}.wal")]
        stamps = [(stat.st_mtime_ns, stat.st_size) for path in files if path.exists() for stat in [path.stat()]]
        return dict.fromkeys(names, str(stamps))

    def _connect(self, read_only: bool, wait_seconds: float) -> duckdb.DuckDBPyConnection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        deadline = time.monotonic() + wait_seconds
        pause = 0.01
        while True:
            try:
                return self._attach(read_only)
            except duckdb.Error as error:
                if not is_locked(error):
                    raise explained(self.path, error) from error
                if time.monotonic() > deadline:
                    raise WarehouseBusyError(
                        f"{self.path} was in use for {wait_seconds:.0f} s, last by {holder(error)}; "
                        "nothing was done; try again, or raise PHASE3_WAIT_SECONDS"
                    ) from error
                time.sleep(pause * random.uniform(0.5, 1.5))
                pause = min(pause * 1.5, 0.5)

    def _attach(self, read_only: bool) -> duckdb.DuckDBPyConnection:
        """An in-memory database with the file attached; staging stays in memory even if the file is read-only."""
        connection = lend()
        try:
            path = str(self.path).replace("'", "''")
            how = "READ_ONLY" if read_only else f"STORAGE_VERSION '{STORAGE_VERSION}'"
            connection.execute(f"ATTACH '{path}' AS warehouse ({how})")
            connection.execute(f"ATTACH ':memory:' AS {STAGING_DATASET}")
            connection.execute("USE warehouse")
            connection.execute("SET TimeZone = 'UTC'")
            is_small = self.path.stat().st_size <= _ONE_THREAD_BYTES
            connection.execute("SET threads = 1" if is_small else "RESET threads")
            if not read_only:
                for dataset in LASTING_DATASETS:
                    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {dataset}")
        except BaseException:
            connection.close()
            raise
        return connection


class DuckDBSession:
    """One connection; see Session for what each method promises."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self.is_confined = False
        """Whether the engine is locked up for a person's query, so that nobody can use it after this session."""
        self._has_written = False

    @property
    def has_written(self) -> bool:
        """See Session."""
        return self._has_written

    def usage(self) -> dict[str, float]:
        """See Session."""
        return {}

    def estimate(self, sql: str, parameters: Parameters) -> None:
        """See Session."""

    def query(self, sql: str, parameters: Parameters | None = None) -> list[Row]:
        """See Session."""
        cursor = self._execute(sql, parameters)
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def arrow(self, sql: str, parameters: Parameters) -> pyarrow.Table:
        """See Session."""
        return self._execute(sql, parameters).to_arrow_table()

    def ask(self, sql: str, is_native: bool = False) -> pyarrow.Table:
        """See Session. The file must be attached read-only; the engine is closed with the session."""
        self.is_confined = True
        return answer(self._connection, sql if is_native else translated(parse_select(sql)))

    def query_all(self, queries: Mapping[str, Query], table: str = "") -> Answers:
        """See Session. The SELECTs run one after the other, because starting a query costs little here."""
        return {name: self.query(sql, parameters) for name, (sql, parameters) in queries.items()}

    def stage(self, name: str, sql: str, parameters: Parameters) -> str:
        """See Session."""
        table = f"{STAGING_DATASET}.{name}"
        self._execute(f"CREATE OR REPLACE TABLE {table} AS {sql}", parameters)
        return table

    @contextmanager
    def unit(self) -> Iterator[None]:
        """See Session."""
        self._connection.execute("BEGIN TRANSACTION")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def replace_games(
        self, target: Contract, game_ids: Sequence[str], start: date, end: date, source: str | Sequence[Row] | None
    ) -> None:
        """See Session. Delete and insert inside the unit's transaction: MERGE ... ON FALSE is quadratic here."""
        parameters = {"start_date": start, "end_date": end, "game_ids": list(game_ids)}
        games = _of_games(target)
        self._has_written = True
        self._execute(f"DELETE FROM {target.full_name} WHERE {games}", parameters)
        if isinstance(source, str):
            columns = ", ".join(target.column_names)
            self._execute(
                f"INSERT INTO {target.full_name} ({columns}) SELECT {columns} FROM {source} WHERE {games}", parameters
            )
        elif source:
            self.append(target, source)

    def keep_history(self, target: Contract, game_ids: Sequence[str], start: date, end: date, row: Row) -> None:
        """See Session."""
        columns = ", ".join(target.column_names)
        self._execute(
            f"INSERT INTO {target.history().full_name} ({columns}, {', '.join(row)}) "
            f"SELECT {columns}, {', '.join('@' + name for name in row)} FROM {target.full_name} "
            f"WHERE {_of_games(target)}",
            {"start_date": start, "end_date": end, "game_ids": list(game_ids), **row},
        )

    def remove_rows(self, target: Contract, key: Sequence[str], sql: str, parameters: Parameters) -> None:
        """See Session."""
        columns = ", ".join(key)
        self._has_written = True
        self._execute(
            f"DELETE FROM {target.full_name} WHERE {target.partition} BETWEEN @start_date AND @end_date "
            f"AND ({columns}) IN (SELECT ({columns}) FROM (\n{sql}\n) AS superseded)",
            parameters,
        )

    def append(self, target: Contract, rows: Sequence[Row]) -> None:
        """See Session."""
        if not rows:
            return
        columns = ", ".join(target.column_names)
        self._has_written = True
        self._connection.register("given_rows", as_arrow(target, rows))
        try:
            self._connection.execute(f"INSERT INTO {target.full_name} ({columns}) SELECT {columns} FROM given_rows")
        finally:
            self._connection.unregister("given_rows")

    def merge(self, target: Contract, sql: str, parameters: Parameters) -> None:
        """See Session. A MERGE of no rows costs a write to the file, so it is left out."""
        rows = self.query(sql, parameters)
        if not rows:
            return
        same = " AND ".join(f"present.{name} = given_rows.{name}" for name in target.key)
        self._connection.register("given_rows", as_arrow(target, rows))
        try:
            self._connection.execute(f"DELETE FROM {target.full_name} AS present USING given_rows WHERE {same}")
        finally:
            self._connection.unregister("given_rows")
        self.append(target, rows)

    def require_none(self, sql: str, parameters: Parameters, message: str) -> None:
        """See Session."""
        found = self.query(sql, parameters)
        if found:
            raise PublicationError(f"{message}: {found[0]}; nothing was published")

    def live_columns(self, dataset: str = "") -> dict[str, dict[str, str]]:
        """See Session."""
        tables: dict[str, dict[str, str]] = {}
        for schema, table, column, data_type in self._connection.execute(
            "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() "
            "WHERE database_name = 'warehouse' AND NOT internal AND list_contains($datasets, schema_name) "
            "ORDER BY column_index",
            {"datasets": [dataset] if dataset else list(LASTING_DATASETS)},
        ).fetchall():
            tables.setdefault(f"{schema}.{table}", {})[column] = from_duckdb_type(data_type)
        return tables

    def partition_faults(self) -> dict[str, str]:
        """See Session. Always empty: DuckDB does not partition tables, and needs no partitions."""
        return {}

    def partition_versions(self, contracts: Sequence[Contract], start: date, end: date) -> dict[str, dict[date, str]]:
        """See Session. A version is the row count and the sum of row hashes, so that a row loaded twice changes it.

        Versions are comparable only within one version of DuckDB.
        """
        return {contract.name: self._partition_versions(contract, start, end) for contract in contracts}

    def _partition_versions(self, contract: Contract, start: date, end: date) -> dict[date, str]:
        partition = contract.partition
        rows = self._connection.execute(
            f"SELECT {partition}, concat(count(*), '-', sum(hash(raw)::HUGEINT)) FROM {contract.full_name} AS raw "
            f"WHERE {partition} BETWEEN $start AND $end GROUP BY 1",
            {"start": start, "end": end},
        ).fetchall()
        return dict(rows)

    def create_table(self, contract: Contract) -> None:
        """See Session. No key is declared, because its index would forbid replacing a row in one transaction.

        The audits check that the key is unique.
        """
        columns = ", ".join(
            f"{column.name} {duckdb_type(column.type)}{' NOT NULL' if column.required else ''}"
            for column in contract.columns
        )
        self._connection.execute(f"CREATE TABLE IF NOT EXISTS {contract.full_name} ({columns})")

    def add_column(self, contract: Contract, column: str) -> None:
        """See Session."""
        self._connection.execute(
            f"ALTER TABLE {contract.full_name} ADD COLUMN {column} {duckdb_type(contract.column(column).type)}"
        )

    def create_view(self, name: str, sql: str) -> None:
        """See Session. A view that has the same text already is left alone, because binding views of views takes long.

        A hash of the text is kept in the view's comment, which disappears when somebody replaces the view.
        """
        text = duckdb_sql(sql)
        note = hashlib.sha256(text.encode()).hexdigest()
        noted = "SELECT 1 FROM duckdb_views() WHERE concat(schema_name, '.', view_name) = $name AND comment = $note"
        if not self._connection.execute(noted, {"name": name, "note": note}).fetchone():
            self._connection.execute(f"CREATE OR REPLACE VIEW {name} AS {text}")
            self._connection.execute(f"COMMENT ON VIEW {name} IS '{note}'")

    def create_function(self, name: str, arguments: Mapping[str, str], sql: str) -> None:
        """See Session. The function is a table macro: it inserts a person's arguments and casts each to its type."""
        text = duckdb_sql(sql)
        for argument, kind in arguments.items():
            text = re.sub(rf"\${argument}\b", f"CAST({argument} AS {duckdb_type(kind)})", text)
        self._connection.execute(f"CREATE OR REPLACE MACRO {name}({', '.join(arguments)}) AS TABLE {text}")

    def load_file(
        self,
        contract: Contract,
        path: Path,
        allow_missing: Sequence[str],
        taken: Taken = NOTHING_TAKEN,
        date_format: str | None = None,
    ) -> Loaded:
        """See Session."""
        self._connection.execute("RESET threads")  # a large file may be loaded into a small warehouse
        return load_file(self._connection, contract, path, allow_missing, taken, date_format)

    def _execute(self, sql: str, parameters: Parameters | None) -> duckdb.DuckDBPyConnection:
        used = {name: value for name, value in (parameters or {}).items() if name in parameters_of(sql)}
        return self._connection.execute(duckdb_sql(sql), used or None)
