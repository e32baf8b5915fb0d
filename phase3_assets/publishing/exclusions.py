"""Excluded entries of the schedule: one event when an entry is excluded, another when it no longer is.

What belongs here: the events. What doesn't: which rows are excluded (sql/views/schedule_rows.sql). An excluded row has
no state in game_readiness and is in no table: without an event nobody would see that it was left out, or why.
"""

from collections.abc import Iterable
from datetime import date

from phase3_assets.catalog.parameters import date_parameters
from phase3_assets.catalog.queries import prepared, sql_text
from phase3_assets.catalog.tables import bookkeeping_contracts
from phase3_assets.clock import later
from phase3_assets.publishing.records import QualityEvent
from phase3_assets.publishing.vocabulary import EventSeverity
from phase3_assets.publishing.work import Work
from phase3_assets.warehouse.interface import Query, Row

_ORDINARY = ("pre-season", "all-star", "teams not decided")
"""Ordinary reasons for an exclusion. Any other reason is a warning for a person: a real game may be behind it."""


def excluded_games_query(start: date, end: date) -> Query:
    """The query for excluded entries, each beside what its latest event said. Reads the snapshot of a survey."""
    return prepared(sql_text("bookkeeping/queries/excluded_games")), date_parameters(start, end)


def record_exclusions(work: Work, rows: Iterable[Row]) -> None:
    """Write an event for every row of excluded_games_query whose exclusion is new, over, or has another reason.

    The event's game_id is mostly the league's id: see excluded_games.sql.
    """
    events = []
    for row in sorted(rows, key=lambda row: (row["game_date"], row["listed_id"])):
        listed_id, reason = row["listed_id"], row["reason"]
        severity = EventSeverity.INFO if reason is None or reason in _ORDINARY else EventSeverity.WARNING
        kind, text = "game_no_longer_excluded", f"{listed_id} is excluded no longer: a game, or gone from the schedule"
        if reason:
            kind, text = "game_excluded", f"{listed_id} is no game here: {reason}"
        if text != row["told"]:
            moment = later(work.now(), row["told_at"])
            events.append(QualityEvent(kind, severity, None, row["game_date"], listed_id, text, noticed_at=moment))
    work.session.append(bookkeeping_contracts()["data_quality_events"], [event.as_row(work) for event in events])
