"""Dagster's default run launcher, which also notices when a run's processes have died.

What belongs here: that it can be asked. What doesn't: the question (run_worker.py), what follows from the answer
(Dagster's run monitoring marks the run failed; automation/tick.py asks for what it left undone).

The default launcher cannot tell. After a power cut or a SIGKILL of everything, its runs would stay "started" for ever:
they would hold the only slot of the queue, and no sensor would touch their dates again.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import dagster as dg

from phase3_assets.instance.self_test import lacking, warn

if TYPE_CHECKING:
    from dagster._core.launcher import CheckRunHealthResult
    from dagster._serdes import ConfigurableClassData

_CALLED_BY_DAGSTER = {"supports_check_run_worker_health": 0, "check_run_worker_health": 1}
_WITHOUT = "A run whose processes died ends only when run monitoring's max_runtime_seconds are over."


class WatchfulRunLauncher(dg.DefaultRunLauncher):
    """DefaultRunLauncher with an answer to run monitoring's question."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Whether check_run_worker_health may be asked."""
        return True

    @classmethod
    def from_config_value(  # type: ignore[override] # it may be Dagster's own that is made
        cls, inst_data: "ConfigurableClassData | None", config_value: Mapping[str, Any]
    ) -> dg.DefaultRunLauncher:
        """Dagster's constructor for a launcher named in dagster.yaml; its own where this one's parts are not there."""
        missing = lacking(dg.DefaultRunLauncher, _CALLED_BY_DAGSTER) + _missing_parts()
        if missing:
            warn(cls, dg.DefaultRunLauncher, missing, _WITHOUT)
            return dg.DefaultRunLauncher(inst_data=inst_data)
        return cls(inst_data=inst_data)

    def check_run_worker_health(self, run: dg.DagsterRun) -> "CheckRunHealthResult":
        """Whether the run has a process; see run_worker.worker_health."""
        from phase3_assets.instance.run_worker import worker_health

        return worker_health(run)


def _missing_parts() -> list[str]:
    try:
        from phase3_assets.instance.run_worker import missing_parts
    except ImportError as error:
        return [error.msg]
    return missing_parts()
