"""A second process that readies Dagster while this one publishes, then records what was published.

What belongs here: handing a publication over, and the second process's main(). What doesn't: recording (recording.py).
Importing Dagster and opening its history takes longer than publishing a date; on two cores both happen at once. For the
same reason this module imports nothing slow.
"""

import pickle
import re
import subprocess
import sys
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from phase3_assets.errors import Phase3Error
from phase3_assets.settings.locations import Settings

if TYPE_CHECKING:
    from phase3_assets.catalog.tables import PublishedTable
    from phase3_assets.publishing.requests import Publication, Request

LONGEST_RECORDING_SECONDS = 600
"""A recording that takes longer was killed, or is stuck."""


class Recorder:
    """Use as a context manager: entering starts the process. Without a call of record(), it ends without a trace."""

    def __init__(self, settings: Settings) -> None:
        self._home = settings.dagster_home
        self._wait_seconds = settings.wait_seconds

    def __enter__(self) -> "Recorder":
        command = [sys.executable, "-m", "phase3_assets.instance.recording_process", str(self._wait_seconds)]
        # The process prints nothing. It gets a standard output of its own because ours may be closed.
        self._process = subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        return self

    def record(self, request: "Request", tables: "Sequence[PublishedTable]", publication: "Publication") -> None:
        """Record the publication as a run, and wait until that is done; see recording.record_run.

        Raises Phase3Error where it cannot be recorded, or not in time.
        """
        names = [table.name for table in tables]
        message, patience = pickle.dumps((request, names, publication)), self._wait_seconds + LONGEST_RECORDING_SECONDS
        try:
            _, errors = self._process.communicate(message, timeout=patience)
        except subprocess.TimeoutExpired as error:
            raise self._unrecorded(request, f"it was not done after {patience:.0f} s") from error
        if self._process.returncode:
            raise self._unrecorded(request, _reason(errors.decode(errors="replace")))

    def _unrecorded(self, request: "Request", reason: str) -> Phase3Error:
        return Phase3Error(
            f"everything was published, and stays so, but run {request.run_id} could not be recorded in Dagster's "
            f"history: {reason}. Put that right, and further runs are recorded; where a file of {self._home} is "
            f"damaged, move it aside (dagster.yaml, or the folder history): a new one is made, and no more is lost "
            "than your changes to it, or the list of past runs."
        )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()


def _reason(output: str) -> str:
    """The error that ended the other process, taken from its traceback, without further lines of its message."""
    named = re.findall(r"^[A-Za-z_][\w.]*: .*$", output, re.MULTILINE)
    lines = named or output.strip().splitlines() or ["the recording process was killed"]
    return str(lines[-1]).removeprefix(f"{Phase3Error.__module__}.{Phase3Error.__name__}: ")
