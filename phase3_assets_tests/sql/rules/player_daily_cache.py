"""Examples of the rules of player_daily_cache. The games of the bench are the first of their season."""

from phase3_assets_tests.sql.rule_examples import Caught, Passed, Said, error, required

TABLE = "player_daily_cache"
THE_PLAYER = "WHERE player_lookup = '{player}'"
ROWS = "nba_analytics.player_game_summary"
CONTEXT = "nba_analytics.upcoming_player_game_context"

HISTORY = (
    f"INSERT INTO {ROWS} SELECT r.* REPLACE (r.game_date - d AS game_date, 'before ' || d AS game_id, "
    "5 + d * d % 23 AS points, 20 + d AS minutes_played, 10 + d * d % 19 AS usage_rate, 8 + d AS fg_attempts, "
    "d % 4 AS ft_attempts, TRUE AS has_complete_shot_zones, d AS paint_attempts, 2 AS mid_range_attempts, "
    "d * d % 7 AS three_attempts_pbp, d % 5 AS assisted_fg_makes, 1 + d % 2 AS unassisted_fg_makes) "
    f"FROM (SELECT * FROM {ROWS} WHERE game_id = '{{game}}' AND player_lookup = '{{player}}') AS r, "
    "(SELECT CAST(UNNEST(RANGE(2, 16)) AS INTEGER) AS d) AS days"
)
"""Rows of the fourteen dates from two days before, each with other figures."""
UNPLAYED = ("before 2", "before 4", "before 5", "before 9")
_ARE_UNPLAYED = " OR ".join(f"game_id = '{game}'" for game in UNPLAYED)
WITHOUT_MINUTES = (
    f"{HISTORY}; UPDATE {ROWS} SET is_dnp = TRUE, minutes_played = NULL, points = NULL, usage_rate = NULL, "
    "fg_attempts = NULL, ft_attempts = NULL, has_complete_shot_zones = NULL, paint_attempts = NULL, "
    "mid_range_attempts = NULL, three_attempts_pbp = NULL, assisted_fg_makes = NULL, unassisted_fg_makes = NULL "
    f"WHERE {_ARE_UNPLAYED}"
)
"""The same; four times of them he was listed and did not play, the latest time among them."""
WITH_ZONES = f"{HISTORY}; UPDATE {ROWS} SET is_dnp = TRUE, minutes_played = NULL WHERE {_ARE_UNPLAYED}"
"""The same, and somebody has given him shot zones in games that he did not play."""

_PLAYED = "minutes_played IS NOT NULL"


def latest(number: int, condition: str = "TRUE") -> str:
    """The latest rows before the game that meet the condition."""
    return (
        f"(SELECT * FROM {ROWS} {THE_PLAYER} AND game_id LIKE 'before %' AND {condition} "
        f"ORDER BY game_date DESC LIMIT {number}) AS latest"
    )


def days(number: int, condition: str = "TRUE") -> str:
    """The rows of so many days before the game that meet the condition."""
    return (
        f"(SELECT * FROM {ROWS} {THE_PLAYER} AND game_id LIKE 'before %' AND {condition} AND game_date >= "
        f"(SELECT MAX(cache_date) FROM nba_precompute.{TABLE}) - {number}) AS recent"
    )


def share(zone: str) -> str:
    """A zone's percentage of attempts."""
    return f"ROUND(100 * SUM({zone}) / SUM(paint_attempts + mid_range_attempts + three_attempts_pbp), 2)"


ASSISTED = "ROUND(100 * SUM(assisted_fg_makes) / SUM(assisted_fg_makes + unassisted_fg_makes), 2)"
TRUE_SHOOTING = "ROUND(SUM(points) / (2 * (SUM(fg_attempts) + 0.44 * SUM(ft_attempts))), 3)"
ZONES = {
    "paint_rate_last_10": share("paint_attempts"),
    "three_pt_rate_last_10": share("three_attempts_pbp"),
    "mid_range_rate_last_10": share("mid_range_attempts"),
    "assisted_rate_last_10": ASSISTED,
}
POLLUTED = [
    # Rows without minutes as games of nothing.
    *(
        (column, f"ROUND(COALESCE(SUM({figure}), 0) / COUNT(*), {decimals})", rows)
        for column, figure, rows, decimals in (
            ("points_avg_last_5", "points", latest(5), 1),
            ("points_avg_last_10", "points", latest(10), 1),
            ("points_avg_season", "points", latest(99), 1),
            ("minutes_avg_last_10", "minutes_played", latest(10), 1),
            ("usage_rate_last_10", "usage_rate", latest(10), 2),
            ("player_usage_rate_season", "usage_rate", latest(99), 2),
            ("avg_minutes_per_game_last_7", "minutes_played", days(7), 1),
        )
    ),
    ("points_std_last_10", "ROUND(STDDEV_SAMP(COALESCE(points, 0)), 2)", latest(10)),
    ("games_played_season", "COUNT(*)", latest(99)),
    ("games_in_last_7_days", "COUNT(*)", days(7)),
    ("games_in_last_14_days", "COUNT(*)", days(14)),
    ("back_to_backs_last_14_days", "COUNT(*)", days(13)),
    # Rows without minutes among the last ones, so that there are fewer games than there should be.
    *(
        (column, f"ROUND(AVG({figure}), {decimals})", latest(number))
        for column, figure, number, decimals in (
            ("points_avg_last_5", "points", 5, 1),
            ("points_avg_last_10", "points", 10, 1),
            ("minutes_avg_last_10", "minutes_played", 10, 1),
            ("usage_rate_last_10", "usage_rate", 10, 2),
        )
    ),
    ("points_std_last_10", "ROUND(STDDEV_SAMP(points), 2)", latest(10)),
    ("ts_pct_last_10", TRUE_SHOOTING, latest(10)),
    *((column, figure, latest(10)) for column, figure in ZONES.items()),
]
"""Every kind of pollution: the column, the figure that it then has, and the rows that the figure is made of."""
RIGHT = {
    "points_avg_last_5": ("ROUND(AVG(points), 1)", latest(5, _PLAYED)),
    "points_avg_last_10": ("ROUND(AVG(points), 1)", latest(10, _PLAYED)),
    "points_avg_season": ("ROUND(AVG(points), 1)", latest(99, _PLAYED)),
    "points_std_last_10": ("ROUND(STDDEV_SAMP(points), 2)", latest(10, _PLAYED)),
    "minutes_avg_last_10": ("ROUND(AVG(minutes_played), 1)", latest(10, _PLAYED)),
    "usage_rate_last_10": ("ROUND(AVG(usage_rate), 2)", latest(10, _PLAYED)),
    "player_usage_rate_season": ("ROUND(AVG(usage_rate), 2)", latest(99, _PLAYED)),
    "ts_pct_last_10": (TRUE_SHOOTING, latest(10, _PLAYED)),
    "games_played_season": ("COUNT(*)", latest(99, _PLAYED)),
    "games_in_last_7_days": ("COUNT(*)", days(7, _PLAYED)),
    "games_in_last_14_days": ("COUNT(*)", days(14, _PLAYED)),
    "avg_minutes_per_game_last_7": ("ROUND(AVG(minutes_played), 1)", days(7, _PLAYED)),
    **{column: (figure, latest(10, _PLAYED)) for column, figure in ZONES.items()},
}
"""By column, the figure as it should be."""


def the_player(assignment: str, *says: Said, first: str = "") -> Caught:
    """What is said of the player's row."""
    return Caught(f"{first}{'; ' if first else ''}UPDATE {{t}} SET {assignment} {THE_PLAYER}", says)


def wrong(assignment: str, problem: str) -> Caught:
    """An error of the player's row."""
    return the_player(assignment, error("{player}", problem))


def made_of(column: str, figure: str, rows: str) -> str:
    """The assignment of a figure that is made of rows."""
    return f"{column} = (SELECT {figure} FROM {rows})"


COUNTED = f"UPDATE {{t}} SET {made_of('games_played_season', *RIGHT['games_played_season'])} {THE_PLAYER}"
"""The player's row says that it is made of all games of WITHOUT_MINUTES or WITH_ZONES."""

_SHARES = (
    "shot_zone_data_available = TRUE, paint_rate_last_10 = {}, three_pt_rate_last_10 = {}, mid_range_rate_last_10 = {}"
)
COMPARED = {
    "universal_player_id": "'x'",
    "season_year": "season_year + 1",
    "team_abbr": "'UTA'",
    "player_status": "'out'",
    "latest_game_used": "cache_date - 2",
    **dict.fromkeys(
        (
            *("points_avg_last_5", "points_avg_last_10", "points_avg_season", "points_std_last_10"),
            *("minutes_avg_last_10", "usage_rate_last_10", "ts_pct_last_10", "player_usage_rate_season"),
            *("games_played_season", "games_in_last_7_days", "games_in_last_14_days", "minutes_in_last_7_days"),
            *("minutes_in_last_14_days", "back_to_backs_last_14_days", "avg_minutes_per_game_last_7", "player_age"),
            *("expected_games_count", "actual_games_count", "missing_games_count"),
        ),
        "3",
    ),
}

CAUGHT = {
    "nulls": [
        Caught(
            f"UPDATE {{t}} SET {column} = NULL {THE_PLAYER}",
            (error(None if column == "player_lookup" else "{player}", f"missing: {column}"),),
        )
        for column in required(TABLE)
        if column != "cache_date"
    ],
    "duplicates": [
        Caught(f"INSERT INTO {{t}} SELECT * FROM {{t}} {THE_PLAYER}", (error("{player}", "2 rows of one key"),)),
        Caught(
            "UPDATE {t} SET player_lookup = '{player}' WHERE player_lookup = '{other_player}'",
            (error("{player}", "2 rows of one key"),),
            games=(0, 1),
        ),
    ],
    "point_in_time": [
        wrong("latest_game_used = cache_date", "is made of a game of"),
        wrong("latest_game_used = cache_date + 1", "is made of a game of"),
    ],
    "same_figures": [
        *(
            wrong(f"{column} = {value}", f"is not the same in upcoming_player_game_context: {column}")
            for column, value in COMPARED.items()
        ),
        Caught(f"DELETE FROM {{t}} {THE_PLAYER}", (error("{player}", "has no row, and one in"),)),
        Caught(f"DELETE FROM {CONTEXT} {THE_PLAYER}", (error("{player}", "has no row in"),)),
    ],
    "rest_arithmetic": [
        wrong("games_in_last_7_days = 1", "more games or minutes in 7 days than in 14"),
        wrong("minutes_in_last_7_days = 30", "more games or minutes in 7 days than in 14"),
        wrong("games_in_last_14_days = 1", "games of the last days against those of the season"),
        wrong("games_played_season = 1", "games of the last days against those of the season"),
        wrong("latest_game_used = cache_date - 2", "games of the last days against those of the season"),
        wrong("back_to_backs_last_14_days = 1", "more back-to-backs than games allow"),
        wrong("early_season_flag = FALSE", "early_season_flag against the games played"),
        wrong("missing_games_count = 1", "games there and missing are not all"),
    ],
    "zone_arithmetic": [
        *(
            wrong(f"{column} = {value}", "a figure of shot zones without a game that has them")
            for column, value in (*((column, "50") for column in ZONES), ("primary_scoring_zone", "'paint'"))
        ),
        wrong(_SHARES.format(50, "NULL", "NULL"), "a share of one zone and none of another"),
        wrong(_SHARES.format(50, 30, 19.97), "do not add up to 100"),
        wrong(_SHARES.format(-10, 60, 50), "a share outside 0 to 100"),
        wrong("shot_zone_data_available = TRUE, assisted_rate_last_10 = 100.01", "a share outside 0 to 100"),
        wrong("shot_zone_data_available = TRUE, primary_scoring_zone = 'rim'", "unknown zone rim"),
        *(
            wrong(f"{_SHARES.format(*shares)}, primary_scoring_zone = '{zone}'", f"scores from {zone} without an")
            for zone, shares in (("paint", (0, 50, 50)), ("perimeter", (50, 0, 50)), ("mid_range", (50, 50, 0)))
        ),
    ],
    "dnp_pollution": [
        the_player(
            "latest_game_used = cache_date - 2",
            error("{player}", "which the player did not play"),
            first=f"{WITHOUT_MINUTES}; {COUNTED}",
        ),
        *(
            the_player(
                made_of(column, figure, rows),
                error("{player}", f"{column} counts rows without minutes"),
                first=f"{WITHOUT_MINUTES}; {COUNTED}",
            )
            for column, figure, rows in POLLUTED
        ),
        *(
            the_player(
                made_of(column, figure, latest(10)),
                error("{player}", f"{column} counts rows without minutes"),
                first=f"{WITH_ZONES}; {COUNTED}",
            )
            for column, figure in ZONES.items()
        ),
    ],
}
PASSED = {
    "nulls": [
        Passed(f"UPDATE {{t}} SET {column} = NULL {THE_PLAYER}")
        for column in ("tip_off", "player_status", "paint_rate_last_10", "quality_issues")
    ],
    "duplicates": [
        Passed(
            "INSERT INTO {t} SELECT * REPLACE (cache_date + 1 AS cache_date, 'later' AS game_id) FROM {t} " + THE_PLAYER
        )
    ],
    "point_in_time": [Passed(f"UPDATE {{t}} SET latest_game_used = cache_date - 1 {THE_PLAYER}")],
    "same_figures": [
        Passed("DELETE FROM {t} WHERE game_id = '{game}'"),
        Passed(f"UPDATE {{t}} SET paint_rate_last_10 = 50, team_pace_last_10 = 99 {THE_PLAYER}"),
    ],
    "rest_arithmetic": [
        Passed(
            "UPDATE {t} SET games_in_last_7_days = 2, games_in_last_14_days = 3, games_played_season = 10, "
            "back_to_backs_last_14_days = 2, early_season_flag = FALSE, latest_game_used = cache_date - 2, "
            f"missing_games_count = 2, expected_games_count = 2 {THE_PLAYER}"
        ),
    ],
    "zone_arithmetic": [
        Passed(f"UPDATE {{t}} SET {_SHARES.format(*shares)}, primary_scoring_zone = {zone} {THE_PLAYER}")
        for shares, zone in (
            ((33.33, 33.33, 33.33), "'perimeter'"),
            ((0, 100, 0), "'perimeter'"),
            ((50.01, 30.01, 20), "NULL"),
            (("NULL", "NULL", "NULL"), "NULL"),
        )
    ],
    "dnp_pollution": [
        Passed(WITHOUT_MINUTES),
        Passed(WITH_ZONES),
        *(
            Passed(f"{WITHOUT_MINUTES}; {COUNTED}; UPDATE {{t}} SET {made_of(column, *right)} {THE_PLAYER}")
            for column, right in RIGHT.items()
        ),
        # Made of other games than those published now: a figure may be one of the wrong ones by chance.
        Passed(f"{WITHOUT_MINUTES}; UPDATE {{t}} SET {made_of(*POLLUTED[0])} {THE_PLAYER}"),
        # Every game was played: nothing can be polluted.
        Passed(f"{HISTORY}; UPDATE {{t}} SET {made_of(*POLLUTED[0])} {THE_PLAYER}"),
    ],
}
