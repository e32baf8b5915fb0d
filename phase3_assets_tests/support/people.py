"""Raw rows of people, and of nobody: who played, whose a row is, a box score that is a placeholder.

What belongs here: finding and emptying such rows of a world. What doesn't: bends of one game (bends.py).
"""

from phase3_assets.demo.season import Row, SimulatedGame
from phase3_assets_tests.support.games import World


def who_played(world: World, game: SimulatedGame) -> Row:
    """The gamebook's row of a player who played and scored."""
    rows = world.of("nbac_gamebook_player_stats", game)
    return next(row for row in rows if row["player_status"] == "active" and row["points"])


def identity(row: Row) -> Row:
    """Whose the row is. Given to another row, whose figures stay, no total of a team changes."""
    return {name: row[name] for name in ("player_lookup", "player_name", "player_name_original")}


def empty_box_score(world: World) -> None:
    """Make the first game's team box score a placeholder: no points, no attempts, no minutes."""
    for row in world.of("nbac_team_boxscore"):
        row.update(points=0, fg_attempted=0, minutes=None)
