"""How long our work on the three summaries takes, as multiples of the lean floor, within one run on one machine.

What belongs here: whole measurements a person runs (`make bench`). What doesn't: tests; nothing here asserts a time.

The lean floor (lean_floor.sql) is the least that fills the tables with the same cells: nothing is judged, audited
before it is visible, compared, kept or recorded. Uses the real box scores of ../shared/data where they are, else a
simulated season of the same size, for which the floor lacks cells.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from lean_floor import differing_rows, lean_floor
from peer_projects import compared_tables

from phase3_assets.demo.season import raw_rows, simulate_season
from phase3_assets.demo.story import load_rows
from phase3_assets.loading.files import load_raw
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets.warehouse.schema import initialise

REAL_DATA = Path(__file__).parents[2] / "shared" / "data" / "raw"
REPEATS = 3
ORDINARY = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""Everybody's modules are compiled once, as after an installation."""


def main() -> None:
    """Measure and print."""
    tables = compared_tables()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "warehouse.duckdb"
        warehouse = DuckDBWarehouse(path)
        initialise(warehouse)
        start, end = load(warehouse)
        day = end - timedelta(days=2)
        publish(warehouse, Request(start, end), tables)
        loaded = path.read_bytes()
        with warehouse.session(read_only=True) as session:
            print(f"rows of the lean floor that differ: {differing_rows(session._connection, start, end)}")

        floor_all = median(lambda: floor(warehouse, start, end))
        floor_day = median(lambda: floor(warehouse, day, day))
        first = median(lambda: publish(warehouse, Request(start, end), tables), lambda: fresh(warehouse))
        path.write_bytes(loaded)
        again = median(lambda: publish(warehouse, Request(start, end), tables))
        repair_day = median(lambda: publish(warehouse, Request(day, day, repair=True), tables))
        again_day = median(lambda: publish(warehouse, Request(day, day), tables))
        own = {"PHASE3_DUCKDB_PATH": str(path), "DAGSTER_HOME": str(Path(folder) / "dagster")}
        named = [option for table in tables for option in ("--table", table.name)]

        def phase3(*arguments: str) -> None:
            command = [sys.executable, "-m", "phase3_assets.cli", *arguments]
            subprocess.run(command, env={**ORDINARY, **own}, stdout=subprocess.DEVNULL, check=True)

        usage = median(lambda: phase3("--help"))
        run = median(lambda: phase3("run", str(day), "--repair", *named))
        whole = median(lambda: phase3("backfill", str(start), str(end), *named), lambda: fresh(warehouse))
        print(f"\n{'':58}{'seconds':>8}{'x floor':>8}")
        show("lean floor, the whole range", floor_all, floor_all)
        show("publish the whole range, nothing published before", first, floor_all)
        show("publish the whole range again, nothing changed", again, floor_all)
        show("`phase3 backfill` of the whole range, recorded in Dagster", whole, floor_all)
        show("lean floor, one warm date", floor_day, floor_day)
        show("publish one date, every row computed again", repair_day, floor_day)
        show("publish one date again, nothing changed", again_day, floor_day)
        show("`phase3 run DATE`, a new process, recorded in Dagster", run, floor_day)
        show("`phase3 --help`, a new process", usage, floor_day)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"peak memory of the command line: {peak:.0f} MB")


def floor(warehouse: DuckDBWarehouse, start: date, end: date) -> None:
    """The lean floor, on a connection of its own as each of our passes has one."""
    with warehouse.session(read_only=True) as session:
        lean_floor(session._connection, start, end)


def load(warehouse: DuckDBWarehouse) -> tuple[date, date]:
    """Fill the raw tables; returns the range they cover."""
    if REAL_DATA.is_dir():
        load_raw(warehouse, REAL_DATA)
        start, end = date(2024, 10, 22), date(2026, 3, 12)
    else:
        start, end = date(2024, 10, 22), date(2025, 8, 14)
        load_rows(warehouse, raw_rows(simulate_season(1, start, (end - start).days + 1)))
    print(f"{'real' if REAL_DATA.is_dir() else 'simulated'} games from {start} to {end}")
    return start, end


def fresh(warehouse: DuckDBWarehouse) -> None:
    """Forget everything published."""
    with warehouse.session() as session, session.unit():
        for name, columns in session.live_columns().items():
            if "publication_id" in columns or (name.startswith("nba_phase3.") and "run_id" in columns):
                session._connection.execute(f"DELETE FROM {name}")


def median(work: Callable[[], object], prepare: Callable[[], object] = lambda: None) -> float:
    """The median time of some repeats."""
    times = []
    for _ in range(REPEATS):
        prepare()
        times.append(timed(work))
    return statistics.median(times)


def timed(work: Callable[[], object]) -> float:
    """How long it takes, in seconds."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def show(what: str, seconds: float, reference: float) -> None:
    """One line of the result."""
    print(f"{what:58}{seconds:8.2f}{seconds / reference:8.1f}")


if __name__ == "__main__":
    main()
