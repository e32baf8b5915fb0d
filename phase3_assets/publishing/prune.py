"""How long superseded rows are kept, and deleting older ones: `phase3 prune`.

What belongs here: the two figures, and which rows of history and bookkeeping may go. What doesn't: published rows, raw
rows and people's decisions, which stay for ever; staging, which ends with its session (warehouse/).

Rows stay, whatever their age, where the latest decision of a game rests on them or where undoing the visible version
needs them. Only decisions that changed nothing for readers are deleted. So it stays known for every moment which
publication's rows readers saw, and as_of.py says nothing wrong about it once those rows are gone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from phase3_assets.catalog.contracts import Contract
from phase3_assets.catalog.queries import sql_text
from phase3_assets.catalog.tables import PublishedTable, bookkeeping_contracts, published_tables
from phase3_assets.clock import utc_now
from phase3_assets.settings.calendar import FIRST_DATE
from phase3_assets.settings.retention import Retention
from phase3_assets.warehouse.interface import Parameters, Warehouse
from phase3_assets.warehouse.schema import check_schema


@dataclass(frozen=True)
class Superseded:
    """Rows of one table that may be deleted."""

    contract: Contract
    key: tuple[str, ...]
    sql: str
    """Query for the keys of the rows, for the dates @start_date to @end_date."""
    parameters: Parameters


@dataclass(frozen=True)
class Pruned:
    """The number of rows that were deleted from one table, or would be."""

    table: str
    rows: int
    before: datetime
    """Only rows superseded before this moment."""


def prune(warehouse: Warehouse, retention: Retention, run_id: str = "", dry_run: bool = False) -> list[Pruned]:
    """Delete rows that are older than `retention` allows and that nothing needs; with `dry_run`, only count them.

    Tables that are kept for ever are left out. Raises Phase3Error where nothing was done.
    """
    found = []
    with warehouse.session(read_only=dry_run, run_id=run_id) as session:
        check_schema(session)
        plans = list(superseded(retention, utc_now()))
        for plan in plans:
            rows = session.query(count_sql(plan), plan.parameters)[0]["row_count"]
            found.append(Pruned(plan.contract.full_name, rows, plan.parameters["keep_since"]))
        if not dry_run:
            with session.unit():
                for plan, pruned in zip(plans, found, strict=True):
                    if pruned.rows:
                        session.remove_rows(plan.contract, plan.key, plan.sql, plan.parameters)
    return found


def superseded(retention: Retention, now: datetime) -> Iterator[Superseded]:
    """The rows that may be deleted now, one table at a time."""
    dates = {"start_date": FIRST_DATE, "end_date": now.date()}
    bookkeeping = bookkeeping_contracts()
    if retention.history_days:
        keep_since = {"keep_since": now - timedelta(days=retention.history_days)}
        for table in published_tables():
            parameters = {**dates, **keep_since, "table_name": table.name}
            key = ("game_id", "publication_id", "replaced_by")
            yield Superseded(table.contract.history(), key, superseded_history_sql(table), parameters)
        decisions = bookkeeping["publications"]
        yield Superseded(
            decisions, decisions.key, sql_text("bookkeeping/queries/superseded_publications"), {**dates, **keep_since}
        )
    if retention.events_days:
        keep_since = {"keep_since": now - timedelta(days=retention.events_days)}
        events = bookkeeping["data_quality_events"]
        yield Superseded(events, events.key, sql_text("bookkeeping/queries/superseded_events"), {**dates, **keep_since})
        results = bookkeeping["check_results"]
        yield Superseded(
            results, results.key, sql_text("bookkeeping/queries/superseded_check_results"), {**dates, **keep_since}
        )


def superseded_history_sql(table: PublishedTable) -> str:
    """SQL for replaced rows that may go: replaced before @keep_since, and written by no publication still needed."""
    return f"""SELECT DISTINCT replaced.game_id, replaced.publication_id, replaced.replaced_by
FROM {table.contract.history().full_name} AS replaced
LEFT JOIN (
{sql_text("bookkeeping/queries/writing_publications")}
) AS needed
  ON needed.game_id = replaced.game_id AND needed.publication_id = replaced.publication_id
WHERE replaced.{table.contract.partition} BETWEEN @start_date AND @end_date
  AND replaced.replaced_at < @keep_since
  AND needed.publication_id IS NULL"""


def count_sql(plan: Superseded) -> str:
    """SQL for the number of rows of the table that may be deleted."""
    same = " AND ".join(f"superseded.{name} = present.{name}" for name in plan.key)
    return f"""SELECT COUNT(*) AS row_count
FROM {plan.contract.full_name} AS present
WHERE present.{plan.contract.partition} BETWEEN @start_date AND @end_date
  AND EXISTS (SELECT 1 FROM (
{plan.sql}
) AS superseded WHERE {same})"""
