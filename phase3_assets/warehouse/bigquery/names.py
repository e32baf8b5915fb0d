"""Translating the names in our texts to those of a BigQuery project.

What belongs here: readdressing a text (datasets as configured, staging tables private to a session) and keeping the
parameters of several statements apart. What doesn't: the texts.

A text is split into tokens, never searched as a string: a literal that happens to look like a name stays as it is.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

from phase3_assets.catalog.parser import TokenType, tokens
from phase3_assets.catalog.queries import STAGING_DATASET


@lru_cache(maxsize=1024)
def readdressed(sql: str, datasets: tuple[tuple[str, str], ...], session: str) -> str:
    """The text with every `dataset.table` under the project's name; staging tables are those of `session`."""
    configured = dict(datasets)
    found = tokens(sql)
    pieces, position = [], 0
    for index in range(len(found) - 2):
        dataset, dot, table = found[index : index + 3]
        is_name = dataset.token_type == TokenType.VAR and dot.token_type == TokenType.DOT
        if not (is_name and dataset.text in configured):
            continue
        name = staging_table(table.text, session) if dataset.text == STAGING_DATASET else table.text
        pieces += [sql[position : dataset.start], f"{configured[dataset.text]}.{name}"]
        position = table.end + 1
    return "".join([*pieces, sql[position:]])


def staging_table(name: str, session: str) -> str:
    """The name of a session's own staging table."""
    return f"{name}__{session}"


def script(statements: Sequence[tuple[str, Mapping[str, Any]]]) -> tuple[str, dict[str, Any]]:
    """Several statements as one script, each with its own parameters."""
    if len(statements) == 1:
        return statements[0][0], dict(statements[0][1])
    texts, parameters = kept_apart(statements)
    return ";\n".join(texts) + ";", parameters


def kept_apart(texts: Sequence[tuple[str, Mapping[str, Any]]]) -> tuple[list[str], dict[str, Any]]:
    """Texts that travel together, each with its own parameters: @name of the n-th text becomes @name__n."""
    numbered: list[str] = []
    parameters: dict[str, Any] = {}
    for number, (sql, own) in enumerate(texts, start=1):
        numbered.append(_numbered(sql, frozenset(own), number))
        parameters |= {f"{name}__{number}": value for name, value in own.items()}
    return numbered, parameters


@lru_cache(maxsize=1024)
def _numbered(sql: str, names: frozenset[str], number: int) -> str:
    found = tokens(sql)
    pieces, position = [], 0
    for sign, name in pairwise(found):
        if sign.token_type == TokenType.PARAMETER and name.text in names:
            pieces += [sql[position : name.start], f"{name.text}__{number}"]
            position = name.end + 1
    return "".join([*pieces, sql[position:]])
