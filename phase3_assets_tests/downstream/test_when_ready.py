"""The sensor that starts other projects' work: once per date and content, and never for a date that is not ready.

What belongs here: the sensor evaluated against a real instance and a real warehouse. What doesn't: how far a date is
(publishing/test_completion.py), the example (test_example.py).
"""

from datetime import timedelta

import dagster as dg
import pytest

from phase3_assets import downstream
from phase3_assets.catalog.tables import published_table
from phase3_assets.definitions import build_defs
from phase3_assets.defs.jobs import PUBLISH_JOB
from phase3_assets.defs.tags import PARTITION_TAG, READY_DATE_TAG, RUN_KEY_TAG
from phase3_assets.downstream import daily_partitions, when_ready
from phase3_assets.errors import ConfigurationError
from phase3_assets.publishing import rollback
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets_tests.support.bends import placeholder
from phase3_assets_tests.support.games import DAY, PLAYERS
from phase3_assets_tests.support.games import OFFENSE as TEAMS


@dg.op
def work() -> None:
    """What another project does."""


@dg.job(partitions_def=daily_partitions())
def grading() -> None:
    work()


@dg.job
def undated() -> None:
    work()


@pytest.fixture(autouse=True)
def _the_next_day(monkeypatch):
    monkeypatch.setattr(downstream, "last_date", lambda: DAY + timedelta(days=1))


class Project:
    """Another project's sensor, with what Dagster's daemon keeps for it."""

    def __init__(self, warehouse, *arguments, job=grading, **options):
        self.job = job
        self.sensor = when_ready(job, *arguments, warehouse=lambda: warehouse, **options)
        self.instance = dg.DagsterInstance.ephemeral()
        self.cursor = None
        self.told = ""

    def evaluate(self) -> list[dg.RunRequest]:
        """One tick, without launching what it asks for."""
        result = self.sensor(dg.build_sensor_context(self.instance, cursor=self.cursor))
        self.cursor = result.cursor
        self.told = result.skip_reason.skip_message if result.skip_reason else ""
        return list(result.run_requests or ())

    def tick(self) -> list[str]:
        """One tick, launching as the daemon does; returns the dates. A key that history has launches nothing."""
        requests = self.evaluate()
        for request in requests:
            assert not self.instance.get_runs(dg.RunsFilter(tags={RUN_KEY_TAG: request.run_key}))
            tags = {**request.tags, RUN_KEY_TAG: request.run_key}
            self.instance.create_run_for_job(self.job, tags=tags, status=dg.DagsterRunStatus.SUCCESS)
        return [request.tags[READY_DATE_TAG] for request in requests]


@pytest.mark.slow
def test_a_night_a_correction_and_the_way_back(make_world):
    world = make_world(3)
    right = [dict(row) for row in world.of("nbac_team_boxscore")]
    gamebook = [dict(row) for row in world.of("nbac_gamebook_player_stats")]
    for box in world.of("nbac_team_boxscore"):
        placeholder(box)
    world.drop("nbac_gamebook_player_stats")
    world.reload_and_publish()
    most, all_of_it = Project(world.warehouse, 60, [PLAYERS]), Project(world.warehouse, 80, [PLAYERS])
    assert (most.tick(), all_of_it.tick()) == ([str(DAY)], [])
    assert "0 of 1 dates have reached 80 %" in all_of_it.told
    assert (most.tick(), all_of_it.tick()) == ([], [])

    for box, row in zip(world.of("nbac_team_boxscore"), right, strict=True):
        box.update(row)
    world.rows["nbac_gamebook_player_stats"] += gamebook
    world.reload_and_publish()
    assert (most.tick(), all_of_it.tick()) == ([str(DAY)], [str(DAY)]), "there is more of it than there was"
    assert (most.tick(), all_of_it.tick()) == ([], [])

    world.publish(repair=True)
    assert all_of_it.tick() == [], "the same rows, published again"

    first = rollback.history(world.warehouse, published_table(PLAYERS), DAY)[-1]["publication_id"]
    for name in ("nbac_team_boxscore", "nbac_gamebook_player_stats", "nbac_player_boxscores"):
        world.of(name)[0]["assists"] += 1
    world.reload_and_publish()
    assert (all_of_it.tick(), all_of_it.tick()) == ([str(DAY)], [])

    rollback.rollback(
        world.warehouse, published_table(PLAYERS), DAY, first, [], "a test of the way back", Thresholds(), "run"
    )
    assert (all_of_it.tick(), all_of_it.tick()) == ([str(DAY)], []), "what readers saw before is a change, too"
    keys = {run.tags[RUN_KEY_TAG] for run in all_of_it.instance.get_runs()}
    assert len(keys) == 3 and {key.rpartition("/")[2] for key in keys} == {"1", "2", "3"}


def test_a_date_is_started_once_whatever_is_forgotten(world):
    project = Project(world.warehouse)
    (request,) = project.evaluate()
    assert (request.partition_key, request.tags[READY_DATE_TAG]) == (str(DAY), str(DAY))
    project.cursor = None
    assert project.tick() == [str(DAY)], "a tick that came to nothing is made again"
    assert (project.tick(), project.told) == ([], "nothing was published since the last look")
    for cursor in (None, "", "damaged", "[]", '{"version": 1, "started": 2}'):
        project.cursor = cursor
        assert project.tick() == [], "the run says what it was started for"
    project.cursor = project.cursor.replace('"version": "', '"version": "an older one ')
    for run in project.instance.get_runs():
        project.instance.delete_run(run.run_id)
    assert project.tick() == [], "the cursor says it as well"


def test_only_the_tables_asked_for_count(world):
    players, teams = Project(world.warehouse, 100, [PLAYERS]), Project(world.warehouse, 100, [TEAMS])
    assert (players.tick(), teams.tick()) == ([str(DAY)], [str(DAY)])
    world.tamper(
        f"UPDATE nba_phase3.publications SET content_hash = 'other' WHERE table_name = '{PLAYERS}' "
        "AND game_id = '{game}'"
    )
    assert (players.tick(), teams.tick()) == ([str(DAY)], [])


def test_a_date_that_falls_below_is_not_started(world):
    project = Project(world.warehouse, 80)
    world.tamper(
        "UPDATE nba_phase3.phase3_completion SET games_complete = 2, "
        f"missing = ['20260203_CLE_LAC {PLAYERS} 0 rows are there, 30 were published']"
    )
    assert project.tick() == []
    assert Project(world.warehouse, 66).tick() == [str(DAY)]
    assert Project(world.warehouse, 80, [TEAMS]).tick() == [str(DAY)]


def test_a_date_without_games_is_never_started(world):
    world.tamper("UPDATE nba_phase3.phase3_completion SET games_void = games_scheduled, games_complete = 0")
    assert Project(world.warehouse).tick() == []


def test_many_dates_at_once_are_taken_in_turns(world):
    world.tamper(
        *(
            f"INSERT INTO nba_phase3.phase3_completion SELECT * REPLACE (game_date - {back} AS game_date) "
            f"FROM nba_phase3.phase3_completion WHERE game_date = DATE '{DAY}'"
            for back in range(1, 13)
        )
    )
    project = Project(world.warehouse, days=13)
    expected = [str(DAY - timedelta(days=back)) for back in range(11, -1, -1)]
    assert (project.tick(), project.tick(), project.tick()) == (expected[:10], expected[10:], [])


def test_a_date_that_a_run_is_publishing_waits_for_it(world):
    project = Project(world.warehouse)
    publishing = project.instance.create_run_for_job(
        build_defs().resolve_job_def(PUBLISH_JOB),
        tags={PARTITION_TAG: str(DAY)},
        status=dg.DagsterRunStatus.STARTED,
        asset_selection=frozenset({dg.AssetKey(PLAYERS)}),
    )
    assert project.tick() == []
    assert f"{DAY} waits for run {publishing.run_id[:8]}" in project.told
    project.instance.delete_run(publishing.run_id)
    assert project.tick() == [str(DAY)]


def test_a_warehouse_that_cannot_be_read_starts_nothing_and_forgets_nothing(world, tmp_path):
    project = Project(DuckDBWarehouse(tmp_path / "none.duckdb"))
    project.cursor = '{"version": "v", "started": {}}'
    assert project.tick() == []
    assert "the next tick looks again: there is no warehouse at" in project.told
    assert project.cursor == '{"version": "v", "started": {}}'
    world.tamper("DROP TABLE nba_phase3.phase3_completion")
    older = Project(world.warehouse)
    assert (older.tick(), older.told.partition(":")[0]) == ([], "the next tick looks again")


def test_a_job_without_partitions_reads_the_date_in_a_tag(world):
    (request,) = Project(world.warehouse, job=undated, is_partitioned=False).evaluate()
    assert (request.partition_key, request.tags[READY_DATE_TAG]) == (None, str(DAY))


@pytest.mark.parametrize(
    ("arguments", "options", "words"),
    [
        ((grading, 0), {}, "above 0 and at most 100"),
        ((grading, 100.5), {}, "above 0 and at most 100"),
        ((grading, 80, ["player_summary"]), {}, "no published table player_summary; there are"),
        ((grading,), {"days": 0}, "at least one date"),
        ((dg.AssetSelection.all(),), {}, "a sensor name"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_when_it_is_defined(arguments, options, words):
    with pytest.raises(ConfigurationError, match=words):
        when_ready(*arguments, **options)
