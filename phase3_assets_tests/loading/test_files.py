"""Loading raw files and creating what the project owns: what is taken, what is refused, what stays as it was."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from phase3_assets.catalog.contracts import raw_contracts
from phase3_assets.catalog.queries import sql_text, tables_read, view_names
from phase3_assets.catalog.tables import all_contracts
from phase3_assets.demo.season import Row, raw_rows
from phase3_assets.errors import ConfigurationError, SchemaDriftError
from phase3_assets.loading.files import load_raw
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets.warehouse.schema import initialise
from phase3_assets_tests.support.commands import phase3
from phase3_assets_tests.support.files import (
    SCHEDULE,
    as_csv,
    as_ndjson,
    change,
    schedule_rows,
    stored,
    write,
    write_parquet,
)
from phase3_assets_tests.support.games import DAY, night


def columns_of(warehouse: DuckDBWarehouse) -> dict[str, dict[str, str]]:
    with warehouse.session(read_only=True) as session:
        return session.live_columns()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "raw files"
    made.mkdir()
    return made


@pytest.fixture
def loaded(warehouse, folder) -> list[Row]:
    """What the schedule table holds before a bad file comes."""
    path = write(folder, schedule_rows(), ".ndjson")
    assert load_raw(warehouse, folder)[0] == []
    path.unlink()
    return stored(warehouse)


@pytest.mark.slow
@pytest.mark.long
def test_the_three_formats_load_the_same_table(warehouse, folder):
    expected = sorted(schedule_rows(), key=lambda row: (row["game_id"], row["processed_at"]))
    for suffix in (".parquet", ".csv", ".ndjson", ".jsonl"):
        path = write(folder, schedule_rows(), suffix)
        assert load_raw(warehouse, folder) == ([], [])
        rows = stored(warehouse)
        assert rows == expected, suffix
        change(warehouse, f"DELETE FROM nba_raw.{SCHEDULE}")
        path.unlink()


def test_player_rows_and_lines_load_the_same_from_every_format(warehouse, folder):
    made, tables = raw_rows(night(1)), {}
    for name in ("nbac_gamebook_player_stats", "odds_api_player_points_props"):
        tables[name] = [{**dict.fromkeys(raw_contracts()[name].column_names), **row} for row in made[name]]
    seen = []
    for suffix in (".parquet", ".csv", ".ndjson"):
        for name, rows in tables.items():
            write(folder / suffix[1:], rows, suffix, name)
        assert load_raw(warehouse, folder / suffix[1:]) == ([], [])
        seen.append({name: sorted(map(str, stored(warehouse, name))) for name in tables})
    assert seen[0] == seen[1] == seen[2]
    assert {name: len(rows) for name, rows in seen[0].items()} == {name: len(rows) for name, rows in tables.items()}


def test_a_file_replaces_exactly_the_dates_it_contains(warehouse, folder):
    next_day = DAY + timedelta(days=1)
    write(folder, schedule_rows(2, DAY) + schedule_rows(2, next_day), ".ndjson")
    load_raw(warehouse, folder)
    before = stored(warehouse)
    write(folder, schedule_rows(1, next_day)[:1], ".ndjson")
    progress = []
    load_raw(warehouse, folder, progress=lambda table, path, report: progress.append((table, path.name, report)))
    after = stored(warehouse)
    assert [row for row in after if row["game_date"] == DAY] == [row for row in before if row["game_date"] == DAY]
    assert len([row for row in after if row["game_date"] == next_day]) == 1
    [(table, name, report)] = progress
    assert (table, name) == (SCHEDULE, f"{SCHEDULE}.ndjson")
    assert (report.rows, report.dates, report.first_date, report.last_date) == (1, 1, next_day, next_day)


def test_the_same_file_again_changes_nothing(warehouse, folder, loaded):
    for suffix in (".csv", ".parquet"):
        path = write(folder, schedule_rows(), suffix)
        load_raw(warehouse, folder)
        load_raw(warehouse, folder)
        assert stored(warehouse) == loaded
        path.unlink()


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".ndjson"])
@pytest.mark.slow
def test_folder_names_say_nothing_about_the_rows(warehouse, tmp_path, suffix):
    """Exports often lie in folders like game_date=2026-02-03/, and a name may hold what a shell would expand."""
    for name in ("game_date=2020-01-01", "season=1999", "week[1] *", "it's"):
        write(tmp_path / name, schedule_rows(), suffix)
        assert load_raw(warehouse, tmp_path / name) == ([], [])
        rows = stored(warehouse)
        assert {row["game_date"] for row in rows} == {DAY}, name
        assert {row["season"] for row in rows} == {None}, name
        assert len(rows) == len(schedule_rows())


def test_a_date_in_two_files_of_a_table_is_loaded_from_the_first_and_the_other_refused(warehouse, folder):
    next_day = DAY + timedelta(days=1)
    write(folder, schedule_rows(2), ".csv")
    write(folder, schedule_rows(1)[:1] + schedule_rows(1, next_day), ".ndjson")
    result = phase3("load-raw", folder)
    assert result.exit_code == 1
    assert f"{SCHEDULE}.csv" in result.output and f"{SCHEDULE}.ndjson" not in result.stdout
    for word in (f"{folder / SCHEDULE}.ndjson", f"{SCHEDULE}.csv", str(DAY), "nothing of", "one file"):
        assert word in result.stderr
    assert [row["game_date"] for row in stored(warehouse)] == [DAY] * len(schedule_rows(2))


def test_files_of_a_table_that_share_no_date_all_load(warehouse, folder):
    days = [DAY + timedelta(days=n) for n in range(3)]
    for day, suffix in zip(days, (".csv", ".ndjson", ".parquet"), strict=True):
        write(folder, schedule_rows(1, day), suffix)
    assert load_raw(warehouse, folder) == ([], [])
    assert {row["game_date"] for row in stored(warehouse)} == set(days)


def test_a_file_that_failed_leaves_its_dates_to_the_next(warehouse, folder):
    write(folder, without("game_status"), ".csv")
    write(folder, schedule_rows(), ".ndjson")
    ((failure,), _) = load_raw(warehouse, folder)
    assert f"{SCHEDULE}.csv" in failure
    assert len(stored(warehouse)) == len(schedule_rows())


def without(name: str) -> list[Row]:
    return [{key: value for key, value in row.items() if key != name} for row in schedule_rows()]


def having(**values: object) -> list[Row]:
    first, *others = schedule_rows()
    return [{**first, **values}, *others]


BAD_ROWS = {
    "missing column": (without("home_team_score"), ["home_team_score", "INT64", "missing", "found", "more; nba_raw"]),
    "missing required column": (without("season_year"), ["season_year", "INT64", "missing"]),
    "missing partition": (without("game_date"), ["game_date", "DATE", "missing"]),
    "text for a number": (having(home_team_score="many"), ["home_team_score", "INT64", "many"]),
    "fraction for a whole number": (having(game_status=1.7), ["game_status", "INT64", "1.7"]),
    "number beyond its type": (having(home_team_score=10**20), ["home_team_score", "INT64", "100000000000000000000"]),
    "text for a date": (having(game_date="Tuesday"), ["game_date", "DATE", "Tuesday"]),
    "text for a time": (having(processed_at="last night"), ["processed_at", "TIMESTAMP", "last night"]),
    "text for a flag": (having(is_playoffs="perhaps"), ["is_playoffs", "BOOL", "perhaps"]),
    "NULL in a required column": (having(season_year=None), ["season_year", "INT64", "required", "NULL in 1 row"]),
    "NULL date": (having(game_date=None), ["game_date", "DATE", "required", "NULL in 1 row"]),
}


@pytest.mark.parametrize("suffix", [".csv", ".ndjson"])
@pytest.mark.parametrize("case", BAD_ROWS)
def test_a_bad_column_is_named_with_what_was_expected_and_found(warehouse, folder, loaded, case, suffix):
    rows, said = BAD_ROWS[case]
    path = write(folder, rows, suffix)
    failures, _ = load_raw(warehouse, folder)
    assert len(failures) == 1
    for word in [str(path), *said]:
        assert word in failures[0]
    assert stored(warehouse) == loaded


@pytest.mark.parametrize(
    ("column", "type_found", "value", "said"),
    [
        ("home_team_score", "VARCHAR", "117", ["home_team_score", "INT64", "STRING"]),
        ("home_team_score", "DOUBLE", 117.5, ["home_team_score", "INT64", "FLOAT64"]),
        ("game_date", "VARCHAR", "2026-02-03", ["game_date", "DATE", "STRING"]),
        ("game_id", "BIGINT", 22500001, ["game_id", "STRING", "INT64"]),
        ("is_playoffs", "VARCHAR", "yes", ["is_playoffs", "BOOL", "STRING"]),
        ("processed_at", "DATE", DAY, ["processed_at", "TIMESTAMP", "DATE"]),
        ("arena_name", "VARCHAR[]", ["a"], ["arena_name", "STRING", "ARRAY<STRING>"]),
        ("season_year", "BIGINT", None, ["season_year", "INT64", "required", "NULL"]),
    ],
)
def test_a_parquet_column_of_another_type_is_named(warehouse, folder, loaded, column, type_found, value, said):
    path = folder / f"{SCHEDULE}.parquet"
    write_parquet(path, [{**row, column: value} for row in schedule_rows()], **{column: type_found})
    failures, _ = load_raw(warehouse, folder)
    assert len(failures) == 1
    for word in [str(path), *said]:
        assert word in failures[0]
    assert stored(warehouse) == loaded


def test_parquet_types_that_hold_the_same_values_are_taken(warehouse, folder):
    write_parquet(
        folder / f"{SCHEDULE}.parquet",
        schedule_rows(),
        game_status="TINYINT",
        season_year="INTEGER",
        processed_at="TIMESTAMP",
        home_team_name="INTEGER",  # what some writers make of a column that is empty throughout
    )
    assert load_raw(warehouse, folder) == ([], [])
    write(folder / "other", schedule_rows(), ".ndjson")
    rows = stored(warehouse)
    load_raw(warehouse, folder / "other")
    assert rows == stored(warehouse)


def parquet_bytes(folder: Path) -> bytes:
    path = folder / "whole.parquet"
    write_parquet(path, schedule_rows())
    content = path.read_bytes()
    path.unlink()
    return content


BROKEN_FILES = {
    "zero-byte Parquet": (".parquet", lambda folder: b""),
    "truncated Parquet": (".parquet", lambda folder: parquet_bytes(folder)[:-200]),
    "Parquet with a damaged page": (".parquet", lambda folder: b"PAR1" + b"\xff" * 300 + parquet_bytes(folder)[304:]),
    "text called Parquet": (".parquet", lambda folder: b"game_id,game_date\n"),
    "zero-byte CSV": (".csv", lambda folder: b""),
    "CSV with a quote inside a plain value": (
        ".csv",
        lambda folder: as_csv(having(arena_name="Moda Center")).replace("Moda Center", '"Moda" Center').encode(),
    ),
    "CSV with a quote that never ends": (
        ".csv",
        lambda folder: (
            as_csv([{**row, "arena_name": "Moda Center", "arena_city": "Portland"} for row in schedule_rows()])
            .replace("Moda Center", '"Moda Center', 1)
            .encode()
        ),
    ),
    "CSV with a short line": (".csv", lambda folder: as_csv(schedule_rows()).encode() + b"0022500001,2026-02-03\r\n"),
    "CSV with a long line": (".csv", lambda folder: as_csv(schedule_rows()).rstrip().encode() + b",one,two\r\n"),
    "CSV that is not UTF-8": (".csv", lambda folder: as_csv(having(arena_name="Müller")).encode("latin-1", "replace")),
    "zero-byte NDJSON": (".ndjson", lambda folder: b""),
    "NDJSON with a broken line": (".ndjson", lambda folder: as_ndjson(schedule_rows()).encode() + b'{"game_id": "00\n'),
    "NDJSON that stops midway": (".ndjson", lambda folder: as_ndjson(schedule_rows()).encode()[:-40]),
    "CSV with a header that never ends": (".csv", lambda folder: b"a" * 200_000),
    "NDJSON with a line that is no object": (
        ".ndjson",
        lambda folder: as_ndjson(schedule_rows()).encode() + b"[1, 2]\n",
    ),
}


@pytest.mark.parametrize("case", BROKEN_FILES)
def test_a_broken_file_is_named_and_changes_nothing(warehouse, folder, loaded, case):
    suffix, content = BROKEN_FILES[case]
    path = folder / f"{SCHEDULE}{suffix}"
    path.write_bytes(content(folder))
    failures, _ = load_raw(warehouse, folder)
    assert len(failures) == 1
    assert str(path) in failures[0]
    assert "not changed" in failures[0] or "nothing was changed" in failures[0]
    assert stored(warehouse) == loaded


@pytest.mark.parametrize("content", [lambda rows: "[1, 2]", lambda rows: "{}\n{}\n"])
def test_json_that_is_not_an_object_a_line_is_told_so(warehouse, folder, loaded, content):
    path = folder / f"{SCHEDULE}.ndjson"
    path.write_text(content(schedule_rows()), encoding="utf-8")
    ((failure,), _) = load_raw(warehouse, folder)
    assert str(path) in failure and "no newline-delimited JSON of objects" in failure and "no rows" not in failure
    assert stored(warehouse) == loaded


NO_FILES = {
    "pipe": os.mkfifo,
    "folder": Path.mkdir,
    "dangling link": lambda path: path.symlink_to("nowhere.csv"),
    "link to itself": lambda path: path.symlink_to(path),
    "device": lambda path: path.symlink_to(os.devnull),
}


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".ndjson"])
@pytest.mark.slow
@pytest.mark.long
def test_what_is_no_file_fails_alone_and_at_once(warehouse, folder, suffix):
    paths = [folder / f"nbac_gamebook_player_stats ({case}){suffix}" for case in NO_FILES]
    for path, make in zip(paths, NO_FILES.values(), strict=True):
        make(path)
    write(folder, schedule_rows(), ".csv")
    result = in_time("load-raw", folder)
    assert result.returncode == 1
    for path in paths:
        assert f"{path}: is not a file that can be read" in result.stderr
    assert result.stderr.count("was not changed") == len(paths) and "Traceback" not in result.stderr
    assert len(stored(warehouse)) == len(schedule_rows())


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".ndjson"])
def test_a_link_to_a_file_is_loaded(warehouse, folder, suffix):
    (folder / f"{SCHEDULE}{suffix}").symlink_to(write(folder.parent / "elsewhere", schedule_rows(), suffix))
    assert load_raw(warehouse, folder) == ([], [])
    assert len(stored(warehouse)) == len(schedule_rows())


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".ndjson"])
def test_a_file_without_rows_is_never_a_success(warehouse, folder, loaded, suffix):
    path = folder / f"{SCHEDULE}{suffix}"
    if suffix == ".parquet":
        write_parquet(path, schedule_rows())
        connection = duckdb.connect()
        connection.execute(f"COPY (FROM '{path}' WHERE FALSE) TO '{folder / 'empty.tmp'}' (FORMAT parquet)")
        connection.close()
        (folder / "empty.tmp").replace(path)
    else:
        path.write_text(
            as_csv(schedule_rows()).splitlines()[0] + "\r\n" if suffix == ".csv" else "\n", encoding="utf-8"
        )
    failures, _ = load_raw(warehouse, folder)
    assert len(failures) == 1 and str(path) in failures[0]
    assert stored(warehouse) == loaded


def test_one_bad_file_stops_no_other(warehouse, folder):
    tables = raw_rows(night(1))
    for name in ("nbac_team_boxscore", "odds_api_player_points_props"):
        write(
            folder, [{**dict.fromkeys(raw_contracts()[name].column_names), **r} for r in tables[name]], ".ndjson", name
        )
    write(folder, without("game_status"), ".csv")
    (folder / "nbac_gamebook_player_stats.parquet").write_bytes(b"PAR1")
    failures, _ = load_raw(warehouse, folder)
    assert [name in failure for name, failure in zip(("gamebook", "game_status"), failures, strict=True)] == [
        True,
        True,
    ]
    assert len(stored(warehouse, "nbac_team_boxscore")) == 2
    assert len(stored(warehouse, "odds_api_player_points_props")) == len(tables["odds_api_player_points_props"])
    assert stored(warehouse) == []


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".ndjson"])
def test_a_missing_column_may_be_allowed_and_is_null(warehouse, folder, suffix):
    for name in ("arena_name", "season_year"):
        path = write(folder, without(name), suffix)
        assert load_raw(warehouse, folder)[0]
        assert load_raw(warehouse, folder, allow_missing=[name])[0] == []
        assert {row[name] for row in stored(warehouse)} == {None}
        path.unlink()
    write(folder, schedule_rows(), suffix)
    assert load_raw(warehouse, folder)[0] == []
    assert {row["season_year"] for row in stored(warehouse)} == {2025}
    initialise(warehouse)


def test_an_allowed_column_that_is_there_is_still_held_to_its_contract(warehouse, folder, loaded):
    write(folder, having(season_year=None), ".csv")
    failures, _ = load_raw(warehouse, folder, allow_missing=["season_year"])
    assert len(failures) == 1 and "season_year" in failures[0]
    assert stored(warehouse) == loaded


def test_the_partition_cannot_be_missing(warehouse, folder, loaded):
    write(folder, without("game_date"), ".ndjson")
    failures, _ = load_raw(warehouse, folder, allow_missing=["game_date"])
    assert len(failures) == 1 and "game_date" in failures[0]
    assert stored(warehouse) == loaded


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".ndjson"])
def test_further_columns_are_ignored_and_named(warehouse, folder, suffix):
    write(folder, [{**row, "mood": "good", "weather": "dry"} for row in schedule_rows()], suffix)
    ignored = []
    failures, _ = load_raw(warehouse, folder, progress=lambda t, p, report: ignored.extend(report.ignored_columns))
    assert failures == []
    assert sorted(ignored) == ["mood", "weather"]
    assert len(stored(warehouse)) == len(schedule_rows())


def test_files_that_are_no_raw_table_are_passed_over_and_named(warehouse, folder):
    write(folder, schedule_rows(), ".csv")
    (folder / "players.csv").write_text("a\n1\n", encoding="utf-8")
    (folder / "README.md").write_text("hello", encoding="utf-8")
    assert load_raw(warehouse, folder) == ([], ["players.csv"])


def test_only_the_tables_asked_for_are_loaded(warehouse, folder):
    write(folder, schedule_rows(), ".csv")
    (folder / "nbac_team_boxscore.parquet").write_bytes(b"broken")
    assert load_raw(warehouse, folder, tables=[SCHEDULE])[0] == []
    assert stored(warehouse)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"tables": ["nbac_shedule"]}, "nbac_shedule"),
        ({"allow_missing": ["arena"]}, "arena"),
        ({"tables": ["nbac_team_boxscore"]}, "nbac_team_boxscore"),
    ],
)
def test_what_does_not_exist_is_an_error_that_names_it(warehouse, folder, options, said):
    write(folder, schedule_rows(), ".csv")
    with pytest.raises(ConfigurationError, match=said):
        load_raw(warehouse, folder, **options)
    assert stored(warehouse) == []


def test_a_folder_that_is_none_or_holds_nothing_is_an_error_that_names_it(warehouse, folder, tmp_path):
    with pytest.raises(ConfigurationError, match=r"raw files has no file.*nbac_schedule.*\.parquet"):
        load_raw(warehouse, folder)
    with pytest.raises(ConfigurationError, match="nowhere is not a folder"):
        load_raw(warehouse, tmp_path / "nowhere")
    with pytest.raises(ConfigurationError, match=r"nbac_schedule\.csv is not a folder"):
        load_raw(warehouse, write(folder, schedule_rows(), ".csv"))


@pytest.mark.long
def test_initialise_creates_everything_and_again_changes_nothing(tmp_path, folder):
    warehouse = DuckDBWarehouse(tmp_path / "new" / "warehouse.duckdb")
    done = initialise(warehouse)
    first = columns_of(warehouse)
    for contract in [*all_contracts(), *raw_contracts().values()]:
        assert {c.name: c.type for c in contract.columns} == first[contract.full_name]
        assert f"created table {contract.full_name}" in done
    write(folder, schedule_rows(), ".csv")
    load_raw(warehouse, folder)
    rows = stored(warehouse)
    assert [line for line in initialise(warehouse) if not line.startswith(("views", "functions"))] == []
    assert columns_of(warehouse) == first
    assert stored(warehouse) == rows


def test_initialise_adds_a_missing_column_and_keeps_the_rows(world):
    change(
        world.warehouse,
        "ALTER TABLE nba_analytics.team_offense_game_summary DROP COLUMN pace",
        "ALTER TABLE nba_raw.nbac_schedule DROP COLUMN arena_name",
    )
    done = initialise(world.warehouse)
    assert "added column nba_analytics.team_offense_game_summary.pace NUMERIC(5,1)" in done
    assert "added column nba_raw.nbac_schedule.arena_name STRING" in done
    assert len(world.table("team_offense_game_summary")) == 2 * len(world.games)
    world.publish(repair=True)
    assert all(row["pace"] for row in world.table("team_offense_game_summary"))


OF_OTHERS = (
    "ALTER TABLE nba_analytics.player_game_summary DROP COLUMN publication_id",
    "ALTER TABLE nba_analytics.player_game_summary DROP COLUMN code_version",
    "UPDATE nba_analytics.player_game_summary SET usage_rate = 99",
    "DELETE FROM nba_phase3.publications",
)
"""As whoever published before us left a table: without our columns, with figures of their own, known to no record."""


def test_a_table_of_somebody_elses_is_compared_and_left_alone(world):
    change(
        world.warehouse,
        *OF_OTHERS,
        "ALTER TABLE nba_analytics.player_game_summary ALTER ts_pct TYPE DOUBLE",
        "ALTER TABLE nba_analytics.player_game_summary ADD COLUMN travel_miles INTEGER",
    )
    before = columns_of(world.warehouse)
    with pytest.raises(SchemaDriftError) as caught:
        initialise(world.warehouse)
    for word in (
        "2 missing: publication_id, code_version",
        "1 of another type: ts_pct FLOAT64 (not NUMERIC(5,3))",
        "1 in no contract: travel_miles",
        "PHASE3_BIGQUERY_ANALYTICS_DATASET",
        "--adopt player_game_summary",
        "nothing was changed",
    ):
        assert word in str(caught.value)
    with pytest.raises(SchemaDriftError, match="only a destructive step would help"):
        initialise(world.warehouse, adopt=["player_game_summary"])
    assert columns_of(world.warehouse) == before


@pytest.mark.slow
@pytest.mark.long
def test_an_adopted_table_keeps_its_rows_until_a_publication_replaces_them(world):
    world.publish()
    change(world.warehouse, *OF_OTHERS)
    done = initialise(world.warehouse, adopt=["player_game_summary"])
    assert "added column nba_analytics.player_game_summary.publication_id STRING" in done
    assert {row["usage_rate"] for row in world.table("player_game_summary")} == {99}
    again = [line for line in initialise(world.warehouse) if not line.startswith(("views", "functions"))]
    assert again == [], "it is ours now"
    world.publish()
    rows = world.table("player_game_summary")
    assert rows and all(row["publication_id"] and row["usage_rate"] != 99 for row in rows)
    with world.warehouse.session(read_only=True) as session:
        kept = session.query("SELECT usage_rate FROM nba_phase3.player_game_summary__history")
    assert {row["usage_rate"] for row in kept} == {99}


def test_only_published_tables_can_be_adopted(world):
    with pytest.raises(ConfigurationError, match="nbac_schedule is no published table"):
        initialise(world.warehouse, adopt=["nbac_schedule"])


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "ALTER TABLE nba_analytics.player_game_summary ALTER usage_rate TYPE VARCHAR",
            ["nba_analytics.player_game_summary.usage_rate", "STRING", "NUMERIC(6,2)"],
        ),
        (
            "ALTER TABLE nba_analytics.player_game_summary ADD COLUMN mine INTEGER",
            ["nba_analytics.player_game_summary.mine", "no contract"],
        ),
        (
            "ALTER TABLE nba_phase3.team_offense_game_summary__history ADD COLUMN mine INTEGER",
            ["nba_phase3.team_offense_game_summary__history.mine"],
        ),
        (
            "ALTER TABLE nba_raw.nbac_team_boxscore ALTER points TYPE DOUBLE",
            ["nba_raw.nbac_team_boxscore.points", "FLOAT64", "INT64"],
        ),
    ],
)
def test_initialise_takes_no_destructive_step_and_names_the_column(warehouse, statement, said):
    change(warehouse, statement, "ALTER TABLE nba_analytics.team_offense_game_summary DROP COLUMN pace")
    before = columns_of(warehouse)
    with pytest.raises(SchemaDriftError) as caught:
        initialise(warehouse)
    for word in said:
        assert word in str(caught.value)
    assert columns_of(warehouse) == before


def test_a_raw_table_may_have_columns_of_its_own(warehouse, folder):
    change(warehouse, "ALTER TABLE nba_raw.nbac_schedule ADD COLUMN mood VARCHAR")
    initialise(warehouse)
    write(folder, schedule_rows(), ".ndjson")
    assert load_raw(warehouse, folder)[0] == []
    assert len(stored(warehouse)) == len(schedule_rows())


@pytest.mark.slow
@pytest.mark.long
def test_every_view_can_be_queried_by_a_person(world):
    counts = {
        name: world.query(f"SELECT COUNT(*) AS n FROM nba_phase3.{name} WHERE game_date = @day", day=DAY)[0]["n"]
        for name in view_names()
        if name != "venues"
    }
    optional = ("odds_api_game_lines", "nbac_injury_report", "bigdataball_play_by_play")
    without_rows = {
        name for name in counts if any(f"nba_raw.{raw}" in tables_read(sql_text(f"views/{name}")) for raw in optional)
    }
    assert all(count for name, count in counts.items() if name not in without_rows), counts
    assert world.query("SELECT COUNT(*) AS n FROM nba_phase3.venues")[0]["n"] >= 30
    assert counts["scheduled_games"] == counts["game_sources"] == len(world.games)
    assert counts["team_rows"] == counts["team_games"] == 2 * len(world.games)
    assert counts["player_rows"] == len(world.table("player_game_summary"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "statement",
    ["CREATE OR REPLACE VIEW nba_phase3.team_rows AS SELECT 1 AS one", "DROP VIEW nba_phase3.team_rows"],
)
@pytest.mark.long
def test_initialise_puts_a_view_back_that_somebody_changed(world, statement):
    count = "SELECT COUNT(*) AS n FROM nba_phase3.team_rows WHERE game_date = @day"
    before = world.query(count, day=DAY)
    change(world.warehouse, statement)
    initialise(world.warehouse)
    assert world.query(count, day=DAY) == before


def in_time(*arguments: object) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, which a wait without end cannot outlive."""
    command = [sys.executable, "-m", "phase3_assets.cli", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.long
def test_init_on_the_command_line(tmp_path):
    first, again = phase3("init"), phase3("init")
    assert (first.exit_code, again.exit_code) == (0, 0)
    assert "created table nba_analytics.player_game_summary" in first.output
    assert "created" not in again.output
    assert (tmp_path / "warehouse.duckdb").exists()


def test_init_explains_what_it_will_not_do(warehouse):
    change(warehouse, "ALTER TABLE nba_analytics.player_game_summary ADD COLUMN mine INTEGER")
    result = phase3("init")
    assert result.exit_code == 2
    assert "nba_analytics.player_game_summary.mine" in result.stderr
    assert "Traceback" not in result.output


def test_init_leaves_a_file_alone_that_is_no_warehouse(tmp_path):
    (tmp_path / "warehouse.duckdb").write_bytes(b"not a database at all" * 500)
    result = phase3("init")
    assert result.exit_code == 1
    assert "warehouse.duckdb" in result.stderr and "nothing of it was overwritten" in result.stderr
    assert (tmp_path / "warehouse.duckdb").read_bytes().startswith(b"not a database at all")


def test_wrong_settings_and_usage_are_two(monkeypatch, folder):
    assert phase3("init", "--now").exit_code == 2
    assert phase3("load-raw").exit_code == 2
    for name, value in (("PHASE3_WAREHOUSE", "oracle"), ("PHASE3_WAIT_SECONDS", "soon")):
        with monkeypatch.context() as patch:
            patch.setenv(name, value)
            for command in (["init"], ["load-raw", folder]):
                result = phase3(*command)
                assert result.exit_code == 2
                assert name in result.stderr and value in result.stderr


def test_load_raw_on_the_command_line(warehouse, folder):
    write(folder, [{**row, "mood": "good"} for row in schedule_rows()], ".csv")
    (folder / "players.csv").write_text("a\n1\n", encoding="utf-8")
    result = phase3("load-raw", folder)
    assert result.exit_code == 0
    assert "nbac_schedule: 4 rows of 1 dates (2026-02-03 to 2026-02-03) from nbac_schedule.csv" in result.output
    assert "ignored columns: mood" in result.output
    assert "players.csv" in result.output
    assert len(stored(warehouse)) == 4


def test_load_raw_makes_the_warehouse_it_needs(tmp_path, folder):
    write(folder, schedule_rows(), ".parquet")
    assert phase3("load-raw", folder).exit_code == 0
    assert len(stored(DuckDBWarehouse(tmp_path / "warehouse.duckdb"))) == 4


def test_load_raw_of_a_bad_file_is_one_and_loads_the_good(warehouse, folder):
    write(folder, schedule_rows(), ".csv")
    (folder / "nbac_team_boxscore.parquet").write_bytes(b"")
    result = phase3("load-raw", folder)
    assert result.exit_code == 1
    assert "nbac_team_boxscore.parquet" in result.stderr and "Traceback" not in result.output
    assert len(stored(warehouse)) == 4
    assert phase3("load-raw", folder, "--table", SCHEDULE).exit_code == 0


def test_load_raw_with_a_column_missing_is_one_unless_allowed(warehouse, folder):
    write(folder, without("arena_name"), ".csv")
    refused = phase3("load-raw", folder)
    assert refused.exit_code == 1
    assert "--allow-missing arena_name" in refused.stderr
    assert phase3("load-raw", folder, "--allow-missing", "arena_name").exit_code == 0
    assert {row["arena_name"] for row in stored(warehouse)} == {None}


@pytest.mark.parametrize(
    "arguments",
    [
        ["nowhere"],
        ["."],
        ["raw files", "--table", "nbac_shedule"],
        ["raw files", "--allow-missing", "arena"],
        ["raw files", "--table", "nbac_team_boxscore"],
    ],
)
def test_load_raw_of_what_is_not_there_is_two(monkeypatch, folder, arguments):
    write(folder, schedule_rows(), ".csv")
    monkeypatch.chdir(folder.parent)
    result = phase3("load-raw", *arguments)
    assert result.exit_code == 2
    assert arguments[-1] in result.stderr and "Traceback" not in result.output
