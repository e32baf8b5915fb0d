"""One piece of work on the warehouse: what travels together through everything that is done in it.

What belongs here: the session, its dates, whose work it is and by which limits. What doesn't: what is asked for
(requests.py), what a survey found (survey.py).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from phase3_assets.clock import utc_now
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.interface import Session


@dataclass(frozen=True)
class Work:
    """What one piece of work is about."""

    session: Session
    start: date
    end: date
    """The last date, included."""
    run_id: str
    """The run or command that records and events name."""
    thresholds: Thresholds = field(default_factory=Thresholds)
    """The limits of every rule; the defaults where none is judged."""
    now: Callable[[], datetime] = utc_now
    """The clock, which goes on while work is done: a record is dated when it is written, and found by that."""
