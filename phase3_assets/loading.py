"""Loading raw files: which files of a folder belong to which raw table.

What belongs here: finding files and loading them one by one. What doesn't: reading a format (warehouse/).
"""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from phase3_assets.contracts import raw_contracts
from phase3_assets.errors import ConfigurationError, LoadError
from phase3_assets.warehouse import Loaded, Warehouse

SUFFIXES = (".parquet", ".csv", ".ndjson", ".jsonl")


def load_raw(
    warehouse: Warehouse,
    folder: Path,
    tables: Sequence[str] = (),
    allow_missing: Sequence[str] = (),
    progress: Callable[[str, Path, Loaded], None] = lambda table, path, loaded: None,
) -> tuple[list[str], list[str]]:
    """Load every file of `folder` named after a raw table (all of them, or `tables`); each replaces its own dates.

    A file loads whole or not at all; one that fails stops no other. A file holding a date that an earlier file of its
    table has just replaced fails: the later would silently win. Returns (failures, file names passed over).
    Raises ConfigurationError for a folder, table or column that does not exist, and where there is nothing to load.
    """
    contracts = raw_contracts()
    unknown = [name for name in tables if name not in contracts]
    if unknown:
        raise ConfigurationError(f"no raw table {', '.join(unknown)}; there are {', '.join(contracts)}")
    columns = {column.name for name in tables or contracts for column in contracts[name].columns}
    strange = [name for name in allow_missing if name not in columns]
    if strange:
        raise ConfigurationError(f"--allow-missing {', '.join(strange)}: no raw table has such a column")
    if not folder.is_dir():
        raise ConfigurationError(f"{folder} is not a folder")
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    chosen = [path for path in files if path.stem in contracts and (not tables or path.stem in tables)]
    if not chosen:
        raise ConfigurationError(
            f"{folder} has no file named after a raw table ({', '.join(tables or contracts)}) "
            f"with one of the endings {' '.join(SUFFIXES)}"
        )
    failures = []
    taken: dict[str, dict[date, str]] = {}
    with warehouse.session() as session:
        for path in chosen:
            held = taken.setdefault(path.stem, {})
            try:
                loaded = session.load_file(contracts[path.stem], path, allow_missing, held)
            except LoadError as error:
                failures.append(str(error))
            else:
                held.update(dict.fromkeys(loaded.days, path.name))
                progress(path.stem, path, loaded)
    return failures, [path.name for path in files if path not in chosen]
