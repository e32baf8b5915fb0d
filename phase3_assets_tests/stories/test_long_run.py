"""Seasons on end, a date a day with random faults: nothing grows but the published rows, and no date takes longer.

What belongs here: what only shows after months. What doesn't: what one prune lets go of (publishing/test_prune.py), the
faults one by one (faults/).

PHASE3_TEST_SEASONS says how many seasons the long run plays (10), PHASE3_TEST_SEASON_DAYS how many days each has (165).
Seconds are processor seconds, so that whatever else the machine does costs nothing.
"""

import os
import random
import statistics
import time
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from phase3_assets.catalog.contracts import raw_contracts
from phase3_assets.catalog.tables import published_tables
from phase3_assets.demo.season import Row, SimulatedGame, raw_rows, simulate_season
from phase3_assets.publishing.drift import verify
from phase3_assets.publishing.prune import prune
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.settings.calendar import FIRST_DATE
from phase3_assets.settings.retention import Retention
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets_tests.faults.scenes import EVENING, GAMEBOOK, SCHEDULE, TEAM_BOX
from phase3_assets_tests.support.games import SUMMARIES
from phase3_assets_tests.support.processes import PROCESSES, publish_and_die

SEASONS = int(os.environ.get("PHASE3_TEST_SEASONS", "10"))
DAYS = int(os.environ.get("PHASE3_TEST_SEASON_DAYS", "165"))
_APART = 180
"""Days from one season's start to the next one's: ten seasons, one on the other's heels, end before today."""
_SHORT = Retention(history_days=60 / 86_400, events_days=60 / 86_400)
"""A minute: in that time dozens of dates are played."""
BETWEEN_PRUNES = 7


@dataclass(frozen=True)
class Measured:
    """What a season cost, and what there is after it."""

    games: int
    faults: int
    seconds_per_date: float
    megabytes: float
    memory_megabytes: float
    published_rows: int
    history_rows: int
    decisions: int
    events: int

    def __str__(self) -> str:
        return (
            f"{self.games} games, {self.faults} faults, {self.seconds_per_date:.3f} s a date, file "
            f"{self.megabytes:.1f} MB, memory {self.memory_megabytes:.0f} MB, rows: {self.published_rows} published, "
            f"{self.history_rows} history, {self.decisions} decisions, {self.events} events"
        )


def seasons(count: int, days: int) -> Iterator[dict[date, list[SimulatedGame]]]:
    """The games of each season, by date; no two games have one league id."""
    for number in range(count):
        start = FIRST_DATE + timedelta(days=19 + _APART * number)
        games = simulate_season(number, start, days)
        by_day: dict[date, list[SimulatedGame]] = {start + timedelta(days=back): [] for back in range(days)}
        for game in games:
            game.number += 2_000 * number
            by_day[game.game_date].append(game)
        yield by_day


def bent(rows: dict[str, list[Row]], games: list[SimulatedGame], chance: random.Random) -> int:
    """Something goes wrong with one game in four; returns with how many. What each is, test_44 and its like say."""
    faults = 0
    for game in games:
        fault = chance.choice(["placeholder", "late", "impossible", "twice", "wrong", *["none"] * 15])
        faults += fault != "none"
        own = [row for row in rows[TEAM_BOX] if row["game_id"] == game.game_id]
        if fault == "placeholder":
            rows[TEAM_BOX] = [row for row in rows[TEAM_BOX] if row not in own]
            rows[TEAM_BOX] += game.team_boxscore_rows(is_placeholder=True)
        elif fault == "late":
            for table in (GAMEBOOK, EVENING):
                rows[table] = [row for row in rows[table] if row["game_id"] != game.game_id]
        elif fault == "impossible":
            rows[EVENING] = [row for row in rows[EVENING] if row["game_id"] != game.nba_game_id]
            for row in own:
                row["assists"] += 9
        elif fault == "twice":
            for table in (SCHEDULE, TEAM_BOX, GAMEBOOK):
                rows[table] += deepcopy([r for r in rows[table] if r["game_id"] in (game.game_id, game.nba_game_id)])
        elif fault == "wrong":
            for row in own:
                row["steals"] += 1
    return faults


def load(warehouse: DuckDBWarehouse, days: list[date], rows: dict[str, list[Row]]) -> None:
    contracts = raw_contracts()
    with warehouse.session() as session, session.unit():
        for table, of_table in rows.items():
            session._connection.execute(
                f"DELETE FROM nba_raw.{table} WHERE list_contains($days, game_date)", {"days": days}
            )
            session.append(contracts[table], of_table)


def play(warehouse: DuckDBWarehouse, by_day: dict[date, list[SimulatedGame]], chance: random.Random) -> Measured:
    """Each day: what is true of yesterday, and what is said of today; sometimes the writer is killed."""
    faults, seconds, yesterday = 0, [], None
    for number, (day, games) in enumerate(by_day.items()):
        before = by_day[yesterday] if yesterday else []
        rows, corrected = raw_rows(games), raw_rows(before)
        faults += bent(rows, games, chance)
        started = time.process_time()
        load(warehouse, [yesterday or day, day], {table: corrected[table] + rows[table] for table in rows})
        if chance.random() < 0.05:
            faults += 1
            killed = PROCESSES.Process(target=publish_and_die, args=(warehouse.path, day, day, chance.randrange(100)))
            killed.start()
            killed.join()
        publish(warehouse, Request(yesterday or day, day))
        if number % BETWEEN_PRUNES == 0:
            prune(warehouse, _SHORT)
        seconds.append(time.process_time() - started)
        yesterday = day
    last = max(by_day)
    load(warehouse, [last], raw_rows(by_day[last]))
    publish(warehouse, Request(last, last))
    with warehouse.session(read_only=True) as session:
        count = {
            name: session.query(f"SELECT COUNT(*) AS n FROM {name}")[0]["n"]
            for name in (
                *(f"nba_analytics.{table}" for table in SUMMARIES),
                *(f"nba_phase3.{table}__history" for table in SUMMARIES),
                "nba_phase3.publications",
                "nba_phase3.data_quality_events",
            )
        }
    return Measured(
        games=sum(len(games) for games in by_day.values()),
        faults=faults,
        seconds_per_date=statistics.median(seconds),
        megabytes=warehouse.path.stat().st_size / 1e6,
        memory_megabytes=_resident_bytes() / 1e6,
        published_rows=sum(n for name, n in count.items() if name.startswith("nba_analytics")),
        history_rows=sum(n for name, n in count.items() if name.endswith("__history")),
        decisions=count["nba_phase3.publications"],
        events=count["nba_phase3.data_quality_events"],
    )


def assert_true(warehouse: DuckDBWarehouse, by_day: dict[date, list[SimulatedGame]]) -> None:
    """Every game of the season is there, as it was played, and as it was published."""
    with warehouse.session(read_only=True) as session:
        shown = session.query(
            "SELECT game_id, team_abbr, points_scored, steals FROM nba_analytics.team_offense_game_summary "
            "WHERE game_date BETWEEN @start_date AND @end_date",
            {"start_date": min(by_day), "end_date": max(by_day)},
        )
    assert {(row["game_id"], row["team_abbr"]): (row["points_scored"], row["steals"]) for row in shown} == {
        (game.game_id, team): (game.total(team, "points"), game.total(team, "steals"))
        for games in by_day.values()
        for game in games
        for team in (game.away, game.home)
    }
    assert verify(warehouse, min(by_day), max(by_day), published_tables()) == []


def assert_flat(measured: list[Measured]) -> None:
    """The first season makes room; after it only what is published grows, as much as there are more games."""
    second, last = measured[1], measured[-1]
    games = sum(season.games for season in measured)
    per_game = second.published_rows / (measured[0].games + second.games)
    assert last.published_rows == pytest.approx(per_game * games, rel=0.02), "each game's rows, once"
    assert last.seconds_per_date < 1.5 * measured[0].seconds_per_date
    assert last.memory_megabytes < second.memory_megabytes + 150
    assert last.history_rows < 0.5 * last.published_rows, "one earlier version of what was corrected, no more"
    assert last.decisions < 3 * 3 * games, "the latest decision, and what undoing it needs"
    assert last.events < 3 * games
    grown = (last.megabytes - measured[0].megabytes) / (games - measured[0].games)
    assert grown < 1.3 * measured[0].megabytes / measured[0].games, "the file grows with the games, no faster"


def run(path: Path, count: int, days: int) -> list[Measured]:
    warehouse, chance, measured = DuckDBWarehouse(path, wait_seconds=60), random.Random(2026), []
    for number, by_day in enumerate(seasons(count, days), start=1):
        measured.append(play(warehouse, by_day, chance))
        assert_true(warehouse, by_day)
        print(f"season {number}: {measured[-1]}", flush=True)
    return measured


def _resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.long
def test_two_short_seasons_end_true(warehouse):
    measured = run(warehouse.path, 2, 4)
    assert sum(season.faults for season in measured) > 5
    with warehouse.session(read_only=True) as session:
        assert session.query("SELECT COUNT(*) AS n FROM nba_phase3.data_quality_events")[0]["n"]


@pytest.mark.long
@pytest.mark.timeout(0)
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
def test_seasons_on_end_stay_flat(warehouse):
    assert_flat(run(warehouse.path, SEASONS, DAYS))
