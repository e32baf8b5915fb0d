"""Examines whether everything that was ever published still lies within the calendar.

What belongs here: finding dates that an earlier PHASE3_FIRST_DATE published and the present one leaves out. What
doesn't: reading the variable (settings/calendar.py).
"""

from phase3_assets.catalog.queries import sql_text
from phase3_assets.doctor.diagnosis import OK, WARNING, Diagnosis
from phase3_assets.settings.calendar import FIRST_DATE
from phase3_assets.warehouse.interface import Warehouse

_SUBJECT = "calendar"


def examine_calendar(warehouse: Warehouse) -> Diagnosis:
    """Look for decisions about dates before the calendar's first. The tables must exist."""
    with warehouse.session(read_only=True) as session:
        (before,) = session.query(sql_text("bookkeeping/queries/decided_before"), {"first_date": FIRST_DATE})
    if not before["dates"]:
        return Diagnosis(OK, _SUBJECT, f"begins on {FIRST_DATE}, before everything published")
    found = (
        f"begins on {FIRST_DATE}, and {before['dates']} dates published before it ({before['first_day']} to "
        f"{before['last_day']}) are outside: readers see their rows, and nothing checks, corrects or prunes them"
    )
    remedy = f"PHASE3_FIRST_DATE={before['first_day']}, as it was, for every command and for Dagster's processes"
    return Diagnosis(WARNING, _SUBJECT, found, remedy)
