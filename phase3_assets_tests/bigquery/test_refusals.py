"""No statement that is sent is one that BigQuery refuses although our other proofs accept it, or beyond its limits."""

import json
import re

import pytest

from phase3_assets.catalog.parser import parse
from phase3_assets.demo.season import raw_rows
from phase3_assets.publishing.interventions import unwaive, waive
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.warehouse.bigquery.warehouse import BigQueryWarehouse
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets.warehouse.schema import initialise
from phase3_assets_tests.bigquery import refusals as limits
from phase3_assets_tests.bigquery import story
from phase3_assets_tests.bigquery.emulator import statements
from phase3_assets_tests.bigquery.loopback import loopback, settings_for
from phase3_assets_tests.bigquery.partitions import unpruned
from phase3_assets_tests.bigquery.refusals import RULES, refusals
from phase3_assets_tests.bigquery.statements import generated_statements, named_statements
from phase3_assets_tests.support.games import DAY

REFUSED = [
    ("parameterized_type", "SELECT SAFE_CAST(x AS NUMERIC(6,2)) AS x FROM d.a"),
    ("parameterized_type", "SELECT CAST(x AS ARRAY<STRING(3)>) AS x FROM d.a"),
    ("outer_join", "SELECT a.n FROM d.a AS a LEFT JOIN d.b AS b ON a.n < b.n"),
    ("outer_join", "SELECT a.n FROM d.a AS a FULL JOIN d.b AS b ON a.n = b.n OR a.s = b.s"),
    ("outer_join", "SELECT a.n FROM d.a AS a LEFT JOIN d.b AS b ON b.n = 3"),
    ("subquery_in_a_join", "SELECT a.n FROM d.a AS a JOIN d.b AS b ON a.n = b.n AND a.s IN (SELECT s FROM d.c)"),
    (
        "subquery_in_a_merge",
        "MERGE d.a AS t USING d.b AS s ON FALSE WHEN NOT MATCHED BY SOURCE AND t.n IN (SELECT n FROM d.c) THEN DELETE",
    ),
    ("correlation", "SELECT (SELECT MAX(b.n) FROM d.b AS b WHERE b.n < a.n) AS m FROM d.a AS a"),
    ("correlation", "SELECT (SELECT b.n FROM d.b AS b WHERE b.s = a.s LIMIT 1) AS m FROM d.a AS a"),
    ("correlation", "SELECT (SELECT MAX(b.n + a.n) FROM d.b AS b WHERE b.s = a.s) AS m FROM d.a AS a"),
    ("correlation", "DELETE FROM d.a AS a WHERE EXISTS (SELECT 1 FROM d.b AS b WHERE b.n > a.n)"),
    (
        "correlation",
        "SELECT (SELECT MAX(x) FROM (SELECT ROW_NUMBER() OVER (ORDER BY b.s) AS x FROM d.b AS b WHERE b.n = a.n)) AS m "
        "FROM d.a AS a",
    ),
    ("window_function", "SELECT PERCENTILE_CONT(n, 0.5) AS m FROM d.a"),
    ("table_that", "CREATE TABLE d.t (l ARRAY<STRING> NOT NULL)"),
    ("table_that", "CREATE TABLE d.t (_partition_day DATE)"),
    ("table_that", "CREATE TABLE d.t (a INT64, b INT64) CLUSTER BY a, b, c, d, e"),
    ("table_that", f"CREATE TABLE d.t (a INT64 OPTIONS(description='{'x' * 1025}'))"),
    ("table_that", "ALTER TABLE d.t ADD COLUMN a INT64 NOT NULL"),
]
TAKEN = [
    "CREATE TABLE d.t (n NUMERIC(6,2) NOT NULL)",
    "ALTER TABLE d.t ADD COLUMN n NUMERIC(6,2)",
    "SELECT a.n FROM d.a AS a LEFT JOIN d.b AS b ON b.n = a.n AND b.s < a.s",
    "SELECT a.n FROM d.a AS a LEFT JOIN UNNEST(a.l) AS l ON TRUE",
    "SELECT a.n FROM d.a AS a JOIN d.b AS b ON a.n < b.n AND a.s IN (SELECT s FROM UNNEST(@s) AS s)",
    "SELECT a.n FROM d.a AS a WHERE NOT EXISTS (SELECT 1 FROM d.b AS b WHERE b.n = a.n AND b.s < a.s)",
    "SELECT a.n FROM d.a AS a WHERE EXISTS (SELECT 1 FROM UNNEST(a.l) AS l WHERE l > a.s)",
    "SELECT a.n FROM d.a AS a WHERE a.n IN (SELECT MAX(n) FROM d.b)",
    "SELECT a.n FROM d.a AS a WHERE EXISTS (SELECT 1 FROM (SELECT n FROM d.b QUALIFY ROW_NUMBER() OVER (ORDER BY s) = 1"
    ") AS b WHERE b.n = a.n)",
    "SELECT PERCENTILE_CONT(n, 0.5) OVER (PARTITION BY s) AS m FROM d.a",
]


@pytest.mark.parametrize(("rule", "sql"), REFUSED)
def test_what_bigquery_refuses_is_found(rule, sql):
    assert [found.partition(":")[0].startswith(rule) for found in refusals(parse(sql))] == [True]


@pytest.mark.parametrize("sql", TAKEN)
def test_what_bigquery_takes_is_not(sql):
    assert refusals(parse(sql)) == []


def test_every_rule_is_shown_to_find_something():
    assert {rule for rule in RULES for name, _ in REFUSED if rule.__name__.startswith(name)} == set(RULES)


@pytest.mark.long
def test_no_text_of_the_project_is_refused():
    # Of a function for a console, the SELECT: sqlglot does not parse what is around it.
    texts = {one.name: one.sql for one in [*named_statements(), *generated_statements()]}
    texts = {name: sql.split("\nAS\n", 1)[-1] if "TABLE FUNCTION" in sql else sql for name, sql in texts.items()}
    found = {name: refusals(parse(sql)) for name, sql in texts.items()}
    assert len(found) > 150
    assert {name: places for name, places in found.items() if places} == {}


# --- What is really sent ----------------------------------------------------------------------------------------------


STAGED_BY = re.compile(r"(?<=\w)__[0-9a-f]{12}\b")
"""The end of a staged relation's name, which says whose session it is of."""


@pytest.fixture(scope="module")
def jobs(tmp_path_factory, _initialised_file):
    """Every job that Google's client sends while the project does everything it can."""
    path = tmp_path_factory.mktemp("sent") / "warehouse.duckdb"
    path.write_bytes(_initialised_file)
    story.load(DuckDBWarehouse(path), raw_rows(story.GAMES))
    with loopback(path) as server:
        warehouse = BigQueryWarehouse(settings_for(server.address), wait_seconds=2)
        initialise(warehouse)

        def change_by_hand(table, game_id):
            server.connection.execute(f"UPDATE {table} SET assists = 77 WHERE game_id = '{game_id}'")

        story.tell(warehouse, change_by_hand, is_loaded=True)
        # What the story has no place for: giving a game up, taking that back, and a repair.
        game = server.connection.execute("SELECT game_id FROM nba_phase3.game_readiness LIMIT 1").fetchone()[0]
        server.connection.execute("DELETE FROM nba_raw.nbac_team_boxscore; DELETE FROM nba_phase3.publications")
        waive(warehouse, game, "why", "r")
        unwaive(warehouse, game, "why", "r")
        publish(warehouse, Request(DAY, DAY, repair=True))
    return server.started()


def sent_statements(jobs):
    """Every statement but functions for a console: sqlglot does not parse those, and their dates are arguments.

    Statements that differ only in the session whose staging they name are one.
    """
    sent = {STAGED_BY.sub("", statement) for job in jobs for statement in statements(job.sql)}
    return {statement for statement in sent if "TABLE FUNCTION" not in statement}


@pytest.mark.slow
@pytest.mark.long
def test_no_statement_that_is_sent_is_refused(jobs):
    sent = sent_statements(jobs)
    assert len(sent) > 80
    found = {sql: refusals(parse(sql)) for sql in sent}
    assert {sql: places for sql, places in found.items() if places} == {}


@pytest.mark.slow
@pytest.mark.long
def test_every_statement_that_is_sent_says_which_partitions_it_wants(jobs):
    sent = {sql for sql in sent_statements(jobs) if "_as_of(" not in sql}
    found = {sql: unpruned(sql) for sql in sent}
    assert {sql: places for sql, places in found.items() if places} == {}


@pytest.mark.slow
@pytest.mark.long
def test_every_job_is_far_within_the_limits_of_one(jobs):
    query = [job.body["configuration"]["query"] for job in jobs]
    assert max(len(one["query"].encode()) for one in query) < limits.LARGEST_TEXT / 2
    assert max(len(one.get("queryParameters", [])) for one in query) < limits.MOST_PARAMETERS / 10
    assert max(len(json.dumps(job.body).encode()) for job in jobs) < limits.LARGEST_REQUEST / 4
