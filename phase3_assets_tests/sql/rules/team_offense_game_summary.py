"""Examples of the rules of team_offense_game_summary."""

from phase3_assets_tests.sql.rule_examples import Caught, Passed, error, warning
from phase3_assets_tests.sql.team_rules import A_POINT_MORE, OF_GAME, WITNESSED, TeamTable
from phase3_assets_tests.support.games import OFFENSE

OTHER_HOME = "LAL in the schedule, CLE in nbac_team_boxscore"
REBOUNDS = "49 rebounds, but 15 offensive and 25 defensive of LAL"
TABLE = TeamTable(
    OFFENSE,
    {
        "team": "team_abbr",
        "points": "points_scored",
        "fga": "fg_attempts",
        "fgm": "fg_makes",
        "tpa": "three_pt_attempts",
        "tpm": "three_pt_makes",
        "fta": "ft_attempts",
        "ftm": "ft_makes",
        "pace": "pace",
        "rating": "offensive_rating",
        "ts": "ts_pct",
    },
    ("offensive_rebounds", "turnovers", "possessions", "overtime_periods", "margin_of_victory"),
    points_by_seven=(107, 100),
)
ZONES = (
    "fg_attempts = 90, fg_makes = 40, three_pt_attempts = 30, three_pt_makes = 10, team_rim_attempts = 20, "
    "team_rim_makes = 12, team_paint_attempts = 40, team_paint_makes = 22, team_mid_range_attempts = 20, "
    "team_mid_range_makes = 8, points_in_paint_scored = 44, possessions_pbp = 100"
)
"""A team's zones that add up."""


def _zones(*assignments: str) -> str:
    """The home side with zones that add up, and then with these figures."""
    return "; ".join(f"UPDATE {{t}} SET {said} WHERE team_abbr = '{{home}}'" for said in (ZONES, *assignments))


def _zone_fault(assignment: str, problem: str) -> Caught:
    return Caught(_zones(assignment), (error("{home}", problem),))


CAUGHT = TABLE.caught(
    arithmetic=[
        # The placeholder of the incident: a row scraped while the game was live.
        TABLE.other_points(
            "{points} = 0, {fga} = 0, {fgm} = 0, {tpa} = 0, {tpm} = 0, {fta} = 0, {ftm} = 0", "but the points give"
        ),
        TABLE.home("rebounds = rebounds + 9", " defensive"),
        *(TABLE.home(f"possessions = {n}", f"{n} possessions") for n in (0, -878)),
    ]
) | {
    "zone_arithmetic": [
        _zone_fault("team_rim_makes = 21", "21 of 20 shots made at the rim"),
        _zone_fault("team_paint_makes = 41", "41 of 40 shots made in the paint"),
        _zone_fault("team_mid_range_makes = -1", "-1 of 20 mid-range shots made"),
        _zone_fault("team_rim_attempts = 41", "41 shots at the rim, but 40 in the paint"),
        _zone_fault("team_paint_attempts = 41", "the zones have 91 shots, the box score 90"),
        _zone_fault("team_mid_range_makes = 9", "the zones have 41 makes, the box score 40"),
        _zone_fault("points_in_paint_scored = 45", "45 points of 22 makes in the paint"),
        _zone_fault("possessions_pbp = 0", "0 possessions counted"),
    ],
    "does_not_add_up": [
        TABLE.home(*A_POINT_MORE, TABLE.beside(1)),
        *(TABLE.home(f"{column} = {column} + 3", f"{column} ") for column in WITNESSED),
        TABLE.home("turnovers = turnovers - 3", "turnovers "),
        TABLE.home("turnovers = turnovers + 7", "turnovers "),
        TABLE.home("overtime_periods = 1", "240 of 265 minutes"),
    ],
    "scores_exchanged": [
        Caught(
            f"UPDATE {{t}} SET points_scored = points_scored - margin_of_victory {OF_GAME}",
            (error("{home}", "the other way round"), error("{away}", "the other way round")),
        ),
    ],
    "home_flag_differs": [
        Caught(
            f"UPDATE {{t}} SET quality_issues = ['home_flag_differs={OTHER_HOME}'] {OF_GAME}",
            (warning("{home}", f"home is {OTHER_HOME}"),),
        ),
    ],
    "source_contradicted": [
        Caught(
            f"UPDATE {{t}} SET quality_issues = ['team_rebuilt', 'team_contradicted={REBOUNDS}'] {OF_GAME}",
            (warning("{first}", f"not believed: {REBOUNDS}"),),
        ),
    ],
}
PASSED = TABLE.passed() | {
    "zone_arithmetic": [
        Passed(_zones()),
        Passed(_zones("possessions_pbp = NULL")),
        Passed("UPDATE {t} SET possessions_pbp = 97"),
    ],
    "does_not_add_up": TABLE.passes(
        *(f"{column} = {column} {by}" for column in WITNESSED for by in ("+ 2", "- 2")),
        "turnovers = turnovers - 2",
        "turnovers = turnovers + 6",
        "assists = NULL, blocks = NULL",
    ),
    "scores_exchanged": TABLE.passes("points_scored = points_scored - margin_of_victory"),
    "home_flag_differs": TABLE.passes("quality_issues = ['team_rebuilt']", "quality_issues = NULL"),
    "source_contradicted": TABLE.passes("quality_issues = ['team_rebuilt']", "quality_issues = NULL"),
}
PASSED["box_score_arithmetic"] += TABLE.passes("possessions = 1")
