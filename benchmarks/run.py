"""How fast a publication is, as ratios within one run on one machine.

What belongs here: whole measurements a person runs (`make bench`). What doesn't: tests; nothing here asserts a time.

`bare` is the least that must be done: the views, the three SELECTs and all rules, run on DuckDB with nothing audited
before it is visible, compared, kept or recorded. Everything else is given as a multiple of it. Uses the real box scores
of ../shared/data where they are, else a simulated season of the same size.
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

from phase3_assets.catalog.parameters import date_parameters
from phase3_assets.catalog.queries import prepared, sql_text, views_in_order
from phase3_assets.catalog.tables import published_tables
from phase3_assets.demo.season import raw_rows, simulate_season
from phase3_assets.demo.story import load_rows
from phase3_assets.loading.files import load_raw
from phase3_assets.publishing import audit as audits
from phase3_assets.publishing.look_back import looking_back, stage_look_back
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.publishing.stage import stage_sql
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets.warehouse.schema import initialise

REAL_DATA = Path(__file__).parents[2] / "shared" / "data" / "raw"
REPEATS = 3


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "warehouse.duckdb"
        warehouse = DuckDBWarehouse(path)
        initialise(warehouse)
        start, end = load(warehouse)
        warm = end - timedelta(days=2)
        publish(warehouse, Request(start, end))
        loaded = path.read_bytes()

        bare_all = median(lambda: bare(warehouse, start, end))
        bare_day = median(lambda: bare(warehouse, warm, warm))
        first = median(lambda: publish(warehouse, Request(start, end)), lambda: fresh(path, warehouse, start, end))
        path.write_bytes(loaded)
        again = median(lambda: publish(warehouse, Request(start, end)))
        repair_day = median(lambda: publish(warehouse, Request(warm, warm, repair=True)))
        again_day = median(lambda: publish(warehouse, Request(warm, warm)))
        environment = {**os.environ, "PHASE3_DUCKDB_PATH": str(path), "DAGSTER_HOME": str(Path(folder) / "dagster")}
        command = [sys.executable, "-m", "phase3_assets.cli"]
        run = median(lambda: subprocess.run([*command, "run", str(warm)], env=environment, stdout=subprocess.DEVNULL))
        whole = timed(
            lambda: subprocess.run(
                [*command, "backfill", str(start), str(end)], env=environment, stdout=subprocess.DEVNULL
            )
        )
        print(f"\n{'':58}{'seconds':>8}{'x bare':>8}")
        show("bare SQL: views, SELECTs, rules; the whole range", bare_all, bare_all)
        show("publish the whole range, nothing published before", first, bare_all)
        show("publish the whole range again, nothing changed", again, bare_all)
        show("bare SQL, one warm date", bare_day, bare_day)
        show("publish one date, every row computed again", repair_day, bare_day)
        show("publish one date again, nothing changed", again_day, bare_day)
        show("`phase3 run DATE`, a new process, recorded in Dagster", run, bare_day)
        show("`phase3 backfill` of the whole range, recorded in Dagster", whole, bare_all)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"peak memory of the command line: {peak:.0f} MB")


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


def bare(warehouse: DuckDBWarehouse, start: date, end: date) -> None:
    """The least that must be done, without anything that makes it safe."""
    parameters = {**date_parameters(start, end), **Thresholds().parameters()}
    record = {"publication_id": "bare", "code_version": "bare", "processed_at": "2026-01-01"}
    with warehouse.session(read_only=True) as session:
        for view in views_in_order():
            session.stage(view, prepared(sql_text(f"views/{view}")), parameters)
        stage_look_back(session, looking_back(), parameters)
        games = [row["game_id"] for row in session.query("SELECT game_id FROM nba_staging.game_sources")]
        for table in published_tables():
            staged = session.stage("bare", stage_sql(table.name), {**parameters, **record, "game_ids": games})
            audits.find(session, table, staged, start, end, Thresholds())


def fresh(path: Path, warehouse: DuckDBWarehouse, start: date, end: date) -> None:
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
