"""Simulated games and how a test bends their raw rows before they are loaded and published.

What belongs here: what several test modules need to set up and to look at. What doesn't: fixtures (conftest.py).
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from phase3_assets.catalog.contracts import raw_contracts
from phase3_assets.catalog.tables import published_table, published_tables, tables_named
from phase3_assets.demo.season import Row, SimulatedGame, raw_rows, simulate_season
from phase3_assets.demo.story import SOURCE
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Publication, Request, TableReport
from phase3_assets.publishing.states import reader_state
from phase3_assets.publishing.work import Work
from phase3_assets.warehouse.interface import Warehouse

DAY = date(2026, 2, 3)
SOME_WORK = Work(None, DAY, DAY, "run")
"""Whose work an event is that a test writes by hand; it asks no warehouse anything."""
OFFENSE, DEFENSE, PLAYERS = "team_offense_game_summary", "team_defense_game_summary", "player_game_summary"
SUMMARIES = (OFFENSE, DEFENSE, PLAYERS)
"""The tables that most tests are about: what a final game's box score gives, in lineage order.

A test that is about every published table reads catalog.table_names.TABLE_NAMES, or published_tables().
"""


def night(games: int = 3, day: date = DAY, seed: int = 7) -> list[SimulatedGame]:
    """The first `games` games of a simulated date."""
    for attempt in range(seed, seed + 50):
        slate = simulate_season(attempt, day, 1)
        if len(slate) >= games:
            return slate[:games]
    raise AssertionError(f"no simulated date has {games} games")


class World:
    """A warehouse and the raw rows in it, as lists a test may change before loading them again."""

    def __init__(
        self, warehouse: Warehouse, games: Iterable[SimulatedGame], tables: Collection[str] = SUMMARIES
    ) -> None:
        self.warehouse = warehouse
        self.tables = tables_named(tables)
        """What publish() publishes. Most tests are about the summaries, and every further table takes time."""
        self.games = list(games)
        self.rows: dict[str, list[Row]] = raw_rows(self.games)

    @property
    def game(self) -> SimulatedGame:
        """The first game."""
        return self.games[0]

    def of(self, table: str, game: SimulatedGame | None = None) -> list[Row]:
        """The raw rows of one game (the first, by default) in one table; the very dicts, to be changed in place."""
        wanted = game or self.game
        ids = (wanted.game_id, wanted.nba_game_id)
        return [row for row in self.rows[table] if row.get("game_id") in ids]

    def drop(self, table: str, game: SimulatedGame | None = None) -> None:
        """Take one game's rows out of a raw table."""
        gone = [id(row) for row in self.of(table, game)]
        self.rows[table] = [row for row in self.rows[table] if id(row) not in gone]

    def contradict(self, game: SimulatedGame | None = None, by: int = 9) -> None:
        """Team rows with more assists than the gamebook's players have, and nobody else to decide: held back.

        With the same number below zero, they agree again.
        """
        self.drop("nbac_player_boxscores", game)
        for row in self.of("nbac_team_boxscore", game):
            row["assists"] += by

    def agree_with(self, source: str, game: SimulatedGame | None = None, kept: Collection[str] = ()) -> None:
        """Make everything else say what one player source says of a game, as it was bent.

        The other player source goes; the players whose keys are not `kept` share the rest of their team's minutes; team
        rows and final score are the sums.
        """
        game = game or self.game
        for other in {"nbac_gamebook_player_stats", "nbac_player_boxscores"} - {source}:
            self.drop(other, game)
        scores = {}
        for team in self.of("nbac_team_boxscore", game):
            entered = [
                row
                for row in self.of(source, game)
                if row["team_abbr"] == team["team_abbr"] and has_entered(source, row)
            ]
            rest = clock_seconds(team["minutes"]) - sum(
                clock_seconds(row["minutes"]) for row in entered if row["player_lookup"] in kept
            )
            others = [row for row in entered if row["player_lookup"] not in kept]
            for row in others:
                share = rest // len(others)
                row["minutes"] = f"{share // 60}:{share % 60:02d}" if ":" in row["minutes"] else str(round(share / 60))
            for column in TEAM_COLUMNS:
                team[column] = sum(row[PLAYER_COLUMNS.get(column, column)] or 0 for row in entered)
            scores[team["team_abbr"]] = team["points"]
        for row in self.of("nbac_schedule", game):
            if row.get("home_team_score") is not None:
                row["home_team_score"], row["away_team_score"] = scores[game.home], scores[game.away]

    def load(self, *tables: str) -> None:
        """Replace raw tables (all, by default) by the rows as they now are, emptied dates included.

        Straight into the tables: what load-raw makes of files is loading/test_files.py's, and takes ten times as long.
        """
        with self.warehouse.session() as session, session.unit():
            for name in tables or tuple(self.rows):
                session._connection.execute(f"DELETE FROM nba_raw.{name}")
                rows = [{**row, "source_file_path": SOURCE} for row in self.rows[name]]
                session.append(raw_contracts()[name], rows)

    def publish(self, **options: Any) -> Publication:
        """Publish every date of the world."""
        days = sorted({game.game_date for game in self.games})
        return publish(self.warehouse, Request(days[0], days[-1], **options), self.tables)

    def reload_and_publish(self, **options: Any) -> Publication:
        """Load everything as it now is, and publish."""
        self.load()
        return self.publish(**options)

    def tamper(self, *statements: str) -> None:
        """Somebody writes to the warehouse by hand, in one session; {game} is the first game."""
        with self.warehouse.session() as session:
            for statement in statements:
                session._connection.execute(statement.replace("{game}", self.game.game_id))

    def query(self, sql: str, **parameters: Any) -> list[Row]:
        """What a reader sees."""
        with self.warehouse.session(read_only=True) as session:
            return session.query(sql, parameters)

    def table(self, name: str, game: SimulatedGame | None = None) -> list[Row]:
        """The published rows of a table, of one game if given, by key."""
        rows = self.query(f"SELECT * FROM {published_table(name).contract.full_name}")
        wanted = [row for row in rows if game is None or row["game_id"] == game.game_id]
        return sorted(wanted, key=lambda row: tuple(str(row.get(k)) for k in KEYS[name]))

    def events(self, event_type: str | None = None) -> list[Row]:
        """The quality events about the summaries, or about games as such; oldest first.

        Events about dates as a whole are those of completion (publishing/test_completion.py).
        """
        rows = self.query(
            "SELECT * FROM nba_phase3.data_quality_events WHERE NOT STARTS_WITH(event_type, 'date_') "
            "ORDER BY event_timestamp"
        )
        return of_summaries(row for row in rows if event_type in (None, row["event_type"]))


PLAYER_COLUMNS = {
    "fg_made": "field_goals_made",
    "fg_attempted": "field_goals_attempted",
    "three_pt_made": "three_pointers_made",
    "three_pt_attempted": "three_pointers_attempted",
    "ft_made": "free_throws_made",
    "ft_attempted": "free_throws_attempted",
}
"""Of the team box score's columns, those that the player sources call otherwise."""
TEAM_COLUMNS = (
    *PLAYER_COLUMNS,
    "points",
    "offensive_rebounds",
    "defensive_rebounds",
    "total_rebounds",
    "assists",
    "steals",
    "blocks",
    "turnovers",
    "personal_fouls",
)


def clock_seconds(minutes: str) -> int:
    """Seconds of MM:SS or of whole minutes."""
    whole, _, seconds = minutes.partition(":")
    return 60 * int(whole) + int(seconds or 0)


def has_entered(source: str, row: Row) -> bool:
    """Whether a raw player row is of one who played."""
    return source == "nbac_player_boxscores" or row["minutes"] not in (None, "", "00:00")


def state_of(publication: Publication, game: SimulatedGame) -> tuple[str, str | None]:
    """State and reason of a game after a publication."""
    return reader_state(publication.games[game.game_id])


def stored_state(world: World) -> tuple[str, str | None]:
    """What game_readiness says of the first game."""
    (row,) = [r for r in world.query("SELECT * FROM nba_phase3.game_readiness") if r["game_id"] == world.game.game_id]
    return row["state"], row["reason"]


KEYS = {table.name: table.contract.key for table in published_tables()}
"""The key columns of every published table, the partition first."""


def report_of(publication: Publication, table: str) -> TableReport:
    """What a publication reports of one table."""
    (report,) = [report for report in publication.reports if report.table == table]
    return report


def all_outcomes(publication: Publication) -> set[str]:
    """Every outcome that any game had in any of the summaries."""
    return {game.outcome for report in of_summaries(publication.reports) for game in report.games}


def of_summaries(things: Iterable[Any]) -> list[Any]:
    """Those that are about one of the summaries, or about no table: what a scene of final games is to be held against.

    Things are names, keys that begin with a name, rows with a `table_name`, or whatever has a `table`.
    """
    return [thing for thing in things if _table_of(thing) in (None, *SUMMARIES)]


def _table_of(thing: Any) -> str | None:
    if isinstance(thing, dict):
        return thing["table_name"]
    if isinstance(thing, tuple):
        return thing[0]
    return thing if isinstance(thing, str) else thing.table


def later(game: SimulatedGame, hours: float) -> datetime:
    """Some hours after tip-off."""
    return game.tip_off + timedelta(hours=hours)


def values(rows: list[dict]) -> list[dict]:
    """Rows without what only names their publication."""
    ignored = ("publication_id", "processed_at", "code_version")
    return [{name: value for name, value in row.items() if name not in ignored} for row in rows]
