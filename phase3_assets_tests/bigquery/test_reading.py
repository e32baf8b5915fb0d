"""Reading from BigQuery, by the one switch: through the real client, to the server on loopback.

What belongs here: what only BigQuery can do to a reader. What doesn't: what a reader gets on any warehouse (reading/).
"""

import pyarrow.parquet
import pytest
from click.testing import CliRunner

from phase3_assets import GamesLeftOutWarning, query, read
from phase3_assets.catalog.tables import published_table, published_tables
from phase3_assets.cli import main
from phase3_assets.clock import utc_now
from phase3_assets.errors import ConfigurationError
from phase3_assets.warehouse.arrow import arrow_schema
from phase3_assets.warehouse.bigquery.warehouse import BigQueryWarehouse
from phase3_assets_tests.bigquery.loopback import PROJECT, settings_for
from phase3_assets_tests.support.games import DAY, PLAYERS

BEST = (
    f"SELECT player_lookup, points FROM nba_analytics.{PLAYERS} WHERE game_date = '{DAY}' ORDER BY points DESC LIMIT 3"
)


@pytest.fixture
def bigquery(published_server):
    return BigQueryWarehouse(settings_for(published_server.address), wait_seconds=2)


def there(server, table):
    """The rows of a table, as the server has them."""
    cursor = server.connection.execute(f"SELECT * FROM {published_table(table).contract.full_name}")
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def test_rows_in_the_types_of_the_contract(published_server, bigquery):
    for table in published_tables():
        rows = read(table.name, DAY, engine="arrow", warehouse=bigquery)
        assert rows.schema == arrow_schema(table.contract, table.contract.column_names)
        assert sorted(rows.to_pylist(), key=repr) == sorted(there(published_server, table.name), key=repr)
    assert str(read(PLAYERS, DAY, warehouse=bigquery).dtypes["usage_rate"]) == "Float64"


def test_reading_is_one_job_that_names_its_partitions_and_writes_nothing(published_server, bigquery):
    read(PLAYERS, DAY, columns=["points"], warehouse=bigquery)
    [sent] = published_server.started()
    assert sent.sql.startswith("SELECT")
    assert sent.sql.count("BETWEEN @start_date AND @end_date") == 2
    assert sent.body["configuration"]["query"]["maximumBytesBilled"] == str(10 * 1024**3)
    assert published_server.leases == {}


def test_games_changed_by_hand_are_left_out(published_server, bigquery):
    changed = read(PLAYERS, DAY, warehouse=bigquery)["game_id"].iloc[0]
    published_server.connection.execute(f"UPDATE nba_analytics.{PLAYERS} SET steals = 99 WHERE game_id = '{changed}'")
    with pytest.warns(GamesLeftOutWarning, match=f"{changed} .*changed them by hand"):
        assert read(PLAYERS, DAY, warehouse=bigquery)["game_id"].nunique() == 2


def test_as_of_a_moment(bigquery):
    now = read(PLAYERS, DAY, engine="arrow", warehouse=bigquery)
    assert read(PLAYERS, DAY, engine="arrow", as_of=utc_now(), warehouse=bigquery).equals(now)


def test_a_query_is_asked_about_first(published_server, bigquery):
    rows = query(BEST, engine="arrow", warehouse=bigquery)
    assert rows.num_rows == 3 and rows.column_names == ["player_lookup", "points"]
    asked, run = [sent for sent in published_server.sent if sent.path.endswith("/jobs") and sent.method == "POST"]
    assert asked.body["configuration"]["dryRun"] is True and asked.sql == run.sql
    limits = {sent.body["configuration"]["query"]["maximumBytesBilled"] for sent in (asked, run)}
    assert limits == {str(10 * 1024**3)}
    assert run.body["configuration"]["labels"]["purpose"] == "query"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"DROP TABLE nba_analytics.{PLAYERS}", "DROP"),
        (f"DELETE FROM nba_analytics.{PLAYERS} WHERE TRUE", "DELETE"),
        ("CREATE TABLE nba_analytics.mine AS SELECT 1 AS x", "CREATE_TABLE"),
        ("EXPORT DATA OPTIONS(uri='gs://x/*', format='CSV') AS SELECT 1 AS x", "EXPORT"),
        ("SELECT 1 AS x; SELECT 2 AS x", "SCRIPT"),
    ],
)
def test_nothing_but_a_select_is_run(published_server, bigquery, text, kind):
    before = there(published_server, PLAYERS)
    with pytest.raises(ConfigurationError, match=f"must be exactly one SELECT, and this is {kind}; nothing was run"):
        query(text, warehouse=bigquery)
    assert published_server.started() == []
    assert there(published_server, PLAYERS) == before


def test_what_bigquery_refuses_is_one_sentence(published_server, bigquery):
    published_server.fail("POST .*/jobs$", 400, "invalidQuery", "Unrecognized name: pionts at [1:8]")
    with pytest.raises(ConfigurationError, match=r"BigQuery refused query: .*Unrecognized name: pionts"):
        query("SELECT pionts FROM nba_analytics.player_game_summary", warehouse=bigquery)
    published_server.fail("POST .*/jobs$", 400, "bytesBilledLimitExceeded", "Query exceeded limit for bytes billed")
    with pytest.raises(ConfigurationError, match="PHASE3_BIGQUERY_MAX_BYTES_BILLED"):
        query(BEST, warehouse=bigquery)
    published_server.fail("POST .*/jobs$", 404, "notFound", "Not found: Table nba_analytics.nothing")
    with pytest.raises(ConfigurationError, match=r"does not find.*nba_analytics\.nothing"):
        query("SELECT * FROM nba_analytics.nothing", warehouse=bigquery)
    assert published_server.started() == []


def test_the_commands(published_server, monkeypatch, tmp_path):
    for name, value in {
        "PHASE3_WAREHOUSE": "bigquery",
        "PHASE3_BIGQUERY_PROJECT": PROJECT,
        "PHASE3_BIGQUERY_LOCATION": "US",
        "BIGQUERY_EMULATOR_HOST": published_server.address,
    }.items():
        monkeypatch.setenv(name, value)
    shown = CliRunner().invoke(main, ["query", BEST])
    assert shown.exit_code == 0 and "3 rows" in shown.output
    shown = CliRunner().invoke(main, ["query", "DROP TABLE nba_raw.nbac_schedule"])
    assert shown.exit_code == 2 and "this is DROP" in shown.output
    day, target = str(DAY), tmp_path / "night.parquet"
    shown = CliRunner().invoke(main, ["export", PLAYERS, day, day, "--to", str(target)])
    assert shown.exit_code == 0, shown.output
    assert pyarrow.parquet.read_table(target).num_rows == len(there(published_server, PLAYERS))
