"""What a function of sql/functions gives on the embedded engine.

What belongs here: evaluating one. What doesn't: what it should give (sql/test_formulas.py), other engines
(bigquery/test_edge_values.py).
"""

from collections.abc import Iterable

import duckdb

from phase3_assets.catalog.parser import parse
from phase3_assets.catalog.queries import prepared, sql_text
from phase3_assets.warehouse.duckdb.dialect import duckdb_sql

_TYPES = {"INT64": "BIGINT", "BOOL": "BOOLEAN", "NUMERIC": "DECIMAL(38, 9)", "STRING": "VARCHAR"}


def evaluate(connection: duckdb.DuckDBPyConnection, function: str, rows: Iterable[tuple[object, ...]]) -> list[object]:
    """The function's value for every row of arguments, in order, in one query."""
    given = list(rows)
    declared = parse(sql_text(f"functions/{function}")).this.expressions
    types = {argument.name: _TYPES[argument.args["kind"].sql("bigquery")] for argument in declared}
    arguments = ", ".join(f"given.{name}" for name in types)
    query = duckdb_sql(prepared(f"SELECT {function}({arguments}) FROM given ORDER BY position"))
    columns = ", ".join(f"unnest(${name}::{kind}[]) AS {name}" for name, kind in types.items())
    relation = f"WITH given AS (SELECT {columns}, unnest(range({len(given)})) AS position) "
    parameters = {name: list(column) for name, column in zip(types, zip(*given, strict=True), strict=True)}
    return [value for (value,) in connection.execute(relation + query, parameters).fetchall()]
