"""Nothing is waited for without a limit, what did not answer is asked again, and is never called bad credentials."""

import json
import re
import threading
from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
import requests
from google.api_core import exceptions
from google.auth import compute_engine, impersonated_credentials
from google.auth import exceptions as auth_exceptions
from google.auth.compute_engine import _metadata

from phase3_assets.doctor.bigquery import examine_project
from phase3_assets.errors import ConfigurationError, WarehouseBusyError
from phase3_assets.settings.locations import Settings
from phase3_assets.warehouse.bigquery import client as bigquery_client
from phase3_assets.warehouse.bigquery import jobs as bigquery_jobs
from phase3_assets.warehouse.bigquery.warehouse import BigQueryWarehouse
from phase3_assets_tests.bigquery.events import append, event
from phase3_assets_tests.bigquery.loopback import serving, settings_for

pytestmark = pytest.mark.slow
NUMBERS = "SELECT n FROM UNNEST(GENERATE_ARRAY(1, 10)) AS n"


@dataclass
class Metadata:
    """What Google's metadata server on loopback does: the first `unavailable` requests are answered with 503."""

    host: str = ""
    unavailable: int = 0
    silent_seconds: list[float] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


@contextmanager
def metadata_server() -> Iterator[Metadata]:
    """A metadata server that gives tokens."""
    server = Metadata()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *arguments: Any) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            server.asked.append(self.path)
            if server.silent_seconds:
                threading.Event().wait(server.silent_seconds.pop())
            is_token = "/token" in self.path
            answer = {"access_token": "t", "expires_in": 3600} if is_token else {"email": "a@b", "scopes": ["x"]}
            text = json.dumps(answer).encode()
            self.send_response(503 if len(server.asked) <= server.unavailable else 200)
            self.send_header("Metadata-Flavor", "Google")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

    with serving(Handler) as host:
        server.host = host
        yield server


@pytest.fixture
def metadata(monkeypatch):
    """The metadata server that this machine asks, as on Compute Engine or Cloud Run."""
    with metadata_server() as running:
        monkeypatch.setattr(_metadata, "_GCE_METADATA_HOST", running.host)
        monkeypatch.setenv("GCE_METADATA_HOST", running.host)
        monkeypatch.setenv("GCE_METADATA_IP", running.host)
        monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
        yield running


@pytest.fixture
def sent(monkeypatch):
    """Every request that leaves this process, Google's own for tokens included, with its limit."""
    found: list[tuple[str, Any]] = []
    send = requests.adapters.HTTPAdapter.send

    def noted(self, request, *arguments, **options):
        found.append((f"{request.method} {request.path_url.partition('?')[0]}", options.get("timeout")))
        return send(self, request, *arguments, **options)

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", noted)
    return found


def with_tokens(server):
    """A warehouse on the server whose client gets tokens from the metadata server."""
    return BigQueryWarehouse(
        settings_for(server.address), 2, lambda s: bigquery_client.client(s, compute_engine.Credentials())
    )


def test_no_request_is_without_a_limit(server, metadata, sent, tmp_path):
    warehouse = with_tokens(server)
    server.page_rows = 2
    append(warehouse, event())
    warehouse.table_versions(["nbac_schedule"])
    list(examine_project(warehouse))
    with warehouse.session() as session:
        session.query_all({"n": (NUMBERS, {})})
        session.query(NUMBERS)
        session._jobs._running.add("never_sent")
    (tmp_path / "rows").write_bytes(b"rows")
    for _ in range(bigquery_jobs.ATTEMPTS):
        server.fail("POST /upload", 503, "backendError")
    with pytest.raises(WarehouseBusyError):
        session._jobs.load(str(tmp_path / "rows"), "nba_staging.x", [], "load")
    kinds = [
        "GET .*/tables/writer_lease", "POST .*/tables$", "PATCH .*/tables/writer_lease", "POST .*/jobs$",
        "GET .*/queries/", "GET .*/data$", "POST .*/cancel$", "GET .*/datasets/[a-z_]+$", "POST .*testIamPermissions",
        "POST /upload", "GET .*/token",
    ]  # fmt: skip
    limits = {kind: [limit for line, limit in sent if re.search(kind, line)] for kind in kinds}
    assert [kind for kind, found in limits.items() if not found] == [], "kinds of requests that were not sent"
    assert [line for line, limit in sent if limit is None or limit > bigquery_client.REQUEST_SECONDS] == []


@pytest.mark.parametrize(
    "silent",
    ["GET .*/tables/writer_lease", "POST .*/tables ", "PATCH .*/tables/writer_lease", "POST .*/jobs ", "GET .*/jobs/",
     "GET .*/queries/", "GET .*/data "],
)  # fmt: skip
def test_a_request_that_nobody_answers_is_made_again(server, connect_to, monkeypatch, silent):
    warehouse = connect_to(server)
    with warehouse.session():
        pass
    if "POST .*/tables" in silent:
        server.leases.clear()
    monkeypatch.setattr(bigquery_client, "REQUEST_SECONDS", 0.4)
    server.hang(silent, 1.0)
    if "GET .*/jobs/" in silent:
        server.cut_after("POST .*/jobs ")
    with warehouse.session() as session:
        assert session.query_all({"n": ("SELECT 7 AS n", {})}) == {"n": [{"n": 7}]}
        assert session.query("SELECT 8 AS n") == [{"n": 8}]
    assert server.hangs == []
    assert session._jobs.retries
    assert len(server.started()) == 2, "no job was run twice"
    assert server.writer == ""


@pytest.mark.parametrize("trouble", [503, "cut"])
@pytest.mark.parametrize("pages", ["data", "queries"])
def test_trouble_between_pages_loses_no_row_and_doubles_none(server, connect_to, trouble, pages):
    server.page_rows = 3
    answer, seen = server.answer, []

    def troubled(sent, raw):
        if pages in sent.path and "pageToken" in sent.query:
            seen.append(sent.query["pageToken"])
            if len(seen) == 2:
                if trouble == 503:
                    return 503, {"error": {"message": "scripted", "errors": [{"reason": "backendError"}]}}
                server.cut_after(".*")
        return answer(sent, raw)

    server.answer = troubled
    with connect_to(server).session(read_only=True) as session:
        found = session.query_all({"n": (NUMBERS, {})})["n"] if pages == "data" else session.query(NUMBERS)
    assert sorted(row["n"] for row in found) == list(range(1, 11))
    assert len(seen) > 4
    assert len(session._jobs.retries) == 1
    assert len(server.started()) == 1


def test_a_metadata_server_that_does_not_answer_for_a_while_costs_retries_only(server, metadata):
    metadata.unavailable = 12
    metadata.silent_seconds = [4.0]
    with with_tokens(server).session(read_only=True) as session:
        assert session.query("SELECT 7 AS n") == [{"n": 7}]
    assert session._jobs.retries
    assert len(metadata.asked) > 12


def test_a_metadata_server_that_never_answers_is_not_bad_credentials(server, metadata):
    metadata.unavailable = 10_000
    with pytest.raises(WarehouseBusyError, match=r"5 attempts.*try again later"):
        with with_tokens(server).session(read_only=True) as session:
            session.query("SELECT 7 AS n")
    assert server.sent == []


def test_credentials_are_waited_for_where_a_metadata_server_should_give_them(metadata, monkeypatch):
    production = settings_of_production()
    metadata.unavailable = 2
    assert isinstance(bigquery_client._credentials(production), compute_engine.Credentials)
    assert len(metadata.asked) > 2
    metadata.unavailable = 10_000
    monkeypatch.setattr(bigquery_client, "METADATA_SECONDS", 0.2)
    with pytest.raises(WarehouseBusyError, match=r"metadata server.*try again"):
        bigquery_client.connect(production)


def settings_of_production():
    found = Settings.from_environment(
        {"PHASE3_WAREHOUSE": "bigquery", "PHASE3_BIGQUERY_PROJECT": "a-project", "PHASE3_BIGQUERY_LOCATION": "US"}
    ).bigquery
    assert found is not None
    return found


def refresh_error_of(cause):
    error = auth_exceptions.RefreshError("no token")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error",
    [
        futures.TimeoutError(),
        requests.exceptions.ReadTimeout("read timed out"),
        requests.exceptions.ConnectTimeout("connect timed out"),
        exceptions.RetryError("deadline", ValueError()),
        auth_exceptions.TransportError("no route to host"),
        auth_exceptions.RefreshError("busy", retryable=True),
        refresh_error_of(auth_exceptions.TransportError("metadata server unavailable")),
        auth_exceptions.RefreshError(impersonated_credentials._REFRESH_ERROR, '{"error": {"code": 503}}'),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_passes_is_tried_again_and_then_called_busy(server, connect_to, error):
    with connect_to(server).session(read_only=True) as session:
        answers = iter([error, error, None])
        assert session._jobs.call(lambda: _raise_or_none(next(answers)), "it") is None
        assert len(session._jobs.retries) == 2
        with pytest.raises(WarehouseBusyError, match=r"it in 5 attempts \(.+\)"):
            session._jobs.call(lambda: _raise_or_none(error), "it")


@pytest.mark.parametrize(
    "error",
    [
        auth_exceptions.RefreshError("invalid_grant: Token has been expired or revoked."),
        auth_exceptions.RefreshError(impersonated_credentials._REFRESH_ERROR, '{"error": {"code": 403}}'),
    ],
)
def test_credentials_that_do_not_work_are_said_to_at_once(server, connect_to, error):
    with connect_to(server).session(read_only=True) as session:
        with pytest.raises(ConfigurationError, match="credentials do not work"):
            session._jobs.call(lambda: _raise_or_none(error), "it")
        assert session._jobs.retries == []


def _raise_or_none(error):
    if error is not None:
        raise error
