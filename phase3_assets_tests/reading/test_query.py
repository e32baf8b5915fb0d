"""`phase3 query`: one text for both warehouses, answered readably; it can change nothing and read nothing else."""

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from phase3_assets import query
from phase3_assets.cli import main
from phase3_assets.errors import ConfigurationError
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets_tests.support.games import DAY, OFFENSE, PLAYERS

BEST = (
    f"SELECT player_lookup, points, usage_rate FROM nba_analytics.{PLAYERS} WHERE game_date = '{DAY}' "
    "ORDER BY points DESC, player_lookup LIMIT 3"
)


@pytest.fixture(scope="module")
def published(tmp_path_factory, _published_file):
    """Three published games of one date, which no test here manages to change."""
    path = tmp_path_factory.mktemp("query") / "warehouse.duckdb"
    path.write_bytes(_published_file)
    return DuckDBWarehouse(path, wait_seconds=10)


@pytest.fixture
def phase3(published, monkeypatch):
    """The command line on that warehouse."""
    monkeypatch.setenv("PHASE3_DUCKDB_PATH", str(published.path))
    return lambda *arguments, **options: CliRunner().invoke(main, arguments, **options)


def test_a_table_that_a_person_reads(phase3, published):
    with published.session(read_only=True) as session:
        rows = session.query(BEST)
    lines = phase3("query", BEST).output.splitlines()
    assert lines[0].split() == ["player_lookup", "points", "usage_rate"]
    assert [line.split() for line in lines[2:5]] == [
        [row["player_lookup"], str(row["points"]), str(row["usage_rate"])] for row in rows
    ]
    assert lines[5] == "3 rows"
    assert len({len(line) for line in lines[:5]}) == 1, "numbers stand to the right"


def test_csv_and_json(phase3):
    said = json.loads(phase3("query", BEST, "--json").output)
    assert [list(row) for row in said] == [["player_lookup", "points", "usage_rate"]] * 3
    lines = phase3("query", BEST, "--csv").output.splitlines()
    assert lines[0] == '"player_lookup","points","usage_rate"' and len(lines) == 4
    assert phase3("query", f"{BEST.replace('3', '0')[:-1]}0", "--json").exit_code == 0
    assert json.loads(phase3("query", "SELECT 1 AS one LIMIT 0", "--json").output) == []


def test_values_of_every_kind(phase3):
    text = (
        "SELECT NULL AS nothing, '' AS empty, 'two\\nlines' AS lines, [1, 2] AS some, STRUCT(1 AS a) AS record, "
        "DATE '2026-02-03' AS day, TIMESTAMP '2026-02-03 04:05:06+00:00' AS moment, 1.5 AS number, TRUE AS yes"
    )
    shown = phase3("query", text)
    assert shown.exit_code == 0, shown.output
    assert "two\\nlines" in shown.output and "2026-02-03T04:05:06Z" in shown.output
    [row] = json.loads(phase3("query", text, "--json").output)
    assert row == {
        "nothing": None,
        "empty": "",
        "lines": "two\nlines",
        "some": [1, 2],
        "record": {"a": 1},
        "day": "2026-02-03",
        "moment": "2026-02-03T04:05:06Z",
        "number": 1.5,
        "yes": True,
    }
    assert phase3("query", text, "--csv").exit_code == 0


def test_a_pipe_gets_every_row(phase3):
    numbers = "SELECT n FROM UNNEST(GENERATE_ARRAY(1, 250)) AS n"
    lines = phase3("query", numbers).output.splitlines()
    assert len(lines) == 253 and lines[-1] == "250 rows"
    assert len(json.loads(phase3("query", numbers, "--json").output)) == 250


def test_it_is_read_from_standard_input(phase3):
    assert "3 rows" in phase3("query", "-", input=BEST).output


def test_the_text_is_in_bigquerys_dialect_unless_it_is_native(phase3):
    text = f"SELECT COUNTIF(points > 10) AS n FROM nba_analytics.{PLAYERS} WHERE game_date = '{DAY}'"
    assert int(phase3("query", text).output.splitlines()[2]) > 0
    native = f"FROM nba_analytics.{PLAYERS} SELECT count(*) FILTER (points > 10)"
    assert phase3("query", native, "--native").exit_code == 0
    assert phase3("query", "SELECT n FROM range(3) t(n)", "--native").output.count("\n") == 6


def test_what_readers_saw_then(phase3):
    text = f"SELECT COUNT(*) AS n FROM nba_phase3.{OFFENSE}_as_of('{DAY}', '{DAY}', TIMESTAMP '2027-01-01')"
    assert phase3("query", text).output.splitlines()[2].strip() == "6"


def test_the_answer_in_python(published):
    frame = query(f"SELECT game_date, points FROM nba_analytics.{PLAYERS} WHERE points > 10", warehouse=published)
    assert len(frame) > 0 and str(frame.dtypes["points"]) == "Int64"
    rows = query("SELECT DATE '2026-02-03' AS day", engine="arrow", warehouse=published)
    assert rows.to_pylist() == [{"day": date(2026, 2, 3)}]
    with pytest.raises(ConfigurationError, match="pandas or arrow"):
        query("SELECT 1", engine="polars", warehouse=published)


# --- What it refuses --------------------------------------------------------------------------------------------------

WRITING = [
    f"DROP TABLE nba_analytics.{PLAYERS}",
    f"DELETE FROM nba_analytics.{PLAYERS} WHERE TRUE",
    f"UPDATE nba_analytics.{PLAYERS} SET points = 0 WHERE TRUE",
    f"INSERT INTO nba_analytics.{PLAYERS} SELECT * FROM nba_analytics.{PLAYERS}",
    f"MERGE nba_analytics.{PLAYERS} AS t USING (SELECT 1 AS x) AS s ON FALSE WHEN NOT MATCHED THEN INSERT ROW",
    f"TRUNCATE TABLE nba_analytics.{PLAYERS}",
    "CREATE TABLE nba_analytics.mine AS SELECT 1 AS x",
    "CREATE TEMP TABLE mine AS SELECT 1 AS x",
    "CREATE VIEW nba_analytics.mine AS SELECT 1 AS x",
    f"ALTER TABLE nba_analytics.{PLAYERS} DROP COLUMN points",
    "SELECT 1; SELECT 2",
    f"SELECT 1; DROP TABLE nba_analytics.{PLAYERS}",
    "EXPORT DATA OPTIONS(uri='{folder}/out', format='CSV') AS SELECT 1 AS x",
    "CALL nba_phase3.something()",
    "EXECUTE IMMEDIATE 'SELECT 1'",
    "BEGIN TRANSACTION",
    "",
    "# nothing",
    "SELECT",
    "SELECT FROM WHERE",
    "no SQL at all",
]
NATIVE = [
    f"DROP TABLE nba_analytics.{PLAYERS}",
    "SELECT 1; SELECT 2",
    "COPY (SELECT 1) TO '{folder}/out.csv'",
    f"COPY nba_analytics.{PLAYERS} FROM '{{folder}}/in.csv'",
    "EXPORT DATABASE '{folder}/out'",
    "ATTACH '{folder}/other.duckdb'",
    "DETACH warehouse",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET enable_external_access = true",
    "RESET lock_configuration",
    "USE memory",
    "PRAGMA database_size; SELECT 1",
    "CHECKPOINT",
    "VACUUM",
    "CREATE TEMP TABLE mine AS SELECT 1",
    "CREATE MACRO mine() AS 1",
    f"EXPLAIN ANALYZE DELETE FROM nba_analytics.{PLAYERS}",
    f"PREPARE mine AS DELETE FROM nba_analytics.{PLAYERS}",
    "CALL pragma_version()",
    "SELECT * FROM '{folder}/in.csv'",
    "SELECT * FROM read_csv('{folder}/in.csv')",
    "SELECT * FROM read_text('/etc/hostname')",
    "SELECT * FROM glob('/*')",
    "SELECT * FROM read_parquet('https://example.com/x.parquet')",
    f"SELECT * FROM query('DELETE FROM nba_analytics.{PLAYERS}')",
    "SELECT * FROM connection",
    "SELECT * FROM sql",
    "SELECT nextval('mine')",
]


@pytest.mark.parametrize("text", WRITING)
def test_whatever_writes_is_refused_with_a_sentence(phase3, published, tmp_path, text):
    _assert_refused(phase3, published, tmp_path, text)


@pytest.mark.parametrize("text", NATIVE)
def test_whatever_writes_or_reads_elsewhere_is_refused_in_duckdbs_dialect_too(phase3, published, tmp_path, text):
    _assert_refused(phase3, published, tmp_path, text, "--native")


def _assert_refused(phase3, published, folder, text, *options):
    (folder / "in.csv").write_text("x\n1\n")
    there, before = sorted(folder.iterdir()), published.path.read_bytes()
    shown = phase3("query", text.replace("{folder}", str(folder)), *options)
    assert shown.exit_code == 2, shown.output
    assert shown.output.startswith("phase3: ") and shown.output.count("\n") == 1
    assert (sorted(folder.iterdir()), published.path.read_bytes()) == (there, before)


def test_refusing_a_file_named_in_the_dialect_of_bigquery(phase3, tmp_path):
    (tmp_path / "in.csv").write_text("x\n1\n")
    for text in (f"SELECT * FROM `{tmp_path}/in.csv`", f"SELECT * FROM read_csv('{tmp_path}/in.csv')"):
        assert phase3("query", text).exit_code == 2


def test_a_wrong_name_is_said_with_what_was_probably_meant(phase3):
    shown = phase3("query", f"SELECT pionts FROM nba_analytics.{PLAYERS}")
    assert shown.exit_code == 2 and '"points"' in shown.output and "LINE" not in shown.output
    shown = phase3("query", "SELECT 1 AS a, 2 AS a", "--json")
    assert shown.exit_code == 2 and "two columns are called a" in shown.output
    assert phase3("query", BEST, "--json", "--csv").exit_code == 2


def test_the_engine_that_was_locked_up_is_not_used_again(published):
    with pytest.raises(ConfigurationError):
        query("DROP TABLE x", warehouse=published)
    query("SELECT 1 AS x", warehouse=published)
    with published.session() as session, session.unit():
        session.query("SELECT 1 AS x")


def test_a_warehouse_that_is_not_there_is_not_made(phase3, monkeypatch, tmp_path):
    monkeypatch.setenv("PHASE3_DUCKDB_PATH", str(tmp_path / "nowhere.duckdb"))
    shown = phase3("query", "SELECT 1")
    assert shown.exit_code == 2 and "phase3 init" in shown.output
    assert not Path(tmp_path / "nowhere.duckdb").exists()
