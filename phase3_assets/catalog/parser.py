"""Parsing BigQuery's dialect: the one door to the SQL parser.

What belongs here: how a text becomes a syntax tree or tokens. What doesn't: what is done with them (contracts.py,
queries.py, warehouse/).
"""

import sqlglot
from sqlglot import exp
from sqlglot.parsers.bigquery import BigQueryParser
from sqlglot.tokens import Token, TokenType

__all__ = ["Token", "TokenType", "parse", "tokens"]

# Our texts write UNNEST explicitly; looking for joins that mean it implicitly copies every SELECT and is most of the
# parsing time. A class setting, since the compiled parser cannot be subclassed.
BigQueryParser.SUPPORTS_IMPLICIT_UNNEST = False


def parse(sql: str) -> exp.Expr:
    """The syntax tree of one BigQuery statement; sqlglot.ParseError where it is none."""
    return sqlglot.parse_one(sql, read="bigquery")


def tokens(sql: str) -> list[Token]:
    """The tokens of a BigQuery text, each with its place in it; comments and literals are no names."""
    return sqlglot.tokenize(sql, read="bigquery")
