"""Asking the code server that started a run whether the run's process is alive.

What belongs here: the question, in Dagster's private terms. What doesn't: who asks (run_launcher.py), which does
without where a later Dagster has other terms.
"""

import json

import dagster as dg
import grpc
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.launcher import CheckRunHealthResult, WorkerStatus
from dagster._grpc.client import DagsterGrpcClient
from dagster._grpc.types import CanCancelExecutionRequest, CanCancelExecutionResult
from dagster._serdes import deserialize_value

from phase3_assets.defs.tags import CODE_SERVER_TAG
from phase3_assets.instance.self_test import lacking

_PATIENCE_SECONDS = 10


def missing_parts() -> list[str]:
    """What Dagster no longer has of what worker_health() needs, in words."""
    return lacking(DagsterGrpcClient, {"can_cancel_execution": 1})


def worker_health(run: dg.DagsterRun) -> CheckRunHealthResult:
    """Whether the run has a process. Without an answer in time the run is taken to be alive.

    A run that no code server started is a command line's; its tag dagster/max_runtime bounds it.
    """
    if CODE_SERVER_TAG not in run.tags:
        return CheckRunHealthResult(WorkerStatus.RUNNING)
    server = json.loads(run.tags[CODE_SERVER_TAG])
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
