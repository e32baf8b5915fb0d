"""Formulas with their numbers put in.

What belongs here: writing the values of steps into definitions. What doesn't: which steps there are (formula.py),
asking for values (explain.py).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlglot import exp

from phase3_assets.catalog.contracts import SQL_FOLDER
from phase3_assets.catalog.parser import parse
from phase3_assets.catalog.queries import function_calls, opening_comment
from phase3_assets.explaining.formula import Group, Step
from phase3_assets.warehouse.interface import Row


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
    """The definition with its numbers, which is SQL as well; None where the value depends on other rows."""
    is_passed_on: bool = False
    """Whether the definition is nothing but the one input."""
    functions: list[FunctionUsed] = field(default_factory=list)
    inputs: list["Calculated"] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    """Where the value is computed of several rows: what each of them adds, and which row it is."""


def calculated(step: Step, values: Row, counted: Mapping[str, Sequence[Row]]) -> Calculated:
    """The step with the values of a row. `counted` has the rows of steps that count rows, by the step's column."""
    value, definition = values[step.column], step.definition
    if definition is None:
        return Calculated(step.name, value, step.relation, None, None)
    text = definition.sql(dialect="bigquery")
    found = Calculated(step.name, value, step.relation, text, None, isinstance(definition, exp.Column))
    if step.group is not None:
        found.rows = [
            {_label(step.group, name): cell for name, cell in row.items() if not _is_key(name)}
            for row in counted.get(step.column, ())
            if _is_counted(step.group, row)
        ]
        return found
    if step.is_of_one_row:
        with_numbers = _put_in(definition, step, values)
        found.formula = with_numbers.sql(dialect="bigquery")
        found.functions = list(_functions_used(with_numbers))
    found.inputs = [calculated(one, values, counted) for one in step.inputs.values()]
    return found


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
        if not isinstance(node, exp.Column):
            return node
        return literal(values[step.inputs[node.sql(dialect="bigquery")].column])

    return definition.copy().transform(number)


def _functions_used(tree: exp.Expr) -> Iterator[FunctionUsed]:
    """The functions that are called, and those that they call, each after the one that calls it."""
    for name, body in function_calls(tree):
        yield FunctionUsed(name, _comment(name), body.sql(dialect="bigquery"))
        yield from _functions_used(body)


def _comment(name: str) -> str:
    return opening_comment((SQL_FOLDER / "functions" / f"{name}.sql").read_text(encoding="utf-8"))


def _is_key(name: str) -> bool:
    return name[0] == "k" and name[1:].isdigit()


def _label(group: Group, name: str) -> str:
    """What a column of the counted rows holds: the definition of a0, a1 ...; the others are called as they are."""
    is_counted = name[0] == "a" and name[1:].isdigit()
    return group.counted[int(name[1:])].sql(dialect="bigquery") if is_counted else name


def _is_counted(group: Group, row: Row) -> bool:
    """Whether the row adds anything; where nothing but rows is counted, each does."""
    added = [row[f"a{number}"] for number in range(len(group.counted))]
    return not added or any(value is not None and value is not False for value in added)
