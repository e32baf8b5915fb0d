"""Examples of the rules of upcoming_player_game_context. The games of the bench are the first of their season."""

from phase3_assets_tests.sql.rule_examples import Caught, Passed, error, required, warning

TABLE = "upcoming_player_game_context"
THE_PLAYER, THE_GAME = "WHERE player_lookup = '{player}'", "WHERE game_id = '{game}'"
PLAYED = (
    "days_rest = 2, days_since_last_game = 2, full_rest_days = 1, latest_game_used = game_date - 2, "
    "games_in_last_7_days = 1, games_in_last_14_days = 1, games_played_season = 1, l5_games_used = 1, "
    "l10_games_used = 1"
)
"""The figures of a player with one game, two days before."""
ROWS = "nba_analytics.player_game_summary"
REPORTS = "nba_staging.injury_reports"
WITHOUT_LINE = "has_prop_line = FALSE, current_points_line = NULL, prop_over_streak = NULL, prop_under_streak = NULL"
BEFORE = (
    f"INSERT INTO {ROWS} SELECT * REPLACE (game_date - {{days}} AS game_date, 'before {{days}}' AS game_id) "
    f"FROM {ROWS} WHERE game_id = '{{{{game}}}}' AND player_lookup IN ('{{{{player}}}}', '{{{{benched}}}}')"
)


def before(days):
    """A statement that gives the player and the benched one rows of an earlier date, as they have them of this one."""
    return BEFORE.format(days=days)


def the_player(assignment: str, problem: str) -> Caught:
    """An error of the player's row."""
    return Caught(f"UPDATE {{t}} SET {assignment} {THE_PLAYER}", (error("{player}", problem),))


def the_player_warns(assignment: str, problem: str) -> Caught:
    """A warning about the player's row."""
    return Caught(f"UPDATE {{t}} SET {assignment} {THE_PLAYER}", (warning("{player}", problem),))


def benched(assignment: str, problem: str) -> Caught:
    """An error of a row whose player was listed two days before and did not play, nor ever before."""
    return Caught(
        f"{before(2)}; UPDATE {{t}} SET {assignment} WHERE player_lookup = '{{benched}}'",
        (error("{benched}", problem),),
    )


LISTED_TWICE = (
    f"{before(3)}; {before(2)}; "
    f"UPDATE {ROWS} SET is_dnp = TRUE, minutes_played = NULL, points = NULL {THE_PLAYER} AND game_id = 'before 2'"
)
"""The player played three days before and was listed without minutes two days before."""


def player_listed_twice(assignment: str, problem: str) -> Caught:
    """An error of the player's row, where he was listed twice."""
    return Caught(f"{LISTED_TWICE}; UPDATE {{t}} SET {assignment} {THE_PLAYER}", (error("{player}", problem),))


THREE_DAYS = PLAYED.replace("= 2", "= 3").replace("full_rest_days = 1", "full_rest_days = 2").replace("- 2", "- 3")
HIS_POINTS = f"(SELECT points FROM {ROWS} {THE_PLAYER} AND game_id = '{{game}}')"
HIS_MINUTES = f"(SELECT minutes_played FROM {ROWS} {THE_PLAYER} AND game_id = '{{game}}')"

CAUGHT = {
    "nulls": [
        Caught(
            f"UPDATE {{t}} SET {column} = NULL {THE_PLAYER}",
            (error(None if column == "player_lookup" else "{player}", f"missing: {column}"),),
        )
        for column in required(TABLE)
    ],
    "duplicates": [
        Caught(f"INSERT INTO {{t}} SELECT * FROM {{t}} {THE_PLAYER}", (error("{player}", "2 rows of one key"),)),
        Caught(
            "UPDATE {t} SET player_lookup = '{player}' WHERE player_lookup = '{other_player}'",
            (error("{player}", "2 rows of one key"),),
            games=(0, 1),
        ),
    ],
    "accepted_values": [
        *(the_player(f"player_status = '{status}'", f"unknown status {status}") for status in ("Out", "injured", "")),
        *(
            the_player(f"{column} = '{code}'", f"unknown team code {code}")
            for column in ("team_abbr", "opponent_team_abbr")
            for code in ("XXX", "phx", "")
        ),
    ],
    "point_in_time": [
        the_player(PLAYED.replace("= 2", "= 0").replace("- 2", "+ 0"), "is made of a game of"),
        *(
            the_player(f"betting_lines_known_until = tip_off, betting_lines_updated_at = {moment}", "a game line of")
            for moment in ("tip_off", "tip_off + INTERVAL 1 HOUR")
        ),
        *(
            the_player(f"points_line_known_until = tip_off, points_line_updated_at = {moment}", "a points line of")
            for moment in ("tip_off", "tip_off + INTERVAL 1 MINUTE")
        ),
        the_player("injury_report_updated_at = tip_off + INTERVAL 1 SECOND", "an injury report of after tip-off"),
    ],
    "rest_arithmetic": [
        the_player(PLAYED.replace("full_rest_days = 1", "full_rest_days = 2"), "2 full days of rest in 2"),
        the_player(PLAYED.replace("days_since_last_game = 2", "days_since_last_game = 1"), "1 full days of rest in 2"),
        the_player(PLAYED.replace("- 2", "- 3"), "days of rest against the latest game"),
        the_player("latest_game_used = game_date - 2", "days of rest against the latest game"),
        the_player(f"{PLAYED}, back_to_back = TRUE", "back-to-back against the days of rest"),
        the_player("back_to_back = TRUE", "back-to-back against the days of rest"),
        # A window that is one day short.
        the_player(
            PLAYED.replace("= 2", "= 7")
            .replace("rest_days = 1", "rest_days = 6")
            .replace("- 2", "- 7")
            .replace("last_7_days = 1", "last_7_days = 0"),
            "games of the last days against the days of rest",
        ),
        the_player(PLAYED.replace("last_14_days = 1", "last_14_days = 0"), "games of the last days"),
        the_player("games_in_last_7_days = 1, games_in_last_14_days = 1", "games of the last days"),
        the_player(f"{PLAYED}, minutes_in_last_7_days = 30", "more games or minutes in 7 days than in 14"),
        the_player(f"{PLAYED}, back_to_backs_last_14_days = 1", "more back-to-backs than games allow"),
        the_player("games_played_season = 1, l5_games_used = 1, l10_games_used = 1", "against those of the season"),
        the_player(PLAYED.replace("l5_games_used = 1", "l5_games_used = 0"), "the last games are not as many"),
        the_player(PLAYED.replace("l10_games_used = 1", "l10_games_used = 2"), "the last games are not as many"),
        the_player("prop_over_streak = 1, prop_under_streak = 1", "a streak over the line and one under it"),
        the_player("prop_over_streak = 1", "a streak longer than the season"),
        the_player("prop_over_streak = NULL, prop_under_streak = NULL", "that is not there"),
        the_player("current_points_line = NULL", "that is not there"),
        the_player("expected_games_count = 1", "games there and missing are not all"),
    ],
    "dnp_pollution": [
        benched(PLAYED, "which the player did not play"),
        benched(THREE_DAYS, "counts 1 games of 0 that the player played"),
        player_listed_twice(f"{THREE_DAYS}, points_avg_season = {HIS_POINTS} / 2", "points_avg_season counts rows"),
        player_listed_twice(f"{THREE_DAYS}, points_avg_last_10 = {HIS_POINTS} / 2", "points_avg_last_10 counts rows"),
        player_listed_twice(
            f"{THREE_DAYS}, minutes_avg_last_10 = ROUND({HIS_MINUTES} / 2, 1)", "minutes_avg_last_10 counts rows"
        ),
    ],
    "symmetry": [
        *(
            Caught(
                f"UPDATE {{t}} SET {assignment} {THE_PLAYER}",
                (error("{game}", f"the rows of the game have several {figures}"),),
            )
            for assignment, figures in (
                ("game_total = 220", "totals"),
                ("game_spread = -3", "spreads"),
                ("tip_off = tip_off + INTERVAL 1 HOUR", "tip-offs"),
            )
        ),
        the_player("opponent_team_abbr = 'UTA'", "the two teams are not opponents"),
        Caught(
            f"UPDATE {{t}} SET game_spread = -3 {THE_GAME}; UPDATE {{t}} SET team_spread = 3 {THE_PLAYER}",
            (error("{player}", "the own spread does not follow"),),
        ),
    ],
    "plausible_ranges": [
        *(
            Caught(
                f"UPDATE {{t}} SET {column} = {value} {THE_PLAYER}",
                (warning("{player}", f"{column} {value} is out of range"),),
            )
            for column, value in (
                ("points_avg_last_5", 50.1),
                ("points_avg_last_10", 51),
                ("points_avg_season", -1),
                ("travel_miles", 6001),
                ("travel_miles", -1),
            )
        ),
        *(
            Caught(
                f"UPDATE {{t}} SET actual_games_count = 5, expected_games_count = 5, {column} = {value} {THE_PLAYER}",
                (warning("{player}", f"{column} {value} is out of range"),),
            )
            for column, value in (("opponent_def_rating_last_10", 79.99), ("opponent_def_rating_last_15", 140.01))
        ),
        Caught(
            f"DELETE FROM {{t}} {THE_GAME} AND player_lookup <> '{{player}}'; "
            f"UPDATE {{t}} SET game_spread = -40.5 {THE_PLAYER}",
            (warning("{player}", "game_spread -40.5 is out of range"),),
        ),
        the_player_warns(
            PLAYED.replace("= 2", "= 31")
            .replace("rest_days = 1", "rest_days = 30")
            .replace("- 2", "- 31")
            .replace("days = 1,", "days = 0,"),
            "days_rest 31 is out of range",
        ),
    ],
    "coverage": [
        Caught(
            f"DELETE FROM {ROWS}; DELETE FROM {{t}} {THE_GAME} AND team_abbr = '{{home}}'",
            (warning("{home}", "0 players have a row"),),
        ),
        Caught(
            f"DELETE FROM {ROWS}; DELETE FROM {{t}} {THE_GAME} AND team_abbr = '{{home}}' AND player_lookup NOT IN "
            f"(SELECT player_lookup FROM {{t}} {THE_GAME} AND team_abbr = '{{home}}' ORDER BY 1 LIMIT 7)",
            (warning("{home}", "7 players have a row"),),
        ),
        Caught(f"DELETE FROM {{t}} {THE_PLAYER}", (warning("{home}", "1 players played and had no row: {player}"),)),
    ],
    "left_out": [
        Caught(f"DELETE FROM {{t}} {THE_PLAYER}", (warning("{player}", "has a points line of"),)),
        Caught(
            f"INSERT INTO {REPORTS} (game_date, game_id, player_lookup, injury_status) "
            f"SELECT DISTINCT game_date, game_id, 'somebodynew', 'out' FROM {{t}} {THE_GAME}",
            (warning("somebodynew", "is reported out with no team named and has no row"),),
        ),
    ],
    "line_match": [
        Caught(
            f"UPDATE {{t}} SET {WITHOUT_LINE} WHERE player_lookup <> '{{player}}'",
            (warning("current_points_line", "1 of 90 players of the date have a line"),),
            games=(0, 1, 2),
        )
    ],
}
PASSED = {
    "nulls": [
        Passed(f"UPDATE {{t}} SET {column} = NULL {THE_PLAYER}")
        for column in ("nba_game_id", "tip_off", "player_age", "quality_issues", "player_full_name")
    ],
    "duplicates": [
        Passed(
            "INSERT INTO {t} SELECT * REPLACE (game_date + 1 AS game_date, 'the next day' AS game_id) FROM {t} "
            + THE_PLAYER
        )
    ],
    "accepted_values": [
        Passed(f"UPDATE {{t}} SET player_status = {status} {THE_PLAYER}")
        for status in ("'out'", "'doubtful'", "'questionable'", "'probable'", "'available'", "NULL")
    ],
    "point_in_time": [
        Passed(f"UPDATE {{t}} SET latest_game_used = game_date - 1 {THE_PLAYER}"),
        Passed(
            "UPDATE {t} SET betting_lines_known_until = tip_off, injury_report_updated_at = tip_off, "
            "points_line_known_until = tip_off, points_line_updated_at = tip_off - INTERVAL 1 SECOND, "
            f"betting_lines_updated_at = tip_off - INTERVAL 1 SECOND {THE_PLAYER}"
        ),
    ],
    "rest_arithmetic": [
        Passed(f"UPDATE {{t}} SET {assignment} {THE_PLAYER}")
        for assignment in (
            PLAYED,
            PLAYED.replace("= 2", "= 1").replace("rest_days = 1", "rest_days = 0").replace("- 2", "- 1")
            + ", back_to_back = TRUE",
            PLAYED.replace("= 2", "= 7").replace("rest_days = 1", "rest_days = 6").replace("- 2", "- 7"),
            PLAYED.replace("= 2", "= 8")
            .replace("rest_days = 1", "rest_days = 7")
            .replace("- 2", "- 8")
            .replace("last_7_days = 1", "last_7_days = 0"),
            f"{PLAYED}, prop_over_streak = 1",
            "missing_games_count = 2, expected_games_count = 2",
        )
    ],
    "dnp_pollution": [
        Passed(f"{before(2)}; UPDATE {{t}} SET {PLAYED}, points_avg_season = {HIS_POINTS} {THE_PLAYER}"),
        Passed(before(2)),
        # Made before his games were published: a figure may be the wrong one by chance.
        Passed(
            f"{LISTED_TWICE}; UPDATE {{t}} SET {THREE_DAYS}, points_avg_season = {HIS_POINTS} / 2 {THE_PLAYER}; "
            f"UPDATE {{t}} SET games_played_season = 0 {THE_PLAYER}"
        ),
    ],
    "symmetry": [
        Passed(f"UPDATE {{t}} SET game_total = 220.5 {THE_GAME}"),
        Passed(f"UPDATE {{t}} SET game_spread = -3, team_spread = IF(home_game, -3, 3) {THE_GAME}"),
        Passed(f"DELETE FROM {{t}} {THE_GAME} AND team_abbr = '{{home}}'"),
    ],
    "plausible_ranges": [
        Passed(f"UPDATE {{t}} SET {assignment} {THE_PLAYER}")
        for assignment in (
            "points_avg_last_10 = 50, points_avg_season = 0, travel_miles = 6000, game_spread = 40",
            "opponent_def_rating_last_10 = 150, actual_games_count = 4",
            "days_rest = 31, has_prop_line = FALSE",
        )
    ],
    "coverage": [Passed("DELETE FROM {t} WHERE player_lookup = '{benched}'")],
    "left_out": [
        Passed("DELETE FROM {t} WHERE player_lookup = '{benched}'"),
        Passed(f"UPDATE {REPORTS} SET team_abbr = NULL"),
    ],
    "line_match": [
        Passed(f"UPDATE {{t}} SET {WITHOUT_LINE}"),
        Passed(f"UPDATE {{t}} SET {WITHOUT_LINE} {THE_PLAYER}"),
    ],
}
