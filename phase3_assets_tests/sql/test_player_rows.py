"""Player rows: minutes, zeros, usage, teams, keys. The functions they are made with: test_functions.py."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import cycle

import pytest

from phase3_assets.demo.season import Row, SimulatedGame, simulate_season
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.publishing.states import reader_state
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets_tests.sql.exact import rounded
from phase3_assets_tests.support.games import DAY, World, state_of
from phase3_assets_tests.support.sampling import first_in_ci

TEAMS, GAMEBOOK, EVENING = "nbac_team_boxscore", "nbac_gamebook_player_stats", "nbac_player_boxscores"
PLAYERS = "player_game_summary"
COUNTS = {
    "points": "points",
    "assists": "assists",
    "offensive_rebounds": "offensive_rebounds",
    "defensive_rebounds": "defensive_rebounds",
    "steals": "steals",
    "blocks": "blocks",
    "turnovers": "turnovers",
    "fg_attempts": "field_goals_attempted",
    "fg_makes": "field_goals_made",
    "three_pt_attempts": "three_pointers_attempted",
    "three_pt_makes": "three_pointers_made",
    "ft_attempts": "free_throws_attempted",
    "ft_makes": "free_throws_made",
    "plus_minus": "plus_minus",
    "personal_fouls": "personal_fouls",
}
DERIVED = ("minutes_played", "usage_rate", "usage_rate_raw", "ts_pct", "efg_pct")
NOTHING = dict.fromkeys([*COUNTS.values(), "total_rebounds"], 0)


# The cases: each takes a game of its own. `at` remembers which player a case is about.


@dataclass
class Case:
    """One game with one oddity in its player rows."""

    world: World
    game: SimulatedGame
    at: dict[str, str] = field(default_factory=dict)

    def rows(self, table: str = GAMEBOOK, team: str | None = None, *, played: bool | None = True) -> list[Row]:
        """The game's raw player rows, by default those of players who played."""
        found = [row for row in self.world.of(table, self.game) if team in (None, row["team_abbr"])]
        return [row for row in found if played is None or (row["minutes"] is not None) == played]

    def agree(self, source: str = GAMEBOOK) -> None:
        """Everything else says what this source says of the game, those it is about included."""
        self.world.agree_with(source, self.game, self.at.values())

    def of(self, lookup: str, table: str = GAMEBOOK) -> Row:
        return next(row for row in self.world.of(table, self.game) if row["player_lookup"] == lookup)

    def bend(self, name: str, row: Row, **values: object) -> Row:
        """Change a row and remember the player by a name."""
        row.update(values)
        self.at[name] = row["player_lookup"]
        return row

    def strangers(self) -> list[Row]:
        """Those who did not play, the away team's first, under names that no other game knows."""
        bench = self.rows(team=self.game.away, played=False) + self.rows(team=self.game.home, played=False)
        for number, row in enumerate(bench):
            name = f"Stranger {self.game.game_id} {number}"
            lookup = "".join(letter for letter in name.lower() if letter.isalnum())
            row.update(player_name=name, player_name_original=name, player_lookup=lookup)
        return bench

    def add_elsewhere(self, row: Row, team: str | None, day: date, table: str = GAMEBOOK, **values: object) -> None:
        """Another row of the player, on another date, for some team."""
        season = day.year - (day.month < 10)
        other = {**row, "game_date": day, "game_id": f"{day:%Y%m%d}_AAA_BBB", "season_year": season, "team_abbr": team}
        other |= {"home_team_abbr": team or "AAA", "away_team_abbr": "BBB"}
        self.world.rows[table].append(other | values)


def unreadable(minutes: str | None, table: str = GAMEBOOK) -> Callable[[Case], None]:
    def bend(case: Case) -> None:
        case.world.drop(GAMEBOOK if table == EVENING else EVENING, case.game)
        case.bend("player", case.rows(table)[2], minutes=minutes)

    return bend


def odd_minutes(case: Case) -> None:
    rows, others = case.rows(team=case.game.away), case.rows(team=case.game.home)
    case.bend("sixty seconds", rows[0], minutes="30:60")
    case.bend("zero", rows[1], minutes="00:00")
    case.bend("null", rows[2], minutes=None)
    case.bend("whole", rows[3], minutes="32")
    case.bend("seventy", others[0], minutes="70:00")
    case.bend("no leading zero", others[1], minutes="5:07", **NOTHING | {"turnovers": 1})
    case.bend("empty", others[2], minutes="")
    case.bend("half a tenth", others[3], minutes="10:03", **NOTHING | {"turnovers": 1})
    case.agree()


def evening_minutes(case: Case) -> None:
    case.world.drop(GAMEBOOK, case.game)
    rows = case.rows(EVENING)
    case.bend("zero", rows[0], minutes="0")
    case.bend("whole", rows[1], minutes="7")
    case.agree(EVENING)


def zeros(case: Case) -> None:
    rows = case.rows()
    case.bend("nothing", rows[0], **NOTHING)
    case.bend("five misses", rows[1], **NOTHING | {"field_goals_attempted": 5})
    case.bend("two missed free throws", rows[2], **NOTHING | {"free_throws_attempted": 2})
    case.bend("a turnover", rows[3], **NOTHING | {"turnovers": 1})
    case.bend("an and-one made", rows[4], **NOTHING | {"free_throws_attempted": 1, "free_throws_made": 1, "points": 1})
    case.bend("no plus-minus", rows[5], plus_minus=None)
    case.agree()


MANY = NOTHING | {"field_goals_attempted": 25}


def small_sample(case: Case) -> None:
    rows = case.rows()
    case.bend("one second short", rows[0], minutes="02:59", **MANY)
    case.bend("seconds", rows[1], minutes="00:04", **NOTHING | {"turnovers": 2})
    case.bend("ordinary", rows[2], minutes="02:59", **NOTHING | {"field_goals_attempted": 1})
    case.agree()


def impossible(case: Case) -> None:
    case.bend("player", case.rows()[0], minutes="03:00", **MANY)
    case.agree()


def impossible_in_whole_minutes(case: Case) -> None:
    case.world.drop(GAMEBOOK, case.game)
    case.bend("player", case.rows(EVENING)[0], minutes="3", **MANY)
    case.agree(EVENING)


def small_sample_in_whole_minutes(case: Case) -> None:
    case.world.drop(GAMEBOOK, case.game)
    case.bend("player", case.rows(EVENING)[0], minutes="2", **MANY)
    case.agree(EVENING)


def teams_told(case: Case) -> None:
    """Rows without a team that the season's other rows can tell."""
    case.world.drop(EVENING, case.game)
    day, game = case.game.game_date, case.game
    bench = case.strangers()
    row = case.bend("by an earlier game", bench[0])
    case.add_elsewhere(row, game.away, day - timedelta(days=20))
    row.update(team_abbr=None)
    row = case.bend("by a later game", bench[1], team_abbr=" ")
    case.add_elsewhere(row, game.away, day + timedelta(days=20))
    row = case.bend("by the evening rows", bench[2], team_abbr=None)
    evening = {"player_full_name": row["player_name"], "nba_game_id": "0022500999", "minutes": "3"}
    case.add_elsewhere(row, game.away, day - timedelta(days=1), EVENING, **evening)
    row = case.bend("by his name", bench[-1], team_abbr=None)
    case.add_elsewhere(row, game.home, day - timedelta(days=9), player_lookup=None)
    row = case.bend("wrong code", bench[-2])
    case.add_elsewhere(row, game.home, day - timedelta(days=9))
    row.update(team_abbr=_third_team(game))
    row = case.bend("traded in from elsewhere", bench[-3], team_abbr=None)
    case.add_elsewhere(row, game.home, day - timedelta(days=2))
    case.add_elsewhere(row, _third_team(game), day - timedelta(days=40))
    row = case.bend("who played", case.rows(team=game.home)[0], team_abbr=None)
    case.add_elsewhere(row, game.home, day - timedelta(days=2))


def teams_unknown(case: Case) -> None:
    """Rows without a team that nothing can tell: left out, never guessed."""
    case.world.drop(EVENING, case.game)
    day, game = case.game.game_date, case.game
    bench = case.strangers()
    case.bend("never seen", bench[0], team_abbr=None)
    row = case.bend("both teams", bench[1], team_abbr=None)
    case.add_elsewhere(row, game.away, day - timedelta(days=30))
    case.add_elsewhere(row, game.home, day - timedelta(days=3))
    row = case.bend("another season", bench[2], team_abbr=None)
    case.add_elsewhere(row, game.away, date(2025, 2, 1))
    row = case.bend("a third team", bench[-1], team_abbr=None)
    case.add_elsewhere(row, _third_team(game), day - timedelta(days=3))
    case.bend("wrong code", bench[-2], team_abbr=_third_team(game))
    case.bend("no code", bench[-3], team_abbr="XXX")


def _third_team(game: SimulatedGame) -> str:
    return next(code for code in ("DEN", "MIA", "CHI") if code not in (game.away, game.home))


NAMES = {
    "Luka Dončić": "lukadoncic",
    "Nikola Đurišić": "nikoladurisic",
    "Tim Hardaway Jr.": "timhardawayjr",
    "De'Aaron Fox": "deaaronfox",
    "Shai Gilgeous-Alexander": "shaigilgeousalexander",
    "Øystein Strauß": "oysteinstrauss",
    "Łukasz Ærø": "lukaszaero",
    "Þór Œuvré": "thoroeuvre",
    "P.J. O’Neal III": "pjonealiii",
}


def no_lookups(case: Case) -> None:
    for row, name in zip(case.rows(), NAMES, strict=False):
        case.of(row["player_lookup"], EVENING).update(player_full_name=name, player_lookup=" ")
        row.update(player_name=name, player_name_original=name, player_lookup=None)


def listed_on_both_sides(case: Case) -> None:
    """Traded that day between the two: listed inactive by one, played for the other."""
    row = case.bend("player", case.rows(team=case.game.home)[0])
    gone = {**row, **dict.fromkeys(COUNTS.values()), "minutes": None, "player_status": "inactive"}
    case.world.rows[GAMEBOOK].append({**gone, "team_abbr": case.game.away, "processed_at": row["processed_at"]})


def listed_with_and_without_team(case: Case) -> None:
    row = case.bend("player", case.rows(played=False)[0])
    case.world.rows[GAMEBOOK].append({**row, "team_abbr": None})


REASONS = {
    "DNP - Coach's Decision": "coach_decision",
    "DND - Injury/Illness": "injury",
    "NWT - Injury/Illness - Left Ankle; Sprain": "injury",
    "DND-Return to Competition Reconditioning": "injury",
    "DND - Rest": "rest",
    "NWT - Personal": "personal",
    "NWT - Not With Team": "other",
    "NWT_TEAM_SUSPENSION": "other",
    None: None,
    "  ": None,
}


def dnp_reasons(case: Case) -> None:
    rows = case.rows(played=None)[-len(REASONS) :]
    for row, reason in zip(rows, REASONS, strict=True):
        empty = dict.fromkeys(COUNTS.values())
        case.bend(str(reason), row, **empty, player_status="dnp", minutes=None, dnp_reason=reason)
    case.agree()


def figures_of_one_who_did_not_play(case: Case) -> None:
    case.bend("player", case.rows(played=False)[0], points=12, field_goals_attempted=9, turnovers=2, plus_minus=4)


def no_evening_rows(case: Case) -> None:
    case.world.drop(EVENING, case.game)


def statistic(**values: int | None) -> Callable[[Case], None]:
    def bend(case: Case) -> None:
        case.world.drop(EVENING, case.game)
        case.bend("player", case.rows()[1], **values)

    return bend


def strange_status(case: Case) -> None:
    case.bend("player", case.rows(played=False)[0], player_status="questionable")


HELD: dict[str, tuple[Callable[[Case], None], list[str]]] = {
    f"minutes {minutes}": (unreadable(minutes), ["unreadable_minutes", minutes])
    for minutes in ("71:00", "70:01", "-3", "abc", "12:5", "12:61", "1:02:03", "12.", "PT12", "36.5:10", "nan")
}
HELD |= {
    "evening minutes NULL": (unreadable(None, EVENING), ["unreadable_minutes", "NULL"]),
    "evening minutes empty": (unreadable("", EVENING), ["unreadable_minutes"]),
    "evening minutes abc": (unreadable("abc", EVENING), ["unreadable_minutes", "abc"]),
    "usage impossible": (impossible, ["usage_rate", "3"]),
    "usage impossible in whole minutes": (impossible_in_whole_minutes, ["usage_rate", "3"]),
    "no points": (statistic(points=None), ["nulls", "minutes without points"]),
    "no attempts": (statistic(field_goals_attempted=None), ["nulls", "minutes without fg_attempts"]),
    "no turnovers": (statistic(turnovers=None), ["nulls", "minutes without turnovers"]),
    "more makes than attempts": (statistic(field_goals_made=40), ["box_score_arithmetic", "40 field goals"]),
    "points that the makes do not give": (statistic(points=70), ["box_score_arithmetic", "70 points"]),
    "strange status": (strange_status, ["accepted_values", "questionable"]),
}
HELD |= {
    f"{name} {value}": (statistic(**{name: value}), ["impossible_statistics: ", f"{name} {value}"])
    for name, value in zip(
        sorted({*COUNTS.values(), "total_rebounds"} - {"plus_minus"}), cycle((-1, 1000)), strict=False
    )
}
FINE: dict[str, Callable[[Case], None]] = {
    "untouched": lambda case: None,
    "odd minutes": odd_minutes,
    "evening minutes": evening_minutes,
    "zeros": zeros,
    "small sample": small_sample,
    "small sample in whole minutes": small_sample_in_whole_minutes,
    "teams told": teams_told,
    "teams unknown": teams_unknown,
    "no lookups": no_lookups,
    "listed on both sides": listed_on_both_sides,
    "listed with and without team": listed_with_and_without_team,
    "dnp reasons": dnp_reasons,
    "figures of one who did not play": figures_of_one_who_did_not_play,
    "no evening rows": no_evening_rows,
}


@dataclass
class Seen:
    """What a reader sees of one case."""

    case: Case
    state: tuple[str, str | None]
    rows: dict[str, Row]
    teams: dict[str, Row]
    events: list[Row]
    left_out: str | None

    def player(self, name: str) -> Row:
        return self.rows[self.case.at[name]]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, _initialised_file: bytes) -> dict[str, Seen]:
    path = tmp_path_factory.mktemp("players") / "warehouse.duckdb"
    path.write_bytes(_initialised_file)
    bends = {name: bend for name, (bend, _) in HELD.items()} | FINE
    games = simulate_season(3, DAY, 12)[: len(bends)]
    world = World(DuckDBWarehouse(path, wait_seconds=10), games)
    cases = {name: Case(world, game) for name, game in zip(bends, games, strict=True)}
    for name, case in cases.items():
        bends[name](case)
    publication = world.reload_and_publish()
    rows: dict[str, dict[str, Row]] = {}
    for row in world.table(PLAYERS):
        assert row["player_lookup"] not in rows.setdefault(row["game_id"], {})
        rows[row["game_id"]][row["player_lookup"]] = row
    teams: dict[str, dict[str, Row]] = {}
    for row in world.table("team_offense_game_summary"):
        teams.setdefault(row["game_id"], {})[row["team_abbr"]] = row
    events = world.events()
    return {
        name: Seen(
            case,
            reader_state(publication.games[case.game.game_id]),
            rows.get(case.game.game_id, {}),
            teams.get(case.game.game_id, {}),
            [event for event in events if event["game_id"] == case.game.game_id],
            publication.games[case.game.game_id].facts["left_out"],
        )
        for name, case in cases.items()
    }


@pytest.mark.parametrize("case", HELD)
@pytest.mark.slow
def test_a_bad_player_row_holds_the_players_of_its_game_and_is_shown(seen, case):
    game = seen[case]
    state, reason = game.state
    assert state == "quarantined"
    assert reason.startswith(f"{PLAYERS}: ")
    for word in HELD[case][1]:
        assert word in reason
    assert game.case.at["player"] in reason
    assert game.rows == {}
    assert len(game.teams) == 2
    [event] = [event for event in game.events if event["event_type"] == "game_quarantined"]
    assert event["table_name"] == PLAYERS and game.case.at["player"] in event["details"]


@pytest.mark.parametrize("case", FINE)
def test_odd_but_possible_player_rows_are_published(seen, case):
    assert seen[case].state == ("published", None)
    left_out = 6 if case == "teams unknown" else 0
    source = EVENING if "evening minutes" in case or "whole minutes" in case else GAMEBOOK
    listed = {row["player_name" if source == GAMEBOOK else "player_full_name"] for row in _raw(seen[case], source)}
    assert len(seen[case].rows) == len(listed) - left_out


def _raw(game: Seen, table: str) -> list[Row]:
    return game.case.world.of(table, game.case.game)


@pytest.mark.parametrize("case", FINE)
def test_every_figure_is_the_exact_one_rounded_once(seen, case):
    game = seen[case]
    assert game.rows
    for row in game.rows.values():
        team = game.teams[row["team_abbr"]]
        assert row["opponent_team_abbr"] == team["opponent_team_abbr"] != row["team_abbr"]
        assert (row["win_flag"], row["home_game"]) == (team["win_flag"], team["home_game"])
        if row["is_dnp"]:
            continue
        source = row["primary_source_used"]
        raw = next(r for r in _raw(game, source) if _name(r) == row["player_full_name"] and r["minutes"] is not None)
        minutes, _, seconds = raw["minutes"].partition(":")
        played = 60 * int(minutes) + int(seconds or 0)
        assert {name: row[name] for name in COUNTS} == {name: raw[column] for name, column in COUNTS.items()}
        assert row["minutes_played"] == rounded(Fraction(played, 60), 1)
        attempts = row["fg_attempts"] + Fraction(44, 100) * row["ft_attempts"]
        assert row["ts_pct"] == (rounded(row["points"] / (2 * attempts), 3) if attempts else None)
        made = row["fg_makes"] + Fraction(row["three_pt_makes"], 2)
        assert row["efg_pct"] == (rounded(made / row["fg_attempts"], 3) if row["fg_attempts"] else None)
        if not played:
            continue
        team_plays = team["fg_attempts"] + Fraction(44, 100) * team["ft_attempts"] + team["turnovers"]
        length = 48 + 5 * team["overtime_periods"]
        usage = 100 * (attempts + row["turnovers"]) * length / (Fraction(played, 60) * team_plays)
        assert row["usage_rate_raw"] == rounded(usage, 2)
        assert row["usage_rate"] == (rounded(usage, 1) if usage <= 100 else None)
        assert row["usage_rate_anomaly_reason"] == ("small_sample" if usage > 100 else None)


def _name(raw: Row) -> str:
    return raw.get("player_full_name") or raw["player_name"]


@pytest.mark.parametrize(
    ("name", "minutes"),
    [
        ("sixty seconds", "31.0"),
        ("whole", "32.0"),
        ("seventy", "70.0"),
        ("no leading zero", "5.1"),
        ("half a tenth", "10.1"),
    ],
)
def test_every_way_to_write_minutes_is_read(seen, name, minutes):
    row = seen["odd minutes"].player(name)
    assert row["minutes_played"] == Decimal(minutes)
    assert not row["is_dnp"] and row["usage_rate"] is not None


@pytest.mark.parametrize("name", ["zero", "null", "empty"])
def test_one_in_uniform_who_never_entered_did_not_play(seen, name):
    row = seen["odd minutes"].player(name)
    assert (row["is_dnp"], row["is_active"], row["player_status"]) == (True, True, "active")
    assert {row[column] for column in (*COUNTS, *DERIVED, "usage_rate_anomaly_reason")} == {None}


def test_under_half_an_evening_minute_keeps_its_figures(seen):
    game = seen["evening minutes"]
    row = game.player("zero")
    assert row["minutes_played"] == 0 and not row["is_dnp"] and row["is_active"]
    assert row["usage_rate"] is row["usage_rate_raw"] is row["usage_rate_anomaly_reason"] is None
    raw = game.case.of(game.case.at["zero"], EVENING)
    assert {name: row[name] for name in COUNTS} == {name: raw[column] for name, column in COUNTS.items()}
    assert row["quality_tier"] == "silver"


@pytest.mark.parametrize(
    ("name", "usage_is_zero", "ts", "efg"),
    [
        ("nothing", True, None, None),
        ("five misses", False, 0, 0),
        ("two missed free throws", False, 0, None),
        ("a turnover", False, None, None),
        ("an and-one made", False, Decimal("1.136"), None),
    ],
)
def test_zero_is_a_value(seen, name, usage_is_zero, ts, efg):
    row = seen["zeros"].player(name)
    assert row["usage_rate"] is not None and (row["usage_rate"] == 0) == usage_is_zero
    assert (row["ts_pct"], row["efg_pct"]) == (ts, efg)
    assert row["points"] is not None and row["usage_rate_anomaly_reason"] is None


def test_plus_minus_may_be_missing(seen):
    row = seen["zeros"].player("no plus-minus")
    assert row["plus_minus"] is None and row["usage_rate"] is not None


def test_everyone_with_minutes_has_a_usage(seen):
    for name in ("untouched", "zeros", "no evening rows", "no lookups"):
        played = [row for row in seen[name].rows.values() if row["minutes_played"]]
        assert played and all(row["usage_rate"] is not None for row in played)


@pytest.mark.parametrize(
    ("case", "player"),
    [
        ("small sample", "one second short"),
        ("small sample", "seconds"),
        ("small sample in whole minutes", "player"),
    ],
)
def test_a_huge_usage_in_no_time_is_no_error_and_no_usage(seen, case, player):
    row = seen[case].player(player)
    assert row["usage_rate"] is None and row["usage_rate_raw"] > 100
    assert row["usage_rate_anomaly_reason"] == "small_sample"


def test_an_ordinary_usage_in_little_time_is_a_usage(seen):
    row = seen["small sample"].player("ordinary")
    assert 0 < row["usage_rate"] <= 100 and row["usage_rate_anomaly_reason"] is None


@pytest.mark.parametrize(
    ("name", "side"),
    [
        ("by an earlier game", "away"),
        ("by a later game", "away"),
        ("by the evening rows", "away"),
        ("by his name", "home"),
        ("wrong code", "home"),
        ("traded in from elsewhere", "home"),
        ("who played", "home"),
    ],
)
def test_a_missing_team_is_the_one_the_season_tells(seen, name, side):
    game = seen["teams told"]
    row = game.player(name)
    assert row["team_abbr"] == getattr(game.case.game, side)
    assert game.left_out is None
    assert row["is_dnp"] == (name != "who played")


def test_a_team_that_cannot_be_told_is_never_guessed(seen):
    game = seen["teams unknown"]
    names = [_name(game.case.of(lookup)) for lookup in game.case.at.values()]
    assert not set(game.case.at.values()) & set(game.rows)
    [event] = [event for event in game.events if event["event_type"] == "player_rows_left_out"]
    assert event["severity"] == "WARNING"
    for name in names:
        assert name in event["description"] and name in game.left_out


@pytest.mark.slow
@pytest.mark.parametrize("name", first_in_ci(["New Guy", None, " "]))
@pytest.mark.long
def test_a_row_left_out_is_told_once_whenever_it_comes_and_whatever_its_name(make_world, name):
    """After publication, where nothing else of the game has changed; another row left out is told again."""
    world = make_world(2)
    world.reload_and_publish()
    row = Case(world, world.game).rows(played=False)[0]
    new = {
        **row,
        "team_abbr": None,
        "player_lookup": "newguy",
        "player_name": name,
        "player_name_original": name or " ",
    }
    world.rows[GAMEBOOK].append(new)
    for _ in range(2):
        world.reload_and_publish()
        [event] = world.events("player_rows_left_out")
        assert (event["game_id"], event["table_name"]) == (world.game.game_id, PLAYERS)
        assert event["description"].endswith(f": {'New Guy' if name == 'New Guy' else 'newguy'}")
    new.update(player_name="Other Guy", player_lookup="otherguy")
    world.reload_and_publish()
    assert world.events("player_rows_left_out")[1]["description"].endswith(": Other Guy")


@pytest.mark.slow
def test_a_row_left_out_comes_back_once_its_team_is_known(make_world):
    world = make_world(1)
    world.drop(EVENING)
    case = Case(world, world.game)
    row = case.bend("player", case.rows(played=False)[0])
    team = row["team_abbr"]
    row.update(team_abbr=None)
    world.reload_and_publish()
    assert row["player_lookup"] not in {r["player_lookup"] for r in world.table(PLAYERS)}
    case.add_elsewhere(row, team, world.game.game_date + timedelta(days=3))
    world.reload_and_publish()
    assert {r["player_lookup"]: r["team_abbr"] for r in world.table(PLAYERS)}[row["player_lookup"]] == team


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_key_is_made_from_the_name(seen, name):
    row = seen["no lookups"].rows[NAMES[name]]
    assert row["player_full_name"] == name
    assert row["starter_flag"] is not None  # found in the other source by the same key


@pytest.mark.parametrize(
    "values", [{"player_name": " ", "player_lookup": None}, {"player_name": ""}, {"player_lookup": "-"}]
)
def test_a_blank_name_or_a_key_of_nothing_hides_no_good_one(make_world, values):
    """In the gamebook, in another row that tells the season's team, and in the odds."""
    world = make_world(1)
    quoted = {row["player_lookup"] for row in world.rows["odds_api_player_points_props"]}
    row = next(row for row in Case(world, world.game).rows() if row["player_lookup"] in quoted)
    name, lookup = row["player_name_original"], row["player_lookup"]
    Case(world, world.game).add_elsewhere({**row, **values}, row["team_abbr"], DAY + timedelta(days=3))
    remove = [found for found in world.of(EVENING) if found["player_lookup"] == lookup]
    world.rows[EVENING] = [found for found in world.rows[EVENING] if found not in remove]
    row.update(values, team_abbr=None)
    for quote in world.rows["odds_api_player_points_props"]:
        if quote["player_lookup"] == lookup and "player_lookup" in values:
            quote["player_lookup"] = values["player_lookup"]
    assert state_of(world.reload_and_publish(), world.game) == ("published", None)
    [published] = [found for found in world.table(PLAYERS) if found["player_lookup"] == lookup]
    assert published["player_full_name"] == name and published["points_line"] is not None


def test_one_listed_by_both_teams_keeps_the_row_that_played(seen):
    game = seen["listed on both sides"]
    row = game.player("player")
    assert row["team_abbr"] == game.case.game.home
    assert not row["is_dnp"] and row["minutes_played"] > 0


def test_one_listed_with_and_without_a_team_is_there_once_and_not_reported(seen):
    game = seen["listed with and without team"]
    assert game.player("player")["team_abbr"] in (game.case.game.home, game.case.game.away)
    assert game.left_out is None


def two_games_of_one_night(world: World) -> tuple[Row, SimulatedGame]:
    """A player of the first game who played, and the second game."""
    return Case(world, world.games[0]).rows()[0], world.games[1]


def listed_in(world: World, game: SimulatedGame, row: Row, **values: object) -> None:
    both = {"home_team_abbr": game.home, "away_team_abbr": game.away, "team_abbr": game.away}
    world.rows[GAMEBOOK].append({**row, **both, "game_id": game.game_id, **values})


def test_one_traded_between_two_games_of_a_night_has_the_row_that_played(make_world):
    world = make_world(2)
    row, other = two_games_of_one_night(world)
    gone = dict.fromkeys(COUNTS.values()) | {"minutes": None, "player_status": "inactive"}
    listed_in(world, other, row, **gone, dnp_reason="NWT - Not With Team")
    publication = world.reload_and_publish()
    assert {reader_state(game) for game in publication.games.values()} == {("published", None)}
    [published] = [r for r in world.table(PLAYERS) if r["player_lookup"] == row["player_lookup"]]
    assert (published["game_id"], published["is_dnp"]) == (world.game.game_id, False)


def test_two_rows_that_played_on_one_night_hold_both_games(make_world):
    world = make_world(3)
    row, other = two_games_of_one_night(world)
    listed_in(world, other, row)
    for game in (world.game, other):
        world.drop(EVENING, game)
    publication = world.reload_and_publish()
    states = {game_id: reader_state(game) for game_id, game in publication.games.items()}
    for game in (world.game, other):
        state, reason = states[game.game_id]
        assert state == "quarantined" and "duplicates" in reason and row["player_lookup"] in reason
    assert states[world.games[2].game_id] == ("published", None)
    assert {r["game_id"] for r in world.table(PLAYERS)} == {world.games[2].game_id}


@pytest.mark.slow
@pytest.mark.parametrize("mates", [(0, 1), (1, 0)])
@pytest.mark.long
def test_a_key_given_to_two_players_of_a_game_holds_it_until_it_is_right(make_world, mates):
    """Whose the row is nobody can tell, and one of them would be missing: the league's own name says there are two."""
    world = make_world(2)
    played = [row for row in world.of(GAMEBOOK) if row["player_status"] == "active" and row["points"] is not None]
    one, other = (played[position] for position in mates)
    right = {"player_lookup": one["player_lookup"], "player_name": one["player_name"]}
    one.update({name: other[name] for name in right})
    world.drop(EVENING)
    for _ in range(2):
        publication = world.reload_and_publish()
        state, reason = state_of(publication, world.game)
        assert state == "quarantined" and f"{other['player_lookup']}: is the key of two listed players" in reason
        assert one["player_name_original"] in reason and other["player_name_original"] in reason
        assert {row["game_id"] for row in world.table(PLAYERS)} == {world.games[1].game_id}
    one.update(right)
    assert state_of(world.reload_and_publish(), world.game) == ("published", None)
    assert len(world.table(PLAYERS, world.game)) == len(world.of(GAMEBOOK))


def test_a_key_whose_name_is_spelled_anew_by_a_later_load_is_one_players(make_world):
    world = make_world(1)
    row = next(row for row in world.of(GAMEBOOK) if row["player_status"] == "active")
    again = {**row, "player_name_original": f"{row['player_name_original']} III", "player_name": None}
    accented = {**again, "player_name_original": f"{again['player_name_original']}́"}
    later = row["processed_at"] + timedelta(hours=1)
    world.rows[GAMEBOOK] += [{**again, "processed_at": later}, {**accented, "processed_at": later}]
    assert state_of(world.reload_and_publish(), world.game) == ("published", None)
    [published] = [found for found in world.table(PLAYERS) if found["player_lookup"] == row["player_lookup"]]
    assert published["player_full_name"].startswith(again["player_name_original"])


def another(value: object) -> object:
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) else f"{value or ''}1"


@pytest.mark.slow
def test_two_player_rows_of_one_load_give_the_same_rows_in_whatever_order_they_come(make_world):
    """Whatever they differ in, with or without a team; a game for each column."""
    gamebook = [*COUNTS.values(), "total_rebounds", "minutes", "player_name", "dnp_reason"]
    bends = [(GAMEBOOK, name) for name in gamebook] + [(EVENING, "starter"), (GAMEBOOK, "team_abbr")]
    world = make_world(simulate_season(3, DAY, 12)[: len(bends)])
    for game, (table, name) in zip(world.games, bends, strict=True):
        for row in Case(world, game).rows(table):
            world.rows[table].append({**row, name: another(row[name])})
            if name == "team_abbr":
                row.update(team_abbr=None, assists=row["assists"] + 1)
    world.reload_and_publish()
    for rows in world.rows.values():
        rows.reverse()
    [*_, players] = world.reload_and_publish().reports
    assert {game.outcome for game in players.games} <= {"unchanged", "quarantined"}
    assert players.count("published") == 0


@pytest.mark.parametrize("reason", REASONS)
def test_a_reason_for_not_playing_has_a_category(seen, reason):
    row = seen["dnp reasons"].player(str(reason))
    assert row["dnp_reason_category"] == REASONS[reason]
    assert row["dnp_reason"] == (reason.strip() or None if reason else None)
    assert (row["is_dnp"], row["is_active"], row["minutes_played"], row["usage_rate"]) == (True, False, None, None)


def test_figures_of_one_who_did_not_play_are_not_published(seen):
    row = seen["figures of one who did not play"].player("player")
    assert row["is_dnp"] and {row[column] for column in (*COUNTS, *DERIVED)} == {None}


def test_starters_are_known_from_the_evening_rows_alone(seen):
    for name in ("untouched", "figures of one who did not play"):
        told = {line.player.lookup: line.is_starter if line.seconds else None for line in seen[name].case.game.lines}
        assert {lookup: row["starter_flag"] for lookup, row in seen[name].rows.items()} == told
        assert sum(bool(row["starter_flag"]) for row in seen[name].rows.values()) == 10
    assert {row["starter_flag"] for row in seen["no evening rows"].rows.values()} == {None}


def test_an_inactive_row_alone_makes_no_one_active(seen):
    by_status = {(row["player_status"], row["is_active"]) for row in seen["untouched"].rows.values()}
    assert by_status <= {("active", True), ("dnp", False), ("inactive", False)}
    assert ("active", True) in by_status and len(by_status) > 1


@pytest.mark.slow
@pytest.mark.long
def test_the_gamebook_replaces_the_evening_rows_and_lists_those_who_sat(make_world):
    world = make_world(2)
    gamebook = world.of(GAMEBOOK)
    world.drop(GAMEBOOK)
    world.reload_and_publish()
    silver = world.table(PLAYERS, world.game)
    assert {row["quality_tier"] for row in silver} == {"silver"}
    assert not any(row["is_dnp"] for row in silver)
    world.rows[GAMEBOOK] += gamebook
    publish(world.warehouse, Request(DAY, DAY))
    assert world.table(PLAYERS, world.game) == silver
    world.reload_and_publish()
    gold = world.table(PLAYERS, world.game)
    assert {row["quality_tier"] for row in gold} == {"gold"}
    assert len(gold) == len(gamebook) > len(silver)
    starters = {row["player_lookup"]: row["starter_flag"] for row in silver}
    assert {r["player_lookup"]: r["starter_flag"] for r in gold if not r["is_dnp"]} == starters
