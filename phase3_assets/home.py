"""DAGSTER_HOME: where run history lives, created on first use.

What belongs here: the instance configuration we ship and what processes need in their environment to use it.
What doesn't: the definitions (definitions.py). A dagster.yaml that says anything is never touched.
"""

import os
from pathlib import Path

from phase3_assets.settings import Settings
from phase3_assets.whole_files import write_whole

_CONFIGURATION = """\
# Written by phase3 on first use; yours to change.
telemetry: {enabled: false}
nux: {enabled: false}
# Below DAGSTER_HOME, as the runs and the schedules are: a folder that is copied or moved takes its history with it.
event_log_storage:
  module: phase3_assets.event_storage
  class: BatchingSqliteEventLogStorage
# The embedded warehouse admits one writing process; runs take turns. More would only wait for each other inside.
concurrency:
  runs: {max_concurrent_runs: 1}
# Sensors take turns too: one sees the run that another has just asked for, and leaves its dates alone.
sensors: {use_threads: false}
# A run whose processes are gone holds the only slot of the queue, so it must be noticed soon.
run_launcher:
  module: phase3_assets.run_launcher
  class: WatchfulRunLauncher
run_monitoring:
  enabled: true
  poll_interval_seconds: 10
  free_slots_after_run_end_seconds: 60
  start_timeout_seconds: 120
  cancel_timeout_seconds: 60
  max_runtime_seconds: 3600 # a season takes a minute; longer than an hour is stuck
"""


def prepare_dagster_home(settings: Settings) -> Path:
    """Create DAGSTER_HOME if it is not there, and point this process and its children at it."""
    home = settings.dagster_home
    home.mkdir(parents=True, exist_ok=True)
    configuration = home / "dagster.yaml"
    if not configuration.exists() or not configuration.stat().st_size:  # empty: a disk was full, or a process killed
        write_whole(configuration, _CONFIGURATION)
    os.environ["DAGSTER_HOME"] = str(home)
    os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", "1000")
    return home
