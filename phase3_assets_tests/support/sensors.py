"""The sensors of a world under one clock, without Dagster.

What belongs here: ticking, and carrying out what ticks ask for. What doesn't: what they should ask for (the tests).
"""

from datetime import UTC, date, datetime, timedelta

from phase3_assets.automation.memory import Memory
from phase3_assets.automation.tick import Runs, RunWanted, Tick, tick
from phase3_assets.catalog.tables import tables_named
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.settings.pacing import Pacing
from phase3_assets_tests.support.games import DAY, World

RAW = (
    "nbac_gamebook_player_stats",
    "nbac_player_boxscores",
    "nbac_schedule",
    "nbac_team_boxscore",
    "odds_api_player_points_props",
)
"""The raw tables of the summaries; watched_tables() has those of every table."""
TEAM_BOX = "nbac_team_boxscore"
PACING = Pacing()


class Watch:
    """All sensors of a world under one clock; the runs they ask for are carried out at once unless told otherwise."""

    def __init__(self, world: World, raw: tuple[str | None, ...] = (*RAW, None)) -> None:
        self.world, self.raw = world, raw
        self.memories = {name: Memory() for name in raw}
        self.now = datetime(2026, 2, 4, 6, 0, tzinfo=UTC)
        self.today = DAY + timedelta(days=1)
        self.under_way: set[date] = set()
        self.failed: set[str] = set()
        self.pacing = PACING

    def tick(self, seconds: float = 15, carry_out: bool = True) -> list[RunWanted]:
        """Every sensor once."""
        self.now += timedelta(seconds=seconds)
        runs = []
        for name in self.raw:
            found = self.tick_of(name)
            runs += found.runs
            if carry_out:
                for run in found.runs:
                    self.carry_out(run)
        return runs

    def tick_of(self, name: str | None) -> Tick:
        """One sensor once; its memory goes through its cursor, as in Dagster."""
        memory = Memory.from_json(self.memories[name].to_json())
        runs = Runs(lambda day: "run 1" if day in self.under_way else None, self.failed.__contains__)
        found = tick(self.world.warehouse, name, memory, runs, self.pacing, self.today, self.now)
        self.memories[name] = Memory.from_json(memory.to_json())
        return found

    def carry_out(self, run: RunWanted) -> None:
        """What the run's assets do."""
        publish(
            self.world.warehouse,
            Request(run.start, run.end, frozenset(run.games), "sensor", is_automatic=True),
            tables_named(run.tables),
        )

    def until_quiet(self, ticks: int = 20) -> list[RunWanted]:
        """Tick until nothing is asked for in three ticks."""
        runs, quiet = [], 0
        for _ in range(ticks):
            asked = self.tick()
            runs += asked
            quiet = 0 if asked else quiet + 1
            if quiet == 3:
                return runs
        raise AssertionError(f"still asking for runs after {ticks} ticks: {runs[-3:]}")
