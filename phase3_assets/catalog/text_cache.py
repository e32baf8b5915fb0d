"""SQL texts prepared or translated before, kept on disk: making them takes a command a second, reading them nothing.

What belongs here: remembering pure functions from text to text between processes. What doesn't: those functions
(queries.py, warehouse/duckdb/dialect.py), and anything that depends on data.

The file is `phase3_assets/sql.json` in the user's cache folder (XDG_CACHE_HOME, or ~/.cache). It can be deleted at any
time. What is in it holds for one state of the code that makes the texts; after any change it starts empty.
"""

import atexit
import hashlib
import json
import logging
import os
from collections.abc import Callable
from functools import cache, wraps
from importlib.metadata import version
from pathlib import Path

from phase3_assets.catalog.contracts import SQL_FOLDER
from phase3_assets.files import write_whole

_MOST_TEXTS = 2000
_MADE_BY = ("catalog/parser.py", "catalog/queries.py", "catalog/table_rules.py", "warehouse/duckdb/dialect.py")
_LOG = logging.getLogger(__name__)


def cached_on_disk(function: Callable[..., str]) -> Callable[..., str]:
    """A function from texts to a text that asks the disk first; it must depend on its arguments and our code alone."""

    @wraps(function)
    def remembered(*texts: str) -> str:
        known = _known()
        key = hashlib.sha256("\0".join([function.__name__, *texts]).encode()).hexdigest()
        if key not in known:
            known[key] = function(*texts)
            _added.append(key)
        return known[key]

    return remembered


_added: list[str] = []


def cache_file() -> Path:
    """Where the texts are kept. Raises RuntimeError for a user without a home folder, as containers have."""
    folder = os.environ.get("XDG_CACHE_HOME")
    return (Path(folder) if folder else Path("~/.cache").expanduser()) / "phase3_assets" / "sql.json"


@cache
def _known() -> dict[str, str]:
    """What an earlier process made with the same code; saved again at exit, with what this one adds."""
    try:
        path = cache_file()
    except RuntimeError as error:
        _LOG.warning("%s: set XDG_CACHE_HOME, or every command prepares every SQL text anew", error)
        return {}
    atexit.register(_save, path)
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return dict(kept["texts"]) if kept["code"] == _code() else {}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError) as error:
        _LOG.warning("%s cannot be read (%s): every SQL text is prepared anew, and the file replaced", path, error)
        return {}


@cache
def _code() -> str:
    """Hash of all that the texts are made by: our modules, the functions that are inlined, the translator."""
    here = Path(__file__).parents[1]
    digest = hashlib.sha256(version("sqlglot").encode())
    for path in [*(here / name for name in _MADE_BY), *sorted((SQL_FOLDER / "functions").glob("*.sql"))]:
        digest.update(path.read_bytes())
    digest.update(repr(sorted(path.stem for path in (SQL_FOLDER / "views").glob("*.sql"))).encode())
    return digest.hexdigest()


def _save(path: Path) -> None:
    """Keep what is new where the rest was read, for this user alone; whoever reads sees the old file or the new one."""
    if not _added:
        return
    texts = _known()
    if len(texts) > _MOST_TEXTS:
        texts = {key: texts[key] for key in _added}
    try:
        write_whole(path, json.dumps({"code": _code(), "texts": texts}))
    except OSError as error:
        _LOG.warning("%s cannot be written (%s): the next command prepares every SQL text anew", path, error)
