"""A range of dates in the laptop's history: small, and with everything that the pages of Dagster's UI show of it.

What belongs here: what is kept of a range, asked as the UI asks. What doesn't: that PostgreSQL's rows are those of
Dagster's own storage (test_postgres_storage.py).
"""

import uuid
from dataclasses import replace
from datetime import timedelta

import dagster as dg
import pytest

from phase3_assets.catalog.tables import published_tables
from phase3_assets.instance.home import prepare_dagster_home
from phase3_assets.instance.recording import open_instance, record_run
from phase3_assets.publishing.audit import Finding
from phase3_assets.publishing.check import check_names
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Publication, Request
from phase3_assets.publishing.vocabulary import Severity
from phase3_assets.settings.locations import Settings
from phase3_assets_tests.support.games import DAY, OFFENSE, night

BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)
DATES = [day.isoformat() for day in (BEFORE, DAY, AFTER)]
NULLS = dg.AssetCheckKey(dg.AssetKey(OFFENSE), "nulls")
TABLES = [table for table in published_tables() if table.name == OFFENSE]


@pytest.fixture
def record(make_world):
    """Publishes the range, whose second date has no game; records it with the verdicts given by `change`."""
    prepare_dagster_home(Settings.from_environment())
    world = make_world([*night(2, BEFORE, seed=20), *night(2, AFTER, seed=30)])
    world.load()
    request = Request(BEFORE, AFTER, run_id=str(uuid.uuid4()))
    publication = publish(world.warehouse, request, TABLES)

    def record_again(instance: dg.DagsterInstance, change=lambda verdict: verdict, first=BEFORE) -> str:
        again = replace(request, start=first, run_id=str(uuid.uuid4()))
        changed = Publication(publication.games, publication.reports, [change(v) for v in publication.verdicts])
        record_run(again, TABLES, changed, instance)
        return again.run_id

    return record_again


def failing_on(day):
    """Lets the check NULLS fail on a date."""
    finding = Finding("nulls", Severity.WARN, day, "20260203_A_B", None, "a problem", None, 1)
    return lambda v: replace(v, passed=False, findings=(finding,)) if (v.check, v.date) == (NULLS.name, day) else v


def statuses(instance: dg.DagsterInstance) -> dict[str | None, str]:
    """The status of NULLS by date, as the UI's page of the check shows it; that of the range has no date."""
    found = instance.event_log_storage.get_asset_check_partition_info([NULLS])
    return {info.partition_key: info.latest_execution_status.value for info in found}


def test_every_page_shows_what_it_showed(record):
    with open_instance() as instance:
        run_id = record(instance, failing_on(AFTER))
        of_dates = instance.fetch_materializations(dg.AssetKey(OFFENSE), limit=9).records
        shown = {r.partition_key: r.asset_materialization.metadata["games_published"].value for r in of_dates}
        assert shown == dict(zip(DATES, (2, 0, 2), strict=True)), "a date without a game is materialized, too"
        assert statuses(instance) == {None: "FAILED", DATES[0]: "SUCCEEDED", DATES[2]: "FAILED"}
        history = instance.event_log_storage.get_asset_check_execution_history(NULLS, limit=9)
        described = {each.partition: each.event.dagster_event.asset_check_evaluation_data for each in history}
        assert described[DATES[0]].description == "4 rows, none offending"
        assert described[DATES[0]].metadata["rows_checked"].value == 4
        assert "a problem" in described[DATES[2]].description
        logs = instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
        logged = [event.dagster_event.asset_check_evaluation_data for event in logs]
        of_range = sorted(each.check_name for each in logged if each.partition is None)
        assert of_range == sorted(check_names(TABLES[0])), "the page of the run has a line per check"
        of_dates = {each.check_name: each for each in logged if each.partition == DATES[2]}
        assert "nulls" in of_dates and not any(each.passed for each in of_dates.values()), "and each failure"


def test_a_date_that_failed_and_lost_its_rows_does_not_stay_failed(record):
    with open_instance() as instance:
        record(instance, failing_on(DAY))
        assert statuses(instance)[DATES[1]] == "FAILED"
        record(instance)
        assert statuses(instance)[DATES[1]] == "SUCCEEDED"
        evaluations = instance.event_log_storage.get_asset_check_execution_history(NULLS, limit=99)
        record(instance)
        again = instance.event_log_storage.get_asset_check_execution_history(NULLS, limit=99)
        assert len(again) - len(evaluations) == 3, "two dates with rows, and the range"


def test_the_page_of_a_long_range_lists_each_date_and_leads_to_what_is_known_of_it(record):
    with open_instance() as instance:
        run_id = record(instance, first=BEFORE - timedelta(days=7))
        logged = instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION)
        lines = [event.dagster_event.step_materialization_data.materialization for event in logged]
        of_table = {line.partition: line for line in lines if line.asset_key == dg.AssetKey(OFFENSE)}
        assert len(of_table) == 10 and of_table.keys() >= set(DATES)
        assert not any(line.metadata or line.tags for line in lines), "kept once, on the page of the asset"
        (shown,) = instance.fetch_materializations(
            dg.AssetRecordsFilter(dg.AssetKey(OFFENSE), asset_partitions=[DATES[0]]), limit=9
        ).records
        assert shown.asset_materialization.metadata["games_published"].value == 2
        assert "dagster/data_version" in shown.asset_materialization.tags
