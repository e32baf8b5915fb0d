"""Every statement says, with constants, which partitions it wants of every partitioned table it reads or changes.

Of the statements that are really sent test_refusals.py says so, which has them.
"""

import pytest

from phase3_assets.catalog.contracts import raw_contracts
from phase3_assets.catalog.queries import STAGING_DATASET, sql_text, views_in_order
from phase3_assets.catalog.tables import published_tables
from phase3_assets.warehouse.bigquery.names import readdressed
from phase3_assets.warehouse.bigquery.statements import create_table
from phase3_assets_tests.bigquery.every_statement import every_statement
from phase3_assets_tests.bigquery.partitions import unpruned

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT COUNT(*) FROM nba_raw.nbac_schedule",
        "SELECT * FROM nba_raw.nbac_schedule WHERE game_date BETWEEN @start_date AND @end_date OR game_id = @g",
        "SELECT * FROM nba_raw.nbac_schedule WHERE game_date = (SELECT MAX(game_date) FROM nba_staging.x)",
        "SELECT * FROM nba_raw.nbac_schedule AS a JOIN nba_raw.nbac_team_boxscore AS b ON b.game_date = a.game_date "
        "WHERE b.game_date = @day",
        "SELECT * FROM nba_raw.nbac_schedule WHERE game_date >= DATE_SUB(processed_at, INTERVAL 1 DAY)",
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
    # The dates of a function for a console are its arguments: whoever calls it gives them.
    texts = {g.name: g.sql for g in every_statement() if "TABLE FUNCTION" not in g.sql}
    assert {name: unpruned(sql) for name, sql in texts.items() if unpruned(sql)} == {}


@pytest.mark.parametrize("view", views_in_order())
def test_views(view):
    assert unpruned(sql_text(f"views/{view}")) == []


def test_staging_tables_are_a_sessions_own():
    datasets = tuple((name, name) for name in ("nba_raw", "nba_analytics", "nba_phase3", STAGING_DATASET))
    text = "SELECT 'nba_staging.a', a.b FROM nba_staging.a AS a JOIN nba_raw.a AS c ON TRUE -- nba_staging.a"
    said = readdressed(text, datasets, "s1")
    assert (
        said == "SELECT 'nba_staging.a', a.b FROM nba_staging.a__s1 AS a JOIN nba_raw.a AS c ON TRUE -- nba_staging.a"
    )
