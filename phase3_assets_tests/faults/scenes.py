"""A small world of games with a reader looking on, and what the truth about it is.

What belongs here: what most tests of failures set up, do and ask. What doesn't: failures (the tests), looking
(support/reader.py), fixtures (conftest.py).
"""

from collections.abc import Callable, Iterable
from copy import deepcopy
from datetime import datetime
from pathlib import Path

from phase3_assets.catalog.contracts import raw_contracts
from phase3_assets.catalog.tables import published_tables, tables_named
from phase3_assets.clock import utc_now
from phase3_assets.demo.season import Row, SimulatedGame
from phase3_assets.publishing.check import Verdict, check_published
from phase3_assets.publishing.drift import Drift, verify
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Publication, Request
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets_tests.support.games import SUMMARIES, World, of_summaries
from phase3_assets_tests.support.reader import Reader, Snapshot, WatchedWarehouse, look

SCHEDULE, TEAM_BOX = "nbac_schedule", "nbac_team_boxscore"
GAMEBOOK, EVENING, PROPS = "nbac_gamebook_player_stats", "nbac_player_boxscores", "odds_api_player_points_props"


class Scene(World):
    """A world whose reader looks on; `publish` and every other writer goes through the watched warehouse."""

    def __init__(
        self, warehouse: WatchedWarehouse, games: Iterable[SimulatedGame], truth: Snapshot, scratch: Callable[[], Path]
    ) -> None:
        super().__init__(warehouse, games)
        self.reader = warehouse.reader = Reader(truth)
        self.path = warehouse.path
        self._scratch = scratch
        self.true_rows = deepcopy(self.rows)

    def load(self, *tables: str) -> None:
        """Replace raw tables (all, by default) by the rows as they now are, without the way through files."""
        with self.warehouse.session() as session, session.unit():
            for name in tables or tuple(self.rows):
                session._connection.execute(f"DELETE FROM nba_raw.{name}")
                session.append(raw_contracts()[name], self.rows[name])

    def restore(self, *tables: str) -> None:
        """The cause is gone: the raw tables are as they truly are."""
        for name in tables or tuple(self.true_rows):
            self.rows[name] = deepcopy(self.true_rows[name])
        self.load(*tables)

    def publish_tables(self, *names: str, **options: object) -> Publication:
        """Publish only some tables."""
        days = sorted({game.game_date for game in self.games})
        return publish(self.warehouse, Request(days[0], days[-1], **options), tables_named(names))

    def allow_truth_of(self, rows: dict[str, list[Row]]) -> Snapshot:
        """What these raw rows, loaded at once into a new warehouse, give may be seen as well."""
        true = truth_of(self._scratch(), self.games, rows)
        self.reader.allow(true)
        return true

    def tamper(self, *statements: str) -> None:
        """Somebody writes to the warehouse by hand; {game} is the first game."""
        with DuckDBWarehouse(self.path).session() as session:
            for statement in statements:
                session._connection.execute(statement.replace("{game}", self.game.game_id))
            self.reader.allow_by_hand(look(session._connection))

    def alter(self, *statements: str) -> None:
        """Change the warehouse's schema, where no reader looks."""
        with DuckDBWarehouse(self.path).session() as session:
            for statement in statements:
                session._connection.execute(statement)

    def look(self) -> Snapshot:
        """Look once, where another process wrote."""
        with DuckDBWarehouse(self.path).session() as session:
            snapshot = look(session._connection)
        self.reader.remember(snapshot)
        return snapshot

    def check(
        self, now: datetime | None = None, thresholds: Thresholds | None = None
    ) -> dict[tuple[str, str], Verdict]:
        """The checks of the summaries that fail now, by table and name."""
        days = sorted({game.game_date for game in self.games})
        clock = utc_now if now is None else lambda: now
        return failing(
            check_published(
                self.warehouse, days[0], days[-1], tables_named(SUMMARIES), thresholds or Thresholds(), clock=clock
            )
        )

    def verify(self) -> list[Drift]:
        """What is no longer as it was published."""
        days = sorted({game.game_date for game in self.games})
        return verify(self.warehouse, days[0], days[-1], published_tables())

    def visible(self, table: str) -> set[str]:
        """The games that readers see in a table."""
        return {row["game_id"] for row in self.table(table)}


def failing(verdicts: Iterable[Verdict]) -> dict[tuple[str, str], Verdict]:
    """The failed checks of the summaries, by table and name."""
    return {(verdict.table, verdict.check): verdict for verdict in of_summaries(verdicts) if not verdict.passed}


def truth_of(path: Path, games: Iterable[SimulatedGame], rows: dict[str, list[Row]]) -> Snapshot:
    """What raw rows give when nothing goes wrong: published at once, in a new warehouse at `path`."""
    world = Scene(WatchedWarehouse(path), games, {}, lambda: path)
    world.warehouse.reader = None
    world.rows = rows
    world.load()
    world.publish()
    with world.warehouse.session() as session:
        return look(session._connection)


def outcomes(publication: Publication, table: str) -> dict[str, str]:
    """What a publication did with each game of a table."""
    (report,) = [report for report in publication.reports if report.table == table]
    return {game.game_id: game.outcome for game in report.games}
