"""Fixtures of the BigQuery tests: loopback servers over a small world of games."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from phase3_assets.demo.season import raw_rows
from phase3_assets.demo.story import load_rows
from phase3_assets.warehouse.bigquery.warehouse import BigQueryWarehouse
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets_tests.bigquery.loopback import Loopback, loopback, settings_for
from phase3_assets_tests.support.games import night


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits between attempts are counted in the reports, and cut short."""
    sleep = time.sleep
    monkeypatch.setattr(time, "sleep", lambda seconds: sleep(min(seconds, 0.05)))


@pytest.fixture(scope="session")
def _loaded_file(tmp_path_factory: pytest.TempPathFactory, _initialised_file: bytes) -> bytes:
    path = tmp_path_factory.mktemp("loaded") / "warehouse.duckdb"
    path.write_bytes(_initialised_file)
    load_rows(DuckDBWarehouse(path), raw_rows(night(2)))
    return path.read_bytes()


@pytest.fixture
def server(tmp_path: Path, _loaded_file: bytes) -> Iterator[Loopback]:
    """A server over two games of one date, loaded and not published."""
    path = tmp_path / "server.duckdb"
    path.write_bytes(_loaded_file)
    with loopback(path) as running:
        yield running


@pytest.fixture
def published_server(tmp_path: Path, _published_file: bytes) -> Iterator[Loopback]:
    """A server over three games of one date, published."""
    path = tmp_path / "server.duckdb"
    path.write_bytes(_published_file)
    with loopback(path) as running:
        yield running


@pytest.fixture
def connect_to() -> Callable[..., BigQueryWarehouse]:
    """A warehouse that works on a server."""

    def connect(server: Loopback, wait_seconds: float = 2, **variables: str) -> BigQueryWarehouse:
        return BigQueryWarehouse(settings_for(server.address, **variables), wait_seconds)

    return connect
