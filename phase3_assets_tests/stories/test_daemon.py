"""The real daemon, from raw rows appended to rows published and checked, and what it survives.

What belongs here: what only real processes can show: killed, doubled, locked out, made to forget. What doesn't: what a
tick decides (automation/test_tick.py), Dagster's side of it in one process (defs/test_sensors.py).
"""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.run_request import InstigatorType

from phase3_assets.demo.season import simulate_season
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets.warehouse.schema import initialise
from phase3_assets_tests.support.games import DAY, DEFENSE, OFFENSE, SUMMARIES, World, of_summaries
from phase3_assets_tests.support.live import EVERYTHING, Live

pytestmark = [pytest.mark.daemon, pytest.mark.timeout(900)]

QUICK = {
    "PHASE3_SENSOR_INTERVAL_SECONDS": "2",
    "PHASE3_FIRST_RETRY_SECONDS": "2",
    "PHASE3_LONGEST_RETRY_SECONDS": "10",
    "PHASE3_GATE_WAIT_SECONDS": "1",
}
SEASON = date(2025, 10, 21)
ADDED_BY_A_PUBLICATION = ("publication_id", "processed_at", "code_version")
FINISHED = (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)


def make_world(folder: Path, start: date, days: int, seed: int = 7) -> World:
    """A warehouse in the folder, with the raw rows of some days that are not loaded yet."""
    warehouse = DuckDBWarehouse(folder / "warehouse.duckdb", wait_seconds=60)
    initialise(warehouse)
    return World(warehouse, simulate_season(seed, start, days))


def contents(world: World) -> dict[str, list[dict[str, object]]]:
    """What readers see, without what a publication adds."""
    return {
        name: [{k: v for k, v in row.items() if k not in ADDED_BY_A_PUBLICATION} for row in world.table(name)]
        for name in SUMMARIES
    }


def plainly_published(world: World, folder: Path) -> dict[str, list[dict[str, object]]]:
    """What readers would see after one plain backfill of the same raw rows."""
    folder.mkdir()
    warehouse = DuckDBWarehouse(folder / "warehouse.duckdb")
    initialise(warehouse)
    plain = World(warehouse, world.games)
    plain.rows = world.rows
    plain.load()
    days = [game.game_date for game in world.games]
    publish(warehouse, Request(min(days), max(days)))
    return contents(plain)


def publications(world: World) -> dict[tuple[str, str], int]:
    """How often each game of each summary became visible anew."""
    rows = world.query(
        "SELECT table_name, game_id, COUNT(*) AS n FROM nba_phase3.publications "
        "WHERE outcome = 'published' GROUP BY 1, 2"
    )
    return {(row["table_name"], row["game_id"]): row["n"] for row in of_summaries(rows)}


def is_all_published(world: World) -> Callable[[], bool]:
    """Whether every game of the world is published in every summary."""
    return lambda: len(publications(world)) == len(SUMMARIES) * len(world.games)


def is_quiet(live: Live) -> Callable[[], bool]:
    """Whether no run is queued or under way."""
    return lambda: all(run.status in FINISHED for run in live.runs())


def game_days(world: World) -> set[str]:
    return {game.game_date.isoformat() for game in world.games}


def days_shown(live: Live, asset: str, status: str) -> set[str]:
    """The dates that the UI shows in a status."""
    days = set()
    for span, shown in live.partition_statuses(asset).items():
        first, last = (date.fromisoformat(day) for day in span.split("/"))
        if shown == status:
            days |= {(first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1)}
    return days


def is_green(live: Live, world: World) -> Callable[[], bool]:
    """Whether the UI shows every game date of every table as materialized, and none as failed."""
    return lambda: all(
        days_shown(live, name, "MATERIALIZED") >= game_days(world) and not days_shown(live, name, "FAILED")
        for name in SUMMARIES
    )


def failed_ticks(live: Live) -> list[str]:
    """Every tick that ended in an error."""
    sensors = [
        state.instigator_name for state in live.instance.all_instigator_state(instigator_type=InstigatorType.SENSOR)
    ]
    return [
        f"{name}: {tick.error.message}"
        for name in sensors
        for tick in live.ticks(name)
        if tick.status.value == "FAILURE" and tick.error
    ]


def test_appended_rows_are_published_and_checked_by_themselves(tmp_path: Path):
    world = make_world(tmp_path, DAY, 2)
    with Live(tmp_path, **QUICK) as live:
        world.load()
        live.wait("every game published", is_all_published(world))
        live.wait("no run left", is_quiet(live))
        assert contents(world) == plainly_published(world, tmp_path / "plain")
        assert set(publications(world).values()) == {1}
        runs = live.runs()
        assert {run.status for run in runs} == {dg.DagsterRunStatus.SUCCESS}
        evaluated = {
            (event.event_specific_data.asset_key.path[-1], event.event_specific_data.check_name)
            for run in runs
            for entry in live.instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
            if (event := entry.get_dagster_event()).event_specific_data.passed
        }
        assert {(name, check) for name in SUMMARIES for check in ("game_count", "duplicates", "nulls")} <= evaluated
        assert is_green(live, world)()
        assert not failed_ticks(live)


@pytest.mark.parametrize("step", ["team_offense_game_summary", "player_game_summary"])
def test_killed_in_the_middle_of_a_season_everything_is_published_once_in_the_end(tmp_path: Path, step: str):
    world = make_world(tmp_path, SEASON, 165)
    with Live(tmp_path, **QUICK) as live:
        world.load()
        live.wait(f"a run in {step}", lambda: has_started(live, step))
        live.kill(EVERYTHING)
        live.start()
        live.wait("every game published", is_all_published(world), 400)
        live.wait("no run left and every date green", lambda: is_quiet(live)() and is_green(live, world)())
        assert set(publications(world).values()) == {1}
        assert contents(world) == plainly_published(world, tmp_path / "plain")


def has_started(live: Live, step: str) -> bool:
    events = [
        entry
        for run in live.runs(dg.DagsterRunStatus.STARTED)
        for entry in live.instance.all_logs(run.run_id, of_type=dg.DagsterEventType.STEP_START)
    ]
    return any(entry.step_key == step for entry in events)


def test_cursors_deleted_while_it_runs_lose_nothing_and_double_nothing(tmp_path: Path):
    world = make_world(tmp_path, DAY - timedelta(days=9), 10)
    with Live(tmp_path, **QUICK) as live:
        world.load()
        live.wait("a run under way", lambda: live.runs(dg.DagsterRunStatus.STARTED))
        forget_everything(live)
        live.wait("every game published", is_all_published(world))
        forget_everything(live)
        live.wait("no run left and every date green", lambda: is_quiet(live)() and is_green(live, world)())
        assert set(publications(world).values()) == {1}
        for row in world.of("nbac_team_boxscore"):
            row["assists"] += 1
        world.load("nbac_team_boxscore")
        forget_everything(live)
        offense = (OFFENSE, world.game.game_id)
        live.wait("the correction published", lambda: publications(world)[offense] == 2)
        live.wait("no run left", is_quiet(live))
        assert {game for (_, game), n in publications(world).items() if n != 1} == {world.game.game_id}
        assert contents(world) == plainly_published(world, tmp_path / "plain")


def forget_everything(live: Live) -> None:
    """Delete the cursor of every sensor, as somebody does in the UI."""
    for state in live.instance.all_instigator_state(instigator_type=InstigatorType.SENSOR):
        sensor = {"repositoryName": "__repository__", "repositoryLocationName": "phase3_assets"}
        live.ask(_SET_CURSOR, sensor={**sensor, "sensorName": state.instigator_name})


def test_two_daemons_on_one_home_by_mistake_double_nothing(tmp_path: Path):
    world = make_world(tmp_path, DAY - timedelta(days=9), 10)
    with Live(tmp_path, **QUICK) as live, Live(tmp_path, **QUICK):
        world.load()
        live.wait("every game published", is_all_published(world), 400)
        live.wait("no run left and every date green", lambda: is_quiet(live)() and is_green(live, world)())
        assert set(publications(world).values()) == {1}
        assert contents(world) == plainly_published(world, tmp_path / "plain")


def test_a_backfill_from_the_ui_that_was_killed_ends_as_a_plain_one_when_it_is_run_again(tmp_path: Path):
    world = make_world(tmp_path, SEASON, 60)
    world.load()
    days = sorted(game_days(world))
    with Live(tmp_path, **(QUICK | {"PHASE3_SENSOR_INTERVAL_SECONDS": "3600"})) as live:
        assets = [{"path": [name]} for name in ("game_readiness", *SUMMARIES)]
        launched = live.ask(_BACKFILL, p={"assetSelection": assets, "partitionNames": days})["launchPartitionBackfill"]
        assert launched["__typename"] == "LaunchBackfillSuccess", launched
        live.wait("a run under way", lambda: has_started(live, DEFENSE))
        live.kill(EVERYTHING)
        live.start()
        before = launched["backfillId"]
        live.wait("the backfill has failed", lambda: live.instance.get_backfill(before).status.value.endswith("FAILED"))
        parameters = {"parentRunId": before, "strategy": "FROM_FAILURE"}
        again = live.ask(_BACKFILL_AGAIN, p=parameters)["reexecutePartitionBackfill"]
        assert again["__typename"] == "LaunchBackfillSuccess", again
        live.wait("every game published", is_all_published(world))
        live.wait("no run left and every date green", lambda: is_quiet(live)() and is_green(live, world)())
        assert live.instance.get_backfill(again["backfillId"]).status.value != "FAILED"
        assert set(publications(world).values()) == {1}
        assert contents(world) == plainly_published(world, tmp_path / "plain")


def test_a_warehouse_locked_for_a_while_makes_no_tick_red_and_is_caught_up_with(tmp_path: Path):
    world = make_world(tmp_path, DAY, 2)
    world.load()
    with Live(tmp_path, **QUICK, PHASE3_SENSOR_WAIT_SECONDS="0.2", PHASE3_WAIT_SECONDS="1") as live:
        with world.warehouse.session():
            live.wait("ticks that say so", lambda: skipped(live, "warehouse.duckdb was in use for"), 120)
        live.wait("every game published", is_all_published(world))
        live.wait("no run left and every date green", lambda: is_quiet(live)() and is_green(live, world)())
        assert set(publications(world).values()) == {1}
        assert not failed_ticks(live)


def skipped(live: Live, reason: str) -> bool:
    """Whether some sensor has skipped three ticks for a reason."""
    reasons = [tick.skip_reason or "" for tick in live.ticks("nbac_schedule_changes")]
    return sum(reason in told for told in reasons) >= 3


_SET_CURSOR = """
mutation ($sensor: SensorSelector!) {
  setSensorCursor(sensorSelector: $sensor, cursor: null) { __typename }
}
"""
_BACKFILL = """
mutation ($p: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $p) { __typename ... on LaunchBackfillSuccess { backfillId } }
}
"""
_BACKFILL_AGAIN = """
mutation ($p: ReexecutionParams!) {
  reexecutePartitionBackfill(reexecutionParams: $p) { __typename ... on LaunchBackfillSuccess { backfillId } }
}
"""
