"""Rating, pace, usage and the identities of a box score, each against its definition in exact arithmetic.

What belongs here: functions of sql/functions that say what a figure is, or what cannot be one. What doesn't: how raw
text is read (test_player_rows.py), the rules that use these functions (test_rules.py).
"""

from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from phase3_assets_tests.support.functions import evaluate

ENGINE: list[duckdb.DuckDBPyConnection] = []
"""One connection while this module's tests run: property tests cannot have a fixture for every example."""
quick = settings(max_examples=40, deadline=None, database=None)
counts = st.integers(0, 999)
plays_x100 = st.integers(0, 10**5)
seconds = st.integers(0, 4200)
overtimes = st.integers(0, 7)


@pytest.fixture(scope="module", autouse=True)
def _engine() -> Iterator[None]:
    ENGINE.append(duckdb.connect())
    yield
    ENGINE.pop().close()


def sql(function: str, rows: Iterable[tuple[object, ...]]) -> list[object]:
    return evaluate(ENGINE[0], function, rows)


def several(*columns: st.SearchStrategy[int]) -> st.SearchStrategy[list[tuple[int, ...]]]:
    return st.lists(st.tuples(*columns), min_size=1, max_size=40)


def rounded(value: Fraction, decimals: int) -> float:
    exact = Decimal(value.numerator * 10**decimals) / Decimal(value.denominator)
    return float(exact.quantize(Decimal(1), ROUND_HALF_UP) / 10**decimals)


@quick
@given(several(counts, st.integers(-100, 10**5)))
@example([(0, 0), (110, 10000), (1, 800)])
def test_offensive_rating_is_points_per_hundred_possessions(rows):
    expected = [
        rounded(100 * Fraction(points) / Fraction(possessions, 100), 2) if possessions > 0 else None
        for points, possessions in rows
    ]
    assert sql("offensive_rating", rows) == expected


@quick
@given(several(plays_x100, overtimes))
@example([(9876, 0), (9876, 1)])
def test_pace_is_possessions_in_48_minutes(rows):
    minutes = [48 + 5 * periods for _, periods in rows]
    assert sql("pace", [(possessions, m) for (possessions, _), m in zip(rows, minutes, strict=True)]) == [
        rounded(48 * Fraction(possessions, 100) / m, 1) for (possessions, _), m in zip(rows, minutes, strict=True)
    ]


@quick
@given(overtimes)
def test_five_players_are_on_the_floor_for_every_minute(periods):
    [seconds_of_team] = sql("regulation_seconds", [(periods,)])
    assert seconds_of_team == 60 * (240 + 25 * periods)
    assert sql("overtime_periods", [(seconds_of_team,)]) == [periods]


@quick
@given(several(plays_x100, seconds, plays_x100, overtimes))
@example([(100, 60, 2880, 0), (100, 0, 100, 0), (100, 60, 0, 0)])
def test_usage_is_the_share_of_the_teams_plays_while_on_the_floor(rows):
    for scale, decimals in ((10, 1), (100, 2)):
        given_rows = [(plays, played, team, 48 + 5 * periods, scale) for plays, played, team, periods in rows]
        assert sql("usage_rate", given_rows) == [
            rounded(Fraction(100 * plays, team) * minutes / Fraction(played, 60), decimals) if played * team else None
            for plays, played, team, minutes, _ in given_rows
        ]


@quick
@given(several(plays_x100, seconds, plays_x100, overtimes))
# Exactly 100, a hair above it (both are 100.0 once rounded), and nothing to divide by.
@example([(1000, 2880, 1000, 0), (100001, 2880, 100000, 0), (99999, 2880, 100000, 0), (100, 0, 100, 0)])
def test_usage_is_held_against_100_before_it_is_rounded(rows):
    given_rows = [(plays, played, team, 48 + 5 * periods) for plays, played, team, periods in rows]
    assert sql("is_usage_above_100", given_rows) == [
        bool(played * team) and Fraction(plays, team) * minutes * 60 / played > 1
        for plays, played, team, minutes in given_rows
    ]


def test_usage_of_somebody_without_minutes_is_neither_a_figure_nor_above_100():
    assert sql("usage_rate", [(100, None, 1000, 48, 10), (None, 60, 1000, 48, 10)]) == [None, None]
    assert sql("is_usage_above_100", [(100, None, 1000, 48), (None, 60, 1000, 48)]) == [None, None]


def test_a_small_sample_is_one_of_under_three_minutes():
    assert sql("is_small_sample", [(0,), (179,), (180,), (None,)]) == [True, True, False, None]


@pytest.mark.parametrize("played", range(174, 187))
def test_a_small_sample_is_known_by_its_published_minutes(played):
    """Minutes are published to a tenth: what may have been under three minutes is not held against 100."""
    minutes = Decimal(str(rounded(Fraction(played, 60), 1)))
    raw = Decimal(250)
    [held] = sql("usage_rate_beyond_small_samples", [(raw, "small_sample", minutes)])
    assert held == (None if minutes <= 3 else raw)
    assert sql("usage_rate_beyond_small_samples", [(raw, "impossible", minutes), (raw, None, minutes)]) == [raw, raw]


def test_no_team_plays_with_fewer_than_five():
    assert sql("is_whole_side", [(0,), (4,), (5,), (13,)]) == [False, False, True, True]


@quick
@given(several(counts, counts, counts))
def test_points_are_what_the_makes_give(rows):
    twos_threes_free = [(twos + threes, threes, free) for twos, threes, free in rows]
    assert sql("points_of_makes", twos_threes_free) == [2 * twos + 3 * threes + free for twos, threes, free in rows]


SHOTS = {"points": 27, "fg_makes": 10, "fg_attempts": 20, "threes": 3, "three_attempts": 8, "free": 4, "free_tried": 5}


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({}, None),
        ({"fg_attempts": 10, "three_attempts": 3, "free_tried": 4}, None),
        ({"fg_attempts": 9}, "10 field goals of 9 attempts"),
        ({"three_attempts": 2}, "3 threes of 2 attempts"),
        ({"free_tried": 3}, "4 free throws of 3 attempts"),
        ({"threes": 11, "three_attempts": 11}, "11 threes among 10 field goals"),
        ({"points": 28}, "28 points, but the makes give 27"),
        ({"points": 26}, "26 points, but the makes give 27"),
        # The first of several; what is missing contradicts nothing.
        ({"points": 0, "fg_attempts": 0}, "10 field goals of 0 attempts"),
        ({"fg_attempts": None, "points": None}, None),
    ],
)
def test_the_first_thing_that_cannot_be_true_of_shots_is_named(changed, problem):
    assert sql("shooting_problem", [tuple({**SHOTS, **changed}.values())]) == [problem]


def test_rebounds_are_offensive_and_defensive_ones():
    rows = [(40, 10, 30), (41, 10, 30), (None, 10, 30), (40, None, 30)]
    assert sql("rebounds_problem", rows) == [None, "41 rebounds, but 10 offensive and 30 defensive", None, None]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ((7, True, 0, 0, 1, 0, 7), None),
        ((-7, False, 1, 0, 1, 1, -7), None),
        ((7, True, 0, 2, 1, 0, 7), "the two margins sum to 2"),
        ((7, True, 0, 0, 2, 0, 7), "2 winners"),
        ((7, True, 0, 0, 1, 0, 5), "margin 7, but the points give 5"),
        ((7, True, 0, 0, 1, 1, 7), "0 overtimes, but the other team played 1"),
        ((7, False, 0, 0, 1, 0, 7), "the win flag contradicts the margin"),
        ((0, True, 0, 0, 1, 0, 0), "the win flag contradicts the margin"),
        # Without the other row there is nothing to hold the margin against.
        ((7, True, 0, 0, 1, 0, None), None),
    ],
)
def test_the_first_thing_that_cannot_be_true_of_two_sides_is_named(row, problem):
    assert sql("sides_problem", [row]) == [problem]


def test_an_impossible_count_is_named_with_its_figure():
    rows = [("points", value) for value in (-1, 0, 999, 1000, None)]
    assert sql("impossible_count", rows) == ["points -1", None, None, "points 1000", None]


def test_a_difference_is_an_item_of_a_list():
    rows = [("points", 9, 12), ("points", 12, 12), ("points", None, 12)]
    assert sql("difference_text", rows) == [" points -3", "", ""]
