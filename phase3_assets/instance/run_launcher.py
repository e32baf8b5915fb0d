"""Dagster's default run launcher, which also notices when a run's processes have died.

What belongs here: telling Dagster that the launcher can be asked. What doesn't: finding the answer (run_worker.py),
what follows from it (Dagster's run monitoring marks the run failed; automation/tick.py asks for what it left undone).

The default launcher cannot tell whether a run is alive. After a power cut or a SIGKILL of everything, its runs would
stay "started" for ever: they would hold the only slot of the queue, and no sensor would touch their dates again.
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
    """DefaultRunLauncher that also tells Dagster's run monitoring whether a run's process is alive."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Whether check_run_worker_health may be asked."""
        return True

    @classmethod
    def from_config_value(  # type: ignore[override] # the result may be Dagster's own class
        cls, inst_data: "ConfigurableClassData | None", config_value: Mapping[str, Any]
    ) -> dg.DefaultRunLauncher:
        """The launcher that a dagster.yaml names; Dagster's own class where Dagster lacks parts that ours relies on."""
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
