"""A page in Chromium, at a chosen size and in a chosen light: what somebody sees of a file.

What belongs here: opening, measuring and photographing a page. What doesn't: the UI of Dagster
(stories/test_browser.py).
"""

import base64
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium import webdriver

CHROMIUM, CHROMEDRIVER = shutil.which("chromium"), shutil.which("chromedriver")
_OPTIONS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-background-networking")


class Browser:
    """One window."""

    def __init__(self, driver: Any) -> None:
        self._driver = driver

    def set_size(self, width: int, height: int, is_dark: bool = False) -> None:
        """Set the size of the page's window, and whether its reader prefers dark. Chromium's own window is wider."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self._driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}
        self._driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})

    def get(self, address: str) -> None:
        self._driver.get(address)

    def execute_script(self, script: str) -> Any:
        return self._driver.execute_script(script)

    def log(self) -> list[str]:
        """What the browser has complained of: an address that the page may not load, say."""
        return [entry["message"] for entry in self._driver.get_log("browser")]

    def save(self, target: Path) -> None:
        """Photograph the window as a PNG file."""
        taken = self._driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png", "captureBeyondViewport": True})
        target.write_bytes(base64.b64decode(taken["data"]))


@contextmanager
def browser(width: int, height: int, is_dark: bool = False) -> Iterator[Browser]:
    """A window of that size."""
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for option in _OPTIONS:
        options.add_argument(option)
    driver = webdriver.Chrome(options, webdriver.ChromeService(CHROMEDRIVER))
    try:
        window = Browser(driver)
        window.set_size(width, height, is_dark)
        yield window
    finally:
        driver.quit()
