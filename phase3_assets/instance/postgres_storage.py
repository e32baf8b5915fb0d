"""Dagster's PostgreSQL event log, writing an event, or a batch of them, over one connection as one transaction.

What belongs here: how many connections and commits events cost. What doesn't: what is stored (Dagster's own storage
decides), the laptop's SQLite (event_storage.py).

Dagster opens a connection for every statement and commits each. A check's evaluation takes several of both, and a range
of dates has thousands of evaluations. Needs the extra `postgres`; deploy/dagster.yaml names it.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dagster._serdes import ConfigurableClassData
from dagster_postgres.event_log import PostgresEventLogStorage
from dagster_postgres.utils import (
    create_pg_connection,
    create_pg_engine,
    get_token_provider_from_config,
    pg_url_from_config,
)
from sqlalchemy import Connection

from phase3_assets.instance.evaluations import planned_as_one
from phase3_assets.instance.event_storage import BATCHED, FOLLOWING, concise, missing_table, store_indexed
from phase3_assets.instance.self_test import lacking, warn

if TYPE_CHECKING:
    from dagster import EventLogEntry
    from dagster_postgres.auth import PgTokenProvider

_RELIED_ON = {**FOLLOWING, "_connect": 0, "_event_to_row": 1, "index_transaction": 0, "has_table": 1}
_WITHOUT = "A season takes several times as long to record."


class BatchingPostgresEventLogStorage(PostgresEventLogStorage):
    """PostgresEventLogStorage with a kept connection and one transaction per event or batch."""

    def __init__(
        self,
        postgres_url: str,
        should_autocreate_tables: bool = True,
        inst_data: ConfigurableClassData | None = None,
        token_provider: "PgTokenProvider | None" = None,
    ) -> None:
        self._of_thread = threading.local()
        self._tables_seen: set[str] = set()
        super().__init__(postgres_url, should_autocreate_tables, inst_data, token_provider)
        # One connection is kept. If the server has closed it meanwhile, another replaces it before use.
        self._engine = create_pg_engine(
            postgres_url,
            token_provider,
            isolation_level="AUTOCOMMIT",
            pool_size=1,
            max_overflow=-1,
            pool_pre_ping=True,
        )

    @classmethod
    def from_config_value(  # type: ignore[override] # the result may be Dagster's own class
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> PostgresEventLogStorage:
        """The storage that a dagster.yaml names; Dagster's own class where Dagster lacks parts that ours relies on."""
        missing = lacking(PostgresEventLogStorage, _RELIED_ON) + missing_table()
        if missing:
            warn(cls, PostgresEventLogStorage, missing, _WITHOUT)
            return PostgresEventLogStorage.from_config_value(inst_data, config_value)
        return cls(
            pg_url_from_config(config_value),
            config_value.get("should_autocreate_tables", True),
            inst_data,
            get_token_provider_from_config(config_value),
        )

    @cached_property
    def supports_asset_checks(self) -> bool:
        """Whether checks can be stored. Asked once: every check event needs it, and it costs a connection each time."""
        return super().supports_asset_checks

    def has_table(self, table_name: str) -> bool:
        """Whether a table is there. A table once found is not asked for again."""
        if table_name not in self._tables_seen and super().has_table(table_name):
            self._tables_seen.add(table_name)
        return table_name in self._tables_seen

    @contextmanager
    def _connect(self) -> Iterator[Connection]:
        under_way = getattr(self._of_thread, "connection", None)
        if under_way is not None:
            yield under_way
            return
        with create_pg_connection(self._engine) as connection:
            yield connection

    @contextmanager
    def _one_transaction(self) -> Iterator[Connection]:
        """Commit everything that this thread stores meanwhile together, or not at all."""
        with self.index_transaction() as connection:
            self._of_thread.connection = connection
            try:
                yield connection
            finally:
                del self._of_thread.connection

    def store_event(self, event: "EventLogEntry") -> None:
        """Store an event and all that follows from it."""
        with self._one_transaction():
            super().store_event(event)

    def store_event_batch(self, events: "Sequence[EventLogEntry]") -> None:
        """Store events: materializations and check evaluations together, any other kind as Dagster does."""
        if not {event.dagster_event_type for event in events} <= BATCHED:
            super().store_event_batch(events)
            return
        batch = [concise(event) for event in events]
        with self._one_transaction() as connection:
            store_indexed(self, connection, batch)

    def store_asset_check_event(self, event: "EventLogEntry", event_id: int | None) -> None:
        """Store the row of a check; a range of dates is planned as one row."""
        super().store_asset_check_event(planned_as_one(event), event_id)

    def dispose(self) -> None:
        """Close the connection that is kept."""
        super().dispose()
        self._engine.dispose()
