"""Both engines give the same answers to values that no night has shown yet.

What belongs here: generated zeros, NULLs, ties, accents, blanks, extremes, for every function and for everything
computed from raw rows. What doesn't: nights as they were (test_differential.py).
"""

import re
from datetime import UTC, date, datetime
from random import Random
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from phase3_assets.catalog.contracts import Column, raw_contracts
from phase3_assets.catalog.parser import parse
from phase3_assets.catalog.queries import prepared, sql_text
from phase3_assets.catalog.table_names import TABLE_NAMES
from phase3_assets.catalog.tables import published_table, published_tables
from phase3_assets.demo.season import raw_rows
from phase3_assets.publishing import audit as audits
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.publishing.survey import survey
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.duckdb.dialect import duckdb_sql, duckdb_type
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets.warehouse.interface import Row
from phase3_assets_tests.bigquery import story
from phase3_assets_tests.bigquery.engines import PairedWarehouse, require_equal, side_by_side
from phase3_assets_tests.bigquery.google_sql import GoogleSqlError, evaluate, type_of
from phase3_assets_tests.bigquery.statements import sql_files
from phase3_assets_tests.support.games import DAY, night

pytestmark = [pytest.mark.google_sql, pytest.mark.timeout(600)]

MORE = settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
"""An example is a whole table of values: some sixty of them a question, since asking is what takes time."""

INT64 = 2**63
WHOLE = st.one_of(
    st.none(),
    st.integers(-3, 130),
    st.sampled_from([0, 1, 44, 50, 100, 999, 1000, 4200, 4201, 14399, 14400, 15149, 15150, 15900, 2**31, 2**53]),
    st.integers(-INT64, INT64 - 1),
)
CLOCKS = st.one_of(
    st.sampled_from(["00:00", "0", "30:60", "32:61", "70:00", "70:01", "999:59", "1000:00", "-5", "12:5", " 7:05 "]),
    st.from_regex(r"\A[0-9]{1,4}(:[0-9]{1,3})?\Z"),
)
ODD_NAMES = [
    "Luka Dončić",
    "Nikola Đurišić",
    "Ægir Øst ß Þór",
    "İlkan KARAMAN",
    "ılgauskas",
    "D’Angelo",
    "ﬁnn",
    "Ǆ",
    "ẞ",
    "ａ１",
]
NAMES = st.sampled_from(ODD_NAMES) | st.text(
    # Letters that Unicode has not assigned to anything yet have a case on one engine and none on the other.
    st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cn"]),
    max_size=12,
)
BLANKS = st.sampled_from(["", " ", "\t", "\n x \r\n", "\u00a0x\u00a0", "\u2003", "\u3000x", "\u200bx", "\x0b", "\x1f"])
CODES = st.sampled_from(["GS", "ny ", " PHO", "utah", "BRK", "PHX", "xyz", "No"])
TEXT = st.one_of(st.none(), CLOCKS, NAMES, BLANKS, CODES)
OF_TYPE: dict[str, SearchStrategy[Any]] = {
    "INT64": WHOLE,
    "STRING": TEXT,
    "BOOL": st.none() | st.booleans(),
    "DATE": st.none() | st.dates(date(1990, 1, 1), date(2060, 12, 31)),
    "TIMESTAMP": st.none() | st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)),
    "FLOAT64": st.none() | st.integers(-1_800_000, 1_800_000).map(lambda degrees: degrees / 10_000),
    "NUMERIC": st.none() | st.decimals(-(10**6), 10**6, places=2),
}


# --- Functions --------------------------------------------------------------------------------------------------------

FUNCTIONS = [path.removeprefix("functions/") for path in sql_files() if path.startswith("functions/")]


def arguments_of(function: str) -> dict[str, str]:
    """The arguments a function declares, and their types."""
    declared = parse(sql_text(f"functions/{function}")).this.expressions
    return {argument.name: argument.args["kind"].sql("bigquery") for argument in declared}


def columns_of(function: str, argument: str) -> dict[str, str]:
    """The columns that a function reads of an argument of ANY TYPE, which is a row, and the types they have here."""
    read = sorted(set(re.findall(rf"\b{argument}\.(\w+)", sql_text(f"functions/{function}"))))
    return {column: _ROW_TYPES.get(column, "INT64") for column in read}


_ROW_TYPES = {"has_contradictory_rows": "BOOL", "impossible_statistic": "STRING", "minutes": "STRING"}


@pytest.mark.parametrize("function", FUNCTIONS)
@MORE
@given(data=st.data())
def test_a_function(function, data):
    arguments = arguments_of(function)
    of_rows = {name: columns_of(function, name) for name, kind in arguments.items() if kind == "ANY TYPE"}
    types = {name: kind for name, kind in arguments.items() if name not in of_rows} | {
        f"{name}_{column}": kind for name, columns in of_rows.items() for column, kind in columns.items()
    }
    rows = data.draw(
        st.lists(st.fixed_dictionaries({n: OF_TYPE[t] for n, t in types.items()}), min_size=1, max_size=60)
    )
    numbered = [{"position": position, **row} for position, row in enumerate(rows)]
    joined = [
        f"""INNER JOIN (
          SELECT position, {", ".join(f"{name}_{column} AS {column}" for column in columns)} FROM nba_staging.arguments
        ) AS {name} ON {name}.position = given.position"""
        for name, columns in of_rows.items()
    ]
    sql = prepared(
        f"SELECT given.position, {function}({', '.join(arguments)}) AS answer FROM nba_staging.arguments AS given "
        + " ".join(joined)
    )
    columns = {"position": "INT64", **types}
    parameters = {name: value for name, value in Thresholds().parameters().items() if f"@{name}" in sql}
    google, by_duckdb = by_google(sql, columns, numbered, parameters), in_duckdb(sql, columns, numbered, parameters)
    if google is not None and by_duckdb is not None:
        require_equal(sql, by_duckdb, google)
        return
    # An engine may or may not compute a figure that it does not need, so only one may notice that it overflows: but
    # neither answers wrongly, and nothing that box_score_count lets through is near.
    for row in numbered:
        answers = by_google(sql, columns, [row], parameters), in_duckdb(sql, columns, [row], parameters)
        if None in answers:
            assert (
                max(abs(row[name]) for name, kind in types.items() if kind == "INT64" and row[name] is not None) > 2**31
            )
        else:
            require_equal(sql, answers[1], answers[0])


def by_google(sql: str, columns: dict[str, str], rows: list[Row], parameters: dict[str, float]) -> list[Row] | None:
    """The answers; None where a figure overflows."""
    schema = {name: type_of(kind) for name, kind in columns.items()}
    kinds = dict.fromkeys(parameters, "FLOAT64")
    try:
        return evaluate(sql, {"nba_staging.arguments": (schema, rows)}, kinds, parameters).rows
    except GoogleSqlError as error:
        assert "overflow" in str(error), error
        return None


def in_duckdb(sql: str, columns: dict[str, str], rows: list[Row], parameters: dict[str, float]) -> list[Row] | None:
    """The answers; None where a figure overflows."""
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA nba_staging")
        declared = ", ".join(f"{name} {duckdb_type(kind)}" for name, kind in columns.items())
        connection.execute(f"CREATE TABLE nba_staging.arguments ({declared})")
        marks = ", ".join("?" for _ in columns)
        connection.executemany(
            f"INSERT INTO nba_staging.arguments VALUES ({marks})", [[row[name] for name in columns] for row in rows]
        )
        try:
            cursor = connection.execute(duckdb_sql(sql), parameters or None)
        except duckdb.OutOfRangeException:
            return None
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


DECIMALS = sorted({c.type for t in published_tables() for c in t.contract.columns if c.type.startswith("NUMERIC")})
FIGURES = st.none() | st.floats() | st.floats(-12_000, 12_000) | st.integers(-(10**7), 10**7).map(lambda n: n / 1000)


@pytest.mark.parametrize("kind", DECIMALS)
@MORE
@given(figures=st.lists(FIGURES, min_size=1, max_size=60))
@example(figures=[9999.995, 9999.994999, -9999.95, 99.9995, 0.0449999, float("nan"), float("-inf"), 1e300])
def test_a_figure_as_its_column_keeps_it(kind, figures):
    sql = f"SELECT position, {Column('figure', kind, False, '').fitted('figure')} AS kept FROM nba_staging.arguments"
    rows = [{"position": position, "figure": figure} for position, figure in enumerate(figures)]
    columns = {"position": "INT64", "figure": "FLOAT64"}
    google, by_duckdb = by_google(prepared(sql), columns, rows, {}), in_duckdb(prepared(sql), columns, rows, {})
    assert google is not None and by_duckdb is not None, "no figure is an error"
    require_equal(sql, by_duckdb, google)


# --- Everything computed from raw rows --------------------------------------------------------------------------------

# A table of rows is more than hypothesis can draw; a seeded choice among values with an edge does.
# Left out are control characters, Unicode's line separators and whole numbers beyond 2**53, which the engines write
# differently in JSON: fingerprints are never compared across engines, and agreement would cost every row time.
EDGES: dict[str, list[Any]] = {
    "INT64": [0, 0, 1, 5, 44, 99, 130, 999, 1000, -1, 2**31, -(2**31), 2**53],
    "STRING": [
        *(
            "",
            " ",
            "\t",
            "\n x \r\n",
            "\u00a0x\u00a0",
            "\u3000",
            "0",
            "00:00",
            "12:30",
            "30:60",
            "70:00",
            "70:01",
            "-5",
            "x",
        ),
        *(
            "Luka Dončić",
            "Ægir Øst ß Þór",
            "İlkan KARAMAN",
            "D’Angelo, Jr.",
            "active",
            "DNP",
            " Inactive",
            "GS",
            "pho ",
        ),
        *("DND - Injury/Illness", "NWT - REST", "Final", " final ", "Postponed", "FanDuel", "20260203_MIA_DAL"),
    ],
    "BOOL": [True, False],
    "FLOAT64": [0.0, 0.5, 20.5, 25.25, 26.0, 0.005, 998.995, 1000.0, -3.5],
}
KEPT = ("game_date", "season_year", "processed_at", "game_status")
"""Columns left as they are, so that most rows still belong to a game."""
GAMES = night(2)
SEEDS = [pytest.param(seed, marks=pytest.mark.long) for seed in (1, 2, 3)]


@pytest.fixture
def paired(warehouse: DuckDBWarehouse) -> PairedWarehouse:
    return side_by_side(warehouse)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_night_with_bent_raw_rows(paired, seed):
    """Views, selects and checks over a night in which four dozen raw values are something else."""
    chance, rows, contracts = Random(seed), raw_rows(GAMES), raw_contracts()
    for _ in range(48):
        table = chance.choice([name for name, of_table in rows.items() if of_table])
        column = chance.choice([c for c in contracts[table].columns if c.type in EDGES and c.name not in KEPT])
        chance.choice(rows[table])[column.name] = edge(chance, column)
    story.load(paired, rows)
    publish(paired, Request(DAY, DAY), thresholds=story.WARN_OF_EVERYTHING)
    assert paired.rows_compared > 50


EXPECTED = {"duplicates", "plausible_ranges", "box_score_arithmetic"}


@pytest.mark.parametrize("name", TABLE_NAMES)
def test_checks_on_published_rows_of_any_kind(paired, name):
    """Every rule finds the same offenders, in the same words, among rows that no publication would write."""
    table, chance = published_table(name), Random(name)
    story.load(paired, raw_rows(GAMES))
    rows = [{column.name: published_value(chance, column) for column in table.contract.columns} for _ in range(150)]
    with paired.session() as session:
        survey(session, DAY, DAY)
        session.append(table.contract, rows)
        findings = audits.find(session, table, None, DAY, DAY, story.WARN_OF_EVERYTHING)
    assert {finding.rule for finding in findings} >= EXPECTED & set(table.rules)


def edge(chance: Random, column: Column) -> Any:
    """A value with an edge; NULL now and then where the column allows it."""
    return None if not column.required and chance.random() < 0.2 else chance.choice(EDGES[column.type])


def published_value(chance: Random, column: Column) -> Any:
    """A value that the column's type can hold."""
    game = chance.choice(GAMES)
    if column.name in ("game_date", "cache_date"):
        return DAY
    if column.name == "game_id":
        return game.game_id
    if column.name.endswith("team_abbr"):
        return chance.choice([game.home, game.away, "XYZ", "ß"])
    if column.type.startswith("NUMERIC"):
        digits, decimals = map(int, column.type.removeprefix("NUMERIC(").removesuffix(")").split(","))
        limit = 10**digits - 1
        units = chance.choice([0, 5, -5, 10**decimals, limit, -limit, chance.randint(0, limit)])
        is_missing = not column.required and chance.random() < 0.2
        return None if is_missing else units / 10**decimals
    if column.type == "ARRAY<STRING>":
        return chance.sample(
            ["team_rebuilt", "unreadable_minutes=x", "impossible_statistic", "key_of_two=ß and '"], chance.randint(0, 2)
        )
    return edge(chance, column) if column.type in EDGES else None
