"""The reported night, published once for every test of the report."""

import pytest

from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets_tests.reporting.night import ReportedNight


@pytest.fixture(scope="package")
def world(tmp_path_factory: pytest.TempPathFactory, _initialised_file: bytes) -> ReportedNight:
    path = tmp_path_factory.mktemp("reported") / "warehouse.duckdb"
    path.write_bytes(_initialised_file)
    return ReportedNight(DuckDBWarehouse(path, wait_seconds=10))
