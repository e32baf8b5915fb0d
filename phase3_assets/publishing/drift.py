"""Drift: whether readers still see what was published.

What belongs here: comparing published rows with the content that their publication recorded, per game, and recording
what differs. What doesn't: whether the rows are right (check.py), putting them back (publish.py).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from phase3_assets.catalog.tables import PublishedTable, bookkeeping_contracts
from phase3_assets.catalog.versions import content_sql
from phase3_assets.publishing.game import Decision
from phase3_assets.publishing.records import QualityEvent, failing
from phase3_assets.publishing.survey import decisions_query, latest_decisions
from phase3_assets.publishing.vocabulary import EventSeverity, Failure
from phase3_assets.publishing.work import Work
from phase3_assets.warehouse.interface import Query, Row, Warehouse
from phase3_assets.warehouse.schema import check_schema

_DRIFT_EVENTS = (
    "SELECT table_name, description FROM nba_phase3.data_quality_events "
    "WHERE event_type = 'drift' AND game_date BETWEEN @start_date AND @end_date"
)


@dataclass(frozen=True)
class Drift:
    """One game of one table whose rows are not the ones that were published."""

    table: str
    game_date: date
    game_id: str
    published_rows: int
    present_rows: int
    changed_keys: tuple[str, ...]
    """Keys of the rows whose values do not match the hash stored beside them."""
    publication_ids: tuple[str, ...] = ()
    """The publication ids on the rows, where these differ from the id of the rows' own publication."""

    def __str__(self) -> str:
        if self.present_rows != self.published_rows:
            return f"{self.present_rows} rows present, {self.published_rows} published"
        ids = f"publication_id {', '.join(self.publication_ids)}" if self.publication_ids else "rows exchanged"
        return f"changed by hand: {', '.join(self.changed_keys) or ids}"


def verify(
    warehouse: Warehouse, start: date, end: date, tables: Sequence[PublishedTable], run_id: str = "manual"
) -> list[Drift]:
    """Every game from `start` to `end` whose rows were updated, deleted or inserted outside a publication.

    Records each one with an event, so that downstream tables stop. The game's next publication puts it right.
    """
    found = []
    with warehouse.session(run_id=run_id) as session:
        check_schema(session)
        contents = {table.name: content_query(table, start, end) for table in tables}
        events = (_DRIFT_EVENTS, {"start_date": start, "end_date": end})
        answers = session.query_all({"decisions": decisions_query(start, end), "drift_events": events, **contents})
        decisions = latest_decisions(answers["decisions"])
        known = {(row["table_name"], row["description"]) for row in answers["drift_events"]}
        work = Work(session, start, end, run_id)
        for table in tables:
            drifts = find_drift(table, answers[table.name], decisions)
            record_drift(work, table, drifts, decisions, known)
            found += drifts
    return found


def content_query(table: PublishedTable, start: date, end: date) -> Query:
    """The query for a hash of each game's visible rows, to compare with the hash that its publication recorded."""
    return content_sql(table.name), {"start_date": start, "end_date": end}


def find_drift(
    table: PublishedTable, content: Iterable[Row], decisions: Mapping[tuple[str, str], Decision]
) -> list[Drift]:
    """The table's games whose rows, according to the answer to content_query, are not the published ones.

    A game belongs to one date: rows of it under another date were written by no publication.
    """
    present = {(row["game_date"], row["game_id"]): row for row in content}
    expected = {
        (d.game_date, game_id): d for (name, game_id), d in decisions.items() if name == table.name and d.row_count
    }
    drifts = []
    for game_date, game_id in sorted(set(present) | set(expected)):
        row, decision = present.get((game_date, game_id)), expected.get((game_date, game_id))
        ids = row["publication_ids"] if row and decision else None
        is_theirs = decision is not None and ids == decision.visible_publication_id
        if row and decision and row["content_hash"] == decision.content_hash and not row["changed_keys"] and is_theirs:
            continue
        drifts.append(
            Drift(
                table=table.name,
                game_date=game_date,
                game_id=game_id,
                published_rows=decision.row_count if decision else 0,
                present_rows=row["row_count"] if row else 0,
                changed_keys=tuple(row["changed_keys"].split(", ")) if row and row["changed_keys"] else (),
                publication_ids=tuple(ids.split(", ")) if ids and not is_theirs else (),
            )
        )
    return drifts


def record_drift(
    work: Work,
    table: PublishedTable,
    drifts: Sequence[Drift],
    decisions: dict[tuple[str, str], Decision],
    known: Collection[tuple[str, str]] = (),
) -> None:
    """Write drift down, with one event per change; also updates `decisions`.

    The decision about a game notes its drift. Where a game has no decision, or the rows are under another date, only
    the events record the drift: `known` holds the (table, description) of the events already written.
    """
    decided, events = [], []
    for drift in drifts:
        before = decisions.get((table.name, drift.game_id))
        if before is not None and before.game_date != drift.game_date:
            before = None
        description = (
            f"{drift.game_id}: drift: {drift}; `phase3 run {drift.game_date} --repair` puts it right, "
            "but for a game that is held: roll that back again, or release it first"
        )
        if before is None and (table.name, description) in known:
            continue
        if before is not None:
            if before.standing.failing.get(Failure.DRIFT) == str(drift):
                continue
            decision = failing(work, before, Failure.DRIFT, str(drift))
            decided.append(decision)
            decisions[table.name, drift.game_id] = decision
        events.append(
            QualityEvent("drift", EventSeverity.CRITICAL, table.name, drift.game_date, drift.game_id, description)
        )
    if events:
        contracts, session = bookkeeping_contracts(), work.session
        with session.unit():
            session.append(contracts["publications"], [decision.as_row() for decision in decided])
            session.append(contracts["data_quality_events"], [event.as_row(work) for event in events])
