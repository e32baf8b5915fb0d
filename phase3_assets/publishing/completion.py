"""nba_phase3.phase3_completion: how far each date is, for whoever starts work on published rows.

What belongs here: the statement that derives it from the records, keeping it, reading it, and whether a date has
reached a threshold. What doesn't: what the figures mean (sql/completion), asking for runs (downstream/).

Nothing is decided by this table. A lost or damaged row is written anew by the next run or command that works on its
date.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from phase3_assets.catalog.parameters import date_parameters
from phase3_assets.catalog.queries import prepared, sql_text
from phase3_assets.catalog.tables import (
    PublishedTable,
    bookkeeping_contracts,
    completion_contract,
    published_table,
    published_tables,
)
from phase3_assets.clock import utc_now
from phase3_assets.publishing.work import Work
from phase3_assets.warehouse.interface import Answers, Query, Row, Session, Warehouse

_PLAYERS = "player_game_summary"
"""The table whose players have usage rates."""


@dataclass(frozen=True)
class Completion:
    """How far one date is: the columns of a row of phase3_completion that a decision to start work needs."""

    game_date: date
    games_scheduled: int
    games_expected: int
    """The games that are neither void nor waived."""
    games_complete: int
    tables_expected: int
    tables_complete: int
    missing: tuple[str, ...]
    """What is missing: game_id, table and reason, separated by blanks."""
    updated_at: datetime

    @classmethod
    def from_row(cls, row: Row) -> "Completion":
        """From a row of phase3_completion."""
        return cls(
            game_date=row["game_date"],
            games_scheduled=row["games_scheduled"],
            games_expected=row["games_scheduled"] - row["games_void"] - row["games_waived"],
            games_complete=row["games_complete"],
            tables_expected=row["tables_expected"],
            tables_complete=row["tables_complete"],
            missing=tuple(row["missing"]),
            updated_at=row["updated_at"],
        )

    def missing_in(self, tables: Collection[str]) -> tuple[str, ...]:
        """What is missing in these tables; in all tables, where none is named."""
        return tuple(line for line in self.missing if not tables or line.split(" ", 2)[1] in tables)

    def games_ready(self, tables: Collection[str] = ()) -> int:
        """How many of the expected games are complete in all of these tables (in every table, where none is named)."""
        return self.games_expected - len({line.split(" ", 1)[0] for line in self.missing_in(tables)})

    def has_reached(self, at_least: float, tables: Collection[str] = ()) -> bool:
        """Whether `at_least` percent of the expected games are complete in these tables.

        A game that is not over yet is expected and not complete, so that no work starts on a part of a date. A date
        that expects no game has reached every threshold.
        """
        return 100 * self.games_ready(tables) >= at_least * self.games_expected


def due_queries(start: date, end: date) -> dict[str, Query]:
    """The queries whose answers follow() needs, in a survey: what phase3_completion and its events lack by now."""
    parameters = {"start_date": start, "end_date": end, "moment": utc_now(), "run_id": ""}
    return {
        "completion_due": (completion_sql(), parameters),
        "completion_events_due": (sql_text("completion/events"), parameters),
    }


def follow(work: Work, answers: Answers) -> None:
    """Bring phase3_completion up to date for the work's dates, with its quality events, within the caller's unit.

    The session has surveyed these dates with due_queries(), whose answers are in `answers`, and has written their
    records and states since. Where it has written nothing and nothing was due, nothing is done.
    """
    session = work.session
    if not (session.has_written or answers["completion_due"] or answers["completion_events_due"]):
        return
    parameters = {"start_date": work.start, "end_date": work.end, "moment": work.now(), "run_id": work.run_id}
    session.merge(completion_contract(), completion_sql(), parameters)
    session.merge(bookkeeping_contracts()["data_quality_events"], sql_text("completion/events"), parameters)


def read_completion(session: Session, start: date, end: date) -> list[Row]:
    """The rows of phase3_completion from `start` to `end`, by date; a date that no run has worked on has none."""
    contract = completion_contract()
    rows = session.query(
        f"SELECT {', '.join(contract.column_names)} FROM {contract.full_name} "
        "WHERE game_date BETWEEN @start_date AND @end_date",
        {"start_date": start, "end_date": end},
    )
    return sorted(rows, key=lambda row: str(row["game_date"]))


def is_in_schedule(session: Session, day: date) -> bool:
    """Whether the loaded schedule spans the date, with games of its season before or on it and after or on it.

    Only then does a date without games have none. Otherwise nobody has loaded its schedule yet.
    """
    (row,) = session.query(
        "SELECT COALESCE(MIN(game_date) <= @day AND MAX(game_date) >= @day, FALSE) AS is_spanned "
        "FROM nba_raw.nbac_schedule WHERE game_date BETWEEN @season_start_date AND @season_end_date",
        {"day": day, **date_parameters(day, day)},
    )
    return bool(row["is_spanned"])


def completion_of(warehouse: Warehouse, start: date, end: date) -> list[Row]:
    """read_completion() in a session of its own."""
    with warehouse.session(read_only=True) as session:
        return read_completion(session, start, end)


@cache
def completion_sql() -> str:
    """completion/select.sql, with the relations that it names without a dataset: the rows that are to be written."""
    tables = published_tables()
    relations = {
        "latest_publications": sql_text("bookkeeping/queries/latest_publications"),
        "active_interventions": sql_text("bookkeeping/queries/active_interventions"),
        "published_tables": "\nUNION ALL\n".join(_as_row(place, table) for place, table in enumerate(tables)),
        "present_rows": "\nUNION ALL\n".join(_present_rows(table) for table in tables),
        "audited": f"SELECT * FROM {_of_dates(published_table(_PLAYERS))}",
        "game_coverage": sql_text(f"tables/{_PLAYERS}/measures/game_coverage"),
    }
    named = ",\n".join(f"{name} AS (\n{text}\n)" for name, text in relations.items())
    return prepared(f"WITH {named}\nSELECT * FROM (\n{sql_text('completion/select')}\n) AS completion")


def _as_row(place: int, table: PublishedTable) -> str:
    is_optional = str(table.contract.has_optional_rows).upper()
    return (
        f"SELECT {place} AS place, '{table.name}' AS table_name, '{table.phase}' AS phase, "
        f"{is_optional} AS has_optional_rows"
    )


def _present_rows(table: PublishedTable) -> str:
    return (
        f"SELECT '{table.name}' AS table_name, {table.contract.partition} AS game_date, game_id, COUNT(*) AS row_count "
        f"FROM {_of_dates(table)} GROUP BY {table.contract.partition}, game_id"
    )


def _of_dates(table: PublishedTable) -> str:
    return f"{table.contract.full_name} WHERE {table.contract.partition} BETWEEN @start_date AND @end_date"
