"""Somebody's own columns: a map of them loads the same rows as files of ours, or says what is wrong with it."""

from pathlib import Path

import pandas
import pytest
import yaml

from phase3_assets.catalog.contracts import raw_contracts
from phase3_assets.warehouse.interface import Warehouse
from phase3_assets_tests.support.commands import phase3
from phase3_assets_tests.support.files import schedule_rows, stored, write

GAMES = "nbac_schedule"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "files"
    made.mkdir()
    return made


def load(folder: Path, columns: dict[str, object], *options: object, **said: object):
    path = folder.parent / "map.yml"
    path.write_text(yaml.safe_dump({GAMES: {"columns": columns, **said}}), encoding="utf-8")
    return phase3("load-raw", folder, "--map", path, *options)


def own_rows() -> pandas.DataFrame:
    """The schedule's rows in columns of somebody's own; the season is only in a sentence."""
    rows = pandas.DataFrame(schedule_rows())
    return pandas.DataFrame(
        {
            "Game": rows["game_id"],
            "Day": [f"{day:%d.%m.%Y}" for day in rows["game_date"]],
            "Season": [f"season {year}-{year - 1999}" for year in rows["season_year"]],
            "Home Team": rows["home_team_tricode"],
            "away": rows["away_team_tricode"].str.lower(),
            "status": rows["game_status"].map(lambda status: "F" if status == 3 else "-"),
            "loaded": rows["processed_at"].astype(str),
        }
    )


MAP: dict[str, object] = {
    "game_id": "Game",
    "game_date": "DAY",
    "season_year": "REGEXP_EXTRACT(Season, '[0-9]+')",
    "home_team_tricode": "Home Team",
    "away_team_tricode": "UPPER(away)",
    "game_status": "IF(status = 'F', 3, 1)",
    "processed_at": "loaded",
}


@pytest.mark.parametrize("kind", ["csv", "parquet", "json", "xlsx"])
def test_own_columns_load_the_rows_of_ours(warehouse: Warehouse, folder: Path, kind: str):
    path = folder / f"My games.{kind}"
    rows = own_rows()
    if kind == "csv":
        rows.to_csv(path, index=False, sep=";")
    elif kind == "parquet":
        rows.assign(Day=pandas.DataFrame(schedule_rows())["game_date"]).to_parquet(path)
    elif kind == "json":
        rows.to_json(path, orient="records")
    else:
        rows.to_excel(path, index=False)
    options = () if kind == "parquet" else ("--date-format", "%d.%m.%Y")
    result = load(folder, MAP, *options, files="my games.*")
    assert result.exit_code == 0, result.output
    assert f"{GAMES}: {len(rows)} rows" in result.output and f"from My games.{kind}" in result.output
    wanted = [{name: row[name] for name in MAP} for row in schedule_rows()]
    found = [{name: row[name] for name in MAP} for row in stored(warehouse)]
    assert sorted(found, key=str) == sorted(wanted, key=str)
    assert all(row[name] is None for row in stored(warehouse) for name in row if name not in {*MAP, "source_file_path"})


def test_the_template_of_every_table_maps_the_tables_own_files(warehouse: Warehouse, folder: Path):
    for table, contract in raw_contracts().items():
        said = yaml.safe_load(phase3("describe-raw", table).output)
        assert list(said[table]["columns"]) == list(contract.column_names)
    write(folder, schedule_rows(), ".csv")
    path = folder.parent / "map.yml"
    template = yaml.safe_load(phase3("describe-raw", GAMES).output)
    template[GAMES]["columns"] = {
        name: value for name, value in template[GAMES]["columns"].items() if name in schedule_rows()[0]
    }
    path.write_text(yaml.safe_dump(template), encoding="utf-8")
    assert phase3("load-raw", folder, "--map", path).exit_code == 0
    assert len(stored(warehouse)) == len(schedule_rows())


WRONG = {
    "a column the files lack": (
        {"game_id": "Match"},
        "has no column Match, of which nbac_schedule.game_id is made",
    ),
    "a column that we lack": ({"game": "Game"}, "nbac_schedule has no column game; phase3 describe-raw nbac_schedule"),
    "a required one left out": ({"game_id": None}, "nbac_schedule.game_id should be a column or an expression"),
    "a second table": ({"game_id": "(SELECT MAX(Game) FROM own_rows)"}, "one expression over the columns of a row"),
    "two values": ({"game_id": "Game, Day"}, "one expression over the columns of a row"),
    "an aggregate": ({"game_id": "MAX(Game)"}, "about one row"),
    "another file": ({"game_id": "Game FROM read_text('/etc/passwd') --"}, "has no column"),
    "an expression that fails": (
        {"game_id": "CAST(away AS INT64)"},
        "an expression for nbac_schedule cannot be",
    ),
    "a value of no such type": ({"season_year": "away"}, "My games.csv: column season_year should be INT64, found"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_map_that_is_wrong_says_where_and_loads_nothing(warehouse: Warehouse, folder: Path, case: str):
    own_rows().to_csv(folder / "My games.csv", index=False)
    changed, said = WRONG[case]
    result = load(folder, {**MAP, **changed}, "--date-format", "%d.%m.%Y", files="my games*")
    assert result.exit_code in (1, 2) and said in result.stderr, result.output
    assert len(result.stderr.splitlines()) <= 3
    assert stored(warehouse) == []


def test_what_is_required_and_not_mapped_can_be_left_out_on_purpose(warehouse: Warehouse, folder: Path):
    own_rows().to_csv(folder / "My games.csv", index=False)
    columns = {name: value for name, value in MAP.items() if name != "processed_at"}
    options = ("--date-format", "%d.%m.%Y")
    result = load(folder, columns, *options, files="my games*")
    assert result.exit_code == 2 and "needs processed_at" in result.stderr
    assert load(folder, columns, *options, "--allow-missing", "processed_at", files="my games*").exit_code == 0
    assert {row["processed_at"] for row in stored(warehouse)} == {None}


@pytest.mark.long
def test_a_map_without_its_files_and_one_that_is_none(folder: Path):
    result = load(folder, MAP)
    assert result.exit_code == 2 and "has no file nbac_schedule* for nbac_schedule" in result.stderr
    wrong = {"[": "cannot be read", "": "names no raw table", "games: {columns: {a: b}}": "no raw table games"}
    for text, said in wrong.items():
        (folder.parent / "map.yml").write_text(text, encoding="utf-8")
        result = phase3("load-raw", folder, "--map", folder.parent / "map.yml")
        assert result.exit_code == 2 and said in result.stderr


def test_two_files_of_a_map_with_one_date_are_named_as_they_are(warehouse: Warehouse, folder: Path):
    for number in (1, 2):
        own_rows().to_csv(folder / f"My games {number}.csv", index=False)
    result = load(folder, MAP, "--date-format", "%d.%m.%Y", files="my games*")
    assert result.exit_code == 1 and f"{folder}/My games 2.csv: holds 2026-02-03" in result.stderr
    assert "which My games 1.csv holds too" in result.stderr and "nothing of My games 2.csv was loaded" in result.stderr
