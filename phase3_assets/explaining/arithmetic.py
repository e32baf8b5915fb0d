"""A rounded ratio as people calculate it: `100 × (17 + 0.44 × 0 + 3) × 48 / (36.00 × (97 + 0.44 × 15 + 11))`.

What belongs here: writing what `round_ratio` divides with its numbers, without the factors that are there only so that
sums stay whole numbers: hundredths as decimals, seconds as minutes. What doesn't: SQL with its numbers (numbers.py).

The line is a translation, so it is checked: where its value, rounded, is not the value of the SQL, there is no line.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from sqlglot import exp

from phase3_assets.catalog.queries import function_calls
from phase3_assets.explaining.formula import Step
from phase3_assets.warehouse.interface import Row

_TIMES = " \u00d7 "
_HUNDREDTHS, _SECONDS = "_x100", "seconds"


class _NotShownError(Exception):
    """The formula has a part that this module does not write."""


@dataclass(frozen=True)
class _Factor:
    text: str
    value: Fraction
    is_sum: bool = False


def arithmetic(step: Step, values: Row) -> str | None:
    """The line for a step, with the exact value and the rounded one; None where nothing is divided and rounded."""
    if step.definition is None or values[step.column] is None:
        return None
    ratios = [ratio for call in _calls(step.definition) if (ratio := _ratio(call)) is not None]
    if len(ratios) != 1:
        return None
    numerator, denominator, scale = ratios[0].expressions
    try:
        above, below = _factors(numerator, step, values), _factors(denominator, step, values)
        rounding = int(_value(_factors(scale, step, values)))
    except _NotShownError:
        return None
    above, below = _cancelled(above, below)
    exact = _value(above) / _value(below) if _value(below) else Fraction(0)
    if _rounded(exact, rounding) != Fraction(str(values[step.column])):
        return None
    text = _product(above)
    if below:
        is_sum = len(above) == 1 and above[0].is_sum
        divisor = _product(below)
        text = f"({text})" if is_sum else text
        text += f" / ({divisor})" if len(below) > 1 or below[0].is_sum else f" / {divisor}"
    if text == str(values[step.column]) or (len(above) == 1 and not below and not above[0].is_sum):
        return None
    digits = len(str(rounding)) + 1
    told = f"{float(exact):.{digits}f}".rstrip("0").rstrip(".")
    return f"{text} = {told}, rounded {values[step.column]}"


def _calls(definition: exp.Expr) -> Iterator[exp.Anonymous]:
    """The outermost calls of functions."""
    for node in definition.walk(prune=lambda node: isinstance(node, exp.Anonymous)):
        if isinstance(node, exp.Anonymous):
            yield node


def _ratio(call: exp.Anonymous) -> exp.Anonymous | None:
    """The one round_ratio that a call comes down to."""
    while call.name != "round_ratio":
        body = _body(call)
        if not isinstance(body, exp.Anonymous):
            return None
        call = body
    return call


def _body(call: exp.Anonymous) -> exp.Expr:
    return next(function_calls(call))[1].unnest()


def _factors(tree: exp.Expr, step: Step, values: Row) -> list[_Factor]:
    """What an expression multiplies."""
    if isinstance(tree, exp.Paren):
        return _factors(tree.this, step, values)
    if isinstance(tree, exp.Mul):
        return [*_factors(tree.this, step, values), *_factors(tree.expression, step, values)]
    if isinstance(tree, exp.Literal) and tree.is_number:
        return [_number(Fraction(tree.name))]
    if isinstance(tree, exp.Anonymous):
        if tree.name.endswith(_HUNDREDTHS):
            return _of_hundredths(tree, step, values)
        return _factors(_body(tree), step, values)
    if isinstance(tree, (exp.Add, exp.Sub)):
        return [_sum(tree, step, values)]
    known = step.inputs.get(tree.sql(dialect="bigquery"))
    if known is None:
        raise _NotShownError
    return _input(known, tree, values)


def _input(known: Step, tree: exp.Expr, values: Row) -> list[_Factor]:
    value = values[known.column]
    if value is None or isinstance(value, (str, bool)):
        raise _NotShownError
    exact = Fraction(str(value))
    name = tree.name if isinstance(tree, exp.Column) else ""
    if name.endswith(_HUNDREDTHS) or _HUNDREDTHS + "_" in name:
        if isinstance(known.definition, exp.Anonymous):
            return _of_hundredths(known.definition, known, values)
        return [_number(Fraction(100)), _number(exact / 100)]
    if name.endswith(_SECONDS):
        return [_number(Fraction(60)), _minutes(exact)]
    return [_number(exact)]


def _sum(tree: exp.Add | exp.Sub, step: Step, values: Row) -> _Factor:
    left, right = _factors(tree.this, step, values), _factors(tree.expression, step, values)
    sign = "+" if isinstance(tree, exp.Add) else "\u2212"
    value = _value(left) + (_value(right) if sign == "+" else -_value(right))
    if not any(tree.find_all(exp.Column)):
        return _number(value)
    first = left[0].text if len(left) == 1 else _product(left)
    second = _product(right)
    return _Factor(f"{first} {sign} {second}", value, is_sum=True)


def _of_hundredths(tree: exp.Expr, step: Step, values: Row) -> list[_Factor]:
    """A sum of hundredths, such as 100 * 17 + 44 * 0, as 100 times a sum of decimals."""
    terms = [(weight / 100, value) for weight, value in _terms(tree, step, values)]
    text = ""
    for weight, value in terms:
        sign = "\u2212" if weight < 0 else "+"
        size = "" if abs(weight) == 1 else f"{_number(abs(weight)).text}{_TIMES}"
        text += f" {sign} {size}{_number(value).text}" if text else f"{size}{_number(value).text}"
    total = sum((weight * value for weight, value in terms), Fraction(0))
    return [_number(Fraction(100)), _Factor(text, total, is_sum=len(terms) > 1)]


def _terms(tree: exp.Expr, step: Step, values: Row) -> list[tuple[Fraction, Fraction]]:
    """What a sum adds up: the weight and the value of each."""
    if isinstance(tree, exp.Paren):
        return _terms(tree.this, step, values)
    if isinstance(tree, exp.Anonymous):
        return _terms(_body(tree), step, values)
    if isinstance(tree, (exp.Add, exp.Sub)):
        sign = 1 if isinstance(tree, exp.Add) else -1
        right = [(sign * weight, value) for weight, value in _terms(tree.expression, step, values)]
        return [*_terms(tree.this, step, values), *right]
    if isinstance(tree, exp.Mul) and isinstance(tree.this, exp.Literal):
        weight = Fraction(tree.this.name)
        return [(weight * other, value) for other, value in _terms(tree.expression, step, values)]
    return [(Fraction(1), _value(_factors(tree, step, values)))]


def _minutes(seconds: Fraction) -> _Factor:
    minutes = seconds / 60
    text = f"{float(minutes):.2f}"
    return _Factor(text if Fraction(text) == minutes else f"({seconds} / 60)", minutes)


def _number(value: Fraction) -> _Factor:
    text = str(value) if value.denominator == 1 else f"{float(value):.10g}"
    return _Factor(text, value)


def _value(factors: list[_Factor]) -> Fraction:
    product = Fraction(1)
    for factor in factors:
        product *= factor.value
    return product


def _product(factors: list[_Factor]) -> str:
    if not factors:
        return "1"
    several = len(factors) > 1
    return _TIMES.join(f"({factor.text})" if factor.is_sum and several else factor.text for factor in factors)


def _cancelled(above: list[_Factor], below: list[_Factor]) -> tuple[list[_Factor], list[_Factor]]:
    """Both sides without the factors 60 and 100 that they share, and without ones."""
    shared = Counter(factor.text for factor in above) & Counter(factor.text for factor in below)
    sides = []
    for side in (above, below):
        left, kept = Counter({text: shared[text] for text in ("60", "100")}), []
        for factor in side:
            if left[factor.text]:
                left[factor.text] -= 1
            elif factor.text != "1":
                kept.append(factor)
        sides.append(kept)
    return sides[0], sides[1]


def _rounded(exact: Fraction, scale: int) -> Fraction:
    """Half away from zero, like round_ratio."""
    size = floor(abs(exact) * scale + Fraction(1, 2))
    return Fraction(size if exact >= 0 else -size, scale)
