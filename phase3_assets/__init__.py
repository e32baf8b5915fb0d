"""NBA Phase 3: software-defined assets from raw box scores to audited per-game summaries.

For programs: read() and query() return rows, export() writes a file of them, describe() returns contracts
(docs/python.md). Each is imported when it is first used, so that importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from phase3_assets.reading.describe import describe as describe
    from phase3_assets.reading.export import export as export
    from phase3_assets.reading.query import query as query
    from phase3_assets.reading.read import GamesLeftOutWarning as GamesLeftOutWarning
    from phase3_assets.reading.read import read as read

_MODULES = {
    "GamesLeftOutWarning": "read",
    "describe": "describe",
    "export": "export",
    "query": "query",
    "read": "read",
}
"""By name, the module of reading/ that it is imported from."""

__all__ = ["GamesLeftOutWarning", "describe", "export", "query", "read"]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.reading.{_MODULES[name]}"), name)
