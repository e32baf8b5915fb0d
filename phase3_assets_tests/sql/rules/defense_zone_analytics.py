"""Examples of the rules of defense_zone_analytics. The bench has no play-by-play, so the rows are made here."""

from phase3_assets_tests.sql.rule_examples import Caught, Passed, error, required
from phase3_assets_tests.support.games import DEFENSE

TABLE = "defense_zone_analytics"
FIGURES = {
    **{"rim_fga_allowed": "20", "rim_fg_allowed": "12", "rim_fg_pct_allowed": "0.6"},
    **{"paint_fga_allowed": "40", "paint_fg_allowed": "22", "paint_fg_pct_allowed": "0.55"},
    **{"mid_range_fga_allowed": "20", "mid_range_fg_allowed": "8", "mid_range_fg_pct_allowed": "0.4"},
    **{"three_pt_fga_allowed": "30", "three_pt_fg_allowed": "10", "three_pt_pct_allowed": "0.333"},
    **{"points_in_paint_allowed": "44", "blocks_at_rim": "3", "paint_blocks": "4", "games_in_sample": "7"},
    **{"strongest_zone": "'paint'", "weakest_zone": "'three_pt'"},
}
MADE = (
    "INSERT INTO {t} (game_id, game_date, team_abbr, opponent_team_abbr, season_year, home_game, "
    f"{', '.join(FIGURES)}) "
    "SELECT game_id, game_date, defending_team_abbr, opponent_team_abbr, season_year, home_game, "
    f"{', '.join(FIGURES.values())} FROM nba_analytics.{DEFENSE} WHERE game_id = '{{game}}'; "
)
OF_HOME = "WHERE team_abbr = '{home}'"


def home(assignment: str, problem: str, subject: str | None = "{home}") -> Caught:
    """An error of the home side's row."""
    return Caught(f"{MADE}UPDATE {{t}} SET {assignment} {OF_HOME}", (error(subject, problem),))


def passes(assignment: str) -> Passed:
    """The home side's row with these figures is right."""
    return Passed(f"{MADE}UPDATE {{t}} SET {assignment} {OF_HOME}")


CAUGHT = {
    "nulls": [
        home(f"{column} = NULL", f"missing: {column}", None if column == "team_abbr" else "{home}")
        for column in required(TABLE)
    ],
    "duplicates": [
        Caught(f"{MADE}INSERT INTO {{t}} SELECT * FROM {{t}} {OF_HOME}", (error("{home}", "2 rows of one key"),)),
    ],
    "accepted_values": [
        home("team_abbr = 'XXX'", "unknown team code XXX", "XXX"),
        home("opponent_team_abbr = 'phx'", "unknown team code phx"),
        home("strongest_zone = 'rim'", "unknown zone rim"),
        home("weakest_zone = 'Paint'", "unknown zone Paint"),
    ],
    "zone_arithmetic": [
        home("rim_fg_allowed = 21", "21 of 20 shots made at the rim"),
        home("paint_fg_allowed = 41", "41 of 40 shots made in the paint"),
        home("mid_range_fg_allowed = -1", "-1 of 20 mid-range shots made"),
        home("three_pt_fg_allowed = 31", "31 of 30 threes made"),
        home("rim_fga_allowed = 41", "41 shots at the rim, but 40 in the paint"),
        home("points_in_paint_allowed = 43", "43 points of 22 makes in the paint"),
        home("blocks_at_rim = 5", "5 blocks at the rim, but 4 in the paint"),
        home("games_in_sample = 16", "16 games in a sample of fifteen"),
        home("games_in_sample = 0", "0 games in a sample of fifteen"),
        *(
            home(f"{column} = 0.123", "is not that of its shots")
            for column in (
                *("paint_fg_pct_allowed", "rim_fg_pct_allowed", "mid_range_fg_pct_allowed", "three_pt_pct_allowed"),
            )
        ),
    ],
}
PASSED = {
    "nulls": [passes("blocks_at_rim = NULL, paint_blocks = NULL, strongest_zone = NULL, weakest_zone = NULL")],
    "duplicates": [passes("games_in_sample = 8")],
    "accepted_values": [passes("strongest_zone = 'mid_range'"), passes("strongest_zone = NULL, weakest_zone = NULL")],
    "zone_arithmetic": [
        passes("games_in_sample = 15"),
        passes("blocks_at_rim = NULL, paint_blocks = NULL"),
        passes("mid_range_fga_allowed = 0, mid_range_fg_allowed = 0, mid_range_fg_pct_allowed = NULL"),
    ],
}
