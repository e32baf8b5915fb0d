"""Recording a command-line publication in Dagster's history, as a run like any other.

What belongs here: executing the `publish` job in this process over a publication that is already done. What doesn't:
publishing (publishing/publish.py). Imports Dagster, which takes a second: import this module only when it is needed.
"""

import fcntl
import os
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import dagster as dg
from dagster._core.instance.ref import InstanceRef

from phase3_assets.alerting.notifiers import LogNotifier
from phase3_assets.catalog.tables import PublishedTable
from phase3_assets.definitions import build_defs
from phase3_assets.defs.assets import COMPLETION, READINESS
from phase3_assets.defs.jobs import PUBLISH_JOB
from phase3_assets.defs.partitions import partition_tags
from phase3_assets.defs.resources import FinishedPublisher
from phase3_assets.defs.tags import CAUSE_TAG, GAMES_TAG, LONGEST_RUN_TAG
from phase3_assets.errors import Phase3Error
from phase3_assets.instance.recorder import LONGEST_RECORDING_SECONDS
from phase3_assets.publishing.requests import Publication, Request


def open_instance(wait_seconds: float = 60.0) -> dg.DagsterInstance:
    """The instance of DAGSTER_HOME, without captured output of steps, since these steps print nothing.

    One process opens it at a time: two that find no history would both create its tables, and one of them would fail.
    Raises Phase3Error where another process holds the lock for longer than `wait_seconds`.
    """
    home = Path(os.environ["DAGSTER_HOME"])
    nowhere = {"module": "dagster._core.storage.noop_compute_log_manager", "class": "NoOpComputeLogManager"}
    with (home / "opening.lock").open("w") as turn:
        _take(turn, wait_seconds)
        return dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(home), overrides={"compute_logs": nowhere}))


def _take(turn: IO[str], wait_seconds: float) -> None:
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > deadline:
                raise Phase3Error(
                    f"another process, perhaps a stopped one, has held {turn.name} for {wait_seconds:.0f} s"
                ) from error
            time.sleep(random.uniform(0.02, 0.1))
        else:
            return


def record_run(
    request: Request,
    tables: Sequence[PublishedTable],
    publication: Publication,
    instance: dg.DagsterInstance,
) -> None:
    """Run the `publish` job for the request's dates under its run id; its assets report what `publication` did.

    Raises Phase3Error where the run fails; what was published stays published.
    """
    # This process runs no sensors, so it does not read the environment's settings of alerts.
    job = build_defs(FinishedPublisher(publication), LogNotifier()).resolve_job_def(PUBLISH_JOB)
    # Without a limit, the daemon would count a killed recording for ever as a run under way.
    tags = {CAUSE_TAG: "command line", LONGEST_RUN_TAG: str(LONGEST_RECORDING_SECONDS)}
    if request.game_ids:
        tags[GAMES_TAG] = ",".join(sorted(request.game_ids))
    if request.start == request.end:
        partition = request.start.isoformat()
    else:
        partition = None
        tags |= partition_tags(request.start, request.end)
    result = job.execute_in_process(
        instance=instance,
        partition_key=partition,
        tags=tags,
        run_id=request.run_id,
        asset_selection=[dg.AssetKey(name) for name in (READINESS, *(table.name for table in tables), COMPLETION)],
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        raise_on_error=False,
    )
    # A failed blocking check fails its run on purpose: history should show it, and the run is recorded.
    if not result.success and not any(verdict.blocking for verdict in publication.failed_checks):
        raise Phase3Error("the run failed; the UI shows why")
