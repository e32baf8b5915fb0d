"""The present moment, in one place."""

from datetime import UTC, datetime, timedelta


def utc_now() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def later(now: datetime, than: datetime | None) -> datetime:
    """The moment to write on a record that is to count after an earlier one: now, or just after it.

    Of several records the latest counts. One written while a clock was ahead would otherwise outlast all that follow.
    """
    return now if than is None else max(now, than + timedelta(microseconds=1))
