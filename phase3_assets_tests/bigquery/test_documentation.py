"""What the pages tell people to run on BigQuery does what it says."""

import re
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from phase3_assets.clock import utc_now
from phase3_assets.warehouse.duckdb.dialect import duckdb_sql
from phase3_assets_tests.bigquery.google_sql import analyze
from phase3_assets_tests.bigquery.statements import known_tables
from phase3_assets_tests.support.games import DAY

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "bigquery.md").read_text(encoding="utf-8")
COMPARED = "nba_analytics_next.player_game_summary"
JOBS = "`region-us`.INFORMATION_SCHEMA.JOBS_BY_PROJECT"


def block_with(text):
    """The one block of SQL on the page that has the text."""
    [found] = [block for block in re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL) if text in block]
    return found


@pytest.mark.google_sql
@pytest.mark.long
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


def ready_dates():
    """The one statement of docs/downstream.md."""
    [found] = re.findall(r"```sql\n(.*?)```", (DOCS / "downstream.md").read_text(encoding="utf-8"), re.DOTALL)
    return found


@pytest.mark.google_sql
def test_the_statement_for_dates_that_are_ready_is_right():
    analyze(ready_dates(), known_tables(), {})


def test_the_statement_for_dates_that_are_ready_runs_as_it_stands_on_duckdb(world):
    """Beside the published date of three games: one with two complete, and one without games."""
    for back, complete, scheduled in ((1, 2, 3), (2, 0, 0)):
        world.tamper(
            f"INSERT INTO nba_phase3.phase3_completion SELECT * REPLACE (game_date - {back} AS game_date, "
            f"{complete} AS games_complete, {scheduled} AS games_scheduled) FROM nba_phase3.phase3_completion "
            f"WHERE game_date = DATE '{DAY}'"
        )
    query = ready_dates().replace("2025-11-01", str(DAY - timedelta(days=9))).replace("2025-11-30", str(DAY))
    with duckdb.connect(str(world.warehouse.path), read_only=True) as connection:
        assert [row[0] for row in connection.execute(query).fetchall()] == [DAY - timedelta(days=2), DAY]
