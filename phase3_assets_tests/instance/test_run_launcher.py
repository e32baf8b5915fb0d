"""What run monitoring is told of a run whose processes are gone. That the daemon acts on it: stories/test_daemon.py."""

import json

import dagster as dg
from dagster._core.launcher import WorkerStatus
from dagster._core.storage.tags import GRPC_INFO_TAG

from phase3_assets.instance.home import prepare_dagster_home
from phase3_assets.instance.run_launcher import WatchfulRunLauncher
from phase3_assets.settings.locations import Settings


def test_a_run_whose_code_server_is_gone_is_dead_and_one_without_is_left_alone(tmp_path):
    home = prepare_dagster_home(Settings.from_environment())
    with dg.DagsterInstance.from_config(str(home)) as instance:
        launcher = instance.run_launcher
        assert isinstance(launcher, WatchfulRunLauncher) and launcher.supports_check_run_worker_health
        gone = json.dumps({"host": "localhost", "socket": str(tmp_path / "gone")})
        for tags, expected in (({GRPC_INFO_TAG: gone}, WorkerStatus.NOT_FOUND), ({}, WorkerStatus.RUNNING)):
            run = dg.DagsterRun(job_name="publish", tags=tags, status=dg.DagsterRunStatus.STARTED)
            assert launcher.check_run_worker_health(run).status == expected


def test_run_monitoring_is_on_and_quick(tmp_path):
    home = prepare_dagster_home(Settings.from_environment())
    with dg.DagsterInstance.from_config(str(home)) as instance:
        assert instance.run_monitoring_enabled and instance.run_monitoring_poll_interval_seconds <= 10
        assert instance.run_monitoring_max_runtime_seconds == 3600
