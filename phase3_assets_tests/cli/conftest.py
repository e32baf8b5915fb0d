"""A published world that the tests of a module look at, and do not change."""

from collections.abc import Iterator

import pytest

from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets_tests.support.games import World, night


@pytest.fixture(scope="module")
def _shared_file(tmp_path_factory: pytest.TempPathFactory, _published_file: bytes) -> DuckDBWarehouse:
    path = tmp_path_factory.mktemp("shared") / "warehouse.duckdb"
    path.write_bytes(_published_file)
    return DuckDBWarehouse(path)


@pytest.fixture
def published(_shared_file: DuckDBWarehouse, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Three games of one date, published in every table; the environment names the warehouse. To be looked at only."""
    monkeypatch.setenv("PHASE3_DUCKDB_PATH", str(_shared_file.path))
    yield World(_shared_file, night(3))
