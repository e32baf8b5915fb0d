"""What readers of a table saw at a moment.

What belongs here: asking for it, and naming the games for which it is unknown. What doesn't: the texts, which the
tables' functions for a console share (catalog/versions.py); putting earlier rows back (rollback.py).

The limits of the answer:

* It shows what publications wrote. A game's rows of that moment are shown only where all of them are kept and their
  content is what their publication recorded. Otherwise the game is named with the reason, and none of its rows is
  shown. The reasons: `phase3 prune` deleted the rows; the rows were changed, added or deleted by hand, before or after
  the moment; the rows were there before anything was recorded.
* Two things leave no trace: a change by hand that was taken back by hand, and rows inserted beside a game's own and
  removed again. The publication's rows are shown then, although readers saw others for a while.
* A publication counts from the moment on its record, which is taken just before its rows are written. For as long as
  that one write takes (well under a second on DuckDB, seconds on BigQuery) readers saw the version before.
* Moments come from the clocks of the machines that published. Where a clock was ahead, its publications count from the
  moment that it showed.
"""

from dataclasses import dataclass
from datetime import date, datetime

from phase3_assets.catalog.parameters import date_parameters
from phase3_assets.catalog.queries import prepared
from phase3_assets.catalog.tables import PublishedTable
from phase3_assets.catalog.versions import rows_sql, unknown_sql
from phase3_assets.clock import utc_now
from phase3_assets.errors import ConfigurationError
from phase3_assets.warehouse.interface import Row, Warehouse
from phase3_assets.warehouse.schema import check_schema


@dataclass(frozen=True)
class AsOf:
    """Dates of a table as readers saw them at a moment."""

    rows: list[Row]
    """Every column in the table's order, sorted by game and key."""
    unknown: dict[str, str]
    """Games for which it is unknown what readers saw: game_id to the reason. `rows` has none of their rows."""


def as_of(warehouse: Warehouse, table: PublishedTable, start: date, moment: datetime, end: date | None = None) -> AsOf:
    """The rows from `start` to `end` (without it, of `start` alone) as readers of the table saw them at `moment`.

    `moment` is a datetime with a zone.

    Raises ConfigurationError for a moment in the future.
    """
    now = utc_now()
    if moment > now:
        raise ConfigurationError(f"{moment:%Y-%m-%d %H:%M:%S %Z} is still to come: it is {now:%Y-%m-%d %H:%M:%S} UTC")
    parameters = {**date_parameters(start, end or start), "table_name": table.name, "moment": moment}
    with warehouse.session(read_only=True) as session:
        check_schema(session)
        answers = session.query_all(
            {"rows": (prepared(rows_sql(table)), parameters), "unknown": (unknown_sql(table), parameters)}, table.name
        )
    unknown = {row["game_id"]: row["reason"] for row in sorted(answers["unknown"], key=lambda row: row["game_id"])}
    key = ("game_id", *table.contract.key)
    rows = [row for row in answers["rows"] if row["game_id"] not in unknown]
    return AsOf(sorted(rows, key=lambda row: tuple(str(row[name]) for name in key)), unknown)
