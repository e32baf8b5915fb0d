"""The rows of a published table that a publication vouches for, and the games that are left out, with the reason.

What belongs here: which rows a reader of this package gets. What doesn't: their shape (read.py, formats.py), what
readers saw in the past (publishing/as_of.py, which this asks for it).

A game is there with all of its rows or not at all. It is left out when its rows are not exactly those that its latest
decision shows (somebody wrote to the table by hand), or when a failed check or drift is recorded against them. All this
is decided by one SELECT, so that a publication in the midst of it cannot show a half of itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

import pyarrow
import pyarrow.compute

from phase3_assets.catalog.contracts import Contract
from phase3_assets.catalog.queries import prepared
from phase3_assets.catalog.tables import PublishedTable, published_table
from phase3_assets.errors import ConfigurationError
from phase3_assets.publishing.as_of import as_of
from phase3_assets.publishing.vocabulary import Outcome
from phase3_assets.suggestions import did_you_mean
from phase3_assets.warehouse.arrow import arrow_schema, arrow_type
from phase3_assets.warehouse.interface import Row, Warehouse

_OF_GAME = "PARTITION BY published.game_date_of_row, published.game_id"


@dataclass(frozen=True)
class Published:
    """Rows of a published table."""

    rows: pyarrow.Table
    """The columns asked for, in the types of the contract, sorted by date, game and key."""
    left_out: dict[str, str]
    """Games that have rows, or had, of which none is in `rows`: game_id to the reason."""


def published(
    warehouse: Warehouse,
    table: PublishedTable,
    start: date,
    end: date,
    columns: Sequence[str] | None = None,
    moment: datetime | None = None,
) -> Published:
    """The table's published rows from `start` to `end`: now, or as readers saw them at `moment`.

    Raises ConfigurationError for columns that the table does not have, and for a moment that is still to come.
    """
    contract = table.contract
    wanted = _columns(contract, columns)
    if moment is not None:
        seen = as_of(warehouse, table, start, moment, end)
        return Published(_in_order(contract, _of_rows(contract, seen.rows)).select(wanted), seen.unknown)
    with warehouse.session(read_only=True) as session:
        found = session.arrow(published_sql(table.name, wanted), {"start_date": start, "end_date": end})
    is_left_out = pyarrow.compute.is_valid(found["left_out"])
    out = found.filter(is_left_out)
    left_out = dict(sorted(zip(out["game_of_row"].to_pylist(), out["left_out"].to_pylist(), strict=True)))
    kept = found.filter(pyarrow.compute.invert(is_left_out))
    needed = list(dict.fromkeys([*wanted, *_order(contract)]))
    typed = kept.select(needed).cast(arrow_schema(contract, needed))
    return Published(_in_order(contract, typed).select(wanted), left_out)


@cache
def published_sql(table_name: str, columns: tuple[str, ...]) -> str:
    """SQL for the rows from @start_date to @end_date, each with what it is left out for: NULL where nothing is.

    `columns` must be columns of the contract. A game whose rows are all gone is one row of NULLs with a reason.
    """
    contract = published_table(table_name).contract
    needed = dict.fromkeys([*columns, *_order(contract)])
    shown = ",\n  ".join(f"published.{name}" for name in needed)
    return prepared(f"""SELECT
  {shown},
  COALESCE(published.game_id, decision.game_id) AS game_of_row,
  CASE
    WHEN decision.game_id IS NULL OR decision.row_count = 0
      THEN 'no publication wrote its rows: somebody inserted them by hand, or a publication is under way'
    WHEN published.game_id IS NULL THEN 'its published rows are gone: somebody deleted them by hand'
    WHEN COUNT(*) OVER ({_OF_GAME}) <> decision.row_count
      OR NOT LOGICAL_AND(
        published.is_unchanged AND COALESCE(published.publication_id = decision.visible_publication_id, FALSE)
      ) OVER ({_OF_GAME})
      THEN 'its rows are not those that were published: somebody changed them by hand, or a publication is under way'
    WHEN decision.published_rows_failing IS NOT NULL OR decision.outcome = '{Outcome.CHECK_FAILED}'
      THEN COALESCE(decision.reason, decision.published_rows_failing)
  END AS left_out
FROM (
  SELECT
    target.*, target.{contract.partition} AS game_date_of_row,
    COALESCE(target.data_hash = {contract.row_hash("target")}, FALSE) AS is_unchanged
  FROM {contract.full_name} AS target
  WHERE target.{contract.partition} BETWEEN @start_date AND @end_date
) AS published
FULL OUTER JOIN (
  SELECT game_date, game_id, outcome, reason, published_rows_failing, row_count, visible_publication_id
  FROM nba_phase3.publications
  WHERE table_name = '{table_name}' AND game_date BETWEEN @start_date AND @end_date
  QUALIFY ROW_NUMBER() OVER (PARTITION BY game_date, game_id ORDER BY finished_at DESC, publication_id DESC) = 1
) AS decision
  ON decision.game_date = published.game_date_of_row AND decision.game_id = published.game_id
WHERE published.game_id IS NOT NULL OR decision.row_count > 0""")


def _columns(contract: Contract, columns: Sequence[str] | None) -> tuple[str, ...]:
    """The columns asked for, all of them by default. Raises ConfigurationError for names that cannot be used."""
    if columns is None:
        return contract.column_names
    if isinstance(columns, str):
        raise ConfigurationError(f"columns is the text {columns!r}; it is a list of names, as in [{columns!r}]")
    unknown = [name for name in columns if name not in contract.column_names]
    if unknown:
        raise ConfigurationError(
            f"{contract.name} has no column {', '.join(map(repr, unknown))}; `phase3 describe {contract.name}` lists "
            f"its columns{did_you_mean(unknown[0], contract.column_names)}"
        )
    if len(set(columns)) < len(columns) or not columns:
        raise ConfigurationError(f"columns is {list(columns)!r}; name at least one column, and each of them once")
    return tuple(columns)


def _order(contract: Contract) -> tuple[str, ...]:
    return tuple(dict.fromkeys((contract.partition, "game_id", *contract.key)))


def _in_order(contract: Contract, rows: pyarrow.Table) -> pyarrow.Table:
    return rows.sort_by([(name, "ascending") for name in _order(contract)])


def _of_rows(contract: Contract, rows: Sequence[Row]) -> pyarrow.Table:
    """Rows as a table with every column of the contract."""
    arrays = [pyarrow.array([row[c.name] for row in rows], arrow_type(c.type)) for c in contract.columns]
    return pyarrow.Table.from_arrays(arrays, schema=arrow_schema(contract, contract.column_names))
