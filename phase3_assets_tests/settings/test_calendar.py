"""Where the calendar begins: the default, an earlier date, and what is refused.

What belongs here: reading PHASE3_FIRST_DATE. What doesn't: what is shown of partitions (defs/test_calendar.py).
"""

from datetime import date

import pytest

from phase3_assets.errors import ConfigurationError
from phase3_assets.settings import calendar


def first_date(monkeypatch: pytest.MonkeyPatch, value: str) -> date:
    monkeypatch.setenv("PHASE3_FIRST_DATE", value)
    return calendar._first_date()


@pytest.mark.parametrize("value", ["2018-10-01", "1996-10-01", "1946-11-01", "2021-10-01"])
def test_it_may_begin_earlier_as_far_back_as_there_were_games(monkeypatch, value):
    assert first_date(monkeypatch, value) == date.fromisoformat(value)


def test_unset_or_empty_it_begins_in_2021(monkeypatch):
    assert first_date(monkeypatch, "") == date(2021, 10, 1)
    monkeypatch.delenv("PHASE3_FIRST_DATE")
    assert calendar._first_date() == date(2021, 10, 1)


@pytest.mark.parametrize("value", ["2021-10-02", "2025-10-21", "2090-01-01"])
def test_a_later_beginning_is_refused_with_the_reason_and_what_to_do(monkeypatch, value):
    with pytest.raises(ConfigurationError) as refused:
        first_date(monkeypatch, value)
    for words in (
        f"PHASE3_FIRST_DATE is '{value}'",
        "shut out dates",
        "no check, sensor or command",
        "leave the variable unset",
    ):
        assert words in str(refused.value)


@pytest.mark.parametrize("value", ["1946-10-31", "0001-01-01", "2018-13-01", "soon", "20181001T00"])
def test_what_is_no_date_of_the_leagues_is_refused(monkeypatch, value):
    with pytest.raises(ConfigurationError, match="it is a date from 1946-11-01 to 2021-10-01, written like these"):
        first_date(monkeypatch, value)
