"""Checks as Dagster shows them: an evaluation per check and date, in a run that publishes and alone.

What belongs here: evaluations. What doesn't: verdicts (publishing/test_check.py).
"""

from datetime import timedelta

import dagster as dg
import pytest

from phase3_assets.catalog.tables import published_tables
from phase3_assets.definitions import build_defs
from phase3_assets.defs.jobs import PUBLISH_JOB
from phase3_assets.defs.partitions import daily_partitions
from phase3_assets.defs.private import log_evaluations
from phase3_assets.defs.resources import Publisher
from phase3_assets.publishing.check import check_names
from phase3_assets_tests.support.checks import A_POINT_MORE, BLOCKING
from phase3_assets_tests.support.games import (
    DAY,
    OFFENSE,
    PLAYERS,
    SUMMARIES,
    night,
    of_summaries,
)

BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)


def evaluations(instance: dg.DagsterInstance, run_id: str) -> list[dg.AssetCheckEvaluation]:
    logs = instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    return [log.dagster_event.asset_check_evaluation_data for log in logs]


def all_checks() -> set[tuple[str, str]]:
    return {(table.name, name) for table in published_tables() for name in check_names(table)}


def of(evaluation: dg.AssetCheckEvaluation) -> tuple[str, str]:
    return evaluation.asset_key.to_user_string(), evaluation.check_name


def test_exactly_the_blocking_checks_block_in_dagster(warehouse):
    graph = build_defs(Publisher(warehouse)).resolve_asset_graph()
    specs = [graph.get_check_spec(key) for key in graph.asset_check_keys]
    assert {(spec.asset_key.to_user_string(), spec.name) for spec in specs} == all_checks()
    for spec in specs:
        assert spec.blocking == (spec.name in BLOCKING)
        assert spec.description


@pytest.mark.long
def test_publishing_a_date_records_an_evaluation_per_check_on_that_date(world):
    day = DAY.isoformat()
    job = build_defs(Publisher(world.warehouse)).resolve_job_def(PUBLISH_JOB)
    instance = dg.DagsterInstance.ephemeral()
    result = job.execute_in_process(instance=instance, partition_key=day)
    found = evaluations(instance, result.run_id)
    assert sorted(map(of, found)) == sorted(all_checks())
    assert {evaluation.partition for evaluation in found} == {day}
    for evaluation in found:
        assert evaluation.passed and evaluation.blocking == (evaluation.check_name in BLOCKING)
    key = dg.AssetCheckKey(dg.AssetKey(PLAYERS), "usage_rate")
    (record,) = instance.event_log_storage.get_asset_check_execution_history(key, limit=10)
    assert record.status.value == "SUCCEEDED" and record.partition == day


@pytest.mark.slow
@pytest.mark.parametrize("has_batches", [True, False])
@pytest.mark.long
def test_publishing_a_range_records_an_evaluation_per_check_and_date(make_world, monkeypatch, has_batches):
    """Whether Dagster has batches of events or, as a later one may, has none."""

    def log_without_batches(context, found):
        with monkeypatch.context() as taken:
            taken.delattr("dagster._core.events.generate_event_batch_id")
            log_evaluations(context, found)

    if not has_batches:
        monkeypatch.setattr("phase3_assets.defs.checks.log_evaluations", log_without_batches)
    world = make_world([*night(2, BEFORE, seed=20), *night(2, AFTER, seed=30)])
    world.load()
    tags = {
        "dagster/asset_partition_range_start": BEFORE.isoformat(),
        "dagster/asset_partition_range_end": AFTER.isoformat(),
    }
    job = build_defs(Publisher(world.warehouse)).resolve_job_def(PUBLISH_JOB)
    instance = dg.DagsterInstance.ephemeral()
    result = job.execute_in_process(instance=instance, tags=tags)
    found = [evaluation for evaluation in evaluations(instance, result.run_id) if evaluation.partition]
    days = [day.isoformat() for day in (BEFORE, DAY, AFTER)]
    assert sorted((*of(e), e.partition) for e in found) == sorted((*c, day) for c in all_checks() for day in days)
    rows = {e.partition: e.metadata["rows_checked"].value for e in found if of(e) == (OFFENSE, "nulls")}
    assert rows == {days[0]: 4, days[1]: 0, days[2]: 4}


@pytest.mark.parametrize("tampered", [False, True])
def test_checks_alone_can_be_executed(world, tampered):
    if tampered:
        world.tamper(A_POINT_MORE)
    selection = dg.AssetSelection.checks_for_assets(*SUMMARIES)
    checks_job = dg.define_asset_job("checks_alone", selection=selection, partitions_def=daily_partitions())
    defs = dg.Definitions.merge(build_defs(Publisher(world.warehouse)), dg.Definitions(jobs=[checks_job]))
    instance = dg.DagsterInstance.ephemeral()
    result = defs.resolve_job_def("checks_alone").execute_in_process(
        instance=instance, tags={"dagster/partition": DAY.isoformat()}, raise_on_error=False
    )
    found = evaluations(instance, result.run_id)
    assert sorted(map(of, found)) == sorted(of_summaries(all_checks()))
    assert {evaluation.partition for evaluation in found} == {DAY.isoformat()}
    assert result.success is not tampered
    bad = [evaluation for evaluation in found if not evaluation.passed]
    expected = [(OFFENSE, "box_score_arithmetic"), (OFFENSE, "does_not_add_up"), (PLAYERS, "team_totals")]
    assert sorted(map(of, bad)) == (sorted(expected) if tampered else [])
    for evaluation in (evaluation for evaluation in bad if evaluation.blocking):
        assert evaluation.severity == dg.AssetCheckSeverity.ERROR
        assert evaluation.metadata["games"].value == world.game.game_id
        assert world.game.game_id in evaluation.metadata["offenders"].value
        assert evaluation.description.startswith(f"2 offending in 1 games; worst: {evaluation.check_name}")
    assert len(world.events("check_failed")) == tampered
    assert not result.get_asset_materialization_events()


def test_some_checks_of_a_table_can_be_executed(world):
    job = build_defs(Publisher(world.warehouse)).resolve_job_def(PUBLISH_JOB)
    chosen = {dg.AssetCheckKey(dg.AssetKey(OFFENSE), name) for name in ("nulls", "game_count")}
    instance = dg.DagsterInstance.ephemeral()
    subset = job.get_subset(asset_selection=set(), asset_check_selection=chosen)
    result = subset.execute_in_process(instance=instance, tags={"dagster/partition": DAY.isoformat()})
    assert sorted(map(of, evaluations(instance, result.run_id))) == [(OFFENSE, "game_count"), (OFFENSE, "nulls")]
