"""The writer's lease: one writing session at a time on BigQuery, as on the embedded warehouse.

What belongs here: taking, renewing and giving back the lease. What doesn't: what is written under it.

The lease is a table in the staging dataset; its description says who may write and until when. It changes in one way
only: a session reads it, then writes it on the condition that it is unchanged since (its etag). So if several sessions
want the lease, one gets it. A late request, or one from a holder that was thought gone, cannot change a lease that
belongs to another session by now. The table is not deleted to give the lease back, because BigQuery cannot delete on a
condition; instead the lease is written with nobody's name.

A lease that has expired may be taken by any session. Its holder sends a job only if the lease outlasts that job, so a
process that was killed, or lost its connection, leaves no job running when its lease expires. A process that still can
stops its jobs before it gives the lease back; if it cannot tell that they have ended, it keeps the lease.
"""

import json
import logging
import os
import random
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta

from google.api_core import exceptions
from google.cloud import bigquery

from phase3_assets.catalog.queries import STAGING_DATASET
from phase3_assets.clock import utc_now
from phase3_assets.errors import Phase3Error, WarehouseBusyError, WarehouseRequestError
from phase3_assets.settings.locations import BigQuerySettings
from phase3_assets.warehouse.bigquery.client import REQUEST_SECONDS
from phase3_assets.warehouse.bigquery.jobs import ATTEMPTS, JOB_MINUTES, NO_RETRY, Answer, Jobs

LEASE_TABLE = "writer_lease"
LEASE_MINUTES = JOB_MINUTES + 5
CLOCK_MINUTES = 1
"""How many minutes the clocks of two writers may differ."""
_NEEDED = timedelta(minutes=JOB_MINUTES + CLOCK_MINUTES, seconds=REQUEST_SECONDS)
"""The time that must be left of the lease when a job is sent: for the request, the job, and differing clocks."""
_TABLE_OUTLASTS = timedelta(days=1)
"""How long after the lease has expired BigQuery removes its table; by then no session can still rely on it."""
_ATTEMPTS_AFTER_AN_ERROR = 2
"""How often giving back is tried if the session ends by an error or Ctrl-C: few times, so that a person hears soon."""
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Holder:
    """The content of the lease: who may write, since when, until when. `session` is empty if the lease is free."""

    session: str
    who: str
    since: str
    until: str

    @property
    def is_writing(self) -> bool:
        """Whether somebody holds the lease and it has not expired."""
        return bool(self.session) and self.end > utc_now()

    @property
    def end(self) -> datetime:
        """The moment at which the lease expires."""
        return datetime.fromisoformat(self.until)


def lease_name(settings: BigQuerySettings) -> str:
    """The full name of the lease's table."""
    return f"{settings.project}.{settings.dataset(STAGING_DATASET)}.{LEASE_TABLE}"


def holder_of(table: bigquery.Table) -> Holder:
    """The holder named in a lease's table. Raises WarehouseRequestError for a table that is not a lease."""
    try:
        said = json.loads(table.description or "")
        holder = Holder(said["session"], said["who"], said["since"], said["until"])
        if holder.end.tzinfo is None:
            raise ValueError(f"{holder.until} has no time zone")
    except (ValueError, KeyError, TypeError) as error:
        raise WarehouseRequestError(
            f"the description of {table.reference} is no writer's lease, so nobody can tell whether somebody is "
            "writing; nothing was written. If nobody is, delete that table and try again"
        ) from error
    return holder


@dataclass
class Lease:
    """The right to write, held by one session. `create_dataset` is called if the staging dataset is missing."""

    jobs: Jobs
    wait_seconds: float
    create_dataset: Callable[[], None]
    _until: datetime | None = None
    """Until when we hold the lease, as far as we know; None if we do not hold it."""
    _since: datetime = field(default_factory=lambda: utc_now())
    _has_asked: bool = False
    """Whether a request was sent that may have made the lease ours."""
    _attempts: int = ATTEMPTS

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lease for a stretch of work, and end it however the work ends.

        Raises WarehouseBusyError, naming the holder, after waiting for `wait_seconds`. A failure to give the lease back
        is logged and not raised: either the work is done, or its own error says more. The lease then expires by itself.
        """
        try:
            self.take()
            yield
        except BaseException:
            self._attempts = _ATTEMPTS_AFTER_AN_ERROR
            raise
        finally:
            self.end()

    def take(self) -> None:
        """Take the lease. Raises as held() does."""
        deadline = time.monotonic() + self.wait_seconds
        while True:
            holder = self._write(self._ours, lambda holder: holder is None or not holder.is_writing)
            if self._is_ours(holder):
                return
            if time.monotonic() > deadline:
                raise WarehouseBusyError(
                    f"{holder.who} has been writing since {holder.since}; nothing was done. Try again; if that "
                    f"process was killed, its lease ends by itself at {holder.until}"
                    if holder and holder.is_writing
                    else f"others took turns at writing for {self.wait_seconds:.0f} s; nothing was done; try again"
                )
            time.sleep(random.uniform(0.2, 0.6))

    def renew(self) -> None:
        """Extend the lease, if needed, so that it outlasts a job sent now. Raises WarehouseBusyError if it was lost."""
        if self._until is None:
            raise WarehouseBusyError("this session does not hold the lease; nothing was written")
        while self._until - utc_now() < _NEEDED:
            if not self._is_ours(self._write(self._ours, self._is_ours)):
                self._until = None
                raise WarehouseBusyError(
                    "another process took over while this one was not heard of; nothing more was written; run it again"
                )

    def end(self) -> None:
        """Stop the jobs that still run and give the lease back; keep it if some job may still run."""
        running = self.jobs.stop()
        self._until = None
        if running:
            _LOG.warning("the writer's lease is kept and ends by itself: %s may still run", ", ".join(running))
        elif self._has_asked:
            try:
                self._write(lambda: replace(self._ours(), session="", who="nobody"), self._is_ours)
            except Phase3Error as error:
                _LOG.warning("the writer's lease was not given back, and ends by itself: %s", error)

    def _write(self, wanted: Callable[[], Holder], may: Callable[[Holder | None], bool]) -> Holder | None:
        """Read the lease and write `wanted` on it if we `may`; returns the holder it names in the end.

        The lease may also be written if it is ours. If it changed in between, by another session or by a request of
        ours whose answer was lost, read it again. Returns None if it changed at every attempt.
        """
        for _ in range(ATTEMPTS):
            table = self._look()
            holder = None if table is None else holder_of(table)
            if not may(holder) and not self._is_ours(holder):
                return holder
            said = wanted()
            self._has_asked = True
            if self._said(table, said):
                self._until = said.end if said.session else None
                return said
        return None

    def _said(self, seen: bigquery.Table | None, holder: Holder) -> bool:
        """Write the lease on the condition that it is as it was seen; False if it has changed since."""
        table = seen or bigquery.Table(
            lease_name(self.jobs.settings), schema=[bigquery.SchemaField("nothing", "STRING")]
        )
        table.description = json.dumps(asdict(holder))
        table.expires = holder.end + _TABLE_OUTLASTS
        client = self.jobs.client
        try:
            if seen is None:
                self._call(lambda: client.create_table(table, retry=NO_RETRY))
            else:
                self._call(lambda: client.update_table(table, ["description", "expires"], retry=NO_RETRY))
        except exceptions.NotFound:
            if seen is None:
                self.create_dataset()
            return False
        except (exceptions.Conflict, exceptions.PreconditionFailed):
            return False
        return True

    def _look(self) -> bigquery.Table | None:
        try:
            return self._call(lambda: self.jobs.client.get_table(lease_name(self.jobs.settings), retry=NO_RETRY))
        except exceptions.NotFound:
            return None

    def _ours(self) -> Holder:
        now = utc_now()
        return Holder(
            self.jobs.session,
            f"process {os.getpid()} on {socket.gethostname()}",
            self._since.isoformat(timespec="seconds"),
            (now + timedelta(minutes=LEASE_MINUTES)).isoformat(timespec="seconds"),
        )

    def _is_ours(self, holder: Holder | None) -> bool:
        return holder is not None and holder.session == self.jobs.session

    def _call(self, request: Callable[[], Answer]) -> Answer:
        return self.jobs.call(request, "the writer's lease", self._attempts)
