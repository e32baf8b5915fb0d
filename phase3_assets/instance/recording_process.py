"""The second process of a command: readies Dagster, then records what the first process has published.

What belongs here: its main(). What doesn't: starting it and handing over the publication (recorder.py), recording
(recording.py).
"""

import gc
import os
import pickle
import sys


def main() -> None:
    """Ready Dagster, then record the publication that comes in on standard input. Runs in the second process."""
    # Nothing that is imported ever becomes garbage: not looking for it saves a tenth of the start.
    gc.disable()
    from phase3_assets.catalog.tables import published_table
    from phase3_assets.instance.recording import open_instance, record_run

    instance = open_instance(float(sys.argv[1]))
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
