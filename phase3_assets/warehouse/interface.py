"""The small interface that every engine implements.

What belongs here: what the rest of the package may ask of a warehouse. What doesn't: choosing the engine (opening.py),
SQL dialects (each engine's own module), what is asked and when (publishing/publish.py, publishing/survey.py,
loading/files.py).
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from phase3_assets.catalog.contracts import Contract

if TYPE_CHECKING:
    import pyarrow

Row = dict[str, Any]
Parameters = Mapping[str, Any]
Query = tuple[str, Parameters]
"""A SELECT and its parameters; parameters that the text does not use are ignored."""
Answers = dict[str, list[Row]]
"""The rows of several SELECTs, by the name of each SELECT."""

Taken = Mapping[date, str]
"""Dates of a table that the same command has loaded already, each with the name of the file that held it."""
NOTHING_TAKEN: Taken = MappingProxyType({})


@dataclass(frozen=True)
class Loaded:
    """The result of a load: how many rows it wrote, the dates replaced, and the file's columns not in the contract."""

    rows: int
    days: tuple[date, ...]
    """The dates replaced, in order."""
    ignored_columns: tuple[str, ...]
    notes: tuple[str, ...] = ()
    """Remarks for a person, a sentence each: how the file was read, rows that contradict each other."""

    @property
    def dates(self) -> int:
        """The number of dates replaced."""
        return len(self.days)

    @property
    def first_date(self) -> date | None:
        """The earliest date replaced, or None."""
        return self.days[0] if self.days else None

    @property
    def last_date(self) -> date | None:
        """The latest date replaced, or None."""
        return self.days[-1] if self.days else None


class Session(Protocol):
    """One stretch of work on the warehouse. All SQL is in BigQuery's dialect; values are passed only as parameters."""

    @property
    def has_written(self) -> bool:
        """Whether the session has changed a row of a lasting table, or is about to in the unit under way."""

    def usage(self) -> Mapping[str, float]:
        """The session's cost so far: jobs, bytes_billed, slot_seconds, retries; empty if the engine bills nothing."""

    def estimate(self, sql: str, parameters: Parameters) -> int | None:
        """The bytes that the SELECT would read, without running it; None if the engine does not count them."""

    def query(self, sql: str, parameters: Parameters | None = None) -> list[Row]:
        """Run a SELECT; parameters that the text does not use are ignored."""

    def arrow(self, sql: str, parameters: Parameters) -> "pyarrow.Table":
        """Run a SELECT as query() does; its rows as an Arrow table, in the engine's own types."""

    def ask(self, sql: str, is_native: bool = False) -> "pyarrow.Table":
        """Run the SELECT that a person wrote, and nothing else: it can neither write nor read outside the warehouse.

        The text is in BigQuery's dialect or, if `is_native`, in the engine's own. No other method of the session may be
        called afterwards.

        Raises ConfigurationError, with nothing run, for any statement but one SELECT, and for a SELECT that the engine
        refuses.
        """

    def query_all(self, queries: Mapping[str, Query], table: str = "") -> Answers:
        """Run several SELECTs, each under its own name, together: as one job if the engine bills by job.

        Rows are in no order; a caller that needs one must sort. `table` is a label: the table that all the SELECTs are
        about, if there is just one.
        """

    def stage(self, name: str, sql: str, parameters: Parameters) -> str:
        """Keep a SELECT's rows until the session ends, private to it; returns the name that queries use for them.

        An error of the SELECT may be raised only by the next query.
        """

    def unit(self) -> AbstractContextManager[None]:
        """Make all writes inside the context or none, so that no reader sees a part of them.

        The exception is a failed require_none(): an engine without transactions keeps the writes made before it.
        """

    def replace_games(
        self, target: Contract, game_ids: Sequence[str], start: date, end: date, source: str | Sequence[Row] | None
    ) -> None:
        """Atomically replace the games' rows by those of `source`: a staging table or rows, or None to remove them."""

    def keep_history(self, target: Contract, game_ids: Sequence[str], start: date, end: date, row: Row) -> None:
        """Copy the games' present rows to the history table and add the columns of `row` to each."""

    def remove_rows(self, target: Contract, key: Sequence[str], sql: str, parameters: Parameters) -> None:
        """Delete the rows, from @start_date to @end_date, whose `key` columns equal those of a row of the SELECT."""

    def append(self, target: Contract, rows: Sequence[Row]) -> None:
        """Add rows, all in one statement."""

    def merge(self, target: Contract, sql: str, parameters: Parameters) -> None:
        """Write the SELECT's rows, each in place of the row with its key, or as a new one; no row has its key twice.

        The SELECT has all columns of the target, and only rows of dates from @start_date to @end_date.
        """

    def require_none(self, sql: str, parameters: Parameters, message: str) -> None:
        """Check, inside a unit and after its writes, that the SELECT returns no row.

        Raises PublicationError if it returns one, with the message and what became of the writes. An engine with
        transactions rolls the writes back; an engine without says what stays visible.
        """

    def live_columns(self, dataset: str = "") -> dict[str, dict[str, str]]:
        """By `dataset.table`, the columns and BigQuery types of every live table, or of those in `dataset`."""

    def partition_faults(self) -> dict[str, str]:
        """By `dataset.table`, how a table is partitioned, for tables not partitioned by day as their contract says."""

    def partition_versions(self, contracts: Sequence[Contract], start: date, end: date) -> dict[str, dict[date, str]]:
        """By table name, a version of each date that has rows; it differs whenever the date's rows differ.

        All contracts must be of one dataset.
        """

    def create_table(self, contract: Contract) -> None:
        """Create the table that the contract declares."""

    def add_column(self, contract: Contract, column: str) -> None:
        """Add one column of the contract to the live table; it is NULL in existing rows."""

    def create_view(self, name: str, sql: str) -> None:
        """Create or replace a view."""

    def create_function(self, name: str, arguments: Mapping[str, str], sql: str) -> None:
        """Create or replace a function that returns a SELECT's rows.

        `arguments` maps the names of its parameters to their types, in the order in which people pass them.
        """

    def load_file(
        self,
        contract: Contract,
        path: Path,
        allow_missing: Sequence[str],
        taken: Taken = NOTHING_TAKEN,
        date_format: str | None = None,
    ) -> Loaded:
        """Replace the dates that the file holds, all or nothing. The files of a folder count as one file.

        `allow_missing` names columns that the file may lack; they become NULL. `date_format` (in the notation of
        strptime) reads dates that are not written as 2026-02-03.

        Raises LoadError, with nothing changed, if the file cannot be loaded or holds one of the dates `taken`.
        """


class Warehouse(Protocol):
    """An engine. Open a session, do one thing, close it."""

    def session(
        self, read_only: bool = False, wait_seconds: float | None = None, run_id: str = ""
    ) -> AbstractContextManager[Session]:
        """A session, after waiting for other sessions up to `wait_seconds`, or as long as the settings say.

        `run_id` identifies the run that the work belongs to; an engine that labels its jobs puts it on them.

        Raises WarehouseBusyError when that time is over.
        """

    def table_versions(self, names: Sequence[str]) -> dict[str, str]:
        """A version of each table, by name (a raw table's bare name, or `dataset.table`).

        The version differs whenever the table may have changed. No table is read.
        """
