"""A whole night and the days after it, replayed in the order raw rows really arrive, published by the sensors alone.

What belongs here: the script of a night, on made-up and on real rows, and the count of what it cost. What doesn't:
single ticks (automation/test_tick.py), the real daemon (test_daemon.py).
"""

from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from phase3_assets.demo.season import Row
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets.warehouse.schema import initialise
from phase3_assets_tests.support.games import DAY, OFFENSE, SUMMARIES, World, night
from phase3_assets_tests.support.sensors import Watch

pytestmark = pytest.mark.slow

SCHEDULE, TEAM_BOX, GAMEBOOK = "nbac_schedule", "nbac_team_boxscore", "nbac_gamebook_player_stats"
EVENING, PROPS = "nbac_player_boxscores", "odds_api_player_points_props"
REAL_NIGHT = date(2024, 11, 15)
GAMES = 5
"""Two that are troubled, one that never comes, and two ordinary ones."""
PUBLICATION_COLUMNS = ("publication_id", "processed_at", "code_version")


class Night:
    """The raw rows of one date, shown bit by bit to a warehouse that sensors watch."""

    def __init__(self, warehouse: DuckDBWarehouse, truth: dict[str, list[Row]], day: date) -> None:
        self.truth, self.day = truth, day
        self.world = World(warehouse, [])
        self.world.rows = {table: [] for table in truth}
        self.watch = Watch(self.world)
        self.watch.today = day
        self.watch.now = datetime(day.year, day.month, day.day, 22, tzinfo=UTC)
        self.runs = 0
        self.home_teams = sorted({row["home_team_tricode"] for row in truth[SCHEDULE]})[:GAMES]
        self.away = {row["home_team_tricode"]: row["away_team_tricode"] for row in truth[SCHEDULE]}

    def of(self, table: str, home: str) -> list[Row]:
        """The true rows of one game in one table; copies, to be bent."""
        column = {SCHEDULE: "home_team_tricode", TEAM_BOX: "team_abbr"}.get(table, "home_team_abbr")
        teams = (home, self.away[home]) if table == TEAM_BOX else (home,)
        return deepcopy([row for row in self.truth[table] if row[column] in teams])

    def show(self, table: str, home: str, rows: list[Row], load: bool = True) -> None:
        """Make a game's rows in a table these, newly processed."""
        known = self.of(table, home)
        self.world.rows[table] = [row for row in self.world.rows[table] if not any(_same(row, k) for k in known)]
        self.world.rows[table] += [{**row, "processed_at": self.watch.now} for row in rows]
        if load:
            self.world.load(table)

    def pass_time(self, minutes: float) -> None:
        """Let the sensors tick until they ask for nothing more, then jump."""
        self.runs += len(self.watch.until_quiet())
        self.watch.now += timedelta(minutes=minutes)

    def true_rows(self) -> dict[str, list[Row]]:
        """What readers see, without what a publication adds."""
        return {name: [_meaning(row) for row in self.world.table(name)] for name in SUMMARIES}


def _same(row: Row, other: Row) -> bool:
    """Whether two raw rows are about the same thing: equal in every column that names something."""
    names = ("game_id", "team_abbr", "player_name_original", "player_full_name", "player_name", "bookmaker")
    times = ("snapshot_timestamp",)
    return all(row.get(name) == other.get(name) for name in (*names, *times))


def _meaning(row: Row) -> Row:
    return {name: value for name, value in row.items() if name not in PUBLICATION_COLUMNS}


def play(night: Night) -> dict[str, int]:
    """The script; returns how often each game of the player table had to be written at the very least."""
    homes = night.home_teams
    troubled, never, ordinary = homes[:2], homes[-1], homes[2:-1]
    least: Counter[str] = Counter()
    for home in homes:
        (scheduled, *_) = night.of(SCHEDULE, home)
        night.show(SCHEDULE, home, [_as(scheduled, 1, "7:00 pm ET")], load=False)
        night.show(PROPS, home, night.of(PROPS, home), load=False)
    night.world.load(SCHEDULE, PROPS)
    night.pass_time(60)
    for home in homes:
        (scheduled, *_) = night.of(SCHEDULE, home)
        night.show(SCHEDULE, home, [_as(scheduled, 2, "Q3")], load=False)
    for home in troubled:
        night.show(TEAM_BOX, home, [_placeholder(row) for row in night.of(TEAM_BOX, home)], load=False)
    night.world.load(SCHEDULE, TEAM_BOX)
    night.pass_time(60)
    for home in (*ordinary, *troubled, never):
        night.show(SCHEDULE, home, night.of(SCHEDULE, home))
        night.pass_time(3)
        if home in ordinary:
            night.show(TEAM_BOX, home, night.of(TEAM_BOX, home), load=False)
        if home != never:
            night.show(EVENING, home, night.of(EVENING, home), load=False)
        night.world.load(TEAM_BOX, EVENING)
        night.pass_time(7)
        least[home] += home in ordinary and bool(night.of(EVENING, home))
    in_game = [{**row, "minutes_before_tipoff": -30, "points_line": 2.5} for row in night.world.rows[PROPS]]
    for row in in_game:
        row["snapshot_timestamp"] += timedelta(days=1)
    night.world.rows[PROPS] += in_game
    night.world.load(PROPS)
    night.pass_time(8 * 60)
    night.watch.today += timedelta(days=1)
    for home in (*ordinary, *troubled):
        night.show(GAMEBOOK, home, night.of(GAMEBOOK, home), load=False)
        least[home] += 1
    night.world.load(GAMEBOOK)
    night.pass_time(60)
    for home in troubled:
        night.show(TEAM_BOX, home, night.of(TEAM_BOX, home), load=False)
        least[home] += 1
    night.world.load(TEAM_BOX)
    night.pass_time(24 * 60)
    _correct(night, TEAM_BOX, homes[2], "turnovers")
    least[homes[2]] += 1
    _correct(night, GAMEBOOK, homes[3], "assists")
    least[homes[3]] += 1
    _correct(night, GAMEBOOK, homes[0], "blocks")
    least[homes[0]] += 1
    night.world.load()
    night.pass_time(60)
    return least


def _correct(night: Night, table: str, home: str, column: str) -> None:
    rows = night.of(table, home)
    changed = next(row for row in rows if row.get(column))
    changed[column] += 1
    night.show(table, home, rows)
    night.pass_time(24 * 60)
    night.watch.today += timedelta(days=1)


def _as(row: Row, status: int, text: str) -> Row:
    return {**row, "game_status": status, "game_status_text": text, "home_team_score": 0, "away_team_score": 0}


def _placeholder(row: Row) -> Row:
    return {**row, "points": 0, "fg_attempted": 0, "fg_made": 0, "minutes": None}


def made_up(tmp_path: Path, _request: pytest.FixtureRequest) -> Night:
    warehouse = DuckDBWarehouse(tmp_path / "night.duckdb")
    initialise(warehouse)
    return Night(warehouse, World(warehouse, night(GAMES)).rows, DAY)


def real(tmp_path: Path, request: pytest.FixtureRequest) -> Night:
    source = request.getfixturevalue("real_warehouse")
    with source.session(read_only=True) as session:
        truth = {
            table: session.query(f"SELECT * FROM nba_raw.{table} WHERE game_date = @day", {"day": REAL_NIGHT})
            for table in (SCHEDULE, TEAM_BOX, GAMEBOOK, EVENING, PROPS)
        }
    warehouse = DuckDBWarehouse(tmp_path / "night.duckdb")
    initialise(warehouse)
    return Night(warehouse, truth, REAL_NIGHT)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("make", [made_up, pytest.param(real, marks=pytest.mark.real_data)])
def test_a_night_ends_as_a_plain_backfill_and_costs_little(
    make: Callable[[Path, pytest.FixtureRequest], Night],
    tmp_path: Path,
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
):
    played = make(tmp_path, request)
    least = play(played)
    end_state = played.true_rows()

    fresh = DuckDBWarehouse(tmp_path / "plain.duckdb")
    initialise(fresh)
    plain = World(fresh, [])
    plain.rows = played.world.rows
    plain.load()
    publish(fresh, Request(played.day, played.day))
    assert end_state == {name: [_meaning(row) for row in plain.table(name)] for name in SUMMARIES}
    assert len(end_state[OFFENSE]) == 2 * (len(played.home_teams) - 1), "all but the game that never came"

    written = played.world.query(
        "SELECT game_id, COUNT(*) AS n FROM nba_phase3.publications "
        "WHERE table_name = 'player_game_summary' AND outcome = 'published' GROUP BY 1"
    )
    writes = {row["game_id"][-3:]: row["n"] for row in written}
    record_property("runs", played.runs)
    record_property("writes", dict(writes))
    assert writes == {home: n for home, n in least.items() if n}, "no game is written more often than it changed"
    assert played.runs <= sum(least.values())
