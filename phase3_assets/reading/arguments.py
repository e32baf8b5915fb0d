"""The arguments that read(), export() and query() share: dates, a moment, the warehouse.

What belongs here: turning what people write in Python into dates and moments. What doesn't: columns (published.py).
"""

from datetime import date, datetime

from phase3_assets.errors import ConfigurationError
from phase3_assets.settings.calendar import parse_date, parse_moment
from phase3_assets.settings.locations import Settings
from phase3_assets.warehouse.interface import Warehouse
from phase3_assets.warehouse.opening import open_warehouse

ENGINES = ("pandas", "arrow")
"""The shapes in which rows are returned."""


def require_engine(engine: str) -> None:
    """Raise ConfigurationError unless `engine` is one of ENGINES."""
    if engine not in ENGINES:
        raise ConfigurationError(f"engine is {engine!r}; it can be {' or '.join(ENGINES)}")


def dates_of(start: date | str, end: date | str | None) -> tuple[date, date]:
    """Both dates; without `end`, both are `start`. Raises ConfigurationError where one cannot be used."""
    first = _date(start)
    last = first if end is None else _date(end)
    if first > last:
        raise ConfigurationError(f"{first} is after {last}")
    return first, last


def moment_of(value: datetime | str | None) -> datetime | None:
    """The moment, or None. Raises ConfigurationError for what is no moment, or has no zone."""
    if value is None or isinstance(value, str):
        return None if value is None else parse_moment(value)
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ConfigurationError(f"as_of is {value!r}; it is a datetime with a zone, or a text like 2026-02-03T22:15Z")
    return value


def chosen(warehouse: Warehouse | None) -> Warehouse:
    """The warehouse, or the one that the settings name."""
    return warehouse or open_warehouse(Settings.from_environment())


def _date(value: date | str) -> date:
    if isinstance(value, str):
        return parse_date(value)
    if isinstance(value, datetime) or not isinstance(value, date):
        raise ConfigurationError(f"{value!r} is not a date; give datetime.date(2026, 2, 3) or '2026-02-03'")
    return parse_date(value.isoformat())
