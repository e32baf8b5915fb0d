"""The example beside our own code location in one real deployment: daemon, code servers and run workers.

What belongs here: what only a deployment of two locations can show. What doesn't: the sensor's decisions
(test_when_ready.py), the grading (test_example.py).
"""

import csv
import json
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from phase3_assets.defs.tags import READY_DATE_TAG
from phase3_assets.demo.season import simulate_season
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets.warehouse.schema import initialise
from phase3_assets_tests.support.bends import placeholder
from phase3_assets_tests.support.games import DAY, PLAYERS, World
from phase3_assets_tests.support.live import Live

pytestmark = [pytest.mark.long, pytest.mark.daemon, pytest.mark.timeout(900)]

WORKSPACE = Path(__file__).parents[2] / "examples" / "downstream" / "workspace.yaml"
QUICK = {"PHASE3_SENSOR_INTERVAL_SECONDS": "2", "PHASE3_GATE_WAIT_SECONDS": "1"}
SENSOR = "grade_when_ready"


def test_grading_starts_when_enough_is_published_and_again_after_a_correction(tmp_path):
    """A night of which one game in three lacks its box score: below 80 %. Then it comes, then a steal is corrected."""
    warehouse = DuckDBWarehouse(tmp_path / "warehouse.duckdb", wait_seconds=60)
    initialise(warehouse)
    world = World(warehouse, simulate_season(7, DAY, 1)[:3])
    everything = {name: [dict(row) for row in rows] for name, rows in world.rows.items()}
    for box in world.of("nbac_team_boxscore"):
        placeholder(box)
    world.drop("nbac_gamebook_player_stats")
    write_predictions(tmp_path / "grading", world)
    started = str(DAY - timedelta(days=1))
    settings = {**QUICK, "GRADING_FOLDER": str(tmp_path / "grading"), "GRADING_FIRST_DATE": started}
    with Live(tmp_path, workspace=WORKSPACE, **settings) as live:
        world.load()
        live.wait("two games are visible", lambda: len({row["game_id"] for row in world.table(PLAYERS)}) == 2)
        live.wait("the sensor has seen the date", lambda: skipped(live, "0 of 1 dates have reached 80 %"))
        assert grades(live) == []

        world.rows = everything
        world.load()
        live.wait("the date is graded", lambda: [run.status for run in grades(live)] == [dg.DagsterRunStatus.SUCCESS])
        first = grade_of(tmp_path)
        assert (first["predictions"], first["published"]) == (90, 90)
        live.wait("the sensor has looked again", lambda: skipped(live, "nothing was published since the last look"))
        assert len(grades(live)) == 1, "once"

        next(row for row in world.of("nbac_gamebook_player_stats") if row["minutes"])["steals"] += 1
        world.load()
        live.wait("it is graded again", lambda: grade_of(tmp_path)["run_id"] != first["run_id"])
        assert {run.tags[READY_DATE_TAG] for run in grades(live)} == {str(DAY)}
        assert len(grades(live)) == 2
        failed = [tick.error for tick in live.ticks(SENSOR) if tick.error]
        assert failed == []


def write_predictions(folder: Path, world: World) -> None:
    """A prediction for every player of the gamebook as it will be."""
    (folder / "predictions").mkdir(parents=True)
    players = {(game.game_id, row["player_lookup"]) for game in world.games for row in game.gamebook_rows()}
    with (folder / "predictions" / f"{DAY}.csv").open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["game_id", "player_lookup", "predicted_points"])
        lines.writerows((*key, 9.0) for key in sorted(players))


def grades(live: Live) -> list[dg.DagsterRun]:
    return [run for run in live.runs() if run.job_name == "grade"]


def grade_of(folder: Path) -> dict:
    return json.loads((folder / "grading" / "grades" / f"{DAY}.json").read_text())


def skipped(live: Live, words: str) -> bool:
    return any(words in (tick.tick_data.skip_reason or "") for tick in live.ticks(SENSOR)[:3])
