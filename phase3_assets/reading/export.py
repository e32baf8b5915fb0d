"""export(): published rows as a file, whole or not at all.

What belongs here: which format a file's name asks for, and putting the file in its place. What doesn't: the formats
themselves (formats.py), which rows these are (published.py).
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from phase3_assets.catalog.tables import published_table
from phase3_assets.errors import ConfigurationError
from phase3_assets.files import whole_file
from phase3_assets.reading.arguments import chosen, dates_of, moment_of
from phase3_assets.reading.formats import FORMATS, write
from phase3_assets.reading.published import published
from phase3_assets.warehouse.interface import Warehouse


@dataclass(frozen=True)
class Exported:
    """What is in the file."""

    rows: int
    left_out: dict[str, str]
    """Games that are not in it: game_id to the reason."""


def export(
    table: str,
    start: date | str,
    end: date | str,
    path: Path | str,
    columns: Sequence[str] | None = None,
    as_of: datetime | str | None = None,
    overwrite: bool = False,
    warehouse: Warehouse | None = None,
) -> Exported:
    """Write published rows to a file whose ending says the format: .parquet, .csv or .ndjson.

    The arguments are those of read(). The file appears when it is complete and on the disk; a kill before that leaves
    what was there. Games that read() leaves out are not in it, and are named in the result.

    Raises ConfigurationError, with nothing written, for a file that cannot be written or, unless `overwrite`, exists,
    and as read() does; OSError where the disk does not take the file.
    """
    path = Path(path)
    kind = format_of(path)
    _require_writable(path, overwrite)
    subject, (first, last), moment = published_table(table), dates_of(start, end), moment_of(as_of)
    found = published(chosen(warehouse), subject, first, last, columns, moment)
    try:
        with whole_file(path, overwrite) as file:
            write(found.rows, kind, file)
    except FileExistsError as error:
        raise ConfigurationError(_exists(path)) from error
    return Exported(found.rows.num_rows, found.left_out)


def format_of(path: Path) -> str:
    """The format that the file's name asks for. Raises ConfigurationError where it names none."""
    kind = path.suffix.lower().removeprefix(".")
    if kind not in FORMATS:
        raise ConfigurationError(f"{path}: the ending says the format, and can be .{', .'.join(FORMATS)}")
    return kind


def _require_writable(path: Path, overwrite: bool) -> None:
    """Raise ConfigurationError where it is plain before any work that the file cannot be written."""
    if not path.parent.is_dir():
        raise ConfigurationError(f"{path}: there is no folder {path.parent}; make it first")
    if path.is_symlink() and not path.exists():
        raise ConfigurationError(f"{path} is a link to a file that does not exist; nothing was written")
    if path.exists() and not path.is_file():
        raise ConfigurationError(f"{path} is no ordinary file; nothing was written")
    if path.exists() and not overwrite:
        raise ConfigurationError(_exists(path))
    if not os.access(path.parent, os.W_OK):
        raise ConfigurationError(f"{path}: this user may not write to the folder {path.parent}; nothing was written")


def _exists(path: Path) -> str:
    return f"{path} exists already and was left as it is; --force (in Python, overwrite=True) replaces it"
