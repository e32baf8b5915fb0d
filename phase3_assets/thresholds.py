"""The figures that the rules under `sql/` hold rows against: one place, documented defaults, validated when set.

What belongs here: thresholds, by the name of the query parameter (@usage_rate_high) that carries them.
What doesn't: the rules themselves (sql/<table>/checks).
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from phase3_assets.environment import numbers_set
from phase3_assets.errors import ConfigurationError


@dataclass(frozen=True)
class Thresholds:
    """Every threshold; each can be set with PHASE3_<NAME IN CAPITALS>."""

    usage_coverage_error: float = 0.80
    """Share of a game's players with minutes who have a usage rate: below it, an error."""
    usage_coverage_warning: float = 0.90
    """The same share: below it, a warning."""
    usage_rate_high: float = 50.0
    """Usage rate, percent, in five minutes or more: above it, a warning with the names."""
    pace_minimum: float = 70.0
    """Possessions per 48 minutes: below it, a warning."""
    pace_maximum: float = 130.0
    """Possessions per 48 minutes: above it, a warning."""
    rating_minimum: float = 60.0
    """Points per 100 possessions: below it, a warning."""
    rating_maximum: float = 160.0
    """Points per 100 possessions: above it, a warning."""
    ts_pct_minimum: float = 0.0
    """True shooting: below it, a warning."""
    ts_pct_maximum: float = 1.5
    """True shooting: above it, a warning (a lone three-pointer made is 1.5)."""
    points_line_minimum: float = 0.5
    """Points line: below it, a warning."""
    points_line_maximum: float = 60.0
    """Points line: above it, a warning."""
    player_points_minimum: float = 0.0
    """A player's points: below it, a warning."""
    player_points_maximum: float = 100.0
    """A player's points: above it, a warning."""
    line_match_minimum: float = 0.15
    """Share of a date's played rows with a points line, where the date has lines at all: below it, a warning."""

    not_constant_rows: float = 100.0
    """Rows of 30 days from which on a column that never varies is worth a warning."""
    games_complete_hours: float = 48.0
    """Hours after the date's end from which on a final game that is not published is an error, not a warning."""

    waive_after_days: float = 14.0
    """Days a game may be seen waiting, or live, before it is waived by itself."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Thresholds":
        """The defaults, with what the environment sets.

        Raises ConfigurationError for a value that is not a number, or a minimum above its maximum.
        """
        values = numbers_set(cls, environment)
        for name in _SHARES:
            if not 0 <= values.get(name, 0) <= 1:
                raise ConfigurationError(f"PHASE3_{name.upper()} is {values[name]:g}; it is a share, between 0 and 1")
        thresholds = cls(**values)
        for low, high in _ORDERED:
            if getattr(thresholds, low) > getattr(thresholds, high):
                raise ConfigurationError(
                    f"PHASE3_{low.upper()} ({getattr(thresholds, low)}) is above "
                    f"PHASE3_{high.upper()} ({getattr(thresholds, high)})"
                )
        return thresholds

    def parameters(self) -> dict[str, float]:
        """The thresholds as query parameters."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


_SHARES = ("usage_coverage_error", "usage_coverage_warning", "line_match_minimum")
_ORDERED = (
    ("usage_coverage_error", "usage_coverage_warning"),
    ("pace_minimum", "pace_maximum"),
    ("rating_minimum", "rating_maximum"),
    ("ts_pct_minimum", "ts_pct_maximum"),
    ("points_line_minimum", "points_line_maximum"),
    ("player_points_minimum", "player_points_maximum"),
)
