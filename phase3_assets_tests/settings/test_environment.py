"""Numbers in the environment: each has limits, and one that is not within them is refused where it is read.

What belongs here: what every number has in common. What doesn't: what a threshold decides (sql/test_rules.py),
BigQuery's settings (bigquery/test_settings.py).
"""

from dataclasses import fields

import pytest
from click.testing import CliRunner

from phase3_assets.cli import main
from phase3_assets.errors import ConfigurationError
from phase3_assets.settings.environment import numbers_set
from phase3_assets.settings.locations import Settings
from phase3_assets.settings.pacing import Pacing
from phase3_assets.settings.retention import Retention
from phase3_assets.settings.thresholds import Thresholds

ALL = [(of, declared.name) for of in (Pacing, Retention, Thresholds) for declared in fields(of)]


@pytest.mark.parametrize(("of", "name"), ALL)
@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e999", "1e300", "-3", "soon"])
def test_no_number_takes_what_would_break_later(of, name, value):
    variable = f"PHASE3_{name.upper()}"
    with pytest.raises(ConfigurationError, match=rf"^{variable} is '{value}'; it is a (whole )?number from [\d.]+ to "):
        of.from_environment({variable: value})


@pytest.mark.parametrize(
    ("of", "variable", "value", "may_be"),
    [
        (Pacing, "PHASE3_RUNS_PER_TICK", "0.5", "a whole number from 1 to 1000"),
        (Pacing, "PHASE3_RUN_ATTEMPTS", "2.5", "a whole number from 1 to 1000"),
        (Pacing, "PHASE3_DAYS_PER_RUN", "0", "a whole number from 1 to 36500"),
        (Pacing, "PHASE3_SENSOR_WINDOW_DAYS", "1e9", "a whole number from 1 to 36500"),
        (Pacing, "PHASE3_SENSOR_WAIT_SECONDS", "1e12", "a number from 0 to 86400"),
        (Pacing, "PHASE3_FIRST_RETRY_SECONDS", "0", "a number from 1 to 86400"),
        (Thresholds, "PHASE3_WAIVE_AFTER_DAYS", "0", "a number from 1 to 36500"),
        (Thresholds, "PHASE3_NOT_CONSTANT_ROWS", "10.5", "a whole number from 1 to 1000000"),
        (Thresholds, "PHASE3_LINE_MATCH_MINIMUM", "1.01", "a number from 0 to 1"),
    ],
)
def test_the_sentence_says_what_the_number_may_be(of, variable, value, may_be):
    with pytest.raises(ConfigurationError) as raised:
        of.from_environment({variable: value})
    assert str(raised.value) == f"{variable} is {value!r}; it is {may_be}"


@pytest.mark.parametrize("value", ["nan", "inf", "-5", "1e999", "99999999999", "soon"])
@pytest.mark.parametrize("command", [["init"], ["status", "2026-02-03"]])
def test_a_wait_that_cannot_be_waited_is_one_sentence_on_the_command_line(monkeypatch, tmp_path, command, value):
    monkeypatch.setenv("PHASE3_WAIT_SECONDS", value)
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 2
    assert result.stderr == f"phase3: PHASE3_WAIT_SECONDS is '{value}'; it is a number from 0 to 86400\n"
    assert not (tmp_path / "warehouse.duckdb").exists()


@pytest.mark.parametrize("value", ["0", "0.5", "86400"])
def test_a_wait_of_nothing_up_to_a_day_is_taken(value):
    assert Settings.from_environment({"PHASE3_WAIT_SECONDS": value}).wait_seconds == float(value)


@pytest.mark.parametrize(("of", "name"), ALL)
def test_the_default_and_both_ends_can_be_set(of, name):
    limits = next(declared.metadata["limits"] for declared in fields(of) if declared.name == name)
    for value in (limits.lowest, getattr(of(), name), limits.highest):
        assert numbers_set(of, {f"PHASE3_{name.upper()}": str(value)}) == {name: value}
