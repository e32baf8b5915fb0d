"""A second process that readies Dagster while this one publishes, then records what was published.

What belongs here: handing a publication over, and the second process's main(). What doesn't: recording (recording.py).
Importing Dagster and opening its history takes longer than publishing a date; on two cores both happen at once. So this
module imports nothing slow.
"""

import gc
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from phase3_assets.errors import Phase3Error

if TYPE_CHECKING:
    from phase3_assets.outcomes import Publication, Request
    from phase3_assets.tables import PublishedTable


class Recorder:
    """Use as a context: started on entry; where record() is never called, it leaves without a trace."""

    def __enter__(self) -> "Recorder":
        command = [sys.executable, "-m", "phase3_assets.recorder"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE)  # noqa: S603
        return self

    def record(self, request: "Request", tables: "Sequence[PublishedTable]", publication: "Publication") -> None:
        """Record the publication as a run, and wait until it is; see recording.record_run."""
        names = [table.name for table in tables]
        _, errors = self._process.communicate(pickle.dumps((request, names, publication)))
        if self._process.returncode:
            raise Phase3Error(
                f"everything was published, but run {request.run_id} could not be recorded in Dagster's history: "
                f"{_reason(errors.decode(errors='replace'))}. The next run records what is there."
            )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()


def _reason(output: str) -> str:
    """The error that ended the other process, out of its traceback; further lines of a message are left out."""
    named = re.findall(r"^[A-Za-z_][\w.]*: .*$", output, re.MULTILINE)
    lines = named or output.strip().splitlines()
    return str(lines[-1]) if lines else "the recording process was killed"


def main() -> None:
    """Ready Dagster, then record the publication that comes in on standard input. Runs in the second process."""
    # Nothing that is imported ever becomes garbage: not looking for it saves a tenth of the start.
    gc.disable()
    from phase3_assets.recording import open_instance, record_run
    from phase3_assets.tables import published_table

    instance = open_instance()
    gc.freeze()
    gc.enable()
    message = sys.stdin.buffer.read()
    if message:
        request, names, publication = pickle.loads(message)  # noqa: S301 - from our own parent process
        record_run(request, [published_table(name) for name in names], publication, instance)
    instance.dispose()
    # All is stored; taking a process of this size apart object by object would take another second.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
