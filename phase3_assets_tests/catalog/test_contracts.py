"""Contracts, tables and texts under sql/ agree with each other."""

import re
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import duckdb
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from phase3_assets.catalog.contracts import SQL_FOLDER, Column, Contract, raw_contracts
from phase3_assets.catalog.queries import (
    prepared,
    spans_season,
    sql_text,
    tables_read,
    view_names,
    views_in_order,
    views_read,
)
from phase3_assets.catalog.table_names import COMMENT, TABLE_NAMES
from phase3_assets.catalog.tables import all_contracts, published_table, published_tables
from phase3_assets.demo.before_tip_off import rows_before
from phase3_assets.demo.season import simulate_season
from phase3_assets.publishing.survey import survey
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.duckdb.dialect import duckdb_sql, duckdb_type

_OF_EVENTS = "nba_raw.bigdataball_play_by_play"
TEXTS = [
    *(f"views/{name}" for name in view_names()),
    *(f"tables/{name}/select" for name in TABLE_NAMES),
    *(str(path.relative_to(SQL_FOLDER))[:-4] for path in sorted(SQL_FOLDER.glob("tables/*/checks/*.sql"))),
    "readiness/select",
]


@pytest.mark.parametrize("table", published_tables(), ids=lambda table: table.name)
def test_a_published_table_has_a_complete_contract(table):
    contract = table.contract
    of_its_own = {"player_daily_cache": ("nba_precompute", "cache_date")}
    assert (contract.dataset, contract.partition) == of_its_own.get(contract.name, ("nba_analytics", "game_date"))
    assert contract.key and contract.cluster
    for column in contract.columns:
        assert column.description, f"{column.name} says nothing"
    for name in contract.key:
        assert contract.column(name).required


@pytest.mark.parametrize("text", TEXTS)
def test_every_raw_table_is_read_between_the_dates_of_the_range(text):
    """A scan without a constant predicate on the partition column would read, and bill, everything."""
    sql = sql_text(text)
    scans = len(re.findall(r"\b(?:FROM|JOIN) nba_\w+\.", sql))
    first = r"(?:@(?:season_)?start_date|DATE_SUB\(@start_date, INTERVAL \d+ DAY\))"
    last = r"(?:@(?:season_)?end_date|DATE_ADD\(@end_date, INTERVAL \d+ DAY\))"
    predicates = len(re.findall(rf"\w+_date BETWEEN {first} AND {last}", sql))
    assert predicates >= scans


@pytest.mark.parametrize("text", TEXTS)
def test_every_text_reads_only_tables_that_exist(text):
    known = {c.full_name for c in [*raw_contracts().values(), *all_contracts()]}
    known |= {f"earlier.{table.name}" for table in published_tables()}
    assert set(tables_read(sql_text(text))) <= known


@pytest.mark.parametrize("text", TEXTS)
def test_every_parameter_is_one_that_somebody_passes(text):
    passed = {
        "start_date",
        "end_date",
        "season_start_date",
        "season_end_date",
        *Thresholds().parameters(),
        "table_name",
    }
    assert set(re.findall(r"@(\w+)", sql_text(text))) <= passed


@pytest.mark.parametrize("text", TEXTS)
def test_no_function_call_is_left_after_preparing(text):
    functions = [path.stem for path in (SQL_FOLDER / "functions").glob("*.sql")]
    assert not re.search(rf"\b(?:{'|'.join(functions)})\(", prepared(sql_text(text)))


def test_views_are_ordered_by_what_they_read():
    order = views_in_order()
    assert set(order) == set(view_names())
    for name in order:
        for dependency in views_read(sql_text(f"views/{name}")):
            assert order.index(dependency) < order.index(name)


def test_dependencies_come_from_what_the_sql_reads():
    assert published_table("player_game_summary").upstream == ("team_offense_game_summary",)
    assert published_table("team_defense_game_summary").upstream == ("team_offense_game_summary",)
    assert "odds_api_player_points_props" in published_table("player_game_summary").raw_tables
    assert "nbac_schedule" in published_table("team_offense_game_summary").raw_tables


def test_a_comment_is_no_code():
    text = "SELECT\n  a,\n  b\nFROM t"
    commented = "-- What it is.\nSELECT\n  a,  -- why\n  -- More.\n  -- And more.\n  b\nFROM t"
    assert COMMENT.sub("", commented) == text


def test_code_version_changes_with_a_formula(monkeypatch):
    from phase3_assets.catalog import tables
    from phase3_assets.catalog.tables import PublishedTable

    before = PublishedTable("player_game_summary").code_version
    original = tables.sql_text
    monkeypatch.setattr(tables, "sql_text", lambda name: original(name) + (" " if name == "functions/ts_pct" else ""))
    assert PublishedTable("player_game_summary").code_version != before
    assert (
        PublishedTable("team_defense_game_summary").code_version
        == published_table("team_defense_game_summary").code_version
    )


HASHED = Contract(
    "nba_analytics",
    "hashed",
    (
        Column("a", "STRING", False, "any text"),
        Column("b", "STRING", False, "any text"),
        Column("c", "INT64", False, "a number"),
        Column("d", "NUMERIC(6,2)", False, "a decimal"),
        Column("e", "ARRAY<STRING>", False, "texts"),
    ),
    ("a",),
    "c",
    (),
    "",
)
TYPES = sorted({column.type for column in HASHED.columns})
TEXT = st.none() | st.text(alphabet='ab=,"\\[] null', max_size=8) | st.text(max_size=3)
VALUES = st.fixed_dictionaries(
    {
        "a": TEXT,
        "b": TEXT,
        "c": st.none() | st.integers(-3, 3),
        "d": st.none() | st.decimals(-9, 9, places=2),
        "e": st.none() | st.lists(TEXT.filter(lambda text: text is not None), max_size=2),
    }
)


NOTHING = dict.fromkeys(HASHED.column_names)
ENGINE = duckdb.connect()


def hash_of(row: dict[str, object], columns: tuple[Column, ...]) -> str:
    values = ", ".join(f"CAST(${column.name} AS {duckdb_type(column.type)}) AS {column.name}" for column in columns)
    hashed = duckdb_sql(prepared(f"SELECT {replace(HASHED, columns=columns).row_hash('every')} AS h"))
    given_values = {column.name: row.get(column.name) for column in columns}
    return str(ENGINE.execute(f"{hashed} FROM (SELECT {values}) AS every", given_values).fetchall()[0][0])


@settings(deadline=None)
@given(VALUES, VALUES)
@example({**NOTHING, "a": "x", "b": "y"}, {**NOTHING, "a": "x,b=y"})
@example({**NOTHING, "a": ""}, NOTHING)
@example({**NOTHING, "c": 0}, NOTHING)
@example({**NOTHING, "e": ["a", "b"]}, {**NOTHING, "e": ["a,b"]})
def test_rows_that_differ_have_another_hash(one, other):
    assume({**one, "e": one["e"] or None} != {**other, "e": other["e"] or None})
    assert hash_of(one, HASHED.columns) != hash_of(other, HASHED.columns)


@settings(deadline=None, max_examples=25)
@given(VALUES, st.permutations(HASHED.columns), st.sampled_from(TYPES))
def test_a_row_keeps_its_hash_when_the_table_is_given_another_column(row, order, its_type):
    added = Column("added", its_type, False, "came later")
    assert hash_of(row, (added, *order)) == hash_of(row, HASHED.columns)


FIGURES = st.none() | st.floats() | st.floats(-12_000, 12_000) | st.integers(-(10**7), 10**7).map(lambda n: n / 1000)


@pytest.mark.parametrize(
    "kind", ["NUMERIC(6,2)", "NUMERIC(5,1)", "NUMERIC(5,3)", "NUMERIC(4,4)", "NUMERIC(12,3)", "NUMERIC(13,3)"]
)
@settings(deadline=None, max_examples=60, derandomize=True)
@given(figure=FIGURES)
@example(figure=9999.995)
@example(figure=999_999_999.75)
@example(figure=1_000_000_000.0)
@example(figure=9999.994999)
@example(figure=-9999.95)
@example(figure=0.0449999)
@example(figure=float("nan"))
@example(figure=float("inf"))
def test_a_figure_is_rounded_to_its_column_and_null_where_it_does_not_fit(kind, figure):
    digits, decimals = map(int, kind.removeprefix("NUMERIC(").removesuffix(")").split(","))
    expected = None
    if figure is not None and abs(figure) < 10**digits:
        # To nine decimals first, as NUMERIC has them.
        nine = Decimal(figure).quantize(Decimal("1e-9"), ROUND_HALF_UP)
        rounded = nine.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
        expected = rounded if abs(rounded) < 10 ** (digits - decimals) else None
    sql = f"SELECT {Column('figure', kind, False, '').fitted('figure')} FROM (SELECT @figure AS figure) AS computed"
    [(found,)] = ENGINE.execute(duckdb_sql(prepared(sql)), {"figure": figure}).fetchall()
    assert found == expected


@pytest.mark.parametrize("kind", TYPES)
def test_a_value_of_the_columns_type_is_kept_as_it_is(kind):
    value = {"STRING": "a", "INT64": 7, "NUMERIC(6,2)": Decimal("9999.99"), "ARRAY<STRING>": ["a", "b"]}[kind]
    sql = f"SELECT {Column('x', kind, False, '').fitted('x')} FROM (SELECT @x AS x) AS computed"
    assert ENGINE.execute(duckdb_sql(prepared(sql)), {"x": value}).fetchall() == [(value,)]


def test_a_view_that_does_not_span_the_season_has_rows_of_the_range_alone(make_world):
    """What a table may read without a look-back: its fingerprints are of such rows."""
    world = make_world(simulate_season(5, date(2026, 1, 10), 6))
    before = rows_before(world.games, world.games[-1].tip_off)
    world.rows |= {name: before[name] for name in ("odds_api_game_lines", "nbac_injury_report")}
    world.load()
    day = date(2026, 1, 12)
    with world.warehouse.session(read_only=True) as session:
        survey(session, day, day)
        for view in view_names():
            if tables_read(sql_text(f"views/{view}")) and not spans_season(view):
                rows = session.query(f"SELECT DISTINCT game_date FROM nba_staging.{view}")
                # The simulated games have no play-by-play (sql/test_play_by_play.py publishes some that have).
                expected = set() if _OF_EVENTS in tables_read(sql_text(f"views/{view}")) else {day}
                assert {row["game_date"] for row in rows} == expected, view
    assert {"season_games", "season_team_games", "schedule_rows"} <= {v for v in view_names() if spans_season(v)}
