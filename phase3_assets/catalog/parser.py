"""Parsing BigQuery's dialect: the only place that calls the SQL parser.

What belongs here: turning a text into a syntax tree or tokens. What doesn't: what is done with them (contracts.py,
queries.py, warehouse/).
"""

import sqlglot
from sqlglot import exp
from sqlglot.parsers.bigquery import BigQueryParser
from sqlglot.tokens import Token, TokenType

from phase3_assets.errors import ConfigurationError

__all__ = ["Token", "TokenType", "parse", "parse_select", "tokens"]

# Our texts write UNNEST explicitly. Searching for implicit UNNEST joins copies every SELECT and takes most of the
# parsing time, so it is switched off: on the class itself, because the compiled parser cannot be subclassed.
BigQueryParser.SUPPORTS_IMPLICIT_UNNEST = False


def parse(sql: str) -> exp.Expr:
    """The syntax tree of one BigQuery statement; raises sqlglot.ParseError if the text is not a valid statement."""
    return sqlglot.parse_one(sql, read="bigquery")


def parse_select(sql: str) -> exp.Expr:
    """The syntax tree of a text that a person wrote.

    Raises ConfigurationError unless the text is exactly one SELECT (or WITH, or UNION of SELECTs).
    """
    try:
        trees = [tree for tree in sqlglot.parse(sql, read="bigquery", error_level=sqlglot.ErrorLevel.RAISE) if tree]
    except sqlglot.errors.SqlglotError as error:
        raise ConfigurationError(f"the query is not SQL of BigQuery's dialect: {_first_problem(error)}") from error
    if len(trees) != 1 or not isinstance(trees[0], exp.Query):
        raise ConfigurationError("the query must be exactly one SELECT; nothing was run")
    return trees[0]


def _first_problem(error: sqlglot.errors.SqlglotError) -> str:
    details = getattr(error, "errors", None)
    if not details:
        return str(error).split("\n")[0]
    found = details[0]
    return f"{found['description']} (line {found['line']}, near {found['highlight']!r})"


def tokens(sql: str) -> list[Token]:
    """The tokens of a BigQuery text, each with its position; what looks like a name in a comment or literal is none."""
    return sqlglot.tokenize(sql, read="bigquery")
