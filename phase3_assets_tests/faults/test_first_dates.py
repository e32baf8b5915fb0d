"""Seasons that the calendar does not have."""

from datetime import date

from phase3_assets_tests.support.commands import phase3
from phase3_assets_tests.support.files import schedule_rows, stored, write


def test_72_a_season_before_the_calendar_is_told_while_it_is_loaded(warehouse, tmp_path):
    """A season before the first date of the calendar: loaded, and never published.

    Guard: phase3_assets/cli/first_steps.py (next_steps), phase3_assets/settings/calendar.py (parse_date)
    """
    day = date(2018, 12, 25)
    write(tmp_path / "files", schedule_rows(1, day), ".csv")
    said = phase3("load-raw", tmp_path / "files")
    assert said.exit_code == 0 and len(stored(warehouse)) == len(schedule_rows(1, day))
    for words in ("not published", "begins on 2021-10-01", "PHASE3_FIRST_DATE=2018-12-25"):
        assert words in said.output
    assert "Next: phase3 backfill" not in said.output
    refused = phase3("run", day)
    assert refused.exit_code == 2 and "PHASE3_FIRST_DATE" in refused.stderr
