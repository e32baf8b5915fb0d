"""Numbers read from the environment, held to limits when they are read.

What belongs here: how a number is declared with what it may be, and how PHASE3_<NAME IN CAPITALS> becomes a field. What
doesn't: which numbers there are (thresholds.py, pacing.py, publishing/prune.py, locations.py).
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from phase3_assets.errors import ConfigurationError

ONE_DAY = 86_400
"""In seconds: the most that a single wait may be."""
MOST_DAYS = 36_500
"""A century: for ever to a person, and still a span that reaches no further back than the calendar has dates."""


@dataclass(frozen=True)
class Limits:
    """What a number may be: both ends are allowed."""

    lowest: float
    highest: float
    whole: bool = False

    def read(self, variable: str, text: str) -> float:
        """The number the variable's text says. Raises ConfigurationError naming the variable, text and limits."""
        kind = "whole number" if self.whole else "number"
        wrong = f"{variable} is {text!r}; it is a {kind} from {self.lowest} to {self.highest}"
        try:
            value = float(text)
        except ValueError as error:
            raise ConfigurationError(wrong) from error
        # "Not within" rather than "outside": NaN is neither above nor below anything.
        if not self.lowest <= value <= self.highest or (self.whole and not value.is_integer()):
            raise ConfigurationError(wrong)
        return value


def number(default: float, lowest: float, highest: float, whole: bool = False) -> float:
    """A dataclass's field for a number that the environment may set within limits."""
    return field(default=default, metadata={"limits": Limits(lowest, highest, whole)})


def numbers_set(of: type, environment: Mapping[str, str] | None = None) -> dict[str, float]:
    """The fields of the dataclass `of` (each declared with `number`) that the environment sets, by name.

    Raises ConfigurationError for a value that is no number, or not within its limits.
    """
    variables = os.environ if environment is None else environment
    values = {}
    for declared in fields(of):
        variable = f"PHASE3_{declared.name.upper()}"
        if variables.get(variable):
            values[declared.name] = declared.metadata["limits"].read(variable, variables[variable])
    return values
