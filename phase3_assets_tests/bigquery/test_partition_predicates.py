"""Every statement says, with constants, which partitions it wants of every partitioned table it reads or changes."""

import pytest
from sqlglot import exp

from phase3_assets import rollback
from phase3_assets.bigquery_sql import parse
from phase3_assets.checking import check_published
from phase3_assets.contracts import raw_contracts
from phase3_assets.interventions import release, unwaive, waive
from phase3_assets.outcomes import Request
from phase3_assets.publisher import Publisher
from phase3_assets.publishing import audit, publish
from phase3_assets.queries import STAGING_DATASET, sql_text, views_in_order
from phase3_assets.tables import all_contracts, published_table, published_tables
from phase3_assets.thresholds import Thresholds
from phase3_assets.verifying import verify
from phase3_assets.warehouse.bigquery_names import readdressed
from phase3_assets.warehouse.bigquery_statements import create_table, every_statement
from phase3_assets_tests.bigquery.emulator import statements
from phase3_assets_tests.games import DAY, TABLES

pytestmark = pytest.mark.slow

PARTITIONS = {c.full_name: c.partition for c in [*raw_contracts().values(), *all_contracts()]}
_CONSTANTS = (exp.Parameter, exp.Literal, exp.Null)


def unpruned(sql: str) -> list[str]:
    """The partitioned tables that a statement reads or changes without a constant predicate on their partition."""
    tree = parse(sql)
    found = []
    for table in tree.find_all(exp.Table):
        partition = PARTITIONS.get(f"{table.db}.{table.name}")
        if partition is None or (isinstance(tree, exp.Create) and table is _created(tree)):
            continue
        if not any(_bounds(condition, partition, table) for condition in _conditions(tree, table)):
            found.append(f"{table.db}.{table.name}")
    return found


def _created(tree):
    return tree.this.this if isinstance(tree.this, exp.Schema) else tree.this


def _conditions(tree, table):
    """What must hold of each row of the table that the statement takes up."""
    if isinstance(tree, exp.Alter) or (isinstance(tree, exp.Insert) and table.find_ancestor(exp.Select) is None):
        return [exp.true()]  # adding rows, or columns, reads none
    if isinstance(tree, exp.Merge) and table is tree.this:
        return [when.args["condition"] for when in tree.find_all(exp.When) if when.args.get("source")]
    if isinstance(tree, exp.Delete) and table is tree.this:
        return [tree.args["where"].this]
    where = table.parent_select.args.get("where") if table.parent_select else None
    return [where.this] if where else []


def _bounds(condition, partition, table):
    if condition == exp.true():
        return True
    if isinstance(condition, exp.And):
        return _bounds(condition.left, partition, table) or _bounds(condition.right, partition, table)
    if isinstance(condition, exp.Paren):
        return _bounds(condition.this, partition, table)
    if isinstance(condition, (exp.Between, exp.EQ, exp.GTE)):
        column, *others = list(condition.iter_expressions())
        is_partition = isinstance(column, exp.Column) and column.name == partition
        is_of_table = is_partition and column.table in ("", table.alias_or_name)
        return is_of_table and all(isinstance(other.unnest(), (*_CONSTANTS, exp.Cast)) for other in others)
    return False


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT COUNT(*) FROM nba_raw.nbac_schedule",
        "SELECT * FROM nba_raw.nbac_schedule WHERE game_date BETWEEN @start_date AND @end_date OR game_id = @g",
        "SELECT * FROM nba_raw.nbac_schedule WHERE game_date = (SELECT MAX(game_date) FROM nba_staging.x)",
        "SELECT * FROM nba_raw.nbac_schedule AS a JOIN nba_raw.nbac_team_boxscore AS b ON b.game_date = a.game_date "
        "WHERE b.game_date = @day",
        "DELETE FROM nba_analytics.player_game_summary WHERE game_id = @g",
        "MERGE nba_analytics.player_game_summary AS t USING nba_staging.x AS s ON FALSE "
        "WHEN NOT MATCHED BY SOURCE AND t.game_id IN UNNEST(@g) THEN DELETE",
    ],
)
def test_what_does_not_say_so_is_found(sql):
    assert unpruned(sql) != []


def test_tables_that_grow_refuse_a_query_without_one():
    contracts = [*raw_contracts().values(), *(table.contract for table in published_tables())]
    assert {c.name: "require_partition_filter=TRUE" in create_table(c) for c in contracts} == {
        c.name: True for c in contracts
    }


def test_generated_statements():
    assert {g.name: unpruned(g.sql) for g in every_statement() if unpruned(g.sql)} == {}


@pytest.mark.parametrize("view", views_in_order())
def test_views(view):
    assert unpruned(sql_text(f"views/{view}")) == []


def test_everything_that_a_day_of_work_sends(published_server, connect_to):
    """Publish, correct, check, audit, verify, roll back, release, waive: every job that was really sent."""
    server, warehouse, table = published_server, connect_to(published_server), published_table(TABLES[0])
    server.connection.execute("UPDATE nba_raw.nbac_team_boxscore SET steals = steals + 1")
    publish(warehouse, Request(DAY, DAY))
    check_published(warehouse, DAY, DAY, published_tables(), Thresholds())
    audit(warehouse, Request(DAY, DAY), published_tables(), Thresholds(), staged=True)
    verify(warehouse, DAY, DAY, published_tables())
    first = rollback.history(warehouse, table, DAY)[0]["publication_id"]
    rollback.diff(warehouse, table, DAY)
    rollback.rollback(warehouse, table, DAY, first, [], "why", Thresholds(), "r")
    release(warehouse, TABLES[0], DAY, [], "why", "r")
    game = server.connection.execute("SELECT game_id FROM nba_phase3.game_readiness LIMIT 1").fetchone()[0]
    server.connection.execute("DELETE FROM nba_raw.nbac_team_boxscore; DELETE FROM nba_phase3.publications")
    waive(warehouse, game, "why", "r")
    unwaive(warehouse, game, "why", "r")
    Publisher(warehouse, Thresholds()).recent_dates(table)
    publish(warehouse, Request(DAY, DAY, repair=True))
    sent = {statement for job in server.started() for statement in statements(job.sql)}
    assert len(sent) > 40
    assert {text: unpruned(text) for text in sent if unpruned(text)} == {}


def test_staging_tables_are_a_sessions_own():
    datasets = tuple((name, name) for name in ("nba_raw", "nba_analytics", "nba_phase3", STAGING_DATASET))
    text = "SELECT 'nba_staging.a', a.b FROM nba_staging.a AS a JOIN nba_raw.a AS c ON TRUE -- nba_staging.a"
    said = readdressed(text, datasets, "s1")
    assert (
        said == "SELECT 'nba_staging.a', a.b FROM nba_staging.a__s1 AS a JOIN nba_raw.a AS c ON TRUE -- nba_staging.a"
    )
