"""The sensor of the night reports asks for a page exactly when a run has worked on its date since."""

from datetime import timedelta

import dagster as dg
import pytest

from phase3_assets.defs import night_report
from phase3_assets.defs.assets import COMPLETION
from phase3_assets.defs.night_report import NIGHT_REPORT, build_report_sensor
from phase3_assets_tests.support.games import DAY


@pytest.fixture
def instance(monkeypatch) -> dg.DagsterInstance:
    monkeypatch.setattr(night_report, "today", lambda: DAY + timedelta(days=1))
    return dg.DagsterInstance.ephemeral()


def happened(instance: dg.DagsterInstance, asset: str, day=DAY) -> None:
    instance.report_runless_asset_event(dg.AssetMaterialization(asset, partition=str(day)))


def asked_for(instance: dg.DagsterInstance) -> dict[str, str]:
    """The dates that a tick asks pages of, each with its run key."""
    result = build_report_sensor()(dg.build_sensor_context(instance))
    return {request.partition_key: request.run_key for request in result.run_requests}


def test_a_date_that_was_worked_on_gets_its_page_once(instance):
    assert asked_for(instance) == {}
    happened(instance, COMPLETION)
    first = asked_for(instance)
    # Asked again before the page is there, it names the same run: Dagster starts none a second time.
    assert set(first) == {str(DAY)} and asked_for(instance) == first
    happened(instance, NIGHT_REPORT)
    assert asked_for(instance) == {}


def test_a_later_correction_gets_a_new_page(instance):
    happened(instance, COMPLETION)
    first = asked_for(instance)
    happened(instance, NIGHT_REPORT)
    happened(instance, COMPLETION)
    assert set(asked_for(instance)) == {str(DAY)} and asked_for(instance) != first


def test_pages_of_older_dates_are_made_on_request_alone(instance):
    happened(instance, COMPLETION, DAY - timedelta(days=6))
    happened(instance, COMPLETION, DAY - timedelta(days=5))
    assert set(asked_for(instance)) == {str(DAY - timedelta(days=5))}
