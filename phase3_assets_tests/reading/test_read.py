"""read(): what a program gets of the published tables, and what it never gets."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pandas
import pytest

import phase3_assets
from phase3_assets import GamesLeftOutWarning, read
from phase3_assets.catalog.tables import published_table, published_tables
from phase3_assets.clock import utc_now
from phase3_assets.errors import ConfigurationError
from phase3_assets.publishing.drift import verify
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.reading.published import published_sql
from phase3_assets.warehouse.arrow import arrow_schema
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets_tests.support.games import DAY, OFFENSE, PLAYERS, night

ROOT = Path(__file__).parents[2]
NEXT_DAY = DAY + timedelta(days=1)


@pytest.fixture(scope="module")
def published(tmp_path_factory, _published_file):
    """Three published games of one date, which no test here changes."""
    path = tmp_path_factory.mktemp("read") / "warehouse.duckdb"
    path.write_bytes(_published_file)
    return DuckDBWarehouse(path, wait_seconds=10)


@pytest.mark.parametrize("table", published_tables(), ids=lambda table: table.name)
def test_every_table_is_read_in_the_types_of_its_contract(published, table):
    rows = read(table.name, DAY, engine="arrow", warehouse=published)
    assert rows.schema == arrow_schema(table.contract, table.contract.column_names)
    with published.session(read_only=True) as session:
        there = session.query(f"SELECT * FROM {table.contract.full_name}")
    assert rows.num_rows > 0 or table.contract.has_optional_rows

    def in_order(found):
        return sorted(found, key=lambda row: [str(row[name]) for name in table.contract.key])

    assert in_order(rows.to_pylist()) == in_order(there)


def test_rows_come_sorted_and_with_the_columns_asked_for(published):
    rows = read(PLAYERS, DAY, columns=["points", "usage_rate"], engine="arrow", warehouse=published)
    assert rows.column_names == ["points", "usage_rate"]
    rows = read(
        PLAYERS, DAY, DAY, columns=["game_id", "player_lookup"], engine="arrow", warehouse=published
    ).to_pylist()
    assert rows == sorted(rows, key=lambda row: (row["game_id"], row["player_lookup"]))


def test_a_frame_can_be_computed_with(published):
    frame = read(PLAYERS, str(DAY), warehouse=published)
    assert isinstance(frame, pandas.DataFrame)
    kinds = frame.dtypes.astype(str)
    assert kinds[["points", "usage_rate", "is_dnp"]].tolist() == ["Int64", "Float64", "boolean"]
    assert kinds["game_date"].startswith("datetime64") and kinds["processed_at"].endswith("UTC]")
    arrow = read(PLAYERS, DAY, engine="arrow", warehouse=published).to_pylist()
    usage = [row["usage_rate"] for row in arrow if row["usage_rate"] is not None]
    assert all(isinstance(value, Decimal) for value in usage)
    assert frame["usage_rate"].mean() == pytest.approx(float(sum(usage) / len(usage)))
    assert frame["usage_rate"].isna().sum() == len(arrow) - len(usage) > 0
    assert frame.groupby("team_abbr")["points"].sum().sum() == sum(row["points"] or 0 for row in arrow)


def test_dates_without_rows_give_an_empty_table_of_the_same_types(published):
    frame = read(PLAYERS, NEXT_DAY, warehouse=published)
    assert len(frame) == 0 and list(frame.columns) == list(published_table(PLAYERS).contract.column_names)
    assert read(PLAYERS, NEXT_DAY, engine="arrow", as_of=utc_now(), warehouse=published).num_rows == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("player_summary", DAY), "there is no published table 'player_summary'; did you mean player_game_summary"),
        (("nbac_schedule", DAY), "no published table"),
        ((PLAYERS, "2026-02-30"), "'2026-02-30' is not a date; write it as 2026-02-03"),
        ((PLAYERS, "1980-01-01"), "outside the calendar"),
        ((PLAYERS, datetime(2026, 2, 3)), "is not a date"),
        ((PLAYERS, DAY, DAY - timedelta(days=1)), "2026-02-03 is after 2026-02-02"),
        ((PLAYERS, DAY, DAY, ["points", "pionts"]), "has no column 'pionts'; `phase3 describe player_game_summary`"),
        ((PLAYERS, DAY, DAY, ["points; DROP TABLE x"]), "has no column 'points; DROP TABLE x'"),
        ((PLAYERS, DAY, DAY, "points"), r"it is a list of names, as in \['points'\]"),
        ((PLAYERS, DAY, DAY, []), "name at least one column"),
        ((PLAYERS, DAY, DAY, ["points", "points"]), "each of them once"),
        ((PLAYERS, DAY, DAY, None, "polars"), "engine is 'polars'; it can be pandas or arrow"),
        ((PLAYERS, DAY, DAY, None, "arrow", datetime(2026, 2, 3)), "a datetime with a zone"),
        ((PLAYERS, DAY, DAY, None, "arrow", "yesterday"), "'yesterday' is not a moment"),
        ((PLAYERS, DAY, DAY, None, "arrow", datetime(2099, 1, 1, tzinfo=UTC)), "is still to come"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(published, arguments, words):
    with pytest.raises(ConfigurationError, match=words):
        read(*arguments, warehouse=published)


def test_without_a_warehouse_it_says_what_makes_one():
    with pytest.raises(ConfigurationError, match="`phase3 init` creates it"):
        read(PLAYERS, DAY)


def test_every_statement_reads_only_the_partitions_asked_for(published):
    for table in published_tables():
        sql = published_sql(table.name, ("game_id",))
        assert sql.count(f".{table.contract.partition} BETWEEN @start_date AND @end_date") == 1
        assert sql.count(" BETWEEN @start_date AND @end_date") == 2, "the published rows, and their decisions"


# --- What no publication vouches for ----------------------------------------------------------------------------------

BY_HAND = {
    "changed": (
        "UPDATE nba_analytics.{table} SET points = points + 1 WHERE game_id = '{game}'",
        "changed them by hand",
    ),
    "one of its rows deleted": (
        "DELETE FROM nba_analytics.{table} WHERE game_id = '{game}' AND player_lookup = "
        "(SELECT MIN(player_lookup) FROM nba_analytics.{table} WHERE game_id = '{game}')",
        "changed them by hand",
    ),
    "all of its rows deleted": ("DELETE FROM nba_analytics.{table} WHERE game_id = '{game}'", "deleted them by hand"),
    "a row twice": (
        "INSERT INTO nba_analytics.{table} SELECT * FROM nba_analytics.{table} WHERE game_id = '{game}' LIMIT 1",
        "changed them by hand",
    ),
    "another publication's name": (
        "UPDATE nba_analytics.{table} SET publication_id = 'mine' WHERE game_id = '{game}'",
        "changed them by hand",
    ),
    "no publication's name": (
        "UPDATE nba_analytics.{table} SET publication_id = NULL WHERE game_id = '{game}'",
        "changed them by hand",
    ),
}


@pytest.mark.parametrize("case", BY_HAND)
def test_a_game_changed_by_hand_is_left_out_whole_and_named(world, case):
    statement, words = BY_HAND[case]
    before = read(PLAYERS, DAY, engine="arrow", warehouse=world.warehouse).to_pylist()
    if case == "no publication's name":
        world.tamper(f"ALTER TABLE nba_analytics.{PLAYERS} ALTER publication_id DROP NOT NULL")
    world.tamper(statement.replace("{table}", PLAYERS))
    with pytest.warns(GamesLeftOutWarning, match=f"1 game is left out of {PLAYERS}: {world.game.game_id}.*{words}"):
        rows = read(PLAYERS, DAY, engine="arrow", warehouse=world.warehouse)
    assert rows.to_pylist() == [row for row in before if row["game_id"] != world.game.game_id]


def test_a_game_that_nobody_published_is_left_out(world):
    world.tamper(
        f"INSERT INTO nba_analytics.{OFFENSE} SELECT * REPLACE ('20260203_AAA_BBB' AS game_id) "
        f"FROM nba_analytics.{OFFENSE} WHERE game_id = '{{game}}'"
    )
    with pytest.warns(GamesLeftOutWarning, match=r"20260203_AAA_BBB \(no publication wrote its rows"):
        rows = read(OFFENSE, DAY, warehouse=world.warehouse)
    assert set(rows["game_id"]) == {game.game_id for game in world.games}


def test_a_recorded_failure_leaves_a_game_out_until_it_is_put_right(world):
    world.tamper(f"UPDATE nba_analytics.{PLAYERS} SET points = points + 1 WHERE game_id = '{{game}}'")
    assert verify(world.warehouse, DAY, DAY, [published_table(PLAYERS)])
    with pytest.warns(GamesLeftOutWarning):
        assert len(set(read(PLAYERS, DAY, warehouse=world.warehouse)["game_id"])) == 2
    world.publish()
    assert len(set(read(PLAYERS, DAY, warehouse=world.warehouse)["game_id"])) == 3


def test_a_game_whose_newest_rows_are_held_back_is_there_with_those_of_before(world):
    before = read(PLAYERS, DAY, warehouse=world.warehouse)
    world.contradict()
    world.reload_and_publish()
    pandas.testing.assert_frame_equal(read(PLAYERS, DAY, warehouse=world.warehouse), before)


# --- The past ---------------------------------------------------------------------------------------------------------


def test_as_of_a_moment_the_rows_are_those_of_then(world):
    before, moment = read(PLAYERS, DAY, engine="arrow", warehouse=world.warehouse), utc_now()
    world.of("nbac_gamebook_player_stats")[0]["steals"] += 1
    world.reload_and_publish()
    assert not read(PLAYERS, DAY, engine="arrow", warehouse=world.warehouse).equals(before)
    assert read(PLAYERS, DAY, engine="arrow", as_of=moment, warehouse=world.warehouse).equals(before)
    some = read(PLAYERS, DAY, columns=["steals"], engine="arrow", as_of=moment.isoformat(), warehouse=world.warehouse)
    assert some.equals(before.select(["steals"]))


@pytest.mark.slow
def test_as_of_reads_a_range_and_leaves_out_what_is_unknown(make_world):
    world = make_world([*night(2), *night(2, NEXT_DAY)])
    world.reload_and_publish()
    moment = utc_now()
    everything = read(OFFENSE, DAY, NEXT_DAY, engine="arrow", warehouse=world.warehouse)
    assert everything.num_rows == 8
    assert read(OFFENSE, DAY, NEXT_DAY, engine="arrow", as_of=moment, warehouse=world.warehouse).equals(everything)
    world.tamper(f"UPDATE nba_analytics.{OFFENSE} SET assists = 77 WHERE game_id = '{{game}}'")
    with pytest.warns(GamesLeftOutWarning, match=world.game.game_id):
        assert read(OFFENSE, DAY, NEXT_DAY, as_of=moment, warehouse=world.warehouse)["game_id"].nunique() == 3


@pytest.mark.slow
@pytest.mark.long
def test_a_game_that_moved_to_another_date_is_there_once_then_and_now(make_world):
    world = make_world(night(2))
    world.reload_and_publish()
    moment = utc_now()
    before = read(OFFENSE, DAY, NEXT_DAY, engine="arrow", warehouse=world.warehouse)
    for table in world.rows:
        for row in world.of(table):
            if row.get("game_date") == DAY:
                row["game_date"] = NEXT_DAY
    world.load()
    publish(world.warehouse, Request(DAY, NEXT_DAY))
    now = read(OFFENSE, DAY, NEXT_DAY, engine="arrow", warehouse=world.warehouse)
    moved = {(row["game_id"], row["game_date"]) for row in now.to_pylist()}
    assert (world.games[1].game_id, DAY) in moved
    assert len(now) == 2 * len(moved)
    assert read(OFFENSE, DAY, NEXT_DAY, engine="arrow", as_of=utc_now(), warehouse=world.warehouse).equals(now)
    assert read(OFFENSE, DAY, NEXT_DAY, engine="arrow", as_of=moment, warehouse=world.warehouse).equals(before)


# --- The package ------------------------------------------------------------------------------------------------------


def test_importing_the_package_loads_nothing():
    code = (
        "import sys, phase3_assets; "
        "print(sorted({'duckdb', 'pandas', 'pyarrow', 'dagster', 'sqlglot', 'click'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


def test_the_package_names_what_it_offers():
    for name in phase3_assets.__all__:
        assert getattr(phase3_assets, name).__doc__
    with pytest.raises(AttributeError, match="no attribute 'reads'"):
        phase3_assets.reads  # noqa: B018
