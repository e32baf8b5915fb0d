"""A BigQuery of our own on loopback: records every request of the real client, answers on script, runs jobs on DuckDB.

What belongs here: the server's side. What doesn't: the package, whose client does not know.

It is strict where the emulator is not: a job id runs once, an etag that changed is a 412, a table exists once. `fail`,
`fail_job`, `cut_after`, `cut_before`, `hang`, `hold_job` and `stop_script_after` script what goes wrong with the next
requests. `seconds` is how long everything so far would have taken in a cloud, one after the other; nobody waits for it.
"""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import duckdb

from phase3_assets.catalog.contracts import raw_contracts
from phase3_assets.catalog.queries import parameters_of
from phase3_assets.catalog.tables import all_contracts
from phase3_assets.doctor.bigquery import READ, WRITE
from phase3_assets.settings.locations import LASTING_DATASETS, BigQuerySettings, Settings
from phase3_assets.warehouse.duckdb.dialect import duckdb_sql, from_duckdb_type
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets_tests.bigquery.emulator import statements

PROJECT = "phase3-loopback"
_OPTIONS = re.compile(r"OPTIONS\(expiration_timestamp=.*?\)\)?, labels=.*?\)\n|OPTIONS\(expiration[^\n]*\n")
_TABLE_READ = re.compile(r"\b(?:FROM|JOIN|INTO|USING)\s+`?([\w-]+\.[\w.]+)", re.IGNORECASE)
_LEAST_BILLED = 10 * 1024 * 1024
"""What a table referenced by a statement bills at least."""
_REQUEST_SECONDS, _JOB_SECONDS, _STATEMENT_SECONDS = 0.2, 2.0, 1.0
_CONTRACTS = [*raw_contracts().values(), *all_contracts()]
_FIELD_TYPES = {"INT64": "INTEGER", "FLOAT64": "FLOAT", "BOOL": "BOOLEAN"}


def settings_for(address: str, **variables: str) -> BigQuerySettings:
    """Settings that lead to the server."""
    found = Settings.from_environment(
        {
            "PHASE3_WAREHOUSE": "bigquery",
            "PHASE3_BIGQUERY_PROJECT": PROJECT,
            "PHASE3_BIGQUERY_LOCATION": "US",
            "BIGQUERY_EMULATOR_HOST": address,
            **variables,
        }
    ).bigquery
    assert found is not None
    return found


@dataclass
class Sent:
    """One request as the client sent it."""

    method: str
    path: str
    query: dict[str, list[str]]
    body: dict[str, Any]
    status: int = 0
    size: int = 0
    """How many bytes the body is."""

    @property
    def job_id(self) -> str:
        """The id of the job it starts."""
        return str(self.body.get("jobReference", {}).get("jobId", ""))

    @property
    def sql(self) -> str:
        """The text it runs."""
        return str(self.body["configuration"]["query"]["query"])


@dataclass
class Loopback:
    """What the server knows, and what a test tells it."""

    connection: duckdb.DuckDBPyConnection
    address: str = ""
    sent: list[Sent] = field(default_factory=list)
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    results: dict[str, dict[str, Any]] = field(default_factory=dict)
    leases: dict[str, dict[str, Any]] = field(default_factory=dict)
    uploads: list[bytes] = field(default_factory=list)
    refusals: list[tuple[str, int, str, str]] = field(default_factory=list)
    job_failures: list[tuple[str, str, str]] = field(default_factory=list)
    cuts: list[str] = field(default_factory=list)
    cuts_before: list[str] = field(default_factory=list)
    hangs: list[tuple[str, float]] = field(default_factory=list)
    holds: list[str] = field(default_factory=list)
    heeds_cancelling: bool = True
    page_rows: int | None = None
    """How many rows a page has, where rows come in pages."""
    stop_script_after: int | None = None
    """Fail the next publishing script once that many of its statements have been done."""
    dry_run_bytes: int = 12_345_678
    location: str = "US"
    dataset_defaults: dict[str, dict[str, str]] = field(default_factory=dict)
    """What the metadata of datasets says beyond their place: how soon their tables end."""
    partitioned: dict[str, dict[str, Any]] = field(default_factory=dict)
    """How tables are partitioned where not by day, by `dataset.table`: what their metadata says of it."""
    granted: dict[str, tuple[str, ...]] = field(
        default_factory=lambda: {**dict.fromkeys(LASTING_DATASETS, (*READ, *WRITE)), "nba_raw": READ}
    )
    versions: int = 0
    seconds: float = 0.0
    """Charged so far: for every request, every job, and every statement of a job."""

    def fail(self, matching: str, status: int, reason: str, message: str = "scripted") -> None:
        """Answer the next request whose `METHOD path` matches with an error, and do nothing."""
        self.refusals.append((matching, status, reason, message))

    def fail_job(self, matching: str, reason: str, message: str = "scripted") -> None:
        """Let the next job whose id matches fail, with nothing done."""
        self.job_failures.append((matching, reason, message))

    def cut_after(self, matching: str) -> None:
        """Do what the next matching request asks, and cut the connection instead of answering."""
        self.cuts.append(matching)

    def cut_before(self, matching: str) -> None:
        """Cut the connection at the next matching request, with nothing done."""
        self.cuts_before.append(matching)

    def hang(self, matching: str, seconds: float) -> None:
        """Do what the next matching request asks, and answer only after that many seconds."""
        self.hangs.append((matching, seconds))

    def hold_job(self, matching: str) -> None:
        """Let jobs whose id matches run, with nothing done yet, until they are cancelled."""
        self.holds.append(matching)

    @property
    def writer(self) -> str:
        """The session that the lease names; empty where it names nobody's."""
        return next((str(json.loads(lease["description"])["session"]) for lease in self.leases.values()), "")

    def started(self, purpose: str = "") -> list[Sent]:
        """The jobs that were run, dry runs apart, of one purpose if given."""
        found = [s for s in self.sent if s.method == "POST" and s.path.endswith("/jobs") and s.status == 200]
        found = [s for s in found if not s.body["configuration"].get("dryRun")]
        return [s for s in found if f"_{purpose}_" in s.job_id] if purpose else found

    def answer(self, sent: Sent, raw: bytes) -> tuple[int, dict[str, Any]]:
        """Status and body for a request."""
        line = f"{sent.method} {sent.path}"
        self.seconds += _REQUEST_SECONDS
        for refusal in self.refusals:
            if re.search(refusal[0], line):
                self.refusals.remove(refusal)
                return _error(*refusal[1:])
        path = sent.path.partition("/projects/")[2].partition("/")[2]
        if sent.path.startswith("/upload/"):
            return self._uploaded(sent, raw)
        match sent.method, path.split("/"):
            case "POST", ["jobs"]:
                return self._begin(sent)
            case "GET", ["jobs", job_id]:
                return (200, self.jobs[job_id]) if job_id in self.jobs else _error(404, "notFound", f"job {job_id}")
            case "POST", ["jobs", job_id, "cancel"]:
                return self._cancel(job_id)
            case "GET", ["queries", job_id]:
                return self._results(job_id, sent.query)
            case "GET", ["datasets", dataset]:
                return 200, {
                    "datasetReference": {"projectId": PROJECT, "datasetId": dataset},
                    "location": self.location,
                    **self.dataset_defaults.get(dataset, {}),
                }
            case "POST", ["datasets", dataset, "tables", table] if table.endswith(":testIamPermissions"):
                return 200, {"permissions": [p for p in sent.body["permissions"] if p in self.granted[dataset]]}
            case "POST", ["datasets", _, "tables"]:
                return self._create(sent.body)
            case "GET", ["datasets", dataset, "tables", table]:
                return self._table(dataset, table)
            case "GET", ["datasets", dataset, "tables", table, "data"]:
                return self._listed(dataset, table, sent.query)
            case "PATCH", ["datasets", _, "tables", table]:
                return self._patch(table, sent.body)
            case "DELETE", ["datasets", _, "tables", table]:
                return (204, {}) if self.leases.pop(table, None) else _error(404, "notFound", table)
        return _error(404, "notFound", f"nothing answers {line}")

    def _begin(self, sent: Sent) -> tuple[int, dict[str, Any]]:
        job_id, configuration = sent.job_id, sent.body["configuration"]
        if configuration.get("dryRun"):
            total = {"totalBytesProcessed": str(self.dry_run_bytes)}
            kind = _statement_type(configuration["query"]["query"])
            statistics: dict[str, Any] = {**total, "query": {**total, "statementType": kind}}
            return 200, {**sent.body, "status": {"state": "DONE"}, "statistics": statistics}
        if job_id in self.jobs:
            return _error(409, "duplicate", f"Already Exists: Job {PROJECT}:US.{job_id}")
        failure = next((f for f in self.job_failures if re.search(f[0], job_id)), None)
        status: dict[str, Any] = {"state": "DONE"}
        if any(re.search(held, job_id) for held in self.holds):
            status["state"] = "RUNNING"
        elif failure:
            self.job_failures.remove(failure)
            status["errorResult"] = {"reason": failure[1], "message": failure[2]}
        else:
            try:
                self.results[job_id] = self._run(job_id, configuration["query"])
            except duckdb.Error as error:
                status["errorResult"] = {"reason": "invalidQuery", "message": str(error)}
            except InterruptedError as error:
                status["errorResult"] = {"reason": "stopped", "message": str(error)}
        parts = statements(configuration["query"]["query"])
        self.seconds += _JOB_SECONDS + _STATEMENT_SECONDS * len(parts)
        billed = _LEAST_BILLED * sum(len(set(_TABLE_READ.findall(part))) for part in parts)
        query = {"totalBytesBilled": str(billed), "totalSlotMs": "1500", "statementType": "SELECT"}
        statistics = {"query": query, "totalSlotMs": "1500"}
        self.jobs[job_id] = {**sent.body, "status": status, "statistics": statistics}
        self.jobs[job_id]["jobReference"]["location"] = "US"
        return 200, self.jobs[job_id]

    def _run(self, job_id: str, query: dict[str, Any]) -> dict[str, Any]:
        parameters = {
            p["name"]: _value(p["parameterType"], p["parameterValue"]) for p in query.get("queryParameters", [])
        }
        cursor = None
        for number, statement in enumerate(statements(query["query"])):
            if "_publish_" in job_id and number == self.stop_script_after:
                self.stop_script_after = None
                raise InterruptedError("the script was stopped")
            statement = self._with_partitions(statement, parameters)
            used = {name: value for name, value in parameters.items() if name in parameters_of(statement)}
            if "TABLE FUNCTION" in statement:
                head, _, select = statement.partition("\nAS\n")
                name, arguments = re.search(r"FUNCTION (\S+?)\((.*?)\)", head, re.DOTALL).groups()
                names = ", ".join(argument.split()[0] for argument in arguments.split(","))
                self.connection.execute(f"CREATE OR REPLACE MACRO {name}({names}) AS TABLE {duckdb_sql(select)}")
                continue
            cursor = self.connection.execute(duckdb_sql(_OPTIONS.sub("", statement)), used)
        described = (cursor.description if cursor else None) or []
        fields = [_field(column[0], str(column[1])) for column in described]
        rows = cursor.fetchall() if cursor and described else []
        return {"schema": {"fields": fields}, "rows": _said_rows(rows)}

    def _with_partitions(self, statement: str, parameters: dict[str, Any]) -> str:
        """INFORMATION_SCHEMA.PARTITIONS as a relation over the tables that @table_names names."""

        def relation(found: re.Match[str]) -> str:
            full_names = {f"{found[1]}.{name}" for name in parameters["table_names"]}
            selects = [
                f"SELECT '{c.name}' AS table_name, strftime({c.partition}, '%Y%m%d') AS partition_id, "
                "COUNT(*) AS total_rows, "
                "make_timestamp((SUM(hash(t)) % 1000000000000000)::BIGINT) AS last_modified_time "
                f"FROM {c.full_name} AS t GROUP BY ALL"
                for c in _CONTRACTS
                if c.full_name in full_names
            ]
            self.connection.execute(f"CREATE OR REPLACE TEMP TABLE partitions AS {' UNION ALL '.join(selects)}")
            return "FROM partitions"

        return re.sub(r"FROM (\w+)\.INFORMATION_SCHEMA\.PARTITIONS", relation, statement)

    def _cancel(self, job_id: str) -> tuple[int, dict[str, Any]]:
        if job_id not in self.jobs:
            return _error(404, "notFound", f"job {job_id}")
        status = self.jobs[job_id]["status"]
        if status["state"] == "RUNNING" and self.heeds_cancelling:
            status |= {"state": "DONE", "errorResult": {"reason": "stopped", "message": "Job execution was cancelled"}}
        return 200, {"kind": "bigquery#jobCancelResponse", "job": self.jobs[job_id]}

    def _results(self, job_id: str, query: dict[str, list[str]]) -> tuple[int, dict[str, Any]]:
        if job_id not in self.jobs:
            return _error(404, "notFound", f"job {job_id}")
        if self.jobs[job_id]["status"]["state"] == "RUNNING":
            return 200, {"jobComplete": False, "jobReference": {"jobId": job_id}}
        failed = self.jobs[job_id]["status"].get("errorResult")
        if failed:
            return _error(403 if failed["reason"] == "rateLimitExceeded" else 400, failed["reason"], failed["message"])
        found = self.results[job_id]
        return 200, {
            "jobComplete": True,
            "jobReference": {"jobId": job_id},
            "schema": found["schema"],
            **self._page(found["rows"], query),
        }

    def _create(self, table: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        name = table["tableReference"]["tableId"]
        if name in self.leases:
            return _error(409, "duplicate", f"Already Exists: Table {name}")
        self.versions += 1
        self.leases[name] = {**table, "etag": f"v{self.versions}"}
        return 200, self.leases[name]

    def _patch(self, name: str, changes: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if name not in self.leases:
            return _error(404, "notFound", name)
        if changes.pop("if-match", None) not in (None, self.leases[name]["etag"]):
            return _error(412, "conditionNotMet", "Precondition Failed")
        self.versions += 1
        self.leases[name] |= {**changes, "etag": f"v{self.versions}"}
        return 200, self.leases[name]

    def _table(self, dataset: str, name: str) -> tuple[int, dict[str, Any]]:
        if name in self.leases:
            return 200, self.leases[name]
        columns = self.connection.execute(
            "SELECT column_name, data_type FROM duckdb_columns() WHERE schema_name = $d AND table_name = $t "
            "AND database_name = 'warehouse' OR database_name = $d AND table_name = $t ORDER BY column_index",
            {"d": dataset, "t": name},
        ).fetchall()
        if not columns:
            return _error(404, "notFound", f"Not found: Table {dataset}.{name}")
        fields = [_field(column, kind) for column, kind in columns]
        reference = {"projectId": PROJECT, "datasetId": dataset, "tableId": name}
        partition = next((c.partition for c in _CONTRACTS if c.full_name == f"{dataset}.{name}"), None)
        by_day = {"timePartitioning": {"type": "DAY", "field": partition}} if partition else {}
        kept = self.partitioned.get(f"{dataset}.{name}", by_day)
        return 200, {"tableReference": reference, "schema": {"fields": fields}, **kept, **self._state(dataset, name)}

    def _listed(self, dataset: str, name: str, query: dict[str, list[str]]) -> tuple[int, dict[str, Any]]:
        """A table's rows, last first: BigQuery promises no order."""
        rows = self.connection.execute(f"FROM {dataset}.{name}").fetchall()[::-1]
        return 200, self._page(_said_rows(rows), query)

    def _page(self, rows: list[dict[str, Any]], query: dict[str, list[str]]) -> dict[str, Any]:
        """The rows from the page that the query asks for; all of them where they do not come in pages."""
        first = int(query.get("pageToken", ["0"])[0])
        after = len(rows) if self.page_rows is None else first + self.page_rows
        page = {"totalRows": str(len(rows)), "rows": rows[first:after]}
        return page | ({"pageToken": str(after)} if after < len(rows) else {})

    def _state(self, dataset: str, name: str) -> dict[str, str]:
        """What changes whenever a table's rows do."""
        rows, content = self.connection.execute(
            f"SELECT COUNT(*), SUM(hash(t)) FROM {dataset}.{name} AS t"
        ).fetchone() or (0, 0)
        return {"numRows": str(rows), "etag": str(content)}

    def _uploaded(self, sent: Sent, raw: bytes) -> tuple[int, dict[str, Any]]:
        self.uploads.append(raw)
        return 200, {}


@contextmanager
def loopback(path: Path) -> Iterator[Loopback]:
    """The server, over the tables of a DuckDB file."""
    with DuckDBWarehouse(path, wait_seconds=10).session() as session:
        server = Loopback(session._connection)
        lock = threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            """Takes one request at a time."""

            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments: Any) -> None:
                """Say nothing."""

            def handle_request(self) -> None:
                """Any request."""
                raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                parts = urlsplit(self.path)
                body = json.loads(raw) if raw.startswith(b"{") else {}
                sent = Sent(self.command, parts.path, parse_qs(parts.query), body, size=len(raw))
                if self.command == "PATCH":
                    body["if-match"] = self.headers.get("If-Match")
                line = f"{sent.method} {sent.path} {sent.job_id}"
                with lock:
                    server.sent.append(sent)
                    is_cut = _taken(server.cuts_before, line)
                    if not is_cut:
                        sent.status, answer = server.answer(sent, raw)
                        is_cut = _taken(server.cuts, line)
                    hang = next((h for h in server.hangs if re.search(h[0], line)), None)
                    if hang:
                        server.hangs.remove(hang)
                if hang:
                    threading.Event().wait(hang[1])
                if is_cut:
                    self.close_connection = True
                    self.connection.close()
                    return
                text = json.dumps(answer).encode()
                self.send_response(sent.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = handle_request

        with serving(Handler) as host:
            server.address = f"http://{host}"
            yield server


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """A server of that handler's, in threads of its own: `host:port` on loopback."""

    class Front(ThreadingHTTPServer):
        def handle_error(self, *arguments: Any) -> None:
            """A client that leaves is no error here."""

    front = Front(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=front.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{front.server_address[1]}"
    finally:
        front.shutdown()
        thread.join()
        front.server_close()


def _taken(scripted: list[str], line: str) -> bool:
    """Whether one of the patterns was meant for that request; it is used up."""
    found = next((pattern for pattern in scripted if re.search(pattern, line)), None)
    if found is not None:
        scripted.remove(found)
    return found is not None


def _error(status: int, reason: str, message: str) -> tuple[int, dict[str, Any]]:
    return status, {"error": {"code": status, "message": message, "errors": [{"reason": reason, "message": message}]}}


def _statement_type(text: str) -> str:
    """What BigQuery says of a text: the kind of its only statement, or that it is a script."""
    parts = statements(text)
    if len(parts) != 1:
        return "SCRIPT"
    words = re.findall(r"\w+", parts[0].upper())
    return "SELECT" if words[0] in ("SELECT", "WITH") else "_".join(words[:2]) if words[0] == "CREATE" else words[0]


def _field(name: str, duckdb_type: str) -> dict[str, Any]:
    """A column as BigQuery's metadata says it."""
    if duckdb_type.startswith("STRUCT"):
        fields = [_field(inner, str(kind)) for inner, kind in duckdb.sqltype(duckdb_type).children]
        return {"name": name, "type": "RECORD", "mode": "NULLABLE", "fields": fields}
    bigquery_type = from_duckdb_type(duckdb_type)
    repeated = bigquery_type.startswith("ARRAY<")
    inner = bigquery_type.removeprefix("ARRAY<").removesuffix(">") if repeated else bigquery_type
    inner = {"HUGEINT": "INT64", "INTEGER": "INT64"}.get(inner, inner)
    base, _, precision = inner.partition("(")
    described: dict[str, Any] = {
        "name": name,
        "type": _FIELD_TYPES.get(base, base),
        "mode": "REPEATED" if repeated else "NULLABLE",
    }
    if precision:
        digits = precision.rstrip(")").split(",")
        described |= {"precision": digits[0].strip(), "scale": digits[1].strip()}
    return described


def _said_rows(rows: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """Rows as BigQuery's JSON says them."""
    return [{"f": [{"v": _said(value)} for value in row]} for row in rows]


def _said(value: Any) -> Any:
    """A value as BigQuery's JSON says it."""
    if value is None:
        return None
    if isinstance(value, list):
        return [{"v": _said(item)} for item in value]
    if isinstance(value, dict):
        return {"f": [{"v": _said(item)} for item in value.values()]}
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return str(int(value.timestamp() * 1_000_000))
    return str(value)


def _value(kind: dict[str, Any], value: dict[str, Any]) -> Any:
    """A query parameter as a Python value."""
    if kind["type"] == "ARRAY":
        return [_value(kind["arrayType"], item) for item in value.get("arrayValues", [])]
    text = value.get("value")
    if text is None:
        return None
    match kind["type"]:
        case "INT64":
            return int(text)
        case "FLOAT64":
            return float(text)
        case "BOOL":
            return str(text).lower() == "true"
        case "DATE":
            return date.fromisoformat(text)
        case "TIMESTAMP":
            return datetime.fromisoformat(text).astimezone(UTC)
    return text
