"""A second process that readies Dagster while this one publishes, then records what was published.

What belongs here: handing a publication over. What doesn't: recording it (recording.py). Importing Dagster and opening
its history takes longer than publishing a date; on two cores both happen at once.
"""

import pickle
import subprocess
import sys
from types import TracebackType

from phase3_assets.errors import Phase3Error
from phase3_assets.outcomes import Publication, Request
from phase3_assets.tables import PublishedTable
from phase3_assets.warehouse import Warehouse


class Recorder:
    """Use as a context: started on entry; where record() is never called, it leaves without a trace."""

    def __enter__(self) -> "Recorder":
        command = [sys.executable, "-m", "phase3_assets.recording"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE)  # noqa: S603
        return self

    def record(
        self, warehouse: Warehouse, request: Request, tables: list[PublishedTable], publication: Publication
    ) -> None:
        """Record the publication as a run, and wait until it is; see recording.record_run."""
        names = [table.name for table in tables]
        _, errors = self._process.communicate(pickle.dumps((warehouse, request, names, publication)))
        if self._process.returncode:
            reason = errors.decode(errors="replace").strip().splitlines()
            raise Phase3Error(
                f"everything was published, but run {request.run_id} could not be recorded in Dagster's history: "
                f"{reason[-1] if reason else 'the recording process was killed'}. The next run records what is there."
            )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()
