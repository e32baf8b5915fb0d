"""deploy/Caddyfile on a real Caddy, where one is installed: nothing passes without the password, everything with it."""

import base64
import os
import shutil
import ssl
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from phase3_assets_tests.support.composed import DEPLOY
from phase3_assets_tests.support.postgres import free_port

PASSWORD = "a pass$word"


class Page(BaseHTTPRequestHandler):
    """What stands for the web server."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"the UI")

    do_POST = do_GET

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    caddy = shutil.which("caddy")
    if caddy is None:
        pytest.skip("Caddy is not installed (Debian: apt install caddy)")
    web_server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=web_server.serve_forever, daemon=True).start()
    hashed = subprocess.run(
        [caddy, "hash-password", "--plaintext", PASSWORD], capture_output=True, text=True, check=True
    )
    site, admin = f"https://localhost:{free_port()}", free_port()
    given = {
        "PHASE3_SITE": site,
        "PHASE3_UI_USER": "ann",
        "PHASE3_UI_PASSWORD_HASH": hashed.stdout.strip(),
        "PHASE3_WEBSERVER": f"127.0.0.1:{web_server.server_port}",
        "PHASE3_PROXY_ADMIN": f"127.0.0.1:{admin}",
    }
    command = [caddy, "run", "--config", str(DEPLOY / "Caddyfile"), "--adapter", "caddyfile"]
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **given}
    with (tmp_path / "log").open("wb") as log:
        proxy = subprocess.Popen(command, env=environment, cwd=tmp_path, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 30
        while (
            time.monotonic() < deadline and b"certificate obtained successfully" not in (tmp_path / "log").read_bytes()
        ):
            assert proxy.poll() is None, (tmp_path / "log").read_text()
            time.sleep(0.1)
        with urllib.request.urlopen(f"http://127.0.0.1:{admin}/config/", timeout=10) as health:
            assert health.status == 200
        yield site
    finally:
        proxy.kill()
        proxy.wait()
        web_server.shutdown()


def asked(address: str, login: str | None = None, body: bytes | None = None) -> tuple[int, bytes]:
    """Status and body of an answer."""
    headers = {"Authorization": f"Basic {base64.b64encode(login.encode()).decode()}"} if login else {}
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    try:
        with urllib.request.urlopen(
            urllib.request.Request(address, body, headers), timeout=20, context=trusting
        ) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read()


def test_nothing_passes_without_the_password(site: str):
    for path in ("/", "/graphql", "/server_info"):
        assert asked(site + path) == asked(site + path, body=b"{}") == (401, b"")
    for login in ("ann:wrong", f"bob:{PASSWORD}"):
        assert asked(f"{site}/graphql", login, b"{}") == (401, b"")
    assert asked(f"{site}/graphql", f"ann:{PASSWORD}", b"{}") == (200, b"the UI")
