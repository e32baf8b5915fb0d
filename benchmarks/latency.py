"""How soon a change of raw rows is published and checked by the real daemon, and what an idle tick costs.

What belongs here: whole measurements a person runs (`make bench-latency`; half an hour). What doesn't: tests; nothing
here asserts a time.

Default settings, one change after another: corrections, box scores that come late, games that are new. Each is timed
from the end of its load until its run has ended, when its rows are visible and its checks have verdicts.
"""

import os
import resource
import statistics
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import dagster as dg

from phase3_assets.automation.tick import watched_tables
from phase3_assets.definitions import build_defs
from phase3_assets.defs.resources import Publisher
from phase3_assets.defs.sensors import sensor_name
from phase3_assets.defs.tags import GAMES_TAG
from phase3_assets.demo.season import SimulatedGame, raw_rows, simulate_season
from phase3_assets.demo.story import load_rows
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets.warehouse.schema import initialise
from phase3_assets_tests.support.games import PLAYERS, World
from phase3_assets_tests.support.live import Live

START, DAYS = date(2026, 1, 5), 30
TEAM_BOX, GAMEBOOK, EVENING = "nbac_team_boxscore", "nbac_gamebook_player_stats", "nbac_player_boxscores"
PROPS = "odds_api_player_points_props"
RAW = (TEAM_BOX, GAMEBOOK, EVENING, PROPS, "nbac_schedule")
IDLE_TICKS = 1000
SETTLING_TICKS = 20
"""Ticks after which every sensor has seen everything."""


def main() -> None:
    """Measure and print; the number of changes may be given, and 0 measures idle ticks alone."""
    changes = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    print(f"load average before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as folder:
        warehouse = DuckDBWarehouse(Path(folder) / "warehouse.duckdb")
        initialise(warehouse)
        world = World(warehouse, simulate_season(3, START, DAYS))
        if changes:
            with Live(Path(folder)) as live:
                measure_changes(live, world, changes)
        measure_idle_ticks(warehouse)
        with Live(Path(folder), PHASE3_SENSOR_INTERVAL_SECONDS="1") as live:
            measure_memory(live)
    print(f"load average after: {os.getloadavg()[0]:.1f}")


def measure_changes(live: Live, world: World, changes: int) -> None:
    """Apply the changes one by one and print how long each kind took."""
    chosen = world.games[:: max(1, len(world.games) // changes)][:changes]
    late, new = chosen[1::3], chosen[2::3]
    for game in (*late, *new):
        for table in (TEAM_BOX, GAMEBOOK, EVENING):
            world.drop(table, game)
    for game in new:
        world.drop("nbac_schedule", game)
        world.drop(PROPS, game)
    world.load()
    others = {game.game_id for game in world.games} - {game.game_id for game in (*late, *new)}
    live.wait("the season is published", lambda: others <= published(world) and is_idle(live), 900)

    seconds: dict[str, list[float]] = {"correction": [], "late game": [], "new game": []}
    for position, game in enumerate(chosen):
        kind = list(seconds)[position % 3]
        before = {run.run_id for run in live.runs()}
        apply(world, game, kind)
        started = time.monotonic()
        live.wait(f"{kind} {game.game_id}", lambda g=game, b=before: succeeded(live, g, b), 600)
        seconds[kind].append(time.monotonic() - started)
        assert game.game_id in published(world)
        print(f"{kind:12}{game.game_id}{seconds[kind][-1]:8.1f} s", flush=True)
    print(f"\n{'seconds from load to published and checked':46}{'n':>4}{'min':>8}{'median':>8}{'p90':>8}{'max':>8}")
    for kind, values in (*seconds.items(), ("all", [value for some in seconds.values() for value in some])):
        if values:
            p90 = sorted(values)[max(0, round(0.9 * len(values)) - 1)]
            shown = (min(values), statistics.median(values), p90, max(values))
            print(f"{kind:46}{len(values):4}" + "".join(f"{value:8.1f}" for value in shown))
    print(f"runs in all: {len(live.runs())}")


def apply(world: World, game: SimulatedGame, kind: str) -> None:
    """Load one change the way loaders do: all rows of its date, in place of those that were there."""
    tables = [TEAM_BOX]
    if kind == "correction":
        for row in world.of(TEAM_BOX, game):
            row["assists"] += 1
    else:
        tables += [GAMEBOOK, EVENING] + (["nbac_schedule", PROPS] if kind == "new game" else [])
        for table in tables:
            world.rows[table] += raw_rows([game])[table]
    of_date = {name: [row for row in world.rows[name] if row["game_date"] == game.game_date] for name in tables}
    load_rows(world.warehouse, {name: rows for name, rows in of_date.items() if rows})


def published(world: World) -> set[str]:
    """The games that readers of the last table see."""
    return {row["game_id"] for row in world.query(f"SELECT DISTINCT game_id FROM nba_analytics.{PLAYERS}")}


def is_idle(live: Live) -> bool:
    """Whether no run is queued or under way."""
    return all(run.is_finished for run in live.runs())


def succeeded(live: Live, game: SimulatedGame, before: set[str]) -> bool:
    """Whether a run of this game, started since, has ended well."""
    return any(
        run.status == dg.DagsterRunStatus.SUCCESS and game.game_id in run.tags.get(GAMES_TAG, "")
        for run in live.runs()
        if run.run_id not in before
    )


def measure_idle_ticks(warehouse: DuckDBWarehouse) -> None:
    """Evaluate every sensor that watches tables, with nothing new, and print what that costs, and the memory kept."""
    defs = build_defs(Publisher(warehouse))
    names = [*(sensor_name(watched) for watched in watched_tables()), sensor_name(None)]
    sensors = [
        sensor for sensor in defs.sensors or [] if isinstance(sensor, dg.SensorDefinition) and sensor.name in names
    ]
    times, memory = [], []
    cursors: dict[str, str | None] = dict.fromkeys(names)
    with dg.DagsterInstance.ephemeral() as instance:
        for _ in range(IDLE_TICKS + SETTLING_TICKS):
            spent = 0.0
            for sensor in sensors:
                context = dg.build_sensor_context(instance, cursor=cursors[sensor.name], definitions=defs)
                started = time.perf_counter()
                result = sensor(context)
                spent += 1000 * (time.perf_counter() - started)
                assert isinstance(result, dg.SensorResult)
                cursors[sensor.name] = result.cursor
            times.append(spent)
            memory.append(_resident_mb())
    settled, kept = times[SETTLING_TICKS:], memory[-1] - memory[SETTLING_TICKS - 1]
    print(
        f"\nidle tick of all {len(sensors)} sensors, {IDLE_TICKS} of them: median {statistics.median(settled):.1f} ms, "
        f"max {max(settled):.1f} ms; memory {memory[SETTLING_TICKS - 1]:.1f} MB before, {memory[-1]:.1f} MB after "
        f"({kept:+.1f})"
    )


def measure_memory(live: Live) -> None:
    """Let the daemon tick on nothing new, and print what each of its processes keeps."""

    def ticks_after(enough: int) -> int:
        while (made := sum(len(live.ticks(sensor_name(name))) for name in (*RAW, None))) < enough:
            time.sleep(10)
        return made

    first, before = ticks_after(IDLE_TICKS // 4), _memory_of(live)
    last, after = ticks_after(first + IDLE_TICKS), _memory_of(live)
    print(f"\n{last - first} ticks of the daemon, with nothing new; MB resident before and after")
    for name in sorted(before.keys() & after.keys()):
        print(f"{name[:60]:62}{before[name]:8.1f}{after[name]:8.1f} ({after[name] - before[name]:+.1f})")


def _memory_of(live: Live) -> dict[str, float]:
    """MB resident of each process, by id and what it runs."""
    return {f"{pid} {' '.join(command.split()[1:6])}": _resident_mb(pid) for pid, command in live.processes()}


def _resident_mb(pid: int | str = "self") -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


if __name__ == "__main__":
    main()
