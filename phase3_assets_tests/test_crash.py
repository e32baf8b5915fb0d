"""Killed at any moment, a publication leaves each table old or new per game, and the next run converges."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from phase3_assets.warehouse.duckdb import DuckDBWarehouse
from phase3_assets_tests.games import TABLES, World

_PUBLISH = """
import sys
from datetime import date
from pathlib import Path
from phase3_assets.outcomes import Request
from phase3_assets.publishing import publish
from phase3_assets.warehouse.duckdb import DuckDBWarehouse
day = date.fromisoformat(sys.argv[2])
print("start", flush=True)
publish(DuckDBWarehouse(Path(sys.argv[1])), Request(day, day), progress=lambda line: print(line, flush=True))
"""


def content(world: World) -> dict[str, dict[str, list[str]]]:
    """Content hashes by table and game: what a reader sees."""
    seen: dict[str, dict[str, list[str]]] = {name: {} for name in TABLES}
    for name in TABLES:
        for row in world.table(name):
            seen[name].setdefault(row["game_id"], []).append(row["data_hash"])
    return seen


@pytest.mark.parametrize("moment", range(6))
def test_a_kill_leaves_each_game_old_or_new_and_the_next_run_converges(make_world, tmp_path: Path, moment: int):
    world = make_world(3)
    world.reload_and_publish()
    old = content(world)
    for row in world.rows["nbac_gamebook_player_stats"]:
        if row["assists"] is not None:
            row["assists"] += 1
    for row in world.rows["nbac_team_boxscore"]:
        row["steals"] += 1
    world.load()
    untouched = (tmp_path / "warehouse.duckdb").read_bytes()
    world.publish()
    new = content(world)
    (tmp_path / "warehouse.duckdb").write_bytes(untouched)
    (tmp_path / "warehouse.duckdb.wal").unlink(missing_ok=True)

    arguments = [sys.executable, "-c", _PUBLISH, str(tmp_path / "warehouse.duckdb"), world.game.game_date.isoformat()]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": _ROOT})
    for _ in range(moment):
        process.stdout.readline()
    time.sleep(random.Random(moment).uniform(0, 0.1))
    process.send_signal(signal.SIGKILL)
    process.wait()

    survivor = World(DuckDBWarehouse(tmp_path / "warehouse.duckdb"), world.games)
    seen = content(survivor)
    for name in TABLES:
        for game in world.games:
            assert seen[name][game.game_id] in (old[name][game.game_id], new[name][game.game_id])
    survivor.publish()
    assert content(survivor) == new
    again = survivor.publish()
    assert {o.outcome for report in again.reports for o in report.games} == {"unchanged"}


_ROOT = str(Path(__file__).parents[1])
