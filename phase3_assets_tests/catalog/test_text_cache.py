"""SQL texts kept between processes: used when they hold, and only then.

What belongs here: the file, as processes one after the other meet it. What doesn't: what a text says
(warehouse/test_dialect.py).
"""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SQL = "SELECT COUNTIF(a > 1) AS n FROM UNNEST([1, 2]) AS a"
TRANSLATE = "from phase3_assets.warehouse.duckdb.dialect import duckdb_sql; print(duckdb_sql({sql!r}))"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "phase3_assets" / "sql.json"


def translated() -> tuple[str, str]:
    """What a new process makes of the text, and what it says on standard error."""
    command = [sys.executable, "-c", TRANSLATE.format(sql=SQL)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip(), done.stderr


def tampered(cache: Path, change: Callable[[dict[str, object]], object]) -> None:
    """Change what the file says."""
    kept = json.loads(cache.read_text())
    change(kept)
    cache.write_text(json.dumps(kept))


def test_the_next_process_takes_the_text_from_the_file(cache: Path):
    first, _ = translated()
    assert "COUNT(" in first
    tampered(cache, lambda kept: kept.update(texts=dict.fromkeys(kept["texts"], "SELECT 'kept'")))
    assert translated() == ("SELECT 'kept'", "")


def test_what_other_code_made_is_not_used(cache: Path):
    first, _ = translated()
    tampered(cache, lambda kept: kept.update(code="older", texts=dict.fromkeys(kept["texts"], "SELECT 'stale'")))
    assert translated() == (first, "")
    assert "stale" not in cache.read_text()


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"texts": {}}', "null"])
def test_a_broken_file_is_named_and_replaced(cache: Path, broken: str):
    first, _ = translated()
    cache.write_text(broken)
    again, said = translated()
    assert again == first
    assert str(cache) in said
    assert translated() == (first, "")


def test_without_a_place_to_keep_it_the_text_is_the_same(cache: Path):
    first, _ = translated()
    cache.unlink()
    cache.parent.rmdir()
    cache.parent.write_text("a file where the folder should be")
    again, said = translated()
    assert again == first
    assert str(cache) in said


def test_nobody_else_can_write_the_file(cache: Path):
    translated()
    assert cache.stat().st_mode & 0o077 == 0


def test_a_user_without_a_home_folder_works_without_the_file(monkeypatch: pytest.MonkeyPatch):
    """As in a container, run by an account that no list knows."""
    for name in ("HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    unknown = f"import os, pwd; os.getuid = lambda: {2**31 - 7}; " + TRANSLATE.format(sql=SQL)
    done = subprocess.run([sys.executable, "-c", unknown], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0 and "COUNT(" in done.stdout
    assert "set XDG_CACHE_HOME" in done.stderr
