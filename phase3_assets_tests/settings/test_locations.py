"""Where things are: the folder of the night reports, and the address at which others see it."""

from pathlib import Path

import pytest

from phase3_assets.errors import ConfigurationError
from phase3_assets.settings.locations import Settings


def test_pages_lie_in_dagsters_home_unless_a_folder_is_named():
    assert Settings.from_environment({"DAGSTER_HOME": "/home/dagster"}).reports_path == Path("/home/dagster/reports")
    named = {"PHASE3_REPORTS_PATH": "/srv/pages", "PHASE3_REPORTS_URL": "https://pages.example/nights"}
    settings = Settings.from_environment(named)
    assert (settings.reports_path, settings.reports_url) == (Path("/srv/pages"), named["PHASE3_REPORTS_URL"])


@pytest.mark.parametrize("address", ["pages.example", "javascript:alert(1)", "https://a b", "file:///srv/pages"])
def test_an_address_of_pages_is_one_that_a_browser_opens(address):
    with pytest.raises(ConfigurationError, match="PHASE3_REPORTS_URL is"):
        Settings.from_environment({"PHASE3_REPORTS_URL": address})
