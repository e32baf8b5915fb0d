"""docs/night-board.png: the night board of a made-up night, as it looks in a browser (`make night-board`).

What belongs here: the night and its picture. What doesn't: how the board looks (phase3_assets/reporting/templates).

The night is the last of `phase3 demo`'s season, the next morning: one game waits, as in the demo's fourth act, one is
held back, and the team rows of one are added up from its gamebook. Teams, players and figures are made up. Needs
Chromium and its driver.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from phase3_assets import clock
from phase3_assets.demo.season import simulate_season
from phase3_assets.demo.story import SEASON_START
from phase3_assets.reporting.page import write_report
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets.warehouse.schema import initialise
from phase3_assets_tests.support.browser import browser
from phase3_assets_tests.support.games import World, later

TARGET = Path(__file__).parents[2] / "docs" / "night-board.png"
_SEED, _DAYS = 2026, 30
_WIDTH, _HEIGHT = 1180, 1000


def draw(target: Path) -> None:
    """Publish the night, write its report, and photograph the board."""
    games = simulate_season(_SEED, SEASON_START, _DAYS)
    tonight = [game for game in games if game.game_date == games[-1].game_date]
    with TemporaryDirectory() as folder, clock.set_to(later(tonight[0], 11.6)):
        warehouse = DuckDBWarehouse(Path(folder) / "warehouse.duckdb")
        initialise(warehouse)
        world = World(warehouse, tonight)
        waiting, held, rebuilt = tonight[len(tonight) // 2], tonight[0], tonight[-1]
        world.drop("nbac_gamebook_player_stats", waiting)
        world.drop("nbac_team_boxscore", waiting)
        world.rows["nbac_team_boxscore"] += waiting.team_boxscore_rows(
            is_placeholder=True, processed_at=later(waiting, 1)
        )
        world.contradict(held)
        world.drop("nbac_team_boxscore", rebuilt)
        world.reload_and_publish()
        page = Path(folder) / "night.html"
        day = tonight[0].game_date
        write_report(warehouse, day, day, page, Thresholds())
        with browser(_WIDTH, _HEIGHT) as driver:
            driver.get(page.as_uri())
            driver.execute_script(
                "const board = document.querySelector('section[aria-labelledby=board]');"
                "document.querySelectorAll('main > section').forEach(s => { if (s !== board) s.remove(); });"
                "document.querySelectorAll('nav, footer, .skip').forEach(e => e.remove());"
                "document.querySelector('.page').style.padding = '20px 16px 12px';"
            )
            height = driver.execute_script("return Math.ceil(document.querySelector('.page').scrollHeight)")
            driver.set_size(_WIDTH, height)
            driver.save(target)


if __name__ == "__main__":
    draw(TARGET)
