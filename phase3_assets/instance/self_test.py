"""Checks that Dagster still has the private parts which our instance classes override or call, when one is created.

What belongs here: the check, and the warning where it fails. What doesn't: the list of parts (event_storage.py,
postgres_storage.py, run_launcher.py), each with what is slower or missing without them.

A team's dagster.yaml names our classes. A process must start even with a Dagster that is built differently, since it
can do without what they add (speed, noticing dead runs): Dagster's own class then takes the place of ours.
"""

import inspect
import logging
from collections.abc import Mapping, Sequence

import dagster as dg


def lacking(owner: type, methods: Mapping[str, int]) -> list[str]:
    """The methods that a class lacks, or that do not take the given number of arguments after `self`, in words."""
    return [
        f"{owner.__name__}.{name} with {count} arguments"
        for name, count in methods.items()
        if not _takes(owner, name, count)
    ]


def _takes(owner: type, name: str, count: int) -> bool:
    method = inspect.getattr_static(owner, name, None)
    if isinstance(method, property):
        return count == 0
    try:
        inspect.signature(getattr(owner, name)).bind(*range(count + 1))
    except (AttributeError, TypeError, ValueError):
        return False
    return True


def warn(ours: type, base: type, missing: Sequence[str], consequence: str) -> None:
    """Log a warning that Dagster's own class takes the place of ours: why, what follows, and what to do."""
    logging.getLogger(ours.__module__).warning(
        "Dagster %s has no %s, which %s relies on: Dagster's own %s takes its place. %s Nothing is lost; a version of "
        "phase3_assets that knows this Dagster, or the Dagster that its requirements.txt names, brings it back.",
        dg.__version__,
        ", no ".join(missing),
        ours.__name__,
        base.__name__,
        consequence,
    )
