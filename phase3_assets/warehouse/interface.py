"""The small interface behind which an engine stands, and the one place that chooses the engine.

What belongs here: what the rest of the package may ask of a warehouse. What doesn't: SQL dialects (each engine's own
module), what is asked and when (publishing/publish.py, publishing/survey.py, loading/files.py).
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from phase3_assets.catalog.contracts import Contract

Row = dict[str, Any]
Parameters = Mapping[str, Any]
Query = tuple[str, Parameters]
"""A SELECT and its parameters; those that the text does not use are ignored."""
Answers = dict[str, list[Row]]
"""The rows of several SELECTs, by the name each was asked under."""

Taken = Mapping[date, str]
"""Dates of a table that one command has loaded already, each with the file that held it."""
NOTHING_TAKEN: Taken = MappingProxyType({})


@dataclass(frozen=True)
class Loaded:
    """What a load did: rows and dates replaced, and the file's columns that no contract knows."""

    rows: int
    days: tuple[date, ...]
    """The dates replaced, in order."""
    ignored_columns: tuple[str, ...]
    notes: tuple[str, ...] = ()
    """What a person should know of it, a sentence each: how the file was read, rows that contradict each other."""

    @property
    def dates(self) -> int:
        """How many dates."""
        return len(self.days)

    @property
    def first_date(self) -> date | None:
        """The earliest date, where there is one."""
        return self.days[0] if self.days else None

    @property
    def last_date(self) -> date | None:
        """The latest date, where there is one."""
        return self.days[-1] if self.days else None


class Session(Protocol):
    """One stretch of work on the warehouse. All SQL is BigQuery's dialect; values travel as parameters only."""

    def usage(self) -> Mapping[str, float]:
        """What the session has cost: jobs, bytes_billed, slot_seconds, retries; nothing where nothing is billed."""

    def estimate(self, sql: str, parameters: Parameters) -> int | None:
        """The bytes that the SELECT would read, without running it; None where an engine does not count them."""

    def query(self, sql: str, parameters: Parameters | None = None) -> list[Row]:
        """Run a SELECT; parameters that the text does not use are ignored."""

    def query_all(self, queries: Mapping[str, Query], table: str = "") -> Answers:
        """Run several SELECTs, each under a name of its own, as one piece of work: one job where jobs count.

        Rows come in no order: who needs one sorts. `table` is what they are about, where it is one table: a label.
        """

    def stage(self, name: str, sql: str, parameters: Parameters) -> str:
        """Keep a SELECT's rows, under a name private to the session, until it ends; returns how queries name them.

        What the SELECT raises may be raised by the next query only.
        """

    def unit(self) -> AbstractContextManager[None]:
        """Writes inside happen all or, unless require_none finds fault with them, not at all; no reader sees a part."""

    def replace_games(
        self, target: Contract, game_ids: Sequence[str], start: date, end: date, source: str | Sequence[Row] | None
    ) -> None:
        """Atomically make the games' rows those of `source`: a staging table, rows, or None to remove them."""

    def keep_history(self, target: Contract, game_ids: Sequence[str], start: date, end: date, row: Row) -> None:
        """Copy the games' present rows to the history table, with the columns of `row` added."""

    def remove_rows(self, target: Contract, key: Sequence[str], sql: str, parameters: Parameters) -> None:
        """Delete the rows, from @start_date to @end_date, whose `key` columns are those of a row of the SELECT."""

    def append(self, target: Contract, rows: Sequence[Row]) -> None:
        """Add rows, all in one statement."""

    def require_none(self, sql: str, parameters: Parameters, message: str) -> None:
        """Inside a unit, behind its writes: PublicationError if the SELECT returns a row: the message, and what became
        of the writes. An engine with transactions takes them back; one without says what stays visible.
        """

    def live_columns(self, dataset: str = "") -> dict[str, dict[str, str]]:
        """Every table there is (or a dataset has), by `dataset.table`: its columns and their BigQuery types."""

    def partition_faults(self) -> dict[str, str]:
        """How tables are kept that are not kept by the days of their contract, by `dataset.table`."""

    def partition_versions(self, contracts: Sequence[Contract], start: date, end: date) -> dict[str, dict[date, str]]:
        """By name of each table (all of one dataset): a version of each date with rows, another one whenever they are
        others.
        """

    def create_table(self, contract: Contract) -> None:
        """Create the table its contract declares."""

    def add_column(self, contract: Contract, column: str) -> None:
        """Add one column of the contract to the live table, NULL in rows that are there."""

    def create_view(self, name: str, sql: str) -> None:
        """Create or replace a view."""

    def create_function(self, name: str, arguments: Mapping[str, str], sql: str) -> None:
        """Create or replace a function that returns a SELECT's rows; `arguments` are the types of its parameters, in
        the order in which people give them.
        """

    def load_file(
        self,
        contract: Contract,
        path: Path,
        allow_missing: Sequence[str],
        taken: Taken = NOTHING_TAKEN,
        date_format: str | None = None,
    ) -> Loaded:
        """Replace the dates that the file holds, all or nothing; a folder's files are the parts of one.

        `date_format`, as strptime has it, reads dates that are not written as 2026-02-03.

        Raises LoadError, with nothing changed; a file that holds one of the dates `taken` is such an error too.
        """


class Warehouse(Protocol):
    """An engine. Open a session, do one thing, close it."""

    def session(
        self, read_only: bool = False, wait_seconds: float | None = None, run_id: str = ""
    ) -> AbstractContextManager[Session]:
        """A session; waits for whoever is writing, as long as the settings say or `wait_seconds`.

        `run_id` says whose work it is; an engine that labels its jobs says so.

        Raises WarehouseBusyError after that.
        """

    def table_versions(self, names: Sequence[str]) -> dict[str, str]:
        """A version of each table, by name (a raw table's bare, else `dataset.table`).

        Another one whenever it may have changed. Reads no table.
        """
