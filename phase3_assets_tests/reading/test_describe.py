"""`phase3 describe`: a table's contract for people and programs; docs/tables.md says the same."""

import json

import pytest
from click.testing import CliRunner

from phase3_assets import describe
from phase3_assets.catalog.contracts import raw_contracts
from phase3_assets.catalog.quality_issues import quality_issues
from phase3_assets.catalog.tables import all_contracts, published_table, published_tables
from phase3_assets.cli import main
from phase3_assets_tests.project.tables_page import TARGET, text
from phase3_assets_tests.support.games import OFFENSE, PLAYERS


def phase3(*arguments):
    return CliRunner().invoke(main, ["describe", *arguments])


@pytest.mark.parametrize("table", published_tables(), ids=lambda table: table.name)
def test_everything_that_the_contract_says_is_said(table):
    said = json.loads(phase3(table.name, "--json").output)
    assert said == describe(table.name)
    contract = table.contract
    assert (said["dataset"], said["key"], said["partition"]) == (
        contract.dataset,
        list(contract.key),
        contract.partition,
    )
    assert [(c["name"], c["type"], c["required"], c["description"]) for c in said["columns"]] == [
        (c.name, c.type, c.required, c.description) for c in contract.columns
    ]
    assert {check["name"] for check in said["checks"]} == {*table.rules, *table.published_rules}
    assert {c["name"] for c in said["checks"] if c["severity"] == "error"} == table.blocking_rules
    assert all(check["description"] for check in said["checks"])
    assert {issue["name"]: issue["meaning"] for issue in said["quality_issues"]} == quality_issues(table.name)
    assert [said["upstream"], said["earlier_games_of"]] == [list(table.upstream), list(table.looks_back_to)]
    lines = phase3(table.name).output
    assert all(column.description in lines for column in contract.columns)
    assert all(meaning in lines for meaning in quality_issues(table.name).values())


def test_a_column_says_what_it_is_made_of():
    columns = {column["name"]: column for column in describe(PLAYERS)["columns"]}
    assert f"{OFFENSE}.ft_attempts" in columns["usage_rate"]["sources"]
    assert published_table(PLAYERS).upstream == tuple(describe(PLAYERS)["upstream"])


def test_every_table_is_in_the_list():
    names = {(one["dataset"], one["name"]) for one in describe()}
    wanted = {(c.dataset, c.name) for c in [*raw_contracts().values(), *all_contracts()]}
    assert wanted - names == {("nba_phase3", f"{table.name}__history") for table in published_tables()}
    listed = phase3().output
    assert all(f"{dataset}.{name}" in listed for dataset, name in names)
    assert json.loads(phase3("--json").output) == describe()


def test_a_raw_table_and_a_full_name():
    assert describe("nbac_schedule")["kind"] == "raw"
    assert describe("nba_phase3.publications")["kind"] == "record"
    assert phase3("publications").output.startswith("nba_phase3.publications\n")


def test_a_table_that_is_not_there_names_the_likely_one_or_all_that_are():
    shown = phase3("player_sumary")
    assert shown.exit_code == 2
    assert f"there is no table 'player_sumary'; did you mean {PLAYERS}?" in shown.output
    shown = phase3("xyzzy")
    assert "there is no table 'xyzzy'; there are" in shown.output and PLAYERS in shown.output
    assert phase3("nba_raw.publications").exit_code == 2


def test_it_needs_no_warehouse(monkeypatch, tmp_path):
    monkeypatch.setenv("PHASE3_DUCKDB_PATH", str(tmp_path / "nowhere.duckdb"))
    assert phase3(PLAYERS).exit_code == 0


def test_the_page_is_current():
    assert TARGET.read_text(encoding="utf-8").splitlines() == text().splitlines(), "run `make tables`"
