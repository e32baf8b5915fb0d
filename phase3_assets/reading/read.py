"""read(): published rows as a pandas or Arrow table.

What belongs here: the function's arguments, and how its result is handed out. What doesn't: which rows these are
(published.py).
"""

import warnings
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import pandas
import pyarrow

from phase3_assets.catalog.tables import published_table
from phase3_assets.reading.arguments import chosen, dates_of, moment_of, require_engine
from phase3_assets.reading.published import published
from phase3_assets.warehouse.interface import Warehouse

_MOST_NAMED = 5
_PANDAS_TYPES = {
    pyarrow.int64(): pandas.Int64Dtype(),
    pyarrow.float64(): pandas.Float64Dtype(),
    pyarrow.bool_(): pandas.BooleanDtype(),
    pyarrow.string(): pandas.StringDtype(),
}


class GamesLeftOutWarning(UserWarning):
    """Games of the dates are not in the rows, because no publication vouches for theirs; the message names them."""


def read(
    table: str,
    start: date | str,
    end: date | str | None = None,
    columns: Sequence[str] | None = None,
    engine: str = "pandas",
    as_of: datetime | str | None = None,
    warehouse: Warehouse | None = None,
) -> Any:
    """The published rows of a table from `start` to `end`, Eastern dates; without `end`, those of one date.

    Returns a pandas.DataFrame or, with engine="arrow", a pyarrow.Table. Both are sorted by date, game and key, and have
    the columns asked for, in that order (without `columns`, all of the contract). The Arrow table has exactly the types
    of the contract, a decimal for every NUMERIC. In the DataFrame a NUMERIC is a Float64, an INT64 an Int64, a DATE a
    datetime64, and a value that is missing is NA.

    `as_of` is a moment of the past: rows are then those that readers saw at that moment. It is a datetime with a zone,
    or a text such as 2026-02-03T22:15 (Eastern), 2026-02-04T03:15Z.

    A game is there with all of its rows, or not at all. Games of which it is not certain that their rows are those that
    were published, or against whose rows a failed check stands, are left out with a GamesLeftOutWarning.

    The warehouse is the one that the settings name, unless `warehouse` is given. Raises ConfigurationError for a table,
    column, engine, date or moment that cannot be used; WarehouseBusyError and the like where the warehouse cannot be
    read.
    """
    require_engine(engine)
    subject, (first, last), moment = published_table(table), dates_of(start, end), moment_of(as_of)
    found = published(chosen(warehouse), subject, first, last, columns, moment)
    if found.left_out:
        warnings.warn(left_out(table, found.left_out), GamesLeftOutWarning, stacklevel=2)
    return found.rows if engine == "arrow" else as_pandas(found.rows)


def left_out(table: str, games: dict[str, str]) -> str:
    """A sentence that names the games that are left out, the first few with their reasons."""
    named = [f"{game_id} ({reason})" for game_id, reason in list(games.items())[:_MOST_NAMED]]
    more = f" and {len(games) - _MOST_NAMED} more" if len(games) > _MOST_NAMED else ""
    noun = "game is" if len(games) == 1 else "games are"
    return (
        f"{len(games)} {noun} left out of {table}: {', '.join(named)}{more}. `phase3 status` says how each one stands"
    )


def as_pandas(rows: pyarrow.Table) -> pandas.DataFrame:
    """The rows with pandas' own types that can be missing: decimals as Float64, dates as datetime64."""
    fields = [
        field.with_type(pyarrow.float64()) if pyarrow.types.is_decimal(field.type) else field for field in rows.schema
    ]
    figures = rows.cast(pyarrow.schema(fields))
    return figures.to_pandas(types_mapper=_PANDAS_TYPES.get, date_as_object=False)
