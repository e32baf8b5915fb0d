"""What people were promised of checks, said apart from the package, and a change that fails some.

What belongs here: expectations that several rooms share. What doesn't: verdicts (publishing/test_check.py).
"""

from phase3_assets_tests.support.games import OFFENSE

BLOCKING = {
    "same_figures",
    "zone_arithmetic",
    "usage_rate",
    "nulls",
    "duplicates",
    "game_count",
    "box_score_arithmetic",
    "does_not_add_up",
    "scores_exchanged",
    "accepted_values",
    "contradictory_rows",
    "impossible_statistics",
    "names",
    "dnp_pollution",
    "unreadable_minutes",
    "point_in_time",
    "rest_arithmetic",
    "symmetry",
}
"""The checks that stop what is downstream."""
A_POINT_MORE = f"UPDATE nba_analytics.{OFFENSE} SET points_scored = points_scored + 1 WHERE game_id = '{{game}}'"
"""What the team box score says of the first game no longer adds up."""
