"""The translation to DuckDB means what BigQuery means, where the translator alone gets it wrong."""

from datetime import date

import duckdb
import pytest

from phase3_assets.catalog.queries import prepared
from phase3_assets.warehouse.duckdb.dialect import duckdb_sql, from_duckdb_type


def run(sql: str) -> object:
    with duckdb.connect() as connection:
        return connection.execute(duckdb_sql(sql)).fetchone()[0]


def evaluate(expression: str) -> object:
    return run(prepared(f"SELECT {expression} AS answer"))


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("DIV(17 + 3, 2 * 2)", 5),
        ("DIV(DIV(17 + 3, 2 * 2), 3)", 1),
        ("(DIV(1 + 16, 2 * 2))", 4),
        ("DIV(1, DIV(8, 4) + 1)", 0),
        ("DIV(-7, 2)", -3),
        ("player_lookup('Luka Dončić')", "lukadoncic"),
        ("team_code(' pho ')", "PHX"),
        ("team_code('\t\u2028gs\u00a0\r\n')", "GSW"),
        ("team_code('xß')", "Xß"),
        ("TRIM('\u3000a b\t')", "a b"),
        ("number_text(CAST('12.30' AS NUMERIC))", "12.3"),
        ("number_text(CAST('100.00' AS NUMERIC))", "100"),
        ("number_text(CAST('-0.05' AS NUMERIC))", "-0.05"),
        ("ARRAY_TO_STRING(['a', NULL, 'b', ''], ',')", "a,b,"),
        ("ARRAY_TO_STRING([CAST(NULL AS STRING), CAST(NULL AS STRING)], ',')", ""),
        ("LOWER('İA')", "i\u0307a"),
        ("clock_seconds('30:60')", 1860),
        ("clock_seconds('12:5')", None),
        ("FORMAT_TIMESTAMP('%H:%M', TIMESTAMP '2026-02-02 00:30:00+00', CONCAT('America/', 'New_York'))", "19:30"),
        ("CAST(DATETIME(TIMESTAMP '2026-02-02 00:30:00+00', CONCAT('America/', 'Denver')) AS DATE)", date(2026, 2, 1)),
    ],
)
def test_expressions_mean_what_bigquery_means(expression, answer):
    assert evaluate(expression) == answer


def test_countif_over_nulls_is_zero():
    sql = "SELECT COUNTIF(x > 1) AS n FROM (SELECT CAST(NULL AS INT64) AS x) AS t"
    assert run(sql) == 0


def test_a_list_of_texts_leaves_nulls_out_and_is_null_where_nothing_is_left():
    listed = "STRING_AGG(IF(x > {least}, CONCAT('g', CAST(x AS STRING)), NULL), ', ' ORDER BY x DESC)"
    rows = "FROM UNNEST([3, NULL, 1, 2]) AS x"
    assert run(f"SELECT {listed.format(least=1)} {rows}") == "g3, g2"
    assert run(f"SELECT {listed.format(least=9)} {rows}") is None


@pytest.mark.parametrize(
    "bigquery_type", ["STRING", "INT64", "FLOAT64", "BOOL", "DATE", "TIMESTAMP", "NUMERIC(6,2)", "ARRAY<STRING>"]
)
def test_every_contract_type_survives_the_way_to_duckdb_and_back(bigquery_type):
    name = run(f"SELECT TYPEOF(CAST(NULL AS {bigquery_type}))")
    assert from_duckdb_type(name) == bigquery_type
