"""Examples of the rules of upcoming_team_game_context. The games of the bench are the first of their season."""

from phase3_assets_tests.sql.rule_examples import Caught, Passed, error, required, warning

TABLE = "upcoming_team_game_context"
OF_HOME, OF_GAME = "WHERE team_abbr = '{home}'", "WHERE game_id = '{game}'"
RESTED = "days_since_last_game = 3, team_days_rest = 2"


BACK_TO_BACK = "days_since_last_game = 1, team_days_rest = 0, is_back_to_back = TRUE, team_back_to_back = TRUE"
IN_FORM = "wins_entering = 3, losses_entering = 2"
LINES_AT = "betting_lines_known_until = tip_off, betting_lines_updated_at = "
UNKNOWN = "'unknown status gtd'"
EASTERN_MIDNIGHT = "CAST(game_date AS TIMESTAMP) AT TIME ZONE 'America/New_York'"


def doubtful(assignment: str, problem: str) -> Caught:
    """A warning of the home side's row."""
    return Caught(f"UPDATE {{t}} SET {assignment} {OF_HOME}", (warning("{home}", problem),))


def home(assignment: str, problem: str) -> Caught:
    """An error of the home side's row."""
    return Caught(f"UPDATE {{t}} SET {assignment} {OF_HOME}", (error("{home}", problem),))


def reported(player: str, left_out: str, **others: str) -> str:
    """A statement that adds a row to the injury report of the game."""
    values = {"player_lookup": f"'{player}'", "left_out_because": left_out, "is_in_time": "TRUE"} | others
    values = {"game_date": "game_date", "game_id": "game_id", "report_date": "game_date"} | values
    return (
        f"INSERT INTO nba_staging.injury_report_rows ({', '.join(values)}) "
        f"SELECT DISTINCT {', '.join(values.values())} FROM {{t}} WHERE game_id = '{{game}}'"
    )


def quoted(left_out: str, snapshot: str = "tip_off - INTERVAL 1 HOUR") -> str:
    """A statement that adds a line to those quoted of the game."""
    return (
        "INSERT INTO nba_staging.game_line_rows "
        "(game_date, game_id, bookmaker, teams, snapshot_timestamp, bound, left_out_because) "
        f"SELECT DISTINCT game_date, game_id, 'fanduel', 'A at B', {snapshot}, tip_off, {left_out} "
        "FROM {t} WHERE game_id = '{game}'"
    )


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
        home("season_phase = 'preseason'", "unknown season_phase preseason"),
        home("last_game_result = 'T'", "unknown last_game_result T"),
        home("quality_tier = 'best'", "unknown quality_tier best"),
    ],
    "point_in_time": [
        home("latest_game_used = game_date", "is made of a game of"),
        home("latest_game_used = game_date + 1", "is made of a game of"),
        home(f"{LINES_AT} tip_off", "is made of lines that are not from before tip-off"),
        home(f"{LINES_AT} tip_off + INTERVAL 1 MINUTE", "is made of lines that are not from before tip-off"),
        home("betting_lines_updated_at = tip_off", "is made of lines that are not from before tip-off"),
        home(
            "injury_report_updated_at = tip_off + INTERVAL 1 SECOND", "is made of an injury report from after tip-off"
        ),
        home(
            f"tip_off = NULL, injury_report_updated_at = {EASTERN_MIDNIGHT} + INTERVAL 1 HOUR",
            "is made of an injury report from after tip-off",
        ),
    ],
    "rest_arithmetic": [
        home("days_since_last_game = 0, team_days_rest = -1", "-1 days of rest"),
        home("days_since_last_game = 3, team_days_rest = 3", "3 days of rest"),
        home("is_back_to_back = TRUE", "back-to-back against its days of rest"),
        home(f"{RESTED}, is_back_to_back = TRUE", "back-to-back against its days of rest"),
        home("days_since_last_game = 1, team_days_rest = 0", "back-to-back against its days of rest"),
        home("team_back_to_back = TRUE", "team_back_to_back is not is_back_to_back"),
        home("games_in_last_7_days = 3, games_in_last_14_days = 2", "more games in 7 days than in 14"),
        home(
            "wins_entering = 1, losses_entering = 1, team_win_streak_entering = 1, team_loss_streak_entering = 1",
            "a streak of wins and one of losses",
        ),
        home("team_win_streak_entering = 2, wins_entering = 1", "a streak longer than its wins or losses"),
        home("team_loss_streak_entering = 2, losses_entering = 1", "a streak longer than its wins or losses"),
        home("wins_last_10 = 2, wins_entering = 1", "more wins in the last ten games than in all"),
        *(
            home(f"consecutive_road_games = {road}, consecutive_home_games = {at_home}", "its runs at home and away")
            for road, at_home in ((0, 0), (1, 1), (-1, 1), (0, 2), (2, 0))
        ),
        home("travel_miles = 3, miles_traveled_last_14_days = 2", "more miles to this game than in 14 days"),
        home("players_out_count = 1, starters_out_count = 2", "more starters out than players"),
        home("actual_games_count = 2, wins_entering = 1", "fewer games won and lost than are there"),
        home("expected_games_count = 1", "games there and missing are not all"),
        home("missing_games_count = 1", "games there and missing are not all"),
    ],
    "symmetry": [
        Caught(
            f"UPDATE {{t}} SET home_game = TRUE {OF_GAME}",
            (
                error("{game}", "2 rows, 2 of the home side"),
                *(error(team, "both rows are of one side") for team in ("{home}", "{away}")),
            ),
        ),
        Caught(
            f"DELETE FROM {{t}} {OF_HOME}",
            (error("{game}", "1 rows, 0 of the home side"), error("{away}", "the opponent has no row")),
        ),
        home("opponent_days_rest = 7", "the opponent says another rest"),
        Caught(
            f"UPDATE {{t}} SET team_days_rest = 2, days_since_last_game = 3 {OF_HOME}",
            (error("{away}", "the opponent says another rest"),),
        ),
        *(
            Caught(f"UPDATE {{t}} SET {change} {of}", tuple(error(team, problem) for team in ("{home}", "{away}")))
            for change, of, problem in (
                ("game_spread = -5.5", OF_HOME, "the spreads do not cancel"),
                ("game_spread = -5.5", OF_GAME, "the spreads do not cancel"),
                ("opening_spread = 3", OF_GAME, "the spreads do not cancel"),
                ("game_total = 220.5", OF_HOME, "the totals differ"),
                ("opening_total = CASE WHEN home_game THEN 220 ELSE 221 END", OF_GAME, "the totals differ"),
                ("venue_altitude_feet = -9", OF_HOME, "the venues differ"),
            )
        ),
    ],
    "plausible_ranges": [
        *(
            doubtful(f"{IN_FORM}, {column} = {value}", f"{name} {value} is out of range")
            for column, name in (
                ("offensive_rating_last_10", "offensive rating"),
                ("defensive_rating_last_10", "defensive rating"),
                ("defensive_rating_last_15", "defensive rating over 15 games"),
            )
            for value in ("79.99", "140.01")
        ),
        doubtful("travel_miles = 6001, miles_traveled_last_14_days = 6001", "6001 miles of travel are out of range"),
        doubtful("travel_miles = -1", "-1 miles of travel are out of range"),
        Caught(
            "UPDATE {t} SET days_since_last_game = 32, team_days_rest = 31, opponent_days_rest = 31 "
            "WHERE game_id = '{game}'",
            tuple(warning(team, "31 days of rest are out of range") for team in ("{home}", "{away}")),
        ),
        Caught(
            "UPDATE {t} SET game_spread = CASE WHEN home_game THEN 40.5 ELSE -40.5 END WHERE game_id = '{game}'",
            (warning("{home}", "spread 40.5 is out of range"), warning("{away}", "spread -40.5 is out of range")),
        ),
    ],
    "left_out": [
        *(
            Caught(reported("somebody", f"'{why}'"), (warning("somebody", why),))
            for why in ("unknown status gtd", "names no player")
        ),
        Caught(
            f"{reported('somebody', 'NULL', report_hour='11')}; {reported('somebody', UNKNOWN, report_hour='12')}",
            (warning("somebody", "unknown status gtd"),),
        ),
        Caught(quoted("'impossible total 99.5'"), (warning("fanduel, A at B", "impossible total 99.5"),)),
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
        Passed(f"UPDATE {{t}} SET {assignment} {OF_HOME}")
        for assignment in (
            "latest_game_used = game_date - 1",
            "latest_game_used = NULL",
            f"{LINES_AT} tip_off - INTERVAL 1 SECOND",
            "injury_report_updated_at = tip_off",
            f"tip_off = NULL, injury_report_updated_at = {EASTERN_MIDNIGHT}",
        )
    ],
    "rest_arithmetic": [
        Passed(f"UPDATE {{t}} SET {assignment} {OF_HOME}")
        for assignment in (
            RESTED,
            BACK_TO_BACK,
            "consecutive_road_games = 0, consecutive_home_games = 3, game_number_in_season = 3",
            "consecutive_road_games = 3, consecutive_home_games = 0, game_number_in_season = 9",
            "travel_miles = 3, miles_traveled_last_14_days = 3",
            "players_out_count = 2, starters_out_count = 2",
            "players_out_count = 2, starters_out_count = NULL",
            "games_in_last_7_days = 3, games_in_last_14_days = 3",
            "wins_entering = 3, team_win_streak_entering = 3, wins_last_10 = 3",
            "losses_entering = 2, actual_games_count = 2, missing_games_count = 1, expected_games_count = 3",
        )
    ],
    "symmetry": [
        Passed(f"UPDATE {{t}} SET home_game = NOT home_game {OF_GAME}"),
        Passed(f"UPDATE {{t}} SET team_days_rest = 2, opponent_days_rest = 2 {OF_GAME}"),
        Passed(f"UPDATE {{t}} SET game_spread = CASE WHEN home_game THEN -5.5 ELSE 5.5 END {OF_GAME}"),
        Passed(f"UPDATE {{t}} SET game_spread = 0, opening_spread = 0, game_total = 220.5 {OF_GAME}"),
        Passed(f"DELETE FROM {{t}} {OF_GAME}"),
    ],
    "plausible_ranges": [
        Passed(f"UPDATE {{t}} SET {assignment} {OF_HOME}")
        for assignment in (
            f"{IN_FORM}, offensive_rating_last_10 = 80, defensive_rating_last_10 = 140",
            "wins_entering = 2, losses_entering = 2, offensive_rating_last_10 = 150, defensive_rating_last_15 = 60",
            "travel_miles = 6000",
            "travel_miles = 0",
            "team_days_rest = 30",
            "game_spread = -40",
        )
    ],
    "left_out": [
        Passed(reported("somebody", "NULL")),
        Passed(reported("somebody", "'unknown status gtd'", is_in_time="FALSE")),
        Passed(f"{reported('somebody', UNKNOWN, report_hour='11')}; {reported('somebody', 'NULL', report_hour='12')}"),
        Passed(quoted("NULL")),
        Passed(quoted("'impossible total 99.5'", "tip_off")),
    ],
}
