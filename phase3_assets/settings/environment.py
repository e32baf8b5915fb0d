"""Numbers read from the environment and checked against their limits.

What belongs here: how a number is declared with its limits, and how PHASE3_<NAME IN CAPITALS> becomes a field. What
doesn't: which numbers there are (thresholds.py, pacing.py, retention.py, locations.py).
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from phase3_assets.errors import ConfigurationError

ONE_DAY = 86_400
"""One day in seconds: the longest that most waits may be set to."""
MOST_DAYS = 36_500
"""A century in days: practically for ever, and still short enough to subtract from a date without an error."""


@dataclass(frozen=True)
class Limits:
    """The range of a number; both ends are allowed. `whole` demands a whole number."""

    lowest: float
    highest: float
    whole: bool = False

    def read(self, variable: str, text: str) -> float:
        """The number in the variable's text. Raises ConfigurationError naming the variable, its text and the limits."""
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
    """A dataclass field for a number that the environment may set within limits."""
    return field(default=default, metadata={"limits": Limits(lowest, highest, whole)})


def numbers_set(of: type, environment: Mapping[str, str] | None = None) -> dict[str, float]:
    """By field name, the numbers that the environment sets for the dataclass `of` (fields declared with `number`).

    Raises ConfigurationError for a value that is no number, or not within its limits.
    """
    variables = os.environ if environment is None else environment
    values = {}
    for declared in fields(of):
        variable = f"PHASE3_{declared.name.upper()}"
        if variables.get(variable):
            values[declared.name] = declared.metadata["limits"].read(variable, variables[variable])
    return values
