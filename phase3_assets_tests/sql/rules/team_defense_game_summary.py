"""Examples of the rules of team_defense_game_summary."""

from phase3_assets_tests.sql.rule_examples import Caught, Passed, error
from phase3_assets_tests.sql.team_rules import A_POINT_MORE, TeamTable
from phase3_assets_tests.support.games import DEFENSE

TABLE = TeamTable(
    DEFENSE,
    {
        "team": "defending_team_abbr",
        "points": "points_allowed",
        "fga": "opp_fg_attempts",
        "fgm": "opp_fg_makes",
        "tpa": "opp_three_pt_attempts",
        "tpm": "opp_three_pt_makes",
        "fta": "opp_ft_attempts",
        "ftm": "opp_ft_makes",
        "pace": "opponent_pace",
        "rating": "defensive_rating",
        "ts": "opponent_ts_pct",
    },
    ("turnovers_forced", "overtime_periods", "margin_of_victory"),
    points_by_seven=(100, 107),
)
ZONES = (
    "opp_fg_attempts = 90, opp_fg_makes = 40, opp_three_pt_attempts = 30, opp_three_pt_makes = 10, "
    "opp_rim_attempts = 20, opp_rim_makes = 12, opp_paint_attempts = 40, opp_paint_makes = 22, "
    "opp_mid_range_attempts = 20, opp_mid_range_makes = 8, points_in_paint_allowed = 44, "
    "mid_range_points_allowed = 16, blocks = 6, blocks_paint = 4, blocks_rim = 3, blocks_mid_range = 1, "
    "blocks_three_pt = 1"
)
"""An opponent's zones, and blocks, that add up."""


def _zones(*assignments: str) -> str:
    """The home side with zones that add up, and then with these figures."""
    return "; ".join(
        f"UPDATE {{t}} SET {said} WHERE defending_team_abbr = '{{home}}'" for said in (ZONES, *assignments)
    )


def _zone_fault(assignment: str, problem: str) -> Caught:
    return Caught(_zones(assignment), (error("{home}", problem),))


CAUGHT = TABLE.caught(
    arithmetic=[
        # All of it agrees, the margins of both rows as well, but with the schedule (an offense: does_not_add_up).
        TABLE.home(*A_POINT_MORE, TABLE.beside(-1)),
        # The placeholder of the incident: a row scraped while the game was live.
        TABLE.other_points(
            "{points} = 0, {fga} = 0, {fgm} = 0, {tpa} = 0, {tpm} = 0, {fta} = 0, {ftm} = 0", "0 points, but"
        ),
        TABLE.home("{ftm} = 0", "but the makes give"),
    ]
) | {
    "zone_arithmetic": [
        _zone_fault("opp_rim_makes = 21", "21 of 20 shots made at the rim"),
        _zone_fault("opp_paint_makes = 41", "41 of 40 shots made in the paint"),
        _zone_fault("opp_mid_range_attempts = 21", "the zones have 91 shots, the box score 90"),
        _zone_fault("opp_mid_range_makes = 9", "the zones have 41 makes, the box score 40"),
        _zone_fault("points_in_paint_allowed = 45", "45 points of 22 makes in the paint"),
        _zone_fault("mid_range_points_allowed = 15", "15 points of 8 mid-range makes"),
        _zone_fault("blocks_three_pt = 2", "the zones have 7 blocks, the box score 6"),
        _zone_fault("blocks_rim = 5", "5 blocks at the rim, but 4 in the paint"),
    ]
}
PASSED = TABLE.passed() | {
    "zone_arithmetic": [
        Passed(_zones()),
        Passed(_zones("blocks_paint = NULL, blocks_rim = NULL, blocks_mid_range = NULL, blocks_three_pt = NULL")),
    ]
}
