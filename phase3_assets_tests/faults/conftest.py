"""Fixtures: scenes of the same three games, nothing of them published, or all; the reader has the last word."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from phase3_assets.demo.season import SimulatedGame
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets_tests.faults.scenes import Scene, truth_of
from phase3_assets_tests.support.games import night
from phase3_assets_tests.support.reader import Snapshot, WatchedWarehouse, look


@pytest.fixture(scope="session")
def _truth(_published_file: bytes, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    path = tmp_path_factory.mktemp("truth") / "warehouse.duckdb"
    path.write_bytes(_published_file)
    with DuckDBWarehouse(path).session() as session:
        # The truth is the game as it was simulated, whatever computed it.
        shown = session.query("SELECT game_id, team_abbr, points_scored FROM nba_analytics.team_offense_game_summary")
        assert {(row["game_id"], row["team_abbr"]): row["points_scored"] for row in shown} == {
            (game.game_id, team): game.total(team, "points") for game in night(3) for team in (game.away, game.home)
        }
        return look(session._connection)


@pytest.fixture
def make_scene(
    tmp_path: Path, _initialised_file: bytes, _published_file: bytes, _truth: Snapshot
) -> Iterator[Callable[..., Scene]]:
    """A scene of the three games, loaded or published, or of others, loaded."""
    made: list[Scene] = []
    numbers = itertools.count()

    def fresh() -> Path:
        path = tmp_path / f"scratch{next(numbers)}.duckdb"
        path.write_bytes(_initialised_file)
        return path

    def make(games: list[SimulatedGame] | None = None, is_published: bool = False) -> Scene:
        path = tmp_path / "warehouse.duckdb"
        path.write_bytes(_published_file if is_published else _initialised_file)
        scene = Scene(WatchedWarehouse(path, wait_seconds=10), night(3) if games is None else games, _truth, fresh)
        if games:
            scene.reader.allow(truth_of(fresh(), scene.games, scene.true_rows))
        if not is_published:
            scene.load()
        made.append(scene)
        return scene

    yield make
    for scene in made:
        scene.look()
        scene.reader.assert_only_the_truth_was_seen()


@pytest.fixture
def loaded(make_scene: Callable[..., Scene]) -> Scene:
    """Three games, every raw row there, nothing published."""
    return make_scene()


@pytest.fixture
def published(make_scene: Callable[..., Scene]) -> Scene:
    """Three games, published from their true rows."""
    return make_scene(is_published=True)
