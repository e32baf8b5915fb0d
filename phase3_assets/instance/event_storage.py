"""Dagster's SQLite event log, writing a batch of events as one transaction.

What belongs here: how many commits a batch of events costs. What doesn't: which events there are (defs/assets.py), a
team's PostgreSQL (postgres_storage.py).

Dagster already hands over materializations and plans in batches where DAGSTER_EVENT_BATCH_SIZE is set, but its SQLite
storage writes them one by one, each with a connection and several commits. So 297 game dates took a minute. Here a
batch is one transaction per database, and the databases used last keep their connection and compiled statements.
"""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dagster import AssetMaterialization, DagsterEventType, FloatMetadataValue, IntMetadataValue
from dagster._core.storage.event_log import SqlEventLogStorage, SqliteEventLogStorage
from sqlalchemy import Connection, Engine, Table, create_engine
from sqlalchemy.event import listen
from sqlalchemy.pool import StaticPool

from phase3_assets.instance.evaluations import OF_CHECKS, add_unplanned, planned_as_one
from phase3_assets.instance.self_test import lacking, warn

if TYPE_CHECKING:
    from dagster import EventLogEntry
    from dagster._serdes import ConfigurableClassData

    from phase3_assets.instance.evaluations import Stored

_BUSY_SECONDS = 60
_KEPT_ENGINES = 3
_PAGE_BYTES = 16384
_DATES_IN_FULL = 7
"""A run of more dates shows of each materialization what it is of; its numbers are on the page of its asset."""
BATCHED = {
    DagsterEventType.ASSET_MATERIALIZATION,
    DagsterEventType.ASSET_MATERIALIZATION_PLANNED,
    DagsterEventType.ASSET_CHECK_EVALUATION,
    DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED,
}
FOLLOWING = {"store_asset_check_event": 2, "_store_asset_event": 3, "_store_asset_event_tags": 3}
"""Methods of a storage that store_indexed() calls, each with its number of arguments."""
_RELIED_ON = {
    **FOLLOWING,
    "_connect": 1,
    "_initdb": 1,
    "_event_to_row": 1,
    "conn_string_for_shard": 1,
    "run_connection": 1,
    "index_connection": 0,
}
_STATE = ("_db_lock", "_initialized_dbs")
_WITHOUT = "A command that publishes a season takes a minute longer to record it."


_NUMBERS = (IntMetadataValue, FloatMetadataValue)


def events_table() -> Table:
    """Dagster's table of events. Raises ImportError where it is no longer there."""
    from dagster._core.storage.event_log.schema import SqlEventLogStorageTable

    return SqlEventLogStorageTable


def missing_table() -> list[str]:
    """A message that Dagster's table of events is missing, as a list; an empty list where it is there."""
    try:
        events_table()
    except ImportError as error:
        return [error.msg]
    return []


def store_indexed(storage: SqlEventLogStorage, connection: Connection, events: "Sequence[EventLogEntry]") -> None:
    """Store events, and what follows from them.

    Of those that are routine, only the last of a batch becomes an event: the page of a check and of its dates reads the
    row of the check, which has the text, and its event's number only to tell what is newer. So the others get the
    number of the last.
    """
    table, rows = events_table(), rows_of(storage, events)
    added = table.insert().returning(table.c.id, sort_by_parameter_order=True)
    last = len(events) - 1
    kept = [place for place, event in enumerate(events) if place == last or not is_routine(event)]
    numbers = connection.execute(added, [rows[place] for place in kept]).scalars().all()
    ids = dict(zip(kept, numbers, strict=True))
    stored = [
        (event, ids.get(place, numbers[-1]), row) for place, (event, row) in enumerate(zip(events, rows, strict=True))
    ]
    _store_what_follows(storage, connection, stored)


def _store_what_follows(storage: SqlEventLogStorage, connection: Connection, stored: "Stored") -> None:
    """Store the rows of checks, tags and assets that follow from events."""
    of_checks = [each for each in stored if each[0].dagster_event_type in OF_CHECKS]
    assets = [(event, event_id) for event, event_id, _ in stored if event.dagster_event_type not in OF_CHECKS]
    for event, event_id, _ in add_unplanned(connection, of_checks):
        storage.store_asset_check_event(event, event_id)
    if assets:
        storage._store_asset_event_tags(connection, [event for event, _ in assets], [i for _, i in assets])
    latest = {(event.get_dagster_event().asset_key, event.dagster_event_type): (event, i) for event, i in assets}
    for event, event_id in latest.values():
        storage._store_asset_event(connection, event, event_id)


def rows_of(storage: SqlEventLogStorage, events: "Sequence[EventLogEntry]") -> list[dict[str, Any]]:
    """The row of each event in the table of events.

    Routine texts of a check differ in the date, the sentence and the numbers. Dagster writes the first of them, and
    the others are that with their own in its place: writing texts is most of what recording a range takes.
    """
    rows: list[dict[str, Any]] = []
    firsts: dict[tuple[Any, ...], tuple[dict[str, Any], dict[str, Any]]] = {}
    for event in events:
        if not is_routine(event):
            rows.append(storage._event_to_row(event))
            continue
        told = event.get_dagster_event().asset_check_evaluation_data
        labels = tuple((label, type(value)) for label, value in told.metadata.items())
        alike = (event.run_id, event.timestamp, told.asset_key, told.check_name, told.severity, labels)
        if alike not in firsts:
            row = storage._event_to_row(event)
            firsts[alike] = row, json.loads(row["event"])
        row, text = firsts[alike]
        data = text["dagster_event"]["event_specific_data"]
        data |= {"partition": told.partition, "description": told.description}
        for label, value in told.metadata.items():
            data["metadata"][label]["value"] = value.value
        rows.append({**row, "event": json.dumps(text, separators=(",", ":"))})
    return rows


def is_routine(event: "EventLogEntry") -> bool:
    """Whether it is the evaluation of a check that one date passed, of which a range of dates has thousands."""
    if event.dagster_event_type != DagsterEventType.ASSET_CHECK_EVALUATION:
        return False
    told = event.get_dagster_event().asset_check_evaluation_data
    return told.passed and told.partition is not None and all(isinstance(v, _NUMBERS) for v in told.metadata.values())


def lines_of_run(events: "Sequence[EventLogEntry]") -> "list[EventLogEntry]":
    """What the page of a run lists of the events: what failed, and each check of a range once, not what is routine.

    Of a range's materializations it lists the asset and the date. What is known of them is on the page of the asset,
    to which each line leads; here it would be kept a second time.
    """
    kind = DagsterEventType.ASSET_MATERIALIZATION
    dates = {event.get_dagster_event().partition for event in events if event.dagster_event_type == kind}
    is_range = len(dates) > _DATES_IN_FULL
    return [
        _in_short(event) if is_range and event.dagster_event_type == kind else event
        for event in events
        if not is_routine(event)
    ]


def _in_short(event: "EventLogEntry") -> "EventLogEntry":
    """The materialization, without what is known of it."""
    told = event.get_dagster_event()
    materialization = told.step_materialization_data.materialization
    data = type(told.step_materialization_data)(
        AssetMaterialization(materialization.asset_key, partition=materialization.partition)
    )
    return event._replace(dagster_event=told._replace(event_specific_data=data))


def concise(event: "EventLogEntry") -> "EventLogEntry":
    """The event, without what each event of a step says of the step again; its key is enough, and is half as long."""
    told = event.get_dagster_event()
    return event._replace(dagster_event=told._replace(logging_tags={}, node_handle=None, step_handle=None))


def _trust_the_write_ahead_log(connection: Any, _record: Any) -> None:
    """Spare a disk flush per commit. A killed process loses nothing; a power cut loses at most the last events."""
    connection.execute("PRAGMA synchronous = NORMAL")


def _pack_closely(connection: Any, _record: Any) -> None:
    """Let a new database have pages that hold several events. In pages of 4 KB, a third of the space stays empty."""
    connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")


class BatchingSqliteEventLogStorage(SqliteEventLogStorage):
    """SqliteEventLogStorage with one engine per database and one transaction per batch."""

    def __init__(self, base_dir: str, inst_data: "ConfigurableClassData | None" = None) -> None:
        self._engines: dict[str, Engine] = {}
        self._open: dict[str, Connection] = {}
        super().__init__(base_dir, inst_data)
        self.missing_state = [f"{SqliteEventLogStorage.__name__}.{name}" for name in _STATE if not hasattr(self, name)]
        # Admits one thread at a time, as in the base class; a thread may ask again for a connection it already has.
        self._db_lock = threading.RLock()  # type: ignore[assignment]

    @classmethod
    def from_config_value(cls, inst_data: "ConfigurableClassData | None", config_value: Any) -> SqliteEventLogStorage:  # type: ignore[override]
        """The storage that a dagster.yaml names; Dagster's own class where Dagster lacks parts that ours relies on."""
        missing = lacking(SqliteEventLogStorage, _RELIED_ON) + missing_table()
        if not missing:
            storage = cls(inst_data=inst_data, **config_value)
            missing = storage.missing_state
            if not missing:
                return storage
        warn(cls, SqliteEventLogStorage, missing, _WITHOUT)
        return SqliteEventLogStorage(inst_data=inst_data, **config_value)

    @cached_property
    def supports_asset_checks(self) -> bool:
        """Whether checks can be stored. Asked once: every check event needs it, and it costs a connection each time."""
        return super().supports_asset_checks

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            if shard in self._open:
                yield self._open[shard]
                return
            engine = self._engines.pop(shard, None) or self._create_engine(shard)
            self._engines[shard] = engine
            while len(self._engines) > _KEPT_ENGINES:
                self._engines.pop(next(iter(self._engines))).dispose()
            with engine.connect() as connection, connection.begin():
                self._open[shard] = connection
                try:
                    yield connection
                finally:
                    del self._open[shard]

    def _create_engine(self, shard: str) -> Engine:
        engine = create_engine(
            self.conn_string_for_shard(shard),
            poolclass=StaticPool,
            connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False},
        )
        listen(engine, "connect", _trust_the_write_ahead_log)
        self._initdb(engine)
        self._initialized_dbs.add(shard)
        return engine

    def _initdb(self, engine: Engine, for_index_shard: bool = False) -> None:
        if for_index_shard:
            listen(engine, "connect", _pack_closely)
        super()._initdb(engine, for_index_shard)

    def store_event_batch(self, events: Sequence["EventLogEntry"]) -> None:
        """Store events of one run: materializations and check evaluations together, any other kind one by one.

        The run's own database has lines_of_run().
        """
        batched = []
        for event in events:
            if event.is_dagster_event and event.dagster_event_type in BATCHED:
                batched.append(concise(event))
            else:
                self.store_event(event)
        if not batched:
            return
        lines = lines_of_run(batched)
        if lines:
            with self.run_connection(batched[0].run_id) as connection:
                connection.execute(events_table().insert(), [self._event_to_row(line) for line in lines])
        with self.index_connection() as connection:
            store_indexed(self, connection, batched)

    def store_asset_check_event(self, event: "EventLogEntry", event_id: int | None) -> None:
        """Store the row of a check; a range of dates is planned as one row."""
        super().store_asset_check_event(planned_as_one(event), event_id)

    def dispose(self) -> None:
        """Close the connections that are kept; SQLite then takes what its write-ahead logs hold into its files."""
        super().dispose()
        while self._engines:
            self._engines.popitem()[1].dispose()
