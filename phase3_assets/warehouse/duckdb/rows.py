"""Converting Python's rows to an Arrow table for the embedded warehouse: it takes a fifth of the time of JSON.

What belongs here: the Arrow type of a column, and turning rows into columns. What doesn't: inserting them
(warehouse.py).
"""

import re
from collections.abc import Sequence

import pyarrow

from phase3_assets.catalog.contracts import Contract
from phase3_assets.warehouse.interface import Row

_TYPES = {
    "STRING": pyarrow.string(),
    "INT64": pyarrow.int64(),
    "FLOAT64": pyarrow.float64(),
    "BOOL": pyarrow.bool_(),
    "DATE": pyarrow.date32(),
    "TIMESTAMP": pyarrow.timestamp("us", "UTC"),
    "ARRAY<STRING>": pyarrow.list_(pyarrow.string()),
}
_DECIMAL = re.compile(r"NUMERIC\((\d+),(\d+)\)")


def as_arrow(contract: Contract, rows: Sequence[Row]) -> pyarrow.Table:
    """The rows as a table with the contract's columns; a column that a row lacks is NULL.

    If a column has a value of another type than its own, such as 12.0 for INT64 or 1 for NUMERIC, all its values become
    text, and the engine casts them.
    """
    return pyarrow.table({c.name: _column([row.get(c.name) for row in rows], c.type) for c in contract.columns})


def _column(values: list[object], bigquery_type: str) -> pyarrow.Array:
    decimal = _DECIMAL.fullmatch(bigquery_type)
    try:
        return pyarrow.array(
            values, pyarrow.decimal128(int(decimal[1]), int(decimal[2])) if decimal else _TYPES[bigquery_type]
        )
    except (pyarrow.ArrowInvalid, pyarrow.ArrowTypeError):
        return pyarrow.array([None if value is None else str(value) for value in values], pyarrow.string())
