"""Recognising the format of a person's text file: compression, encoding, delimiter, quotes, the names in its header.

What belongs here: what a file's bytes reveal, and making a plain UTF-8 copy where DuckDB needs one. What doesn't: types
and values (duckdb/spellings.py), the contract (duckdb/files.py).
"""

import codecs
import csv
import gzip
import io
import shutil
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

from phase3_assets.errors import LoadError
from phase3_assets.warehouse.spreadsheets import SPREADSHEET_ENDINGS, as_csv

CSV_ENDINGS = (".csv", ".tsv", ".txt")
JSON_ENDINGS = (".json", ".ndjson", ".jsonl")
COMPRESSED_ENDINGS = (".gz", ".zst")
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_QUOTES = {'"': "double quotes", "'": "single quotes"}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8 with a byte order mark"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_CHUNK = 1 << 24


@dataclass(frozen=True)
class TextFile:
    """A plain UTF-8 file with what was recognised about the original."""

    path: Path
    delimiter: str = ","
    quote: str = '"'
    header: tuple[str, ...] = ()
    is_array: bool = False
    recognised: tuple[str, ...] = field(default=())
    """The unusual properties of the original, in words: `semicolons`, `UTF-16`, `gzip`."""


def ending(path: Path) -> str:
    """The ending that names the kind of file, without that of a compression: `.csv` for `rows.CSV.gz`."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in COMPRESSED_ENDINGS:
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def recognise(path: Path, names: Collection[str], folder: Path) -> TextFile:
    """The file as plain UTF-8 text; a copy in `folder` if it is an Excel sheet, compressed or in another encoding.

    `names` are the expected columns, in lower case; they identify the delimiter. Raises LoadError if the bytes are no
    text; OSError, EOFError or zlib.error if they cannot be read or decompressed.
    """
    said: list[str] = []
    if ending(path) in SPREADSHEET_ENDINGS:
        plain = folder / f"{len(list(folder.iterdir()))}.csv"
        as_csv(path, plain)
        delimiter, quote, header = _dialect(path, plain, names)
        return TextFile(plain, delimiter, quote, header, recognised=("an Excel sheet",))
    plain = _decompressed(path, folder, said)
    plain = _as_utf8(path, plain, folder, said)
    if ending(path) in JSON_ENDINGS:
        is_array = _first_letter(plain) == "["
        return TextFile(plain, is_array=is_array, recognised=(*said, *(["a JSON array"] if is_array else [])))
    delimiter, quote, header = _dialect(path, plain, names)
    if delimiter != ",":
        said.append(_DELIMITERS[delimiter])
    if quote != '"':
        said.append(_QUOTES[quote])
    return TextFile(plain, delimiter, quote, header, recognised=tuple(said))


def _decompressed(path: Path, folder: Path, said: list[str]) -> Path:
    kind = path.suffix.lower()
    if kind not in COMPRESSED_ENDINGS:
        return path
    target = folder / f"{len(list(folder.iterdir()))}.plain"
    said.append({".gz": "gzip", ".zst": "Zstandard"}[kind])
    with _opened(path, kind) as source, target.open("wb") as copy:
        shutil.copyfileobj(source, copy, _CHUNK)
    return target


def _opened(path: Path, kind: str) -> IO[bytes]:
    if kind == ".gz":
        return cast(IO[bytes], gzip.open(path, "rb"))
    import pyarrow

    return cast(IO[bytes], pyarrow.input_stream(str(path), compression="zstd"))


def _as_utf8(path: Path, plain: Path, folder: Path, said: list[str]) -> Path:
    with plain.open("rb") as file:
        start = file.read(4)
    for mark, encoding, words in _MARKS:
        if start.startswith(mark):
            said.append(words)
            return _copied(path, plain, folder, encoding)
    if _is_utf8(plain):
        return plain
    if not _is_latin(plain):
        raise LoadError(
            f"{path}: is neither UTF-8 text nor Latin-1 (bytes of a damaged or binary file); nothing was changed. "
            "Save it as UTF-8."
        )
    said.append("Latin-1")
    return _copied(path, plain, folder, "cp1252")


def _copied(path: Path, plain: Path, folder: Path, encoding: str) -> Path:
    target = folder / f"{len(list(folder.iterdir()))}.utf8"
    try:
        with (
            plain.open(encoding=encoding, newline="") as source,
            target.open("w", encoding="utf-8", newline="") as copy,
        ):
            shutil.copyfileobj(source, copy, _CHUNK)
    except UnicodeError as error:
        raise LoadError(
            f"{path}: is no {encoding} text ({error.reason if hasattr(error, 'reason') else error}); "
            "nothing was changed"
        ) from error
    return target


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in _chunks(path):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _is_latin(path: Path) -> bool:
    """Whether every byte beyond ASCII is a letter inside a word, and none starts a UTF-8 letter of several bytes.

    A damaged UTF-8 file fails this test: it has such starts, or bytes that are no letters. It is refused, not guessed.
    """
    for chunk in _chunks(path):
        try:
            text = chunk.decode("cp1252")
        except UnicodeDecodeError:
            return False
        if "\x00" in text or any(not letter.isalpha() for letter in set(text) if ord(letter) > 127):
            return False
        high = [place for place, byte in enumerate(chunk) if byte > 127]
        for place in high:
            if place + 1 < len(chunk) and 0x80 <= chunk[place + 1] < 0xC0 and chunk[place] >= 0xC2:
                return False
            if not text[max(0, place - 1) : place + 2].replace(text[place], "", 1).strip().isalpha():
                return False
    return True


def _first_letter(path: Path) -> str:
    for chunk in _chunks(path):
        text = chunk.lstrip()
        if text:
            return text[:1].decode("latin-1")
    return ""


def _dialect(path: Path, plain: Path, names: Collection[str]) -> tuple[str, str, tuple[str, ...]]:
    """The delimiter, quote and header with the most known columns; among equals, commas and double quotes win.

    Raises LoadError if the header cannot be read or the file is empty.
    """
    with plain.open(newline="", encoding="utf-8") as file:
        beginning = file.read(1 << 20)
    best: tuple[int, str, str, tuple[str, ...]] = (-1, ",", '"', ())
    for quote in _QUOTES:
        for delimiter in _DELIMITERS:
            try:
                row = next(csv.reader(io.StringIO(beginning, newline=""), delimiter=delimiter, quotechar=quote), [])
            except csv.Error as error:
                if (delimiter, quote) == (",", '"'):
                    raise LoadError(f"{path}: its header cannot be read ({error}); nothing was changed") from error
                continue
            known = sum(name.strip().lower() in names for name in row)
            if known > best[0]:
                best = (known, delimiter, quote, tuple(row))
    if not best[3]:
        raise LoadError(f"{path}: is empty; nothing was changed")
    return best[1], best[2], best[3]
