"""The names of the published tables: the folders under `sql/tables/`.

What belongs here: the names and their order. What doesn't: anything else about a table (tables.py). The command line
imports this module without loading a parser, so it searches SQL with regular expressions.
"""

import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from phase3_assets.errors import ConfigurationError

_PACKAGED_SQL = Path(__file__).parents[1] / "sql"
SQL_FOLDER = _PACKAGED_SQL if _PACKAGED_SQL.is_dir() else Path(__file__).parents[2] / "sql"

_READS = re.compile(r"\b(?<!DISTINCT )(?:FROM|JOIN)\s+([\w.]+)", re.IGNORECASE)
"""`IS DISTINCT FROM x` compares, and reads nothing."""
COMMENT = re.compile(r"^[ \t]*--[^\n]*\n?|[ \t]*--[^\n]*", re.MULTILINE)
"""A comment; one with a line to itself goes with its line, so that a text is the same without it."""


def relations_read(text: str) -> tuple[str, ...]:
    """Every relation that a text reads: tables as `dataset.table`, views and CTEs by their bare name."""
    return tuple(dict.fromkeys(_READS.findall(COMMENT.sub("", text))))


def _in_lineage_order() -> tuple[str, ...]:
    """The folder names, each after the tables it reads; among independent tables the one with fewest reads comes first.

    Raises ConfigurationError where tables read each other in a circle.
    """
    folders = (SQL_FOLDER / "tables").iterdir()
    texts = {path.name: path / "select.sql" for path in folders if (path / "select.sql").exists()}
    reads = {name: relations_read(path.read_text(encoding="utf-8")) for name, path in texts.items()}
    tables = {name: {r.split(".")[-1] for r in found if "." in r} & set(reads) for name, found in reads.items()}
    order = TopologicalSorter(tables)
    try:
        order.prepare()
    except CycleError as error:
        raise ConfigurationError(
            f"published tables read each other in a circle: {' reads '.join(reversed(error.args[1]))}; "
            "look at their select.sql"
        ) from error
    names: list[str] = []
    while order.is_active():
        ready = sorted(order.get_ready(), key=lambda name: (len(reads[name]), name))
        names += ready
        order.done(*ready)
    return tuple(names)


TABLE_NAMES = _in_lineage_order()
"""Every published table, in lineage order: a table reads only tables before it."""
