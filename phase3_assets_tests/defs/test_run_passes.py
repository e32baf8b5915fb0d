"""A Dagster run is one pass: one survey for all its tables, and still each table's own success, failure and report.

What belongs here: how the steps of a run share what its first step did. What doesn't: what a publication does
(publishing/test_publish.py), what a run costs on BigQuery (bigquery/test_costs.py).
"""

import dagster as dg
import pytest

from phase3_assets.catalog.tables import published_table, published_tables
from phase3_assets.definitions import build_defs
from phase3_assets.defs.jobs import PUBLISH_JOB
from phase3_assets.defs.resources import Publisher
from phase3_assets.errors import WarehouseRequestError
from phase3_assets.publishing import publish as publishing
from phase3_assets.publishing.requests import Request
from phase3_assets_tests.support.games import DAY, DEFENSE, OFFENSE, PLAYERS, SUMMARIES

GAMEBOOK = "nbac_gamebook_player_stats"


@pytest.fixture
def loaded(make_world):
    world = make_world(2)
    world.load()
    return world


@pytest.fixture
def surveys(monkeypatch):
    """The run ids of the surveys made; a count, the surveys themselves go on."""
    made, store_states = [], publishing.store_states

    def noting(work, *rest, **options):
        made.append(work.run_id)
        return store_states(work, *rest, **options)

    monkeypatch.setattr(publishing, "store_states", noting)
    return made


def execute(world, *tables, **options):
    return (
        build_defs(Publisher(world.warehouse))
        .resolve_job_def(PUBLISH_JOB)
        .execute_in_process(
            instance=dg.DagsterInstance.ephemeral(),
            partition_key=DAY.isoformat(),
            asset_selection=[dg.AssetKey(name) for name in tables] or None,
            raise_on_error=False,
            **options,
        )
    )


def failed_steps(result) -> set[str]:
    return {event.step_key for event in result.all_events if event.is_step_failure}


@pytest.mark.parametrize("selection", [(), (OFFENSE, PLAYERS), ("game_readiness", OFFENSE)])
def test_a_run_surveys_once_whatever_it_publishes(loaded, surveys, selection):
    result = execute(loaded, *selection)
    assert result.success and surveys == [result.run_id]
    chosen = [table for table in SUMMARIES if not selection or table in selection]
    for table in chosen:
        (made,) = result.asset_materializations_for_node(table)
        assert made.partition == DAY.isoformat() and made.metadata["games_published"].value == 2
    assert [table for table in SUMMARIES if loaded.table(table)] == chosen


@pytest.mark.slow
@pytest.mark.long
def test_a_table_that_fails_stops_what_is_downstream_of_it_alone(loaded, surveys):
    loaded.tamper(f"ALTER TABLE nba_analytics.{DEFENSE} ALTER COLUMN opp_paint_attempts SET NOT NULL")
    result = execute(loaded)
    assert failed_steps(result) == {DEFENSE}
    assert [table for table in SUMMARIES if loaded.table(table)] == [OFFENSE, PLAYERS]
    for table in (OFFENSE, PLAYERS):
        assert result.asset_materializations_for_node(table)[0].metadata["games_published"].value == 2
    assert len(surveys) == 2, "players, who do not read the table that failed, are a pass of their own"


def test_a_first_table_that_fails_stops_everything_that_reads_it(loaded, surveys):
    loaded.tamper(f"ALTER TABLE nba_analytics.{OFFENSE} ALTER COLUMN team_paint_attempts SET NOT NULL")
    result = execute(loaded)
    assert failed_steps(result) == {OFFENSE} and len(surveys) == 1
    assert result.asset_materializations_for_node("game_readiness")
    assert not any(loaded.table(table) for table in SUMMARIES)


def test_a_failed_blocking_check_keeps_what_dagster_does_not_start_from_being_written(world):
    """On a date, all of what is downstream; the command line stops the games at fault, as a range does."""
    world.tamper(
        f"UPDATE nba_analytics.{OFFENSE} SET fg_makes = fg_attempts + 1 WHERE game_id = '{world.game.game_id}'"
    )
    for row in world.rows[GAMEBOOK]:
        row["assists"] = None if row["assists"] is None else row["assists"] + 1
    for row in world.rows["nbac_team_boxscore"]:
        row["assists"] += 1
    world.load(GAMEBOOK)
    before = world.table(PLAYERS)
    result = execute(world)
    assert failed_steps(result) == {f"{OFFENSE}_checks"}
    assert not result.asset_materializations_for_node(PLAYERS) and world.table(PLAYERS) == before
    assert not result.asset_materializations_for_node(DEFENSE)
    assert {
        row["table_name"]
        for row in world.query("SELECT * FROM nba_phase3.publications")
        if row["run_id"] == result.run_id
    } <= {OFFENSE}


def test_steps_in_processes_of_their_own_are_passes_of_their_own(loaded, surveys):
    request = Request(DAY, DAY, run_id="apart")
    assert len(Publisher(loaded.warehouse).readiness(request)) == 2
    for name in SUMMARIES:
        publisher, table = Publisher(loaded.warehouse), published_table(name)
        assert publisher.report(request, table, tables=[table]).count("published") == 2
        assert {verdict.table for verdict in publisher.check(DAY, DAY, table, "apart")} == {name}
    assert surveys == ["apart"] * len(SUMMARIES)


def test_an_error_is_raised_once_and_the_step_tried_again_does_the_work_again(loaded):
    loaded.tamper(f"ALTER TABLE nba_analytics.{DEFENSE} ALTER COLUMN opp_paint_attempts SET NOT NULL")
    request, publisher, defense = (
        Request(DAY, DAY, run_id="again"),
        Publisher(loaded.warehouse),
        published_table(DEFENSE),
    )
    assert publisher.readiness(request, published_tables())
    with pytest.raises(WarehouseRequestError):
        publisher.report(request, defense, tables=published_tables())
    loaded.tamper(f"ALTER TABLE nba_analytics.{DEFENSE} ALTER COLUMN opp_paint_attempts DROP NOT NULL")
    assert publisher.report(request, defense, tables=published_tables()).count("published") == 2
