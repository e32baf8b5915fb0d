"""Fixtures: an initialised warehouse, a small world of games in it, the real box scores where they are."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from phase3_assets.catalog import tables
from phase3_assets.catalog.table_names import TABLE_NAMES
from phase3_assets.demo.season import SimulatedGame
from phase3_assets.loading.files import load_raw
from phase3_assets.publishing import completion, survey
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets.warehouse.schema import initialise
from phase3_assets_tests.support.games import SUMMARIES, World, night
from phase3_assets_tests.support.two_versions import Seesaw

REAL_DATA = Path(__file__).parents[2] / "shared" / "data" / "raw"
_LONGEST_FIRST = ("browser", "google_sql", "slow")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take minutes come first, so that all workers end at about the same time."""
    heavy: dict[Path, int] = {}
    for item in items:
        kinds = [position for position, kind in enumerate(_LONGEST_FIRST) if item.get_closest_marker(kind)]
        heavy[item.path] = min([heavy.get(item.path, len(_LONGEST_FIRST)), *kinds])
    items.sort(key=lambda item: heavy[item.path])


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test sees the developer's settings, warehouse or Dagster home."""
    monkeypatch.setenv("PHASE3_DUCKDB_PATH", str(tmp_path / "warehouse.duckdb"))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "dagster"))
    for name in ("PHASE3_WAREHOUSE", "PHASE3_WAIT_SECONDS", "PHASE3_ALERTS", "DAGSTER_EVENT_BATCH_SIZE"):
        monkeypatch.delenv(name, raising=False)
    cache = os.environ.get("PHASE3_TEST_CACHE") or str(tmp_path_factory.getbasetemp() / "cache")
    monkeypatch.setenv("XDG_CACHE_HOME", cache)
    # No test waits for upstream rows but the one that is about waiting.
    monkeypatch.setenv("PHASE3_GATE_WAIT_SECONDS", "0")


@pytest.fixture(scope="session")
def _initialised_file(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("template") / "warehouse.duckdb"
    initialise(DuckDBWarehouse(path))
    return path.read_bytes()


@pytest.fixture
def warehouse(tmp_path: Path, _initialised_file: bytes) -> DuckDBWarehouse:
    """An initialised, empty warehouse, where the environment says it is."""
    path = tmp_path / "warehouse.duckdb"
    path.write_bytes(_initialised_file)
    return DuckDBWarehouse(path, wait_seconds=10)


@pytest.fixture
def make_world(warehouse: DuckDBWarehouse) -> Callable[..., World]:
    """A world of some games, not loaded yet."""

    def make(games: int | list[SimulatedGame] = 3) -> World:
        return World(warehouse, games if isinstance(games, list) else night(games))

    return make


@pytest.fixture
def make_seesaw(tmp_path: Path, _initialised_file: bytes) -> Callable[[str], Seesaw]:
    """A published world whose raw rows swing between two versions: of "a date" or "a range"."""
    return lambda span: Seesaw(tmp_path, _initialised_file, span)


@pytest.fixture(scope="session")
def _published_file(tmp_path_factory: pytest.TempPathFactory, _initialised_file: bytes) -> bytes:
    path = tmp_path_factory.mktemp("published") / "warehouse.duckdb"
    path.write_bytes(_initialised_file)
    World(DuckDBWarehouse(path), night(3), TABLE_NAMES).reload_and_publish()
    return path.read_bytes()


@pytest.fixture
def world(make_world: Callable[..., World], warehouse: DuckDBWarehouse, _published_file: bytes) -> World:
    """Three games of one date, loaded, and published in every table."""
    warehouse.path.write_bytes(_published_file)
    return make_world(3)


@pytest.fixture(scope="module")
def only_summaries(_initialised_file: bytes, _published_file: bytes) -> Iterator[None]:
    """The project as if the three summaries were its only tables: for what any table shows, in a third of the time."""
    made_of_tables = (tables.published_tables, completion.completion_sql, survey._unlisted_sql)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "TABLE_NAMES", SUMMARIES)
        for made in made_of_tables:
            made.cache_clear()
        yield
    for made in made_of_tables:
        made.cache_clear()


@pytest.fixture(scope="session")
def real_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBWarehouse]:
    """The real box scores of ../shared/data, loaded but not published."""
    if not REAL_DATA.is_dir():
        pytest.skip(f"the real box scores are not at {REAL_DATA}")
    made = DuckDBWarehouse(tmp_path_factory.mktemp("real") / "warehouse.duckdb")
    initialise(made)
    failures, _ = load_raw(made, REAL_DATA)
    assert not failures
    yield made
