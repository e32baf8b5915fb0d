"""A bench on which examples of rules are tried: three published games, each change undone after a look.

What belongs here: the games, their names in the examples, asking the rules. What doesn't: examples (rules/).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from phase3_assets.catalog.queries import prepared
from phase3_assets.catalog.table_names import TABLE_NAMES
from phase3_assets.catalog.tables import published_table, published_tables
from phase3_assets.demo.season import Line, Row, SimulatedGame
from phase3_assets.publishing import audit as audits
from phase3_assets.publishing import survey as readiness
from phase3_assets.publishing.audit import Finding
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.duckdb.warehouse import DuckDBSession, DuckDBWarehouse
from phase3_assets_tests.support.games import DAY, World, night

NEXT_DAY = DAY + timedelta(days=1)


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
        return text.format(t=published_table(table).contract.full_name if table else "", **self.facts)

    def find(self, table: str, thresholds: Thresholds | None = None) -> list[Finding]:
        """What the table's rules, those that hold for staged rows as well, say of the published ones."""
        published = published_table(table)
        full_name = published.contract.full_name
        return audits.find(self.session, published, full_name, DAY, NEXT_DAY, thresholds or Thresholds())

    def violations(self, table: str, rule: str) -> list[Row]:
        """The rows that one rule alone finds: a tenth of the time that all of them take."""
        published = published_table(table)
        _, parameters = audits.query(published, None, DAY, NEXT_DAY, Thresholds())
        contract = published.contract
        audited = (
            f"SELECT {contract.audited_columns} FROM {contract.full_name} "
            f"WHERE {contract.partition} BETWEEN @start_date AND @end_date"
        )
        text = f"WITH audited AS ({audited}) SELECT * FROM (\n{published.rules[rule]}\n) AS found"
        return self.session.query(prepared(text), parameters)


@contextmanager
def benched(warehouse: DuckDBWarehouse) -> Iterator[Bench]:
    """Three published games whose tables would accept NULL anywhere, as a repair by hand may leave it."""
    world = World(warehouse, _games(), TABLE_NAMES)
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
