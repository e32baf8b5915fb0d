"""What docs/bigquery.md tells people to run does what it says."""

import re
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from phase3_assets.clock import utc_now
from phase3_assets.warehouse.duckdb.dialect import duckdb_sql
from phase3_assets_tests.bigquery.google_sql import analyze
from phase3_assets_tests.bigquery.statements import known_tables

PAGE = (Path(__file__).parents[2] / "docs" / "bigquery.md").read_text(encoding="utf-8")
COMPARED = "nba_analytics_next.player_game_summary"
JOBS = "`region-us`.INFORMATION_SCHEMA.JOBS_BY_PROJECT"


def block_with(text):
    """The one block of SQL on the page that has the text."""
    [found] = [block for block in re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL) if text in block]
    return found


@pytest.mark.google_sql
def test_the_comparison_before_a_cut_over_is_right():
    ours = known_tables()["nba_analytics.player_game_summary"]
    analyze(block_with(COMPARED), {**known_tables(), COMPARED: ours}, {})


def test_the_cost_query_counts_a_script_and_its_statements_once():
    query = block_with(JOBS)
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE jobs (parent_job_id VARCHAR, creation_time TIMESTAMPTZ, total_bytes_billed BIGINT, "
            "total_slot_ms BIGINT, labels STRUCT(key VARCHAR, value VARCHAR)[])"
        )
        labels, now = [{"key": "owner", "value": "phase3"}, {"key": "run", "value": "nightly"}], utc_now()
        for parent, billed, moment in [
            (None, 30, now),
            ("script", 10, now),
            ("script", 20, now),
            (None, 5, now),
            (None, 1000, now - timedelta(days=2)),
        ]:
            connection.execute("INSERT INTO jobs VALUES (?, ?, ?, 500, ?)", [parent, moment, billed, labels])
        of_a_table = query.replace(
            f"{JOBS}, UNNEST(labels) AS label", "(SELECT *, UNNEST(labels) AS label FROM jobs) AS t"
        )
        assert of_a_table != query
        assert connection.execute(duckdb_sql(of_a_table)).fetchall() == [("nightly", 2, 35, 1.0)]
