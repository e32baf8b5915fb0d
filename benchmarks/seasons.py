"""Thirty seasons of partitions beside the default's: what grows with the calendar, as ratios within one run.

What belongs here: whole measurements a person runs (`make bench-seasons`), both calendars in turn on copies of one
published warehouse. What doesn't: tests; nothing here asserts a time. That definitions, ticks and recorded runs step
through no more dates than before is counted by a test (defs/test_calendar.py).

Processes are measured in CPU seconds, which survive a busy machine; the UI's answers in seconds, as one waits for them.
"""

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import dagster as dg
from run import load

from phase3_assets.definitions import build_defs
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.settings.locations import Settings
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets.warehouse.schema import initialise
from phase3_assets_tests.support.live import Live

FIRST_DATES = ("2021-10-01", "1996-10-01")
ROUNDS = int(os.environ.get("PHASE3_BENCH_ROUNDS", "3"))
QUIET_AFTER = 4
"""Ticks after which a sensor has looked at everything and waits for news."""
SENSORS = ("nbac_team_boxscore_changes", "reconcile_history")
PAGES = {
    "UI: statuses of every asset": """{assetNodes {
        id staleStatus partitionStats {numMaterialized numFailed numPartitions}
        assetMaterializations(limit: 1) {timestamp partition}}}""",
    "UI: an asset's page of partitions": """{assetNodeOrError(assetKey: {path: ["player_game_summary"]}) {
        ... on AssetNode {
            partitionKeysByDimension {partitionKeys}
            assetPartitionStatuses {... on TimePartitionStatuses {ranges {status startKey endKey}}}}}}""",
}


def main() -> None:
    """Measure and print."""
    found: dict[tuple[str, str], list[float]] = {}
    with tempfile.TemporaryDirectory() as name:
        folders = {first: Path(name) / first for first in FIRST_DATES}
        day = prepare(list(folders.values()))
        for _ in range(ROUNDS):
            for first, folder in folders.items():
                for what, spent in in_processes(folder, first, day).items():
                    found.setdefault((what, first), []).append(spent)
        lives = {first: Live(folder, PHASE3_FIRST_DATE=first) for first, folder in folders.items()}
        try:
            for live in lives.values():
                live.start()
            for _ in range(3 * ROUNDS):
                for first, live in lives.items():
                    for what, query in PAGES.items():
                        found.setdefault((what, first), []).append(
                            seconds(lambda live=live, query=query: live.ask(query))
                        )
        finally:
            for live in lives.values():
                live.stop()
    print(f"\n{'':48}{FIRST_DATES[0]:>12}{FIRST_DATES[1]:>12}{'ratio':>8}")
    for what in dict.fromkeys(what for what, _ in found):
        short, long = (statistics.median(found[what, first]) for first in FIRST_DATES)
        print(f"{what:48}{short:12.3f}{long:12.3f}{long / short:8.2f}")


def prepare(folders: list[Path]) -> date:
    """The same warehouse, all of it published, in every folder; returns a date to correct."""
    for folder in folders:
        folder.mkdir()
    warehouse = DuckDBWarehouse(folders[0] / "warehouse.duckdb")
    initialise(warehouse)
    start, end = load(warehouse)
    publish(warehouse, Request(start, end))
    for folder in folders[1:]:
        shutil.copy(warehouse.path, folder)
    return end - timedelta(days=2)


def in_processes(folder: Path, first: str, day: date) -> dict[str, float]:
    """CPU seconds of processes under one calendar: one that ticks, and two commands."""
    own = {"PHASE3_DUCKDB_PATH": str(folder / "warehouse.duckdb"), "DAGSTER_HOME": str(folder / "dagster")}
    environment = {**os.environ, **own, "PHASE3_FIRST_DATE": first}

    def command(*arguments: str) -> None:
        phase3 = [sys.executable, "-m", "phase3_assets.cli", *arguments]
        subprocess.run(phase3, env=environment, check=True, stdout=subprocess.DEVNULL)

    spent = {"phase3 status DATE": cpu_of_children(lambda: command("status", str(day)))}
    ticking = [sys.executable, "-W", "ignore", __file__, str(day)]
    spent |= json.loads(subprocess.run(ticking, env=environment, check=True, stdout=subprocess.PIPE).stdout)
    spent["phase3 run DATE, recorded"] = cpu_of_children(lambda: command("run", str(day)))
    return spent


def measured(warehouse: DuckDBWarehouse, day: date) -> dict[str, float]:
    """CPU seconds in this process: definitions, and ticks of two sensors before and after a correction of `day`."""
    begun = time.process_time()
    repository = build_defs().get_repository_def()
    spent = {"definitions": time.process_time() - begun}
    with dg.DagsterInstance.ephemeral() as instance:

        def tick(sensor: str, cursor: str | None) -> tuple[float, str]:
            with dg.build_sensor_context(instance, cursor, repository_def=repository) as context:
                begun = time.process_time()
                evaluated = repository.get_sensor_def(sensor).evaluate_tick(context)
                return time.process_time() - begun, evaluated.cursor or ""

        cursors = {}
        for sensor in SENSORS:
            spent[f"{sensor}: first look"], cursor = tick(sensor, None)
            for _ in range(QUIET_AFTER):
                _, cursor = tick(sensor, cursor)
            spent[f"{sensor}: nothing new"], cursors[sensor] = tick(sensor, cursor)
        with warehouse.session() as session:
            session._connection.execute(
                f"UPDATE nba_raw.nbac_team_boxscore SET assists = assists + 1 WHERE game_date = '{day}'"
            )
        spent[f"{SENSORS[0]}: one date changed"], cursor = tick(SENSORS[0], cursors[SENSORS[0]])
        spent[f"{SENSORS[0]}: and settled"], _ = tick(SENSORS[0], cursor)
    return spent


def cpu_of_children(work: Callable[[], object]) -> float:
    """The CPU seconds of the processes that some work starts and waits for."""

    def so_far() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    before = so_far()
    work()
    return so_far() - before


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    if len(sys.argv) > 1:
        of_environment = DuckDBWarehouse(Settings.from_environment().duckdb_path)
        print(json.dumps(measured(of_environment, date.fromisoformat(sys.argv[1]))))
    else:
        main()
