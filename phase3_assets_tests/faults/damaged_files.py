"""Damaging a raw file: what arrives is not quite, or not at all, a file of the table it is named after.

What belongs here: damage to bytes, text, columns and types. What doesn't: rows that are wrong in a file that is right
(wrong_rows.py), running cases (fuzzing.py).
"""

import codecs
import gzip
import json
import random
from collections.abc import Callable
from pathlib import Path

from phase3_assets.catalog.contracts import raw_contracts
from phase3_assets.demo.season import Row
from phase3_assets_tests.support.files import as_csv, as_ndjson, write_parquet

FORMATS = (".csv", ".ndjson", ".parquet")
_OTHER_TYPES = ("VARCHAR", "DOUBLE", "DECIMAL(18,3)", "BOOLEAN", "DATE", "TIMESTAMP", "BIGINT[]", "UBIGINT", "HUGEINT")


def spoil(generator: random.Random, folder: Path, table: str, rows: list[Row]) -> str:
    """Write the rows into `folder` as a damaged file of `table`; returns what was done, in words."""
    suffix = generator.choice(FORMATS)
    columns = raw_contracts()[table].column_names
    whole = [{name: row.get(name) for name in columns} for row in rows]
    path = folder / f"{table}{suffix}"
    if suffix != ".parquet" and generator.random() < 0.5:
        name = generator.choice(list(_ROWS))
        whole = _ROWS[name](generator, whole)
        path.write_bytes(_content(generator, path, table, whole))
    elif suffix == ".parquet" and generator.random() < 0.5:
        column = generator.choice(columns)
        kind = generator.choice(_OTHER_TYPES)
        plain = [{**row, column: None if kind.endswith("]") else _plain(kind, row[column])} for row in whole]
        write_parquet(path, plain, table, **{column: kind})
        name = f"{column} as {kind}"
    else:
        content = _content(generator, path, table, whole)
        name = generator.choice(list(_BYTES if suffix == ".parquet" else {**_BYTES, **_TEXT}))
        path.write_bytes({**_BYTES, **_TEXT}[name](generator, content))
    return f"{path.name}: {name}"


def _content(generator: random.Random, path: Path, table: str, rows: list[Row]) -> bytes:
    if path.suffix == ".parquet":
        write_parquet(path, rows, table)
        return path.read_bytes()
    return (as_csv(rows) if path.suffix == ".csv" else as_ndjson(rows)).encode("utf-8", "surrogatepass")


def _plain(kind: str, value: object) -> object:
    """A value that the type can hold."""
    if kind == "VARCHAR" or value is None:
        return None if value is None else str(value)
    return {"BOOLEAN": True, "DATE": "2025-01-01", "TIMESTAMP": "2025-01-01 00:00:00"}.get(kind, 7)


def _flipped(generator: random.Random, content: bytes) -> bytes:
    bent = bytearray(content)
    for _ in range(generator.choice((1, 3, 20))):
        bent[generator.randrange(len(bent))] = generator.randrange(256)
    return bytes(bent)


def _cut_out(generator: random.Random, content: bytes) -> bytes:
    start = generator.randrange(len(content))
    return content[:start] + content[start + generator.choice((1, 10, 500)) :]


def _inserted(generator: random.Random, content: bytes) -> bytes:
    position = generator.randrange(len(content))
    piece = generator.choice(
        (b'"', b'""', b"'", b",", b";", b"\n", b"\r", b"\0", b"\\", b"\xff\xfe", b"NaN", b"{", b"}")
    )
    return content[:position] + piece + content[position:]


def _lines(generator: random.Random, content: bytes) -> bytes:
    """Lines in another order, the header too where there is one."""
    lines = content.splitlines(keepends=True)
    generator.shuffle(lines)
    return b"".join(lines)


_BYTES: dict[str, Callable[[random.Random, bytes], bytes]] = {
    "cut short": lambda generator, content: content[: generator.randrange(len(content))],
    "a head cut off": lambda generator, content: content[generator.randrange(1, len(content)) :],
    "zero bytes": lambda generator, content: b"",
    "flipped bytes": _flipped,
    "a piece cut out": _cut_out,
    "something inserted": _inserted,
    "twice": lambda generator, content: content + content,
    "zeros": lambda generator, content: b"\0" * len(content),
    "noise": lambda generator, content: generator.randbytes(1000),
    "a web page": lambda generator, content: b"<!DOCTYPE html><html><body>503 Service Unavailable</body></html>",
    "gzip": lambda generator, content: gzip.compress(content),
    "as it was": lambda generator, content: content,
}
_TEXT: dict[str, Callable[[random.Random, bytes], bytes]] = {
    "a byte order mark": lambda generator, content: codecs.BOM_UTF8 + content,
    "two byte order marks": lambda generator, content: codecs.BOM_UTF8 * 2 + content,
    "UTF-16": lambda generator, content: content.decode().encode("utf-16"),
    "Latin-1": lambda generator, content: content.decode().encode("latin-1", "replace"),
    "semicolons": lambda generator, content: content.replace(b",", b";"),
    "tabs": lambda generator, content: content.replace(b",", b"\t"),
    "single quotes": lambda generator, content: content.replace(b'"', b"'"),
    "no quotes": lambda generator, content: content.replace(b'"', b""),
    "carriage returns only": lambda generator, content: content.replace(b"\r\n", b"\n").replace(b"\n", b"\r"),
    "line feeds only": lambda generator, content: content.replace(b"\r\n", b"\n"),
    "blank lines": lambda generator, content: content.replace(b"\n", b"\n\n"),
    "no first line": lambda generator, content: content.partition(b"\n")[2],
    "the first line twice": lambda generator, content: content.partition(b"\n")[0] + b"\n" + content,
    "the first line only": lambda generator, content: content.partition(b"\n")[0] + b"\n",
    "lines in another order": _lines,
    "one line": lambda generator, content: content.replace(b"\n", b" "),
    "a JSON array": lambda generator, content: b"[" + content.replace(b"\n", b",").rstrip(b",") + b"]",
    "numbers with fractions": lambda generator, content: content.replace(b"1,", b"1.0,"),
    "NaN for null": lambda generator, content: content.replace(b"null", b"NaN"),
    "escaped quotes": lambda generator, content: content.replace(b'"', b'\\"'),
    "lone surrogates": lambda generator, content: content.replace(b"Final", b"Fi\\ud800nal").replace(
        b":", b"\\ud800:", 1
    ),
    "capitals": lambda generator, content: content.upper(),
}


def _renamed(generator: random.Random, rows: list[Row]) -> list[Row]:
    name = generator.choice(list(rows[0]))
    other = generator.choice((name.upper(), f" {name}", f"{name}?", "", 'na"me', "x" * 300, "ｇame_id", f"{name}'"))
    return [{(other if key == name else key): value for key, value in row.items()} for row in rows]


def _without(generator: random.Random, rows: list[Row]) -> list[Row]:
    name = generator.choice(list(rows[0]))
    return [{key: value for key, value in row.items() if key != name} for row in rows]


def _exchanged(generator: random.Random, rows: list[Row]) -> list[Row]:
    """The names of two columns change places."""
    one, other = generator.sample(list(rows[0]), 2)
    names = {one: other, other: one}
    return [{names.get(key, key): value for key, value in row.items()} for row in rows]


def _typed(generator: random.Random, rows: list[Row]) -> list[Row]:
    """A value of another kind in one row."""
    row = generator.choice(rows)
    values = (
        "text",
        1.5,
        -1,
        10**30,
        True,
        "",
        "02/03/2026",
        "2026-02-30",
        "0001-01-01",
        "9999-12-31",
        "Infinity",
        " 7 ",
    )
    row[generator.choice(list(row))] = generator.choice(values)
    return rows


def _nested(generator: random.Random, rows: list[Row]) -> list[Row]:
    row = generator.choice(rows)
    name = generator.choice(list(row))
    row[name] = json.dumps([row[name], {"a": 1}], default=str) if generator.random() < 0.5 else "[]"
    return rows


def _far(generator: random.Random, rows: list[Row]) -> list[Row]:
    generator.choice(rows)["game_date"] = generator.choice(("1900-01-01", "2500-01-01", "1946-11-01", "10000-01-01"))
    return rows


_ROWS: dict[str, Callable[[random.Random, list[Row]], list[Row]]] = {
    "a column renamed": _renamed,
    "a column missing": _without,
    "two columns exchanged": _exchanged,
    "a value of another kind": _typed,
    "a nested value": _nested,
    "a date out of range": _far,
    "a column more": lambda generator, rows: [{**row, "more": position} for position, row in enumerate(rows)],
    "a null where none may be": lambda generator, rows: [{**rows[0], "game_id": None}, *rows[1:]],
}
