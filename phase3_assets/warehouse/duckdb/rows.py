"""Converting Python's rows to an Arrow table for the embedded warehouse: it takes a fifth of the time of JSON.

What belongs here: turning rows into columns. What doesn't: the Arrow type of a column (warehouse/arrow.py), inserting
rows (warehouse.py).
"""

from collections.abc import Sequence

import pyarrow

from phase3_assets.catalog.contracts import Contract
from phase3_assets.warehouse.arrow import arrow_type
from phase3_assets.warehouse.interface import Row


def as_arrow(contract: Contract, rows: Sequence[Row]) -> pyarrow.Table:
    """The rows as a table with the contract's columns; a column that a row lacks is NULL.

    If a column has a value of another type than its own, such as 12.0 for INT64 or 1 for NUMERIC, all its values become
    text, and the engine casts them.
    """
    return pyarrow.table({c.name: _column([row.get(c.name) for row in rows], c.type) for c in contract.columns})


def _column(values: list[object], bigquery_type: str) -> pyarrow.Array:
    try:
        return pyarrow.array(values, arrow_type(bigquery_type))
    except (pyarrow.ArrowInvalid, pyarrow.ArrowTypeError):
        return pyarrow.array([None if value is None else str(value) for value in values], pyarrow.string())
