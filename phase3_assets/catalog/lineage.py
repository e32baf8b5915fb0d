"""The source columns of each published column, derived from the SQL.

What belongs here: writing a SELECT out with its views, tracing its columns through them to tables, and keeping the
answer in `sql/tables/<table>/lineage.json`, because tracing takes seconds and a run should not spend them. A test fails
when the file no longer matches the SQL; `make lineage` writes it again. What doesn't: showing lineage (defs/assets.py).
"""

import json
from functools import cache
from pathlib import Path

from sqlglot import exp
from sqlglot.lineage import Node, lineage
from sqlglot.optimizer import build_scope, qualify

from phase3_assets.catalog.contracts import SQL_FOLDER, raw_contracts
from phase3_assets.catalog.parser import parse
from phase3_assets.catalog.queries import EARLIER, sql_text, views_needed
from phase3_assets.catalog.tables import PublishedTable, published_tables

Lineage = dict[str, list[list[str]]]
"""By column name, the [table, column] pairs it is computed from: raw or published tables, by bare name."""
Schema = dict[str, dict[str, dict[str, str]]]
"""By dataset and table, the type of each column."""
WHOLE_SELECT = "whole_select"
"""What a table's SELECT is called in with_views."""


@cache
def column_lineage(table_name: str) -> Lineage:
    """The lineage read from the file beside the table's SQL; empty where a new table has none yet."""
    file = _file(table_name)
    lineage_of_column: Lineage = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return lineage_of_column


def write_lineage() -> None:
    """Trace every published table and write its lineage file."""
    for table in published_tables():
        text = ",\n".join(f"{json.dumps(name)}: {json.dumps(found)}" for name, found in trace(table.name).items())
        _file(table.name).write_text(f"{{\n{text}\n}}\n", encoding="utf-8")


def with_views(select: str) -> str:
    """A SELECT as one text that reads nothing but tables: every view that it needs is a WITH before it.

    Where there are views, the SELECT is the subquery that is called WHOLE_SELECT.
    """
    views = ",\n".join(f"{view} AS (\n{sql_text(f'views/{view}')}\n)" for view in views_needed(select))
    return f"WITH {views}\nSELECT * FROM (\n{select}\n) AS {WHOLE_SELECT}" if views else select


def columns_of_tables() -> Schema:
    """The columns of every raw and published table, as the SQL optimizer wants them."""
    schema: Schema = {}
    published = [table.contract for table in published_tables()]
    for dataset, contract in [
        *((contract.dataset, contract) for contract in [*raw_contracts().values(), *published]),
        *((EARLIER, contract) for contract in published),
    ]:
        schema.setdefault(dataset, {})[contract.name] = {column.name: column.type for column in contract.columns}
    return schema


def _file(table_name: str) -> Path:
    return SQL_FOLDER / "tables" / table_name / "lineage.json"


def trace(table_name: str) -> Lineage:
    """The lineage computed from the current SQL; takes seconds."""
    table = PublishedTable(table_name)
    schema = columns_of_tables()
    tree = qualify.qualify(
        parse(with_views(table.select)), dialect="bigquery", schema=schema, validate_qualify_columns=False
    )
    scope = build_scope(tree)
    found = {}
    for column in table.contract.computed_columns:
        root = lineage(column.name, tree, schema=schema, dialect="bigquery", scope=scope, trim_selects=False)
        sources = {source for node in root.walk() if (source := _source(node))}
        found[column.name] = [list(pair) for pair in sorted(sources)]
    return found


def _source(node: Node) -> tuple[str, str] | None:
    if isinstance(node.expression, exp.Table):
        return node.expression.name, node.name.split(".")[-1].strip('"`')
    return None
