"""From SQL files to runnable BigQuery statements: functions are inlined, and view names point to a run's snapshot.

What belongs here: preparing texts under `sql/` and knowing what a text reads. What doesn't: translating to another
engine (warehouse/), deciding when to run anything.

A text names a view without a dataset (`FROM team_rows`). A run reads every view from one snapshot, staged once per run
(publishing/survey.py). So the rows that are fingerprinted are exactly the rows that are computed from, and raw tables
are scanned once. For people, `phase3 init` creates real views from the same texts.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache

from sqlglot import exp

from phase3_assets.catalog.contracts import SQL_FOLDER
from phase3_assets.catalog.parser import parse
from phase3_assets.catalog.table_names import COMMENT
from phase3_assets.catalog.table_names import relations_read as relations_read
from phase3_assets.catalog.text_cache import cached_on_disk

STAGING_DATASET = "nba_staging"
"""The dataset of a run's snapshot and its staged rows. They are private to the run and never used after it."""

EARLIER = "earlier"
"""`earlier.<table>` in a SELECT means published rows of earlier games: only rows that a publication vouches for."""

_PARAMETER = re.compile(r"@(\w+)")
_CALL = re.compile(r"\b(\w+)\(")


@cache
def sql_text(name: str) -> str:
    """The text of `sql/<name>.sql`, without comments and the closing semicolon."""
    text = (SQL_FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    return COMMENT.sub("", text).strip().rstrip(";")


def opening_comment(text: str) -> str:
    """The comment at the start of a file, as one paragraph."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        lines.append(line.removeprefix("--").strip())
    return " ".join(lines)


@cache
def view_names() -> tuple[str, ...]:
    """Every view, by file name."""
    return tuple(sorted(path.stem for path in (SQL_FOLDER / "views").glob("*.sql")))


def views_read(text: str) -> tuple[str, ...]:
    """The views a text reads directly."""
    return tuple(name for name in relations_read(text) if name in view_names())


def tables_read(text: str) -> tuple[str, ...]:
    """Every `dataset.table` a text reads, directly or through views."""
    found: dict[str, None] = {}
    pending, seen = [text], set()
    while pending:
        for name in relations_read(pending.pop(0)):
            if "." in name:
                found[name] = None
            elif name in view_names() and name not in seen:
                seen.add(name)
                pending.append(sql_text(f"views/{name}"))
    return tuple(found)


def parameters_of(text: str) -> set[str]:
    """The @parameters a text uses."""
    return set(_PARAMETER.findall(text))


def text_files_used(text: str) -> tuple[str, ...]:
    """The `sql/` files (views and functions) that a text uses, directly or indirectly; its code version hashes them."""
    files: dict[str, None] = {}
    pending = [text]
    while pending:
        current = pending.pop(0)
        used = [f"views/{name}" for name in views_read(current)]
        used += [f"functions/{name}" for name in set(_CALL.findall(current)) if name in _functions()]
        for file in used:
            if file not in files:
                files[file] = None
                pending.append(sql_text(file))
    return tuple(sorted(files))


@cache
@cached_on_disk
def prepared(text: str) -> str:
    """The statement with every function of `sql/functions` inlined, reading every view from a run's snapshot.

    A view name that the statement itself defines in a WITH is left alone: the statement reads its own definition.
    """
    tree = _inline(parse(text))
    defined = {expression.alias for expression in tree.find_all(exp.CTE)}
    for table in list(tree.find_all(exp.Table)):
        if table.db == EARLIER:
            table.set("alias", exp.TableAlias(this=exp.to_identifier(table.alias or table.name)))
            table.set("this", exp.to_identifier(earlier_relation(table.name)))
            table.set("db", exp.to_identifier(STAGING_DATASET))
        elif not table.db and table.name in view_names() and table.name not in defined:
            table.set("db", exp.to_identifier(STAGING_DATASET))
            if not table.alias:
                # The text refers to the view by this name; an engine may store its rows under another name.
                table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name)))
    return tree.sql(dialect="bigquery", pretty=True, copy=False)


@cache
@cached_on_disk
def read_aside(text: str, world: str, relations: str) -> str:
    """The prepared statement, reading each of `relations` from the staged relation aside(name, world).

    `relations` are `dataset.table` names, separated by spaces.
    """
    names, tree = set(relations.split()), parse(text)
    for table in list(tree.find_all(exp.Table)):
        if f"{table.db}.{table.name}" in names:
            table.set("alias", exp.TableAlias(this=exp.to_identifier(table.alias or table.name)))
            table.set("this", exp.to_identifier(aside(table.name, world)))
            table.set("db", exp.to_identifier(STAGING_DATASET))
    return tree.sql(dialect="bigquery", pretty=True, copy=False)


def aside(name: str, world: str) -> str:
    """The name of the staged relation that stands for another one in a `world` of the leak test."""
    return f"{name}__{world}"


@cache
def spans_season(view: str) -> bool:
    """Whether a view has rows of other dates than those of a run: it reads a season and is not limited to the run.

    Views that read no table at all, such as `venues`, have no dates.
    """
    text = sql_text(f"views/{view}")
    parameters = parameters_of(text)
    views = [name for name in views_read(text) if tables_read(sql_text(f"views/{name}"))]
    is_made_of_seasons = bool(views) and all(spans_season(name) for name in views)
    return "start_date" not in parameters and ("season_start_date" in parameters or is_made_of_seasons)


def earlier_relation(table_name: str) -> str:
    """The name of the staged relation that replaces `earlier.<table>`."""
    return f"{EARLIER}_{table_name}"


def foreseen_relation(table_name: str) -> str:
    """The name of the staged relation of the rows that a table which looks back would compute now."""
    return f"{table_name}__foreseen"


@cache
def views_in_order() -> tuple[str, ...]:
    """Every view, each after the views it reads."""
    ordered: dict[str, None] = {}

    def add(name: str) -> None:
        for dependency in views_read(sql_text(f"views/{name}")):
            add(dependency)
        ordered[name] = None

    for name in view_names():
        add(name)
    return tuple(ordered)


@cache
def views_needed(text: str) -> tuple[str, ...]:
    """The views that a text reads, directly or through other views, each after the views it reads."""
    needed = {file.removeprefix("views/") for file in text_files_used(text) if file.startswith("views/")}
    return tuple(view for view in views_in_order() if view in needed)


@cache
def _functions() -> dict[str, tuple[tuple[str, ...], exp.Expr]]:
    functions = {}
    for path in sorted((SQL_FOLDER / "functions").glob("*.sql")):
        tree = parse(sql_text(f"functions/{path.stem}"))
        parameters = tuple(argument.name for argument in tree.this.expressions)
        functions[path.stem] = (parameters, tree.expression.unnest())
    return functions


def function_calls(tree: exp.Expr) -> Iterator[tuple[str, exp.Expr]]:
    """Each call of a function of `sql/functions` in the tree: its name, and its body with the call's arguments."""
    for node in tree.find_all(exp.Anonymous):
        if node.name in _functions():
            parameters, body = _functions()[node.name]
            arguments = dict(zip(parameters, (argument.copy() for argument in node.expressions), strict=True))
            yield node.name, _substitute(body.copy(), arguments)


def _inline(tree: exp.Expr) -> exp.Expr:
    def expand(node: exp.Expr) -> exp.Expr:
        function = _functions().get(node.name) if isinstance(node, exp.Anonymous) else None
        if function is None:
            return node
        parameters, body = function
        arguments = dict(zip(parameters, (_inline(argument) for argument in node.expressions), strict=True))
        return exp.Paren(this=_inline(_substitute(body.copy(), arguments)))

    return tree.transform(expand, copy=False)


def _substitute(body: exp.Expr, arguments: Mapping[str, exp.Expr]) -> exp.Expr:
    """The body with arguments in place of parameters.

    An argument that is a whole row (`ANY TYPE`) is the alias of the relation that the row comes from.
    """

    def argument(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column) and node.table in arguments:
            return exp.column(node.name, table=arguments[node.table].name)
        if isinstance(node, exp.Column) and not node.table and node.name in arguments:
            value = arguments[node.name].copy()
            return value if isinstance(value, (exp.Column, exp.Literal)) else exp.Paren(this=value)
        return node

    return body.transform(argument, copy=False)
