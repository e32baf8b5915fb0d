"""Parsing BigQuery's dialect: the only place that calls the SQL parser.

What belongs here: turning a text into a syntax tree or tokens. What doesn't: what is done with them (contracts.py,
queries.py, warehouse/).
"""

import sqlglot
from sqlglot import exp
from sqlglot.parsers.bigquery import BigQueryParser
from sqlglot.tokens import Token, TokenType

__all__ = ["Token", "TokenType", "parse", "tokens"]

# Our texts write UNNEST explicitly. Searching for implicit UNNEST joins copies every SELECT and takes most of the
# parsing time, so it is switched off: on the class itself, because the compiled parser cannot be subclassed.
BigQueryParser.SUPPORTS_IMPLICIT_UNNEST = False


def parse(sql: str) -> exp.Expr:
    """The syntax tree of one BigQuery statement; raises sqlglot.ParseError if the text is not a valid statement."""
    return sqlglot.parse_one(sql, read="bigquery")


def tokens(sql: str) -> list[Token]:
    """The tokens of a BigQuery text, each with its position; what looks like a name in a comment or literal is none."""
    return sqlglot.tokenize(sql, read="bigquery")
