"""Killed at any moment, a publication leaves each table old or new per game, and the next run converges.

What belongs here: SIGKILL at every step of a publication and at random moments, of one date and of a range, with a
reader in a process of its own. What doesn't: how processes are killed (killing.py), a disk that fails
(test_storage.py), killed daemons and run workers (test_daemon.py).

PHASE3_TEST_KILLS says how many kills at random moments the long run makes (200).
"""

import os
import random
import time
from copy import deepcopy
from datetime import timedelta
from pathlib import Path

import pytest

from phase3_assets.warehouse.duckdb import DuckDBWarehouse
from phase3_assets_tests.faults.reading import Snapshot, WatchedWarehouse, look
from phase3_assets_tests.faults.scenes import GAMEBOOK, TEAM_BOX, Scene, truth_of
from phase3_assets_tests.games import DAY, night
from phase3_assets_tests.killing import PROCESSES, OnLooker, publish_and_die, steps_of

RANDOM_KILLS = int(os.environ.get("PHASE3_TEST_KILLS", "200"))
SPANS = {"a date": [DAY], "a range": [DAY, DAY + timedelta(days=1)]}


class Seesaw:
    """A published world whose raw rows change between two versions, so that there is always something to publish."""

    def __init__(self, folder: Path, initialised: bytes, span: str) -> None:
        games = [game for day in SPANS[span] for game in night(3 if day == DAY else 2, day)]
        self.first, self.last = SPANS[span][0], SPANS[span][-1]
        self.path = folder / "warehouse.duckdb"
        self.path.write_bytes(initialised)
        self.scene = Scene(WatchedWarehouse(self.path, wait_seconds=60), games, {}, lambda: self.path)
        self.scene.warehouse.reader = None
        self.versions = [self.scene.rows, _corrected(self.scene.rows)]
        self.truths: list[Snapshot] = []
        for number, rows in enumerate(self.versions):
            scratch = folder / f"truth{number}" / "warehouse.duckdb"
            scratch.parent.mkdir()
            scratch.write_bytes(initialised)
            self.truths.append(truth_of(scratch, games, deepcopy(rows)))
        self.now = 0
        self.scene.load()
        self.scene.publish()

    def correct(self) -> None:
        """The raw rows become those of the other version."""
        self.now = 1 - self.now
        self.scene.rows = self.versions[self.now]
        self.scene.load(TEAM_BOX, GAMEBOOK)

    def dies(self, step: int | None = None, after_seconds: float = 0.0) -> bool:
        """Publish in another process that dies at a step, or is killed after a while; whether it was still alive."""
        arguments = (self.path, self.first, self.last, *(() if step is None else (step,)))
        process = PROCESSES.Process(target=publish_and_die, args=arguments)
        process.start()
        if step is None:
            process.join(after_seconds)
            process.kill()
        process.join()
        return process.exitcode == -9

    def assert_converges(self, thoroughly: bool = True) -> None:
        """Old or new per game now; after the next run new, with nothing left behind; thoroughly: recorded and done."""
        seen = self._look()
        for key, rows in seen.items():
            assert rows in (self.truths[0][key], self.truths[1][key]), f"half written: {key}"
        assert seen.keys() == self.truths[0].keys()
        started = time.monotonic()
        self.scene.publish()
        assert time.monotonic() - started < 30, "something that died kept the next run waiting"
        assert self._look() == self.truths[self.now]
        if thoroughly:
            assert self.scene.verify() == []
            again = self.scene.publish()
            assert {game.outcome for report in again.reports for game in report.games} == {"unchanged"}
        schemas = self.scene.query("SELECT DISTINCT schema_name FROM duckdb_tables() WHERE database_name = 'warehouse'")
        assert {row["schema_name"] for row in schemas} == {"nba_raw", "nba_analytics", "nba_phase3"}
        beside = {path.name for path in self.path.parent.glob("warehouse.duckdb*")}
        assert beside == {"warehouse.duckdb"}, "files were left behind"

    def _look(self) -> Snapshot:
        with DuckDBWarehouse(self.path, wait_seconds=60).session(read_only=True) as session:
            return look(session._connection)


def _corrected(rows: dict[str, list[dict]]) -> dict[str, list[dict]]:
    """More assists of everybody, more steals of every team: every game of every table is another one."""
    changed = deepcopy(rows)
    for row in changed[GAMEBOOK]:
        row["assists"] = None if row["assists"] is None else row["assists"] + 1
    for row in changed[TEAM_BOX]:
        row["steals"] += 1
    return changed


@pytest.fixture
def make_seesaw(tmp_path: Path, _initialised_file: bytes):
    return lambda span: Seesaw(tmp_path, _initialised_file, span)


def steps(seesaw: Seesaw) -> int:
    seesaw.correct()
    return steps_of(seesaw.path, seesaw.first, seesaw.last)


def test_a_kill_leaves_each_game_old_or_new_and_the_next_run_converges(make_seesaw):
    seesaw = make_seesaw("a date")
    count = steps(seesaw)
    with OnLooker(seesaw.path, *seesaw.truths) as reader:
        seesaw.correct()
        assert seesaw.dies(step=count * 2 // 3)
        seesaw.assert_converges()
    assert reader.looks


@pytest.mark.slow
@pytest.mark.parametrize("span", SPANS)
def test_kills_all_along_a_publication(make_seesaw, span):
    seesaw = make_seesaw(span)
    count = steps(seesaw)
    with OnLooker(seesaw.path, *seesaw.truths):
        for step in range(0, count, count // 6):
            seesaw.correct()
            assert seesaw.dies(step)
            seesaw.assert_converges()


@pytest.mark.long
@pytest.mark.timeout(0)
@pytest.mark.parametrize("span", SPANS)
def test_a_kill_at_every_step(make_seesaw, span):
    seesaw = make_seesaw(span)
    count = steps(seesaw)
    with OnLooker(seesaw.path, *seesaw.truths) as reader:
        for step in range(count):
            seesaw.correct()
            assert seesaw.dies(step), f"step {step} of {count} was not reached"
            seesaw.assert_converges(thoroughly=step % 10 == 0)
    print(f"{span}: killed at each of {count} steps; the reader looked {reader.looks} times")


@pytest.mark.long
@pytest.mark.timeout(0)
@pytest.mark.parametrize("span", SPANS)
def test_kills_at_random_moments(make_seesaw, span):
    seesaw, chance = make_seesaw(span), random.Random(2026)
    seesaw.correct()
    started = time.monotonic()
    assert not seesaw.dies(after_seconds=30)
    longest = time.monotonic() - started
    kills = 0
    with OnLooker(seesaw.path, *seesaw.truths) as reader:
        while kills < RANDOM_KILLS // len(SPANS):
            seesaw.correct()
            kills += seesaw.dies(after_seconds=chance.uniform(0, longest))
            seesaw.assert_converges(thoroughly=kills % 10 == 0)
    print(f"{span}: {kills} kills within {longest:.1f} s; the reader looked {reader.looks} times")
