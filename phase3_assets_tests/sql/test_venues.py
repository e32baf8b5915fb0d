"""Venues: which arena a game is played at, whether it is neutral, and what a team's calendar makes of the journeys.

What belongs here: made-up schedules. What doesn't: real seasons (test_upcoming_team_games.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from phase3_assets.demo.season import Row, SimulatedGame
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets_tests.support.games import World

FIRST = date(2026, 1, 5)
UNKNOWN = (None, True)


@dataclass(frozen=True)
class Case:
    """What the schedule says of a game in Denver, and the venue: its name, and whether it is neutral."""

    name: str
    arena: str | None = None
    city: str | None = None
    flag: bool | None = None
    expected: tuple[str | None, bool] = ("Ball Arena", False)
    home: str = "DEN"


CASES = [
    Case("nothing is said"),
    Case("no flag", flag=False),
    Case("blanks say nothing", arena=" ", city=""),
    Case("the home arena", "Ball Arena", "Denver"),
    Case("in another spelling", " BALL  ARENA", "denver"),
    Case("by a former name", "Pepsi Center", "Denver"),
    Case("by its city alone", None, "Denver"),
    Case("under a name to come", "Peak Arena", "Denver"),
    Case("the flag and the home arena", "Ball Arena", "Denver", True, ("Ball Arena", True)),
    Case("the flag alone", flag=True, expected=UNKNOWN),
    Case("a neutral arena, without a flag", "T-Mobile Arena", "Las Vegas", None, ("T-Mobile Arena", True)),
    Case("a neutral city", "The Garden", "London", None, ("The O2 Arena", True)),
    Case("with an accent", "Arena Ciudad de Mexico", None, None, ("Arena CDMX", True)),
    Case("another team's arena", "Chase Center", "San Francisco", None, ("Chase Center", True)),
    Case("an arena that nobody knows", "Coliseum", "Atlantis", None, UNKNOWN),
    Case("a name that nobody knows, without a city", "Coliseum", None, None, UNKNOWN),
    Case("the name outweighs the city", "Ball Arena", "Las Vegas"),
    Case("the arena of years ago is home", "Oracle Arena", "Oakland", None, ("Oracle Arena", False), "GSW"),
    Case("of a team that shared it", "STAPLES Center", "Los Angeles", None, ("Crypto.com Arena", False), "LAC"),
    Case("the city is of several", None, "Los Angeles", None, ("Crypto.com Arena", False), "LAL"),
    Case("present before former", None, "Sacramento", None, ("Golden 1 Center", False), "SAC"),
]


def game(number: int, day: date, away: str, home: str) -> SimulatedGame:
    return SimulatedGame(day, number, away, home, 0, [])


def schedule(world: World, found: SimulatedGame, **columns: object) -> None:
    world.rows["nbac_schedule"] += [{**row, **columns} for row in found.schedule_rows(is_final=False)]


@pytest.fixture(scope="module")
def found(_initialised_file: bytes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Row]]:
    """By case, the view's row of its game."""
    path = tmp_path_factory.mktemp("venues") / "warehouse.duckdb"
    path.write_bytes(_initialised_file)
    world = World(DuckDBWarehouse(path, wait_seconds=10), [])
    games = {}
    for number, case in enumerate(CASES, start=1):
        games[case.name] = game(number, FIRST + timedelta(days=number), "CHI", case.home)
        schedule(world, games[case.name], arena_name=case.arena, arena_city=case.city, neutral_site_flag=case.flag)
    world.load("nbac_schedule")
    rows = {row["game_id"]: row for row in world.query("SELECT * FROM nba_phase3.season_venues")}
    assert len(rows) == len(CASES)
    yield {name: rows[one.game_id] for name, one in games.items()}


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name.replace(" ", "_")) for case in CASES])
def test_the_venue_is(found, case):
    row = found[case.name]
    assert (row["venue_name"], row["is_neutral"]) == case.expected
    known = [row[name] is not None for name in ("latitude", "longitude", "time_zone", "altitude_feet")]
    assert known == [case.expected[0] is not None] * 4


def test_a_trip_by_hand(make_world):
    """Denver: at home, in Boston, in London (neutral), at a place that nobody names, at home twice."""
    world = make_world([])
    trip = [
        (6, "BOS", "DEN", {}),
        (8, "DEN", "BOS", {}),
        (11, "BOS", "DEN", {"arena_name": "The O2 Arena", "arena_city": "London"}),
        (13, "CHI", "DEN", {"neutral_site_flag": True}),
        (15, "CHI", "DEN", {}),
        (16, "LAL", "DEN", {}),
        (29, "UTA", "DEN", {}),
    ]
    for number, (day, away, home, columns) in enumerate(trip, start=1):
        schedule(world, game(number, date(2026, 1, day), away, home), **columns)
    world.load("nbac_schedule")
    rows = world.query("SELECT * FROM nba_phase3.season_team_calendar WHERE team_abbr = 'DEN' ORDER BY game_date")
    told = [
        (
            row["venue_name"],
            row["travel_miles"],
            row["miles_traveled_last_14_days"],
            row["time_zone_shift"],
            row["consecutive_road_games"],
            row["consecutive_home_games"],
        )
        for row in rows
    ]
    assert told == [
        ("Ball Arena", 0, 0, 0, 0, 1),
        ("TD Garden", 1766, 1766, 2, 1, 0),
        ("The O2 Arena", 3276, 5042, 5, 2, 0),
        (None, None, None, None, 3, 0),
        ("Ball Arena", None, None, None, 0, 1),
        ("Ball Arena", 0, None, 0, 0, 2),
        ("Ball Arena", 0, 0, 0, 0, 3),
    ]
    assert [row["days_since_last_game"] for row in rows] == [None, 2, 3, 2, 2, 1, 13]
    (los_angeles,) = world.query("SELECT * FROM nba_phase3.season_team_calendar WHERE team_abbr = 'LAL'")
    assert (los_angeles["travel_miles"], los_angeles["time_zone_shift"]) == (831, 1), "its season begins at home"
