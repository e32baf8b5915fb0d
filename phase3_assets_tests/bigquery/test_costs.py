"""What runs and ticks cost on BigQuery: statements, jobs and bytes, counted at the server, and the seconds they would
take in a cloud, which the server charges and nobody waits for.
"""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from phase3_assets.automation.memory import Memory
from phase3_assets.automation.tick import Runs, tick
from phase3_assets.catalog.tables import published_tables
from phase3_assets.definitions import build_defs
from phase3_assets.defs.jobs import PUBLISH_JOB
from phase3_assets.defs.resources import Publisher
from phase3_assets.demo.season import raw_rows, simulate_season
from phase3_assets.demo.story import load_rows
from phase3_assets.errors import Phase3Error
from phase3_assets.publishing.completion import completion_of
from phase3_assets.publishing.look_back import looking_back
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.settings.pacing import Pacing
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets_tests.bigquery.emulator import statements
from phase3_assets_tests.bigquery.loopback import loopback
from phase3_assets_tests.support.games import DAY
from phase3_assets_tests.support.sampling import first_in_ci

pytestmark = pytest.mark.slow


def sent(server) -> Counter:
    """Jobs and statements by what they were for."""
    counted = Counter()
    for job in server.started():
        labels = job.body["configuration"]["labels"]
        counted[labels["purpose"], labels.get("table", ""), "jobs"] += 1
        counted[labels["purpose"], labels.get("table", ""), "statements"] += len(statements(job.sql))
    return counted


def total(counted: dict[tuple[str, str, str], int], what: str) -> int:
    return sum(number for (_, _, kind), number in counted.items() if kind == what)


@pytest.mark.long
def test_a_run_of_dagster_sends_what_the_command_line_sends(server, connect_to, tmp_path, _loaded_file):
    publish(connect_to(server), Request(DAY, DAY))
    completion_of(connect_to(server), DAY, DAY)
    by_command_line = sent(server)
    other = tmp_path / "other.duckdb"
    other.write_bytes(_loaded_file)
    with loopback(other) as running:
        result = (
            build_defs(Publisher(connect_to(running), Thresholds()))
            .resolve_job_def(PUBLISH_JOB)
            .execute_in_process(instance=dg.DagsterInstance.ephemeral(), partition_key=DAY.isoformat())
        )
        assert result.success
        assert sent(running) == by_command_line
    jobs, statements_sent = total(by_command_line, "jobs"), total(by_command_line, "statements")
    assert jobs == 4 + 3 * len(published_tables()) + len(looking_back())
    page = (Path(__file__).parents[2] / "docs" / "bigquery.md").read_text(encoding="utf-8")
    assert f"is {jobs} jobs with {statements_sent} statements" in page


PACING = Pacing(sensor_window_days=2500)
TODAY = date(2026, 2, 4)
NIGHTS = [date(year, 11, 5) for year in range(2021, 2026)]
"""A night of each of five seasons."""
TICK_SECONDS = 60


@pytest.fixture
def five_seasons(tmp_path, _initialised_file):
    path = tmp_path / "seasons.duckdb"
    path.write_bytes(_initialised_file)
    games = [simulate_season(3, day, 1)[0] for day in NIGHTS]
    load_rows(DuckDBWarehouse(path), raw_rows(games))
    with loopback(path) as running:
        yield running


class Watch:
    """One sensor against a server; its memory goes through Dagster's cursor, its runs are under way for ever."""

    def __init__(self, warehouse, server, raw_table):
        self.warehouse, self.server, self.raw_table = warehouse, server, raw_table
        self.cursor, self.now, self.asked = "", datetime(2026, 2, 4, 12, tzinfo=UTC), []
        self.longest = 0.0

    def tick(self):
        """Raise WarehouseBusyError or the like as a tick does: the cursor is then the one before."""
        self.now += timedelta(seconds=15)
        memory, before = Memory.from_json(self.cursor), self.server.seconds
        under_way = {day for run in self.asked for day in NIGHTS if run.start <= day <= run.end}
        runs = Runs(lambda day: "a run" if day in under_way else None, lambda change: False)
        try:
            found = tick(
                self.warehouse, self.raw_table, memory, runs, PACING, TODAY, self.now, lambda: self.server.seconds
            )
        finally:
            self.longest = max(self.longest, self.server.seconds - before)
        self.cursor = memory.to_json()
        self.asked += found.runs
        return found

    def until_all_is_asked_for(self):
        """Tick until every night has a run, and once more."""
        for _ in range(20):
            if len(self.asked) >= len(NIGHTS):
                break
            self.tick()
        self.tick()


@pytest.mark.parametrize("raw_table", first_in_ci([None, "nbac_schedule"]))
@pytest.mark.long
def test_no_tick_over_five_seasons_takes_longer_than_dagster_allows(five_seasons, connect_to, raw_table):
    watch = Watch(connect_to(five_seasons), five_seasons, raw_table)
    watch.until_all_is_asked_for()
    assert watch.longest < TICK_SECONDS
    assert five_seasons.seconds > TICK_SECONDS, "all of it in one tick would have been too much"
    assert sorted(run.start for run in watch.asked) == NIGHTS, "each night once: nothing lost, nothing doubled"


@pytest.mark.long
def test_a_tick_that_fails_halfway_through_history_loses_nothing(five_seasons, connect_to):
    watch = Watch(connect_to(five_seasons), five_seasons, None)
    watch.tick()
    assert Memory.from_json(watch.cursor).unsearched, "one tick is not enough"
    cursor = watch.cursor
    five_seasons.fail_job("_query_", "accessDenied", "for now")
    with pytest.raises(Phase3Error):
        watch.tick()
    assert watch.cursor == cursor
    watch.until_all_is_asked_for()
    assert sorted(run.start for run in watch.asked) == NIGHTS


@pytest.mark.long
def test_an_idle_tick_is_one_request_a_table_and_a_changed_date_settles_without_a_job(published_server, connect_to):
    server = published_server
    watch = Watch(connect_to(server), server, "nbac_team_boxscore")
    for _ in range(4):
        watch.tick()
    jobs, requests = len(server.started()), len(server.sent)
    watch.tick()
    assert (len(server.started()) - jobs, len(server.sent) - requests) == (0, 1)
    server.connection.execute("UPDATE nba_raw.nbac_team_boxscore SET steals = steals + 1")
    versions, queries = len(server.started("versions")), len(server.started("query"))
    watch.tick()
    assert len(server.started("versions")) - versions == 2, "the dates of this table, then of all that are open"
    watch.tick()
    assert len(server.started("versions")) - versions == 2, "no table moved since: no date did"
    assert len(server.started("query")) - queries == 1, "the look"
