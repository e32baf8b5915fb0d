"""An Arrow table as Parquet, CSV, NDJSON, JSON, or text that a person reads.

What belongs here: how each kind of value is written in each format. What doesn't: which rows these are, where a file
goes (export.py).

CSV: a value that is missing is empty, an empty text is "". A list is its JSON. NDJSON and JSON: a missing value is
null, a decimal a number, a date or moment a text in the form of ISO 8601.
"""

import json
import math
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, BinaryIO

import pyarrow
import pyarrow.csv
import pyarrow.parquet

from phase3_assets.errors import ConfigurationError

FORMATS = ("parquet", "csv", "ndjson")
_ROWS_AT_ONCE = 10_000
_WIDEST = 60


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
            yield json.dumps({name: _in_json(value) for name, value in row.items()}, ensure_ascii=False)


def as_text(rows: pyarrow.Table, most: int) -> list[str]:
    """The first `most` rows as the lines of a table, below the names of the columns; numbers stand to the right."""
    shown = rows.slice(0, most)
    columns = [[_in_text(value) for value in column.to_pylist()] for column in shown.columns]
    widths = [max(map(len, [name, *texts])) for name, texts in zip(rows.column_names, columns, strict=True)]
    right = [_is_number(field.type) for field in rows.schema]

    def line(texts: list[str]) -> str:
        cells = zip(texts, widths, right, strict=True)
        return "  ".join(
            text.rjust(width) if is_right else text.ljust(width) for text, width, is_right in cells
        ).rstrip()

    lines = [line(list(rows.column_names)), "  ".join("-" * width for width in widths)]
    return lines + [line([texts[number] for texts in columns]) for number in range(shown.num_rows)]


def _flat(rows: pyarrow.Table) -> pyarrow.Table:
    """The rows with every value that CSV has no form for as text."""
    for position, field in enumerate(rows.schema):
        if pyarrow.types.is_nested(field.type) or pyarrow.types.is_binary(field.type):
            values = rows.column(position).to_pylist()
            texts = [None if v is None else json.dumps(_in_json(v), ensure_ascii=False) for v in values]
            rows = rows.set_column(position, field.name, pyarrow.array(texts, pyarrow.string()))
    return rows


def _is_number(kind: pyarrow.DataType) -> bool:
    return bool(pyarrow.types.is_integer(kind) or pyarrow.types.is_floating(kind) or pyarrow.types.is_decimal(kind))


def _in_json(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, list):
        return [_in_json(item) for item in value]
    if isinstance(value, dict):
        return {name: _in_json(item) for name, item in value.items()}
    return value if value is None or isinstance(value, (str, int)) else str(value)


def _in_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return _moment(value)
    text = json.dumps(_in_json(value), ensure_ascii=False) if isinstance(value, (list, dict)) else str(value)
    text = "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)
    return text if len(text) <= _WIDEST else text[: _WIDEST - 3] + "..."


def _moment(value: datetime) -> str:
    return value.isoformat() if value.tzinfo is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")
