"""Every real game, published, against an oracle that shares nothing with the project but the specification.

What belongs here: the figures of real games; computed anew in exact fractions for all of them, and worked out by hand
for a few. What doesn't: made-up games, what happens when data is late or wrong, and play-by-play (none is there).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal as D
from fractions import Fraction
from statistics import median
from typing import Any

import duckdb
import pytest

from phase3_assets.publishing.check import checks_and_metrics
from phase3_assets.publishing.measure import read_results
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets_tests.conftest import REAL_DATA

pytestmark = pytest.mark.real_data

Row = dict[str, Any]
Key = tuple[date, str]
Table = dict[Key, Row]

OFFENSE, DEFENSE, PLAYERS = "team_offense_game_summary", "team_defense_game_summary", "player_game_summary"
SUBJECT = {OFFENSE: "team_abbr", DEFENSE: "defending_team_abbr", PLAYERS: "player_lookup"}
FIRST_SOURCE = {
    OFFENSE: "nbac_team_boxscore",
    DEFENSE: "nbac_team_boxscore",
    PLAYERS: "nbac_gamebook_player_stats",
}
PLAY_BY_PLAY = {
    OFFENSE: """team_paint_attempts team_paint_makes team_mid_range_attempts team_mid_range_makes
        team_rim_attempts team_rim_makes points_in_paint_scored possessions_pbp""",
    DEFENSE: """opp_paint_attempts opp_paint_makes opp_mid_range_attempts opp_mid_range_makes
        opp_rim_attempts opp_rim_makes points_in_paint_allowed mid_range_points_allowed blocks_paint blocks_rim
        blocks_mid_range blocks_three_pt""",
    PLAYERS: """paint_attempts paint_makes mid_range_attempts mid_range_makes three_attempts_pbp three_makes_pbp
        and1_count assisted_fg_makes unassisted_fg_makes has_complete_shot_zones rim_attempts rim_makes paint_blocks
        mid_range_blocks three_pt_blocks usage_rate_on_court""",
}
BOOKKEEPING = """quality_tier quality_issues primary_source_used data_hash publication_id code_version processed_at"""

SCHEDULE = """game_id season_year game_date game_status home_team_tricode away_team_tricode home_team_score
    away_team_score processed_at"""
TEAM_BOXES = """game_date team_abbr minutes fg_made fg_attempted three_pt_made three_pt_attempted ft_made ft_attempted
    offensive_rebounds defensive_rebounds total_rebounds assists steals blocks turnovers personal_fouls points"""
GAMEBOOK = """game_date player_name player_lookup team_abbr player_status dnp_reason minutes points field_goals_made
    field_goals_attempted three_pointers_made three_pointers_attempted free_throws_made free_throws_attempted
    offensive_rebounds defensive_rebounds assists steals blocks turnovers personal_fouls plus_minus"""
EVENING = "game_date player_lookup game_status starter"
PROPS = """game_date player_lookup bookmaker snapshot_timestamp minutes_before_tipoff points_line processed_at"""

# The reasons in the real gamebooks, each read and put in its category by hand.
DNP_CATEGORIES = {
    None: None,
    "DNP - Coach's Decision": "coach_decision",
    "DND - Injury/Illness": "injury",
    "DNP - Injury/Illness": "injury",
    "NWT - Injury/Illness": "injury",
    "DND-Return to Competition Reconditioning": "injury",
    "NWT-Return to Competition Reconditioning": "injury",
    "DND - Rest": "rest",
    "NWT - Personal": "personal",
    "NWT - Not With Team": "other",
    "NWT_TEAM_SUSPENSION": "other",
}


# --- The oracle: exact arithmetic -------------------------------------------------------------------------------------


def rounded(figure: Fraction | None, places: int) -> D | None:
    """Half away from zero."""
    if figure is None:
        return None
    units = (2 * abs(figure.numerator) * 10**places + figure.denominator) // (2 * figure.denominator)
    return D(units if figure >= 0 else -units).scaleb(-places)


def ratio(top: Fraction | int, bottom: Fraction | int) -> Fraction | None:
    return None if bottom == 0 else Fraction(top) / bottom


def weighted(free_throws: int) -> Fraction:
    """The possessions that free throws count for."""
    return Fraction(44, 100) * free_throws


def true_shooting(points: int, attempts: int, free_throws: int) -> D | None:
    return rounded(ratio(points, 2 * (attempts + weighted(free_throws))), 3)


def effective_shooting(makes: int, threes: int, attempts: int) -> D | None:
    return rounded(ratio(makes + Fraction(threes, 2), attempts), 3)


def minutes_of(text: str | None) -> Fraction | None:
    """`MM:SS`, the seconds up to and including 60; None is a player who never entered."""
    if text is None or text == "00:00":
        return None
    whole, seconds = text.split(":")
    assert len(seconds) == 2 and int(seconds) <= 60, text
    return Fraction(int(whole) * 60 + int(seconds), 60)


# --- The oracle: teams ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Side:
    """One team in one game, and its box score."""

    game: Row
    box: Row
    home: bool

    @property
    def team(self) -> str:
        return self.game["home_team_tricode" if self.home else "away_team_tricode"]

    @property
    def overtime_periods(self) -> int:
        minutes = minutes_of(self.box["minutes"])
        assert minutes is not None
        return max(0, int(rounded((minutes - 240) / 25, 0)))

    @property
    def game_minutes(self) -> int:
        return 48 + 5 * self.overtime_periods

    @property
    def possessions(self) -> Fraction:
        box = self.box
        return box["fg_attempted"] + weighted(box["ft_attempted"]) + box["turnovers"] - box["offensive_rebounds"]

    @property
    def usage_base(self) -> Fraction:
        """The plays of the whole team, of which a player used some."""
        return self.box["fg_attempted"] + weighted(self.box["ft_attempted"]) + self.box["turnovers"]

    @property
    def rating(self) -> D | None:
        return rounded(ratio(100 * self.box["points"], self.possessions), 2)

    @property
    def pace(self) -> D | None:
        return rounded(self.possessions * 48 / self.game_minutes, 1)

    @property
    def true_shooting(self) -> D | None:
        return true_shooting(self.box["points"], self.box["fg_attempted"], self.box["ft_attempted"])

    def identity(self) -> Row:
        day = self.game["game_date"]
        return {
            "game_id": f"{day:%Y%m%d}_{self.game['away_team_tricode']}_{self.game['home_team_tricode']}",
            "nba_game_id": self.game["game_id"],
            "game_date": day,
            "season_year": self.game["season_year"],
            "home_game": self.home,
        }


def result_of(own: Side, other: Side) -> Row:
    margin = own.box["points"] - other.box["points"]
    return {"win_flag": margin > 0, "margin_of_victory": margin, "overtime_periods": own.overtime_periods}


def offense_row(own: Side, other: Side) -> Row:
    box = own.box
    return {
        **own.identity(),
        **result_of(own, other),
        "team_abbr": own.team,
        "opponent_team_abbr": other.team,
        "points_scored": box["points"],
        "fg_attempts": box["fg_attempted"],
        "fg_makes": box["fg_made"],
        "three_pt_attempts": box["three_pt_attempted"],
        "three_pt_makes": box["three_pt_made"],
        "ft_attempts": box["ft_attempted"],
        "ft_makes": box["ft_made"],
        "rebounds": box["total_rebounds"],
        "offensive_rebounds": box["offensive_rebounds"],
        "defensive_rebounds": box["defensive_rebounds"],
        "assists": box["assists"],
        "steals": box["steals"],
        "blocks": box["blocks"],
        "turnovers": box["turnovers"],
        "personal_fouls": box["personal_fouls"],
        "possessions": int(own.possessions),
        "offensive_rating": own.rating,
        "pace": own.pace,
        "ts_pct": own.true_shooting,
        "efg_pct": effective_shooting(box["fg_made"], box["three_pt_made"], box["fg_attempted"]),
    }


def defense_row(own: Side, other: Side) -> Row:
    box, theirs = own.box, other.box
    return {
        **own.identity(),
        **result_of(own, other),
        "defending_team_abbr": own.team,
        "opponent_team_abbr": other.team,
        "points_allowed": theirs["points"],
        "opp_fg_attempts": theirs["fg_attempted"],
        "opp_fg_makes": theirs["fg_made"],
        "opp_three_pt_attempts": theirs["three_pt_attempted"],
        "opp_three_pt_makes": theirs["three_pt_made"],
        "opp_ft_attempts": theirs["ft_attempted"],
        "opp_ft_makes": theirs["ft_made"],
        "opp_rebounds": theirs["total_rebounds"],
        "opp_assists": theirs["assists"],
        "turnovers_forced": theirs["turnovers"],
        "three_pt_points_allowed": 3 * theirs["three_pt_made"],
        "fouls_committed": box["personal_fouls"],
        "steals": box["steals"],
        "blocks": box["blocks"],
        "defensive_rebounds": box["defensive_rebounds"],
        "defensive_rating": other.rating,
        "opponent_pace": other.pace,
        "opponent_ts_pct": other.true_shooting,
    }


# --- The oracle: lines ------------------------------------------------------------------------------------------------


def is_before_tip_off(line: Row) -> bool:
    """Every real row knows its minutes before tip-off."""
    return line["minutes_before_tipoff"] > 0


def value_of(line: Row) -> Fraction:
    return Fraction(str(line["points_line"]))


def book_rank(book: str) -> tuple[int, str]:
    preferred = ("draftkings", "fanduel")
    return (preferred.index(book) if book in preferred else len(preferred), book)


def line_at(snapshot: datetime, lines: list[Row], middle: Fraction) -> Fraction:
    """One book's line in one snapshot: loaded last, then nearest the player's median, then the lower."""
    there = [line for line in lines if line["snapshot_timestamp"] == snapshot]
    loaded = max(line["processed_at"] for line in there)
    values = [value_of(line) for line in there if line["processed_at"] == loaded]
    return min(values, key=lambda value: (abs(value - middle), value))


def lines_row(lines: list[Row], points: int | None) -> Row:
    known = [line for line in lines if is_before_tip_off(line)]
    if not known:
        return dict.fromkeys(LINE_COLUMNS)
    book = min((line["bookmaker"].lower() for line in known), key=book_rank)
    of_book = [line for line in known if line["bookmaker"].lower() == book]
    times = [line["snapshot_timestamp"] for line in of_book]
    middle = median(value_of(line) for line in known)
    closing, opening = line_at(max(times), of_book, middle), line_at(min(times), of_book, middle)
    margin = None if points is None else points - closing
    verdict = None if margin is None else "OVER" if margin > 0 else "UNDER" if margin < 0 else "PUSH"
    figures = (rounded(closing, 1), book, rounded(opening, 1), book, rounded(closing - opening, 1))
    return dict(zip(LINE_COLUMNS, (*figures, verdict, rounded(margin, 2)), strict=True))


LINE_COLUMNS = (
    "points_line",
    "points_line_source",
    "opening_line",
    "opening_line_source",
    "line_movement",
    "over_under_result",
    "margin",
)


# --- The oracle: players ----------------------------------------------------------------------------------------------


def usage_row(line: Row, minutes: Fraction | None, own: Side) -> Row:
    if not minutes:
        return dict.fromkeys(("usage_rate", "usage_rate_raw", "usage_rate_anomaly_reason"))
    plays = line["field_goals_attempted"] + weighted(line["free_throws_attempted"]) + line["turnovers"]
    raw = 100 * plays * own.game_minutes / (minutes * own.usage_base)
    credible = 0 <= raw <= 100
    return {
        "usage_rate": rounded(raw, 1) if credible else None,
        "usage_rate_raw": rounded(raw, 2),
        "usage_rate_anomaly_reason": None if credible else "small_sample" if minutes < 3 else "impossible",
    }


def shooting_row(line: Row) -> Row:
    if line["field_goals_attempted"] is None:
        return {"ts_pct": None, "efg_pct": None}
    makes, attempts = line["field_goals_made"], line["field_goals_attempted"]
    return {
        "ts_pct": true_shooting(line["points"], attempts, line["free_throws_attempted"]),
        "efg_pct": effective_shooting(makes, line["three_pointers_made"], attempts),
    }


def counts_row(line: Row) -> Row:
    return {
        "points": line["points"],
        "assists": line["assists"],
        "offensive_rebounds": line["offensive_rebounds"],
        "defensive_rebounds": line["defensive_rebounds"],
        "steals": line["steals"],
        "blocks": line["blocks"],
        "turnovers": line["turnovers"],
        "fg_attempts": line["field_goals_attempted"],
        "fg_makes": line["field_goals_made"],
        "three_pt_attempts": line["three_pointers_attempted"],
        "three_pt_makes": line["three_pointers_made"],
        "ft_attempts": line["free_throws_attempted"],
        "ft_makes": line["free_throws_made"],
        "plus_minus": line["plus_minus"],
        "personal_fouls": line["personal_fouls"],
    }


def player_row(line: Row, own: Side, other: Side, lines: list[Row], starter: bool | None) -> Row:
    minutes = minutes_of(line["minutes"])
    return {
        **own.identity(),
        **counts_row(line),
        **usage_row(line, minutes, own),
        **shooting_row(line),
        **lines_row(lines, line["points"]),
        "player_lookup": line["player_lookup"],
        "universal_player_id": None,
        "player_full_name": line["player_name"],
        "team_abbr": own.team,
        "opponent_team_abbr": other.team,
        "win_flag": own.box["points"] > other.box["points"],
        "minutes_played": rounded(minutes, 1),
        "starter_flag": starter,
        "is_active": line["player_status"] == "active",
        "is_dnp": line["player_status"] in ("dnp", "inactive") or minutes is None,
        "player_status": line["player_status"],
        "dnp_reason": line["dnp_reason"],
        "dnp_reason_category": DNP_CATEGORIES[line["dnp_reason"]],
    }


# --- The oracle: all games --------------------------------------------------------------------------------------------


def raw_rows(table: str, columns: str) -> list[Row]:
    names = columns.split()
    with duckdb.connect() as connection:
        cursor = connection.execute(f"SELECT {', '.join(names)} FROM read_parquet(?)", [f"{REAL_DATA / table}.parquet"])
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def by_key(rows: Iterable[Row], subject: str) -> Table:
    """The rows by date and subject; the real tables hold one for each."""
    keyed: Table = {}
    for row in rows:
        key = (row["game_date"], row[subject])
        assert key not in keyed, f"two rows of {key}"
        keyed[key] = row
    return keyed


def true_schedule() -> list[Row]:
    """One row per game and date, of those that are final."""
    best: Table = {}
    for row in raw_rows("nbac_schedule", SCHEDULE):
        key = (row["game_date"], row["game_id"])
        if key not in best or certainty(row) > certainty(best[key]):
            best[key] = row
    return [row for row in best.values() if row["game_status"] == 3]


def certainty(row: Row) -> tuple[int, datetime]:
    return (row["game_status"], row["processed_at"])


def matchups() -> dict[Key, tuple[Side, Side]]:
    """By date and team: the team's side of its game, and the other one."""
    boxes = by_key(raw_rows("nbac_team_boxscore", TEAM_BOXES), "team_abbr")
    sides: dict[Key, tuple[Side, Side]] = {}
    for game in true_schedule():
        day = game["game_date"]
        home = Side(game, boxes[day, game["home_team_tricode"]], home=True)
        away = Side(game, boxes[day, game["away_team_tricode"]], home=False)
        assert (home.box["points"], away.box["points"]) == (game["home_team_score"], game["away_team_score"])
        sides[day, home.team], sides[day, away.team] = (home, away), (away, home)
    return sides


def player_rows(sides: Mapping[Key, tuple[Side, Side]]) -> list[Row]:
    evening = by_key(raw_rows("nbac_player_boxscores", EVENING), "player_lookup")
    starters = {key: row["starter"] for key, row in evening.items() if row["game_status"] == "Final"}
    lines: dict[Key, list[Row]] = defaultdict(list)
    for line in raw_rows("odds_api_player_points_props", PROPS):
        lines[line["game_date"], line["player_lookup"]].append(line)
    rows = []
    for line in raw_rows("nbac_gamebook_player_stats", GAMEBOOK):
        player = (line["game_date"], line["player_lookup"])
        own, other = sides[line["game_date"], line["team_abbr"]]
        rows.append(player_row(line, own, other, lines.get(player, []), starters.get(player)))
    return rows


def computed() -> dict[str, Table]:
    sides = matchups()
    rows = {
        OFFENSE: [offense_row(*pair) for pair in sides.values()],
        DEFENSE: [defense_row(*pair) for pair in sides.values()],
        PLAYERS: player_rows(sides),
    }
    return {table: by_key(rows[table], SUBJECT[table]) for table in rows}


# --- What the project published ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def published(real_warehouse) -> dict[str, Table]:
    publish(real_warehouse, Request(date(2024, 10, 22), date(2026, 3, 12)))
    with real_warehouse.session(read_only=True) as session:
        rows = {table: session.query(f"SELECT * FROM nba_analytics.{table}") for table in SUBJECT}
    return {table: by_key(rows[table], SUBJECT[table]) for table in rows}


@pytest.fixture(scope="module")
def oracle(real_warehouse) -> dict[str, Table]:
    """Asks for the warehouse only to skip where the real data is absent."""
    return computed()


def is_same(actual: Any, expected: Any) -> bool:
    """Of one kind and equal; numbers exactly, so that a float is never right."""
    if isinstance(expected, int | D) and not isinstance(expected, bool):
        return isinstance(actual, int | D) and not isinstance(actual, bool) and actual == expected
    return type(actual) is type(expected) and actual == expected


def differences(actual: Table, expected: Table) -> list[str]:
    found = [f"{key} is missing" for key in expected.keys() - actual.keys()]
    found += [f"{key} is not a row of the real games" for key in actual.keys() - expected.keys()]
    for key in expected.keys() & actual.keys():
        for column, value in expected[key].items():
            if not is_same(actual[key][column], value):
                found.append(f"{key} {column}: published {actual[key][column]!r}, the oracle says {value!r}")
    return sorted(found)


@pytest.mark.parametrize("table", SUBJECT)
def test_every_row_and_column_is_what_the_oracle_computes(published, oracle, table):
    found = differences(published[table], oracle[table])
    assert not found, f"{len(found)} differences in {table}, first:\n" + "\n".join(found[:8])


@pytest.mark.parametrize("table", SUBJECT)
def test_the_oracle_covers_every_column_but_play_by_play_and_bookkeeping(published, oracle, table):
    columns = set(next(iter(published[table].values())))
    covered = set(next(iter(oracle[table].values())))
    assert columns == covered | set(PLAY_BY_PLAY[table].split()) | set(BOOKKEEPING.split())


def test_the_real_data_is_as_large_as_it_is_known_to_be(published):
    assert {table: len(rows) for table, rows in published.items()} == {OFFENSE: 4438, DEFENSE: 4438, PLAYERS: 49716}
    assert len({row["game_id"] for row in published[PLAYERS].values()}) == 2219


def test_the_highest_usage_and_the_coverage_of_every_date_are_kept_as_the_oracle_counts_them(
    real_warehouse, published, oracle
):
    rows = read_results(
        real_warehouse, date(2024, 10, 22), date(2026, 3, 12), checks_and_metrics(), check="usage_rate", metric=""
    )
    kept: dict[date, dict[str, float]] = defaultdict(dict)
    for row in rows:
        kept[row["game_date"]][row["metric"]] = row["value"]
    entered: dict[date, list[Row]] = defaultdict(list)
    for (day, _), row in oracle[PLAYERS].items():
        if row["minutes_played"]:
            entered[day].append(row)
    assert len(kept) == len(entered) == 297
    for day, players in entered.items():
        usages = [row["usage_rate"] for row in players if row["usage_rate"] is not None]
        assert kept[day]["max_usage_rate"] == float(max(usages)), day
        assert kept[day]["usage_coverage"] == len(usages) / len(players), day
        assert kept[day]["players_with_minutes"] == len(players), day


@pytest.mark.parametrize("table", SUBJECT)
def test_play_by_play_columns_are_null_without_play_by_play(published, table):
    told = {c for row in published[table].values() for c in PLAY_BY_PLAY[table].split() if row[c] is not None}
    assert told == set()


PLAYERS_ARE_MISSING = {
    *("20260115_UTA_DAL", "20260117_UTA_DAL", "20260119_DAL_NYK", "20260220_IND_WAS", "20260220_UTA_MEM"),
}
"""Their public rows lack players: 14 to 32 minutes of one team."""


@pytest.mark.parametrize("table", SUBJECT)
def test_every_real_game_comes_from_its_first_source(published, table):
    assert {row["primary_source_used"] for row in published[table].values()} == {FIRST_SOURCE[table]}
    partial = PLAYERS_ARE_MISSING if "player" in table else set()
    assert {row["game_id"] for row in published[table].values() if row["quality_tier"] == "bronze"} == partial
    assert {row["quality_tier"] for row in published[table].values() if row["game_id"] not in partial} == {"gold"}


# --- Worked out by hand from the raw rows -----------------------------------------------------------------------------


def has(row: Row, **expected: Any) -> None:
    """The row has these values; a text that reads as a number where the row has a Decimal is one."""
    actual = {column: row[column] for column in expected}
    assert actual == {c: D(v) if isinstance(row[c], D) and v is not None else v for c, v in expected.items()}


def of_game(rows: Table, game_id: str, where: Callable[[Row], Any] = lambda row: True) -> list[Row]:
    return [row for row in rows.values() if row["game_id"] == game_id and where(row)]


NIGHT = date(2026, 2, 3)


def test_the_incident_night_has_its_ten_games_and_217_players_with_usage(published):
    players = [row for (day, _), row in published[PLAYERS].items() if day == NIGHT]
    played = [row for row in players if row["minutes_played"] is not None]
    assert len({row["game_id"] for row in players}) == 10
    assert sum(day == NIGHT for day, _ in published[OFFENSE]) == 20
    assert len(played) == 217
    assert all(row["usage_rate"] is not None for row in played)


def test_the_highest_usage_of_the_incident_night_is_45_7(published):
    players = [row for (day, _), row in published[PLAYERS].items() if day == NIGHT]
    highest = max(players, key=lambda row: row["usage_rate"] or 0)
    # 5 attempts in 4:36 of a team with 85 FGA, 39 FTA, 12 TO: 100 * 5 * 48 / (4.6 * 114.16)
    has(highest, player_lookup="daltonknecht", usage_rate="45.7", usage_rate_raw="45.70", minutes_played="4.6")


def test_phoenix_at_portland_teams(published):
    # PHX: 97 + 0.44 * 15 + 11 - 18 = 96.6; POR: 95 + 0.44 * 18 + 17 - 18 = 101.92
    has(
        published[OFFENSE][NIGHT, "PHX"],
        game_id="20260203_PHX_POR",
        nba_game_id="0022500725",
        season_year=2025,
        opponent_team_abbr="POR",
        points_scored=130,
        fg_attempts=97,
        ft_attempts=15,
        turnovers=11,
        offensive_rebounds=18,
        rebounds=45,
        possessions=96,
        offensive_rating="134.58",
        pace="96.6",
        ts_pct="0.627",
        efg_pct="0.619",
        home_game=False,
        win_flag=True,
        margin_of_victory=5,
        overtime_periods=0,
    )
    has(published[OFFENSE][NIGHT, "POR"], points_scored=125, possessions=101, pace="101.9", margin_of_victory=-5)
    has(
        published[DEFENSE][NIGHT, "PHX"],
        game_id="20260203_PHX_POR",
        opponent_team_abbr="POR",
        points_allowed=125,
        three_pt_points_allowed=54,
        turnovers_forced=17,
        fouls_committed=19,
        steals=13,
        blocks=2,
        defensive_rebounds=27,
        opp_rebounds=47,
        defensive_rating="122.65",
        opponent_pace="101.9",
        opponent_ts_pct="0.607",
        home_game=False,
        win_flag=True,
        margin_of_victory=5,
    )


def test_phoenix_at_portland_players(published):
    # 100 * 20 * 48 / (35:58 * 114.6); nine makes, six of them threes
    has(
        published[PLAYERS][NIGHT, "graysonallen"],
        player_full_name="Grayson Allen",
        game_id="20260203_PHX_POR",
        team_abbr="PHX",
        opponent_team_abbr="POR",
        home_game=False,
        win_flag=True,
        points=24,
        minutes_played="36.0",
        usage_rate="23.3",
        usage_rate_raw="23.29",
        usage_rate_anomaly_reason=None,
        ts_pct="0.706",
        efg_pct="0.706",
        starter_flag=True,
        points_line=None,
        over_under_result=None,
    )
    # 9:21 without an attempt, a free throw or a turnover: a usage of zero, and no shooting figures
    has(
        published[PLAYERS][NIGHT, "isaiahlivers"],
        points=0,
        minutes_played="9.4",
        usage_rate="0.0",
        ts_pct=None,
        efg_pct=None,
        starter_flag=False,
        is_dnp=False,
    )


def test_one_overtime(published):
    day = date(2025, 10, 23)
    # DEN: 95 + 0.44 * 14 + 13 - 7 = 107.16; GSW: 99 + 0.44 * 25 + 8 - 10 = 108; 53 minutes
    has(published[OFFENSE][day, "DEN"], overtime_periods=1, possessions=107, pace="97.1", offensive_rating="122.25")
    has(published[OFFENSE][day, "GSW"], overtime_periods=1, possessions=108, pace="97.8", offensive_rating="126.85")
    has(published[DEFENSE][day, "GSW"], overtime_periods=1, opponent_pace="97.1", defensive_rating="122.25")
    # 100 * (25 + 0.44 * 8 + 2) * 53 / (36:58 * (99 + 11 + 8))
    curry = published[PLAYERS][day, "stephencurry"]
    has(curry, points=42, usage_rate="37.1", usage_rate_raw="37.08", ts_pct="0.736", efg_pct="0.680", plus_minus=15)
    # his minutes are written 28:60
    horford = published[PLAYERS][day, "alhorford"]
    has(horford, minutes_played="29.0", usage_rate="13.9", ts_pct="0.929", efg_pct="0.929", starter_flag=False)


def test_two_overtimes_with_team_minutes_off_by_one(published):
    day = date(2025, 11, 16)
    # CHI, 289 minutes: 108 + 0.44 * 32 + 17 - 12 = 127.08; UTA, 290: 111 + 0.44 * 41 + 9 - 12 = 126.04; 58 minutes
    has(published[OFFENSE][day, "CHI"], overtime_periods=2, possessions=127, pace="105.2", offensive_rating="115.68")
    has(published[OFFENSE][day, "UTA"], overtime_periods=2, possessions=126, pace="104.3", offensive_rating="119.01")
    has(published[DEFENSE][day, "CHI"], opponent_pace="104.3", defensive_rating="119.01", win_flag=False)
    markkanen = published[PLAYERS][day, "laurimarkkanen"]
    has(markkanen, points=47, minutes_played="46.4", usage_rate="36.0", usage_rate_raw="35.99", ts_pct="0.607")
    has(published[PLAYERS][day, "joshgiddey"], minutes_played="42.3", usage_rate="29.7", efg_pct="0.476")


def test_a_game_with_ten_players_who_did_not_play(published):
    listed = of_game(published[PLAYERS], "20251022_MIN_POR")
    out = {row["player_lookup"]: row for row in listed if row["is_dnp"]}
    assert (len(listed), len(out)) == (30, 10)
    assert {lookup: row["dnp_reason_category"] for lookup, row in out.items()} == {
        "joanberinger": "coach_decision",
        "joeingles": "coach_decision",
        "johnnyjuzang": "coach_decision",
        "leonardmiller": "coach_decision",
        "robdillingham": "coach_decision",
        "damianlillard": "injury",
        "duopreath": "coach_decision",
        "rayanrupert": "coach_decision",
        "robertwilliamsiii": "injury",
        "scoothenderson": "injury",
    }
    has(
        out["robertwilliamsiii"],
        team_abbr="POR",
        opponent_team_abbr="MIN",
        home_game=True,
        win_flag=False,
        is_active=False,
        player_status="dnp",
        dnp_reason="DND-Return to Competition Reconditioning",
        minutes_played=None,
        points=None,
        turnovers=None,
        plus_minus=None,
        usage_rate=None,
        usage_rate_raw=None,
        ts_pct=None,
        starter_flag=None,
    )


def test_a_neutral_site_keeps_the_schedules_home_team(published):
    day = date(2025, 11, 1)
    # played in Mexico City; DAL: 80 + 0.44 * 31 + 15 - 7 = 101.64; DET: 91 + 0.44 * 34 + 7 - 14 = 98.96
    detroit = published[OFFENSE][day, "DET"]
    has(detroit, game_id="20251101_DAL_DET", home_game=True, possessions=98, pace="99.0", offensive_rating="123.28")
    dallas = published[OFFENSE][day, "DAL"]
    has(dallas, game_id="20251101_DAL_DET", home_game=False, possessions=101, pace="101.6", offensive_rating="108.23")
    has(published[PLAYERS][day, "jalenduren"], home_game=True, minutes_played="29.1", usage_rate="28.5")
    has(published[PLAYERS][day, "chazlanier"], minutes_played="0.4", usage_rate="0.0", plus_minus=2)


def test_a_line_that_moved_and_had_an_alternate_beside_it(published):
    # PrizePicks before Underdog; an hour before tip-off 29.5, later 30.5 beside an alternate 25.5.
    # The median of 25.5, 29.5, 29.5, 30.5, 30.5 is 29.5: one away from 30.5, four from 25.5.
    has(
        published[PLAYERS][date(2024, 10, 24), "lukadoncic"],
        points=28,
        points_line="30.5",
        points_line_source="prizepicks",
        opening_line="29.5",
        opening_line_source="prizepicks",
        line_movement="1.0",
        over_under_result="UNDER",
        margin="-2.5",
        starter_flag=None,
    )


def test_of_two_lines_equally_near_the_median_the_lower(published):
    # PrizePicks 19.0 and 19.5, Underdog 18.5 and 19.5: the median is 19.25
    wagner = published[PLAYERS][date(2024, 10, 23), "franzwagner"]
    has(wagner, points=23, points_line="19.0", line_movement="0.0", over_under_result="OVER", margin="4.00")


def test_an_alternate_line_beside_the_real_one(published):
    # PrizePicks 26.5 and an alternate 0.5, Underdog 26.5 and 27.0, all in one snapshot
    edwards = published[PLAYERS][date(2024, 10, 22), "anthonyedwards"]
    has(edwards, points=27, points_line="26.5", opening_line="26.5", over_under_result="OVER", margin="0.50")


def test_points_on_the_line_are_a_push(published):
    carter = published[PLAYERS][date(2024, 10, 28), "wendellcarterjr"]
    has(carter, points=11, points_line="11.0", over_under_result="PUSH", margin="0.00")


def test_usage_above_a_hundred_in_a_minute_is_a_small_sample(published):
    # 3 attempts and a turnover in 1:00 of a team with 97 FGA, 21 FTA, 11 TO: 100 * 4 * 48 / 117.24
    reeves = published[PLAYERS][date(2024, 10, 23), "antonioreeves"]
    has(
        reeves, usage_rate=None, usage_rate_raw="163.77", usage_rate_anomaly_reason="small_sample", minutes_played="1.0"
    )
