"""The rows that an aggregate or a window counts, such as the ten games of an average.

What belongs here: SQL that lists these rows for one row of a table: when and against whom each was, what it adds, and
the figures that this is made of. What doesn't: aggregates' values (formula.py), showing the list (text.py).

The list is the aggregate itself, of another function: in place of SUM(points), ARRAY_AGG of what tells each row. So it
has the rows that are summed, whatever the SELECT's joins, conditions and frames are.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

from sqlglot import exp

from phase3_assets.catalog.parser import parse
from phase3_assets.explaining.written_out import Path, WrittenOut, is_grouped, optional_sources, projection, sources

_DATES = ("game_date", "played_on")
_NAMES = (*_DATES, "opponent_team_abbr", "player_lookup", "team_abbr", "game_id")
"""Columns that tell a reader which row is meant."""
_OF_POSITION = (exp.RowNumber, exp.Rank, exp.DenseRank)
_NEIGHBOURS = {
    exp.Lag: "ROWS BETWEEN 1 PRECEDING AND CURRENT ROW",
    exp.Lead: "ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING",
}


@dataclass
class Counted:
    """What one aggregate does with the rows of its group."""

    group: "Group"
    flag: str
    """The column of the group's rows that says whether a row is counted."""
    value: str | None
    """The column of what is counted; None where it is only rows."""
    columns: list[str]
    """The columns that the value, and the condition for being counted, are made of."""


@dataclass
class Group:
    """Rows that one or more aggregates count: those of a GROUP BY, or of a window."""

    name: str
    path: Path
    over: str
    """The window; empty for a GROUP BY."""
    names: list[str] = field(default_factory=list)
    """The columns that say which row it is."""
    labels: dict[str, str] = field(default_factory=dict)
    """By column of the rows, what it is called."""
    values: dict[str, exp.Expr] = field(default_factory=dict)
    """By column of the rows, its value where they are counted."""

    def column(self, label: str, value: exp.Expr) -> str:
        """The column of the rows for a value; the one that is there already, if there is one."""
        text = value.sql(dialect="bigquery")
        for name, known in self.values.items():
            if known.sql(dialect="bigquery") == text:
                return name
        name = f"f{len(self.values)}"
        self.values[name], self.labels[name] = value, label
        return name

    def listed(self) -> exp.Expr:
        """The array of the rows."""
        parts = ", ".join(f"{value.sql(dialect='bigquery')} AS {name}" for name, value in self.values.items())
        (call,) = parse(f"SELECT ARRAY_AGG(STRUCT({parts})){f' OVER ({self.over})' if self.over else ''}").expressions
        return cast(exp.Expr, call)


def is_counting(node: exp.Expr) -> bool:
    """Whether a call looks at several rows: an aggregate or a window."""
    return isinstance(node, (exp.Window, exp.AggFunc))


class Counting:
    """The groups of one SELECT."""

    def __init__(self, written: WrittenOut) -> None:
        self._written = written
        self.groups: dict[tuple[tuple[tuple[int, str], ...], str], Group] = {}

    def counted(self, path: Path, call: exp.Expr, relation: str) -> Counted:
        """What a call in the innermost SELECT of the path counts."""
        select = path[-1][0]
        aggregate, over, name = call, "", relation
        if isinstance(call, exp.Window):
            aggregate, over = call.this, _over(select, call)
            name = f"{relation}, {call.alias}" if call.alias else relation
        value, condition = _argument(aggregate)
        key = (tuple((id(one), alias) for one, alias in path), over)
        if key not in self.groups:
            same = sum(group.name.split(" #")[0] == name for group in self.groups.values())
            self.groups[key] = group = Group(f"{name} #{same + 1}" if same else name, path, over)
            self._name_rows(group, call, value, condition)
        group = self.groups[key]
        flag = condition or (exp.true() if value is None else exp.Not(this=exp.Is(this=value, expression=exp.null())))
        is_read = isinstance(value, exp.Column) and isinstance(self._written.resolve(path, value)[1], exp.Column)
        made_of = [self._made_of(group, one) for one in (None if is_read else value, condition) if one is not None]
        return Counted(
            group,
            group.column("", exp.Coalesce(this=exp.Paren(this=flag.copy()), expressions=[exp.false()])),
            None if value is None else group.column(_label(value), value),
            list(dict.fromkeys(column for columns in made_of for column in columns)),
        )

    def _name_rows(self, group: Group, call: exp.Expr, value: exp.Expr | None, condition: exp.Expr | None) -> None:
        """Give the group what tells its rows apart: names of the row of a table or view that is counted."""
        path, alias = self._counted_relation(group.path, call, value, condition)
        below = path[len(group.path) - 1 :]
        for name in _NAMES:
            if (name in _DATES and group.names) or (name == "game_id" and len(group.names) > 1):
                continue
            column = self._written.column_called(path[-1][0], alias, name)
            if column is not None:
                group.names.append(group.column(name, self._written.lift(below, column)))

    def _counted_relation(
        self, path: Path, call: exp.Expr, value: exp.Expr | None, condition: exp.Expr | None
    ) -> tuple[Path, str]:
        """The relation whose rows are counted: an alias in the innermost SELECT of the returned path.

        It is the one whose date stands beside the value: a value may be of the opponent's row of the same game. Else it
        is the one that the value itself comes from.
        """
        select = path[-1][0]
        told = [column for one in (value, condition) if one is not None for column in _columns(one)]
        told = [column for column in told if column.table not in optional_sources(select)]
        of_keys = {column.table for column in _keys(select, call)}
        others = [alias for alias in sources(select) if alias not in optional_sources(select)]
        aliases = [column.table for column in told] or [alias for alias in others if alias not in of_keys] or others
        for name in _DATES:
            if name in self._written.columns_of(sources(select)[aliases[0]]):
                return self._origin(path, exp.column(name, table=aliases[0]))
        return self._origin(path, told[0]) if told else (path, aliases[0])

    def _origin(self, path: Path, column: exp.Column) -> tuple[Path, str]:
        """The relation that a column's value is read from in the end."""
        inner, definition, _ = self._written.resolve(path, column)
        if isinstance(definition, exp.Column):
            return inner, definition.table
        if is_grouped(inner[-1][0]):
            return path, column.table
        call = definition.find(exp.Window)
        order = _window(inner[-1][0], call).args.get("order") if call else None
        within = [one for one in _columns(order or definition) if one.table in sources(inner[-1][0])]
        return self._origin(inner, within[0]) if within else (path, column.table)

    def _made_of(self, group: Group, value: exp.Expr) -> list[str]:
        """Columns for the figures of tables and views that a value of the group's rows is computed of."""
        found = []
        for column in _columns(value):
            for path, leaf in self._leaves(group.path, column):
                lifted = self._written.lift(path[len(group.path) - 1 :], leaf)
                is_taken = leaf.name in group.labels.values()
                found.append(group.column(f"{leaf.table}.{leaf.name}" if is_taken else leaf.name, lifted))
        return found

    def _leaves(self, path: Path, column: exp.Column) -> Iterator[tuple[Path, exp.Column]]:
        inner, definition, _ = self._written.resolve(path, column)
        if isinstance(definition, exp.Column):
            yield inner, definition
        elif is_grouped(inner[-1][0]) or any(map(is_counting, definition.walk())) or definition.find(exp.Select):
            yield path, column
        else:
            for one in _columns(definition):
                yield from self._leaves(inner, one)


def _argument(aggregate: exp.Expr) -> tuple[exp.Expr | None, exp.Expr | None]:
    """What an aggregate counts, and the condition for it: `SUM(IF(recency <= 10, points, 0))` counts points."""
    if isinstance(aggregate, exp.CountIf):
        return None, aggregate.this
    value = aggregate.this
    while isinstance(value, (exp.Order, exp.Distinct)):
        value = value.this if isinstance(value, exp.Order) else value.expressions[0]
    if not isinstance(value, exp.Expr) or isinstance(value, exp.Star):
        return None, None
    if isinstance(value, exp.If):
        otherwise = value.args.get("false")
        if otherwise is None or isinstance(otherwise, exp.Null) or otherwise.sql() == "0":
            return value.args["true"], value.this
        if isinstance(value.args["true"], exp.Null):
            return otherwise, exp.Not(this=exp.Coalesce(this=exp.Paren(this=value.this), expressions=[exp.false()]))
    return value, None


def _window(select: exp.Select, call: exp.Window) -> exp.Window:
    """The window of a call, also where the SELECT defines it under a name."""
    if not call.alias:
        return call
    (window,) = [one for one in select.args["windows"] if one.name == call.alias]
    return cast(exp.Window, window)


def _over(select: exp.Select, call: exp.Window) -> str:
    """The window that a call looks at, as it stands between the parentheses of OVER."""
    window = _window(select, call)
    parts = []
    if keys := window.args.get("partition_by"):
        parts.append(f"PARTITION BY {', '.join(key.sql(dialect='bigquery') for key in keys)}")
    if order := window.args.get("order"):
        parts.append(order.sql(dialect="bigquery").strip())
    frame = window.args.get("spec")
    if isinstance(call.this, _OF_POSITION):
        parts.append("ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW")
    elif type(call.this) in _NEIGHBOURS:
        parts.append(_NEIGHBOURS[type(call.this)])
    elif frame:
        parts.append(frame.sql(dialect="bigquery"))
    return " ".join(parts)


def _keys(select: exp.Select, call: exp.Expr) -> list[exp.Column]:
    """The columns whose values the rows of a group share."""
    if isinstance(call, exp.Window):
        keys = _window(select, call).args.get("partition_by") or []
    else:
        grouped = select.args.get("group")
        keys = [_of_position(select, key) for key in (grouped.expressions if grouped else [])]
    return [column for key in keys for column in key.find_all(exp.Column)]


def _of_position(select: exp.Select, key: exp.Expr) -> exp.Expr:
    """A key of GROUP BY; `GROUP BY 1` means the first column."""
    if isinstance(key, exp.Literal) and key.is_int:
        return projection(select, select.selects[int(key.name) - 1].alias_or_name)
    return key


def _columns(tree: exp.Expr) -> Iterator[exp.Column]:
    """The columns of an expression, in the order in which it names them."""
    return (node for node in tree.walk(bfs=False) if isinstance(node, exp.Column))


def _label(value: exp.Expr) -> str:
    """A value as the SELECT calls it, without the relations of its columns."""

    def bare(node: exp.Expr) -> exp.Expr:
        return exp.column(node.name) if isinstance(node, exp.Column) else node

    return value.copy().transform(bare).sql(dialect="bigquery")
