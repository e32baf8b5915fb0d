"""Converting an Excel file to CSV; a cell whose meaning would be a guess is refused.

What belongs here: which sheet, and how each kind of cell is written. What doesn't: types and values
(duckdb/spellings.py).
"""

import csv
import zlib
from datetime import datetime, time, timedelta
from pathlib import Path
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from phase3_assets.errors import LoadError

SPREADSHEET_ENDINGS = (".xlsx",)
_DURATIONS_BEFORE = datetime(1901, 1, 1)
"""openpyxl returns a duration of more than a day as a date in 1900."""


def as_csv(path: Path, target: Path) -> None:
    """Write the file's only sheet with rows to `target`, as UTF-8 text.

    Raises LoadError, naming the cell, for a duration (36:12 is minutes to a person and hours to Excel), an error value,
    and a formula without its result. Raises LoadError also if no sheet or several sheets have rows, or if the file is
    damaged.
    """
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        values = load_workbook(path, read_only=True, data_only=True)
        formulas = load_workbook(path, read_only=True)
        for sheet in (*values.worksheets, *formulas.worksheets):
            sheet.reset_dimensions()  # some programs write sizes that are too small: rows would be lost
        names = [sheet.title for sheet in values.worksheets if any(map(any, sheet.iter_rows(values_only=True)))]
        if len(names) != 1:
            found = f"the sheets {', '.join(names)}" if names else "no sheet"
            raise LoadError(
                f"{path}: has {found} with rows; nothing was changed. Leave one, whose first row names the columns."
            )
        with target.open("w", encoding="utf-8", newline="") as file:
            writer, width = csv.writer(file), 0
            for row, texts in zip(values[names[0]].iter_rows(), formulas[names[0]].iter_rows(), strict=True):
                cells = [_text(path, cell, text.data_type == "f") for cell, text in zip(row, texts, strict=True)]
                if any(cells):
                    width = width or len(cells)
                    writer.writerow(cells + [""] * (width - len(cells)))
    except (BadZipFile, InvalidFileException, ParseError, KeyError, ValueError, EOFError, zlib.error) as error:
        reason = " ".join(str(error).split())[:200]
        raise LoadError(f"{path}: is no Excel file that can be read ({reason}); nothing was changed") from error


def _text(path: Path, cell: object, is_formula: bool) -> str:
    value, place = cell.value, getattr(cell, "coordinate", "")  # type: ignore[attr-defined]
    if value is None:
        if is_formula:
            raise LoadError(
                f"{path}: {place} is a formula without its result; nothing was changed. Open the file in a spreadsheet "
                "program and save it again."
            )
        return ""
    is_duration = isinstance(value, time | timedelta) or (isinstance(value, datetime) and value < _DURATIONS_BEFORE)
    if is_duration or cell.data_type == "e":  # type: ignore[attr-defined]
        what = "a time or duration, not text" if is_duration else f"the error {value}"
        raise LoadError(
            f"{path}: {place} is {what}; nothing was changed. Format the column as text and write it there."
        )
    return repr(value) if isinstance(value, float) else str(value)
