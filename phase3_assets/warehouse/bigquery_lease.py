"""One writing session at a time on BigQuery, as on the embedded warehouse.

What belongs here: taking, renewing and giving back the lease. What doesn't: what is written under it.

The lease is a table in the staging dataset: BigQuery creates a table once, whoever asks first. Its description says who
holds it and until when. A killed writer's lease ends by itself, after the longest job it may have left running; until
then others wait, or are told who holds it. Renewing is conditional on the etag, so a lease that was lost is noticed
before anything is written.
"""

import json
import os
import random
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from google.api_core import exceptions
from google.cloud import bigquery

from phase3_assets.clock import utc_now
from phase3_assets.errors import WarehouseBusyError
from phase3_assets.warehouse.bigquery_jobs import JOB_MINUTES, NO_RETRY, Answer, Jobs

LEASE_TABLE = "writer_lease"
LEASE_MINUTES = JOB_MINUTES + 5
"""Longer than any job: a killed writer's last job is over before its lease is."""


@dataclass
class Lease:
    """The right to write, held by one session."""

    jobs: Jobs
    wait_seconds: float
    _table: bigquery.Table | None = None
    _until: datetime | None = None

    def take(self) -> None:
        """Take the lease. Raises WarehouseBusyError, naming the holder, after waiting for `wait_seconds`."""
        deadline = time.monotonic() + self.wait_seconds
        while self._table is None:
            try:
                self._table = self._call(lambda: self.jobs.client.create_table(self._wanted(), retry=NO_RETRY))
            except exceptions.Conflict:
                holder = self._look()
                if holder and time.monotonic() > deadline:
                    raise WarehouseBusyError(
                        f"{holder.get('who')} has been writing since {holder.get('since')}; nothing was done. Try "
                        f"again; if that process was killed, its lease ends by itself at {holder.get('until')}"
                    ) from None
                if holder:
                    time.sleep(random.uniform(0.2, 0.6))

    def renew(self) -> None:
        """Hold the lease for LEASE_MINUTES more once half are gone. Raises WarehouseBusyError if it was lost."""
        if self._table is None or self._until is None:
            raise WarehouseBusyError("this session does not hold the lease; nothing was written")
        if self._until - utc_now() > timedelta(minutes=LEASE_MINUTES / 2):
            return
        if not self._extend(self._table):
            self._table = None
            raise WarehouseBusyError(
                "another process took over while this one was not heard of; nothing more was written; run it again"
            )

    def give_back(self) -> None:
        """Let others write."""
        if self._table is not None:
            self._table = None
            self._call(lambda: self.jobs.client.delete_table(self._name, not_found_ok=True, retry=NO_RETRY))

    @property
    def _name(self) -> str:
        return f"{self.jobs.settings.project}.{self.jobs.settings.dataset('nba_staging')}.{LEASE_TABLE}"

    def _wanted(self) -> bigquery.Table:
        now = utc_now()
        self._until = now + timedelta(minutes=LEASE_MINUTES)
        table = bigquery.Table(self._name, schema=[bigquery.SchemaField("nothing", "STRING")])
        table.expires = self._until
        table.description = json.dumps(
            {
                "session": self.jobs.session,
                "who": f"process {os.getpid()} on {socket.gethostname()}",
                "since": now.isoformat(timespec="seconds"),
                "until": self._until.isoformat(timespec="seconds"),
            }
        )
        return table

    def _look(self) -> dict[str, str]:
        """Who holds the lease; nobody where it is free, or was over and is now ours."""
        try:
            table = self._call(lambda: self.jobs.client.get_table(self._name, retry=NO_RETRY))
        except exceptions.NotFound:
            return {}
        holder: dict[str, str] = json.loads(table.description or "{}")
        is_ours = holder.get("session") == self.jobs.session  # the answer to our own request was lost
        if not is_ours and "until" in holder and datetime.fromisoformat(holder["until"]) > utc_now():
            return holder
        self._extend(table)
        return {}

    def _extend(self, table: bigquery.Table) -> bool:
        """Write our name and a new end on the lease as we saw it; False where somebody else was there before."""
        wanted = self._wanted()
        table.description, table.expires = wanted.description, wanted.expires
        try:
            self._table = self._call(
                lambda: self.jobs.client.update_table(table, ["description", "expires"], retry=NO_RETRY)
            )
        except (exceptions.PreconditionFailed, exceptions.NotFound):
            return False
        return True

    def _call(self, request: Callable[[], Answer]) -> Answer:
        return self.jobs.call(request, "the writer's lease")
