"""One piece of work on the warehouse: the context that all its steps share.

What belongs here: the session, its dates, the run it belongs to and the limits that apply. What doesn't: what is
asked for (requests.py), what a survey found (survey.py).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from phase3_assets.clock import utc_now
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.interface import Session


@dataclass(frozen=True)
class Work:
    """The context of one piece of work."""

    session: Session
    start: date
    end: date
    """The last date, included."""
    run_id: str
    """Id of the run or command, as records and events name it."""
    thresholds: Thresholds = field(default_factory=Thresholds)
    """The limits of every rule; the defaults where no rule is applied."""
    now: Callable[[], datetime] = field(default_factory=lambda: utc_now)
    """The clock, which keeps running during the work: a record is dated when it is written, and found by that date."""
