"""Numbers read from the environment into a dataclass, validated when they are read.

What belongs here: how PHASE3_<NAME IN CAPITALS> becomes a field. What doesn't: which numbers there are (thresholds.py,
pacing.py, retention.py).
"""

import math
import os
from collections.abc import Mapping
from dataclasses import fields

from phase3_assets.errors import ConfigurationError


def numbers_set(of: type, environment: Mapping[str, str] | None = None) -> dict[str, float]:
    """The fields of the dataclass `of` that the environment sets, by name.

    Raises ConfigurationError for a value that is not a finite number.
    """
    variables = os.environ if environment is None else environment
    values = {}
    for field in fields(of):
        variable = f"PHASE3_{field.name.upper()}"
        if not variables.get(variable):
            continue
        try:
            values[field.name] = float(variables[variable])
        except ValueError as error:
            raise ConfigurationError(f"{variable} is {variables[variable]!r}; it is a number") from error
        if not math.isfinite(values[field.name]):
            raise ConfigurationError(f"{variable} is {variables[variable]!r}; it is a finite number")
    return values
