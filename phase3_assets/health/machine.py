"""Disk and backups.

What belongs here: what the machine tells without anybody's help. What doesn't: Dagster (running.py).
"""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from phase3_assets.health.line import Line, Verdict, bad, good
from phase3_assets.settings.locations import Settings
from phase3_assets.settings.operation import Backups, Operation

GIB = 1024**3
_TOO_LITTLE_TO_WORK = 0.25
"""Share of the wanted room below which a publication may not find enough for its own files."""


def free_gib(path: Path) -> float:
    """Free room, in GiB, on the disk of the path, or of the nearest folder above it that exists."""
    while not path.exists():
        path = path.parent
    return shutil.disk_usage(path).free / GIB


def disk_line(settings: Settings, limits: Operation) -> Line:
    """The room on the warehouse's disk; on that of DAGSTER_HOME where the warehouse is BigQuery."""
    where = settings.duckdb_path.parent if settings.bigquery is None else settings.dagster_home
    free = free_gib(where)
    fact = f"{free:.1f} GiB free at {where}"
    if free >= limits.disk_free_gib:
        return good("disk", fact)
    verdict = Verdict.ACT if free < limits.disk_free_gib * _TOO_LITTLE_TO_WORK else Verdict.LOOK
    to_do = "make room; `phase3 prune --dry-run` says what the warehouse could let go of"
    return bad("disk", verdict, f"{fact}, {limits.disk_free_gib:g} GiB wanted", to_do)


def backup_line(settings: Settings, backups: Backups, limits: Operation, now: datetime) -> Line:
    """The age of the newest backup in PHASE3_BACKUP_FOLDER."""
    if settings.bigquery is not None and backups.folder is None:
        return good("backup", "BigQuery keeps seven days by itself; older copies are yours to make (docs/bigquery.md)")
    if backups.is_declined:
        return good("backup", "none, as PHASE3_BACKUP_FOLDER says")
    if backups.folder is None:
        return bad(
            "backup",
            Verdict.LOOK,
            "no backup is configured",
            "PHASE3_BACKUP_FOLDER names the folder that holds them; `none` says that none is wanted",
        )
    to_do = f"copy {settings.duckdb_path} into {backups.folder} while no command writes"
    newest = max(_files(backups.folder), key=lambda found: found[1], default=None)
    if newest is None:
        return bad("backup", Verdict.ACT, f"{backups.folder} holds no backup", to_do)
    path, moment, size = newest
    hours = (now - moment).total_seconds() / 3600
    fact = f"{path.name}, {_age(hours)} old, {size / 1024**2:.1f} MiB"
    if not size:
        return bad("backup", Verdict.ACT, f"{path.name} is empty", to_do)
    if hours > limits.backup_hours and not _is_unchanged_since(settings.duckdb_path, moment):
        return bad("backup", Verdict.ACT, f"{fact}; {limits.backup_hours:g} hours wanted", to_do)
    return good("backup", fact)


def _files(folder: Path) -> Iterator[tuple[Path, datetime, int]]:
    """The files of the folder and below it, without hidden ones and parts of copies under way."""
    if not folder.is_dir():
        return
    for path in folder.rglob("*"):
        if path.is_file() and not path.name.startswith(".") and path.suffix not in (".part", ".tmp", ".wal"):
            found = path.stat()
            yield path, datetime.fromtimestamp(found.st_mtime, UTC), found.st_size


def _is_unchanged_since(warehouse: Path, moment: datetime) -> bool:
    """Whether nothing has been written since, as in the off-season; `cp -a` keeps the moment of the last write."""
    files = [path for path in (warehouse, warehouse.with_name(f"{warehouse.name}.wal")) if path.exists()]
    return bool(files) and all(datetime.fromtimestamp(path.stat().st_mtime, UTC) <= moment for path in files)


def _age(hours: float) -> str:
    return f"{hours:.0f} hours" if hours < 48 else f"{hours / 24:.0f} days"
