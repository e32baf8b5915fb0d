"""The emulator as the tests use it: a process of its own, behind a front that makes up for where it is not BigQuery.

What belongs here: starting and stopping it, and every known deviation with how it is handled (docs/bigquery.md lists
them). What doesn't: the package, which knows nothing of an emulator but its address.
"""

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests

from phase3_assets.catalog.parser import TokenType, parse, tokens
from phase3_assets.warehouse.duckdb.dialect import keep_divisions

ROOT = Path(__file__).parents[2]
PROGRAM = Path(os.environ.get("PHASE3_EMULATOR_VENV") or ROOT / ".venv-emulator") / "bin" / "python"
"""Built by `make emulator`; PHASE3_EMULATOR_VENV names another environment."""
LAUNCHER = Path(__file__).with_name("emulator_launcher.py")
PROJECT = "phase3-emulated"

_KEY = re.compile(r",\s*PRIMARY KEY \([^)]*\) NOT ENFORCED")
_TABLE = re.compile(r"CREATE (?:OR REPLACE )?TABLE (?:IF NOT EXISTS )?(\w+)\.(\w+)")
_NESTED_VIEW = re.compile(r"CREATE OR REPLACE VIEW \S+ AS\s.*\bnba_phase3\..*", re.DOTALL)
"""A view that reads a view: the emulator takes minutes to create what nests five deep. People read them, we do not."""
_WINDOWED_COUNTIF = re.compile(
    r"COUNTIF\(((?:[^()]|\((?:[^()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*\))*)\)(\s+OVER)"
)
_NUMERIC = re.compile(r"(\w+) NUMERIC\((\d+), ?(\d+)\)")
_JOB_PATH = re.compile(r"/(?:jobs|queries)/([A-Za-z0-9_-]+)")


def why_absent() -> str | None:
    """Why the emulator cannot be used here; None where it can."""
    return None if PROGRAM.exists() else f"the emulator is not at {PROGRAM}; `make emulator` builds it"


@dataclass
class Line:
    """Where the emulator answers, and the connection to it, which can be cut."""

    address: str = ""
    requests: int = 0
    """How many arrived."""
    _cut_at: int | None = None
    _arrives: bool = False

    def cut(self, at: int, arrives: bool) -> None:
        """From request number `at` from now on (0: the next) nothing is answered; whether that one still `arrives`."""
        self._cut_at, self._arrives = self.requests + at, arrives

    def mend(self) -> None:
        """Everything is answered again."""
        self._cut_at = None

    def takes(self) -> tuple[bool, bool]:
        """For the next request: whether it reaches the emulator, and whether its answer comes back."""
        number, self.requests = self.requests, self.requests + 1
        is_cut = self._cut_at is not None and number >= self._cut_at
        return not is_cut or (self._arrives and number == self._cut_at), not is_cut


@contextmanager
def emulator(folder: Path) -> Iterator[Line]:
    """The line to a fresh, empty emulator."""
    home = PROGRAM.parents[1] / "home"
    log = (folder / "emulator.log").open("w")
    process = subprocess.Popen(
        [
            PROGRAM, LAUNCHER, "start", "--ephemeral", "--rest-port", "0", "--grpc-port", "0",
            "--project", PROJECT, "--log-level", "info", "--log-format", "json",
        ],
        env={**os.environ, "HOME": str(home)},
        stdout=log,
        stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        line = Line()
        front = ThreadingHTTPServer(("127.0.0.1", 0), _handler(_address(process, folder / "emulator.log"), line))
        thread = threading.Thread(target=front.serve_forever, daemon=True)
        thread.start()
        line.address = f"http://127.0.0.1:{front.server_address[1]}"
        yield line
        front.shutdown()
        thread.join()
        front.server_close()
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        found = re.search(r"Uvicorn running on http://127.0.0.1:(\d+)", log.read_text())
        if found:
            return f"http://127.0.0.1:{found[1]}"
        time.sleep(0.1)
    raise AssertionError(f"the emulator did not start:\n{log.read_text()[-2000:]}")


def _handler(address: str, line: Line) -> type[BaseHTTPRequestHandler]:
    known_jobs: set[str] = set()
    answering: dict[str, str] = {}
    """A script's job id to the one of its statements that answers for it."""
    precisions: dict[str, dict[str, tuple[str, str]]] = {}
    lock = threading.Lock()

    class Front(BaseHTTPRequestHandler):
        """Forwards everything; what it changes on the way is a deviation of the emulator."""

        protocol_version = "HTTP/1.1"

        def log_message(self, *arguments: Any) -> None:
            """Say nothing."""

        def forward(self) -> None:
            """Any request."""
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            with lock:
                arrives, is_answered = line.takes()
                if arrives:
                    status, answer, headers = self.answered(body)
            if not is_answered:
                self.close_connection = True
                return
            self.send_response(status)
            for name in ("Content-Type", "Location", "X-GUploader-UploadID"):
                if name in headers:
                    self.send_header(name, headers[name].replace(address, f"http://{self.headers['Host']}"))
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = forward

        def answered(self, body: bytes) -> tuple[int, bytes, Any]:
            """What the emulator says, made what BigQuery would have said."""
            if self.command == "POST" and self.path.split("?")[0].endswith("/jobs") and "/upload/" not in self.path:
                return self.job(json.loads(body))
            path = self.path
            named = _JOB_PATH.search(path)
            wanted = named[1] if named else ""
            if wanted in answering:
                path = path.replace(wanted, answering[wanted])
            status, answer, headers = self.sent(self.command, path, body)
            if wanted in answering:
                answer = answer.replace(answering[wanted].encode(), wanted.encode())
            if status == 500 and self.command == "POST" and re.search(r"/datasets/\w+/tables(?:\?|$)", path):
                status, answer, headers = self.sent("GET", path.partition("/tables")[0], b"")  # 404 for its dataset
            table = re.search(r"/datasets/(\w+)/tables/(\w+)(?:\?|$)", path)
            if table and status == 200 and f"{table[1]}.{table[2]}" in precisions and self.command == "GET":
                answer = self.with_precision(answer, precisions[f"{table[1]}.{table[2]}"])
            return status, answer, headers

        def sent(self, method: str, path: str, body: bytes) -> tuple[int, bytes, Any]:
            """Straight from the emulator."""
            headers = {
                k: v for k, v in self.headers.items() if k.lower() not in ("host", "content-length", "accept-encoding")
            }
            response = requests.request(method, address + path, data=body, headers=headers, timeout=120)
            return response.status_code, response.content, response.headers

        def job(self, job: dict[str, Any]) -> tuple[int, bytes, Any]:
            """A job: once per id, key constraints taken out, a script's statements one by one."""
            job_id = job.get("jobReference", {}).get("jobId", "")
            if job_id in known_jobs:
                error = {"code": 409, "message": f"Already Exists: Job {job_id}", "errors": [{"reason": "duplicate"}]}
                return 409, json.dumps({"error": error}).encode(), {"Content-Type": "application/json"}
            known_jobs.add(job_id)
            query = job["configuration"]["query"]
            found = [_NESTED_VIEW.sub("SELECT 'left out' AS view", s) for s in statements(_KEY.sub("", query["query"]))]
            parameters = query.get("queryParameters", [])
            found = [understood(statement) for statement in found]
            for number, statement in enumerate(found, start=1):
                self.remember_precision(statement)
                own = job_id if number == len(found) else f"{job_id}_{number}"
                used = [p for p in parameters if re.search(rf"@{p['name']}\b", statement)]
                part = {
                    **job,
                    "configuration": {
                        **job["configuration"],
                        "query": {**query, "query": statement, "queryParameters": used},
                    },
                }
                part["jobReference"] = {**job.get("jobReference", {}), "jobId": own}
                status, answer, headers = self.sent("POST", self.path, json.dumps(part).encode())
                if status != 200 or json.loads(answer).get("status", {}).get("errorResult"):
                    answering[job_id] = own
                    return status, answer.replace(own.encode(), job_id.encode()), headers
            return status, answer, headers

        def remember_precision(self, statement: str) -> None:
            """What the emulator forgets of a table's columns."""
            table = _TABLE.search(statement)
            if table:
                columns = {name: (p, s) for name, p, s in _NUMERIC.findall(statement)}
                precisions.setdefault(f"{table[1]}.{table[2]}", columns)

        def with_precision(self, answer: bytes, columns: dict[str, tuple[str, str]]) -> bytes:
            """A table's metadata with the precisions it was created with."""
            table = json.loads(answer)
            for column in table.get("schema", {}).get("fields", []):
                if column["name"] in columns and column["type"] == "NUMERIC":
                    column["precision"], column["scale"] = columns[column["name"]]
            return json.dumps(table).encode()

    return Front


def understood(statement: str) -> str:
    """The statement as the emulator gets it right: windowed COUNTIF, and DIV of sums and products."""
    statement = _WINDOWED_COUNTIF.sub(r"COUNT(IF(\1, 1, NULL))\2", statement)
    if "DIV(" not in statement:
        return statement
    tree = parse(statement)
    keep_divisions(tree)
    return tree.sql(dialect="bigquery")


def statements(text: str) -> list[str]:
    """The statements of a script."""
    parts, start = [], 0
    for token in tokens(text):
        if token.token_type == TokenType.SEMICOLON:
            parts.append(text[start : token.start])
            start = token.end + 1
    return [part for part in [*parts, text[start:]] if part.strip()]


if __name__ == "__main__":
    # For a look by hand: `python -m phase3_assets_tests.bigquery.emulator`, then BIGQUERY_EMULATOR_HOST as it says.
    with emulator(Path("/tmp")) as opened:
        sys.stdout.write(f"BIGQUERY_EMULATOR_HOST={opened.address}\n")
        sys.stdout.flush()
        threading.Event().wait()
