"""Every incident can be played to its end, and the data are right again; the configured warehouse is never opened."""

import pytest

from phase3_assets.drill.incidents import INCIDENTS
from phase3_assets.drill.play import play
from phase3_assets_tests.support.commands import phase3

pytestmark = [pytest.mark.long, pytest.mark.timeout(1200)]


@pytest.mark.parametrize("name", INCIDENTS)
def test_the_right_commands_put_the_data_right(name, tmp_path):
    said: list[str] = []
    assert play(INCIDENTS[name], None, said.append)
    assert said[-2].startswith("Right again: ")
    assert any(line.strip().startswith("good: 2025-11-19, 3 of 3 games") for line in said)
    assert any(line.strip().startswith(("act", "look")) or "differ" in line for line in said), "it was wrong before"
    assert not (tmp_path / "warehouse.duckdb").exists()


def test_a_wrong_answer_is_explained_and_not_run_and_a_right_one_is_run():
    answers = ("phase3 verify 2025-11-19", "phase3 run 2025-11-19", "phase3 run 2025-11-19 --repair")
    options = [part for answer in answers for part in ("--answer", answer)]
    done = phase3("drill", "rows-changed-by-hand", *options)
    assert done.exit_code == 0
    assert done.output.count("Not that: ") == 2 and "A hint: " in done.output
    assert "1 right, 2 wrong" in done.output


def test_nobody_answers():
    done = phase3("drill", "rows-changed-by-hand", "--answer", "phase3 waive 20251119_OKC_CLE --reason x")
    assert done.exit_code == 1
    assert "It would have been: phase3 run 2025-11-19 --repair" in done.output
