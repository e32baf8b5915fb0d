"""Examples of the rules of team_offense_game_summary."""

from phase3_assets_tests.sql.rule_examples import Caught, error, warning
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
