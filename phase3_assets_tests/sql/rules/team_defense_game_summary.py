"""Examples of the rules of team_defense_game_summary."""

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
)
PASSED = TABLE.passed()
