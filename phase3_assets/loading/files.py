"""Loading raw files: matching the files of a folder to raw tables, by name.

What belongs here: finding files and loading them one by one. What doesn't: reading a format (warehouse/).
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path

from phase3_assets.catalog.contracts import raw_contracts
from phase3_assets.errors import ConfigurationError, LoadError
from phase3_assets.suggestions import did_you_mean_or_all
from phase3_assets.warehouse.duckdb.files import ENDINGS, is_readable
from phase3_assets.warehouse.interface import Loaded, Warehouse


def load_raw(
    warehouse: Warehouse,
    folder: Path,
    tables: Sequence[str] = (),
    allow_missing: Sequence[str] = (),
    progress: Callable[[str, Path, Loaded], None] = lambda table, path, loaded: None,
    date_format: str | None = None,
    before: Callable[[Path, int, int], None] = lambda path, done, total: None,
) -> tuple[list[str], list[str]]:
    """Load every file of `folder` that is named after a raw table (any, or one of `tables`).

    A file replaces the dates that it holds. `nbac_schedule_2024.csv.gz` counts as named after nbac_schedule, and all
    files in a folder nbac_schedule/ count as one file. `allow_missing` names columns that a file may lack; they become
    NULL. `date_format` (in the notation of strptime) reads dates that are not written as 2026-02-03. `before` is called
    before each file, with how many files of how many are done; `progress` after each that loaded.

    A file loads whole or not at all; a file that fails does not stop the others. A file fails if it holds a date that
    an earlier file of its table has just replaced: otherwise the later file would silently win.
    Returns (failures, names of files that were not loaded because no wanted table has their name).
    Raises ConfigurationError for a folder, table or column that does not exist, and if there is nothing to load.
    """
    contracts = raw_contracts()
    unknown = [name for name in tables if name not in contracts]
    if unknown:
        raise ConfigurationError(f"no raw table {', '.join(unknown)}{did_you_mean_or_all(unknown[0], contracts)}")
    columns = {column.name for name in tables or contracts for column in contracts[name].columns}
    strange = [name for name in allow_missing if name not in columns]
    if strange:
        raise ConfigurationError(f"--allow-missing {', '.join(strange)}: no raw table has such a column")
    if not folder.is_dir():
        raise ConfigurationError(f"{folder} is not a folder")
    files = sorted(
        path
        for path in folder.iterdir()
        if is_readable(path) or (path.is_dir() and not path.suffix and path.name in contracts)
    )
    named = {path: table for path in files if (table := table_of(path, contracts))}
    chosen = {path: table for path, table in named.items() if not tables or table in tables}
    if not chosen:
        raise ConfigurationError(
            f"{folder} has no file named after a raw table ({', '.join(tables or contracts)}) "
            f"with one of the endings {' '.join(ENDINGS)}"
        )
    failures = []
    taken: dict[str, dict[date, str]] = {}
    with warehouse.session() as session:
        for done, (path, table) in enumerate(chosen.items()):
            before(path, done, len(chosen))
            held = taken.setdefault(table, {})
            try:
                loaded = session.load_file(contracts[table], path, allow_missing, held, date_format)
            except LoadError as error:
                failures.append(str(error))
            else:
                held.update(dict.fromkeys(loaded.days, path.name))
                progress(table, path, loaded)
    return failures, [path.name for path in files if path not in chosen]


def table_of(path: Path, tables: Iterable[str]) -> str | None:
    """The raw table that a file or folder is named after, or None: nbac_schedule for `nbac_schedule-2024.csv.gz`."""
    stem = path.name.split(".")[0].lower()
    return next((table for table in tables if re.fullmatch(rf"{table}([ _(-].*)?", stem)), None)
