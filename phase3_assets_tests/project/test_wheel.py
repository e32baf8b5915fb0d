"""A wheel of the project, installed into an empty environment: the command, the functions, the SQL."""

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.long, pytest.mark.timeout(1200)]


def run(*command: str | Path, **options) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_an_empty_environment_gets_the_command_the_functions_and_the_sql(tmp_path):
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", tmp_path, ROOT)
    [wheel] = tmp_path.glob("phase3_assets-*.whl")
    inside = set(zipfile.ZipFile(wheel).namelist())
    files = {path.relative_to(ROOT).as_posix() for path in (ROOT / "sql").rglob("*") if path.is_file()}
    assert {f"phase3_assets/{name}" for name in files} <= inside
    assert not any(name.startswith("phase3_assets_tests") for name in inside)

    venv.create(tmp_path / "empty", with_pip=True)
    python = tmp_path / "empty" / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", "--constraint", ROOT / "requirements.txt", wheel)
    elsewhere = {
        **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        "PHASE3_DUCKDB_PATH": str(tmp_path / "warehouse.duckdb"),
        "DAGSTER_HOME": str(tmp_path / "dagster"),
    }
    phase3 = tmp_path / "empty" / "bin" / "phase3"
    assert "created table nba_analytics.player_game_summary" in run(phase3, "init", cwd=tmp_path, env=elsewhere)
    assert "usage_rate" in run(phase3, "describe", "player_game_summary", cwd=tmp_path, env=elsewhere)
    code = (
        "from phase3_assets import describe, export, query, read; import phase3_assets; "
        "print(phase3_assets.__file__, len(read('player_game_summary', '2026-02-03')), query('SELECT 1 AS x')['x'][0])"
    )
    said = run(python, "-c", code, cwd=tmp_path, env=elsewhere).split()
    assert said[0].startswith(str(tmp_path / "empty")) and said[1:] == ["0", "1"]
