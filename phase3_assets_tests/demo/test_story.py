"""The demo tells the incident's story on a made-up night, and readers never see a wrong row in it."""

import re
from datetime import date, timedelta

import pytest
from click.testing import CliRunner

from phase3_assets.cli import main
from phase3_assets.loading.files import load_raw
from phase3_assets.settings.calendar import today
from phase3_assets.settings.locations import Settings
from phase3_assets.warehouse.opening import open_warehouse


@pytest.mark.slow
def test_the_demo_waits_rebuilds_and_turns_gold(world):
    # The fixture's rows are made up too, so the demo may start over on its warehouse.
    result = CliRunner().invoke(main, ["demo", "--days", "5"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    acts = result.output.split("Act ")[1:]
    morning, evening, begun, *results = acts
    assert "players listed" in morning and "questionable." in morning
    assert not re.search(r"\b0 of \d+ rows differ", evening)
    assert re.search(r"\b0 of \d+ rows differ", begun)
    assert "waiting (placeholder_team_boxscore); no row of it in any summary" in results[0]
    assert "published" in results[1] and "silver." in results[1]
    assert "published" in results[2] and "gold." in results[2]
    for act in results:
        visible, new = re.search(r"(\d+) of \d+ games visible, (\d+) of them new or changed", act).groups()
        assert int(new) <= int(visible)
    with open_warehouse(Settings.from_environment()).session(read_only=True) as session:
        states = session.query("SELECT state, COUNT(*) AS n FROM nba_phase3.game_readiness GROUP BY 1")
        outcomes = session.query("SELECT DISTINCT outcome FROM nba_phase3.publications")
    assert [row["state"] for row in states] == ["published"]
    assert {row["outcome"] for row in outcomes} <= {"published", "unchanged"}


def test_the_demo_refuses_a_warehouse_with_rows_of_its_user(world):
    world.tamper("UPDATE nba_raw.nbac_schedule SET source_file_path = 'schedule/2025.json'")
    before = world.query("SELECT * FROM nba_raw.nbac_schedule")
    result = CliRunner().invoke(main, ["demo"], catch_exceptions=False)
    assert result.exit_code == 2
    assert "schedule rows of your own" in result.output
    assert world.query("SELECT * FROM nba_raw.nbac_schedule") == before


def test_the_demos_files_are_what_load_raw_reads_and_end_yesterday(warehouse, tmp_path):
    """A deployment's first night: its sensors look at what is recent."""
    folder = tmp_path / "nights"
    written = CliRunner().invoke(main, ["demo", "--files", str(folder), "--days", "3"], catch_exceptions=False)
    assert written.exit_code == 0 and f"phase3 load-raw {folder}" in written.output
    days: set[date] = set()
    failures, others = load_raw(
        warehouse, folder, ["nbac_schedule"], progress=lambda table, path, loaded: days.update(loaded.days)
    )
    assert not failures and len(others) > 5 and max(days) == today() - timedelta(days=1)
    again = CliRunner().invoke(main, ["demo", "--files", str(folder)])
    assert again.exit_code == 2 and "is not empty" in again.output
