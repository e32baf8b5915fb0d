"""Exact figures to hold SQL's against.

What belongs here: arithmetic in fractions. What doesn't: formulas of the game (the tests).
"""

from decimal import Decimal
from fractions import Fraction


def rounded(value: Fraction, decimals: int) -> Decimal:
    """Half away from zero, exactly."""
    scaled = abs(value) * 10**decimals
    whole = int(scaled + Fraction(1, 2))
    return Decimal(whole if value >= 0 else -whole).scaleb(-decimals)
