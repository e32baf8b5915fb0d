"""A published table is given another column: what was published before stays what it was, and can be gone back to.

What belongs here: a warehouse that another version of the project has written. What doesn't: columns missing or of
another type (faults/test_writes.py), what enters a row's hash (catalog/test_contracts.py).
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from phase3_assets_tests.support.commands import publications
from phase3_assets_tests.support.games import DAY, OFFENSE, World

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """The project with a further column in the middle of a table."""
    copy = tmp_path / "newer"
    for folder in ("phase3_assets", "sql"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name, before, added in (
        ("table.sql", "  overtime_periods INT64", '  free_points INT64 OPTIONS(description="By free throws"),\n'),
        ("select.sql", "  overtime_periods,\n", "  ft_makes AS free_points,\n"),
    ):
        path = copy / "sql" / OFFENSE / name
        text = path.read_text(encoding="utf-8")
        assert before in text
        path.write_text(text.replace(before, added + before, 1), encoding="utf-8")
    return copy


def test_rows_of_before_another_column_are_no_drift_and_can_be_put_back(world: World, newer: Path):
    def phase3(*arguments: str) -> str:
        command = [sys.executable, "-m", "phase3_assets.cli", *arguments]
        done = subprocess.run(command, cwd=newer, env={**os.environ, "PYTHONPATH": str(newer)}, capture_output=True)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    (first,) = publications(world, OFFENSE)
    turnovers = {row["team_abbr"]: row["turnovers"] for row in world.table(OFFENSE)}
    for row in world.of("nbac_team_boxscore"):
        row["turnovers"] += 1
    world.reload_and_publish()
    assert f"added column nba_analytics.{OFFENSE}.free_points INT64" in phase3("init")
    assert phase3("verify", str(DAY)) == "everything is what was published\n"
    assert "rolled back and held" in phase3(
        "rollback", OFFENSE, str(DAY), "--to", first, "--reason", "wrong correction"
    )
    assert {row["team_abbr"]: row["turnovers"] for row in world.table(OFFENSE)} == turnovers
    phase3("release", OFFENSE, str(DAY), "--reason", "it was right")
    phase3("run", str(DAY))
    assert all(row["free_points"] == row["ft_makes"] for row in world.table(OFFENSE))
    assert phase3("verify", str(DAY)) == "everything is what was published\n"
    assert world.events("drift") == []
