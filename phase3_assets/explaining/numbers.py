"""Formulas with their numbers put in.

What belongs here: writing the values of steps into definitions. What doesn't: which steps there are (formula.py),
asking for values (explain.py).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from math import isclose
from typing import Any

from sqlglot import exp

from phase3_assets.catalog.contracts import SQL_FOLDER
from phase3_assets.catalog.parser import parse
from phase3_assets.catalog.queries import function_calls, opening_comment
from phase3_assets.explaining.arithmetic import arithmetic
from phase3_assets.explaining.counting import Counted, is_counting
from phase3_assets.explaining.formula import Step
from phase3_assets.warehouse.interface import Row

_MOST_ADDED_UP = 15
"""A longer sum is not written out: the rows that it adds up are listed anyway."""


@dataclass
class FunctionUsed:
    """A function of sql/functions that a formula calls."""

    name: str
    comment: str
    formula: str
    """Its body, with the call's numbers."""


@dataclass
class Calculated:
    """A value and how it comes about."""

    name: str
    value: Any
    relation: str
    """The view or table that gives it, where it is an input; else the part of the SELECT that defines it."""
    definition: str | None
    """SQL, without numbers; None for an input."""
    formula: str | None
    """The definition with its numbers, which is SQL as well; None for a count, and where nothing is computed."""
    arithmetic: str | None = None
    """The formula as people calculate it, with the exact value and the rounded one; None where nothing is rounded."""
    is_passed_on: bool = False
    """Whether the definition is nothing but the one input."""
    row_of: str | None = None
    """For a value of another published row of the game, whose row it is."""
    functions: list[FunctionUsed] = field(default_factory=list)
    inputs: list["Calculated"] = field(default_factory=list)
    """What the formula reads; for a value of another published row, how that is computed."""
    listing: str | None = None
    """Where the value is computed of several rows, the name of the listing that has them."""
    told_by: list[str] = field(default_factory=list)
    """The columns of the rows that say which row it is."""
    label: str | None = None
    """The column of the rows that holds what is added up; None where only rows are counted."""
    rows: list[dict[str, Any]] = field(default_factory=list)
    """The rows that are counted: which row it is, what it adds, and the figures that this is made of."""

    @property
    def column(self) -> str:
        """The name without its relation."""
        return self.name.rpartition(".")[2]


def calculated(step: Step, values: Row, listed: Mapping[str, Sequence[Row]], key: str) -> Calculated:
    """The step with the values of the row of a key.

    `listed` has the rows of each group that steps count, by the group's name.
    """
    value, definition = values[step.column], step.definition
    if definition is None:
        row_of = values[step.row_key] if step.row_key else None
        return Calculated(step.name, value, step.relation, None, None, row_of=row_of)
    text = definition.sql(dialect="bigquery")
    found = Calculated(step.name, value, step.relation, text, None, arithmetic(step, values))
    found.is_passed_on = isinstance(definition, exp.Column)
    if step.counted is not None:
        _add_rows(found, step.counted, definition, listed, key)
        return found
    with_numbers = _put_in(definition, step, values)
    found.formula = with_numbers.sql(dialect="bigquery")
    found.functions = list({(used.name, used.formula): used for used in _functions_used(with_numbers)}.values())
    found.inputs = [calculated(one, values, listed, key) for one in step.inputs.values()]
    return found


def _add_rows(
    found: Calculated, counted: Counted, definition: exp.Expr, listed: Mapping[str, Sequence[Row]], key: str
) -> None:
    group = counted.group
    rows = [row for row in listed.get(group.name, ()) if row[counted.flag]]
    # What all rows share with the row that is explained tells none of them apart.
    names = [name for name in group.names if any(row[name] != key for row in rows)]
    shown = [*names, *([counted.value] if counted.value else []), *counted.columns]
    found.listing = f"{key}: {group.name}"
    found.told_by = [group.labels[name] for name in names]
    found.label = group.labels[counted.value] if counted.value else None
    found.rows = [{group.labels[name]: row[name] for name in dict.fromkeys(shown)} for row in rows]
    aggregate = definition.this if isinstance(definition, exp.Window) else definition
    if isinstance(aggregate, exp.Sum) and 0 < len(rows) <= _MOST_ADDED_UP and counted.value:
        found.formula = " + ".join(literal(row[counted.value]).sql(dialect="bigquery") for row in rows)


def is_same(one: Any, other: Any) -> bool:
    """Whether two values are the same, whatever number types an engine gives them."""
    if isinstance(one, (int, float, Decimal)) and isinstance(other, (int, float, Decimal)):
        return isclose(one, other, rel_tol=1e-12, abs_tol=1e-9)
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return list(one) == list(other)
    return bool(one == other)


def literal(value: Any) -> exp.Expr:
    """The value as BigQuery writes it."""
    if value is None:
        return exp.null()
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, (int, float, Decimal)):
        number = exp.Literal.number(f"{abs(value):f}".rstrip("0").rstrip(".") if value % 1 else str(abs(int(value))))
        return exp.Neg(this=number) if value < 0 else number
    if isinstance(value, datetime):
        return parse(f"TIMESTAMP '{value.isoformat()}'")
    if isinstance(value, date):
        return parse(f"DATE '{value.isoformat()}'")
    if isinstance(value, (list, tuple)):
        return exp.Array(expressions=[literal(one) for one in value])
    return exp.Literal.string(str(value))


def _put_in(definition: exp.Expr, step: Step, values: Row) -> exp.Expr:
    def number(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Column) and not is_counting(node):
            return node
        known = step.inputs.get(node.sql(dialect="bigquery"))
        return node if known is None else literal(values[known.column])

    return definition.copy().transform(number)


def _functions_used(tree: exp.Expr) -> Iterator[FunctionUsed]:
    """The functions that are called, and those that they call, each after the one that calls it."""
    for name, body in function_calls(tree):
        yield FunctionUsed(name, _comment(name), body.sql(dialect="bigquery"))
        yield from _functions_used(body)


def _comment(name: str) -> str:
    return opening_comment((SQL_FOLDER / "functions" / f"{name}.sql").read_text(encoding="utf-8"))
