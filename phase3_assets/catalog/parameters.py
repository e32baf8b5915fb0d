"""The parameters every SQL text may use.

What belongs here: the dates. What doesn't: thresholds (settings/thresholds.py).
"""

from datetime import date
from typing import Any


def date_parameters(start: date, end: date) -> dict[str, Any]:
    """The date parameters every text may use: the range, and the whole seasons (October to September) around it."""
    return {
        "start_date": start,
        "end_date": end,
        "season_start_date": date(start.year - (start.month < 10), 10, 1),
        "season_end_date": date(end.year + (end.month >= 10), 9, 30),
    }
