"""What benchmarks measure still runs: nobody runs them with every change."""

import runpy
from pathlib import Path

from phase3_assets.catalog.table_names import TABLE_NAMES
from phase3_assets_tests.support.games import DAY, of_summaries

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def test_the_bare_sql_runs_and_everything_published_can_be_forgotten(world):
    run = runpy.run_path(str(BENCHMARKS / "run.py"))
    run["bare"](world.warehouse, DAY, DAY)
    run["fresh"](world.warehouse.path, world.warehouse, DAY, DAY)
    assert not any(world.table(table) for table in TABLE_NAMES)
    assert {report.count("published") for report in of_summaries(world.publish().reports)} == {3}
