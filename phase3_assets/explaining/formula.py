"""A column of a table's SELECT, taken apart into the steps that compute it.

What belongs here: the steps, and the one query that gives the value of every step for a row. What doesn't: the
SELECT's tree (written_out.py), the rows that a step counts (counting.py), running queries (explain.py).

A step is the definition of one column: in the SELECT itself, or in a WITH of it. Its inputs are the columns that the
definition reads, and each sum, count or window within it. Steps end at columns of views and of published tables. The
query is the SELECT itself with the values of all steps added to it as further columns, so that an explanation cannot
say something else than what is computed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sqlglot import exp

from phase3_assets.catalog.queries import EARLIER, prepared
from phase3_assets.catalog.tables import PublishedTable, published_table
from phase3_assets.explaining.counting import Counted, Counting, Group, is_counting
from phase3_assets.explaining.written_out import Path, WrittenOut, is_grouped, projection, sources


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
    """The columns, sums, counts and windows that the definition reads, by how it writes them."""
    row_key: str | None = None
    """For a column of a published table, the column of the query's answer that says whose row it is."""
    counted: Counted | None = None
    """The rows that the value is computed of, where the definition is a sum, a count or a window."""

    def every(self) -> Iterator["Step"]:
        """This step and all below it; each once, the step that reads another before it."""
        seen: set[int] = set()
        pending = [self]
        while pending:
            step = pending.pop(0)
            if id(step) not in seen:
                seen.add(id(step))
                yield step
                pending += step.inputs.values()


@dataclass
class Formulas:
    """How columns of a table are computed."""

    steps: dict[str, Step]
    """By column, the step that gives its value."""
    sql: str
    """SQL for the values of all steps, and for `lists`, of the row of @game_id and @subject; to be staged."""
    lists: list[tuple[Group, str]]
    """The groups of rows that steps count, each with the column of the staged row that holds them all."""

    def values_sql(self, staged: str) -> str:
        """The values of all steps, read from the staged row."""
        every = [step for root in self.steps.values() for step in root.every()]
        return f"SELECT {', '.join(_columns(every))} FROM {staged}"

    def rows_sql(self, staged: str) -> dict[str, str]:
        """By group, its rows, read from the staged row."""
        return {
            group.name: f"SELECT {', '.join(f'counted.{name}' for name in group.values)}\n"
            f"FROM {staged} AS explained\nCROSS JOIN UNNEST(explained.{listed}) AS counted\n"
            f"ORDER BY {', '.join(f'counted.{name}' for name in group.names or group.values)}"
            for group, listed in self.lists
        }


def formulas(table_name: str, columns: Iterable[str], with_rows: bool = True) -> Formulas:
    """The formulas of computed columns of a published table, all of them in one query.

    Without `with_rows` the rows that are counted are left out, which makes the query shorter.
    """
    walk = _Walk(published_table(table_name))
    steps = {column: walk.root(column) for column in columns}
    lists = walk.lists() if with_rows else []
    return Formulas(steps, walk.sql(steps.values(), [listed for _, listed in lists]), lists)


def _columns(steps: Iterable[Step]) -> list[str]:
    return list(dict.fromkeys(column for step in steps for column in (step.column, step.row_key) if column))


class _Walk:
    """Takes columns of a SELECT apart, adding to the SELECT what gives the steps' values."""

    def __init__(self, table: PublishedTable) -> None:
        self._table = table
        self._written = WrittenOut(table.select)
        self._counting = Counting(self._written)
        self._known: dict[tuple[tuple[tuple[int, str], ...], str], Step] = {}

    def root(self, column: str) -> Step:
        """The step that computes a column of the SELECT."""
        tree = self._written.tree
        return self._step([(tree, "")], column, projection(tree, column), "")

    def sql(self, roots: Iterable[Step], lists: Iterable[str]) -> str:
        """The SELECT of one row, with nothing but the values of all steps below the roots, and the lists."""
        shown = [*_columns(step for root in roots for step in root.every()), *lists]
        whole = prepared(self._written.tree.sql(dialect="bigquery"))
        return (
            f"SELECT {', '.join(shown)} FROM (\n{whole}\n) AS explained\n"
            f"WHERE explained.game_id = @game_id AND explained.{self._table.contract.subject} = @subject"
        )

    def lists(self) -> list[tuple[Group, str]]:
        """Every group, with the column that lists its rows."""
        groups = list(self._counting.groups.values())
        return [(group, self._written.add(group.path, group.listed())) for group in groups]

    def _step(self, path: Path, name: str, definition: exp.Expr, relation: str) -> Step:
        known = (tuple((id(select), alias) for select, alias in path), definition.sql(dialect="bigquery"))
        if known in self._known:
            return self._known[known]
        step = self._known[known] = Step(name, self._written.add(path, definition), definition, relation)
        if is_counting(definition):
            step.counted = self._counting.counted(path, definition, relation)
            return step
        for text, part in {one.sql(dialect="bigquery"): one for one in _parts(definition, path[-1][0])}.items():
            step.inputs[text] = self._input(path, part, text, relation)
        return step

    def _input(self, path: Path, part: exp.Expr, text: str, relation: str) -> Step:
        if not isinstance(part, exp.Column):
            return self._step(path, text, part, relation)
        name = f"{part.table}.{part.name}"
        if is_grouped(path[-1][0]):
            return Step(name, self._written.add(path, part), None, relation)
        inner, definition, found_in = self._written.resolve(path, part)
        if isinstance(definition, exp.Column):
            name, row_key = f"{definition.table}.{definition.name}", self._key(inner, definition)
            return Step(name, self._written.add(inner, definition), None, found_in, row_key=row_key)
        return self._step(inner, f"{inner[-1][1]}.{_alias_of(inner[-1][0], definition)}", definition, found_in)

    def _key(self, path: Path, column: exp.Column) -> str | None:
        """The key of the published row of the same game that a column is read from; None for other relations."""
        source = sources(path[-1][0])[column.table]
        if not isinstance(source, exp.Table) or source.name not in self._table.upstream or source.db in ("", EARLIER):
            return None
        return self._written.add(path, exp.column(published_table(source.name).contract.subject, table=column.table))


def _parts(definition: exp.Expr, select: exp.Select) -> Iterator[exp.Expr]:
    """What a definition reads: its columns, and its sums, counts and windows, these whole."""
    for node in definition.walk(prune=is_counting):
        if is_counting(node) or (isinstance(node, exp.Column) and node.table in sources(select)):
            yield node


def _alias_of(select: exp.Select, definition: exp.Expr) -> str:
    return next(one.alias for one in select.selects if isinstance(one, exp.Alias) and one.this is definition)
