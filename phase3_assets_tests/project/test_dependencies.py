"""The audit of our pinned versions finds what is vulnerable, lets pass what isn't, and never takes silence for "none".

What belongs here: the real pip-audit, asking a vulnerability service of the test's own. What doesn't: what the real
services say today (`make audit-dependencies`).
"""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from phase3_assets_tests.dependencies import NOT_ASKED, VULNERABLE, main

PLANTED = {
    "id": "TEST-2026-1",
    "summary": "planted",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "leaky"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.3"}]}],
            "versions": ["1.2"],
        }
    ],
}


class _Advisories(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        is_leaky = asked["package"]["name"] == "leaky" and asked["version"] == "1.2"
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"vulns": [PLANTED]} if is_leaky else {}).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def advisories(monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Advisories) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("PHASE3_AUDIT_OSV_URL", f"http://127.0.0.1:{server.server_port}/v1/query")
        yield server
        server.shutdown()


@pytest.fixture
def pins(tmp_path: Path) -> Path:
    file = tmp_path / "requirements.txt"
    file.write_text("leaky==1.2\nsound==4.5.6\n")
    return file


@pytest.mark.parametrize("option", [[], ["--offline-is-fine"]])
def test_a_vulnerable_version_is_named_with_what_mends_it(advisories, pins, capsys, option):
    assert main([str(pins), *option]) == VULNERABLE
    said = capsys.readouterr().out
    assert "VULNERABLE: leaky 1.2: TEST-2026-1, fixed in 1.3" in said
    assert "2 pinned versions asked about, 1 known vulnerabilities" in said


def test_sound_versions_pass(advisories, pins, capsys):
    pins.write_text("leaky==1.3\nsound==4.5.6\n")
    assert main([str(pins)]) == 0
    assert capsys.readouterr().out == "2 pinned versions asked about, 0 known vulnerabilities\n"


@pytest.mark.parametrize(("option", "code"), [([], NOT_ASKED), (["--offline-is-fine"], 0)])
def test_a_service_that_does_not_answer_has_found_nothing_sound(monkeypatch, pins, capsys, option, code):
    monkeypatch.setenv("PHASE3_AUDIT_OSV_URL", "http://127.0.0.1:9/v1/query")
    assert main([str(pins), *option]) == code
    said = capsys.readouterr().out
    assert said.startswith("NOT AUDITED: ") and "0 pinned versions asked about" in said


def test_one_that_cannot_be_asked_about_is_not_counted_as_sound(advisories, pins, capsys):
    pins.write_text("sound==4.5.6\nunknown @ http://127.0.0.1:9/unknown.zip\n")
    assert main([str(pins)]) == NOT_ASKED
    said = capsys.readouterr().out
    assert said.startswith("NOT AUDITED: 1 ") and "1 pinned versions asked about" in said
