"""Google's own analyzer accepts every SQL text of the project, against the real schemas and parameter types.

What belongs here: whether texts are right BigQuery SQL, and that none is left out. What doesn't: what rows they give
(test_differential.py). Nothing is changed between what is analyzed here and what BigQuery gets.
"""

import re
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from phase3_assets.catalog.contracts import PUBLICATION_COLUMNS, raw_contracts
from phase3_assets.catalog.queries import parameters_of
from phase3_assets.catalog.tables import published_tables
from phase3_assets.cli import main
from phase3_assets.defs import alert_sensors as alerts
from phase3_assets.defs import schedules
from phase3_assets.defs.resources import Publisher
from phase3_assets.loading import pulling
from phase3_assets.warehouse import opening as warehouses
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets.warehouse.schema import initialise
from phase3_assets_tests.bigquery import story
from phase3_assets_tests.bigquery.google_sql import GoogleSqlError, analyze, output_schema, schema_of
from phase3_assets_tests.bigquery.statements import (
    PARAMETER_TYPES,
    RecordingWarehouse,
    Statement,
    generated_statements,
    known_tables,
    named_statements,
    senders,
    sql_files,
)
from phase3_assets_tests.support.games import DAY

pytestmark = [pytest.mark.google_sql, pytest.mark.timeout(600)]

NAMED = {statement.name: statement for statement in named_statements()}


@pytest.mark.parametrize("name", NAMED)
def test_a_named_text_is_right(name):
    statement = NAMED[name]
    analyze(statement.sql, known_tables(), statement.parameter_types)


@pytest.mark.parametrize("statement", generated_statements(), ids=lambda statement: statement.name)
def test_a_statement_generated_for_bigquery_is_right(statement):
    analyze(statement.sql, known_tables(), statement.parameter_types)


def test_every_file_is_in_the_list():
    assert {f"{path}.sql" for path in sql_files()} <= set(NAMED)
    assert len(sql_files()) > 60


@pytest.mark.parametrize("table", published_tables(), ids=lambda table: table.name)
def test_a_table_is_staged_in_the_very_types_of_its_contract(table):
    staged = output_schema(NAMED[f"{table.name}: stage"].sql, known_tables(), PARAMETER_TYPES)
    assert staged == schema_of(table.contract)
    assert set(PUBLICATION_COLUMNS[: 6 if table.phase == "pre_game" else 4]) <= set(staged)


# --- What is really sent ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Statement]]:
    """Everything the project sends while it does all it can, by sender."""
    folder = tmp_path_factory.mktemp("sent")
    recorder = RecordingWarehouse(DuckDBWarehouse(folder / "warehouse.duckdb"))
    initialise(recorder)

    def change_by_hand(table: str, game_id: str) -> None:
        with recorder.session() as session:
            session._connection.execute(f"UPDATE {table} SET assists = 77 WHERE game_id = '{game_id}'")

    story.tell(recorder, change_by_hand)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(warehouses, "open_warehouse", lambda settings: recorder)
        assert CliRunner().invoke(main, ["events"]).exit_code == 0
    assert alerts._events_since(recorder, datetime(2020, 1, 1, tzinfo=UTC))
    assert schedules._days_with_games(Publisher(recorder), DAY, DAY)["first_day"] == DAY
    wanted = [pulling.Part(contract, DAY, DAY, 0) for contract in raw_contracts().values()]
    pulling.pull(recorder, DuckDBWarehouse(folder / "copy.duckdb"), wanted, lambda line: None)
    return recorder.sent


_EXPLAINED = re.compile(r"\ACREATE OR REPLACE TABLE (nba_staging\.\w+__explained)\b.*?\nAS\n(.*)\Z", re.DOTALL)


@pytest.mark.parametrize("sender", senders())
def test_what_a_function_sends_is_right(sent, sender):
    assert sent.get(sender), f"{sender} sends SQL, but not in story.py: add what calls it there"
    texts = {statement.sql: statement for statement in sent[sender]}
    known = dict(known_tables())
    for sql, statement in texts.items():
        assert parameters_of(sql) == set(statement.parameter_types), "every parameter has a value"
        analyze(sql, known, statement.parameter_types)
        # What an explanation stages has other columns each time; what it asks next reads them.
        if found := _EXPLAINED.search(sql):
            known[found[1]] = output_schema(found[2], known, statement.parameter_types)


def test_parameters_are_sent_with_the_types_that_named_texts_are_analyzed_with(sent):
    everything = [statement for statements in sent.values() for statement in statements]
    really = {(re.sub(r"__\d+$", "", name), kind) for one in everything for name, kind in one.parameter_types.items()}
    assert {(name, kind) for name, kind in really if PARAMETER_TYPES.get(name, kind) != kind} == set()
    assert set(PARAMETER_TYPES) <= {name for name, _ in really} | {"games_complete_hours", "waive_after_days"}


# --- What must fail ---------------------------------------------------------------------------------------------------

DDL = "tables/player_game_summary/table.sql"
MISTAKES = [
    pytest.param("views/team_rows.sql", r"figures\.points\b", "figures.pionts", "pionts", id="misspelt column"),
    pytest.param("views/scheduled_games.sql", r"FROM nba_staging", "FROM nba_stage", "nba_stage", id="misspelt view"),
    pytest.param("views/season_games.sql", r"game_status = 3\b", "game_status = '3'", "No matching sig", id="type"),
    pytest.param("views/game_sources.sql", r"GROUP BY\s+game_id\s*\)", ")", "neither grouped", id="missing grouping"),
    pytest.param("views/player_rows.sql", r"player\.source,", "source_table,", "source_table", id="unknown name"),
    pytest.param("player_game_summary: stage", r"\bDIV\(", "DIVIDE(", "Function not found", id="unknown function"),
    pytest.param("player_game_summary: compare", r"@end_date", "@final_date", "parameter", id="unknown parameter"),
    pytest.param(
        "player_game_summary: drift", r"@start_date", "@usage_rate_high", "No matching sig", id="parameter type"
    ),
    pytest.param(
        "tables/player_game_summary/table.sql", r"points INT64", "points INTEGER32", "INTEGER32", id="unknown type"
    ),
    pytest.param(
        "tables/player_game_summary/table.sql", r"CLUSTER BY player_lookup", "CLUSTER BY player", "player", id="DDL"
    ),
    pytest.param("survey", r"\bgame\.season_year", "season_year::INT64", "Syntax error", id="another engine's syntax"),
    pytest.param("survey", r"\bgame\.season_year", "list_sort([1])", "Function not found", id="another's function"),
]


@pytest.mark.parametrize(("name", "right", "wrong", "words"), MISTAKES)
def test_a_mistake_fails(name, right, wrong, words):
    sql, times = re.subn(right, wrong, NAMED[name].sql)
    assert times > 0
    with pytest.raises(GoogleSqlError, match=words):
        analyze(sql, known_tables(), PARAMETER_TYPES)
