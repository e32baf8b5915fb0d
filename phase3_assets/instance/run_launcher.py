"""Dagster's default run launcher, which also notices when a run's processes have died.

What belongs here: whether a started run still has a process. What doesn't: what follows from it (Dagster's run
monitoring marks the run failed; automation/tick.py asks for what it left undone).

The default launcher cannot tell. After a power cut or a SIGKILL of everything, its runs would stay "started" for ever:
they would hold the only slot of the queue, and no sensor would touch their dates again.
"""

import json
from collections.abc import Mapping
from typing import Any

import dagster as dg
import grpc
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.launcher import CheckRunHealthResult, DefaultRunLauncher, WorkerStatus
from dagster._core.storage.tags import GRPC_INFO_TAG
from dagster._grpc.client import DagsterGrpcClient
from dagster._grpc.types import CanCancelExecutionRequest, CanCancelExecutionResult
from dagster._serdes import ConfigurableClassData, deserialize_value

_PATIENCE_SECONDS = 10


class WatchfulRunLauncher(DefaultRunLauncher):
    """DefaultRunLauncher with an answer to run monitoring's question."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Whether check_run_worker_health may be asked."""
        return True

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> "WatchfulRunLauncher":
        """Dagster's constructor for a launcher named in dagster.yaml."""
        return cls(inst_data=inst_data)

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Ask the code server that started the run. Without an answer in time the run is taken to be alive.

        A run that no code server started is a command line's; its tag dagster/max_runtime bounds it.
        """
        if GRPC_INFO_TAG not in run.tags:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        server = json.loads(run.tags[GRPC_INFO_TAG])
        client = DagsterGrpcClient(
            port=server.get("port"),
            socket=server.get("socket"),
            host=server.get("host"),
            use_ssl=bool(server.get("use_ssl", False)),
        )
        request = CanCancelExecutionRequest(run_id=run.run_id)
        try:
            answer = client.can_cancel_execution(request, timeout=_PATIENCE_SECONDS)
        except DagsterUserCodeUnreachableError as error:
            cause = error.__cause__
            if isinstance(cause, grpc.RpcError) and cause.code() == grpc.StatusCode.UNAVAILABLE:
                return CheckRunHealthResult(WorkerStatus.NOT_FOUND, "the code server that started it is gone")
            return CheckRunHealthResult(WorkerStatus.RUNNING, str(error))
        if deserialize_value(answer, CanCancelExecutionResult).can_cancel:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        return CheckRunHealthResult(WorkerStatus.NOT_FOUND, "its process is gone")
