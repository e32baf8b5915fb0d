"""The present moment, in one place."""

from datetime import UTC, datetime, timedelta


def utc_now() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def later(now: datetime, than: datetime | None) -> datetime:
    """The timestamp for a record that must supersede the record of `than`: now, or one microsecond after `than`.

    The latest of several records counts. Without this, a record written while a clock was ahead would hide every
    record written after it.
    """
    return now if than is None else max(now, than + timedelta(microseconds=1))
