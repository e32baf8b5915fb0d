"""Injury reports: whose they are, which of them counts, and what the team table makes of them.

What belongs here: made-up reports (the real data has none), what the view makes of each, and counts worked out by
hand. What doesn't: the table's other figures (test_upcoming_team_games.py).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from phase3_assets.demo.season import Row, SimulatedGame, simulate_season
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets_tests.support.games import DAY, World
from phase3_assets_tests.support.pre_game import FIRST, TONIGHT, Season

REPORTS = "nbac_injury_report"
EASTERN = ZoneInfo("America/New_York")


@dataclass(frozen=True)
class Report:
    """One row; its text may name {home} and {away}."""

    status: str = "out"
    full_name: str | None = "Jaden Ivey"
    original: str | None = "Ivey, Jaden"
    lookup: str | None = "jadeney"
    team: str | None = "{home}"
    matchup: str | None = "{away}@{home}"
    days: int = 0
    """Days from the game's date to the report's."""
    hour: int | None = 0
    """Hours from the last hour that is over by tip-off, on the game's date; by the clock on others. None: unknown."""
    processed: int = 1
    reason: str | None = "Injury/Illness - Left Knee; Sprain"
    game_days: int = 0

    def row(self, game: SimulatedGame) -> Row:
        tip_off = game.tip_off.astimezone(EASTERN)
        base = tip_off.hour - 1 if self.days == 0 else 0
        said = {"home": game.home, "away": game.away}
        return {
            "report_date": game.game_date + timedelta(days=self.days),
            "report_hour": None if self.hour is None else base + self.hour,
            "game_date": game.game_date + timedelta(days=self.game_days),
            "team": self.team and self.team.format(**said),
            "player_lookup": self.lookup,
            "injury_status": self.status,
            "reason": self.reason,
            "player_name_original": self.original,
            "player_full_name": self.full_name,
            "matchup": self.matchup and self.matchup.format(**said),
            "processed_at": game.tip_off + timedelta(hours=self.processed),
        }


@dataclass(frozen=True)
class Case:
    """Reports of a game, and what the view must say of it: by player, status and team."""

    name: str
    reports: Sequence[Report]
    expected: dict[str, tuple[str, str | None]]


def named(full_name: str | None, original: str | None, lookup: str | None = "jadeney") -> Report:
    return Report(full_name=full_name, original=original, lookup=lookup)


OUT = {"jadenivey": ("out", "{home}")}
UNKNOWN = {"jadenivey": ("out", None)}
CASES = [
    Case("a report", [Report()], OUT),
    Case("of the visitors", [Report(team="{away}")], {"jadenivey": ("out", "{away}")}),
    *(
        Case(f"the status {status!r}", [Report(status)], {"jadenivey": (status.strip().lower(), "{home}")})
        for status in ("Out", "DOUBTFUL", " questionable ", "Probable", "available")
    ),
    Case("a status that is none", [Report("Not Yet Submitted"), Report("")], {}),
    Case(
        "a later one that is none leaves the earlier",
        [Report("doubtful", hour=-3), Report("maybe")],
        {"jadenivey": ("doubtful", "{home}")},
    ),
    Case(
        "the latest hour counts",
        [Report("out", hour=-1), Report("available"), Report("doubtful", hour=-2)],
        {"jadenivey": ("available", "{home}")},
    ),
    Case("an hour that is not over at tip-off", [Report(hour=1)], {}),
    Case(
        "the latest before tip-off, not a later one",
        [Report("questionable", hour=-2), Report("out", hour=1), Report("out", days=1, hour=9)],
        {"jadenivey": ("questionable", "{home}")},
    ),
    Case(
        "the latest date",
        [Report(days=-1, hour=22), Report("probable", hour=-4)],
        {"jadenivey": ("probable", "{home}")},
    ),
    Case("a week before", [Report(days=-7, hour=12)], OUT),
    Case("longer ago", [Report(days=-8, hour=12)], {}),
    Case("without an hour of the date itself", [Report(hour=None)], {}),
    Case("without an hour of the date before", [Report(days=-1, hour=None)], OUT),
    Case("an hour that no day has", [Report(days=-1, hour=24)], OUT),
    Case(
        "of one hour the latest processed",
        [Report("out", processed=1), Report("available", processed=2)],
        {"jadenivey": ("available", "{home}")},
    ),
    Case("loaded twice", [Report(), Report()], OUT),
    Case("without a full name the original turned round", [named(None, "Ivey, Jaden")], OUT),
    Case("a blank full name is none", [named("  ", "Ivey, Jaden")], OUT),
    Case("with a suffix", [named(None, "Hardaway Jr., Tim")], {"timhardawayjr": ("out", "{home}")}),
    Case("with a numeral", [named(None, "Payton II, Gary")], {"garypaytonii": ("out", "{home}")}),
    Case("accents go", [named("Nikola Đurišić", None, "nikolađurišić")], {"nikoladurisic": ("out", "{home}")}),
    Case("one name", [named(None, "Nene")], {"nene": ("out", "{home}")}),
    Case("only without both names the report's own key", [named(None, None)], {"jadeney": ("out", "{home}")}),
    Case("nobody", [named(None, None, None)], {}),
    Case(
        "a team by its full name",
        [Report(team="Nobody"), Report(full_name="A B", team="{home}")],
        UNKNOWN | {"ab": ("out", "{home}")},
    ),
    *(
        Case(f"an unknown team by the matchup {matchup}", [Report(team=team, matchup=matchup)], UNKNOWN)
        for team, matchup in (
            ("UNKNOWN", "{away}@{home}"),
            (None, "{away} @ {home}"),
            ("", "{home} vs. {away}"),
            ("unknown", "{away} at {home}"),
        )
    ),
    *(
        Case(f"an unknown team with the matchup {matchup}", [Report(team="UNKNOWN", matchup=matchup)], {})
        for matchup in (None, "", "{home}", "XXX@{home}", "{home}@{home}")
    ),
    Case("a team that does not play that date", [Report(game_days=-40)], {}),
]


@pytest.fixture(scope="module")
def found(_initialised_file: bytes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """By case, its game and the view's rows of it, when the reports of all cases are loaded together."""
    path = tmp_path_factory.mktemp("reports") / "warehouse.duckdb"
    path.write_bytes(_initialised_file)
    chosen: dict[Any, SimulatedGame] = {}
    for game in simulate_season(5, DAY, 60):
        chosen.setdefault(game.game_date, game)  # one game a date: a player has one report for a date
    parts = dict(zip((case.name for case in CASES), chosen.values(), strict=False))
    assert len(parts) == len(CASES)
    world = World(DuckDBWarehouse(path, wait_seconds=10), parts.values())
    world.rows[REPORTS] = [report.row(parts[case.name]) for case in CASES for report in case.reports]
    Random(3).shuffle(world.rows[REPORTS])
    world.load("nbac_schedule", REPORTS)
    rows = world.query("SELECT * FROM nba_phase3.injury_reports")
    yield {name: (game, [row for row in rows if row["game_id"] == game.game_id]) for name, game in parts.items()}


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name.replace(" ", "_")) for case in CASES])
def test_the_report_is(found, case):
    game, rows = found[case.name]
    teams = {"home": game.home, "away": game.away}
    expected = {key: (status, team and team.format(**teams)) for key, (status, team) in case.expected.items()}
    assert {row["player_lookup"]: (row["injury_status"], row["team_abbr"]) for row in rows} == expected
    assert len(rows) == len(expected)
    for row in rows:
        assert row["known_from"] <= game.tip_off


# --- What the table makes of them -------------------------------------------------------------------------------------


@pytest.fixture
def season(make_world, monkeypatch):
    season = Season(make_world, monkeypatch)
    season.world.rows[REPORTS] = []
    season.results[REPORTS] = season.world.rows[REPORTS]
    return season


def starting_five(season, team):
    """By hand: of the team's players in its ten latest published games, most starts, then most minutes."""
    rows = [row for row in season.world.table("player_game_summary") if row["team_abbr"] == team]
    dates = sorted({row["game_date"] for row in rows if row["game_date"] < TONIGHT})[-10:]
    starts, minutes = defaultdict(int), defaultdict(int)
    for row in rows:
        if row["game_date"] in dates:
            starts[row["player_lookup"]] += bool(row["starter_flag"])
            minutes[row["player_lookup"]] += row["minutes_played"] or 0
    order = sorted(starts, key=lambda player: (-starts[player], -minutes[player], player))
    return order[:5], order[5:]


def report_on(season, game, statuses, team="{home}", **others):
    """Load reports on players by their keys, besides those that are there, and publish tonight."""
    season.world.rows[REPORTS] += [
        Report(status, full_name=player, original=None, team=team, **others).row(game)
        for player, status in statuses.items()
    ]
    season.world.load(REPORTS)
    season.publish()


def counts(season, team):
    row = season.rows()[team]
    names = ("players_out_count", "starters_out_count", "questionable_players_count")
    return tuple(row[name] for name in names)


@pytest.mark.long
def test_players_are_counted_by_status_and_starters_apart(season):
    game = season.tonight[0]
    season.publish()
    assert counts(season, game.home) == (None, None, None)
    five, others = starting_five(season, game.home)
    statuses = {five[0]: "out", five[1]: "Out", five[2]: "questionable", five[3]: "doubtful", five[4]: "probable"}
    report_on(season, game, statuses | {others[0]: "out", others[1]: "questionable", others[2]: "available"})
    assert counts(season, game.home) == (3, 2, 3)
    row = season.rows()[game.home]
    assert row["injury_report_updated_at"] == game.tip_off.replace(minute=0)
    assert "no_injury_report" not in row["quality_issues"]


@pytest.mark.long
def test_a_team_without_a_report_is_unknown_never_healthy(season):
    game = season.tonight[0]
    season.publish()
    _, others = starting_five(season, game.home)
    report_on(season, game, {others[0]: "available"})
    assert counts(season, game.home) == (0, 0, 0)
    assert counts(season, game.away) == (None, None, None)
    assert "no_injury_report" in season.rows()[game.away]["quality_issues"]


def test_an_unknown_team_is_the_one_of_the_players_latest_row(season):
    game, other = season.tonight[:2]
    season.publish()
    (player, *_), _ = starting_five(season, game.home)
    (stranger, *_), _ = starting_five(season, other.home)
    report_on(season, game, {player: "out", stranger: "out", "nobodyatall": "out"}, team="UNKNOWN")
    assert counts(season, game.home) == (1, 1, 0)
    assert counts(season, game.away) == (None, None, None)


def test_where_no_start_is_known_minutes_say_who_starts(season):
    for row in season.world.rows["nbac_player_boxscores"]:
        row["starter"] = None
    season.world.load()
    season.publish()
    game = season.tonight[0]
    five, others = starting_five(season, game.home)
    assert not any(row["starter_flag"] for row in season.world.table("player_game_summary"))
    report_on(season, game, {five[0]: "out", others[0]: "out"})
    assert counts(season, game.home) == (2, 1, 0)


def test_a_report_after_tip_off_changes_nothing(season):
    game = season.tonight[0]
    season.publish()
    five, _ = starting_five(season, game.home)
    report_on(season, game, {five[0]: "questionable"})
    before = season.rows()
    season.world.rows[REPORTS].append(Report("out", full_name=five[0], original=None, hour=1).row(game))
    season.world.load(REPORTS)
    publish(season.world.warehouse, Request(FIRST, TONIGHT, repair=True))
    assert season.rows()[game.home] == before[game.home]
