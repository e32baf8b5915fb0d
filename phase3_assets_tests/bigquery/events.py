"""Quality events as the smallest thing to write: one, a unit that appends some, and those that a server has.

What belongs here: what several tests of jobs and leases send. What doesn't: what comes of it (the tests).
"""

from phase3_assets.catalog.tables import bookkeeping_contracts
from phase3_assets.publishing.records import QualityEvent
from phase3_assets.publishing.vocabulary import EventSeverity
from phase3_assets_tests.support.games import DAY, SOME_WORK


def event(name="PHX@POR: fine"):
    made = QualityEvent("test", EventSeverity.INFO, "player_game_summary", DAY, "20260203_PHX_POR", name)
    return made.as_row(SOME_WORK)


def append(warehouse, *rows):
    with warehouse.session(run_id="Run/1 äöü") as session:
        with session.unit():
            session.append(bookkeeping_contracts()["data_quality_events"], list(rows))
        return session._jobs


def descriptions(server):
    return [
        row[0] for row in server.connection.execute("SELECT description FROM nba_phase3.data_quality_events").fetchall()
    ]
