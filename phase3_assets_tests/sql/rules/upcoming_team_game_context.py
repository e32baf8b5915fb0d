"""Examples of the rules of upcoming_team_game_context. The games of the bench are the first of their season."""

from phase3_assets_tests.sql.rule_examples import Caught, Passed, error, required

TABLE = "upcoming_team_game_context"
OF_HOME, OF_GAME = "WHERE team_abbr = '{home}'", "WHERE game_id = '{game}'"
RESTED = "days_since_last_game = 3, team_days_rest = 2"


def home(assignment: str, problem: str) -> Caught:
    """An error of the home side's row."""
    return Caught(f"UPDATE {{t}} SET {assignment} {OF_HOME}", (error("{home}", problem),))


CAUGHT = {
    "nulls": [
        Caught(
            f"UPDATE {{t}} SET {column} = NULL {OF_HOME}",
            (error(None if column == "team_abbr" else "{home}", f"missing: {column}"),),
        )
        for column in required(TABLE)
    ],
    "duplicates": [
        Caught(f"INSERT INTO {{t}} SELECT * FROM {{t}} {OF_HOME}", (error("{home}", "2 rows of one key"),)),
        Caught(
            "UPDATE {t} SET team_abbr = '{home}' WHERE team_abbr = '{other_home}'",
            (error("{home}", "2 rows of one key"),),
            games=(0, 1),
        ),
    ],
    "accepted_values": [
        *(
            Caught(f"UPDATE {{t}} SET team_abbr = '{code}' {OF_HOME}", (error(code, f"unknown team code {code}"),))
            for code in ("XXX", "phx", "")
        ),
        *(home(f"opponent_team_abbr = '{code}'", f"unknown team code {code}") for code in ("XXX", "phx", "")),
    ],
    "point_in_time": [
        home("latest_game_used = game_date", "is made of a game of"),
        home("latest_game_used = game_date + 1", "is made of a game of"),
    ],
    "rest_arithmetic": [
        home("days_since_last_game = 0, team_days_rest = -1", "-1 days of rest"),
        home("days_since_last_game = 3, team_days_rest = 3", "3 days of rest"),
        home("is_back_to_back = TRUE", "back-to-back against its days of rest"),
        home(f"{RESTED}, is_back_to_back = TRUE", "back-to-back against its days of rest"),
        home("days_since_last_game = 1, team_days_rest = 0", "back-to-back against its days of rest"),
        home("games_in_last_7_days = 3, games_in_last_14_days = 2", "more games in 7 days than in 14"),
        home(
            "wins_entering = 1, losses_entering = 1, team_win_streak_entering = 1, team_loss_streak_entering = 1",
            "a streak of wins and one of losses",
        ),
        home("team_win_streak_entering = 2, wins_entering = 1", "a streak longer than its wins or losses"),
        home("team_loss_streak_entering = 2, losses_entering = 1", "a streak longer than its wins or losses"),
        home("wins_last_10 = 2, wins_entering = 1", "more wins in the last ten games than in all"),
        home("actual_games_count = 2, wins_entering = 1", "fewer games won and lost than are there"),
        home("expected_games_count = 1", "games there and missing are not all"),
        home("missing_games_count = 1", "games there and missing are not all"),
    ],
    "symmetry": [
        Caught(
            f"UPDATE {{t}} SET home_game = TRUE {OF_GAME}",
            (
                error("{game}", "2 rows, 2 of the home side"),
                *(error(team, "the other side says otherwise") for team in ("{home}", "{away}")),
            ),
        ),
        Caught(
            f"DELETE FROM {{t}} {OF_HOME}",
            (error("{game}", "1 rows, 0 of the home side"), error("{away}", "the other side says otherwise")),
        ),
        home("opponent_days_rest = 7", "the other side says otherwise"),
    ],
}
PASSED = {
    "nulls": [
        Passed(f"UPDATE {{t}} SET {column} = NULL {OF_HOME}")
        for column in ("nba_game_id", "tip_off", "last_game_margin", "pace_last_10", "quality_issues")
    ],
    "duplicates": [
        Passed(
            "INSERT INTO {t} SELECT * REPLACE (game_date + 1 AS game_date, 'the next day' AS game_id) FROM {t} "
            + OF_HOME
        )
    ],
    "accepted_values": [
        Passed(f"UPDATE {{t}} SET {column} = 'UTA' {OF_HOME}") for column in ("team_abbr", "opponent_team_abbr")
    ],
    "point_in_time": [
        Passed(f"UPDATE {{t}} SET latest_game_used = {day} {OF_HOME}") for day in ("game_date - 1", "NULL")
    ],
    "rest_arithmetic": [
        Passed(f"UPDATE {{t}} SET {assignment} {OF_HOME}")
        for assignment in (
            RESTED,
            "days_since_last_game = 1, team_days_rest = 0, is_back_to_back = TRUE",
            "games_in_last_7_days = 3, games_in_last_14_days = 3",
            "wins_entering = 3, team_win_streak_entering = 3, wins_last_10 = 3",
            "losses_entering = 2, actual_games_count = 2, missing_games_count = 1, expected_games_count = 3",
        )
    ],
    "symmetry": [
        Passed(f"UPDATE {{t}} SET home_game = NOT home_game {OF_GAME}"),
        Passed(f"UPDATE {{t}} SET team_days_rest = 2, opponent_days_rest = 2 {OF_GAME}"),
        Passed(f"DELETE FROM {{t}} {OF_GAME}"),
    ],
}
