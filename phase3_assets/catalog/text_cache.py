"""A disk cache of prepared and translated SQL texts: making them takes a second per command, reading them almost none.

What belongs here: remembering results of pure functions from text to text between processes. What doesn't: those
functions (queries.py, table_rules.py, warehouse/duckdb/dialect.py), and anything that depends on data.

The file is `phase3_assets/sql.json` in the user's cache folder (XDG_CACHE_HOME, or ~/.cache). It can be deleted at any
time. Its texts are valid for one state of the code that makes them; after any change of that code the cache starts
empty.
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
    """Decorate a function from texts to a text: look its result up on disk before computing it.

    The function must depend only on its arguments and on the code in _MADE_BY, the inlined functions and view names.
    """

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
    """The path of the cache. Raises RuntimeError for a user without a home folder, which is common in containers."""
    folder = os.environ.get("XDG_CACHE_HOME")
    return (Path(folder) if folder else Path("~/.cache").expanduser()) / "phase3_assets" / "sql.json"


@cache
def _known() -> dict[str, str]:
    """The texts that earlier processes made with the same code. At exit they are saved with those of this one."""
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
    """Hash of all that determines the texts: our modules, the inlined functions, view names, sqlglot's version."""
    here = Path(__file__).parents[1]
    digest = hashlib.sha256(version("sqlglot").encode())
    for path in [*(here / name for name in _MADE_BY), *sorted((SQL_FOLDER / "functions").glob("*.sql"))]:
        digest.update(path.read_bytes())
    digest.update(repr(sorted(path.stem for path in (SQL_FOLDER / "views").glob("*.sql"))).encode())
    return digest.hexdigest()


def _save(path: Path) -> None:
    """Write the cache if this process added texts, in one step: another process reads the old file or the new one."""
    if not _added:
        return
    texts = _known()
    if len(texts) > _MOST_TEXTS:
        texts = {key: texts[key] for key in _added}
    try:
        write_whole(path, json.dumps({"code": _code(), "texts": texts}))
    except OSError as error:
        _LOG.warning("%s cannot be written (%s): the next command prepares every SQL text anew", path, error)
