"""The Arrow types of a contract's columns.

What belongs here: which Arrow type holds every value of a column. What doesn't: converting rows (duckdb/rows.py,
reading/formats.py).
"""

import re
from collections.abc import Sequence

import pyarrow

from phase3_assets.catalog.contracts import Contract

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


def arrow_type(bigquery_type: str) -> pyarrow.DataType:
    """The Arrow type of a column with that type in its contract."""
    decimal = _DECIMAL.fullmatch(bigquery_type)
    return pyarrow.decimal128(int(decimal[1]), int(decimal[2])) if decimal else _TYPES[bigquery_type]


def arrow_schema(contract: Contract, columns: Sequence[str]) -> pyarrow.Schema:
    """The schema of these columns of the contract, in this order; each field carries the column's description."""
    found = [contract.column(name) for name in columns]
    return pyarrow.schema(
        [pyarrow.field(c.name, arrow_type(c.type), metadata={"description": c.description}) for c in found]
    )
