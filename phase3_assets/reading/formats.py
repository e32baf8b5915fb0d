"""An Arrow table as Parquet, CSV, NDJSON, JSON, or text that a person reads.

What belongs here: how each kind of value is written in each format. What doesn't: which rows these are, where a file
goes (export.py).

CSV: a value that is missing is empty, an empty text is "". A list is its JSON. NDJSON and JSON: a missing value is
null; the other values are written as json_values.py says.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO

import pyarrow
import pyarrow.csv
import pyarrow.parquet

from phase3_assets.errors import ConfigurationError
from phase3_assets.json_values import in_json, moment_text

FORMATS = ("parquet", "csv", "ndjson")
_ROWS_AT_ONCE = 10_000


def write(rows: pyarrow.Table, kind: str, file: BinaryIO) -> None:
    """Write the rows to an open file in one of FORMATS."""
    if kind == "parquet":
        pyarrow.parquet.write_table(rows, file)
    elif kind == "csv":
        pyarrow.csv.write_csv(_flat(rows), file)
    else:
        for line in json_lines(rows):
            file.write(line.encode() + b"\n")


def json_lines(rows: pyarrow.Table) -> Iterator[str]:
    """Each row as a JSON object. Raises ConfigurationError where two columns have one name."""
    names = rows.column_names
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigurationError(f"two columns are called {', '.join(twice)}: give them names of their own, with AS")
    for batch in rows.to_batches(max_chunksize=_ROWS_AT_ONCE):
        for row in batch.to_pylist():
            yield json.dumps(in_json(row), ensure_ascii=False)


def as_text(rows: pyarrow.Table) -> list[str]:
    """The rows as the lines of a table, below the names of the columns; numbers stand to the right."""
    columns = as_texts(rows)
    widths = [max(map(len, [name, *texts])) for name, texts in zip(rows.column_names, columns, strict=True)]
    right = [is_number(field.type) for field in rows.schema]

    def line(texts: list[str]) -> str:
        cells = zip(texts, widths, right, strict=True)
        return "  ".join(
            text.rjust(width) if is_right else text.ljust(width) for text, width, is_right in cells
        ).rstrip()

    lines = [line(list(rows.column_names)), "  ".join("-" * width for width in widths)]
    return lines + [line([texts[number] for texts in columns]) for number in range(rows.num_rows)]


def as_texts(rows: pyarrow.Table) -> list[list[str]]:
    """The values of each column as a person reads them."""
    return [[_in_text(value) for value in column.to_pylist()] for column in rows.columns]


def _flat(rows: pyarrow.Table) -> pyarrow.Table:
    """The rows with every value that CSV has no form for as text."""
    for position, field in enumerate(rows.schema):
        if pyarrow.types.is_nested(field.type) or pyarrow.types.is_binary(field.type):
            values = rows.column(position).to_pylist()
            texts = [None if v is None else json.dumps(in_json(v), ensure_ascii=False) for v in values]
            rows = rows.set_column(position, field.name, pyarrow.array(texts, pyarrow.string()))
    return rows


def is_number(kind: pyarrow.DataType) -> bool:
    """Whether the values of the type are numbers."""
    return bool(pyarrow.types.is_integer(kind) or pyarrow.types.is_floating(kind) or pyarrow.types.is_decimal(kind))


def _in_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return moment_text(value)
    text = json.dumps(in_json(value), ensure_ascii=False) if isinstance(value, (list, dict)) else str(value)
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)
