"""Twelve simulated days that have been played, the next one's games scheduled, and a clock eight hours before tip-off.

What belongs here: that world and what happens in it. What doesn't: what should come of it (the tests).
"""

from datetime import date, datetime, timedelta

from phase3_assets.demo.season import simulate_season
from phase3_assets.publishing.plan import due_steps
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.publishing.survey import survey
from phase3_assets_tests.support.clock import set_clock

UPCOMING, UPCOMING_PLAYERS = "upcoming_team_game_context", "upcoming_player_game_context"
FIRST, TONIGHT = date(2026, 1, 20), date(2026, 2, 1)


class Season:
    """Twelve days played, one to come, and a clock."""

    def __init__(self, make_world, monkeypatch):
        self.monkeypatch = monkeypatch
        self.world = make_world(simulate_season(11, FIRST, 13))
        self.tonight = [game for game in self.world.games if game.game_date == TONIGHT]
        self.played = [game for game in self.world.games if game.game_date < TONIGHT]
        self.results = {name: [dict(row) for row in rows] for name, rows in self.world.rows.items()}
        for game in self.tonight:
            self.schedule_only(game)
        self.world.load()
        self.tip_off = min(game.tip_off for game in self.tonight)
        self.at(self.tip_off - timedelta(hours=8))

    def schedule_only(self, game):
        for name in self.world.rows:
            if name != "nbac_schedule":
                self.world.drop(name, game)
        (row, *others) = self.world.of("nbac_schedule", game)
        row |= {"game_status": 1, "game_status_text": "Scheduled", "home_team_score": None, "away_team_score": None}
        for other in others:
            self.world.rows["nbac_schedule"].remove(other)

    def at(self, moment: datetime) -> None:
        set_clock(self.monkeypatch, moment)

    def publish(self, **options):
        return publish(self.world.warehouse, Request(FIRST, TONIGHT, **options))

    def rows(self, game=None):
        wanted = [row for row in self.world.table(UPCOMING) if row["game_date"] == TONIGHT]
        return {row["team_abbr"]: row for row in wanted if game is None or row["game_id"] == game.game_id}

    def correct(self, game, column="turnovers", by=4):
        """Correct a played game: the team's row and, to agree with it, a player's."""
        for name in ("nbac_team_boxscore", "nbac_gamebook_player_stats", "nbac_player_boxscores"):
            rows = [row for row in self.world.of(name, game) if row["team_abbr"] == game.home]
            if rows:
                rows[0][column] += by
        self.world.load()

    def results_come(self):
        self.world.rows = self.results
        self.world.load()

    def due(self):
        with self.world.warehouse.session(read_only=True) as session:
            games = survey(session, FIRST, TONIGHT)
        return {(step.game_id, step.table) for game in games.values() for step in due_steps(game)}
