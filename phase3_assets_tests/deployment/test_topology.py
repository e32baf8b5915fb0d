"""A team's deployment under fire: its processes killed, doubled and upgraded, its database restarted, during runs.

What belongs here: what only deploy/compose.yaml's own processes on a real PostgreSQL can show. What doesn't: the
laptop's `phase3 ui` (stories/test_daemon.py), what the files say (test_files.py).

Every round loads a new night, disturbs the deployment in the middle of a run, and waits until the night is published.
PHASE3_TEST_ROUNDS says how often each kind of round is played; the counts of lost and doubled games are printed.
"""

import csv
import json
import os
import random
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import pytest

from phase3_assets.catalog.contracts import raw_contracts
from phase3_assets.defs.tags import PARTITION_TAG
from phase3_assets.demo.season import SimulatedGame, raw_rows, simulate_season
from phase3_assets.demo.story import SOURCE
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets.warehouse.schema import initialise
from phase3_assets_tests.support.composed import ROOT
from phase3_assets_tests.support.deployed import PATIENCE_SECONDS, Deployed
from phase3_assets_tests.support.games import OFFENSE, SUMMARIES, of_summaries, values
from phase3_assets_tests.support.postgres import PostgreSQL, why_there_is_none

ROUNDS = int(os.environ.get("PHASE3_TEST_ROUNDS") or "1")
pytestmark = [pytest.mark.daemon, pytest.mark.timeout(2 * PATIENCE_SECONDS + 400 * ROUNDS)]

QUICK = {
    "PHASE3_SENSOR_INTERVAL_SECONDS": "2",
    "PHASE3_FIRST_RETRY_SECONDS": "2",
    "PHASE3_LONGEST_RETRY_SECONDS": "10",
    "PHASE3_GATE_WAIT_SECONDS": "1",
}
DAYS = 15 + 11 * ROUNDS
"""Enough for a night per round of every kind, and no more: an earlier night opens every later date once more."""
SEASON = date.today() - timedelta(days=DAYS + 1)
FINISHED = (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)
BEGUN = (dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED)
NOT_BEGUN = (dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTING)


class Nights:
    """A warehouse that is loaded a night of two games at a time, and the accounts of what became of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.warehouse = DuckDBWarehouse(folder / "warehouse" / "warehouse.duckdb", wait_seconds=PATIENCE_SECONDS)
        by_day: dict[date, list[SimulatedGame]] = {}
        for game in simulate_season(7, SEASON, DAYS):
            by_day.setdefault(game.game_date, []).append(game)
        self._to_come = [games[:2] for games in by_day.values() if len(games) > 1]
        self.loaded: list[SimulatedGame] = []

    def load(self, nights: int = 1) -> list[SimulatedGame]:
        """The raw rows of the next nights arrive, all at once; returns their games."""
        games = [game for _ in range(nights) for game in self._to_come.pop(0)]
        predict(self._folder / "grading", games)
        append(self.warehouse, games)
        self.loaded += games
        return games

    def published(self) -> dict[tuple[str, str, str], int]:
        """How often each version of the code published a game in a summary: (table, game, version)."""
        with self.warehouse.session(read_only=True) as session:
            rows = session.query(
                "SELECT table_name, game_id, code_version, COUNT(*) AS n FROM nba_phase3.publications "
                "WHERE outcome = 'published' GROUP BY 1, 2, 3",
                {},
            )
        return {(row["table_name"], row["game_id"], row["code_version"]): row["n"] for row in of_summaries(rows)}

    def lost(self) -> list[tuple[str, str]]:
        """Games, by summary, that are loaded and not published."""
        there = {(table, game) for table, game, _ in self.published()}
        return [
            (table, game.game_id) for table in SUMMARIES for game in self.loaded if (table, game.game_id) not in there
        ]

    def doubled(self) -> list[tuple[str, str, str]]:
        """Games, by summary, that one version of the code published more than once."""
        return [key for key, n in self.published().items() if n > 1]

    def contents(self) -> dict[str, list[dict]]:
        """What readers see, but for what a publication adds."""
        with self.warehouse.session(read_only=True) as session:
            return {
                name: sorted(values(session.query(f"SELECT * FROM nba_analytics.{name}", {})), key=str)
                for name in SUMMARIES
            }


def append(warehouse: DuckDBWarehouse, games: list[SimulatedGame]) -> None:
    with warehouse.session() as session, session.unit():
        for name, rows in raw_rows(games).items():
            session.append(raw_contracts()[name], [{**row, "source_file_path": SOURCE} for row in rows])


def predict(folder: Path, games: list[SimulatedGame]) -> None:
    """A prediction for every player of the games, for the other code location to grade."""
    (folder / "predictions").mkdir(parents=True, exist_ok=True)
    for day in {game.game_date for game in games}:
        with (folder / "predictions" / f"{day}.csv").open("w", newline="") as file:
            lines = csv.writer(file)
            lines.writerow(["game_id", "player_lookup", "predicted_points"])
            for game in games:
                if game.game_date == day:
                    lines.writerows((game.game_id, row["player_lookup"], 9.0) for row in game.gamebook_rows())


def plainly_published(folder: Path, games: list[SimulatedGame]) -> dict[str, list[dict]]:
    """What readers would see after one plain backfill of the same games."""
    (folder / "warehouse").mkdir(exist_ok=True)
    plain = Nights(folder)
    initialise(plain.warehouse)
    append(plain.warehouse, games)
    publish(plain.warehouse, Request(games[0].game_date, games[-1].game_date))
    return plain.contents()


@pytest.fixture(scope="module")
def database() -> Iterator[PostgreSQL]:
    missing = why_there_is_none()
    if missing:
        pytest.skip(missing)
    with PostgreSQL(durable=True) as running:
        yield running


@pytest.fixture(scope="module")
def team(database: PostgreSQL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Deployed, Nights]]:
    """A deployment that goes on from test to test, as one does from night to night."""
    folder = tmp_path_factory.mktemp("team") / "var"
    with Deployed(folder, database, "team", **QUICK) as deployed:
        yield deployed, Nights(deployed.folder)


def is_quiet(deployed: Deployed) -> bool:
    return all(run.status in FINISHED for run in deployed.runs())


def play(deployed: Deployed, nights: Nights, disturb: Callable[[], object], delay: float) -> str:
    """A night during whose run something happens, `delay` s after it began; returns what became of its runs."""
    before = {run.run_id for run in deployed.runs()}
    began = time.monotonic()
    nights.load()
    deployed.wait("a run", lambda: {run.run_id for run in deployed.runs() if run.status not in NOT_BEGUN} - before)
    time.sleep(delay)
    under_way = sum(run.status not in FINISHED for run in deployed.runs())
    disturb()
    deployed.wait("the night published", lambda: not nights.lost())
    deployed.wait("no run left", lambda: is_quiet(deployed))
    ended = [run.status.value for run in deployed.runs() if run.run_id not in before]
    return f"{under_way} under way, ended {ended}, {time.monotonic() - began:.0f} s"


def rounds(
    deployed: Deployed, nights: Nights, what: str, disturb: Callable[[], object], longest_delay: float = 2.5
) -> None:
    chance = random.Random(what)
    for number in range(1, ROUNDS + 1):
        told = play(deployed, nights, disturb, chance.uniform(0, longest_delay))
        print(f"{what}, round {number} of {ROUNDS}: {told}; restarts {deployed.restarts}", flush=True)
    lost, doubled = nights.lost(), nights.doubled()
    print(
        f"{what}: {ROUNDS} rounds, {len(lost)} lost, {len(doubled)} doubled of {len(nights.loaded)} games", flush=True
    )
    assert not lost and not doubled


def test_a_night_goes_through_and_the_other_location_goes_on_with_it(team, tmp_path: Path):
    deployed, nights = team
    games = nights.load()
    day = games[0].game_date
    deployed.wait("the night published", lambda: not nights.lost())
    graded = deployed.folder / "grading" / "grades" / f"{day}.json"
    deployed.wait("the other location has graded it", graded.exists)
    assert json.loads(graded.read_text())["published"] > 0
    deployed.wait("no run left", lambda: is_quiet(deployed))
    runs = deployed.runs()
    assert {run.remote_job_origin.location_name for run in runs} == {"phase3_assets", "grading"}
    assert {run.status for run in runs} == {dg.DagsterRunStatus.SUCCESS}
    assert not nights.doubled() and nights.contents() == plainly_published(tmp_path, games)
    assert deployed.restarts == {}
    # What follows is about our own runs; the other location goes on without its sensor.
    sensor = {"repositoryName": "__repository__", "repositoryLocationName": "grading", "sensorName": "grade_when_ready"}
    state = deployed.ask(_SENSOR, sensor=sensor)["sensorOrError"]["sensorState"]
    assert deployed.ask(_STOP, id=state["id"])["stopSensor"]["instigationState"]["status"] == "STOPPED"


@pytest.mark.parametrize("service", ["code", "daemon", "webserver", "grading"])
def test_a_service_is_killed_in_the_middle_of_a_run(team, service: str):
    deployed, nights = team
    before = deployed.restarts.get(service, 0)
    rounds(deployed, nights, f"{service} killed", lambda: deployed.kill(service))
    assert deployed.restarts[service] == before + ROUNDS
    deployed.wait(f"{service} is healthy", lambda: deployed.is_healthy(service))


def test_the_code_server_alone_is_killed_and_its_run_goes_on_without_it(team):
    deployed, nights = team
    rounds(deployed, nights, "code server's first process killed", lambda: deployed.kill_main_process("code"))


def test_the_process_of_a_run_is_killed(team):
    deployed, nights = team

    killed = []

    def kill_it() -> None:
        deployed.wait("a run has a process", lambda: list(deployed.run_processes()) or is_quiet(deployed))
        killed.append(deployed.kill_runs())

    rounds(deployed, nights, "run killed", kill_it, longest_delay=0.2)
    assert any(killed), "every run had ended before it could be killed"


@pytest.mark.parametrize("seconds", [0, 20])
def test_the_database_restarts_in_the_middle_of_a_run(team, database: PostgreSQL, seconds: int):
    """At once, and after so long that nobody's patience lasts."""
    deployed, nights = team

    def restart() -> None:
        database.stop()
        time.sleep(seconds)
        database.start()

    rounds(deployed, nights, f"database away for {seconds} s", restart)


def test_two_daemons_by_mistake(team):
    deployed, nights = team
    with deployed.another("daemon"):
        rounds(deployed, nights, "two daemons", lambda: None)


def test_in_the_end_readers_see_what_a_plain_backfill_makes(team, tmp_path: Path):
    _, nights = team
    assert nights.contents() == plainly_published(tmp_path, nights.loaded)


def test_an_upgrade_with_a_new_column_while_runs_are_queued(database: PostgreSQL, tmp_path: Path):
    checkout = newer_version(ROOT, tmp_path / "version0", None)
    with Deployed(tmp_path / "var", database, "upgraded", checkout, **QUICK) as deployed:
        nights = Nights(deployed.folder)
        for number in range(1, ROUNDS + 1):
            began = time.monotonic()
            column = f"points_again_{number}"
            checkout = newer_version(checkout, tmp_path / f"version{number}", column)
            # Setting up comes first, and the old code goes on beside it.
            deployed.checkout = checkout
            deployed.set_up()
            games = nights.load(3)
            asked = launch(deployed, sorted({game.game_date for game in games}))
            deployed.wait("a run under way", lambda: deployed.runs(dg.DagsterRunStatus.STARTED))
            # Otherwise the old daemon may yet give one of them to the old code.
            deployed.stop("daemon")
            queued = dates_of(deployed, dg.DagsterRunStatus.QUEUED) - dates_of(deployed, *BEGUN)
            assert queued, "the upgrade is to come while runs are queued"
            deployed.restart()
            deployed.wait("the nights published", lambda: not nights.lost())
            deployed.wait("no run left", lambda: is_quiet(deployed))
            ended = {run.run_id: run.status.value for run in deployed.runs()}
            assert set(asked) <= set(ended)
            with nights.warehouse.session(read_only=True) as session:
                rows = session.query(
                    f"SELECT {column} AS added, points_scored, game_date FROM nba_analytics.{OFFENSE}", {}
                )
            of_queued = [row for row in rows if str(row["game_date"]) in queued]
            assert of_queued, "what was queued is published"
            assert all(row["added"] == row["points_scored"] for row in of_queued), "by the new code"
            print(
                f"upgrade {number} of {ROUNDS}: {len(queued)} queued, ended {[ended[run] for run in asked]}, "
                f"{len(nights.lost())} lost, {len(nights.doubled())} doubled, {time.monotonic() - began:.0f} s",
                flush=True,
            )
            assert not nights.lost() and not nights.doubled()


def dates_of(deployed: Deployed, *statuses: dg.DagsterRunStatus) -> set[str]:
    """The dates of runs of these statuses, of one date each."""
    return {run.tags[PARTITION_TAG] for run in deployed.runs(*statuses) if PARTITION_TAG in run.tags}


def newer_version(checkout: Path, copy: Path, column: str | None) -> Path:
    """A copy of the project in which a published table has one more column."""
    for part in ("phase3_assets", "sql", "deploy", "examples"):
        shutil.copytree(checkout / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
    if column:
        table = copy / "sql" / "tables" / OFFENSE
        insert(table / "table.sql", "  quality_tier STRING", f'  {column} INT64 OPTIONS(description="Points again"),\n')
        insert(table / "select.sql", "  IF(source = 'nbac_team_boxscore', 'gold'", f"  points AS {column},\n")
        # What `make lineage` would write, which takes a minute.
        sources = '[["nbac_team_boxscore", "points"]]'
        insert(table / "lineage.json", '"quality_tier": [', f'"{column}": {sources},\n')
    return copy


def insert(file: Path, before: str, line: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(before) == 1, f"{file} has another shape: {before}"
    file.write_text(text.replace(before, line + before), encoding="utf-8")


def launch(deployed: Deployed, days: list[date]) -> list[str]:
    """Ask for a run per date, as a person does in the UI; returns their ids."""
    job = {"repositoryLocationName": "phase3_assets", "repositoryName": "__repository__", "pipelineName": "publish"}
    wanted = [
        {"selector": job, "executionMetadata": {"tags": [{"key": "dagster/partition", "value": day.isoformat()}]}}
        for day in days
    ]
    answers = deployed.ask(_LAUNCH, wanted=wanted)["launchMultipleRuns"]["launchMultipleRunsResult"]
    assert all(answer["__typename"] == "LaunchRunSuccess" for answer in answers), answers
    return [answer["run"]["runId"] for answer in answers]


_LAUNCH = """
mutation ($wanted: [ExecutionParams!]!) {
  launchMultipleRuns(executionParamsList: $wanted) {
    ... on LaunchMultipleRunsResult {
      launchMultipleRunsResult { __typename ... on LaunchRunSuccess { run { runId } } }
    }
  }
}
"""
_SENSOR = """
query ($sensor: SensorSelector!) { sensorOrError(sensorSelector: $sensor) { ... on Sensor { sensorState { id } } } }
"""
_STOP = """
mutation ($id: String!) {
  stopSensor(id: $id) { ... on StopSensorMutationResult { instigationState { status } } }
}
"""
