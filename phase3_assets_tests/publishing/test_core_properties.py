"""What holds of publishing whatever the corrections are, whichever game they hit and however the rows arrive.

What belongs here: rules that are universal. What doesn't: single cases (test_publish.py, test_rollback.py).

PHASE3_TEST_EXAMPLES says how many examples each property gets (2; each is a handful of publications).
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from phase3_assets.catalog.contracts import raw_contracts
from phase3_assets.catalog.tables import published_table
from phase3_assets.demo.season import Row
from phase3_assets.publishing import rollback
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets_tests.faults.scenes import EVENING, GAMEBOOK, TEAM_BOX, Scene, truth_of
from phase3_assets_tests.support.games import DAY, SUMMARIES, night
from phase3_assets_tests.support.reader import Snapshot, WatchedWarehouse, look

pytestmark = pytest.mark.timeout(0)

GAMES = night(3)
BOOKKEEPING = (
    *("publications", "data_quality_events", "interventions", "check_results"),
    *(f"{table}__history" for table in SUMMARIES),
)
some = settings(
    max_examples=int(os.environ.get("PHASE3_TEST_EXAMPLES", "2")),
    deadline=None,
    database=None,
    derandomize="PHASE3_TEST_EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

corrections = st.lists(
    st.tuples(
        st.sampled_from([(TEAM_BOX, "steals"), (TEAM_BOX, "turnovers"), (GAMEBOOK, "assists"), (GAMEBOOK, "blocks")]),
        st.integers(1, 3),
    ),
    min_size=1,
    max_size=3,
)
"""Figures that somebody corrects upwards, in every row of a game that has one."""
a_game = st.integers(0, len(GAMES) - 1)
some_games = st.sets(a_game)


@contextmanager
def scene_of(file: bytes) -> Iterator[Scene]:
    """A scene of the three games on a warehouse of its own: an example must not find what another one left."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "warehouse.duckdb"
        path.write_bytes(file)
        scene = Scene(WatchedWarehouse(path, wait_seconds=10), GAMES, {}, lambda: path)
        scene.warehouse.reader = None
        yield scene


def correct(scene: Scene, game: int, made: list[tuple[tuple[str, str], int]]) -> None:
    for (table, column), more in made:
        for row in scene.of(table, GAMES[game]):
            row[column] = None if row[column] is None else row[column] + more
    scene.load(TEAM_BOX, GAMEBOOK)


def make_impossible(scene: Scene, games: set[int]) -> None:
    for game in games:
        scene.contradict(GAMES[game])
    scene.load(TEAM_BOX, EVENING)


def everything(scene: Scene) -> dict[str, list[Row]]:
    """Every byte of every table that we write, but for when and by which run a game's state was last looked at."""
    names = [*(f"nba_analytics.{table}" for table in SUMMARIES), *(f"nba_phase3.{table}" for table in BOOKKEEPING)]
    return {
        name: sorted(scene.query(f"SELECT * FROM {name}"), key=repr) for name in [*names, "nba_phase3.game_readiness"]
    }


def shown(scene: Scene) -> Snapshot:
    with scene.warehouse.session() as session:
        return look(session._connection)


@some
@given(game=a_game, made=corrections, bad=some_games)
@pytest.mark.slow
@pytest.mark.long
def test_publishing_again_writes_nothing(_published_file, game, made, bad):
    with scene_of(_published_file) as scene:
        correct(scene, game, made)
        make_impossible(scene, bad)
        scene.publish()
        once = everything(scene)
        scene.publish()
        assert everything(scene) == once


@some
@given(game=a_game, made=corrections)
@pytest.mark.slow
@pytest.mark.long
def test_a_correction_to_one_game_leaves_every_other_byte_alone(_published_file, game, made):
    with scene_of(_published_file) as scene:
        before = {table: scene.table(table) for table in SUMMARIES}
        correct(scene, game, made)
        scene.publish()
        changed = GAMES[game].game_id
        assert {table: scene.table(table) for table in SUMMARIES} != before
        for table in SUMMARIES:
            others = [row for row in scene.table(table) if row["game_id"] != changed]
            assert others == [row for row in before[table] if row["game_id"] != changed]


@pytest.mark.slow
@some
@given(game=a_game, made=corrections)
@pytest.mark.long
def test_publish_then_rollback_is_identity(_published_file, game, made):
    with scene_of(_published_file) as scene:
        before = shown(scene)
        correct(scene, game, made)
        scene.publish()
        for name in SUMMARIES:
            table = published_table(name)
            first = rollback.history(scene.warehouse, table, DAY)[0]["publication_id"]
            rollback.rollback(scene.warehouse, table, DAY, first, (), "a test", Thresholds(), "run")
        assert shown(scene) == before
        scene.publish()
        assert shown(scene) == before, "and it is held"


@pytest.mark.slow
@some
@given(bad=some_games, is_published=st.booleans(), game=a_game, made=corrections)
@pytest.mark.long
def test_quarantine_never_loses_a_good_game(_initialised_file, _published_file, bad, is_published, game, made):
    with scene_of(_published_file if is_published else _initialised_file) as scene:
        if not is_published:
            scene.load()
        before = shown(scene)
        correct(scene, game, made)
        true = _truth(_initialised_file, scene.rows)
        make_impossible(scene, bad)
        scene.publish()
        after, held = shown(scene), {GAMES[number].game_id for number in bad}
        for key in true:
            assert after.get(key) == (before.get(key) if key[1] in held else true[key])


@pytest.mark.slow
@some
@given(data=st.data(), made=corrections, game=a_game)
@pytest.mark.long
def test_the_order_in_which_rows_arrive_does_not_matter(_initialised_file, data, made, game):
    """In any order, in up to three batches with a publication after each, a later correction perhaps before the row it
    corrects: the end is what all of it gives at once."""
    with scene_of(_initialised_file) as scene:
        for row in deepcopy(scene.of(TEAM_BOX, GAMES[game])):
            for (_, column), more in made:
                if column in row:
                    row[column] += more
            row["processed_at"] += timedelta(hours=20)
            scene.rows[TEAM_BOX].append(row)
        true = _truth(_initialised_file, scene.rows)
        arriving = [(table, row) for table, rows in scene.rows.items() for row in rows]
        batches = data.draw(
            st.lists(st.integers(0, 2), min_size=len(arriving), max_size=len(arriving)), label="batches"
        )
        order = data.draw(st.randoms(use_true_random=False), label="order")
        contracts = raw_contracts()
        for number in range(3):
            batch = [each for each, of in zip(arriving, batches, strict=True) if of == number]
            order.shuffle(batch)
            with scene.warehouse.session() as session, session.unit():
                for name in scene.rows:
                    session.append(contracts[name], [row for table, row in batch if table == name])
            scene.publish()
        assert shown(scene) == true
        assert scene.verify() == []


def _truth(initialised: bytes, rows: dict[str, list[Row]]) -> Snapshot:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "warehouse.duckdb"
        path.write_bytes(initialised)
        return truth_of(path, GAMES, deepcopy(rows))
