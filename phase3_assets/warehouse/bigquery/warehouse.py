"""The production warehouse: BigQuery, running the SQL texts without translation.

What belongs here: how each method of the Session protocol is carried out on BigQuery, and in what order a unit's
statements run. What doesn't: the statements (statements.py), running one (jobs.py), who may write (lease.py).

A unit is one script job. BigQuery has no cheap transaction over several tables (concurrent ones are cancelled). So the
statements are in an order in which a stop between any two of them does no harm:

1. history: rows that are about to be replaced are copied. If the script stops here, readers see what they saw before.
   The copied rows are still in the table too; readers of history take one row per key and publication.
2. the swap: one atomic MERGE, the only step that readers notice. If the script stops here, the new rows are visible
   (all of them were audited) but no record vouches for them. The next run finds the game undecided, computes the same
   rows, publishes and records them.
3. records, events and states. If the script stops between them, a state or an event is missing until the next run
   writes it.

A script runs to its end on BigQuery's side even if this process is killed. Every statement has no further effect when
it is run a second time, so a script that failed half-way for a temporary reason is simply run again.
"""

import json
import math
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow
from google.api_core import exceptions
from google.cloud import bigquery

from phase3_assets.catalog.contracts import Contract, raw_contracts
from phase3_assets.catalog.queries import STAGING_DATASET, parameters_of
from phase3_assets.catalog.tables import all_contracts
from phase3_assets.errors import ConfigurationError, PublicationError, WarehouseBusyError, WarehouseRequestError
from phase3_assets.settings.calendar import FIRST_DATE
from phase3_assets.settings.locations import BigQuerySettings
from phase3_assets.warehouse.bigquery import statements
from phase3_assets.warehouse.bigquery.client import connect
from phase3_assets.warehouse.bigquery.jobs import NO_RETRY, Jobs, explained
from phase3_assets.warehouse.bigquery.lease import Lease
from phase3_assets.warehouse.bigquery.names import kept_apart, script, staging_table
from phase3_assets.warehouse.duckdb.files import parquet_of
from phase3_assets.warehouse.interface import NOTHING_TAKEN, Answers, Loaded, Parameters, Query, Row, Taken

_METADATA_THREADS = 8
_GUARD = "should not be so"
_TURNS: dict[tuple[str, str], threading.RLock] = {}
_TURN_REGISTRY = threading.Lock()


class BigQueryWarehouse:
    """A BigQuery project. Writing sessions take turns: threads of this process by a lock, processes by a lease."""

    def __init__(
        self,
        settings: BigQuerySettings,
        wait_seconds: float = 60.0,
        client: Callable[[BigQuerySettings], bigquery.Client] = connect,
    ) -> None:
        self.settings = settings
        self.wait_seconds = wait_seconds
        self._connect = client
        self._client: bigquery.Client | None = None

    @property
    def client(self) -> bigquery.Client:
        """The client, made at the first use."""
        if self._client is None:
            self._client = self._connect(self.settings)
        return self._client

    @contextmanager
    def session(
        self, read_only: bool = False, wait_seconds: float | None = None, run_id: str = ""
    ) -> Iterator["BigQuerySession"]:
        """A session; see Warehouse.session."""
        jobs = Jobs(self.client, self.settings, uuid.uuid4().hex[:12], run_id)
        if read_only:
            try:
                yield BigQuerySession(jobs, None)
            finally:
                jobs.stop()
            return
        key = (self.settings.project, self.settings.dataset(STAGING_DATASET))
        with _TURN_REGISTRY:
            turn = _TURNS.setdefault(key, threading.RLock())
        patience = self.wait_seconds if wait_seconds is None else wait_seconds
        if not turn.acquire(timeout=patience):
            raise WarehouseBusyError(f"{'.'.join(key)} was in use by this process for {patience:.0f} s; try again")
        lease = Lease(jobs, patience, lambda: _create_dataset(jobs, STAGING_DATASET))
        try:
            with lease.held():
                yield BigQuerySession(jobs, lease)
        finally:
            turn.release()

    def table_versions(self, names: Sequence[str]) -> dict[str, str]:
        """See Warehouse. Read from metadata: no bytes are read. A missing table has a version too, `absent`."""
        jobs = Jobs(self.client, self.settings, uuid.uuid4().hex[:12])
        full = {name: name if "." in name else f"nba_raw.{name}" for name in names}
        found = _tables(jobs, list(full.values()))
        return {name: _version(found.get(full_name)) for name, full_name in full.items()}


class BigQuerySession:
    """One stretch of work; see Session for what each method promises."""

    def __init__(self, jobs: Jobs, lease: Lease | None) -> None:
        self._jobs = jobs
        self._lease = lease
        self._staged: list[tuple[str, Mapping[str, Any]]] = []
        self._unit: list[tuple[str, Mapping[str, Any]]] | None = None
        self._unit_table = ""
        self._has_written = False
        self._answered = 0
        """How often query_all() has kept answers."""
        self._seen: dict[str, bigquery.Table] = {}

    @property
    def has_written(self) -> bool:
        """See Session."""
        return self._has_written

    def usage(self) -> dict[str, float]:
        """See Session."""
        return self._jobs.usage()

    def query(self, sql: str, parameters: Parameters | None = None) -> list[Row]:
        """See Session."""
        self._stage_pending()
        return self._jobs.query(sql, used(sql, parameters or {}), "query", "")

    def arrow(self, sql: str, parameters: Parameters) -> pyarrow.Table:
        """See Session."""
        self._stage_pending()
        return self._jobs.arrow(sql, used(sql, parameters), "query")

    def ask(self, sql: str, is_native: bool = False) -> pyarrow.Table:
        """See Session. A dry run says what the text is before anything runs; both dialects are the same here."""
        try:
            kind = self._jobs.statement_type(sql)
            if kind != "SELECT":
                raise ConfigurationError(f"the query must be exactly one SELECT, and this is {kind}; nothing was run")
            return self._jobs.arrow(sql, {}, "query")
        except WarehouseRequestError as error:
            raise ConfigurationError(str(error)) from error

    def query_all(self, queries: Mapping[str, Query], table: str = "") -> Answers:
        """See Session. One script first stages what is pending, then keeps all answers in one staging table.

        From there the rows are read without a job.
        """
        if not queries:
            self._stage_pending()
            return {}
        pending, self._staged = self._staged, []
        texts, parameters = kept_apart([(sql, used(sql, values)) for sql, values in queries.values()])
        # A new name each time: BigQuery lets one table be replaced only five times in ten seconds.
        self._answered += 1
        name = f"answers_{self._answered}"
        kept = statements.answers(name, texts, self._jobs.settings.staging_hours)
        self._jobs.query(*script([*pending, (kept, parameters)]), "query", table)
        answers: Answers = {query: [] for query in queries}
        names = list(queries)
        for row in self._jobs.rows(STAGING_DATASET, name):
            answers[names[row["number"]]].append(row[statements.answer_column(row["number"])])
        return answers

    def estimate(self, sql: str, parameters: Parameters) -> int:
        """See Session."""
        return self._jobs.estimate(sql, used(sql, parameters))

    def stage(self, name: str, sql: str, parameters: Parameters) -> str:
        """See Session. The rows are staged at the next query, so that several calls in a row make only one job."""
        self._staged.append((statements.stage(name, sql, self._jobs.settings.staging_hours), used(sql, parameters)))
        return f"{STAGING_DATASET}.{name}"

    @contextmanager
    def unit(self) -> Iterator[None]:
        """See Session, and this module's docstring for the state that a stop in the middle leaves."""
        self._stage_pending()
        self._unit, self._unit_table = [], ""
        try:
            yield
            collected = self._unit
        finally:
            self._unit = None
        if collected:
            self._run_script(collected, "publish", self._unit_table)

    def replace_games(
        self, target: Contract, game_ids: Sequence[str], start: date, end: date, source: str | Sequence[Row] | None
    ) -> None:
        """See Session."""
        parameters = {"start_date": start, "end_date": end, "game_ids": list(game_ids)}
        if isinstance(source, str):
            self._write(target, statements.replace_games(target, source), parameters)
        elif source:
            rows = {**parameters, "rows": _json(target, source)}
            self._write(target, statements.replace_games_by_rows(target), rows)
        else:
            self._write(target, statements.remove_games(target), parameters)

    def keep_history(self, target: Contract, game_ids: Sequence[str], start: date, end: date, row: Row) -> None:
        """See Session."""
        parameters = {"start_date": start, "end_date": end, "game_ids": list(game_ids), **row}
        self._write(target, statements.keep_history(target), parameters)

    def remove_rows(self, target: Contract, key: Sequence[str], sql: str, parameters: Parameters) -> None:
        """See Session."""
        text = statements.remove_rows(target, key, sql)
        self._write(target, text, used(text, parameters))

    def append(self, target: Contract, rows: Sequence[Row]) -> None:
        """See Session. A row whose key exists already is not added again."""
        if not rows:
            return
        dates = [row[target.partition] for row in rows if row.get(target.partition)] or [FIRST_DATE]
        parameters = {"rows": _json(target, rows), "start_date": min(dates), "end_date": max(dates)}
        self._write(target, statements.append(target), parameters)

    def merge(self, target: Contract, sql: str, parameters: Parameters) -> None:
        """See Session. Where the SELECT has no rows, nothing is written."""
        text = statements.merge(target, sql)
        self._write(target, text, used(text, parameters))

    def require_none(self, sql: str, parameters: Parameters, message: str) -> None:
        """See Session. The script stops at this statement; its earlier writes stay, and the message says so."""
        text = f"{message}; what was swapped in stays visible until `phase3 run DATE --repair` mends it"
        self._write(None, statements.guard(sql), {**used(sql, parameters), "guard_message": f"{text} ({_GUARD})"})

    def live_columns(self, dataset: str = "") -> dict[str, dict[str, str]]:
        """See Session. Only tables that a contract declares, from metadata: no bytes are read."""
        return {
            name: {field.name: bigquery_type(field) for field in table.schema}
            for name, table in self._look_at_tables(dataset).items()
        }

    def partition_faults(self) -> dict[str, str]:
        """See Session. Uses the metadata that live_columns() last read, if it was called before."""
        tables = self._seen or self._look_at_tables("")
        contracts = [*raw_contracts().values(), *all_contracts()]
        found = {c.full_name: _partitioning(tables[c.full_name]) for c in contracts if c.full_name in tables}
        wanted = {c.full_name: f"is partitioned by DAY of {c.partition}" for c in contracts}
        return {name: kept for name, kept in found.items() if kept != wanted[name]}

    def partition_versions(self, contracts: Sequence[Contract], start: date, end: date) -> dict[str, dict[date, str]]:
        """See Session. One job reads the metadata of all tables: no bytes of a table are read, but 10 MB are billed."""
        names = [contract.name for contract in contracts]
        found = self._jobs.query(
            statements.partition_versions(contracts[0].dataset),
            {"table_names": names, "first_partition": f"{start:%Y%m%d}", "last_partition": f"{end:%Y%m%d}"},
            "versions",
            names[0] if len(names) == 1 else "",
        )
        versions: dict[str, dict[date, str]] = {name: {} for name in names}
        for row in found:
            day = datetime.strptime(row["partition_id"], "%Y%m%d").date()
            versions[row["table_name"]][day] = row["version"]
        return versions

    def create_table(self, contract: Contract) -> None:
        """See Session. The table's dataset is created too, if it is missing."""
        _create_dataset(self._jobs, contract.dataset)
        self._write(contract, statements.create_table(contract), {})

    def add_column(self, contract: Contract, column: str) -> None:
        """See Session."""
        self._write(contract, statements.add_column(contract, column), {})

    def create_view(self, name: str, sql: str) -> None:
        """See Session."""
        _create_dataset(self._jobs, name.split(".")[0])
        self._write(None, statements.create_view(name, sql), {})

    def create_function(self, name: str, arguments: Mapping[str, str], sql: str) -> None:
        """See Session."""
        _create_dataset(self._jobs, name.split(".")[0])
        self._write(None, statements.create_function(name, arguments, sql), {})

    def load_file(
        self,
        contract: Contract,
        path: Path,
        allow_missing: Sequence[str],
        taken: Taken = NOTHING_TAKEN,
        date_format: str | None = None,
    ) -> Loaded:
        """See Session. The file is checked against the contract here, loaded into a staging table, and swapped in by
        one MERGE.
        """
        with tempfile.TemporaryDirectory() as folder:
            parquet = Path(folder) / "loaded.parquet"
            loaded, missing = parquet_of(contract, path, allow_missing, parquet, taken, date_format)
            name = staging_table(f"{contract.name}__loaded", self._jobs.session)
            self._jobs.load(
                str(parquet), f"{self._jobs.settings.dataset(STAGING_DATASET)}.{name}", _schema(contract), "load"
            )
        for column in missing:
            self._write(contract, statements.drop_not_null(contract, column), {})
        self._write(
            contract,
            statements.replace_dates(contract, f"{STAGING_DATASET}.{contract.name}__loaded"),
            {"start_date": loaded.first_date, "end_date": loaded.last_date, "dates": list(loaded.days)},
        )
        return loaded

    def _look_at_tables(self, dataset: str) -> dict[str, bigquery.Table]:
        contracts = [c for c in [*raw_contracts().values(), *all_contracts()] if dataset in ("", c.dataset)]
        self._seen = _tables(self._jobs, [contract.full_name for contract in contracts])
        return self._seen

    def _write(self, target: Contract | None, sql: str, parameters: Mapping[str, Any]) -> None:
        self._has_written = True
        if self._unit is None:
            self._run_script([(sql, parameters)], "write", target.name if target else "")
            return
        self._unit_table = self._unit_table or (target.name if target else "")
        self._unit.append((sql, parameters))

    def _stage_pending(self) -> None:
        if self._staged:
            pending, self._staged = self._staged, []
            sql, parameters = script(pending)
            self._jobs.query(sql, parameters, "stage", "")

    def _run_script(self, collected: Sequence[tuple[str, Mapping[str, Any]]], purpose: str, table: str) -> None:
        if self._lease is None:
            raise ConfigurationError(f"this session only reads; {purpose} {table} was not done".strip())
        sql, parameters = script(collected)
        try:
            self._jobs.query(sql, parameters, purpose, table, before=self._lease.renew)
        except WarehouseRequestError as error:
            if _GUARD in str(error):
                raise PublicationError(str(error).removesuffix(f" ({_GUARD})")) from error
            raise


def bigquery_type(field: bigquery.SchemaField) -> str:
    """A column's type in the spelling of contracts: INT64, NUMERIC(6,2), ARRAY<STRING>."""
    name = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL"}.get(field.field_type, field.field_type)
    if field.precision is not None:
        name += f"({field.precision},{field.scale or 0})"
    return f"ARRAY<{name}>" if field.mode == "REPEATED" else str(name)


def _partitioning(table: bigquery.Table) -> str:
    """How BigQuery partitions a table, in words."""
    if table.range_partitioning:
        return f"is partitioned by ranges of {table.range_partitioning.field}"
    if table.time_partitioning:
        return f"is partitioned by {table.time_partitioning.type_} of {table.time_partitioning.field or 'arrival'}"
    return "is not partitioned"


def _tables(jobs: Jobs, names: Sequence[str]) -> dict[str, bigquery.Table]:
    """The tables that exist, by `dataset.table` in our texts' names."""

    def table(name: str) -> bigquery.Table | None:
        dataset, _, short = name.partition(".")
        full = f"{jobs.settings.project}.{jobs.settings.dataset(dataset)}.{short}"
        try:
            return jobs.call(lambda: jobs.client.get_table(full, retry=NO_RETRY), f"metadata of {name}")
        except exceptions.NotFound:
            return None

    with ThreadPoolExecutor(_METADATA_THREADS) as threads:
        found = dict(zip(names, threads.map(table, names), strict=True))
    return {name: one for name, one in found.items() if one is not None}


def _version(table: bigquery.Table | None) -> str:
    if table is None:
        return "absent"
    return f"{table.modified} {table.num_rows} {table.num_bytes} {table.etag}"


def _create_dataset(jobs: Jobs, name: str) -> None:
    """Create a dataset if it is missing. In the staging dataset, tables expire by default."""
    full = f"{jobs.settings.project}.{jobs.settings.dataset(name)}"
    try:
        jobs.call(lambda: jobs.client.get_dataset(full, retry=NO_RETRY), f"metadata of dataset {name}")
    except exceptions.NotFound:
        dataset = bigquery.Dataset(full)
        dataset.location = jobs.settings.location
        dataset.labels = {"owner": "phase3"}
        if name == STAGING_DATASET:
            dataset.default_table_expiration_ms = jobs.settings.staging_hours * 3_600_000
        try:
            jobs.call(
                lambda: jobs.client.create_dataset(dataset, exists_ok=True, retry=NO_RETRY), f"create dataset {name}"
            )
        except exceptions.NotFound as error:
            raise explained(error, f"create dataset {name}") from error


def _schema(contract: Contract) -> list[bigquery.SchemaField]:
    """The contract's columns as a load job takes them; required columns were checked for NULL before."""
    return [bigquery.SchemaField(column.name, column.type) for column in contract.columns]


def used(sql: str, parameters: Parameters) -> dict[str, Any]:
    """Those of the parameters that the text uses; BigQuery refuses others."""
    names = parameters_of(sql)
    return {name: value for name, value in parameters.items() if name in names}


def _json(target: Contract, rows: Sequence[Row]) -> str:
    """Rows as one JSON text of the table's columns; a column that a row lacks is NULL."""
    known = set(target.column_names)
    said = [{k: _in_json(v) for k, v in row.items() if k in known and v is not None} for row in rows]
    return json.dumps(said, default=_text, allow_nan=False)


def _in_json(value: Any) -> Any:
    """The value for JSON. NaN and infinity become text, because JSON has neither; it is later cast to FLOAT64."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _text(value: Any) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be written to the warehouse")
