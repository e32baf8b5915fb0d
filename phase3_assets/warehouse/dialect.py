"""BigQuery's dialect said to DuckDB.

What belongs here: translating statements and types, and what the translator gets wrong. What doesn't: connections.
"""

from functools import lru_cache

from sqlglot import exp

from phase3_assets.bigquery_sql import parse

_BIGQUERY_TYPES = {
    "VARCHAR": "STRING",
    "BIGINT": "INT64",
    "DOUBLE": "FLOAT64",
    "BOOLEAN": "BOOL",
    "DATE": "DATE",
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMP",
    "VARCHAR[]": "ARRAY<STRING>",
}


@lru_cache(maxsize=512)
def duckdb_sql(sql: str) -> str:
    """One BigQuery statement as DuckDB runs it."""
    tree = parse(sql)
    for normalize in list(tree.find_all(exp.Normalize)):
        normalize.replace(exp.Anonymous(this="strip_accents", expressions=[normalize.this]))
    for count in list(tree.find_all(exp.CountIf)):
        # DuckDB's COUNT_IF is NULL where every value is; BigQuery's is 0.
        count.replace(exp.Count(this=exp.If(this=count.this, true=exp.Literal.number(1))))
    keep_divisions(tree)
    return tree.sql(dialect="duckdb")


def keep_divisions(tree: exp.Expr) -> None:
    """DIV(a + b, c * d) becomes an operator, and the translator drops the arguments' parentheses: put them there."""
    for division in reversed(list(tree.find_all(exp.IntDiv))):
        division.set("this", exp.Paren(this=division.this))
        division.set("expression", exp.Paren(this=division.expression))
        if not isinstance(division.parent, exp.Paren):
            division.replace(exp.Paren(this=division.copy()))


@lru_cache(maxsize=64)
def duckdb_type(bigquery_type: str) -> str:
    """The DuckDB type that holds every value of a BigQuery type."""
    return exp.DataType.build(bigquery_type, dialect="bigquery").sql("duckdb")


def from_duckdb_type(duckdb_type_name: str) -> str:
    """The BigQuery type of a DuckDB column; a type that contracts never use is returned as it is."""
    if duckdb_type_name.startswith("DECIMAL"):
        return duckdb_type_name.replace("DECIMAL", "NUMERIC")
    return _BIGQUERY_TYPES.get(duckdb_type_name, duckdb_type_name)
