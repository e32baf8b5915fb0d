"""One BigQuery job, from its id to its rows: limits, labels, what is retried, and what an error means.

What belongs here: everything that all jobs have in common. What doesn't: what a job runs (statements.py and the texts
under `sql/`), in what order (warehouse.py).

A job's id is made before the job is sent. It identifies the piece of work and the attempt. A request whose answer is
lost is sent again under the same id: BigQuery then says "already exists", and that job's result is the answer. Only a
job that is known to have failed for a temporary reason gets a further attempt, under the next id.

Attempts are counted here, not by google-api-core's Retry: that class limits the total seconds, and a single request may
use up REQUEST_SECONDS of them. Google's client is told to retry nothing by itself. A job that is not known to have
ended is remembered until stop(), which ends it or reports that it may still run.
"""

import contextlib
import json
import random
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

import pyarrow
import requests
from google.api_core import exceptions
from google.api_core.retry import Retry
from google.auth import exceptions as auth_exceptions
from google.cloud import bigquery

from phase3_assets.errors import ConfigurationError, WarehouseBusyError, WarehouseRequestError
from phase3_assets.settings.locations import BigQuerySettings
from phase3_assets.warehouse.bigquery.client import REQUEST_SECONDS
from phase3_assets.warehouse.bigquery.names import readdressed, staging_table
from phase3_assets.warehouse.interface import Parameters, Row

JOB_MINUTES = 10
"""How many minutes one job may run before BigQuery stops it."""
ATTEMPTS = 5
"""How often a request, or a piece of work, is tried in total."""
NO_RETRY = Retry(predicate=lambda error: False)
"""Switches off the retries of Google's client: this module decides, counts and reports what is tried again."""
STOP_SECONDS = 30
"""How many seconds stop() waits for the jobs it has cancelled."""
LARGEST_REQUEST = 10_000_000
"""BigQuery's limit for one request, 10 MB: the text, the parameters and the overhead of their encoding."""
_PASSING_REASONS = (
    "rateLimitExceeded",
    "jobRateLimitExceeded",
    "backendError",
    "jobBackendError",
    "internalError",
    "jobInternalError",
)
_PASSING_MESSAGES = ("could not serialize access", "due to concurrent update", "transaction is aborted")
_PASSING_ERRORS = (
    exceptions.TooManyRequests,
    exceptions.InternalServerError,
    exceptions.BadGateway,
    exceptions.ServiceUnavailable,
    exceptions.GatewayTimeout,
    requests.exceptions.ConnectionError,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.Timeout,
    TimeoutError,  # of concurrent.futures, as the client's result() raises it
    exceptions.RetryError,
)
_PASSING_ANSWER = re.compile(r'"code":\s*(429|5\d\d)')
"""Matches the error of a refused token if the cause is temporary: the token service itself had a fault."""
REQUEST_ERRORS = (
    *_PASSING_ERRORS,
    exceptions.GoogleAPIError,
    auth_exceptions.GoogleAuthError,
    requests.exceptions.RequestException,
)
"""Every error that a request of Google's client may raise."""
_TYPES = {bool: "BOOL", int: "INT64", float: "FLOAT64", str: "STRING", datetime: "TIMESTAMP", date: "DATE"}
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class JobRecord:
    """One finished job: its purpose and its cost."""

    job_id: str
    purpose: str
    table: str
    bytes_billed: int
    slot_milliseconds: int


@dataclass
class Jobs:
    """The jobs of one session. `session` is unique; `run_id` identifies the run that the work belongs to."""

    client: bigquery.Client
    settings: BigQuerySettings
    session: str
    run_id: str = ""
    finished: list[JobRecord] = field(default_factory=list)
    retries: list[str] = field(default_factory=list)
    """Every retry and its reason, a sentence each."""
    _count: int = 0
    _running: set[str] = field(default_factory=set)
    """Ids of jobs that were sent and are not known to have ended."""

    def query(
        self,
        sql: str,
        parameters: Parameters,
        purpose: str,
        table: str,
        before: Callable[[], None] = lambda: None,
    ) -> list[Row]:
        """Run one statement or script and return the rows of its (last) SELECT.

        `before` is called each time the job is about to be sent; if it raises, the job is not sent.
        Raises WarehouseRequestError if BigQuery refuses the job, WarehouseBusyError once all attempts are used up, and
        ConfigurationError if a person must change something first: credentials, roles, cost limit, size of the range.
        """
        return self._query(sql, parameters, purpose, table, _rows, before)

    def arrow(self, sql: str, parameters: Parameters, purpose: str) -> pyarrow.Table:
        """Run one SELECT and return its rows as an Arrow table. Raises as query() does."""
        return self._query(sql, parameters, purpose, "", _arrow_table)

    def _query(
        self,
        sql: str,
        parameters: Parameters,
        purpose: str,
        table: str,
        answer: Callable[[Any, float], Answer],
        before: Callable[[], None] = lambda: None,
    ) -> Answer:
        text = self._addressed(sql)
        config = self._config(parameters, purpose, table)
        _require_small(text, config, f"{purpose} {table}".strip())

        def begin(job_id: str) -> Any:
            before()
            self._running.add(job_id)
            return self.client.query(
                text,
                job_config=config,
                job_id=job_id,
                location=self.settings.location,
                retry=NO_RETRY,
                job_retry=None,
            )

        return self._run(begin, purpose, table, answer)

    def rows(self, dataset: str, table: str) -> list[Row]:
        """Every row of this session's staging table, in no order, read without a job. Raises as query() does."""
        name = f"{self.settings.dataset(dataset)}.{staging_table(table, self.session)}"

        def read() -> list[Row]:
            found = self.client.get_table(f"{self.settings.project}.{name}", retry=NO_RETRY)
            listed = self.client.list_rows(found, retry=NO_RETRY)
            return [dict(row.items()) for row in listed]

        try:
            return self.call(read, f"rows of {name}")
        except (exceptions.NotFound, exceptions.Conflict, exceptions.PreconditionFailed) as error:
            raise explained(error, f"rows of {name}") from error

    def load(self, path: str, table: str, schema: Sequence[bigquery.SchemaField], purpose: str) -> None:
        """Load a Parquet file into a staging table, replacing its rows. Raises as query() does."""
        config = bigquery.LoadJobConfig(
            source_format=bigquery.SourceFormat.PARQUET,
            schema=list(schema),
            write_disposition=bigquery.WriteDisposition.WRITE_TRUNCATE,
            job_timeout_ms=JOB_MINUTES * 60_000,
            labels=self._labels(purpose, table),
        )

        def begin(job_id: str) -> Any:
            self._running.add(job_id)
            with open(path, "rb") as file:  # noqa: PTH123 - the client takes a file object
                return self.client.load_table_from_file(
                    file,
                    f"{self.settings.project}.{table}",
                    job_id=job_id,
                    location=self.settings.location,
                    job_config=config,
                    num_retries=0,
                )

        self._run(begin, purpose, table, lambda job, seconds: job.result(retry=None, timeout=seconds))

    def estimate(self, sql: str, parameters: Parameters) -> int:
        """The bytes that a statement would read, from a dry run: nothing is read, written or billed."""
        return int(self._dry_run(sql, parameters, "estimate").total_bytes_processed or 0)

    def statement_type(self, sql: str) -> str:
        """What BigQuery takes the text for, from a dry run: SELECT, INSERT, CREATE_TABLE, SCRIPT ...

        Raises as query() does.
        """
        return str(self._dry_run(sql, {}, "query").statement_type or "no statement")

    def _dry_run(self, sql: str, parameters: Parameters, purpose: str) -> Any:
        config = self._config(parameters, purpose, "")
        config.dry_run = True
        config.use_query_cache = False
        text = self._addressed(sql)
        _require_small(text, config, purpose)

        def ask() -> Any:
            return self.client.query(
                text, job_config=config, location=self.settings.location, retry=NO_RETRY, job_retry=None
            )

        try:
            return self.call(ask, purpose)
        except (exceptions.NotFound, exceptions.Conflict, exceptions.PreconditionFailed) as error:
            raise explained(error, purpose) from error

    def call(self, request: Callable[[], Answer], what: str, attempts: int = ATTEMPTS) -> Answer:
        """Make one request that is safe to repeat, and retry it after temporary errors. Raises as query() does.

        NotFound, Conflict and PreconditionFailed are passed on unchanged, because callers act on them.
        """
        for attempt in range(1, attempts + 1):
            try:
                return request()
            except (exceptions.NotFound, exceptions.Conflict, exceptions.PreconditionFailed):
                raise
            except REQUEST_ERRORS as error:
                if not _passes(error):
                    raise explained(error, what) from error
                self._wait(attempt, what, error, attempts)
        raise AssertionError("the last attempt waits no more: it raises")

    def usage(self) -> dict[str, float]:
        """Jobs run, bytes billed, slot seconds and retries so far."""
        return {
            "jobs": len(self.finished),
            "bytes_billed": sum(job.bytes_billed for job in self.finished),
            "slot_seconds": round(sum(job.slot_milliseconds for job in self.finished) / 1000, 3),
            "retries": len(self.retries),
        }

    def stop(self) -> list[str]:
        """Cancel every job that this session may have left running, and wait up to STOP_SECONDS for their end.

        Returns the ids of the jobs that may still run; each ends by itself JOB_MINUTES after it began.
        """
        deadline = time.monotonic() + STOP_SECONDS
        for job_id in sorted(self._running):
            try:
                self._stop(job_id, deadline)
            except (exceptions.NotFound, exceptions.Conflict, *REQUEST_ERRORS) as error:
                self.retries.append(f"job {job_id} could not be stopped: {_first_line(error)}")
        return sorted(self._running)

    def _stop(self, job_id: str, deadline: float) -> None:
        """Cancel one job and wait for its end. Raises TimeoutError at the deadline, or as the client does."""
        where: dict[str, Any] = {"location": self.settings.location, "retry": NO_RETRY}
        try:
            job: Any = self.client.cancel_job(job_id, **where)
        except exceptions.NotFound:
            # The job never arrived, or has yet to arrive. An id runs only once, so a trivial job takes this id: the
            # real job, should it arrive late, is then refused.
            with contextlib.suppress(exceptions.Conflict):
                config = self._config({}, "stop", "")
                self.client.query("SELECT 1", job_id=job_id, job_config=config, job_retry=None, **where)
            job = self.client.cancel_job(job_id, **where)
        while job.state != "DONE":
            if time.monotonic() > deadline:
                raise TimeoutError(f"it still ran {STOP_SECONDS} s after it was cancelled")
            time.sleep(1)
            job = self.client.get_job(job_id, **where)
        self._running.discard(job_id)

    def _run(
        self, begin: Callable[[str], Any], purpose: str, table: str, answer: Callable[[Any, float], Answer]
    ) -> Answer:
        self._count += 1
        what = f"{purpose} {table}".strip()
        for attempt in range(1, ATTEMPTS + 1):
            job_id = f"phase3_{self.session}_{self._count:04d}_{purpose}_{attempt}"
            job = self._begun(lambda job_id=job_id: begin(job_id), job_id, what)  # type: ignore[misc]
            try:
                result = self._answered(job, answer, what)
            except _JobFailed as failure:
                self._running.discard(job_id)
                if not failure.is_passing:
                    raise explained(failure.error, f"{what} (job {job_id})") from failure.error
                self._wait(attempt, f"{what} (job {job_id})", failure.error)
                continue
            self._running.discard(job_id)
            self.finished.append(
                JobRecord(
                    job_id,
                    purpose,
                    table,
                    int(getattr(job, "total_bytes_billed", None) or 0),
                    int(getattr(job, "slot_millis", None) or 0),
                )
            )
            return result
        raise AssertionError("the last attempt waits no more: it raises")

    def _begun(self, begin: Callable[[], Any], job_id: str, what: str) -> Any:
        """The job: begun now, or found if it exists because the answer to an earlier request was lost."""
        retries = len(self.retries)
        try:
            return self.call(begin, what)
        except exceptions.Conflict:
            self.retries.append(f"{what}: job {job_id} was there already; its result is used")
            return self._found(job_id, what)
        except (exceptions.NotFound, exceptions.PreconditionFailed) as error:
            self._running.discard(job_id)
            raise explained(error, what) from error
        except (ConfigurationError, WarehouseRequestError):
            if len(self.retries) == retries:
                self._running.discard(job_id)  # refused at the first try: the job does not exist
            raise

    def _found(self, job_id: str, what: str) -> Any:
        """An existing job; for a moment after its creation BigQuery may not find it."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self.call(
                    lambda: self.client.get_job(job_id, location=self.settings.location, retry=NO_RETRY),
                    what,
                )
            except exceptions.NotFound as error:
                self._wait(attempt, what, error)
        raise AssertionError("the last attempt waits no more: it raises")

    def _answered(self, job: Any, answer: Callable[[Any, float], Answer], what: str) -> Answer:
        """The job's answer. Raises _JobFailed if the job failed. If only a request about it failed, for a temporary
        reason, the request is repeated.

        Waits a little longer than a job may run, then raises WarehouseBusyError.
        """
        deadline = time.monotonic() + JOB_MINUTES * 60 + REQUEST_SECONDS
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return answer(job, max(1.0, deadline - time.monotonic()))
            except REQUEST_ERRORS as error:
                found = self._found(job.job_id, what)
                if found.error_result:
                    raise _JobFailed(error, found.error_result) from error
                if not _passes(error):
                    raise explained(error, what) from error
                self._wait(ATTEMPTS if time.monotonic() > deadline else attempt, what, error)
        raise AssertionError("the last attempt waits no more: it raises")

    def _wait(self, attempt: int, what: str, error: Exception, attempts: int = ATTEMPTS) -> None:
        """Record the retry and wait: longer each time and with jitter. Raises WarehouseBusyError at the last."""
        reason = _first_line(error)
        if attempt == attempts:
            raise WarehouseBusyError(
                f"BigQuery did not do {what} in {attempts} attempts ({reason}); what was there is still there; "
                "try again later"
            ) from error
        self.retries.append(f"{what}: {reason}")
        time.sleep(2 ** (attempt - 1) * random.uniform(0.5, 1.5))

    def _addressed(self, sql: str) -> str:
        return readdressed(sql, self.settings.datasets, self.session)

    def _config(self, parameters: Parameters, purpose: str, table: str) -> bigquery.QueryJobConfig:
        return bigquery.QueryJobConfig(
            query_parameters=[parameter(name, value) for name, value in parameters.items()],
            labels=self._labels(purpose, table),
            maximum_bytes_billed=self.settings.maximum_bytes_billed,
            job_timeout_ms=JOB_MINUTES * 60_000,
            use_legacy_sql=False,
        )

    def _labels(self, purpose: str, table: str) -> dict[str, str]:
        labels = {"owner": "phase3", "purpose": purpose, "table": table, "run": self.run_id}
        return {name: label(value) for name, value in labels.items() if value}


class _JobFailed(Exception):
    """A job failed while BigQuery ran it, or BigQuery refused to run it."""

    def __init__(self, error: Exception, result: Mapping[str, Any]) -> None:
        super().__init__(str(error))
        self.error = error
        message = str(result.get("message", "")).lower()
        self.is_passing = result.get("reason") in _PASSING_REASONS or any(m in message for m in _PASSING_MESSAGES)


def parameter(name: str, value: Any) -> bigquery.ScalarQueryParameter | bigquery.ArrayQueryParameter:
    """A query parameter; its type follows from the Python value. An empty list becomes an array of STRING."""
    if isinstance(value, (list, tuple)):
        return bigquery.ArrayQueryParameter(name, _TYPES[type(value[0])] if value else "STRING", list(value))
    return bigquery.ScalarQueryParameter(name, _TYPES[type(value)], value)


def label(text: str) -> str:
    """The text in the form of a BigQuery label: lower case letters, digits, - and _, at most 63 characters."""
    return re.sub(r"[^a-z0-9_-]", "_", text.lower())[:63]


def explained(error: Exception, what: str) -> Exception:
    """The error to raise in its place, with a message that a person can act on."""
    reason, text = _reason(error), _first_line(error)
    if isinstance(error, auth_exceptions.GoogleAuthError):
        return ConfigurationError(
            f"Google's credentials do not work ({text}); nothing was done. `gcloud auth application-default login`, "
            "or set GOOGLE_APPLICATION_CREDENTIALS; `phase3 doctor` checks them"
        )
    if reason == "bytesBilledLimitExceeded" or "bytes billed" in text.lower():
        return ConfigurationError(
            f"{what} would bill more than PHASE3_BIGQUERY_MAX_BYTES_BILLED allows ({text}); it was not run. "
            "`phase3 plan START END --cost` shows the bytes; take a shorter range or raise the limit"
        )
    if isinstance(error, exceptions.Forbidden):
        return ConfigurationError(
            f"BigQuery does not allow {what} ({text}); nothing was changed. `phase3 doctor` says which role is missing"
        )
    if isinstance(error, exceptions.NotFound):
        return ConfigurationError(
            f"BigQuery does not find what {what} needs ({text}); nothing was changed. Check PHASE3_BIGQUERY_PROJECT "
            "and PHASE3_BIGQUERY_LOCATION; `phase3 init` creates what is missing"
        )
    return WarehouseRequestError(f"BigQuery refused {what}: {text}")


def _require_small(text: str, config: bigquery.QueryJobConfig, what: str) -> None:
    """Raise ConfigurationError if the job, encoded as it is sent, is larger than one request may be."""
    size = len(json.dumps({**config.to_api_repr(), "text": text}))
    if size > LARGEST_REQUEST:
        raise ConfigurationError(
            f"{what} is a request of {size:,} bytes, and BigQuery takes {LARGEST_REQUEST:,}; nothing was written; "
            "do the range in several parts"
        )


def _rows(job: Any, seconds: float) -> list[Row]:
    found = job.result(retry=None, job_retry=None, timeout=seconds)
    return [dict(row.items()) for row in found]


def _arrow_table(job: Any, seconds: float) -> pyarrow.Table:
    # Its rows come as they do for _rows(): Google's faster interface would need a further package and a further role.
    found = job.result(retry=None, job_retry=None, timeout=seconds)
    return found.to_arrow(create_bqstorage_client=False)


def _passes(error: Exception) -> bool:
    if isinstance(error, auth_exceptions.GoogleAuthError):
        is_unreachable = any(isinstance(e, auth_exceptions.TransportError) for e in (error, error.__cause__))
        return is_unreachable or bool(error.retryable) or bool(_PASSING_ANSWER.search(str(error)))
    reason = _reason(error)
    if reason is not None and not isinstance(error, _PASSING_ERRORS):
        return reason in _PASSING_REASONS
    return isinstance(error, _PASSING_ERRORS)


def _reason(error: Exception) -> str | None:
    details = getattr(error, "errors", None)
    return str(details[0].get("reason")) if details and isinstance(details[0], Mapping) else None


def _first_line(error: Exception) -> str:
    text = str(getattr(error, "message", None) or error).strip() or type(error).__name__
    return text.split("\n")[0][:300]
