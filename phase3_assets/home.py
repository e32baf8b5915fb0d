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
# The embedded warehouse admits one writing process; runs take turns.
concurrency:
  runs: {{max_concurrent_runs: 1}}
run_monitoring: {{enabled: true, free_slots_after_run_end_seconds: 60}}
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
