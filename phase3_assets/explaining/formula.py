"""A column of a table's SELECT, taken apart into the steps that compute it.

What belongs here: reading the SELECT's syntax tree, and the one query that gives the value of every step for a row.
What doesn't: running that query (explain.py), what a step is called in text (text.py).

A step is the definition of one column: in the SELECT itself, or in a WITH of it. Its inputs are the columns that the
definition reads. Steps end at columns of views, of published tables, and at definitions that no single row explains:
sums over a group, which list the rows they count, and windows. The query is the SELECT itself with the values of all
steps added to it as further columns, so that an explanation cannot say something else than what is computed.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from sqlglot import exp
from sqlglot.optimizer import qualify

from phase3_assets.catalog.contracts import raw_contracts
from phase3_assets.catalog.parser import parse
from phase3_assets.catalog.queries import EARLIER, prepared, sql_text, views_needed
from phase3_assets.catalog.tables import PublishedTable, published_table, published_tables
from phase3_assets.catalog.text_cache import cached_on_disk
from phase3_assets.errors import ConfigurationError

_MANY_ROWS = (exp.Window, exp.Subquery, exp.Unnest, exp.Select)
"""What makes a value depend on other rows than the one that is explained."""
_WHOLE = "whole_select"
_Source = exp.Table | exp.Subquery
_Path = list[tuple[exp.Select, str]]
"""From the outermost SELECT to one within it: each with its alias in the one before."""
_NAMES_A_ROW = ("played_on", "game_date", "game_id", "team_abbr", "player_lookup")
"""Columns that tell a reader which row is meant, where a step counts rows."""


@dataclass
class Step:
    """The definition of one column, and where its value stands in the query's answer."""

    name: str
    """As the SELECT calls it: `usage.plays_x100`."""
    column: str
    """The column of the query's answer that holds the value."""
    definition: exp.Expr | None = None
    """None for an input: a column of a view or of a published table."""
    relation: str = ""
    """The view, the published table (`earlier.<table>` for earlier games) or the WITH that the column belongs to."""
    inputs: dict[str, "Step"] = field(default_factory=dict)
    """The columns that the definition reads, by how it writes them."""
    is_of_one_row: bool = True
    """Whether the inputs alone give the value; a window, say, looks at other rows too."""
    group: "Group | None" = None
    """The rows that the value is computed of, where it is computed of several."""

    def every(self) -> Iterator["Step"]:
        """This step and all below it; each once, the step that reads another before it."""
        seen: set[str] = set()
        pending = [self]
        while pending:
            step = pending.pop(0)
            if step.column not in seen:
                seen.add(step.column)
                yield step
                pending += step.inputs.values()


@dataclass
class Group:
    """Rows that are counted together."""

    rows_sql: str
    """SQL for the rows of every group: the group's keys as k0, k1 ..., what is counted as a0, a1 ..., and what tells
    the rows of a group apart under its own name.
    """
    keys: list[str]
    """The columns of the query's answer that hold the keys of the explained row's group."""
    counted: list[exp.Expr]
    """What the aggregates are computed of: a0, a1 ... of `rows_sql`."""


@dataclass
class Formulas:
    """How columns of a table are computed."""

    steps: dict[str, Step]
    """By column, the step that gives its value."""
    sql: str
    """SQL for the values of all steps, for every row of @start_date to @end_date; the key under its own names."""


def formulas(table_name: str, columns: Iterable[str]) -> Formulas:
    """The formulas of computed columns of a published table, all of them in one query."""
    table = published_table(table_name)
    walk = _Walk(_qualified(table.select), table)
    steps = {column: walk.root(column) for column in columns}
    return Formulas(steps, walk.sql(steps.values()))


def _qualified(select: str) -> exp.Select:
    """The SELECT with the relation of every column written out, and every `*` replaced by columns."""
    views = views_needed(select)
    text = ",\n".join(f"{view} AS (\n{sql_text(f'views/{view}')}\n)" for view in views)
    schema: dict[str, dict[str, dict[str, str]]] = {}
    published = [table.contract for table in published_tables()]
    for dataset, contract in [
        *((contract.dataset, contract) for contract in [*raw_contracts().values(), *published]),
        *((EARLIER, contract) for contract in published),
    ]:
        schema.setdefault(dataset, {})[contract.name] = {column.name: column.type for column in contract.columns}
    whole = f"WITH {text}\nSELECT * FROM (\n{select}\n) AS {_WHOLE}" if views else select
    tree = parse(_written_out(whole, json.dumps(schema)))
    found = next((node.this for node in tree.find_all(exp.Subquery) if node.alias == _WHOLE), tree)
    if not isinstance(found, exp.Select):
        raise ConfigurationError("a published table's select.sql is one SELECT; this one is not, and has no formulas")
    return found


@cache
@cached_on_disk
def _written_out(text: str, schema: str) -> str:
    tree = qualify.qualify(
        parse(text),
        dialect="bigquery",
        schema=json.loads(schema),
        validate_qualify_columns=False,
        quote_identifiers=False,
    )
    return tree.sql(dialect="bigquery")


class _Walk:
    """Takes one column of a SELECT apart, adding to the SELECT what gives the steps' values."""

    def __init__(self, tree: exp.Select, table: PublishedTable) -> None:
        self.tree = tree
        self.table = table
        self._withs = {cte.alias: cte.this for cte in tree.find_all(exp.CTE)}
        self._added: dict[tuple[int, str], str] = {}
        self._known: dict[tuple[tuple[int, ...], str], Step] = {}

    def root(self, column: str) -> Step:
        """The step that computes a column of the SELECT."""
        return self._step([(self.tree, "")], column, _projection(self.tree, column), "")

    def sql(self, roots: Iterable[Step]) -> str:
        """The SELECT, with nothing but the key and the values of all steps below the roots."""
        contract = self.table.contract
        every = [step for root in roots for step in root.every()]
        keys = [key for step in every if step.group for key in step.group.keys]
        shown = dict.fromkeys([contract.partition, "game_id", *contract.key, *(step.column for step in every), *keys])
        return prepared(f"SELECT {', '.join(shown)} FROM (\n{self.tree.sql(dialect='bigquery')}\n) AS explained")

    def _step(self, path: _Path, name: str, definition: exp.Expr, relation: str) -> Step:
        known = (tuple(id(select) for select, _ in path), definition.sql(dialect="bigquery"))
        if known in self._known:
            return self._known[known]
        select = path[-1][0]
        step = Step(name, self._add(path, definition), definition, relation)
        self._known[known] = step
        is_grouped = select.args.get("group") is not None
        is_aggregate = any(not _within_window(one) for one in definition.find_all(exp.AggFunc))
        step.is_of_one_row = not is_grouped and not is_aggregate and not any(map(definition.find, _MANY_ROWS))
        if is_aggregate:
            step.group = self._group(path, definition)
        if not step.is_of_one_row:
            return step
        for text, column in {one.sql(dialect="bigquery"): one for one in definition.find_all(exp.Column)}.items():
            step.inputs[text] = self._input(path, column)
        return step

    def _input(self, path: _Path, column: exp.Column) -> Step:
        source = _sources(path[-1][0])[column.table]
        if isinstance(source, exp.Subquery):
            below, relation = source.this, source.alias
        else:
            below, relation = (None if source.db else self._withs.get(source.name)), _relation(source)
        name = f"{column.table}.{column.name}"
        if isinstance(below, exp.Select) and not below.args.get("distinct"):
            inner, definition = [*path, (below, column.table)], _projection(below, column.name)
            if isinstance(definition, exp.Column) and not below.args.get("group"):
                return self._input(inner, definition)
            return self._step(inner, name, definition, relation)
        return Step(name, self._add(path, column), None, relation)

    def _group(self, path: _Path, definition: exp.Expr) -> Group:
        select = path[-1][0]
        grouped = select.args.get("group")
        keys = [_of_position(select, key) for key in (grouped.expressions if grouped else [])]
        arguments = [_counted(one) for one in definition.find_all(exp.AggFunc)]
        counted = [one for one in arguments if one is not None]
        rows = select.copy()
        for part in ("group", "having", "qualify", "order", "limit"):
            rows.set(part, None)
        same = {key.name for key in keys}
        chosen: dict[str, str] = {}
        for alias, source in _sources(select).items():
            for name in _NAMES_A_ROW:
                if name in self._columns_of(source) and name not in same:
                    chosen.setdefault(name, alias)
        rows.set(
            "expressions",
            [
                *(exp.alias_(key.copy(), f"k{number}") for number, key in enumerate(keys)),
                *(exp.alias_(one.copy(), f"a{number}") for number, one in enumerate(counted)),
                *(exp.alias_(exp.column(name, table=alias), name) for name, alias in chosen.items()),
            ],
        )
        whole = self.tree.copy()
        withs = whole.args.get("with_") or whole.args.get("with")
        text = f"{withs.sql(dialect='bigquery')}\n" if withs else ""
        return Group(prepared(f"{text}{rows.sql(dialect='bigquery')}"), [self._add(path, key) for key in keys], counted)

    def _columns_of(self, source: _Source) -> Sequence[str]:
        if isinstance(source, exp.Subquery):
            return list(source.this.named_selects)
        if source.db:
            return published_table(source.name).contract.column_names
        below = self._withs.get(source.name) or parse(sql_text(f"views/{source.name}"))
        return list(below.named_selects) if isinstance(below, exp.Query) else ()

    def _add(self, path: _Path, value: exp.Expr) -> str:
        """Add a value of the innermost SELECT of the path to it and to all SELECTs around it; returns its name."""
        current, name = value.copy(), ""
        for position in range(len(path) - 1, -1, -1):
            select, alias = path[position]
            known = (id(select), current.sql(dialect="bigquery"))
            name = self._added.get(known, "")
            if not name:
                name = self._added[known] = f"x{len(self._added)}"
                select.append("expressions", exp.alias_(current, name))
            current = exp.column(name, table=alias) if alias else current
        return name


def _projection(select: exp.Select, name: str) -> exp.Expr:
    (found,) = [one for one in select.selects if one.alias_or_name == name]
    return found.this if isinstance(found, exp.Alias) else found


def _sources(select: exp.Select) -> dict[str, _Source]:
    """The relations of FROM and JOIN, by alias."""
    parts = [select.args.get("from_") or select.args.get("from"), *(select.args.get("joins") or [])]
    return {part.this.alias_or_name: part.this for part in parts if part is not None}


def _relation(source: exp.Table) -> str:
    return f"{source.db}.{source.name}" if source.db else source.name


def _counted(aggregate: exp.Expr) -> exp.Expr | None:
    """What an aggregate is computed of: its first argument. None where it counts rows."""
    argument = aggregate.this
    while isinstance(argument, (exp.Order, exp.Distinct)):
        argument = argument.this if isinstance(argument, exp.Order) else argument.expressions[0]
    return argument if isinstance(argument, exp.Expr) and not isinstance(argument, exp.Star) else None


def _within_window(aggregate: exp.Expr) -> bool:
    return aggregate.find_ancestor(exp.Window) is not None


def _of_position(select: exp.Select, key: exp.Expr) -> exp.Expr:
    """A key of GROUP BY; `GROUP BY 1` means the first column."""
    if isinstance(key, exp.Literal) and key.is_int:
        return _projection(select, select.selects[int(key.name) - 1].alias_or_name)
    return key
