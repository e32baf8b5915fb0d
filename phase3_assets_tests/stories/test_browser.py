"""The real UI in a real browser: what somebody sees who publishes, backfills and checks by clicking.

What belongs here: what only a rendered page can show. What doesn't: what a run does (defs/test_assets.py).

The tests build on each other's runs, in the order they stand in, against one server.
"""

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, TimeoutException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from phase3_assets.demo.season import simulate_season
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets.warehouse.schema import initialise
from phase3_assets_tests.support.games import DAY, SUMMARIES, World
from phase3_assets_tests.support.live import Live

CHROMIUM, CHROMEDRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed (Debian: apt-get install chromium)"),
    pytest.mark.skipif(CHROMEDRIVER is None, reason="chromedriver is not installed (apt-get install chromium-driver)"),
    pytest.mark.browser,
    pytest.mark.timeout(900),
]

DAYS = [DAY + timedelta(days=offset) for offset in range(2)]
PUBLISH_JOB = "/locations/phase3_assets/jobs/publish"
GROUPS = {
    "raw": {
        "nbac_schedule",
        "nbac_team_boxscore",
        "nbac_gamebook_player_stats",
        "nbac_player_boxscores",
        "odds_api_player_points_props",
    },
    "readiness": {"game_readiness"},
    "summaries": set(SUMMARIES),
}
_OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1600,1100",
)


@dataclass
class Page:
    """The browser, and where it finds the UI."""

    driver: Any
    address: str

    def open(self, path: str) -> None:
        self.driver.get(self.address + path)

    @property
    def text(self) -> str:
        """What is visible."""
        return self.driver.find_element(By.TAG_NAME, "body").text

    def wait_for(self, *texts: str, seconds: float = 30) -> str:
        """The visible text, once every one of `texts` is in it."""
        seen = [""]

        def shows(_: Any) -> bool:
            seen[0] = self.text
            return all(text in seen[0] for text in texts)

        try:
            self._wait(seconds).until(shows)
        except TimeoutException:
            missing = [text for text in texts if text not in seen[0]]
            raise AssertionError(f"{missing} not on {self.driver.current_url}, which shows:\n{seen[0]}") from None
        return seen[0]

    def reload_until(self, *texts: str, seconds: float = 60) -> str:
        """wait_for, reloading now and then: some of the UI's pages refresh themselves only every 15 seconds."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                return self.wait_for(*texts, seconds=5)
            except AssertionError:
                if time.monotonic() > deadline:
                    raise
                self.driver.refresh()

    def find(self, xpath: str, seconds: float = 30) -> WebElement:
        """The last visible element that matches: dialogs come after the page they cover."""

        def visible(_: Any) -> WebElement | None:
            return next((e for e in reversed(self.driver.find_elements(By.XPATH, xpath)) if e.is_displayed()), None)

        return self._wait(seconds).until(visible, f"no {xpath} on {self.driver.current_url}")

    def click(self, button: str) -> None:
        """Click the button that says so, once it can be clicked."""
        xpath = f"//button[contains(normalize-space(.), '{button}') and not(@disabled)]"

        def clicked(_: Any) -> bool:
            self.find(xpath).click()
            return True

        self._wait(15, Exception).until(clicked, f"no click on {button!r}")

    def type_into(self, xpath: str, *keys: str) -> None:
        """Click a field and type; once more from its beginning where the page drew the field anew meanwhile."""

        def typed(_: Any) -> bool:
            field = self.find(xpath)
            field.click()
            field.send_keys(Keys.CONTROL, "a")
            field.send_keys(Keys.NULL, *keys)
            return True

        self._wait(15).until(typed, f"could not type into {xpath}")

    def launch(self, button: str) -> None:
        """Click the dialog's button, and stay until the dialog has closed: leaving earlier would abort the request."""
        self.click(button)
        self._wait(30).until(lambda _: "Launch runs to materialize" not in self.text, "the dialog stays open")

    def choose_partitions(self, text: str, count: str) -> None:
        """In the dialog that is open, choose these dates among all."""
        self.click("Show all partitions")
        self.type_into("//input[starts-with(@placeholder, 'ex: 2021-10-01')]", text, Keys.TAB)
        self.wait_for(f"\n{count}\n")

    def configure(self, config: str) -> None:
        """Write a run's configuration into the launchpad."""
        self.find("//*[contains(@class, 'CodeMirror-code')]")
        self.driver.execute_script("document.querySelector('.CodeMirror').CodeMirror.setValue(arguments[0])", config)
        self.wait_for("No errors", *config.split())

    def _wait(self, seconds: float, *ignored: type[Exception]) -> WebDriverWait:
        ignored = (StaleElementReferenceException, *ignored)
        return WebDriverWait(self.driver, seconds, poll_frequency=0.2, ignored_exceptions=ignored)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Three dates loaded, none published; the first game's team rows are placeholders, its gamebook is not there."""
    warehouse = DuckDBWarehouse(tmp_path_factory.mktemp("browser") / "warehouse.duckdb")
    initialise(warehouse)
    made = World(warehouse, simulate_season(7, DAYS[0], len(DAYS)))
    made.drop("nbac_team_boxscore")
    made.drop("nbac_gamebook_player_stats")
    made.rows["nbac_team_boxscore"] += made.game.team_boxscore_rows(is_placeholder=True)
    made.load()
    return made


@pytest.fixture(scope="module")
def address(world: World) -> Iterator[str]:
    """Where `phase3 ui` answers; its sensors look once and leave the dates to whoever clicks."""
    with Live(world.warehouse.path.parent, PHASE3_SENSOR_INTERVAL_SECONDS="3600") as live:
        yield live.address


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for option in (*_OPTIONS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(option)
    made = webdriver.Chrome(options=options, service=webdriver.ChromeService(CHROMEDRIVER))
    made.set_page_load_timeout(60)
    made.set_script_timeout(30)
    yield made
    made.quit()


@pytest.fixture
def page(driver: Any, address: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The browser; where a test fails, what it saw is in its tmp_path."""
    failed = request.session.testsfailed
    yield Page(driver, address)
    if request.session.testsfailed > failed:
        driver.save_screenshot(str(tmp_path / "failed.png"))


def published(world: World, day: date) -> dict[str, set[str]]:
    """The games that readers see of a date, by table."""
    return {name: {row["game_id"] for row in world.table(name) if row["game_date"] == day} for name in SUMMARIES}


def games_of(world: World, day: date) -> set[str]:
    return {game.game_id for game in world.games if game.game_date == day}


# The raw group is taller than the window, and the graph draws only what is inside; the catalog shows all.
@pytest.mark.parametrize("group", ["readiness", "summaries"])
def test_the_asset_graph_shows_every_table_in_its_group(page: Page, group: str):
    page.open("/asset-groups")
    page.wait_for(*GROUPS)
    page.open(f"/locations/phase3_assets/asset-groups/{group}/lineage")
    page.wait_for(*GROUPS[group])


def test_the_catalog_says_what_every_asset_is(page: Page):
    page.open("/assets")
    page.wait_for(*(name for names in GROUPS.values() for name in names))
    page.wait_for("Every scheduled game of a date: its state and the reason.", "partitions")


@pytest.mark.long
def test_one_date_published_by_clicking(page: Page, world: World):
    assert not any(published(world, DAY).values())
    page.open(PUBLISH_JOB)
    page.click("Materialize all")
    page.choose_partitions(DAY.isoformat(), "1 partition")
    page.launch("Launch 1 run")
    page.open("/runs")
    page.reload_until(f"partition: {DAY}", "publish", "Success")

    games = games_of(world, DAY)
    page.open(f"/assets/player_game_summary?view=partitions&partition={DAY}")
    text = page.wait_for("games_published", "placeholder_team_boxscore")
    assert f"\ngames_published\n{len(games) - 1}\n" in text
    assert "\ngames_held_back\n1\n" in text
    assert f"{world.game.game_id} gated waiting: placeholder_team_boxscore" in text
    for name, seen in published(world, DAY).items():
        assert seen == games - {world.game.game_id}, name
    assert f"\nrows_added\n{len(world.table('player_game_summary'))}\n" in text


@pytest.mark.long
def test_a_check_says_what_it_demands_and_what_it_found(page: Page, world: World):
    page.open("/assets/player_game_summary?view=checks&checkDetail=usage_rate")
    rows = len(world.table("player_game_summary"))
    text = page.wait_for("Evaluation result\nPassed", "No raw usage is above 100", f"{rows} rows, none offending")
    assert "\nusage_rate\nSucceeded\n" in text
    assert "This is a blocking asset check." in text
    assert f"\nPartition\n{DAY}\n" in text


@pytest.mark.long
def test_two_dates_backfilled_by_clicking(page: Page, world: World):
    page.open(PUBLISH_JOB)
    page.click("Materialize all")
    page.choose_partitions(f"[{DAYS[0]}...{DAYS[-1]}]", "2 partitions")
    page.launch("Launch backfill")
    page.open("/runs?view=backfills")
    page.reload_until("2 partitions", "publish_partition_set", "Success", seconds=120)

    for day in DAYS:
        page.open(f"/assets/player_game_summary?view=partitions&partition={day}")
        text = page.wait_for(f"\n{day}\nMaterialized\n", "games_published")
        assert "Failed (0)" in text
        assert "Materialized (2)" in text
        for name, seen in published(world, day).items():
            assert seen == games_of(world, day) - {world.game.game_id}, name


@pytest.mark.long
def test_a_row_changed_by_hand_is_found_by_one_check_executed_alone(page: Page, world: World):
    victim = max(
        (row for row in world.table("player_game_summary") if row["game_date"] == DAY),
        key=lambda row: row["minutes_played"] or 0,
    )
    with world.warehouse.session() as session:
        session._connection.execute(
            "UPDATE nba_analytics.player_game_summary SET usage_rate = 1228 WHERE game_date = ? AND player_lookup = ?",
            [DAY, victim["player_lookup"]],
        )
    check = "/assets/player_game_summary?view=checks&checkDetail=usage_rate"
    page.open(check)
    page.wait_for("Evaluation result\nPassed")
    # Dagster has no button for one check of a partitioned asset; the job `check` makes it, of any date.
    page.open("/locations/phase3_assets/jobs/check/playground")
    page.type_into("//input[@placeholder='Partition']", DAY.isoformat(), Keys.ENTER)
    page.wait_for(f"partition: {DAY}")
    page.configure("ops: {check_rows: {config: {tables: [player_game_summary], checks: [usage_rate]}}}")
    page.click("Launch Run")
    page.reload_until("ASSET_CHECK_EVALUATION", "RUN_FAILURE", "1228", seconds=120)

    page.open(check)
    found = (victim["player_lookup"], victim["game_id"], "1228", f"\nPartition\n{DAY}\n")
    page.reload_until("Evaluation result\nFailed", *found)
