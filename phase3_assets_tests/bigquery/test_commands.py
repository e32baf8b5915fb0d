"""The command line on BigQuery, by the one switch: through the real client, to the server on loopback."""

import re

import pytest
from click.testing import CliRunner

from phase3_assets.catalog.table_names import TABLE_NAMES
from phase3_assets.cli import main
from phase3_assets.definitions import build_defs
from phase3_assets.doctor.bigquery import READ, WRITE
from phase3_assets.errors import ConfigurationError
from phase3_assets.settings.locations import LASTING_DATASETS
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets_tests.bigquery.every_statement import every_statement
from phase3_assets_tests.bigquery.loopback import PROJECT
from phase3_assets_tests.support.games import DAY

pytestmark = pytest.mark.slow


@pytest.fixture
def switched(monkeypatch):
    """The switch, thrown: every command then works on that server."""

    def switch(server):
        monkeypatch.setenv("PHASE3_WAREHOUSE", "bigquery")
        monkeypatch.setenv("PHASE3_BIGQUERY_PROJECT", PROJECT)
        monkeypatch.setenv("PHASE3_BIGQUERY_LOCATION", "US")
        monkeypatch.setenv("PHASE3_WAIT_SECONDS", "2")
        monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", server.address)

    return switch


def phase3(*arguments, **options):
    return CliRunner().invoke(main, arguments, **options)


@pytest.mark.long
def test_a_day_on_the_command_line(published_server, switched):
    switched(published_server)
    day = str(DAY)
    assert "3 published" in phase3("status", day).output
    assert f"0 of {3 * len(TABLE_NAMES)} games and tables" in phase3("plan", day).output
    assert " 0 errors" in phase3("checks", day).output
    assert "everything is what was published" in phase3("verify", day).output
    assert "each compared twice: no leak" in phase3("leak-test", day).output
    published_server.connection.execute("UPDATE nba_analytics.player_game_summary SET usage_rate = 1228")
    drifted = phase3("verify", day)
    assert drifted.exit_code == 1
    assert "changed by hand" in drifted.output
    assert phase3("history", "player_game_summary", day).exit_code == 0
    assert "drift" in phase3("events").output


def test_plan_cost_is_dry_runs_per_table(published_server, switched):
    switched(published_server)
    shown = phase3("plan", str(DAY), "--cost")
    assert shown.exit_code == 0
    assert "nba_raw.nbac_schedule  2025-10-01 to 2026-09-30" in shown.output
    assert f"nba_analytics.player_game_summary  {DAY} to {DAY}" in shown.output
    assert "11.8 MiB" in shown.output
    assert published_server.started() == []


def test_plan_cost_on_the_embedded_warehouse_is_one_sentence(world):
    shown = phase3("plan", str(DAY), "--cost")
    assert shown.exit_code == 2
    assert "PHASE3_WAREHOUSE=bigquery" in shown.output


def test_pull_shows_the_size_and_asks_first(published_server, switched, tmp_path):
    switched(published_server)
    target = tmp_path / "pulled.duckdb"
    shown = phase3("pull", str(DAY), str(DAY), "--to", str(target), input="n\n")
    assert shown.exit_code == 1
    assert "would be read" in shown.output
    assert not target.exists()
    assert published_server.started() == []


@pytest.mark.long
def test_a_pulled_night_is_the_production_night(published_server, switched, tmp_path):
    switched(published_server)
    target = tmp_path / "pulled.duckdb"
    shown = phase3("pull", str(DAY), str(DAY), "--to", str(target), "--published", "--yes")
    assert shown.exit_code == 0, shown.output
    everything = "SELECT * FROM nba_analytics.player_game_summary ORDER BY player_lookup"
    with DuckDBWarehouse(target, 5).session(read_only=True) as session:
        pulled = session.query(everything)
        schedule = session.query("SELECT COUNT(*) AS n FROM nba_raw.nbac_schedule")[0]["n"]
    cursor = published_server.connection.execute("SELECT COUNT(*) FROM nba_raw.nbac_schedule")
    assert cursor.fetchone() == (schedule,)
    cursor = published_server.connection.execute(everything)
    names = [column[0] for column in cursor.description]
    assert pulled == [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    local = CliRunner(env={"PHASE3_WAREHOUSE": "duckdb", "PHASE3_DUCKDB_PATH": str(target)})
    assert "3 published" in local.invoke(main, ["status", str(DAY)]).output
    assert "everything is what was published" in local.invoke(main, ["verify", str(DAY)]).output


def test_a_healthy_project(published_server, switched):
    switched(published_server)
    shown = phase3("doctor")
    assert shown.exit_code == 0, shown.output
    levels = {line.split()[0] for line in shown.output.splitlines() if not line.startswith(" ")}
    assert levels == {"ok"}
    assert published_server.started() == []


def test_a_missing_permission_names_the_role_and_one_too_many_is_a_warning(published_server, switched):
    switched(published_server)
    published_server.granted = {**dict.fromkeys(LASTING_DATASETS, (*READ, *WRITE)), "nba_analytics": READ}
    shown = phase3("doctor")
    assert shown.exit_code == 1
    assert "error    permissions on nba_analytics: bigquery.tables.updateData" in shown.output
    assert "grant roles/bigquery.dataEditor on nba_analytics" in shown.output
    assert "warning  permissions on nba_raw: this account can change raw tables" in shown.output


def test_a_wrong_location_and_a_missing_dataset(published_server, switched):
    switched(published_server)
    published_server.location = "EU"
    published_server.fail("GET .*/datasets/nba_staging$", 404, "notFound")
    shown = phase3("doctor")
    assert "dataset nba_raw: is in EU, PHASE3_BIGQUERY_LOCATION is US" in shown.output
    assert "dataset nba_staging: is not there" in shown.output
    assert "phase3 init" in shown.output


def test_a_dataset_that_forgets_is_an_error(published_server, switched):
    """As in a project without billing, where every table ends after 60 days; staging tables end by design."""
    switched(published_server)
    sixty_days = str(60 * 24 * 3_600_000)
    forgets = {"defaultTableExpirationMs": sixty_days, "defaultPartitionExpirationMs": sixty_days}
    published_server.dataset_defaults = {"nba_analytics": forgets, "nba_staging": forgets}
    shown = phase3("doctor")
    assert shown.exit_code == 1
    assert (
        "error    dataset nba_analytics: BigQuery deletes new tables after 60 days and new partitions after 60 days"
        in shown.output
    )
    assert "dataset nba_staging: is in US" in shown.output and "dataset nba_raw: is in US" in shown.output


def test_credentials_that_do_not_work(published_server, switched):
    switched(published_server)
    published_server.fail("POST .*/jobs$", 403, "accessDenied", "no bigquery.jobs.create")
    shown = phase3("doctor")
    assert shown.exit_code == 1
    assert "roles/bigquery.jobUser" in shown.output


def test_a_table_without_a_column(published_server, switched):
    switched(published_server)
    published_server.connection.execute("ALTER TABLE nba_raw.nbac_schedule DROP COLUMN season_year")
    shown = phase3("doctor")
    assert shown.exit_code == 1
    assert "nba_raw.nbac_schedule has no column season_year" in shown.output


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        ({}, "nba_raw.nbac_schedule is not partitioned"),
        ({"timePartitioning": {"type": "MONTH", "field": "game_date"}}, "is partitioned by MONTH of game_date"),
        ({"timePartitioning": {"type": "DAY"}}, "is partitioned by DAY of arrival"),
        ({"rangePartitioning": {"field": "season_year"}}, "is partitioned by ranges of season_year"),
    ],
)
def test_a_raw_table_without_daily_partitions_is_found_and_refused(published_server, switched, kept, words):
    switched(published_server)
    published_server.partitioned["nba_raw.nbac_schedule"] = kept
    for arguments in (("doctor",), ("run", str(DAY)), ("init",)):
        shown = phase3(*arguments)
        assert shown.exit_code != 0, arguments
        assert words in " ".join(shown.output.split()), arguments
        assert "by day" in shown.output
    assert published_server.started("publish") == []


def test_loading_raw_tables_asks_for_nothing_but_raw_and_staging_tables(published_server, switched, tmp_path):
    switched(published_server)
    published_server.connection.execute("ALTER TABLE nba_raw.nbac_schedule DROP COLUMN arena_name")
    (tmp_path / "nbac_schedule.ndjson").write_text("{}\n")
    phase3("load-raw", str(tmp_path))
    asked = [sent for sent in published_server.sent if "/datasets/" in sent.path]
    assert {sent.path.split("/datasets/")[1].split("/")[0] for sent in asked} == {"nba_raw", "nba_staging"}
    texts = [job.sql for job in published_server.started()]
    texts += [made.sql for made in every_statement() if made.name.startswith("load nba_raw.")]
    assert "ADD COLUMN IF NOT EXISTS arena_name" in texts[0]
    assert {name for sql in texts for name in re.findall(r"\bnba_\w+(?=\.)", sql)} == {"nba_raw", "nba_staging"}


def test_the_embedded_warehouse_is_examined_too(world, tmp_path, monkeypatch):
    assert phase3("doctor").exit_code == 0
    monkeypatch.setenv("PHASE3_DUCKDB_PATH", str(tmp_path / "nowhere.duckdb"))
    shown = phase3("doctor")
    assert shown.exit_code == 1
    assert "phase3 init" in shown.output


def test_no_credentials_is_one_sentence(monkeypatch, tmp_path):
    for name, value in {
        "PHASE3_WAREHOUSE": "bigquery",
        "PHASE3_BIGQUERY_PROJECT": PROJECT,
        "PHASE3_BIGQUERY_LOCATION": "US",
        "GOOGLE_APPLICATION_CREDENTIALS": str(tmp_path / "absent.json"),
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("BIGQUERY_EMULATOR_HOST", raising=False)
    shown = phase3("status", str(DAY))
    assert shown.exit_code == 2
    assert "there are no Google credentials here" in shown.output


def test_the_demo_keeps_out_of_a_project(published_server, switched):
    switched(published_server)
    shown = phase3("demo")
    assert shown.exit_code == 2
    assert "PHASE3_WAREHOUSE=duckdb" in shown.output
    assert published_server.sent == []


def test_dagster_has_the_client_as_a_resource_of_dagster_gcp(published_server, switched):
    from dagster_gcp import BigQueryResource

    assert "bigquery" not in build_defs().resources
    switched(published_server)
    resource = build_defs().resources["bigquery"]
    assert isinstance(resource, BigQueryResource)
    with resource.get_client() as client:
        assert client.project == PROJECT


def test_an_unknown_warehouse_names_both(monkeypatch):
    monkeypatch.setenv("PHASE3_WAREHOUSE", "snowflake")
    with pytest.raises(ConfigurationError, match="duckdb or bigquery"):
        build_defs()
