"""Files as people have them: what is exactly a value in another spelling loads, what would lose or guess is refused."""

import gzip
import io
import json
import os
import random
import re
import zipfile
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pandas
import pyarrow
import pytest

from phase3_assets.catalog.contracts import raw_contracts
from phase3_assets.demo.season import Row, raw_rows
from phase3_assets.loading.files import load_raw
from phase3_assets_tests.support.commands import phase3
from phase3_assets_tests.support.files import as_csv, change, schedule_rows, stored, write, write_parquet
from phase3_assets_tests.support.games import DAY, night
from phase3_assets_tests.support.sampling import first_in_ci

pytestmark = pytest.mark.slow

TABLES = ("nbac_schedule", "nbac_team_boxscore", "nbac_gamebook_player_stats", "odds_api_player_points_props")


DAMAGED_FILES = int(os.environ.get("PHASE3_TEST_DAMAGED_FILES", "3"))


SOME = {
    "STRING": "text",
    "INT64": 12,
    "FLOAT64": 1.5,
    "BOOL": True,
    "DATE": DAY,
    "TIMESTAMP": datetime(2026, 2, 3, 23, 30, 1, tzinfo=UTC),
}
"""A value of every type, for the tables that a simulated night leaves empty."""


def rows_of(table: str) -> list[Row]:
    """Rows with gaps in their whole numbers, as every table of figures has them."""
    if table == "nbac_schedule":
        first, *others = schedule_rows()
        return [{**first, "home_team_score": None}, *others]
    columns = raw_contracts()[table].columns
    made = raw_rows(night(1)).get(table) or [{c.name: SOME[c.type] for c in columns} for _ in range(2)]
    rows = [{**dict.fromkeys(raw_contracts()[table].column_names), **row} for row in made]
    for column in raw_contracts()[table].columns:
        if column.type == "INT64" and not column.required:
            rows[0][column.name] = None
    return rows


def frame(table: str) -> pandas.DataFrame:
    """The rows as pandas has them: whole numbers with a gap are floats, dates are timestamps."""
    made = pandas.DataFrame(rows_of(table))
    for column in raw_contracts()[table].columns:
        if column.type in ("DATE", "TIMESTAMP"):
            made[column.name] = pandas.to_datetime(made[column.name], utc=column.type == "TIMESTAMP")
    return made


def text(made: pandas.DataFrame, **options: object) -> bytes:
    return made.to_csv(**{"index": False, **options}).encode()


def excel(made: pandas.DataFrame) -> bytes:
    """A sheet as pandas writes it; Excel has no time zones."""
    file = io.BytesIO()
    made.assign(**{name: made[name].dt.tz_localize(None) for name in made.select_dtypes("datetimetz")}).to_excel(
        file, index=False
    )
    return file.getvalue()


SPELLINGS = {
    "Excel": (".xlsx", excel),
    "to_csv": (".csv", text),
    "to_csv with its index": (".csv", lambda made: text(made, index=True)),
    "semicolons": (".csv", lambda made: text(made, sep=";")),
    "tabs": (".tsv", lambda made: text(made, sep="\t")),
    "bars and single quotes": (".txt", lambda made: text(made, sep="|", quotechar="'", quoting=1)),
    "capitals and blanks": (".csv", lambda made: text(made.rename(columns=lambda name: f" {name.upper()} "))),
    "gaps that are said": (".csv", lambda made: text(made, na_rep="NaN")),
    "gaps as a database says them": (".csv", lambda made: text(made, na_rep="\\N")),
    "gzip": (".csv.gz", lambda made: gzip.compress(text(made))),
    "Zstandard": (".csv.zst", lambda made: pyarrow.compress(text(made), codec="zstd", asbytes=True)),
    "byte order mark": (".csv", lambda made: b"\xef\xbb\xbf" + text(made)),
    "UTF-16": (".csv", lambda made: text(made).decode().encode("utf-16")),
    "old Mac and Windows line ends": (".csv", lambda made: text(made, lineterminator="\r\n")),
    "NDJSON": (
        ".ndjson",
        lambda made: made.to_json(orient="records", lines=True, date_format="iso", date_unit="us").encode(),
    ),
    "a JSON array": (".json", lambda made: made.to_json(orient="records", date_format="iso", date_unit="us").encode()),
    "a compressed JSON array": (
        ".json.gz",
        lambda made: gzip.compress(made.to_json(orient="records", date_format="iso", date_unit="us").encode()),
    ),
    "yes and no": (
        ".csv",
        lambda made: text(
            made.map(lambda value: {True: "yes", False: "no"}[value] if isinstance(value, bool) else value)
        ),
    ),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "files"
    made.mkdir()
    return made


@pytest.mark.parametrize("table", first_in_ci([*TABLES, *sorted(set(raw_contracts()) - set(TABLES))], len(TABLES)))
@pytest.mark.long
def test_every_spelling_loads_the_rows_that_parquet_does(warehouse, folder, table):
    write_parquet(folder / f"{table}.parquet", rows_of(table), table)
    assert load_raw(warehouse, folder) == ([], [])
    (folder / f"{table}.parquet").unlink()
    expected = sorted(map(str, stored_of(warehouse, table)))
    assert expected
    for case, (suffix, content) in SPELLINGS.items():
        change(warehouse, f"DELETE FROM nba_raw.{table}")
        path = folder / f"{table}{suffix}"
        path.write_bytes(content(frame(table)))
        assert load_raw(warehouse, folder)[0] == [], case
        assert sorted(map(str, stored_of(warehouse, table))) == expected, case
        path.unlink()


def stored_of(warehouse, table):
    with warehouse.session(read_only=True) as session:
        return session.query(f"SELECT * FROM nba_raw.{table}")


def test_what_pandas_makes_of_gaps_in_parquet_is_taken_too(warehouse, folder):
    write_parquet(
        folder / "nbac_schedule.parquet",
        rows_of("nbac_schedule"),
        home_team_score="DOUBLE",
        game_date="TIMESTAMP_NS",
    )
    assert load_raw(warehouse, folder) == ([], [])
    assert {type(row["game_date"]) for row in stored(warehouse)} == {date}


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("home_team_score", "12.5", "INT64"),
        ("home_team_score", "1,200", "INT64"),
        ("home_team_score", "1_200", "INT64"),
        ("home_team_score", "1e30", "INT64"),
        ("game_date", "02/03/2026", "--date-format"),
        ("game_date", "2026-02-03T19:30:00", "DATE"),
        ("game_date", "2026-02-30", "DATE"),
        ("processed_at", "2026-02-03T01:02:03.123456789", "TIMESTAMP"),
        ("processed_at", "infinity", "TIMESTAMP"),
        ("is_playoffs", "2", "BOOL"),
    ],
)
def test_what_would_lose_or_guess_is_refused_with_its_row(warehouse, folder, column, value, said):
    rows = schedule_rows()
    rows[2] = {**rows[2], column: value}
    write(folder, rows, ".csv")
    ((failure,), _) = load_raw(warehouse, folder)
    for word in (column, value, "row 3", "was not changed", said):
        assert word in failure
    assert len(failure.splitlines()) <= 3
    assert stored(warehouse) == []


def test_the_order_of_a_date_is_told(warehouse, folder):
    write(folder, [{**row, "game_date": DAY.strftime("%m/%d/%Y")} for row in schedule_rows()], ".csv")
    result = phase3("load-raw", folder, "--date-format", "%m/%d/%Y")
    assert result.exit_code == 0, result.output
    assert {row["game_date"] for row in stored(warehouse)} == {DAY}


def test_latin_1_is_recognised_and_named_and_a_damaged_file_is_not_guessed_at(warehouse, folder):
    path = folder / "nbac_schedule.csv"
    whole = as_csv([{**row, "arena_name": "Porte de Génève"} for row in schedule_rows()])
    path.write_bytes(whole.encode("latin-1"))
    result = phase3("load-raw", folder)
    assert result.exit_code == 0 and "read as Latin-1" in result.output
    assert {row["arena_name"] for row in stored(warehouse)} == {"Porte de Génève"}
    path.write_bytes(whole.encode().replace("è".encode(), b"\xc3", 1))
    result = phase3("load-raw", folder)
    assert result.exit_code == 1 and "neither UTF-8 text nor Latin-1" in result.stderr


def test_files_of_one_table_belong_together_and_the_parts_of_a_folder_are_one(warehouse, folder):
    (folder / "nbac_schedule").mkdir()
    rows = schedule_rows()
    for part in (0, 1):
        write_parquet(folder / "nbac_schedule" / f"part-{part}.parquet", rows[part::2])
    earlier = date(2025, 1, 3)
    write(folder, schedule_rows(1, earlier), ".csv").rename(folder / "nbac_schedule_2024.csv")
    assert load_raw(warehouse, folder) == ([], [])
    assert [row["game_date"] for row in stored(warehouse)].count(DAY) == len(rows)
    assert earlier in {row["game_date"] for row in stored(warehouse)}
    before = stored(warehouse)
    (folder / "nbac_schedule" / "part-1.parquet").write_bytes(b"PAR1")
    ((failure,), _) = load_raw(warehouse, folder)
    assert "part-1.parquet" in failure
    assert stored(warehouse) == before


def test_two_rows_of_one_load_with_other_figures_are_told_at_once(warehouse, folder):
    table = "nbac_team_boxscore"
    rows = rows_of(table)
    write(folder, [*rows, {**rows[1], "points": 3}], ".csv", table)
    result = phase3("load-raw", folder)
    assert "two rows of one load" in result.output and rows[1]["game_id"] in result.output


def test_two_columns_of_one_name_are_refused(warehouse, folder):
    content = as_csv([{**row, "x": 1} for row in schedule_rows()]).replace(",x", ",GAME_STATUS", 1)
    (folder / "nbac_schedule.csv").write_text(content, encoding="utf-8", newline="")
    ((failure,), _) = load_raw(warehouse, folder)
    assert "two columns game_status" in failure


def test_a_json_column_of_objects_is_no_text(warehouse, folder):
    rows = [{**row, "arena_name": {"name": "Hall"}} for row in schedule_rows()]
    (folder / "nbac_schedule.json").write_text(json.dumps(rows, default=str), encoding="utf-8")
    ((failure,), _) = load_raw(warehouse, folder)
    assert re.search("arena_name should be STRING", failure)


def test_a_compressed_file_that_stops_midway_is_refused(warehouse, folder):
    path = folder / "nbac_schedule.csv.gz"
    path.write_bytes(gzip.compress(as_csv(schedule_rows()).encode())[:-30])
    ((failure,), _) = load_raw(warehouse, folder)
    assert "nbac_schedule.csv.gz" in failure and "changed" in failure
    path.rename(folder / "nbac_schedule.csv.zst")
    ((failure,), _) = load_raw(warehouse, folder)
    assert "changed" in failure


def sheets(path: Path, **rows: list[list[object]]) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, cells in rows.items():
        sheet = book.create_sheet(name)
        for row in cells:
            sheet.append(row)
    book.save(path)


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (timedelta(minutes=36, seconds=12), "B2 is a time or duration"),
        (time(12, 30), "B2 is a time or duration"),
        ("=1/2", "B2 is a formula without its result"),
        ("#N/A", "B2 is the error #N/A"),
    ],
)
def test_a_cell_that_would_be_guessed_at_is_refused_with_its_place(warehouse, folder, cell, said):
    sheets(folder / "nbac_schedule.xlsx", games=[["game_id", "game_date"], ["0022500716", cell]])
    result = phase3("load-raw", folder)
    assert result.exit_code == 1 and said in result.stderr and "nothing was changed" in result.stderr
    assert stored(warehouse) == []


def test_an_excel_file_has_one_sheet_with_rows(warehouse, folder):
    path = folder / "nbac_schedule.xlsx"
    sheets(path, games=[["game_id"], ["1"]], notes=[["ask Ann"]])
    assert "has the sheets games, notes with rows" in phase3("load-raw", folder).stderr
    sheets(path, games=[], notes=[])
    assert "has no sheet with rows" in phase3("load-raw", folder).stderr
    path.write_bytes(b"PK\x03\x04 cut off")
    assert "is no Excel file that can be read" in phase3("load-raw", folder).stderr
    assert stored(warehouse) == []


def test_rows_beyond_the_size_that_a_sheet_says_it_has_are_not_left_out(warehouse, folder):
    """Some programs write the size of the first cell."""
    whole, path = folder / "whole.xlsx", folder / "nbac_schedule.xlsx"
    whole.write_bytes(excel(frame(TABLES[0])))
    with zipfile.ZipFile(whole) as read, zipfile.ZipFile(path, "w") as written:
        for name in read.namelist():
            text, times = re.subn(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', read.read(name))
            written.writestr(name, text)
            assert times == name.startswith("xl/worksheets/sheet")
    whole.unlink()
    result = phase3("load-raw", folder)
    assert result.exit_code == 0, result.output
    assert len(stored(warehouse)) == len(rows_of(TABLES[0]))


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_damaged_file_loads_whole_or_is_refused_and_leaves_no_traceback(warehouse, folder, spelling):
    """Bytes changed, cut out and repeated anywhere; what loads all the same has as many rows as the file."""
    ending, made = SPELLINGS[spelling]
    whole = made(frame(TABLES[0]))
    path = folder / f"{TABLES[0]}{ending}"
    path.write_bytes(whole)
    assert phase3("load-raw", folder).exit_code == 0
    number_of_rows, damage = len(stored(warehouse)), random.Random(spelling)
    for number in range(DAMAGED_FILES):
        path.write_bytes(damaged(whole, damage))
        before = stored(warehouse)
        result = phase3("load-raw", folder)
        assert result.exit_code in (0, 1), (number, result.output, result.exception)
        assert isinstance(result.exception, SystemExit | None), (number, result.exc_info)
        if result.exit_code:
            assert stored(warehouse) == before and len(result.stderr.splitlines()) <= 3, (number, result.stderr)
        else:
            said = int(re.search(r"nbac_schedule: (\d+) rows", result.output)[1])
            assert said <= number_of_rows + 1, (number, result.output)


def damaged(whole: bytes, damage: random.Random) -> bytes:
    start, length = damage.randrange(len(whole)), damage.choice([1, 1, 1, 3, 20])
    filling = damage.choice([b"", damage.randbytes(length), whole[start : start + length] * 2, b'"', b"\n", b","])
    return whole[:start] + filling + whole[start + length :]
