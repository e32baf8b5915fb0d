"""Combinations of one rule: CI tries the first, whoever wants to know tries all.

What belongs here: which of a test's parameters run where. What doesn't: the parameters (the tests).
"""

from collections.abc import Iterable
from typing import Any

import pytest


def first_in_ci(values: Iterable[Any], number: int = 1) -> list[Any]:
    """Parameters of which all but the first `number` run with `make test-long` only; a tuple has one value each."""
    return [
        pytest.param(
            *(value if isinstance(value, tuple) else (value,)), marks=[pytest.mark.long] if position >= number else []
        )
        for position, value in enumerate(values)
    ]
