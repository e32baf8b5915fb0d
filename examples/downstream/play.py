"""The whole example in one command, on the demo's made-up games: `make downstream`.

What belongs here: setting the scene, and showing what the sensor asks for and what the grading makes of it. What
doesn't: either of them (phase3_assets/downstream.py, grading.py).

Everything happens in a folder of its own, which is named at the end. The sensor's ticks are made here one by one, so
that their reasons can be read. In a deployment Dagster's daemon makes them: `dagster dev -w workspace.yaml`.
"""

import csv
import os
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg

DEMO_DAYS = 3
_HERE = Path(__file__).parent


def main() -> None:
    """Make the demo and its predictions, then tell the story."""
    folder = Path(sys.argv[1]).absolute() if len(sys.argv) > 1 else Path(tempfile.mkdtemp(prefix="downstream-"))
    os.environ.update(
        PHASE3_WAREHOUSE="duckdb",
        PHASE3_DUCKDB_PATH=str(folder / "warehouse.duckdb"),
        DAGSTER_HOME=str(folder / "dagster"),
        GRADING_FOLDER=str(folder / "grading"),
        GRADING_FIRST_DATE="2025-10-21",
    )
    sys.path.insert(0, str(_HERE))
    days = make_world(folder)
    print(
        f"A made-up season of {DEMO_DAYS} days, published, with predictions of every player: {days[0]} to {days[-1]}."
    )
    tell(folder, days)
    print(f"\nEverything is in {folder}. The same with Dagster's daemon and UI:")
    names = ("PHASE3_DUCKDB_PATH", "DAGSTER_HOME", "GRADING_FOLDER", "GRADING_FIRST_DATE")
    print(f"  {' '.join(f'{name}={os.environ[name]}' for name in names)} dagster dev -w {_HERE / 'workspace.yaml'}")


def make_world(folder: Path) -> list[date]:
    """Play the demo in the folder, silently, and predict each listed player's points; returns the dates."""
    from phase3_assets.demo.story import play
    from phase3_assets.settings.locations import Settings

    folder.mkdir(parents=True, exist_ok=True)
    play(Settings.from_environment(), 2026, DEMO_DAYS, lambda line: None)
    listed = query("SELECT game_date, game_id, player_lookup FROM nba_analytics.upcoming_player_game_context")
    days = sorted({row["game_date"] for row in listed})
    predictions = folder / "grading" / "predictions"
    predictions.mkdir(parents=True)
    for day in days:
        with (predictions / f"{day}.csv").open("w", encoding="utf-8", newline="") as file:
            lines = csv.writer(file)
            lines.writerow(["message", "game_id", "player_lookup", "predicted_points"])
            for number, row in enumerate(row for row in listed if row["game_date"] == day):
                # Every prediction was sent twice: two messages, one key.
                lines.writerow([2 * number, row["game_id"], row["player_lookup"], 9.0])
                lines.writerow([2 * number + 1, row["game_id"], row["player_lookup"], 10.5])
    return days


def tell(folder: Path, days: list[date]) -> None:
    """Four ticks: everything is ready; nothing is new; a correction; a correction, and predictions that are gone."""
    from grading import defs

    location = Location(defs(), dg.DagsterInstance.ephemeral())
    print("\nTick 1. Every date has reached 80 %.")
    location.tick()
    print("\nTick 2. Nothing has been published since.")
    location.tick()
    print(f"\nTick 3. A steal of {days[-1]} is corrected and published.")
    correct(days[-1])
    location.tick()
    print(f"\nTick 4. Another correction, and the predictions of {days[-1]} are gone.")
    (folder / "grading" / "predictions" / f"{days[-1]}.csv").unlink()
    correct(days[-1])
    location.tick()


class Location:
    """The grading project's definitions, and what its daemon would do."""

    def __init__(self, definitions: dg.Definitions, instance: dg.DagsterInstance) -> None:
        self.definitions, self.instance = definitions, instance
        self._cursor: str | None = None

    def tick(self) -> list[dg.ExecuteInProcessResult]:
        """Evaluate the sensor, execute what it asks for, and print both."""
        (sensor,) = list(self.definitions.sensors or ())
        context = dg.build_sensor_context(self.instance, cursor=self._cursor, definitions=self.definitions)
        result: Any = sensor(context)
        self._cursor = result.cursor
        if not result.run_requests:
            print(f"  nothing is started: {result.skip_reason.skip_message}")
        return [self._execute(request) for request in result.run_requests]

    def _execute(self, request: dg.RunRequest) -> dg.ExecuteInProcessResult:
        done = self.definitions.resolve_job_def("grade").execute_in_process(
            instance=self.instance,
            partition_key=request.partition_key,
            tags={**request.tags, "dagster/run_key": str(request.run_key)},
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            raise_on_error=False,
        )
        print(f"  {request.partition_key}: {_told(done)}")
        return done


def _told(done: dg.ExecuteInProcessResult) -> str:
    if not done.success:
        return str(done.failure_data_for_node("prediction_grades").user_failure_data.description)
    figures = {
        name: value.value
        for name, value in done.asset_materializations_for_node("prediction_grades")[0].metadata.items()
    }
    return (
        f"graded; {figures['published']} of {figures['predictions']} predictions have a published row "
        f"({figures['coverage']:g} %), wrong by {figures['mean_error']} points on average"
    )


def correct(day: date) -> None:
    """Load one player's row of the date with one more steal, and publish the date."""
    from phase3_assets.catalog.contracts import raw_contracts
    from phase3_assets.demo.story import load_rows
    from phase3_assets.publishing.publish import publish
    from phase3_assets.publishing.requests import Request
    from phase3_assets.settings.locations import Settings
    from phase3_assets.warehouse.opening import open_warehouse

    name = "nbac_gamebook_player_stats"
    rows = query(f"SELECT * FROM {raw_contracts()[name].full_name} WHERE game_date = @day", day=day)
    next(row for row in rows if row["minutes"])["steals"] += 1
    warehouse = open_warehouse(Settings.from_environment())
    load_rows(warehouse, {name: rows})
    publish(warehouse, Request(day, day))


def query(sql: str, **parameters: Any) -> list[dict[str, Any]]:
    """Rows of the demo's warehouse."""
    from phase3_assets.settings.locations import Settings
    from phase3_assets.warehouse.opening import open_warehouse

    with open_warehouse(Settings.from_environment()).session(read_only=True) as session:
        return session.query(sql, parameters)


if __name__ == "__main__":
    main()
