"""What a person is told after a load: what is there, what is missing, what to type next."""

from datetime import date

import pytest

from phase3_assets.demo.season import raw_rows
from phase3_assets_tests.support.commands import phase3
from phase3_assets_tests.support.files import schedule_rows, write
from phase3_assets_tests.support.games import DAY, night


def whole(table: str):
    from phase3_assets.catalog.contracts import raw_contracts

    return [{**dict.fromkeys(raw_contracts()[table].column_names), **row} for row in raw_rows(night(1))[table]]


def test_a_load_ends_with_what_is_missing_and_then_with_what_to_type(warehouse, tmp_path):
    folder = tmp_path / "files"
    write(folder, whole("nbac_team_boxscore"), ".csv", "nbac_team_boxscore")
    said = phase3("load-raw", folder).output
    assert "0 games scheduled" in said and "Missing" in said and "nbac_schedule" in said and "player rows" in said
    assert "backfill" not in said
    write(folder, whole("nbac_schedule"), ".csv")
    write(folder, whole("nbac_player_boxscores"), ".csv", "nbac_player_boxscores")
    said = phase3("load-raw", folder).output
    assert "1 games scheduled, 1 of them final" in said and "Missing" not in said
    assert f"Next: phase3 backfill {DAY} {DAY}" in said


@pytest.mark.slow
@pytest.mark.long
def test_an_empty_schedule_is_told_and_nothing_is_held_back(warehouse):
    for command in ("run", "status"):
        said = phase3(command, DAY).output
        assert f"no game is scheduled on {DAY}, nor in the year before or after: the schedule is empty there" in said
        assert "of 0 scheduled" not in said


def test_dates_before_the_calendar_are_told(warehouse, tmp_path):
    write(tmp_path / "files", schedule_rows(1, date(2018, 12, 25)), ".csv")
    result = phase3("load-raw", tmp_path / "files")
    assert result.exit_code == 0
    assert (
        "1 of 1 dates (2018-12-25 to 2018-12-25) lie before the calendar, which begins on 2021-10-01" in result.output
    )
    assert "PHASE3_FIRST_DATE=2018-12-25 opens them" in result.output
    assert "Then: phase3 backfill 2018-12-25 2018-12-25" in result.output
