"""How long a range takes to record in a team's PostgreSQL, as multiples of the laptop's storage, within one run.

What belongs here: a measurement a person runs (`make bench-histories`; minutes). What doesn't: tests; nothing here
asserts a time.

One publication of many dates (60, or as many as are given) is recorded as a run in the laptop's history, in PostgreSQL
as deploy/dagster.yaml configures it, and in PostgreSQL with Dagster's own event log. The server is real, on this
machine, and waits for the disk.
"""

import os
import statistics
import sys
import tempfile
import uuid
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from run import load, show, timed

from phase3_assets.catalog.tables import published_tables
from phase3_assets.instance.home import prepare_dagster_home
from phase3_assets.instance.recording import open_instance, record_run
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.settings.locations import Settings
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets.warehouse.schema import initialise
from phase3_assets_tests.support.postgres import (
    DOCUMENTED,
    make_home,
    server,
    why_there_is_none,
    with_dagsters_own_events,
)

REPEATS = 3


def main() -> None:
    """Measure and print."""
    dates = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    missing = why_there_is_none()
    if missing:
        raise SystemExit(missing)
    with tempfile.TemporaryDirectory() as name, server(durable=True) as port:
        folder = Path(name)
        warehouse = DuckDBWarehouse(folder / "warehouse.duckdb")
        initialise(warehouse)
        _, last = load(warehouse)
        request = Request(last - timedelta(days=dates - 1), last)
        publication, tables = publish(warehouse, request), published_tables()

        def recorded(repeats: int) -> float:
            """The median time to record the publication, in seconds."""
            with open_instance() as instance:
                times = []
                for _ in range(repeats):
                    again = replace(request, run_id=str(uuid.uuid4()))
                    times.append(timed(lambda again=again: record_run(again, tables, publication, instance)))
                return statistics.median(times)

        os.environ["DAGSTER_HOME"] = str(folder / "laptop")
        prepare_dagster_home(Settings.from_environment())
        print(f"\n{f'recording a publication of {dates} dates':58}{'seconds':>8}{'x laptop':>9}")
        laptop = recorded(REPEATS)
        show("the laptop's storage", laptop, laptop)
        os.environ |= make_home(port, folder / "team")
        show("PostgreSQL, as deploy/dagster.yaml configures it", recorded(REPEATS), laptop)
        os.environ |= make_home(port, folder / "dagsters", with_dagsters_own_events(DOCUMENTED))
        show("PostgreSQL with Dagster's own event log", recorded(1), laptop)


if __name__ == "__main__":
    main()
