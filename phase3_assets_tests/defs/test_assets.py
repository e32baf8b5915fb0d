"""The Dagster wiring: the graph, materializing a date, a range, a selection, and what the UI is told."""

import time
from datetime import date
from pathlib import Path
from threading import Thread

import dagster as dg
import pytest

from phase3_assets.automation.tick import watched_tables
from phase3_assets.catalog.tables import published_table
from phase3_assets.definitions import build_defs
from phase3_assets.defs.health import MORNING_HEALTH
from phase3_assets.defs.jobs import CHECK_JOB, PUBLISH_JOB
from phase3_assets.defs.night_report import NIGHT_REPORT
from phase3_assets.defs.resources import WRITER_POOL, Publisher
from phase3_assets.defs.tags import WAITING_TAG
from phase3_assets.demo.season import simulate_season
from phase3_assets.instance.event_storage import is_routine
from phase3_assets.instance.home import prepare_dagster_home
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.settings.locations import Settings
from phase3_assets.settings.pacing import Pacing
from phase3_assets_tests.support.games import OFFENSE, SUMMARIES

RAW = {"nbac_schedule", "nbac_team_boxscore", "nbac_gamebook_player_stats", "nbac_player_boxscores"}


@pytest.fixture
def loaded(make_world):
    world = make_world(3)
    for row in world.of("nbac_team_boxscore", world.games[1]):
        row.update(points=0, fg_attempted=0, minutes=None)
    world.drop("nbac_gamebook_player_stats", world.games[1])
    world.load()
    return world


def execute(world, instance=None, **options) -> dg.ExecuteInProcessResult:
    job = build_defs(Publisher(world.warehouse)).resolve_job_def(PUBLISH_JOB)
    return job.execute_in_process(instance=instance or dg.DagsterInstance.ephemeral(), **options)


def materializations(result, table: str) -> dict[str, dg.AssetMaterialization]:
    events = result.asset_materializations_for_node(table)
    return {event.partition: event for event in events}


def test_the_definitions_load_and_the_graph_reads_like_the_domain(warehouse):
    defs = build_defs(Publisher(warehouse))
    dg.Definitions.validate_loadable(defs)
    graph = defs.resolve_asset_graph()
    parents = {
        key.to_user_string(): {parent.to_user_string() for parent in graph.get(key).parent_keys}
        for key in graph.get_all_asset_keys()
    }
    read = {name for name in watched_tables() if "." not in name}
    assert {*RAW, "odds_api_player_points_props", "odds_api_game_lines", "nbac_injury_report"} < read
    expected = {
        **{name: set() for name in read},
        "game_readiness": read,
        "team_offense_game_summary": {"game_readiness"},
        "team_defense_game_summary": {"game_readiness", "team_offense_game_summary"},
        "player_game_summary": {"game_readiness", "team_offense_game_summary"},
    }
    assert {name: parents[name] for name in expected} == expected


def test_materializing_a_date_publishes_it_and_shows_what_was_held_back(loaded):
    day = loaded.game.game_date.isoformat()
    result = execute(loaded, partition_key=day)
    assert result.success
    shown = materializations(result, "player_game_summary")[day].metadata
    assert shown["games_published"].value == 2 and shown["games_held_back"].value == 1
    assert shown["dagster/partition_row_count"].value == len(loaded.table("player_game_summary")) > 0
    assert "placeholder_team_boxscore" in shown["not_published"].value
    assert loaded.games[1].game_id in shown["not_published"].value
    assert "usage_rate" in shown["preview"].value
    lineage = shown["dagster/column_lineage"].value.deps_by_column["usage_rate"]
    assert dg.AssetKey("team_offense_game_summary") in {dep.asset_key for dep in lineage}
    readiness = materializations(result, "game_readiness")[day].metadata
    assert (readiness["games_published"].value, readiness["games_waiting"].value) == (2, 1)


@pytest.mark.slow
@pytest.mark.long
def test_materializing_a_range_is_one_run_with_an_event_and_metadata_per_date(make_world):
    games = simulate_season(11, date(2025, 11, 1), 12)
    world = make_world(games)
    world.load()
    tags = {
        "dagster/asset_partition_range_start": "2025-11-01",
        "dagster/asset_partition_range_end": "2025-11-12",
    }
    result = execute(world, tags=tags)
    assert result.success
    for table in SUMMARIES:
        shown = materializations(result, table)
        assert len(shown) == 12
        for day, event in shown.items():
            expected = sum(game.game_date.isoformat() == day for game in games)
            assert event.metadata["games_published"].value == expected


def test_a_selection_of_the_player_table_alone_publishes_nothing_without_its_team_rows(loaded):
    day = loaded.game.game_date.isoformat()
    instance = dg.DagsterInstance.ephemeral()
    result = execute(loaded, instance, partition_key=day, asset_selection=[dg.AssetKey("player_game_summary")])
    shown = materializations(result, "player_game_summary")[day].metadata
    assert shown["games_published"].value == 0
    assert "materialize it first" in shown["not_published"].value
    assert loaded.table("player_game_summary") == []
    assert result.success, "what is not there yet is no failure"
    assert shown["state"].value == "waiting"
    assert instance.get_run_by_id(result.run_id).tags[WAITING_TAG] == "2 games"


@pytest.mark.slow
def test_a_run_waits_for_upstream_rows_that_another_is_publishing(loaded):
    """Bounded, with growing pauses; the rows came from elsewhere meanwhile, so the same run publishes from them."""
    day = loaded.game.game_date
    publisher = Publisher(loaded.warehouse, pacing=Pacing(gate_wait_seconds=60))
    elsewhere = Thread(
        target=lambda: (time.sleep(3), publish(loaded.warehouse, Request(day, day), [published_table(OFFENSE)]))
    )
    elsewhere.start()
    job = build_defs(publisher).resolve_job_def(PUBLISH_JOB)
    instance = dg.DagsterInstance.ephemeral()
    result = job.execute_in_process(
        instance=instance, partition_key=day.isoformat(), asset_selection=[dg.AssetKey("player_game_summary")]
    )
    elsewhere.join()
    shown = materializations(result, "player_game_summary")[day.isoformat()].metadata
    assert shown["games_published"].value == 2 and shown["state"].value == "held back"
    assert WAITING_TAG not in instance.get_run_by_id(result.run_id).tags


@pytest.mark.long
def test_a_run_limited_to_some_games_leaves_the_others(loaded):
    day = loaded.game.game_date.isoformat()
    execute(loaded, partition_key=day, tags={"phase3/games": loaded.game.game_id})
    assert {row["game_id"] for row in loaded.table("player_game_summary")} == {loaded.game.game_id}


def test_the_verify_job_fails_naming_what_was_changed_by_hand(world):
    day = world.game.game_date.isoformat()
    job = build_defs(Publisher(world.warehouse)).resolve_job_def("verify")

    def verify(raise_on_error: bool = True):
        instance = dg.DagsterInstance.ephemeral()
        return job.execute_in_process(instance=instance, partition_key=day, raise_on_error=raise_on_error)

    assert verify().success
    world.tamper(
        f"UPDATE nba_analytics.player_game_summary SET usage_rate = 1228 WHERE game_id = '{world.game.game_id}'"
    )
    result = verify(raise_on_error=False)
    assert not result.success
    (failure,) = result.get_step_failure_events()
    shown = failure.step_failure_data.user_failure_data.metadata["drift"].value
    assert world.game.game_id in shown and world.games[1].game_id not in shown


def test_checks_executed_without_a_date_look_at_the_latest_dates(world):
    """The UI's "Execute all" on an asset's checks names no partition."""
    job = build_defs(Publisher(world.warehouse)).resolve_implicit_global_asset_job_def()
    keys = {
        key for key in job.asset_layer.asset_graph.asset_check_keys if key.asset_key.path == ["player_game_summary"]
    }
    alone = job.get_subset(asset_check_selection=keys)
    result = alone.execute_in_process(instance=dg.DagsterInstance.ephemeral())
    evaluated = {evaluation.check_name: evaluation for evaluation in result.get_asset_check_evaluations()}
    assert set(evaluated) == {key.name for key in keys}
    assert evaluated["usage_rate"].metadata["rows_checked"].value == len(world.table("player_game_summary"))


@pytest.mark.slow
@pytest.mark.long
def test_the_check_job_checks_a_date_and_publishes_nothing(world):
    day = world.game.game_date.isoformat()
    for row in world.of("nbac_team_boxscore"):
        row["assists"] += 1
    world.load("nbac_team_boxscore")
    before = world.table(OFFENSE)
    job = build_defs(Publisher(world.warehouse)).resolve_job_def(CHECK_JOB)
    instance = dg.DagsterInstance.ephemeral()
    config = {"ops": {"check_rows": {"config": {"tables": ["player_game_summary"], "checks": ["usage_rate"]}}}}

    def check(run_config=None):
        result = job.execute_in_process(
            instance=instance, partition_key=day, run_config=run_config, raise_on_error=False
        )
        logs = instance.all_logs(result.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
        found = [entry.dagster_event.asset_check_evaluation_data for entry in logs]
        assert {evaluation.partition for evaluation in found} == {day}
        return result.success, {(e.asset_key.path[-1], e.check_name): e.passed for e in found}

    success, evaluated = check()
    assert success and all(evaluated.values())
    assert {("player_game_summary", "usage_rate"), ("team_offense_game_summary", "nulls")} <= set(evaluated)
    assert check(config) == (True, {("player_game_summary", "usage_rate"): True})
    assert world.table(OFFENSE) == before
    world.tamper("UPDATE nba_analytics.player_game_summary SET usage_rate_raw = 1228 WHERE minutes_played > 20")
    assert check(config) == (False, {("player_game_summary", "usage_rate"): False})


def test_the_asset_says_what_its_columns_mean(warehouse):
    graph = build_defs(Publisher(warehouse)).resolve_asset_graph()
    schema = graph.get(dg.AssetKey("player_game_summary")).metadata["dagster/column_schema"]
    columns = {column.name: column for column in schema.columns}
    assert "plays" in columns["usage_rate"].description
    assert not columns["player_lookup"].constraints.nullable


@pytest.mark.slow
@pytest.mark.long
def test_history_outlives_the_process_and_batches_equal_single_events(make_world, tmp_path: Path, monkeypatch):
    games = simulate_season(12, date(2025, 11, 1), 5)
    world = make_world(games)
    world.load()
    tags = {
        "dagster/asset_partition_range_start": "2025-11-01",
        "dagster/asset_partition_range_end": "2025-11-05",
    }
    counted = {}
    for batch_size in ("0", "1000"):
        monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / f"home{batch_size}"))
        monkeypatch.setenv("DAGSTER_EVENT_BATCH_SIZE", batch_size)
        prepare_dagster_home(Settings.from_environment())
        with dg.DagsterInstance.get() as instance:
            run_id = execute(world, instance, tags=tags).run_id
        with dg.DagsterInstance.get() as instance:
            key = dg.AssetKey("player_game_summary")
            events = instance.all_logs(run_id)
            counted[batch_size] = (
                sorted(instance.get_materialized_partitions(key)),
                sorted(str(e.dagster_event_type) for e in events if e.is_dagster_event and not is_routine(e)),
                instance.get_latest_materialization_event(key).asset_materialization.partition,
                instance.get_run_by_id(run_id).status,
            )
    assert counted["0"] == counted["1000"]
    assert counted["0"][0] == [f"2025-11-0{day}" for day in range(1, 6)]


def test_whatever_writes_is_in_one_pool_that_a_deployment_can_limit(warehouse):
    """The night's report and the morning's checklist only read, and hold nobody up."""
    definitions = build_defs(Publisher(warehouse))
    nodes = [node for job in definitions.resolve_all_job_defs() for node in job.nodes]
    assert {node.name for node in nodes if node.definition.pool != WRITER_POOL} == {NIGHT_REPORT, MORNING_HEALTH}
