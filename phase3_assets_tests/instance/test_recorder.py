"""A publication that cannot be recorded in Dagster's history: it stands, and the user is told why and what to do.

What belongs here: what is wrong in DAGSTER_HOME, or with the recording process. What doesn't: what a recorded run looks
like in the UI (defs/test_assets.py).
"""

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from phase3_assets.cli import main
from phase3_assets.errors import Phase3Error
from phase3_assets.instance import recorder
from phase3_assets.instance.home import prepare_dagster_home
from phase3_assets.instance.recorder import Recorder
from phase3_assets.publishing.requests import Publication, Request
from phase3_assets.settings.locations import Settings
from phase3_assets_tests.support.games import DAY, OFFENSE


def phase3(*arguments: str):
    return CliRunner().invoke(main, list(arguments), catch_exceptions=False)


def why_not_recorded(output: str) -> str:
    (line,) = [line for line in output.splitlines() if line.startswith("phase3: ")]
    assert "everything was published, and stays so" in line and "could not be recorded" in line
    assert "Traceback" not in output and "Phase3Error" not in output
    return line


@pytest.mark.slow
@pytest.mark.long
def test_a_stopped_process_that_holds_the_history_is_waited_for_within_limits(make_world, monkeypatch):
    world = make_world(2)
    for table in ("nbac_team_boxscore", "nbac_gamebook_player_stats"):
        world.drop(table)
    world.load()
    monkeypatch.setenv("PHASE3_WAIT_SECONDS", "0.5")
    lock = prepare_dagster_home(Settings.from_environment()) / "opening.lock"
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        result = phase3("run", str(DAY))
    assert result.exit_code == 1
    assert f"has held {lock} for" in why_not_recorded(result.output)
    assert f"{world.game.game_id}  " in result.output, "what is held back is said all the same"
    assert len(world.table(OFFENSE)) == 2
    assert "phase3: " not in phase3("run", str(DAY)).output


def test_a_recording_that_is_stuck_is_given_up(monkeypatch):
    monkeypatch.setenv("PHASE3_WAIT_SECONDS", "0.5")
    monkeypatch.setattr(recorder, "LONGEST_RECORDING_SECONDS", 0.5)
    settings = Settings.from_environment()
    prepare_dagster_home(settings)
    with Recorder(settings) as stuck, pytest.raises(Phase3Error, match="was not done after 1 s"):
        os.kill(stuck._process.pid, signal.SIGSTOP)
        stuck.record(Request(DAY, DAY), [], Publication({}))
    assert stuck._process.poll() is not None, "it is ended, not left behind"


@pytest.mark.long
@pytest.mark.parametrize("name", ["history/runs.db", "dagster.yaml"])
def test_what_is_said_of_a_damaged_history_puts_it_right(world, name):
    assert phase3("run", str(DAY)).exit_code == 0
    home = Settings.from_environment().dagster_home
    (home / name).write_text(": [ { damaged")
    for _ in range(2):
        result = phase3("run", str(DAY))
        assert result.exit_code == 1
        assert f"where a file of {home} is damaged, move it aside" in why_not_recorded(result.output)
    aside = home / Path(name).parts[0]
    aside.rename(aside.with_name("aside"))
    assert phase3("run", str(DAY)).exit_code == 0


@pytest.mark.slow
@pytest.mark.long
def test_a_run_whose_output_is_closed_is_recorded(world):
    command = f"exec {sys.executable} -m phase3_assets.cli run {DAY} >&-"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(["sh", "-c", command], stderr=subprocess.PIPE, text=True, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
