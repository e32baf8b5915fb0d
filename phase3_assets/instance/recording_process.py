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
    # Imported objects never become garbage. Not looking for garbage saves a tenth of the start.
    gc.disable()
    # Everything is published: each table's dates need no plan of their own, which shows where a run failed before them.
    os.environ["DAGSTER_EMIT_PARTITION_SUBSET_IN_PLANNED_EVENTS"] = "true"
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
    # Everything is stored. A regular exit would take another second to free a process of this size object by object.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
