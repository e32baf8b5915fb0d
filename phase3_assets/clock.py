"""The present moment, in one place."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

_ahead = timedelta(0)
"""How far utc_now() is ahead of the machine's clock; zero but inside set_to()."""


def utc_now() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC) + _ahead


@contextmanager
def set_to(moment: datetime) -> Iterator[None]:
    """Inside the block, utc_now() begins at `moment` and runs on: for a story told of another day.

    It holds for the whole process. Dates that Dagster decides (its own events, which partitions exist) stay those of
    the machine.
    """
    global _ahead
    before = _ahead
    _ahead = moment - datetime.now(UTC)
    try:
        yield
    finally:
        _ahead = before


def later(now: datetime, than: datetime | None) -> datetime:
    """The timestamp for a record that must supersede the record of `than`: now, or one microsecond after `than`.

    The latest of several records counts. Without this, a record written while a clock was ahead would hide every
    record written after it.
    """
    return now if than is None else max(now, than + timedelta(microseconds=1))
