"""Rows of Dagster's table of check executions, many at once.

What belongs here: what both storages (event_storage.py, postgres_storage.py) store of checks. What doesn't: events
themselves, and connections (those two), which verdicts there are (defs/checks.py).

Dagster plans a row per check and date of a range, and then looks for it, fills it, and writes its event anew, one by
one. Here a range is planned as one row per check, which the range's own evaluation fills; each evaluation of a date
that nothing has planned is added, and those of a batch are added together.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from dagster import AssetCheckEvaluation, DagsterEventType
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable
from sqlalchemy import Connection, select

if TYPE_CHECKING:
    from dagster import EventLogEntry

    Stored = Sequence[tuple[EventLogEntry, int, Mapping[str, Any]]]
    """Events, each with its id and its row of the table of events."""

OF_CHECKS = {DagsterEventType.ASSET_CHECK_EVALUATION, DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED}


def planned_as_one(event: "EventLogEntry") -> "EventLogEntry":
    """The event; where it plans a check of several dates, one that plans the check once, without dates."""
    told = event.get_dagster_event()
    if event.dagster_event_type != DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED:
        return event
    planned = told.asset_check_planned_data
    if planned.partitions_subset is None or len(planned.partitions_subset) == 1:
        return event
    once = type(planned)(asset_key=planned.asset_key, check_name=planned.check_name)
    return event._replace(dagster_event=told._replace(event_specific_data=once))


def add_unplanned(connection: Connection, stored: "Stored") -> "Stored":
    """Add a row for each evaluation of a date that has none to fill; return the others."""
    planned = _rows_of_runs(connection, stored)
    added, others = [], []
    for event, event_id, row in stored:
        if _is_of_date(event) and _key(event) not in planned:
            planned.add(_key(event))
            added.append(_row(event, event_id, row))
        else:
            others.append((event, event_id, row))
    if added:
        connection.execute(AssetCheckExecutionsTable.insert(), added)
    return others


def _rows_of_runs(connection: Connection, stored: "Stored") -> set[tuple[str | None, ...]]:
    """The keys of rows that the events' runs already have for the events' checks and dates."""
    keys = [_key(event) for event, _, _ in stored if _is_of_date(event)]
    if not keys:
        return set()
    table = AssetCheckExecutionsTable.c
    columns = (table.run_id, table.asset_key, table.check_name, table.partition)
    there = select(*columns).where(
        *(column.in_(set(values)) for column, values in zip(columns, zip(*keys, strict=True), strict=True))
    )
    return {(run, asset, check, partition) for run, asset, check, partition in connection.execute(there)}


def _is_of_date(event: "EventLogEntry") -> bool:
    is_evaluation = event.dagster_event_type == DagsterEventType.ASSET_CHECK_EVALUATION
    return bool(is_evaluation and event.run_id and _evaluation(event).partition)


def _key(event: "EventLogEntry") -> tuple[str | None, ...]:
    evaluation = _evaluation(event)
    return event.run_id, evaluation.asset_key.to_string(), evaluation.check_name, evaluation.partition


def _evaluation(event: "EventLogEntry") -> AssetCheckEvaluation:
    return cast("AssetCheckEvaluation", event.get_dagster_event().event_specific_data)


def _row(event: "EventLogEntry", event_id: int, row: Mapping[str, Any]) -> dict[str, Any]:
    """The row that Dagster makes of an evaluation; a test compares it with Dagster's own."""
    evaluation, (run_id, asset_key, check_name, partition) = _evaluation(event), _key(event)
    status, target = AssetCheckExecutionRecordStatus, evaluation.target_materialization_data
    return {
        "asset_key": asset_key,
        "check_name": check_name,
        "partition": partition,
        "run_id": run_id,
        "execution_status": (status.SUCCEEDED if evaluation.passed else status.FAILED).value,
        "evaluation_event": row["event"],
        "evaluation_event_timestamp": row["timestamp"],
        "evaluation_event_storage_id": event_id,
        "materialization_event_storage_id": target.storage_id if target else None,
    }
