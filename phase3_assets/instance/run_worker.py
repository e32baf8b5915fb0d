"""Asking the code server that started a run whether the run's process is alive.

What belongs here: the question, by Dagster's private names. What doesn't: the launcher that asks (run_launcher.py) and
works without this module where a later Dagster has other names.
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
    """The parts that worker_health() needs and Dagster no longer has, in words."""
    return lacking(DagsterGrpcClient, {"can_cancel_execution": 1})


def worker_health(run: dg.DagsterRun) -> CheckRunHealthResult:
    """Whether the run has a process. Without an answer in time, the run counts as alive.

    A run that no code server started comes from the command line, and counts as alive; its tag dagster/max_runtime
    bounds it.
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
