"""The thresholds of the rules under `sql/`, all in one place, with documented defaults and validation.

What belongs here: thresholds, by the name of the query parameter (@usage_rate_high) that carries them.
What doesn't: the rules themselves (sql/tables/<table>/checks).
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from phase3_assets.errors import ConfigurationError
from phase3_assets.settings.environment import MOST_DAYS, number, numbers_set


@dataclass(frozen=True)
class Thresholds:
    """Every threshold; each can be set with PHASE3_<NAME IN CAPITALS>."""

    usage_coverage_error: float = number(0.80, 0, 1)
    """Share of a game's players with minutes who have a usage rate: below it, an error."""
    usage_coverage_warning: float = number(0.90, 0, 1)
    """The same share: below it, a warning."""
    usage_rate_high: float = number(50.0, 0, 1000)
    """Usage rate, percent, in five minutes or more: above it, a warning with the names."""
    pace_minimum: float = number(70.0, 0, 1000)
    """Possessions per 48 minutes: below it, a warning."""
    pace_maximum: float = number(130.0, 0, 1000)
    """Possessions per 48 minutes: above it, a warning."""
    rating_minimum: float = number(60.0, 0, 1000)
    """Points per 100 possessions: below it, a warning."""
    rating_maximum: float = number(160.0, 0, 1000)
    """Points per 100 possessions: above it, a warning."""
    ts_pct_minimum: float = number(0.0, 0, 10)
    """True shooting: below it, a warning."""
    ts_pct_maximum: float = number(1.5, 0, 10)
    """True shooting: above it, a warning (a lone three-pointer made is 1.5)."""
    points_line_minimum: float = number(0.5, 0, 1000)
    """Points line: below it, a warning."""
    points_line_maximum: float = number(60.0, 0, 1000)
    """Points line: above it, a warning."""
    player_points_minimum: float = number(0.0, 0, 1000)
    """A player's points: below it, a warning."""
    player_points_maximum: float = number(100.0, 0, 1000)
    """A player's points: above it, a warning."""
    line_match_minimum: float = number(0.15, 0, 1)
    """Share of a date's played rows with a points line, where the date has lines at all: below it, a warning."""
    listed_line_match_minimum: float = number(0.30, 0, 1)
    """Share of the players listed before a date's games who have a points line, where the date has lines at all: below
    it, a warning.
    """
    listed_players_minimum: float = number(8.0, 0, 100, whole=True)
    """Players listed for a side before its game: fewer give a warning."""
    zones_complete_minimum: float = number(0.80, 0, 1)
    """Share of a date's players with play-by-play whose shot zones are complete: below it, a warning."""

    minutes_tolerance: float = number(7.0, 0, 240)
    """Minutes by which the sum over a team's players may differ from 240 plus 25 per overtime; beyond it, the rows
    contradict.
    """
    points_tolerance: float = number(3.0, 0, 300)
    """Points by which two sources may differ; 12,914 real team-games of six seasons never differ by more."""
    count_tolerance: float = number(2.0, 0, 300)
    """The same for attempts, makes, assists, rebounds, steals, blocks and fouls; also the number by which the players'
    turnovers may exceed the team's.
    """
    team_turnovers_tolerance: float = number(6.0, 0, 300)
    """Turnovers that a team may have in addition to those of its players."""
    partial_minutes_minimum: float = number(0.80, 0, 1)
    """Share of each team's minutes that must be present if players are missing and there is no better source."""

    not_constant_rows: float = number(100.0, 1, 1_000_000, whole=True)
    """Number of rows in 30 days from which on a column that never varies gets a warning."""
    games_complete_hours: float = number(48.0, 0, 24 * MOST_DAYS)
    """Hours after the end of a date; later than that, an unpublished final game is an error instead of a warning."""
    play_by_play_hours: float = number(48.0, 0, 24 * MOST_DAYS)
    """Hours after the end of a date; later than that, a game without play-by-play is a warning."""

    waive_after_days: float = number(14.0, 1, MOST_DAYS)
    """Days that a game may stay waiting or live before it is waived automatically."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Thresholds":
        """The defaults, with what the environment sets.

        Raises ConfigurationError for a value that is not within its limits, or a minimum above its maximum.
        """
        thresholds = cls(**numbers_set(cls, environment))
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


_ORDERED = (
    ("usage_coverage_error", "usage_coverage_warning"),
    ("pace_minimum", "pace_maximum"),
    ("rating_minimum", "rating_maximum"),
    ("ts_pct_minimum", "ts_pct_maximum"),
    ("points_line_minimum", "points_line_maximum"),
    ("player_points_minimum", "player_points_maximum"),
)
