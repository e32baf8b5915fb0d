"""DAGSTER_HOME: where run history lives, created on first use.

What belongs here: the instance configuration we ship and what processes need in their environment to use it.
What doesn't: the definitions (definitions.py). In a dagster.yaml that is not empty, only the folder's location is ever
changed.
"""

import json
import os
import re
from pathlib import Path

from phase3_assets.files import write_whole
from phase3_assets.settings.locations import Settings

_CONFIGURATION = """\
# Written by phase3 on first use; yours to change.
telemetry: {enabled: false}
nux: {enabled: false}
event_log_storage:
  module: phase3_assets.instance.event_storage
  class: BatchingSqliteEventLogStorage
  config: {base_dir: ""} # written anew where this folder is copied or moved to
# The embedded warehouse admits one writing process; runs take turns. More would only wait for each other inside.
concurrency:
  runs: {max_concurrent_runs: 1}
# Sensors take turns too: one sees the run that another has just asked for, and leaves its dates alone.
sensors: {use_threads: false}
# A run whose processes are gone holds the only slot of the queue, so it must be noticed soon.
run_launcher:
  module: phase3_assets.instance.run_launcher
  class: WatchfulRunLauncher
run_monitoring:
  enabled: true
  poll_interval_seconds: 10
  free_slots_after_run_end_seconds: 60
  start_timeout_seconds: 120
  cancel_timeout_seconds: 60
  max_runtime_seconds: 3600 # a season takes a minute; longer than an hour is stuck
"""
_EVENTS_FOLDER = re.compile(r"(config: \{base_dir: )\".*\"(\} # written anew where)")
"""The one line that names the folder itself. Dagster's own default keeps runs and schedules below DAGSTER_HOME."""


def _in_folder(line: re.Match[str], home: Path) -> str:
    return f"{line[1]}{json.dumps(str(home / 'history' / 'runs'))}{line[2]}"


def prepare_dagster_home(settings: Settings) -> Path:
    """Create DAGSTER_HOME if it is not there, and point this process and its children at it."""
    home = settings.dagster_home
    home.mkdir(parents=True, exist_ok=True)
    configuration = home / "dagster.yaml"
    stored = configuration.read_text(encoding="utf-8") if configuration.exists() else ""
    # An empty file counts as none: a full disk or a killed process left it behind.
    wanted = _EVENTS_FOLDER.sub(lambda line: _in_folder(line, home), stored or _CONFIGURATION)
    if wanted != stored:
        write_whole(configuration, wanted)
    os.environ["DAGSTER_HOME"] = str(home)
    os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", "1000")
    return home
