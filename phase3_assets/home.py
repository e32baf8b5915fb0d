"""DAGSTER_HOME: where run history lives, created on first use.

What belongs here: the instance configuration we ship and what processes need in their environment to use it.
What doesn't: the definitions (definitions.py). An existing dagster.yaml is never touched.
"""

import os
from pathlib import Path

from phase3_assets.settings import Settings

_CONFIGURATION = """\
# Written by phase3 on first use; yours to change.
telemetry: {{enabled: false}}
nux: {{enabled: false}}
run_storage:
  module: dagster._core.storage.runs
  class: SqliteRunStorage
  config: {{base_dir: "{home}/history"}}
event_log_storage:
  module: phase3_assets.event_storage
  class: BatchingSqliteEventLogStorage
  config: {{base_dir: "{home}/history/runs"}}
schedule_storage:
  module: dagster._core.storage.schedules
  class: SqliteScheduleStorage
  config: {{base_dir: "{home}/schedules"}}
# The embedded warehouse admits one writing process; runs take turns. More would only wait for each other inside.
concurrency:
  runs: {{max_concurrent_runs: 1}}
# Sensors take turns too: one sees the run that another has just asked for, and leaves its dates alone.
sensors: {{use_threads: false}}
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
    if not configuration.exists():
        configuration.write_text(_CONFIGURATION.format(home=home), encoding="utf-8")
    os.environ["DAGSTER_HOME"] = str(home)
    os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", "1000")
    return home
