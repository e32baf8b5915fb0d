"""How each kind of value is written in JSON, wherever this project writes JSON for programs.

What belongs here: the form of a value. What doesn't: which values are written, and where to.

A date, a time of day and a moment are texts in the form of ISO 8601; a moment with a zone is in UTC and ends in Z. A
decimal is a number. What is not finite is null, since JSON has no such number.
"""

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any


def in_json(value: Any) -> Any:
    """The value as what json.dumps() writes; lists, tuples, sets and mappings are gone through."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        if not value.is_finite():
            return None
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): in_json(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [in_json(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted(in_json(item) for item in value)
    return value if value is None or isinstance(value, (str, int)) else str(value)


def moment_text(value: datetime) -> str:
    """The moment in the form of ISO 8601: in UTC with a Z, if it has a zone."""
    return value.isoformat() if value.tzinfo is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")
