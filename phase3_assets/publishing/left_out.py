"""What is left out of a table, though it was loaded: one event per game when that changes.

What belongs here: the events. What doesn't: which rows are left out, and why (the rule `left_out` of a table's
checks/). A row that is left out is in no table: without an event only who looks at the checks would see it.
"""

from collections.abc import Iterable, Mapping

from phase3_assets.catalog.tables import PublishedTable
from phase3_assets.clock import later
from phase3_assets.publishing.audit import Finding
from phase3_assets.publishing.game import Game
from phase3_assets.publishing.records import QualityEvent
from phase3_assets.publishing.vocabulary import EventSeverity
from phase3_assets.publishing.work import Work
from phase3_assets.warehouse.interface import Row

LEFT_OUT = "left_out"
"""The name of the rule."""


def left_out_events(
    work: Work, table: PublishedTable, games: Mapping[str, Game], findings: Iterable[Finding], told: Mapping[str, Row]
) -> list[QualityEvent]:
    """An event for each game of which something else is left out than its latest event says, or nothing any more.

    `told` holds that event by game_id (told_by_checks.sql). The same rows found again cause no event.
    """
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.rule == LEFT_OUT and finding.game_id in games:
            found.setdefault(finding.game_id, []).append(finding)
    still = {game_id for game_id, row in told.items() if row["event_type"] == "inputs_left_out"}
    events = []
    for game_id in sorted({*found, *(still & set(games))}):
        game, rows, before = games[game_id], found.get(game_id, []), told.get(game_id)
        kind, severity = "inputs_no_longer_left_out", EventSeverity.INFO
        text = f"{game.label}: nothing is left out any more"
        if rows:
            kind, severity, text = "inputs_left_out", EventSeverity.WARNING, f"{game.label}: left out: {_said(rows)}"
        if before is None or (before["event_type"], before["description"]) != (kind, text):
            moment = later(work.now(), before["told_at"] if before else None)
            events.append(QualityEvent(kind, severity, table.name, game.game_date, game_id, text, tuple(rows), moment))
    return events


def _said(rows: list[Finding]) -> str:
    """The rows that are left out, and how many more there are than the rule shows."""
    more = rows[0].offenders - len(rows)
    return "; ".join(sorted(row.text for row in rows)) + (f" (and {more} more)" if more > 0 else "")
