"""What the catalogue says of a table: whom to ask, its key, what can be missing, and where its SQL is."""

from pathlib import Path

import dagster as dg
import pytest

from phase3_assets.catalog.tables import published_table, published_tables
from phase3_assets.defs.labels import code_references, files_of, kinds, owners, table_description, tags
from phase3_assets.errors import ConfigurationError
from phase3_assets.settings.people import People


def references(files):
    return code_references(files)["dagster/code_references"].code_references


def test_every_table_says_its_key_what_can_be_missing_and_whom_to_ask(monkeypatch):
    monkeypatch.setenv("PHASE3_OWNERS", "team:stats, data@example.org")
    for table in published_tables():
        told = table_description(table)
        assert told.startswith(table.contract.description)
        assert all(f"`{name}`" in told for name in table.contract.key)
        assert "team:stats, data@example.org" in told and "can be NULL" in told
    assert owners() == ["team:stats", "data@example.org"]
    assert dg.AssetSpec("a", owners=owners()).owners == owners()


def test_where_nobody_is_named_the_description_says_how_to(monkeypatch):
    monkeypatch.delenv("PHASE3_OWNERS", raising=False)
    assert "PHASE3_OWNERS" in table_description(published_table("player_game_summary")) and owners() == []


def test_an_asset_shows_the_engine_in_use_and_when_its_rows_are_made(monkeypatch):
    monkeypatch.setenv("PHASE3_WAREHOUSE", "duckdb")
    assert kinds("sql") == {"sql", "duckdb"}
    cache, players = (published_table(name).contract for name in ("player_daily_cache", "player_game_summary"))
    assert tags(cache) == {"phase": "pre_game", "look_back": "season", "rows": "optional"}
    assert tags(players) == {"phase": "post_game"}


def test_links_lead_to_files_that_are_there_or_to_the_repository(monkeypatch):
    monkeypatch.delenv("PHASE3_CODE_URL", raising=False)
    for table in published_tables():
        assert all(Path(one.file_path).is_file() for one in references(files_of(table)))
    assert {one.label for one in references(files_of(published_table("player_game_summary")))} >= {
        "select.sql",
        "table.sql",
        "views/player_rows.sql",
    }
    monkeypatch.setenv("PHASE3_CODE_URL", "https://git.example.org/team/project/blob/main/")
    (one,) = references(["tables/player_game_summary/select"])
    assert one.url == "https://git.example.org/team/project/blob/main/sql/tables/player_game_summary/select.sql"


@pytest.mark.parametrize(
    ("variable", "value"), [("PHASE3_OWNERS", "stats"), ("PHASE3_OWNERS", "team:a b"), ("PHASE3_CODE_URL", "main")]
)
def test_a_setting_that_the_ui_could_not_show_is_refused(variable, value):
    with pytest.raises(ConfigurationError, match=f"{variable} (names|is) '{value}'"):
        People.from_environment({variable: value})
