"""Examples of the rules of player_game_summary."""

from phase3_assets_tests.sql.rule_examples import Caught, Passed, error, required, warning
from phase3_assets_tests.sql.team_rules import WITNESSED
from phase3_assets_tests.support.games import PLAYERS

MISSING = "20 minutes and 6 points of LAL"
THE_PLAYER = "WHERE player_lookup = '{player}'"
THE_BENCHED = "WHERE player_lookup = '{benched}'"
COUNTS = [
    *("points", "assists", "offensive_rebounds", "defensive_rebounds", "steals", "blocks", "turnovers"),
    *("fg_attempts", "fg_makes", "three_pt_attempts", "three_pt_makes", "ft_attempts", "ft_makes"),
    *("plus_minus", "personal_fouls"),
]


def _all_counts(value: str) -> str:
    return ", ".join(f"{column} = {value}" for column in COUNTS)


def _player(assignment: str, problem: str, warns: str | None = None) -> Caught:
    also = (warning("{player}", warns),) if warns else ()
    return Caught(f"UPDATE {{t}} SET {assignment} {THE_PLAYER}", (error("{player}", problem), *also))


def _doubtful(assignment: str, problem: str) -> Caught:
    return Caught(f"UPDATE {{t}} SET {assignment} {THE_PLAYER}", (warning("{player}", problem),))


def usage(usage: str, raw: str, minutes: str, reason: str = "NULL") -> str:
    rates = f"usage_rate = {usage}, usage_rate_raw = {raw}, usage_rate_anomaly_reason = {reason}"
    return f"{rates}, minutes_played = {minutes}"


def _only_played(keep: int, of: str = "TRUE") -> str:
    """Leave that many of the players with minutes; those who did not play stay."""
    return (
        f"DELETE FROM {{t}} WHERE minutes_played IS NOT NULL AND {of} AND player_lookup NOT IN (SELECT player_lookup "
        f"FROM {{t}} WHERE minutes_played IS NOT NULL AND {of} ORDER BY player_lookup LIMIT {keep}); "
    )


def coverage(missing: int, of: int = 10) -> str:
    """Of that many players with minutes in the game, some have no usage rate."""
    game = "game_id = '{game}'"
    return _only_played(of, game) + (
        f"UPDATE {{t}} SET usage_rate = NULL WHERE player_lookup IN (SELECT player_lookup FROM {{t}} "
        f"WHERE minutes_played > 0 AND {game} ORDER BY player_lookup LIMIT {missing})"
    )


def _lines(with_line: int, of: int = 20) -> str:
    """Of that many players with minutes on the date, some have a points line."""
    return _only_played(of) + (
        "UPDATE {t} SET points_line = NULL; UPDATE {t} SET points_line = 10.5 WHERE player_lookup IN "
        f"(SELECT player_lookup FROM {{t}} WHERE minutes_played > 0 ORDER BY player_lookup LIMIT {with_line})"
    )


def _unlike_team(assignment: str, problem: str) -> Caught:
    return Caught(f"UPDATE {{t}} SET {assignment} {THE_PLAYER}", (warning("{home}", problem),))


ZONES = (
    "fg_attempts = 10, fg_makes = 5, three_pt_attempts = 3, three_pt_makes = 1, points = 11, ft_makes = 0, blocks = 2, "
    "rim_attempts = 3, rim_makes = 2, paint_attempts = 5, paint_makes = 3, "
    "mid_range_attempts = 2, mid_range_makes = 1, "
    "three_attempts_pbp = 3, three_makes_pbp = 1, and1_count = 1, assisted_fg_makes = 2, unassisted_fg_makes = 3, "
    "paint_blocks = 1, mid_range_blocks = 1, three_pt_blocks = 0, has_complete_shot_zones = TRUE"
)
"""A player's zones that add up."""


ALL_TOLD = (
    "UPDATE {t} SET has_complete_shot_zones = TRUE, rim_attempts = 0, rim_makes = 0, "
    "paint_attempts = fg_attempts - three_pt_attempts, paint_makes = fg_makes - three_pt_makes, "
    "mid_range_attempts = 0, mid_range_makes = 0, three_attempts_pbp = three_pt_attempts, "
    "three_makes_pbp = three_pt_makes, and1_count = 0, assisted_fg_makes = 0, unassisted_fg_makes = fg_makes "
    "WHERE NOT is_dnp; "
)
"""Everybody's zones are complete: every two is from the paint."""


def _zones(*assignments: str) -> str:
    """The player with zones that add up, and then with these figures; the other games have play-by-play as well."""
    changes = [f"UPDATE {{t}} SET {assignment} {THE_PLAYER}" for assignment in (ZONES, *assignments)]
    return ALL_TOLD.replace("WHERE", "WHERE game_id <> '{game}' AND") + "; ".join(changes)


def _zone_fault(assignment: str, problem: str) -> Caught:
    return Caught(_zones(assignment), (error("{player}", problem),))


def _team_zones(paint: int, mid_range: int) -> str:
    """The row of the player's team has these attempts."""
    return (
        "; UPDATE nba_analytics.team_offense_game_summary SET "
        f"team_paint_attempts = {paint}, team_mid_range_attempts = {mid_range} WHERE team_abbr = '{{home}}'"
    )


def _with_zones(complete: int, of: int = 20) -> str:
    """Of that many players with play-by-play on the date, some have complete zones."""
    return _only_played(of) + (
        "DELETE FROM {t} WHERE minutes_played IS NULL; UPDATE {t} SET has_complete_shot_zones = player_lookup IN "
        f"(SELECT player_lookup FROM {{t}} ORDER BY player_lookup LIMIT {complete})"
    )


ZONE_COLUMNS = [
    *("rim_attempts", "rim_makes", "paint_attempts", "paint_makes", "mid_range_attempts", "mid_range_makes"),
    *("three_attempts_pbp", "three_makes_pbp", "and1_count", "assisted_fg_makes", "unassisted_fg_makes"),
]
NOT_COMPLETE = f"has_complete_shot_zones = FALSE, {', '.join(f'{column} = NULL' for column in ZONE_COLUMNS)}"
UNTOLD = f"has_complete_shot_zones = NULL, {', '.join(f'{column} = NULL' for column in ZONE_COLUMNS)}"
SMALL = "'small_sample'"
HIGH = "minutes is unusually high"
LOW_COVERAGE = "players with minutes have a usage rate"
CAUGHT: dict[str, list[Caught]] = {
    "nulls": [
        *(
            Caught(
                f"UPDATE {{t}} SET {column} = NULL {THE_PLAYER}",
                (error(None if column == "player_lookup" else "{player}", f"missing: {column}"),),
            )
            for column in required(PLAYERS)
        ),
        *(
            _player(f"{column} = NULL", f"minutes without {column}")
            for column in ("points", "fg_attempts", "three_pt_attempts", "ft_attempts", "turnovers")
        ),
        _player("minutes_played = 0, turnovers = NULL", "minutes without turnovers"),
        _player("minutes_played = NULL", "statistics without minutes"),
        *(
            Caught(f"UPDATE {{t}} SET {column} = 0 {THE_BENCHED}", (error("{benched}", "statistics without minutes"),))
            for column in COUNTS
        ),
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
        *(
            _player(f"player_status = '{status}'", f"unknown player status {status}")
            for status in ("Active", "out", "")
        ),
        _player("player_status = NULL", "unknown player status NULL"),
    ],
    "names": [
        # Two rows whose keys were exchanged: each has the other's figures.
        Caught(
            "UPDATE {t} SET player_lookup = IF(player_lookup = '{player}', '{benched}', '{player}') "
            "WHERE player_lookup IN ('{player}', '{benched}')",
            tuple(error(name, "but the name of another") for name in ("{benched}", "{player}")),
        ),
        _player(
            "quality_issues = ['team_rebuilt', 'key_of_two=Jalen Green and Jaden Green']",
            "of two listed players: Jalen Green and Jaden Green",
        ),
    ],
    "box_score_arithmetic": [
        _player("fg_attempts = fg_makes - 1", "field goals of"),
        _player("three_pt_attempts = three_pt_makes - 1", "threes of"),
        _player("ft_attempts = ft_makes - 1", "free throws of"),
        _player("three_pt_makes = fg_makes + 1, three_pt_attempts = fg_attempts + 1", "threes among"),
        _player("points = points + 1", "points, but the makes give"),
        _player(
            "points = 100, fg_makes = 40, fg_attempts = 90, three_pt_makes = 10, three_pt_attempts = 30, "
            "ft_makes = 20, ft_attempts = 20",
            "100 points, but the makes give 110",
        ),
        _player("ft_makes = ft_makes + 1, ft_attempts = ft_attempts + 1", "points, but the makes give"),
        _player("opponent_team_abbr = team_abbr", "its own opponent"),
    ],
    "zone_arithmetic": [
        _zone_fault("rim_makes = 4", "4 of 3 shots made at the rim"),
        _zone_fault("paint_makes = 6", "6 of 5 shots made in the paint"),
        _zone_fault("mid_range_makes = 3", "3 of 2 mid-range shots made"),
        _zone_fault("three_makes_pbp = 4", "4 of 3 threes made"),
        _zone_fault("rim_attempts = 6", "6 shots at the rim, but 5 in the paint"),
        _zone_fault("paint_attempts = 6", "the zones have 11 shots, the box score 10"),
        _zone_fault("mid_range_makes = 0", "the zones have 4 makes, the box score 5"),
        _zone_fault("three_pt_attempts = 4", "3 threes in play-by-play, 4 in the box score"),
        _zone_fault("assisted_fg_makes = 3", "3 assisted and 3 other makes, but 5 in the box score"),
        _zone_fault("and1_count = 6", "6 and-ones, but 5 makes"),
        _zone_fault("paint_blocks = 2", "the zones have 3 blocks, the box score 2"),
        _zone_fault("paint_blocks = 3, mid_range_blocks = -1", "fewer than no blocks"),
        _zone_fault("paint_attempts = NULL", "complete, but missing"),
        _zone_fault("has_complete_shot_zones = FALSE", "not complete, but there"),
        Caught(
            _zones() + _team_zones(4, 2), (error("{home}", "5 shots in the paint and 2 from mid-range, the team 4"),)
        ),
        Caught(_zones() + _team_zones(5, 1), (error("{home}", "and 2 from mid-range, the team 5 and 1"),)),
        # Everybody's zones are complete and the team has more: one of the sources lacks somebody.
        Caught(
            "DELETE FROM {t} WHERE team_abbr = '{home}' AND player_lookup <> '{player}'; "
            + _zones()
            + _team_zones(6, 2),
            (warning("{home}", "5 shots in the paint and 2 from mid-range, the team 6 and 2"),),
        ),
    ],
    "zones_complete": [
        Caught(
            f"{ALL_TOLD}UPDATE {{t}} SET {NOT_COMPLETE} WHERE NOT is_dnp AND game_id = '{{game}}'",
            (warning("has_complete_shot_zones", "0 of "),),
        ),
    ],
    "play_by_play_missing": [
        Caught(
            f"{ALL_TOLD}UPDATE {{t}} SET {UNTOLD} WHERE game_id = '{{game}}'",
            (warning("play-by-play", "1 games without play-by-play: {game}"),),
        ),
    ],
    "line_match": [
        Caught(_lines(2), (warning("points_line", "2 of 20 played rows"),), games=(0, 1, 2)),
        Caught(_lines(1), (warning("points_line", "1 of 20 played rows"),), games=(0, 1, 2)),
    ],
    "plausible_ranges": [
        _doubtful("ts_pct = -0.001", "true shooting -0.001 is out of range"),
        _doubtful("ts_pct = 1.501", "true shooting 1.501 is out of range"),
        _doubtful("points_line = 0.4", "points line 0.4 is out of range"),
        _doubtful("points_line = 60.1", "points line 60.1 is out of range"),
        _doubtful("points = -1", "points -1 are out of range"),
        _doubtful("points = 101", "points 101 are out of range"),
    ],
    "team_totals": [
        _unlike_team("points = points + 1", "players minus team: points 1"),
        _unlike_team("points = points - 3", "players minus team: points -3"),
        _unlike_team("fg_attempts = fg_attempts + 2", "team: fg_attempts 2"),
        _unlike_team("fg_makes = fg_makes - 1", "team: fg_makes -1"),
        _unlike_team("three_pt_attempts = three_pt_attempts + 1", "team: three_pt_attempts 1"),
        _unlike_team("three_pt_makes = three_pt_makes + 1", "team: three_pt_makes 1"),
        _unlike_team("ft_attempts = ft_attempts + 1", "team: ft_attempts 1"),
        _unlike_team("ft_makes = ft_makes - 1", "team: ft_makes -1"),
        _unlike_team("turnovers = turnovers + 1", "team: turnovers 1"),
        Caught(f"DELETE FROM {{t}} {THE_PLAYER}", (warning("{home}", "players minus team: points -"),)),
        # A column that no player has any more, and others that are twice too high.
        Caught(
            "UPDATE {t} SET ft_makes = NULL, points = 2 * points WHERE team_abbr = '{home}'",
            (warning("{home}", " ft_makes -"),),
        ),
    ],
    "unreadable_minutes": [
        *(
            _player(f"quality_issues = ['unreadable_minutes={issue}']", f"minutes {issue}")
            for issue in ("abc", "71:00")
        ),
        _player("quality_issues = ['team_rebuilt', 'unreadable_minutes=-5']", "minutes -5"),
    ],
    "impossible_statistics": [
        _player("quality_issues = ['team_rebuilt', 'impossible_statistic=points -7']", "points -7"),
    ],
    "contradictory_rows": [
        _player("quality_issues = ['contradictory_rows']", "two rows of one load of nbac_gamebook_player_stats differ"),
    ],
    "source_contradicted": [
        Caught(
            "UPDATE {t} SET quality_issues = ['gamebook_not_whole=points -7 of Nikola Kovač'] WHERE game_id = '{game}'",
            (warning("{first}", "the gamebook is not whole: points -7 of Nikola Kovač"),),
        ),
    ],
    "players_incomplete": [
        Caught(
            f"UPDATE {{t}} SET quality_issues = ['players_incomplete={MISSING}'] WHERE game_id = '{{game}}'",
            (warning("{first}", f"players are missing: {MISSING}"),),
        ),
    ],
    "does_not_add_up": [
        Caught(
            "UPDATE {t} SET minutes_played = minutes_played / 2 WHERE team_abbr = '{home}'",
            (error("{home}", "120 of 240 minutes"),),
        ),
        Caught("UPDATE {t} SET minutes_played = 0 WHERE team_abbr = '{home}'", (error("{home}", "0 of 240 minutes"),)),
        Caught(f"DELETE FROM {{t}} {THE_PLAYER}", (error("{home}", " of 240 minutes"),)),
        # Bronze says that players are missing: never that some are too many, or that most are.
        Caught(
            f"UPDATE {{t}} SET quality_tier = 'bronze', assists = assists + 30 {THE_PLAYER}",
            (error("{home}", "assists "),),
        ),
        Caught(
            "UPDATE {t} SET quality_tier = 'bronze', minutes_played = 0.79 * minutes_played WHERE team_abbr = '{home}'",
            (error("{home}", " of 240 minutes"),),
        ),
        Caught(
            "UPDATE {t} SET quality_tier = 'bronze', minutes_played = 0.9 * minutes_played WHERE team_abbr = '{home}'",
            (error("{home}", "216 of 240 minutes"),),
        ),
        *(
            Caught(f"UPDATE {{t}} SET {column} = {column} + 3 {THE_PLAYER}", (error("{home}", f"{column} "),))
            for column in (*WITNESSED, "turnovers")
        ),
        Caught(f"UPDATE {{t}} SET points = points + 4 {THE_PLAYER}", (error("{home}", "points "),)),
        Caught("UPDATE {t} SET turnovers = NULL WHERE team_abbr = '{home}'", (error("{home}", "turnovers 0 against"),)),
    ],
    "usage_rate": [
        # The incident: rates of up to 1228 % written by hand, alone or together with the raw figure.
        _player("usage_rate = 1228, minutes_played = 36", "usage 1228,", HIGH),
        _player(usage("1228", "1228", "36"), "usage 1228,", HIGH),
        _player(usage("NULL", "1228", "36"), "raw 1228,"),
        _player(usage("NULL", "100.01", "36"), "100.01"),
        _player(usage("NULL", "100.01", "36", "'impossible'"), "100.01"),
        _player(usage("50", "50", "36", "'impossible'"), "usage 50,"),
        _player(usage("NULL", "100.01", "2"), "100.01, in 2 minutes"),
        _player(usage("NULL", "120", "3.1", SMALL), "120, in 3.1 minutes"),
        _player(usage("20", "-0.01", "36"), "-0.01"),
        _player(usage("-0.1", "0", "36"), "-0.1"),
        Caught(coverage(missing=3), (error("coverage", LOW_COVERAGE),)),
        Caught(coverage(missing=10), (error("coverage", LOW_COVERAGE),)),
        Caught(coverage(missing=5, of=20), (error("coverage", LOW_COVERAGE),)),
        Caught(
            "UPDATE {t} SET minutes_played = 0 WHERE minutes_played > 0 AND game_id = '{game}'",
            (error("coverage", "no player has minutes"),),
        ),
        Caught(coverage(missing=2), (warning("coverage", LOW_COVERAGE),)),
        Caught(coverage(missing=3, of=20), (warning("coverage", LOW_COVERAGE),)),
        _doubtful(usage("50.1", "50.1", "5"), HIGH),
        _doubtful(usage("100", "100", "36"), HIGH),
    ],
}

PASSED: dict[str, list[Passed]] = {
    "nulls": [
        Passed(f"UPDATE {{t}} SET {assignment} {THE_PLAYER}")
        for assignment in (
            "plus_minus = NULL",
            "universal_player_id = NULL, starter_flag = NULL, points_line = NULL",
            "minutes_played = 0",
            _all_counts("0"),
            f"minutes_played = NULL, {_all_counts('NULL')}",
        )
    ],
    "duplicates": [
        Passed(
            "INSERT INTO {t} SELECT * REPLACE (game_date + 1 AS game_date, 'the next day' AS game_id) FROM {t} "
            + THE_PLAYER
        )
    ],
    "accepted_values": [
        Passed(f"UPDATE {{t}} SET player_status = '{status}' {THE_PLAYER}") for status in ("active", "dnp", "inactive")
    ],
    "names": [
        Passed(f"UPDATE {{t}} SET player_lookup = 'asanothersourcespellsit' {THE_PLAYER}"),
        Passed(f"UPDATE {{t}} SET player_full_name = NULL {THE_PLAYER}"),
        Passed(f"UPDATE {{t}} SET quality_issues = ['team_rebuilt'] {THE_PLAYER}"),
    ],
    "box_score_arithmetic": [
        Passed(f"UPDATE {{t}} SET {assignment} {THE_PLAYER}")
        for assignment in (
            "fg_attempts = fg_makes, three_pt_attempts = three_pt_makes, ft_attempts = ft_makes",
            "fg_makes = 4, three_pt_makes = 4, three_pt_attempts = 4, ft_makes = 0, points = 12",
            _all_counts("0"),
            "points = 0, fg_makes = 0, three_pt_makes = 0, ft_makes = 0",
            _all_counts("NULL"),
        )
    ],
    "zone_arithmetic": [
        Passed(_zones()),
        Passed(ALL_TOLD),
        Passed(_zones("paint_blocks = NULL, mid_range_blocks = NULL, three_pt_blocks = NULL")),
        Passed(_zones(NOT_COMPLETE)),
        Passed(_zones() + _team_zones(6, 2)),
        Passed(
            "DELETE FROM {t} WHERE team_abbr = '{home}' AND player_lookup <> '{player}'; "
            + _zones()
            + _team_zones(5, 2)
        ),
    ],
    "zones_complete": [
        Passed(ALL_TOLD),
        Passed(_with_zones(16)),
        Passed(f"{ALL_TOLD}UPDATE {{t}} SET {NOT_COMPLETE} {THE_PLAYER}"),
        Passed(f"UPDATE {{t}} SET {UNTOLD}"),
    ],
    "play_by_play_missing": [
        # A source that nobody has in this season is not missed.
        Passed(f"UPDATE {{t}} SET {UNTOLD}"),
        Passed(ALL_TOLD),
        Passed(f"{ALL_TOLD}UPDATE {{t}} SET {UNTOLD} {THE_PLAYER}"),
    ],
    "line_match": [Passed(_lines(3)), Passed(_lines(0)), Passed(_lines(20))],
    "plausible_ranges": [
        Passed(f"UPDATE {{t}} SET {assignment} {THE_PLAYER}")
        for assignment in (
            "ts_pct = 0",
            "ts_pct = 1.5",
            "points_line = 0.5",
            "points_line = 60",
            "points = 0",
            "points = 100",
            "ts_pct = NULL, points_line = NULL, points = NULL",
        )
    ],
    "team_totals": [
        Passed(f"UPDATE {{t}} SET turnovers = 0 {THE_PLAYER}"),
        Passed(
            "UPDATE nba_analytics.team_offense_game_summary SET turnovers = turnovers + 3 WHERE team_abbr = '{home}'"
        ),
        Passed(f"UPDATE {{t}} SET assists = 30, steals = 9 {THE_PLAYER}"),
        Passed(f"DELETE FROM {{t}} {THE_BENCHED}"),
    ],
    "unreadable_minutes": [
        Passed(f"UPDATE {{t}} SET quality_issues = {issues} {THE_PLAYER}")
        for issues in ("['team_rebuilt']", "[]", "NULL", "['not_unreadable_minutes=1']")
    ],
    **{
        rule: [
            Passed(f"UPDATE {{t}} SET quality_issues = {issues} {THE_PLAYER}")
            for issues in ("['team_rebuilt']", "[]", "NULL", "['another_issue=1']")
        ]
        for rule in ("impossible_statistics", "contradictory_rows", "source_contradicted", "players_incomplete")
    },
    "does_not_add_up": [
        Passed(f"UPDATE {{t}} SET {assignment} {THE_PLAYER}")
        for assignment in (
            *(f"{column} = {column} + 2" for column in (*WITNESSED, "turnovers")),
            "points = points + 3",
            "plus_minus = NULL",
            "minutes_played = minutes_played + 6",
        )
    ]
    + [Passed("UPDATE {t} SET quality_tier = 'bronze' WHERE team_abbr = '{home}'; DELETE FROM {t} " + THE_PLAYER)],
    "usage_rate": [
        Passed(f"UPDATE {{t}} SET {usage('100', '100', '4.9')} {THE_PLAYER}"),
        Passed(f"UPDATE {{t}} SET {usage('100', '100', '36')} {THE_PLAYER}", warns=HIGH),
        # 2:59 is stored as 3.0 minutes.
        Passed(f"UPDATE {{t}} SET {usage('NULL', '400', '3.0', SMALL)} {THE_PLAYER}"),
        Passed(f"UPDATE {{t}} SET {usage('NULL', '9999.99', '0.1', SMALL)} {THE_PLAYER}"),
        Passed(f"UPDATE {{t}} SET {usage('0', '0', '36')}, {_all_counts('0')} {THE_PLAYER}"),
        Passed(f"UPDATE {{t}} SET {usage('NULL', 'NULL', '0')} {THE_PLAYER}"),
        Passed(f"UPDATE {{t}} SET {usage('50', '50', '5')} {THE_PLAYER}"),
        Passed(f"UPDATE {{t}} SET {usage('50.1', '50.1', '4.9')} {THE_PLAYER}"),
        Passed(coverage(missing=0)),
        Passed(coverage(missing=1)),
        Passed(coverage(missing=2, of=20)),
        Passed(coverage(missing=2), warns=LOW_COVERAGE),
        Passed(coverage(missing=4, of=20), warns=LOW_COVERAGE),
    ],
}
