"""The rules: each catches what it is there for, names exactly the games that break it, and lets their neighbours pass.

What belongs here: published rows bent by hand, and what every rule says of them; the thresholds. What doesn't: what
follows from a finding (publishing/test_publish.py).

Every (table, rule) needs an example in CAUGHT and one in PASSED; test_every_rule_has_examples says which is missing.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

import pytest

from phase3_assets.catalog.queries import prepared
from phase3_assets.catalog.tables import published_table, published_tables
from phase3_assets.demo.season import TEAM_CODES, Line, Row, SimulatedGame
from phase3_assets.errors import ConfigurationError
from phase3_assets.publishing import audit as audits
from phase3_assets.publishing import survey as readiness
from phase3_assets.publishing.audit import Finding
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.duckdb.warehouse import DuckDBSession, DuckDBWarehouse
from phase3_assets_tests.support.games import (
    DAY,
    DEFENSE,
    OFFENSE,
    PLAYERS,
    SUMMARIES,
    World,
    night,
    report_of,
    state_of,
)

NEXT_DAY = DAY + timedelta(days=1)


@dataclass(frozen=True)
class Said:
    """What a rule says of one subject; every finding of the rule must be one of those expected."""

    severity: str
    subject: str | None
    problem: str
    """What its text contains."""


@dataclass(frozen=True)
class Caught:
    """Rows changed by hand, and all that the rule must say of them, in exactly the games of `games`.

    Statements and subjects may name {t} (the table) and the facts of `facts_of`; `games` are positions in the world.
    """

    change: str
    says: tuple[Said, ...]
    games: tuple[int, ...] = (0,)


@dataclass(frozen=True)
class Passed:
    """Rows changed by hand at which the rule must say nothing, or no more than a warning of `warns`."""

    change: str
    warns: str | None = None


# The two team tables hold the same figures under two sets of names.
TEAM_COLUMNS = {
    OFFENSE: {
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
    DEFENSE: {
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
}
NEVER_NULL = {
    OFFENSE: ["offensive_rebounds", "turnovers", "possessions", "overtime_periods", "margin_of_victory"],
    DEFENSE: ["turnovers_forced", "overtime_periods", "margin_of_victory"],
}
OTHER_HOME = "LAL in the schedule, CLE in nbac_team_boxscore"
REBOUNDS = "49 rebounds, but 15 offensive and 25 defensive of LAL"
MISSING = "20 minutes and 6 points of LAL"
SHOOTING = ("points", "fga", "fgm", "tpa", "tpm", "fta", "ftm")
# Points of the team that won, and of the other, in a game decided by seven: own points of an offense, those of the
# opponent of a defense.
BY_SEVEN = {OFFENSE: (107, 100), DEFENSE: (100, 107)}
THE_PLAYER = "WHERE player_lookup = '{player}'"
THE_BENCHED = "WHERE player_lookup = '{benched}'"
COUNTS = [
    *("points", "assists", "offensive_rebounds", "defensive_rebounds", "steals", "blocks", "turnovers"),
    *("fg_attempts", "fg_makes", "three_pt_attempts", "three_pt_makes", "ft_attempts", "ft_makes"),
    *("plus_minus", "personal_fouls"),
]


def _required(table: str) -> list[str]:
    contract = published_table(table).contract
    return [c.name for c in contract.computed_columns if c.required and c.name not in ("game_date", "game_id")]


def _all_counts(value: str) -> str:
    return ", ".join(f"{column} = {value}" for column in COUNTS)


def _error(subject: str | None, problem: str) -> Said:
    return Said("ERROR", subject, problem)


def _warning(subject: str | None, problem: str) -> Said:
    return Said("WARN", subject, problem)


def _decided_by_seven(table: str, margin: str, winner: str = "win_flag") -> str:
    """The first game on a date of which the schedule knows no score, won by seven, with that margin and win flag."""
    names, (of_winner, of_loser) = TEAM_COLUMNS[table], BY_SEVEN[table]
    points = f"CASE WHEN win_flag THEN {of_winner} ELSE {of_loser} END"
    free_throws = ", ".join(f"{names[figure]} = {points}" for figure in ("points", "fta", "ftm"))
    others = ", ".join(f"{names[figure]} = 0" for figure in ("fga", "fgm", "tpa", "tpm"))
    return (
        f"UPDATE {{t}} SET game_date = game_date + 1, {free_throws}, {others}, margin_of_victory = {margin}, "
        f"win_flag = {winner} WHERE game_id = '{{game}}'"
    )


def _team_caught(table: str) -> dict[str, list[Caught]]:
    names = TEAM_COLUMNS[table]
    team = names["team"]
    of_home, of_other = f"WHERE {team} = '{{home}}'", f"WHERE {team} = '{{other_home}}'"
    of_game = "WHERE game_id = '{game}'"

    def beside(gain: int) -> str:
        """Both margins after a point more in the home side's row: points it scored, or allowed."""
        return f"margin_of_victory = margin_of_victory + CASE WHEN {team} = '{{home}}' THEN {gain} ELSE {-gain} END"

    def home(assignment: str, problem: str, besides: str | None = None, deleted: str | None = None) -> Caught:
        change = f"UPDATE {{t}} SET {assignment.format(**names)} {of_home}"
        also = f"; UPDATE {{t}} SET {besides} {of_game}" if besides else ""
        also += f"; DELETE FROM {{t}} WHERE {deleted}" if deleted else ""
        return Caught(change + also, (_error("{home}", problem),))

    def doubtful(assignment: str, problem: str) -> Caught:
        return Caught(f"UPDATE {{t}} SET {assignment.format(**names)} {of_home}", (_warning("{home}", problem),))

    def other_points(assignment: str, problem: str) -> Caught:
        """The other row's margin then contradicts the points of the two as well."""
        example = home(assignment, problem)
        return Caught(example.change, (*example.says, _error("{away}", "but the points give")))

    def both(change: str, problem: str) -> Caught:
        return Caught(change, (_error("{home}", problem), _error("{away}", problem)))

    return {
        "nulls": [
            *(
                Caught(
                    f"UPDATE {{t}} SET {column} = NULL {of_home}",
                    (_error(None if column == team else "{home}", f"missing: {column}"),),
                )
                for column in _required(table)
            ),
            *(
                home(f"{column} = NULL", f"missing: {column}")
                for column in (*(names[figure] for figure in SHOOTING), *NEVER_NULL[table])
            ),
            home("{fga} = NULL, {ftm} = NULL", f"missing: {names['fga']} {names['ftm']}"),
        ],
        "duplicates": [
            Caught(
                f"INSERT INTO {{t}} SELECT * FROM {{t}} {of_home}",
                (_error("{home}", "2 rows of one key"), _error("{first}", "3 team rows, 2 of them home")),
            ),
            Caught(f"UPDATE {{t}} SET home_game = TRUE {of_game}", (_error("{first}", "2 team rows, 2 of them home"),)),
            Caught(
                f"UPDATE {{t}} SET home_game = FALSE {of_game}", (_error("{first}", "2 team rows, 0 of them home"),)
            ),
            Caught(f"DELETE FROM {{t}} {of_home}", (_error("{away}", "1 team rows, 0 of them home"),)),
            Caught(f"DELETE FROM {{t}} WHERE {team} = '{{away}}'", (_error("{home}", "1 team rows, 1 of them home"),)),
            Caught(
                f"UPDATE {{t}} SET {team} = '{{home}}' {of_other}",
                (_error("{home}", "2 rows of one key"), _error("{home}", "{home} is in 2 games")),
                games=(0, 1),
            ),
        ],
        "accepted_values": [
            Caught(f"UPDATE {{t}} SET {team} = '{code}' {of_home}", (_error(code, f"unknown team code {code}"),))
            for code in ("XXX", "PHO", "UTAH", "phx", " PHX", "")
        ]
        + [home(f"opponent_team_abbr = '{code}'", f"unknown team code {code}") for code in ("XXX", "phx", "")],
        "box_score_arithmetic": [
            home("{fga} = {fgm} - 1", "field goals of"),
            home("{tpa} = {tpm} - 1", "threes of"),
            home("{fta} = {ftm} - 1", "free throws of"),
            home("{tpm} = {fgm} + 1, {tpa} = {fga}", "threes among"),
            home("{ftm} = {ftm} - 1", "points, but the makes give"),
            other_points("{points} = {points} + 1", "points, but the makes give"),
            other_points(
                "{points} = 100, {fgm} = 40, {fga} = 90, {tpm} = 10, {tpa} = 30, {ftm} = 20, {fta} = 20",
                "100 points, but the makes give 110",
            ),
            # All of it agrees, the margins of both rows as well, but with the schedule (an offense: does_not_add_up).
            *([] if table == OFFENSE else [home(*_A_POINT_MORE, beside(-1))]),
            # The placeholder of the incident: a row scraped while the game was live.
            other_points(
                "{points} = 0, {fga} = 0, {fgm} = 0, {tpa} = 0, {tpm} = 0, {fta} = 0, {ftm} = 0",
                "but the points give" if table == OFFENSE else "0 points, but",
            ),
            home("rebounds = rebounds + 9", " defensive")
            if table == OFFENSE
            else home("{ftm} = 0", "but the makes give"),
            home(f"opponent_team_abbr = {team}", "its own opponent"),
            *([home(f"possessions = {n}", f"{n} possessions") for n in (0, -878)] if table == OFFENSE else []),
            both(f"UPDATE {{t}} SET margin_of_victory = margin_of_victory + 1 {of_home}", "the two margins sum to 1"),
            both(f"UPDATE {{t}} SET margin_of_victory = -margin_of_victory {of_home}", "the two margins sum to"),
            both(f"UPDATE {{t}} SET win_flag = NOT win_flag {of_home}", " winners"),
            both(f"UPDATE {{t}} SET win_flag = TRUE {of_game}", "2 winners"),
            both(f"UPDATE {{t}} SET win_flag = FALSE {of_game}", "0 winners"),
            both(f"UPDATE {{t}} SET win_flag = NOT win_flag {of_game}", "the win flag contradicts the margin"),
            home(
                "margin_of_victory = 0, win_flag = TRUE",
                "the win flag contradicts the margin",
                deleted=f"game_id = '{{game}}' AND {team} <> '{{home}}'",
            ),
            both(
                f"UPDATE {{t}} SET margin_of_victory = -margin_of_victory, win_flag = NOT win_flag {of_game}",
                "but the points give",
            ),
            both(_decided_by_seven(table, "CASE WHEN win_flag THEN 5 ELSE -5 END"), "5, but the points give"),
            both(_decided_by_seven(table, "0"), "margin 0, but the points give"),
            both(
                _decided_by_seven(table, "CASE WHEN win_flag THEN 7 ELSE -7 END", winner="NOT win_flag"),
                "the win flag contradicts the margin",
            ),
        ],
        "plausible_ranges": [
            doubtful("{pace} = 69.9", "possessions per 48 minutes 69.9 are out of range"),
            doubtful("{pace} = 130.1", "possessions per 48 minutes 130.1 are out of range"),
            doubtful("{rating} = 59.99", "rating 59.99 is out of range"),
            doubtful("{rating} = 160.01", "rating 160.01 is out of range"),
            doubtful("{ts} = -0.001", "true shooting -0.001 is out of range"),
            doubtful("{ts} = 1.501", "true shooting 1.501 is out of range"),
        ],
        **(_sources_caught(home, beside(1)) if table == OFFENSE else {}),
    }


_A_POINT_MORE = ("{points} = {points} + 1, {ftm} = {ftm} + 1, {fta} = {fta} + 1", "the schedule says")
_WITNESSED = ("assists", "offensive_rebounds", "defensive_rebounds", "steals", "blocks", "personal_fouls")
_WITNESSED = (*_WITNESSED, "fg_attempts", "fg_makes", "three_pt_attempts", "three_pt_makes", "ft_attempts", "ft_makes")


def _sources_caught(home: Callable[..., Caught], both_margins: str) -> dict[str, list[Caught]]:
    """What the other sources say of a team's row: the offense has them, the defense follows it."""
    of_game = "WHERE game_id = '{game}'"
    return {
        "does_not_add_up": [
            home(*_A_POINT_MORE, both_margins),
            *(home(f"{column} = {column} + 3", f"{column} ") for column in _WITNESSED),
            home("turnovers = turnovers - 3", "turnovers "),
            home("turnovers = turnovers + 7", "turnovers "),
            home("overtime_periods = 1", "240 of 265 minutes"),
        ],
        "scores_exchanged": [
            Caught(
                f"UPDATE {{t}} SET points_scored = points_scored - margin_of_victory {of_game}",
                (_error("{home}", "the other way round"), _error("{away}", "the other way round")),
            ),
        ],
        "home_flag_differs": [
            Caught(
                f"UPDATE {{t}} SET quality_issues = ['home_flag_differs={OTHER_HOME}'] {of_game}",
                (_warning("{home}", f"home is {OTHER_HOME}"),),
            ),
        ],
        "source_contradicted": [
            Caught(
                f"UPDATE {{t}} SET quality_issues = ['team_rebuilt', 'team_contradicted={REBOUNDS}'] {of_game}",
                (_warning("{first}", f"not believed: {REBOUNDS}"),),
            ),
        ],
    }


def _sources_passed(of_home: Callable[..., list[Passed]]) -> dict[str, list[Passed]]:
    return {
        "does_not_add_up": of_home(
            *(f"{column} = {column} {by}" for column in _WITNESSED for by in ("+ 2", "- 2")),
            "turnovers = turnovers - 2",
            "turnovers = turnovers + 6",
            "assists = NULL, blocks = NULL",
        ),
        "scores_exchanged": of_home("points_scored = points_scored - margin_of_victory"),
        "home_flag_differs": of_home("quality_issues = ['team_rebuilt']", "quality_issues = NULL"),
        "source_contradicted": of_home("quality_issues = ['team_rebuilt']", "quality_issues = NULL"),
    }


def _team_passed(table: str) -> dict[str, list[Passed]]:
    names = TEAM_COLUMNS[table]
    own = f"WHERE {names['team']} = '{{home}}'"

    def of_home(*assignments: str) -> list[Passed]:
        return [Passed(f"UPDATE {{t}} SET {assignment.format(**names)} {own}") for assignment in assignments]

    return {
        "nulls": of_home("nba_game_id = NULL", "quality_issues = NULL", "{fgm} = 0", "{points} = 0, {fga} = 0"),
        "duplicates": [
            Passed(
                "INSERT INTO {t} SELECT * REPLACE (game_date + 1 AS game_date, 'the next day' AS game_id) "
                "FROM {t} WHERE game_id = '{game}'"
            ),
            Passed("UPDATE {t} SET home_game = NOT home_game WHERE game_id = '{game}'"),
            Passed("DELETE FROM {t} WHERE game_id = '{game}'"),
        ],
        "accepted_values": [
            Passed(f"UPDATE {{t}} SET {column} = '{code}' {own}")
            for column in (names["team"], "opponent_team_abbr")
            for code in TEAM_CODES
        ],
        "box_score_arithmetic": [
            *of_home("{fga} = {fgm}", "{tpa} = {tpm}", "{fta} = {ftm}"),
            *(of_home("possessions = 1") if table == OFFENSE else []),
            *of_home("{fgm} = {tpm}, {ftm} = {points} - 3 * {tpm}, {fta} = {points} - 3 * {tpm}"),
            *of_home("{fgm} = 0, {tpm} = 0, {tpa} = 0, {ftm} = {points}, {fta} = {points}"),
            Passed("DELETE FROM {t} WHERE game_id = '{game}'"),
            Passed(_decided_by_seven(table, "CASE WHEN win_flag THEN 7 ELSE -7 END")),
            # What is missing is for the rule on NULL.
            Passed("UPDATE {t} SET margin_of_victory = NULL WHERE game_id = '{game}'"),
        ],
        "plausible_ranges": of_home(
            "{pace} = 70",
            "{pace} = 130",
            "{rating} = 60",
            "{rating} = 160",
            "{ts} = 0",
            "{ts} = 1.5",
            "{pace} = NULL, {rating} = NULL, {ts} = NULL",
        ),
        **(_sources_passed(of_home) if table == OFFENSE else {}),
    }


def _player(assignment: str, problem: str, warns: str | None = None) -> Caught:
    also = (_warning("{player}", warns),) if warns else ()
    return Caught(f"UPDATE {{t}} SET {assignment} {THE_PLAYER}", (_error("{player}", problem), *also))


def _doubtful(assignment: str, problem: str) -> Caught:
    return Caught(f"UPDATE {{t}} SET {assignment} {THE_PLAYER}", (_warning("{player}", problem),))


def _usage(usage: str, raw: str, minutes: str, reason: str = "NULL") -> str:
    rates = f"usage_rate = {usage}, usage_rate_raw = {raw}, usage_rate_anomaly_reason = {reason}"
    return f"{rates}, minutes_played = {minutes}"


def _only_played(keep: int, of: str = "TRUE") -> str:
    """Leave that many of the players with minutes; those who did not play stay."""
    return (
        f"DELETE FROM {{t}} WHERE minutes_played IS NOT NULL AND {of} AND player_lookup NOT IN (SELECT player_lookup "
        f"FROM {{t}} WHERE minutes_played IS NOT NULL AND {of} ORDER BY player_lookup LIMIT {keep}); "
    )


def _coverage(missing: int, of: int = 10) -> str:
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
    return Caught(f"UPDATE {{t}} SET {assignment} {THE_PLAYER}", (_warning("{home}", problem),))


SMALL = "'small_sample'"
HIGH = "minutes is unusually high"
LOW_COVERAGE = "players with minutes have a usage rate"
CAUGHT: dict[tuple[str, str], list[Caught]] = {
    **{(table, rule): examples for table in (OFFENSE, DEFENSE) for rule, examples in _team_caught(table).items()},
    (PLAYERS, "nulls"): [
        *(
            Caught(
                f"UPDATE {{t}} SET {column} = NULL {THE_PLAYER}",
                (_error(None if column == "player_lookup" else "{player}", f"missing: {column}"),),
            )
            for column in _required(PLAYERS)
        ),
        *(
            _player(f"{column} = NULL", f"minutes without {column}")
            for column in ("points", "fg_attempts", "three_pt_attempts", "ft_attempts", "turnovers")
        ),
        _player("minutes_played = 0, turnovers = NULL", "minutes without turnovers"),
        _player("minutes_played = NULL", "statistics without minutes"),
        *(
            Caught(f"UPDATE {{t}} SET {column} = 0 {THE_BENCHED}", (_error("{benched}", "statistics without minutes"),))
            for column in COUNTS
        ),
    ],
    (PLAYERS, "duplicates"): [
        Caught(f"INSERT INTO {{t}} SELECT * FROM {{t}} {THE_PLAYER}", (_error("{player}", "2 rows of one key"),)),
        Caught(
            "UPDATE {t} SET player_lookup = '{player}' WHERE player_lookup = '{other_player}'",
            (_error("{player}", "2 rows of one key"),),
            games=(0, 1),
        ),
    ],
    (PLAYERS, "accepted_values"): [
        *(
            _player(f"player_status = '{status}'", f"unknown player status {status}")
            for status in ("Active", "out", "")
        ),
        _player("player_status = NULL", "unknown player status NULL"),
    ],
    (PLAYERS, "names"): [
        # Two rows whose keys were exchanged: each has the other's figures.
        Caught(
            "UPDATE {t} SET player_lookup = IF(player_lookup = '{player}', '{benched}', '{player}') "
            "WHERE player_lookup IN ('{player}', '{benched}')",
            tuple(_error(name, "but the name of another") for name in ("{benched}", "{player}")),
        ),
        _player(
            "quality_issues = ['team_rebuilt', 'key_of_two=Jalen Green and Jaden Green']",
            "of two listed players: Jalen Green and Jaden Green",
        ),
    ],
    (PLAYERS, "box_score_arithmetic"): [
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
    (PLAYERS, "line_match"): [
        Caught(_lines(2), (_warning("points_line", "2 of 20 played rows"),), games=(0, 1, 2)),
        Caught(_lines(1), (_warning("points_line", "1 of 20 played rows"),), games=(0, 1, 2)),
    ],
    (PLAYERS, "plausible_ranges"): [
        _doubtful("ts_pct = -0.001", "true shooting -0.001 is out of range"),
        _doubtful("ts_pct = 1.501", "true shooting 1.501 is out of range"),
        _doubtful("points_line = 0.4", "points line 0.4 is out of range"),
        _doubtful("points_line = 60.1", "points line 60.1 is out of range"),
        _doubtful("points = -1", "points -1 are out of range"),
        _doubtful("points = 101", "points 101 are out of range"),
    ],
    (PLAYERS, "team_totals"): [
        _unlike_team("points = points + 1", "players minus team: points 1"),
        _unlike_team("points = points - 3", "players minus team: points -3"),
        _unlike_team("fg_attempts = fg_attempts + 2", "team: fg_attempts 2"),
        _unlike_team("fg_makes = fg_makes - 1", "team: fg_makes -1"),
        _unlike_team("three_pt_attempts = three_pt_attempts + 1", "team: three_pt_attempts 1"),
        _unlike_team("three_pt_makes = three_pt_makes + 1", "team: three_pt_makes 1"),
        _unlike_team("ft_attempts = ft_attempts + 1", "team: ft_attempts 1"),
        _unlike_team("ft_makes = ft_makes - 1", "team: ft_makes -1"),
        _unlike_team("turnovers = turnovers + 1", "team: turnovers 1"),
        Caught(f"DELETE FROM {{t}} {THE_PLAYER}", (_warning("{home}", "players minus team: points -"),)),
        # A column that no player has any more, and others that are twice too high.
        Caught(
            "UPDATE {t} SET ft_makes = NULL, points = 2 * points WHERE team_abbr = '{home}'",
            (_warning("{home}", " ft_makes -"),),
        ),
    ],
    (PLAYERS, "unreadable_minutes"): [
        *(
            _player(f"quality_issues = ['unreadable_minutes={issue}']", f"minutes {issue}")
            for issue in ("abc", "71:00")
        ),
        _player("quality_issues = ['team_rebuilt', 'unreadable_minutes=-5']", "minutes -5"),
    ],
    (PLAYERS, "impossible_statistics"): [
        _player("quality_issues = ['team_rebuilt', 'impossible_statistic=points -7']", "points -7"),
    ],
    (PLAYERS, "contradictory_rows"): [
        _player("quality_issues = ['contradictory_rows']", "two rows of one load of nbac_gamebook_player_stats differ"),
    ],
    (PLAYERS, "source_contradicted"): [
        Caught(
            "UPDATE {t} SET quality_issues = ['gamebook_not_whole=points -7 of Nikola Kovač'] WHERE game_id = '{game}'",
            (_warning("{first}", "the gamebook is not whole: points -7 of Nikola Kovač"),),
        ),
    ],
    (PLAYERS, "players_incomplete"): [
        Caught(
            f"UPDATE {{t}} SET quality_issues = ['players_incomplete={MISSING}'] WHERE game_id = '{{game}}'",
            (_warning("{first}", f"players are missing: {MISSING}"),),
        ),
    ],
    (PLAYERS, "does_not_add_up"): [
        Caught(
            "UPDATE {t} SET minutes_played = minutes_played / 2 WHERE team_abbr = '{home}'",
            (_error("{home}", "120 of 240 minutes"),),
        ),
        Caught("UPDATE {t} SET minutes_played = 0 WHERE team_abbr = '{home}'", (_error("{home}", "0 of 240 minutes"),)),
        Caught(f"DELETE FROM {{t}} {THE_PLAYER}", (_error("{home}", " of 240 minutes"),)),
        # Bronze says that players are missing: never that some are too many, or that most are.
        Caught(
            f"UPDATE {{t}} SET quality_tier = 'bronze', assists = assists + 30 {THE_PLAYER}",
            (_error("{home}", "assists "),),
        ),
        Caught(
            "UPDATE {t} SET quality_tier = 'bronze', minutes_played = 0.79 * minutes_played WHERE team_abbr = '{home}'",
            (_error("{home}", " of 240 minutes"),),
        ),
        Caught(
            "UPDATE {t} SET quality_tier = 'bronze', minutes_played = 0.9 * minutes_played WHERE team_abbr = '{home}'",
            (_error("{home}", "216 of 240 minutes"),),
        ),
        *(
            Caught(f"UPDATE {{t}} SET {column} = {column} + 3 {THE_PLAYER}", (_error("{home}", f"{column} "),))
            for column in (*_WITNESSED, "turnovers")
        ),
        Caught(f"UPDATE {{t}} SET points = points + 4 {THE_PLAYER}", (_error("{home}", "points "),)),
        Caught(
            "UPDATE {t} SET turnovers = NULL WHERE team_abbr = '{home}'", (_error("{home}", "turnovers 0 against"),)
        ),
    ],
    (PLAYERS, "usage_rate"): [
        # The incident: rates of up to 1228 % written by hand, alone or together with the raw figure.
        _player("usage_rate = 1228, minutes_played = 36", "usage 1228,", HIGH),
        _player(_usage("1228", "1228", "36"), "usage 1228,", HIGH),
        _player(_usage("NULL", "1228", "36"), "raw 1228,"),
        _player(_usage("NULL", "100.01", "36"), "100.01"),
        _player(_usage("NULL", "100.01", "36", "'impossible'"), "100.01"),
        _player(_usage("50", "50", "36", "'impossible'"), "usage 50,"),
        _player(_usage("NULL", "100.01", "2"), "100.01, in 2 minutes"),
        _player(_usage("NULL", "120", "3.1", SMALL), "120, in 3.1 minutes"),
        _player(_usage("20", "-0.01", "36"), "-0.01"),
        _player(_usage("-0.1", "0", "36"), "-0.1"),
        Caught(_coverage(missing=3), (_error("coverage", LOW_COVERAGE),)),
        Caught(_coverage(missing=10), (_error("coverage", LOW_COVERAGE),)),
        Caught(_coverage(missing=5, of=20), (_error("coverage", LOW_COVERAGE),)),
        Caught(
            "UPDATE {t} SET minutes_played = 0 WHERE minutes_played > 0 AND game_id = '{game}'",
            (_error("coverage", "no player has minutes"),),
        ),
        Caught(_coverage(missing=2), (_warning("coverage", LOW_COVERAGE),)),
        Caught(_coverage(missing=3, of=20), (_warning("coverage", LOW_COVERAGE),)),
        _doubtful(_usage("50.1", "50.1", "5"), HIGH),
        _doubtful(_usage("100", "100", "36"), HIGH),
    ],
}

PASSED: dict[tuple[str, str], list[Passed]] = {
    **{(table, rule): examples for table in (OFFENSE, DEFENSE) for rule, examples in _team_passed(table).items()},
    (PLAYERS, "nulls"): [
        Passed(f"UPDATE {{t}} SET {assignment} {THE_PLAYER}")
        for assignment in (
            "plus_minus = NULL",
            "universal_player_id = NULL, starter_flag = NULL, points_line = NULL",
            "minutes_played = 0",
            _all_counts("0"),
            f"minutes_played = NULL, {_all_counts('NULL')}",
        )
    ],
    (PLAYERS, "duplicates"): [
        Passed(
            "INSERT INTO {t} SELECT * REPLACE (game_date + 1 AS game_date, 'the next day' AS game_id) FROM {t} "
            + THE_PLAYER
        )
    ],
    (PLAYERS, "accepted_values"): [
        Passed(f"UPDATE {{t}} SET player_status = '{status}' {THE_PLAYER}") for status in ("active", "dnp", "inactive")
    ],
    (PLAYERS, "names"): [
        Passed(f"UPDATE {{t}} SET player_lookup = 'asanothersourcespellsit' {THE_PLAYER}"),
        Passed(f"UPDATE {{t}} SET player_full_name = NULL {THE_PLAYER}"),
        Passed(f"UPDATE {{t}} SET quality_issues = ['team_rebuilt'] {THE_PLAYER}"),
    ],
    (PLAYERS, "box_score_arithmetic"): [
        Passed(f"UPDATE {{t}} SET {assignment} {THE_PLAYER}")
        for assignment in (
            "fg_attempts = fg_makes, three_pt_attempts = three_pt_makes, ft_attempts = ft_makes",
            "fg_makes = 4, three_pt_makes = 4, three_pt_attempts = 4, ft_makes = 0, points = 12",
            _all_counts("0"),
            "points = 0, fg_makes = 0, three_pt_makes = 0, ft_makes = 0",
            _all_counts("NULL"),
        )
    ],
    (PLAYERS, "line_match"): [Passed(_lines(3)), Passed(_lines(0)), Passed(_lines(20))],
    (PLAYERS, "plausible_ranges"): [
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
    (PLAYERS, "team_totals"): [
        Passed(f"UPDATE {{t}} SET turnovers = 0 {THE_PLAYER}"),
        Passed(
            "UPDATE nba_analytics.team_offense_game_summary SET turnovers = turnovers + 3 WHERE team_abbr = '{home}'"
        ),
        Passed(f"UPDATE {{t}} SET assists = 30, steals = 9 {THE_PLAYER}"),
        Passed(f"DELETE FROM {{t}} {THE_BENCHED}"),
    ],
    (PLAYERS, "unreadable_minutes"): [
        Passed(f"UPDATE {{t}} SET quality_issues = {issues} {THE_PLAYER}")
        for issues in ("['team_rebuilt']", "[]", "NULL", "['not_unreadable_minutes=1']")
    ],
    **{
        (PLAYERS, rule): [
            Passed(f"UPDATE {{t}} SET quality_issues = {issues} {THE_PLAYER}")
            for issues in ("['team_rebuilt']", "[]", "NULL", "['another_issue=1']")
        ]
        for rule in ("impossible_statistics", "contradictory_rows", "source_contradicted", "players_incomplete")
    },
    (PLAYERS, "does_not_add_up"): [
        Passed(f"UPDATE {{t}} SET {assignment} {THE_PLAYER}")
        for assignment in (
            *(f"{column} = {column} + 2" for column in (*_WITNESSED, "turnovers")),
            "points = points + 3",
            "plus_minus = NULL",
            "minutes_played = minutes_played + 6",
        )
    ]
    + [Passed("UPDATE {t} SET quality_tier = 'bronze' WHERE team_abbr = '{home}'; DELETE FROM {t} " + THE_PLAYER)],
    (PLAYERS, "usage_rate"): [
        Passed(f"UPDATE {{t}} SET {_usage('100', '100', '4.9')} {THE_PLAYER}"),
        Passed(f"UPDATE {{t}} SET {_usage('100', '100', '36')} {THE_PLAYER}", warns=HIGH),
        # 2:59 is stored as 3.0 minutes.
        Passed(f"UPDATE {{t}} SET {_usage('NULL', '400', '3.0', SMALL)} {THE_PLAYER}"),
        Passed(f"UPDATE {{t}} SET {_usage('NULL', '9999.99', '0.1', SMALL)} {THE_PLAYER}"),
        Passed(f"UPDATE {{t}} SET {_usage('0', '0', '36')}, {_all_counts('0')} {THE_PLAYER}"),
        Passed(f"UPDATE {{t}} SET {_usage('NULL', 'NULL', '0')} {THE_PLAYER}"),
        Passed(f"UPDATE {{t}} SET {_usage('50', '50', '5')} {THE_PLAYER}"),
        Passed(f"UPDATE {{t}} SET {_usage('50.1', '50.1', '4.9')} {THE_PLAYER}"),
        Passed(_coverage(missing=0)),
        Passed(_coverage(missing=1)),
        Passed(_coverage(missing=2, of=20)),
        Passed(_coverage(missing=2), warns=LOW_COVERAGE),
        Passed(_coverage(missing=4, of=20), warns=LOW_COVERAGE),
    ],
}


def _games() -> list[SimulatedGame]:
    """Three plausible games, the first with twenty players or more who entered: a tenth of them are two."""
    for seed in range(200):
        games = sorted(night(3, seed=seed), key=lambda game: -_entered(game))
        if _entered(games[0]) >= 20 and all(75 < pace < 125 for game in games for pace in _paces(game)):
            return games
    raise AssertionError("no simulated date will do")


def _entered(game: SimulatedGame) -> int:
    return sum(line.seconds is not None for line in game.lines)


def _paces(game: SimulatedGame) -> Iterator[float]:
    for team in (game.away, game.home):
        plays = game.total(team, "field_goals_attempted") + 0.44 * game.total(team, "free_throws_attempted")
        possessions = plays + game.total(team, "turnovers") - game.total(team, "offensive_rebounds")
        yield possessions * 48 / (48 + 5 * game.overtimes)


def facts_of(games: list[SimulatedGame]) -> dict[str, str]:
    """What the statements of the examples may name."""
    game, other, _ = games

    def best(of: SimulatedGame) -> Line:
        return max((line for line in of.lines if line.team == of.home and line.seconds), key=_points)

    return {
        "game": game.game_id,
        "home": game.home,
        "away": game.away,
        "first": min(game.home, game.away),
        "other_home": other.home,
        "player": best(game).player.lookup,
        "other_player": best(other).player.lookup,
        "benched": next(line for line in game.lines if line.team == game.home and line.seconds is None).player.lookup,
    }


def _points(line: Line) -> int:
    return line.counts["points"]


class Bench:
    """A session on published rows in which examples are tried one after the other, each undone."""

    def __init__(self, session: DuckDBSession, games: list[SimulatedGame]) -> None:
        self.session = session
        self.games = games
        self.facts = facts_of(games)

    @contextmanager
    def changed(self, table: str, change: str) -> Iterator[None]:
        """The published rows with the change made."""
        self.session._connection.execute("BEGIN TRANSACTION")
        try:
            self.session._connection.execute(self.said(change, table))
            yield
        finally:
            self.session._connection.execute("ROLLBACK")

    def said(self, text: str, table: str = "") -> str:
        """The text with the world's own names in it."""
        return text.format(t=f"nba_analytics.{table}", **self.facts)

    def find(self, table: str, thresholds: Thresholds | None = None) -> list[Finding]:
        """What the table's rules, those that hold for staged rows as well, say of the published ones."""
        published = published_table(table)
        full_name = published.contract.full_name
        return audits.find(self.session, published, full_name, DAY, NEXT_DAY, thresholds or Thresholds())

    def violations(self, table: str, rule: str) -> list[Row]:
        """The rows that one rule alone finds: a tenth of the time that all of them take."""
        published = published_table(table)
        _, parameters = audits.query(published, None, DAY, NEXT_DAY, Thresholds())
        audited = f"SELECT * FROM {published.contract.full_name} WHERE game_date BETWEEN @start_date AND @end_date"
        text = f"WITH audited AS ({audited}) SELECT * FROM (\n{published.rules[rule]}\n) AS found"
        return self.session.query(prepared(text), parameters)


@contextmanager
def benched(warehouse: DuckDBWarehouse) -> Iterator[Bench]:
    """Three published games whose tables would accept NULL anywhere, as a repair by hand may leave it."""
    world = World(warehouse, _games())
    world.reload_and_publish()
    with world.warehouse.session() as session:
        for table in published_tables():
            for column in table.contract.columns:
                if column.required:
                    session._connection.execute(
                        f"ALTER TABLE {table.contract.full_name} ALTER COLUMN {column.name} DROP NOT NULL"
                    )
        readiness.survey(session, DAY, NEXT_DAY)
        yield Bench(session, world.games)


@pytest.fixture(scope="module")
def bench(_initialised_file: bytes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    path = tmp_path_factory.mktemp("rules") / "warehouse.duckdb"
    path.write_bytes(_initialised_file)
    with benched(DuckDBWarehouse(path, wait_seconds=10)) as bench:
        yield bench


def _cases(examples: dict[tuple[str, str], list[Any]]) -> list[Any]:
    return [
        pytest.param(table, rule, example, id=f"{table.removesuffix('_game_summary')}-{rule}-{number}")
        for (table, rule), some in examples.items()
        for number, example in enumerate(some)
    ]


def test_every_rule_has_examples():
    rules = {(table.name, rule) for table in published_tables() for rule in table.rules}
    assert {of for of, examples in CAUGHT.items() if examples} == rules
    assert {of for of, examples in PASSED.items() if examples} == rules


@pytest.mark.parametrize("table", SUMMARIES)
def test_no_rule_says_anything_of_right_rows(bench, table):
    assert bench.find(table) == []


@pytest.mark.parametrize(("table", "rule", "example"), _cases(CAUGHT))
def test_the_rule_catches(bench, table, rule, example):
    with bench.changed(table, example.change):
        found = bench.find(table)
    games = {bench.games[position].game_id for position in example.games}
    assert {finding.game_id for finding in found if finding.rule == rule} == games
    assert {finding.game_id for finding in found} == games, "another rule names another game"
    expected = {
        (said.severity, said.subject and bench.said(said.subject), bench.said(said.problem)) for said in example.says
    }
    met = set()
    for finding in found:
        if finding.rule == rule:
            same = {(s, of, text) for s, of, text in expected if (s, of) == (finding.severity, finding.subject)}
            meant = {said for said in same if said[2] in finding.problem}
            assert meant, f"not expected: {finding}"
            met |= meant
    assert met == expected


@pytest.mark.parametrize(("table", "rule", "example"), _cases(PASSED))
def test_the_rule_lets_pass(bench, table, rule, example):
    with bench.changed(table, example.change):
        found = bench.violations(table, rule)
    if example.warns is None:
        assert found == []
    else:
        assert {row["severity"] for row in found} == {"WARN"}
        assert all(example.warns in row["problem"] for row in found)


@pytest.mark.parametrize("table", SUMMARIES)
def test_a_row_of_no_game_is_caught(bench, table):
    with bench.changed(table, "UPDATE {t} SET game_id = NULL WHERE game_id = '{game}'"):
        found = [finding for finding in bench.find(table) if finding.rule == "nulls"]
    assert {(finding.severity, finding.game_id) for finding in found} == {("ERROR", None)}
    assert all("missing: game_id" in finding.problem for finding in found)


def test_the_same_rules_hold_for_rows_that_are_staged(bench):
    """The incident once more, before anyone could read it."""
    table = published_table(PLAYERS)
    staged = bench.session.stage("by_hand", f"SELECT * FROM {table.contract.full_name}", {})
    bench.session._connection.execute(
        f"UPDATE {staged} SET {_usage('1228', '1228', '36')} WHERE player_lookup = '{bench.facts['player']}'"
    )
    found = audits.errors(audits.find(bench.session, table, staged, DAY, DAY, Thresholds()))
    assert [(f.rule, f.game_id, f.subject) for f in found] == [
        ("usage_rate", bench.facts["game"], bench.facts["player"])
    ]
    assert bench.find(PLAYERS) == []


def test_many_offenders_are_counted_and_the_worst_come_first(bench):
    change = (
        "UPDATE {t} SET usage_rate_raw = 1000 + points, usage_rate = NULL, minutes_played = 30 "
        "WHERE game_id = '{game}' AND team_abbr = '{home}' AND minutes_played > 0"
    )
    with bench.changed(PLAYERS, change):
        found = [f for f in audits.errors(bench.find(PLAYERS)) if f.rule == "usage_rate" and f.subject != "coverage"]
    game = bench.games[0]
    points = sorted(
        (line.counts["points"] for line in game.lines if line.team == game.home and line.seconds), reverse=True
    )
    assert len(found) == audits.SAMPLES_PER_RULE < len(points)
    assert [finding.value for finding in found] == [1000 + scored for scored in points[: audits.SAMPLES_PER_RULE]]
    # The coverage of the game is an error of the same rule.
    assert {finding.offenders for finding in found} == {len(points) + 1}
    line = audits.summary(found)
    assert line.startswith(f"usage_rate: {found[0].subject}: ") and f"raw {1000 + points[0]}," in line
    assert line.endswith(f"(and {len(points)} more)")


def test_a_finding_on_a_rate_shows_that_rate(bench):
    with bench.changed(PLAYERS, f"UPDATE {{t}} SET {_usage('1228', '23.3', '36')} {THE_PLAYER}"):
        found = audits.errors(bench.find(PLAYERS))
    assert "1228" in found[0].problem and found[0].value == 1228


@pytest.mark.parametrize(
    "change", ["usage_rate = 1228, usage_rate_raw = NULL", "usage_rate = 1228, minutes_played = NULL"]
)
def test_a_finding_says_what_is_wrong_where_figures_are_missing(bench, change):
    """As in the incident: players without a usage were given one by hand."""
    with bench.changed(PLAYERS, f"UPDATE {{t}} SET {change} {THE_PLAYER}"):
        found = [finding for finding in audits.errors(bench.find(PLAYERS)) if finding.rule == "usage_rate"]
    assert found and all(finding.problem for finding in found)


def _shoots_a_lot(world: World, game: SimulatedGame, minutes: str) -> str:
    """One home player of the game gets those minutes and twelve misses more, and every source agrees."""
    player = next(line for line in game.lines if line.team == game.home and line.seconds)
    for row in world.of("nbac_gamebook_player_stats", game):
        if row["player_lookup"] == player.player.lookup:
            row["minutes"] = minutes
            row["field_goals_attempted"] += 12
    world.agree_with("nbac_gamebook_player_stats", game, {player.player.lookup})
    return player.player.lookup


def test_a_usage_above_100_is_arithmetic_below_three_minutes_and_an_error_from_there(make_world):
    world = make_world(3)
    brief, impossible, _ = world.games
    player = _shoots_a_lot(world, brief, "2:59")
    offender = _shoots_a_lot(world, impossible, "3:00")
    publication = world.reload_and_publish()
    row = next(row for row in world.table(PLAYERS, brief) if row["player_lookup"] == player)
    assert row["usage_rate"] is None and row["usage_rate_raw"] > 100 and float(row["minutes_played"]) == 3.0
    assert row["usage_rate_anomaly_reason"] == "small_sample"
    assert state_of(publication, brief) == ("published", None)
    state, reason = state_of(publication, impossible)
    assert state == "quarantined"
    assert reason.startswith(f"{PLAYERS}: usage_rate: {offender}: ") and "in 3 minutes" in reason


def test_a_warning_holds_no_game_back_and_is_kept(make_world):
    world = make_world(2)
    row = next(row for row in world.of("nbac_gamebook_player_stats") if row["minutes"])
    row["field_goals_attempted"] += 1
    publication = world.reload_and_publish()
    assert state_of(publication, world.game) == ("published", None)
    outcomes = {outcome.game_id: outcome for outcome in report_of(publication, PLAYERS).games}
    assert {(f.rule, f.severity, f.subject) for f in outcomes[world.game.game_id].findings} == {
        ("team_totals", "WARN", row["team_abbr"])
    }
    assert outcomes[world.games[1].game_id].findings == ()


def test_a_key_another_game_has_already_published_is_caught(make_world):
    world = make_world(2)
    first, second = world.games
    world.rows["nbac_player_boxscores"] = []
    listed = next(row for row in world.of("nbac_gamebook_player_stats", first) if row["minutes"])
    claimant = next(row for row in world.of("nbac_gamebook_player_stats", second) if row["minutes"])
    for column in ("player_lookup", "player_name", "player_name_original"):
        claimant[column] = listed[column]
    world.load()
    world.publish(game_ids=frozenset({first.game_id}))
    world.publish()
    keys = [row["player_lookup"] for row in world.table(PLAYERS)]
    assert len(keys) == len(set(keys))


# Thresholds


@pytest.mark.parametrize(
    ("thresholds", "table", "rule"),
    [
        (Thresholds(usage_rate_high=5), PLAYERS, "usage_rate"),
        (Thresholds(pace_maximum=70), OFFENSE, "plausible_ranges"),
        (Thresholds(rating_minimum=160), DEFENSE, "plausible_ranges"),
        (Thresholds(points_line_minimum=60), PLAYERS, "plausible_ranges"),
        (Thresholds(player_points_maximum=1), PLAYERS, "plausible_ranges"),
        (Thresholds(line_match_minimum=1), PLAYERS, "line_match"),
    ],
)
def test_a_threshold_decides(bench, thresholds, table, rule):
    found = bench.find(table, thresholds)
    assert {(finding.rule, finding.severity) for finding in found} == {(rule, "WARN")}
    assert {finding.game_id for finding in found} == {game.game_id for game in bench.games}


def test_coverage_is_held_against_both_thresholds(bench):
    with bench.changed(PLAYERS, _coverage(missing=2)):
        strict = bench.find(PLAYERS, Thresholds(usage_coverage_error=0.81))
        lenient = bench.find(PLAYERS, Thresholds(usage_coverage_error=0.5, usage_coverage_warning=0.8))
    assert [finding.severity for finding in strict if finding.rule == "usage_rate"] == ["ERROR"]
    assert [finding.severity for finding in lenient if finding.rule == "usage_rate"] == []


def test_without_settings_the_thresholds_are_the_documented_ones(monkeypatch):
    for field in fields(Thresholds):
        monkeypatch.delenv(f"PHASE3_{field.name.upper()}", raising=False)
    assert Thresholds.from_environment() == Thresholds()
    assert Thresholds.from_environment({"PHASE3_PACE_MINIMUM": ""}) == Thresholds()


@pytest.mark.parametrize("name", [field.name for field in fields(Thresholds)])
def test_every_threshold_can_be_set(monkeypatch, name):
    value = getattr(Thresholds(), name) + (1 if name == "not_constant_rows" else 0.01)
    monkeypatch.setenv(f"PHASE3_{name.upper()}", str(value))
    assert Thresholds.from_environment().parameters() == {**Thresholds().parameters(), name: value}


@pytest.mark.parametrize("name", [field.name for field in fields(Thresholds)])
@pytest.mark.parametrize("value", ["high", "80%", "0,8", " "])
def test_a_threshold_that_is_no_number_is_an_error_that_names_it(name, value):
    variable = f"PHASE3_{name.upper()}"
    with pytest.raises(ConfigurationError) as error:
        Thresholds.from_environment({variable: value})
    assert variable in str(error.value) and repr(value) in str(error.value)


def test_nan_is_no_threshold():
    with pytest.raises(ConfigurationError, match="PHASE3_PACE_MAXIMUM"):
        Thresholds.from_environment({"PHASE3_PACE_MAXIMUM": "nan"})


@pytest.mark.parametrize(
    ("low", "high"),
    [
        ("usage_coverage_error", "usage_coverage_warning"),
        ("pace_minimum", "pace_maximum"),
        ("rating_minimum", "rating_maximum"),
        ("ts_pct_minimum", "ts_pct_maximum"),
        ("points_line_minimum", "points_line_maximum"),
        ("player_points_minimum", "player_points_maximum"),
    ],
)
def test_a_minimum_above_its_maximum_is_an_error_that_names_both(low, high):
    default = Thresholds()
    crossing = {f"PHASE3_{low.upper()}": str(getattr(default, high) + 0.01)}
    with pytest.raises(ConfigurationError) as error:
        Thresholds.from_environment(crossing)
    assert f"PHASE3_{low.upper()}" in str(error.value) and f"PHASE3_{high.upper()}" in str(error.value)
    equal = {f"PHASE3_{name.upper()}": "0.85" for name in (low, high)}
    assert getattr(Thresholds.from_environment(equal), low) == 0.85


def test_a_command_with_an_unreadable_threshold_does_nothing(monkeypatch):
    from phase3_assets.defs.resources import Publisher

    monkeypatch.setenv("PHASE3_USAGE_RATE_HIGH", "fifty")
    with pytest.raises(ConfigurationError, match="PHASE3_USAGE_RATE_HIGH is 'fifty'; it is a number"):
        Publisher()
