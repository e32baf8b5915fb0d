"""The SQL functions, evaluated one by one on the embedded engine, against exact arithmetic: a section per file.

What belongs here: what a file of sql/functions gives for any argument. What doesn't: what rows are made with it
(test_player_rows.py, test_real_games.py).
"""

import re
import string
import unicodedata
from collections.abc import Iterable, Iterator
from fractions import Fraction

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from phase3_assets.catalog.queries import prepared, sql_text
from phase3_assets.demo.season import TEAM_CODES
from phase3_assets.warehouse.duckdb.dialect import duckdb_sql
from phase3_assets_tests.sql.exact import rounded

ENGINE: list[duckdb.DuckDBPyConnection] = []
"""One connection while this module's tests run: property tests cannot have a fixture for every example."""


@pytest.fixture(scope="module", autouse=True)
def _engine() -> Iterator[None]:
    ENGINE.append(duckdb.connect())
    yield
    ENGINE.pop().close()


TYPES = {int: "INT64", str: "STRING", type(None): "INT64"}


def sql(function: str, *arguments: object) -> object:
    """What a function of sql/functions gives on the embedded engine."""
    names = string.ascii_lowercase[: len(arguments)]
    casts = ", ".join(f"CAST(@{n} AS {TYPES[type(a)]})" for n, a in zip(names, arguments, strict=True))
    text = duckdb_sql(prepared(f"SELECT {function}({casts})"))
    row = ENGINE[0].execute(text, dict(zip(names, arguments, strict=True))).fetchone()
    assert row is not None
    return row[0]


def sql_all(function: str, rows: Iterable[tuple[int, ...]]) -> list[object]:
    """The same for many rows in one query."""
    values = list(rows)
    names = string.ascii_lowercase[: len(values[0])]
    query = prepared(f"SELECT {function}({', '.join(f'rows_given.{n}' for n in names)}) FROM rows_given ORDER BY n")
    columns = ", ".join(f"unnest(${n}::BIGINT[]) AS {n}" for n in names)
    given_rows = f"WITH rows_given AS (SELECT {columns}, unnest(range({len(values)})) AS n) "
    parameters = {n: list(column) for n, column in zip(names, zip(*values, strict=True), strict=True)}
    return [row[0] for row in ENGINE[0].execute(given_rows + duckdb_sql(query), parameters).fetchall()]


quick = settings(max_examples=40, deadline=None, database=None)
counts = st.integers(0, 999)


def several(*columns: st.SearchStrategy[int]) -> st.SearchStrategy[list[tuple[int, ...]]]:
    return st.lists(st.tuples(*columns), min_size=1, max_size=40)


# round_ratio.sql


@quick
@given(several(st.integers(-(10**12), 10**12), st.integers(-5, 10**6), st.sampled_from([1, 10, 100, 1000])))
@example(
    [(5, 100, 10), (-5, 100, 10), (15, 100, 10), (-15, 100, 10), (4, 100, 10), (-4, 100, 10), (0, 7, 10), (1, 0, 10)]
)
def test_round_ratio_is_exact_and_rounds_half_away_from_zero(rows):
    expected = []
    for numerator, denominator, scale in rows:
        decimals = len(str(scale)) - 1
        expected.append(float(rounded(Fraction(numerator, denominator), decimals)) if denominator > 0 else None)
    assert sql_all("round_ratio", rows) == expected


# ts_pct.sql


@quick
@given(several(counts, counts, counts))
@example([(1, 8, 0), (1, 0, 0), (0, 5, 0), (0, 0, 1), (3, 0, 2), (9, 16, 0)])
def test_ts_pct_is_the_formula(rows):
    expected = []
    for points, fga, fta in rows:
        divisor = 2 * (fga + Fraction(44, 100) * fta)
        expected.append(float(rounded(points / divisor, 3)) if divisor else None)
    assert sql_all("ts_pct", rows) == expected


# efg_pct.sql


@quick
@given(several(counts, counts, counts))
@example([(1, 0, 16), (0, 1, 16), (0, 0, 0), (0, 0, 5)])
def test_efg_pct_is_the_formula(rows):
    expected = [float(rounded((made + Fraction(threes, 2)) / fga, 3)) if fga else None for made, threes, fga in rows]
    assert sql_all("efg_pct", rows) == expected


# possessions_x100.sql, plays_x100.sql


@quick
@given(several(counts, counts, counts, counts))
def test_possessions_are_exact_hundredths(rows):
    assert [Fraction(value, 100) for value in sql_all("possessions_x100", rows)] == [
        fga + Fraction(44, 100) * fta + to - oreb for fga, fta, to, oreb in rows
    ]
    three = [row[:3] for row in rows]
    assert [Fraction(value, 100) for value in sql_all("plays_x100", three)] == [
        fga + Fraction(44, 100) * fta + to for fga, fta, to in three
    ]


# overtime_periods.sql, game_minutes.sql


@quick
@given(several(st.integers(0, 999 * 60)))
@example([(14400,), (14399,), (14460,), (15149,), (15150,), (15900,), (15840,), (17400,), (0,)])
def test_overtimes_are_told_from_the_minutes_of_a_team(rows):
    expected = [max(0, int(rounded((Fraction(seconds, 60) - 240) / 25, 0))) for (seconds,) in rows]
    assert sql_all("overtime_periods", rows) == expected


@pytest.mark.parametrize("overtimes", range(7))
def test_a_minute_of_rounding_either_way_tells_the_same_overtimes(overtimes):
    minutes = 240 + 25 * overtimes
    seconds = [(60 * minutes + off,) for off in (-120, -60, 0, 60, 120)]
    assert sql_all("overtime_periods", seconds) == [overtimes] * 5
    assert sql_all("game_minutes", [(overtimes,)]) == [48 + 5 * overtimes]


# box_score_count.sql, is_impossible_count.sql


@quick
@given(several(st.integers(-(2**60), 2**60)))
@example([(0,), (999,), (1000,), (-1,)])
def test_a_count_is_what_a_game_can_produce(rows):
    possible = [0 <= value <= 999 for (value,) in rows]
    assert sql_all("box_score_count", rows) == [v if ok else None for (v,), ok in zip(rows, possible, strict=True)]
    assert sql_all("is_impossible_count", rows) == [not ok for ok in possible]


def test_a_missing_count_is_missing_and_not_impossible():
    assert sql("box_score_count", None) is None
    assert sql("is_impossible_count", None) is False


# clock_seconds.sql


@quick
@given(st.integers(0, 999), st.integers(0, 60))
@example(30, 60)
@example(0, 0)
def test_a_clock_is_read_to_the_second(minutes, seconds):
    assert sql("clock_seconds", f"{minutes}:{seconds:02d}") == 60 * minutes + seconds
    assert sql("clock_seconds", f" {minutes} ") == 60 * minutes


@quick
@given(st.text(alphabet="0123456789:.-+ abPTMS٣", max_size=7))
@example("12:61")
@example("12:5")
@example("1:02:03")
@example("12.0")
@example("PT")
@example("PT5M")
@example("PTS")
@example("PT.5S")
@example("1.5:30")
@example("+3")
@example("٣")
@example("")
def test_anything_else_is_unreadable_and_never_zero(text):
    assert sql("clock_seconds", text) == seconds_by_grammar(text.strip())


@quick
@given(st.integers(0, 250), st.integers(0, 59), st.integers(0, 99))
def test_the_leagues_other_spellings_are_read_to_the_second(minutes, seconds, hundredths):
    spellings = {
        f"PT{minutes:02d}M{seconds:02d}.{hundredths:02d}S": seconds + (hundredths >= 50),
        f"{minutes}.000000:{seconds:02d}": seconds,
        f"{minutes}.{hundredths:02d}": (60 * hundredths + 50) // 100,
    }
    for text, rest in spellings.items():
        assert sql("clock_seconds", text) == 60 * minutes + rest == seconds_by_grammar(text)


def seconds_by_grammar(text: str) -> int | None:
    """Seconds of minutes in any of the league's spellings, read digit by digit; None for anything else."""

    def number(digits: str, most: int = 3) -> int | None:
        return int(digits) if 1 <= len(digits) <= most and set(digits) <= set(string.digits) else None

    def fraction(digits: str) -> Fraction | None:
        return None if number(digits, 99) is None else Fraction(int(digits), 10 ** len(digits))

    if text.startswith("PT") and text != "PT":
        head, m, tail = text[2:].rpartition("M")
        minutes = number(head) if m else 0
        if tail and not tail.endswith("S"):
            return None
        whole, dot, parts = tail.removesuffix("S").partition(".")
        seconds = (number(whole, 2) if tail else 0, fraction(parts) if dot else Fraction(0))
        if minutes is None or None in seconds or seconds[0] > 59:
            return None
        return 60 * minutes + seconds[0] + (seconds[1] >= Fraction(1, 2))
    head, colon, tail = text.partition(":")
    whole, dot, parts = head.partition(".")
    minutes, part = number(whole), fraction(parts) if dot else Fraction(0)
    if minutes is None or part is None:
        return None
    if not colon:
        return 60 * minutes + int(60 * part + Fraction(1, 2))
    if part or len(tail) != 2 or number(tail, 2) is None or int(tail) > 60:
        return None
    return 60 * minutes + int(tail)


# player_lookup.sql


LETTERS = str.maketrans({"đ": "d", "ð": "d", "ø": "o", "ł": "l", "ı": "i", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th"})


def lookup_of(name: str) -> str | None:
    """domain.md, section 1, in plain Python."""
    plain = unicodedata.normalize(
        "NFC", "".join(c for c in unicodedata.normalize("NFD", name.lower()) if not unicodedata.combining(c))
    )
    return "".join(c for c in plain.translate(LETTERS) if c in string.ascii_lowercase + string.digits) or None


@settings(max_examples=150, deadline=None, database=None)
@given(
    st.text(
        st.one_of(
            st.characters(min_codepoint=0x20, max_codepoint=0x17F),
            st.sampled_from("'’.-  đĐðÐøØłŁıIßẞæÆœŒþÞčćšžñéñ\u0301\u030c\u0327"),
        ),
        max_size=24,
    )
)
@example("Luka Dončić")
@example("Luka Donc\u030cic\u0301")
@example("SHAI GILGEOUS-ALEXANDER")
@example("Kristaps Porziņģis")
@example("Ömer Aşık")
@example("İlkan Karaman")
@example("Đorđe Þórð Øre Łoś Weiß Æsop Œdipe")
@example("Robert Williams III")
@example("'); DROP TABLE players; --")
@example("   ")
@example("")
@example("姚明")
def test_a_player_key_is_plain_letters_and_digits(name):
    assert sql("player_lookup", name) == lookup_of(name)


@pytest.mark.parametrize(("name", "expected"), [("Høgni Ǿrsted", "hogniorsted"), ("Ǽsa", "aesa")])
def test_a_letter_with_an_accent_on_top_is_transliterated_too(name, expected):
    assert sql("player_lookup", name) == expected


@quick
@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x17F), max_size=24))
def test_the_key_of_a_key_is_the_key(name):
    key = sql("player_lookup", name)
    assert key is None or sql("player_lookup", key) == key


# team_code.sql


@pytest.mark.parametrize(
    ("written", "code"),
    [("PHO", "PHX"), (" gs ", "GSW"), ("BRK", "BKN"), ("utah", "UTA"), ("POR", "POR"), ("", None), ("  ", None)],
)
def test_team_codes_have_one_spelling(written, code):
    assert sql("team_code", written) == code


# team_named.sql


@pytest.mark.parametrize(
    ("text", "team"),
    [
        ("NYK", "NYK"),
        (" ny ", "NYK"),
        ("Utah", "UTA"),
        ("New York Knicks", "NYK"),
        ("LA Clippers", "LAC"),
        ("Los Angeles Clippers", "LAC"),
        ("PHILADELPHIA 76ers", "PHI"),
        ("Knicks", None),
        ("Seattle SuperSonics", None),
        ("", None),
    ],
)
def test_a_team_is_named_by_its_code_or_its_full_name(text, team):
    assert sql("team_named", text) == team


def test_every_team_is_named_by_whatever_spelling_its_code_has():
    spelt = re.findall(r"WHEN '(\w+)' THEN '(\w+)'", sql_text("functions/team_code"))
    assert len(spelt) > 5
    assert {written: sql("team_named", written) for written, _ in spelt} == dict(spelt)
    assert {code: sql("team_named", code) for code in TEAM_CODES} == {code: code for code in TEAM_CODES}
