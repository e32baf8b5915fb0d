"""The report in a real browser: it fits a phone, loads nothing, and its pictures follow the reader's light."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from phase3_assets.reporting.page import write_report
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets_tests.support.browser import CHROMEDRIVER, CHROMIUM, Browser, browser
from phase3_assets_tests.support.games import DAY

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed (Debian: apt-get install chromium)"),
    pytest.mark.skipif(CHROMEDRIVER is None, reason="chromedriver is not installed (apt-get install chromium-driver)"),
    pytest.mark.browser,
    pytest.mark.timeout(300),
]
PHONE, DESK = 390, 1440


@pytest.fixture(scope="module")
def window(world, tmp_path_factory) -> Iterator[Browser]:
    path = tmp_path_factory.mktemp("page") / "nights.html"
    write_report(world.warehouse, DAY - timedelta(days=1), DAY, path, Thresholds())
    with browser(PHONE, 900) as window:
        window.get(path.as_uri())
        window.execute_script("document.querySelectorAll('details').forEach(each => { each.open = true; })")
        yield window


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_nothing_scrolls_sideways_and_nothing_is_cut_off(window, width):
    window.set_size(width, 900)
    assert window.execute_script("return document.documentElement.scrollWidth") == width
    beyond = window.execute_script(
        "return [...document.querySelectorAll('body *')].filter(each => !each.closest('.skip')"
        " && each.getBoundingClientRect().right > innerWidth + 1).map(each => each.outerHTML.slice(0, 80))"
    )
    assert beyond == []
    cut = window.execute_script(
        "return [...document.querySelectorAll('.scrolls')].filter(each => each.scrollWidth > each.clientWidth)"
        ".map(each => each.getAttribute('aria-label'))"
    )
    assert cut == []


def test_the_cards_stand_beside_each_other_on_a_desk_and_below_each_other_on_a_phone(window):
    lefts = {}
    for width in (PHONE, DESK):
        window.set_size(width, 900)
        lefts[width] = window.execute_script(
            "const lefts = [...document.querySelectorAll('.card')].map(each => each.getBoundingClientRect().left);"
            "return new Set(lefts).size"
        )
    assert lefts[PHONE] == 1 and lefts[DESK] >= 3


def test_light_and_dark_have_other_colours_in_the_pictures_as_well(window):
    seen = []
    for is_dark in (False, True):
        window.set_size(PHONE, 900, is_dark)
        seen.append(
            window.execute_script(
                "const text = document.querySelector('svg text');"
                "return [getComputedStyle(document.body).backgroundColor, getComputedStyle(text).fill]"
            )
        )
    (light, ink), (dark, pale) = seen
    assert light != dark and ink != pale


def test_nothing_is_fetched_and_a_name_runs_no_script(window):
    assert window.execute_script("return performance.getEntriesByType('resource').length") == 0
    assert window.execute_script("return document.scripts.length") == 0
    assert window.log() == []
