"""A night of five games, each with another fate: what the tests of the report look at.

What belongs here: the night. What doesn't: fixtures, tests.
"""

from phase3_assets.demo.season import SimulatedGame
from phase3_assets.warehouse.interface import Warehouse
from phase3_assets_tests.support.games import World, later, night

SCRIPT = "Bad <script>alert(1)</script> Actor"
"""The name of a player who has the highest usage of the night."""


class ReportedNight(World):
    """Held back first and then published, corrected afterwards, waiting, held back, and not over, in this order."""

    def __init__(self, warehouse: Warehouse) -> None:
        super().__init__(warehouse, night(5))
        self.plain, self.corrected, self.waiting, self.held, self.live = self.games
        self._rename_the_busiest(self.plain)
        self.drop("nbac_gamebook_player_stats", self.waiting)
        self.drop("nbac_team_boxscore", self.waiting)
        self.rows["nbac_team_boxscore"] += self.waiting.team_boxscore_rows(is_placeholder=True)
        self.contradict(self.held)
        self.contradict(self.plain)
        self.rows["nbac_team_boxscore"] += self.plain.team_boxscore_rows(
            is_placeholder=True, processed_at=later(self.plain, 1)
        )
        for table in ("nbac_gamebook_player_stats", "nbac_team_boxscore", "nbac_player_boxscores"):
            self.drop(table, self.live)
        for row in self.of("nbac_schedule", self.live):
            row.update(game_status=2, game_status_text="Q3 4:10", home_team_score=None, away_team_score=None)
        self.reload_and_publish()
        for row in self.of("nbac_team_boxscore", self.corrected):
            row["assists"] += 1
        self.contradict(self.plain, by=-9)
        self.load("nbac_team_boxscore")
        self.publish()

    def _rename_the_busiest(self, game: SimulatedGame) -> None:
        rows = self.of("nbac_gamebook_player_stats", game)
        busiest = max(rows, key=lambda row: row["field_goals_attempted"] or 0)
        for row in [*rows, *self.of("nbac_player_boxscores", game)]:
            if row["player_lookup"] == busiest["player_lookup"]:
                for name in ("player_name", "player_name_original", "player_full_name"):
                    if name in row:
                        row[name] = SCRIPT
