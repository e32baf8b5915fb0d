"""What benchmarks measure still runs: nobody runs them with every change."""

import runpy
import sys
from pathlib import Path

import pytest

from phase3_assets.catalog.table_names import TABLE_NAMES
from phase3_assets_tests.support.games import DAY, of_summaries

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(autouse=True)
def beside_each_other(monkeypatch):
    """Scripts in one folder import each other: Python puts a started script's folder on the path, runpy does not."""
    monkeypatch.setattr(sys, "path", [str(BENCHMARKS), *sys.path])


def test_the_lean_floor_runs_and_everything_published_can_be_forgotten(world):
    run = runpy.run_path(str(BENCHMARKS / "run.py"))
    run["floor"](world.warehouse, DAY, DAY)
    run["fresh"](world.warehouse)
    assert not any(world.table(table) for table in TABLE_NAMES)
    assert {report.count("published") for report in of_summaries(world.publish().reports)} == {3}


def test_both_calendars_are_measured_at_everything_that_is_done_in_a_process(world):
    seasons = runpy.run_path(str(BENCHMARKS / "seasons.py"))
    spent = seasons["measured"](world.warehouse, DAY)
    assert len(spent) == 7 and min(spent.values()) > 0
