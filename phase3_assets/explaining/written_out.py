"""A table's SELECT with every column's relation written out, as a tree to which further columns can be added.

What belongs here: finding where a column is defined, and handing a value from an inner SELECT to the outermost one.
What doesn't: which values are wanted (formula.py, counting.py).

Views stay what they are, relations that a run stages. Only those that look back themselves, such as the team calendar,
are part of the tree: what they count is of interest like what the SELECT itself counts.
"""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from typing import cast

from sqlglot import exp
from sqlglot.optimizer import qualify

from phase3_assets.catalog.lineage import WHOLE_SELECT, columns_of_tables, with_views
from phase3_assets.catalog.parser import parse
from phase3_assets.catalog.queries import spans_season, view_names
from phase3_assets.catalog.tables import published_table
from phase3_assets.catalog.text_cache import cached_on_disk
from phase3_assets.errors import ConfigurationError

Source = exp.Table | exp.Subquery
Path = list[tuple[exp.Select, str]]
"""From the outermost SELECT to one within it: each with its alias in the one before."""


class WrittenOut:
    """One table's SELECT."""

    def __init__(self, select: str) -> None:
        """Raises ConfigurationError unless the text is one SELECT."""
        tree = parse(_qualified(with_views(select), json.dumps(columns_of_tables())))
        found = next((node.this for node in tree.find_all(exp.Subquery) if node.alias == WHOLE_SELECT), tree)
        if not isinstance(found, exp.Select):
            raise ConfigurationError("a published table's select.sql is one SELECT; this one is not")
        self.tree = found
        """The SELECT. What is added to it is there for everyone who asks for its text later."""
        self._views: dict[str, exp.Expr] = {cte.alias: cte.this for cte in tree.find_all(exp.CTE)}
        if found is not tree:
            for cte in [cte for cte in tree.find_all(exp.CTE) if _looks_back(cte)][::-1]:
                self._put_first(cte)
        self._added: dict[tuple[int, str], str] = {}

    def _put_first(self, cte: exp.CTE) -> None:
        if self.tree.args.get("with_") is None:
            self.tree.set("with_", exp.With(expressions=[]))
        withs = self.tree.args["with_"]
        withs.set("expressions", [cte, *withs.expressions])

    def below(self, select: exp.Select, alias: str) -> tuple[exp.Expr | None, str]:
        """What defines the relation of an alias, or None for a table or a view; and what the relation is called."""
        source = sources(select)[alias]
        if isinstance(source, exp.Subquery):
            return source.this, source.alias
        return (None, f"{source.db}.{source.name}") if source.db else (self._with(source), source.name)

    def _with(self, source: exp.Table) -> exp.Expr | None:
        """The WITH that a relation is, looked for in the SELECTs around it."""
        around = source.parent
        while around is not None:
            withs = around.args.get("with_")
            for cte in withs.expressions if withs else ():
                if cte.alias == source.name:
                    return cast(exp.Expr, cte.this)
            if around is self.tree:
                return None
            around = around.parent
        return None

    def resolve(self, path: Path, column: exp.Column) -> tuple[Path, exp.Expr, str]:
        """Where a column that the innermost SELECT of the path reads gets its value, and in which relation that is.

        The value is an expression of the innermost SELECT of the returned path. It is a column where the value comes
        from a table, a view, a UNION, or is a key that rows are grouped by.
        """
        below, relation = self.below(path[-1][0], column.table)
        if not isinstance(below, exp.Select) or below.args.get("distinct"):
            return path, column, relation
        inner: Path = [*path, (below, column.table)]
        definition = projection(below, column.name)
        if isinstance(definition, exp.Column):
            if is_grouped(below):
                return path, column, relation
            return self.resolve(inner, definition)
        return inner, definition, relation

    def columns_of(self, source: Source) -> Sequence[str]:
        """The names of a relation's columns."""
        if isinstance(source, exp.Subquery):
            return list(source.this.named_selects)
        if source.db:
            return published_table(source.name).contract.column_names
        query = self._with(source) or self._views.get(source.name)
        return list(query.named_selects) if isinstance(query, exp.Query) else ()

    def add(self, path: Path, value: exp.Expr) -> str:
        """Add a value of the innermost SELECT of the path to it and to all SELECTs around it; returns its name."""
        return self._append(path[0][0], self.lift(path, value))

    def lift(self, path: Path, value: exp.Expr) -> exp.Expr:
        """The value as the first SELECT of the path reads it, added to all SELECTs further in."""
        current = value.copy()
        for select, alias in reversed(path[1:]):
            current = exp.column(self._append(select, current), table=alias)
        return current

    def column_called(self, select: exp.Select, alias: str, name: str) -> exp.Expr | None:
        """A column of that name in a relation that the SELECT reads, or further in; None where there is none."""
        if name in self.columns_of(sources(select)[alias]):
            return exp.column(name, table=alias)
        below, _ = self.below(select, alias)
        branches = [below] if isinstance(below, exp.Select) else list(_branches(below))
        if any(is_grouped(branch) or branch.args.get("distinct") for branch in branches):
            return None
        found = [self._first_called(branch, name) for branch in branches]
        if not any(found):
            return None
        added = f"x{len(self._added)}"
        self._added[(id(below), name)] = added
        for branch, value in zip(branches, found, strict=True):
            branch.append("expressions", exp.alias_(value or parse("CAST(NULL AS STRING)"), added))
        return exp.column(added, table=alias)

    def _first_called(self, select: exp.Select, name: str) -> exp.Expr | None:
        found = (self.column_called(select, alias, name) for alias in sources(select))
        return next((column for column in found if column is not None), None)

    def _append(self, select: exp.Select, value: exp.Expr) -> str:
        known = (id(select), value.sql(dialect="bigquery"))
        if known not in self._added:
            self._added[known] = f"x{len(self._added)}"
            select.append("expressions", exp.alias_(value.copy(), self._added[known]))
        return self._added[known]


@cache
@cached_on_disk
def _qualified(text: str, schema: str) -> str:
    tree = qualify.qualify(
        parse(text),
        dialect="bigquery",
        schema=json.loads(schema),
        validate_qualify_columns=False,
        quote_identifiers=False,
    )
    return tree.sql(dialect="bigquery")


def _looks_back(cte: exp.CTE) -> bool:
    """Whether it is a view that counts earlier games: over a season, in a window with a frame."""
    framed = any(window.args.get("spec") for window in cte.find_all(exp.Window))
    return framed and cte.alias in view_names() and spans_season(cte.alias)


def _branches(query: exp.Expr | None) -> Iterator[exp.Select]:
    """The SELECTs of a UNION ALL."""
    if isinstance(query, exp.Union) and not query.args.get("distinct"):
        for side in (query.this, query.expression):
            if isinstance(side, exp.Select):
                yield side
            else:
                yield from _branches(side)


def is_grouped(select: exp.Select) -> bool:
    """Whether its rows are groups of rows, so that only keys and aggregates can be added to it."""
    return select.args.get("group") is not None


def projection(select: exp.Select, name: str) -> exp.Expr:
    """The definition of a column of a SELECT."""
    (found,) = [one for one in select.selects if one.alias_or_name == name]
    return found.this if isinstance(found, exp.Alias) else found


def sources(select: exp.Select) -> dict[str, Source]:
    """The relations of FROM and JOIN, by alias."""
    parts = [select.args.get("from_"), *(select.args.get("joins") or [])]
    return {part.this.alias_or_name: part.this for part in parts if part is not None}


def optional_sources(select: exp.Select) -> set[str]:
    """The aliases of relations that need not have a row: those of a LEFT JOIN."""
    return {join.this.alias_or_name for join in select.args.get("joins") or [] if join.side == "LEFT"}
