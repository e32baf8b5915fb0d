"""A published world whose raw rows swing between two versions, so that there is always something to publish.

What belongs here: correcting, killing whoever publishes, and what must hold then. What doesn't: how a process is killed
(processes.py), when (the tests).
"""

import time
from collections import Counter
from copy import deepcopy
from datetime import timedelta
from pathlib import Path

from phase3_assets.settings.locations import LASTING_DATASETS
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets_tests.faults.scenes import GAMEBOOK, TEAM_BOX, Scene, truth_of
from phase3_assets_tests.support.games import DAY, all_outcomes, night
from phase3_assets_tests.support.processes import PATIENCE_SECONDS, PROCESSES, publish_and_die, steps_of
from phase3_assets_tests.support.reader import Snapshot, WatchedWarehouse, look

SPANS = {"a date": [DAY], "a range": [DAY, DAY + timedelta(days=1)]}


class Seesaw:
    """A published world whose raw rows change between two versions, so that there is always something to publish."""

    def __init__(self, folder: Path, initialised: bytes, span: str) -> None:
        games = [game for day in SPANS[span] for game in night(3 if day == DAY else 2, day)]
        self.first, self.last = SPANS[span][0], SPANS[span][-1]
        self.path = folder / "warehouse.duckdb"
        self.path.write_bytes(initialised)
        self.scene = Scene(WatchedWarehouse(self.path, wait_seconds=PATIENCE_SECONDS), games, {}, lambda: self.path)
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
        seen = self.look()
        for key, rows in seen.items():
            assert rows in (self.truths[0][key], self.truths[1][key]), f"half written: {key}"
        assert seen.keys() == self.truths[0].keys()
        started = time.monotonic()
        self.scene.publish()
        assert time.monotonic() - started < 30, "something that died kept the next run waiting"
        assert self.look() == self.truths[self.now]
        if thoroughly:
            assert self.scene.verify() == []
            again = self.scene.publish()
            assert all_outcomes(again) == {"unchanged"}
        schemas = self.scene.query("SELECT DISTINCT schema_name FROM duckdb_tables() WHERE database_name = 'warehouse'")
        assert {row["schema_name"] for row in schemas} == set(LASTING_DATASETS)
        beside = {path.name for path in self.path.parent.glob("warehouse.duckdb*")}
        assert beside == {"warehouse.duckdb"}, "files were left behind"

    def steps(self) -> list[str]:
        """Correct, publish, and say the statements that takes."""
        self.correct()
        return steps_of(self.path, self.first, self.last)

    def look(self) -> Snapshot:
        """What is visible now."""
        with DuckDBWarehouse(self.path, wait_seconds=PATIENCE_SECONDS).session(read_only=True) as session:
            return look(session._connection)


def _corrected(rows: dict[str, list[dict]]) -> dict[str, list[dict]]:
    """More assists of everybody and of every team, whose steals are more too: every game of every table is another."""
    changed = deepcopy(rows)
    more: Counter[tuple[str, str]] = Counter()
    for row in changed[GAMEBOOK]:
        if row["assists"] is not None:
            row["assists"] += 1
            more[row["game_id"], row["team_abbr"]] += 1
    for row in changed[TEAM_BOX]:
        row["assists"] += more[row["game_id"], row["team_abbr"]]
        row["steals"] += 1
    return changed
