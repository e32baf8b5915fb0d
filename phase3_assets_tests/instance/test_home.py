"""DAGSTER_HOME: the configuration that the first command writes there, and where history goes by it.

What belongs here: dagster.yaml, folders copied or moved with it, and what doctor says before Dagster would. What
doesn't: a history that is damaged or in use (test_recorder.py).
"""

import os
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest
from click.testing import CliRunner

from phase3_assets.cli import main
from phase3_assets.instance.event_storage import BatchingSqliteEventLogStorage
from phase3_assets.instance.home import prepare_dagster_home
from phase3_assets.settings.locations import Settings
from phase3_assets_tests.support.games import DAY, World

ROOT = Path(__file__).parents[2]


@pytest.fixture
def home() -> Path:
    return prepare_dagster_home(Settings.from_environment())


def configured() -> dict[str, object]:
    """What an instance makes of the configuration."""
    with dg.DagsterInstance.get() as instance:
        return {
            "events": type(instance.event_log_storage),
            "telemetry": instance.telemetry_enabled,
            "runs at once": instance.get_concurrency_config().run_queue_config.max_concurrent_runs,
            "monitored": instance.run_monitoring_enabled,
        }


OURS = {"events": BatchingSqliteEventLogStorage, "telemetry": False, "runs at once": 1, "monitored": True}


def test_the_first_command_configures_dagster(home: Path):
    assert configured() == OURS
    assert sorted(path.name for path in home.iterdir() if path.suffix == ".yaml") == ["dagster.yaml"]


def test_a_configuration_that_says_anything_is_left_alone(home: Path):
    (home / "dagster.yaml").write_text("telemetry: {enabled: true}\n")
    prepare_dagster_home(Settings.from_environment())
    assert configured()["telemetry"] is True


def test_a_disk_that_is_full_meanwhile_leaves_no_half_of_it(tmp_path: Path):
    prepare = "from phase3_assets.instance.home import *; prepare_dagster_home(Settings.from_environment())"

    def full() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

    done = subprocess.run([sys.executable, "-c", prepare], cwd=ROOT, preexec_fn=full, capture_output=True, text=True)
    assert "File too large" in done.stderr
    assert list(Path(os.environ["DAGSTER_HOME"]).iterdir()) == []
    (Path(os.environ["DAGSTER_HOME"]) / "dagster.yaml").touch()
    prepare_dagster_home(Settings.from_environment())
    assert configured() == OURS


@pytest.mark.long
def test_a_copied_folder_has_a_history_of_its_own(world: World, tmp_path: Path):
    """Whatever the copy runs is in the copy; the original, which may be gone, is not touched."""
    original, copy = tmp_path / "original", tmp_path / "copy"
    (original / ".phase3").mkdir(parents=True)
    shutil.copy(world.warehouse.path, original / ".phase3" / "warehouse.duckdb")
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PHASE3_DUCKDB", "DAGSTER"))
    }

    def run(folder: Path) -> None:
        command = [sys.executable, "-m", "phase3_assets.cli", "run", str(DAY)]
        done = subprocess.run(command, cwd=folder, env={**environment, "PYTHONPATH": str(ROOT)}, capture_output=True)
        assert done.returncode == 0, done.stderr

    def runs(folder: Path) -> int:
        with dg.DagsterInstance.from_config(str(folder / ".phase3" / "dagster")) as instance:
            return len(instance.get_runs())

    run(original)
    shutil.copytree(original, copy)
    run(copy)
    assert (runs(original), runs(copy)) == (1, 2)
    original.rename(tmp_path / "moved")
    run(tmp_path / "moved")
    assert runs(tmp_path / "moved") == 2 and not original.exists()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PHASE3_SETTLE_SECONDS", "-1", "error    pacing: PHASE3_SETTLE_SECONDS is '-1'"),
        ("PHASE3_HISTORY_DAYS", "abc", "error    retention: PHASE3_HISTORY_DAYS is 'abc'"),
        ("PHASE3_ALERTS", "webhook", "error    alerts: "),
        ("PHASE3_USAGE_COVERAGE_ERROR", "abc", "error    thresholds: PHASE3_USAGE_COVERAGE_ERROR is 'abc'"),
        (None, "telemetry: {enabled", "dagster.yaml cannot be read: "),
        (None, "# nothing", "dagster.yaml says nothing"),
    ],
)
def test_doctor_names_what_would_stop_dagster_later(world: World, home: Path, monkeypatch, name, value, said):
    assert CliRunner().invoke(main, ["doctor"]).exit_code == 0
    if name:
        monkeypatch.setenv(name, value)
    else:
        (home / "dagster.yaml").write_text(value)
    result = CliRunner().invoke(main, ["doctor"])
    assert result.exit_code == 1 and said in result.output
    assert result.output.count("error ") == 1


def test_doctor_names_columns_that_no_contract_knows(world: World):
    world.tamper("ALTER TABLE nba_analytics.player_game_summary ADD COLUMN note VARCHAR")
    result = CliRunner().invoke(main, ["doctor"])
    assert "warning  tables: columns that no contract knows: nba_analytics.player_game_summary.note" in result.output
