"""Whether readers of the last dates see what was published.

What belongs here: the lines. What doesn't: comparing (publishing/drift.py), recording what differs: `phase3 verify`.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from phase3_assets.catalog.tables import published_tables
from phase3_assets.health.line import Line, Verdict, bad, good
from phase3_assets.publishing.drift import Drift, content_query, find_drift
from phase3_assets.publishing.survey import decisions_query, latest_decisions
from phase3_assets.warehouse.interface import Session

LOOK_BACK_DAYS = 30
"""As many as the daily verification looks at."""
_NAMED = 5


def drift_lines(session: Session, last: date) -> list[Line]:
    """Compare the 30 dates up to `last` with what their publications recorded; nothing is written."""
    first, tables = last - timedelta(days=LOOK_BACK_DAYS - 1), published_tables()
    answers = session.query_all(
        {
            "decisions": decisions_query(first, last),
            **{table.name: content_query(table, first, last) for table in tables},
        }
    )
    decisions = latest_decisions(answers["decisions"])
    drifts = [drift for table in tables for drift in find_drift(table, answers[table.name], decisions)]
    if not drifts:
        return [good("drift", f"none in {LOOK_BACK_DAYS} dates")]
    return list(_said(drifts))


def _said(drifts: list[Drift]) -> Iterator[Line]:
    for drift in drifts[:_NAMED]:
        to_do = f"`phase3 run {drift.game_date} --repair`; find out who wrote"
        yield bad("drift", Verdict.ACT, f"{drift.table}: {drift}", to_do, drift.game_id)
    more = drifts[_NAMED:]
    if more:
        days = [drift.game_date for drift in more]
        to_do = f"`phase3 verify {min(days)} {max(days)}` names all; `phase3 backfill {min(days)} {max(days)} --repair`"
        yield bad("drift", Verdict.ACT, f"{len(more)} more games of {len(set(days))} dates", to_do)
