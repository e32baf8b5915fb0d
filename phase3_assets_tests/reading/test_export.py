"""`phase3 export`: a file is complete or absent, and says exactly what is published."""

import json
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow
import pyarrow.csv
import pyarrow.parquet
import pytest
from click.testing import CliRunner

from phase3_assets import export, read
from phase3_assets.catalog.tables import published_table
from phase3_assets.cli import main
from phase3_assets.errors import ConfigurationError
from phase3_assets.files import whole_file
from phase3_assets.warehouse.arrow import arrow_schema
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets_tests.support.games import DAY, PLAYERS

ROOT = Path(__file__).parents[2]
CONTRACT = published_table(PLAYERS).contract


@pytest.fixture(scope="module")
def published(tmp_path_factory, _published_file):
    """Three published games of one date, which no test here changes."""
    path = tmp_path_factory.mktemp("export") / "warehouse.duckdb"
    path.write_bytes(_published_file)
    return DuckDBWarehouse(path, wait_seconds=10)


@pytest.fixture
def phase3(published, monkeypatch):
    """The command line on that warehouse."""
    monkeypatch.setenv("PHASE3_DUCKDB_PATH", str(published.path))
    return lambda *arguments: CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def rows(published):
    return read(PLAYERS, DAY, engine="arrow", warehouse=published)


def test_parquet_has_the_types_and_meanings_of_the_contract(phase3, rows, tmp_path):
    shown = phase3("export", PLAYERS, DAY, DAY, "--to", tmp_path / "night.parquet")
    assert shown.exit_code == 0, shown.output
    assert shown.output.endswith(f"night.parquet: {rows.num_rows} rows of {PLAYERS}, {DAY} to {DAY}\n")
    found = pyarrow.parquet.read_table(tmp_path / "night.parquet")
    assert found.equals(rows)
    assert found.schema.equals(arrow_schema(CONTRACT, CONTRACT.column_names))
    meaning = found.schema.field("usage_rate").metadata[b"description"].decode()
    assert meaning == CONTRACT.column("usage_rate").description


def test_csv_tells_missing_from_empty_and_keeps_decimals(phase3, rows, tmp_path):
    assert phase3("export", PLAYERS, DAY, DAY, "--to", tmp_path / "night.csv").exit_code == 0
    scalars = {field.name: field.type for field in rows.schema if not pyarrow.types.is_nested(field.type)}
    options = pyarrow.csv.ConvertOptions(
        column_types={**scalars, "quality_issues": pyarrow.string()},
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )
    found = pyarrow.csv.read_csv(tmp_path / "night.csv", convert_options=options)
    assert found.column_names == rows.column_names
    assert found.drop(["quality_issues"]).equals(rows.drop(["quality_issues"]))
    lists = [None if text is None else json.loads(text) for text in found["quality_issues"].to_pylist()]
    assert lists == rows["quality_issues"].to_pylist()


def test_ndjson_is_one_object_a_line(phase3, rows, tmp_path):
    assert phase3("export", PLAYERS, DAY, DAY, "--to", tmp_path / "night.ndjson").exit_code == 0
    lines = (tmp_path / "night.ndjson").read_text(encoding="utf-8").splitlines()
    found = [json.loads(line) for line in lines]
    for said, row in zip(found, rows.to_pylist(), strict=True):
        assert list(said) == list(row)
        for name, value in row.items():
            if isinstance(value, datetime):
                assert datetime.fromisoformat(said[name]).astimezone(UTC) == value
            elif isinstance(value, Decimal):
                assert Decimal(str(said[name])) == value
            else:
                assert said[name] == (value.isoformat() if hasattr(value, "isoformat") else value)


def test_columns_and_a_moment(phase3, rows, tmp_path):
    target = tmp_path / "some.parquet"
    moment = max(rows["processed_at"].to_pylist()).isoformat()
    shown = phase3(
        "export", PLAYERS, DAY, DAY, "--to", target, "--columns", "points, player_lookup", "--at", "2026-02-03"
    )
    assert shown.exit_code == 2 and "add the time of day" in shown.output
    shown = phase3("export", PLAYERS, DAY, DAY, "--to", target, "--columns", "points, player_lookup")
    assert shown.exit_code == 0
    assert pyarrow.parquet.read_table(target).equals(rows.select(["points", "player_lookup"]))
    before = datetime.fromisoformat(moment).replace(year=2025).isoformat()
    assert phase3("export", PLAYERS, DAY, DAY, "--to", target, "--force", "--at", before).exit_code == 0
    assert pyarrow.parquet.read_table(target).num_rows == 0


def test_a_file_that_is_there_is_replaced_only_by_force(phase3, tmp_path):
    target = tmp_path / "night.csv"
    target.write_text("mine")
    shown = phase3("export", PLAYERS, DAY, DAY, "--to", target)
    assert (shown.exit_code, target.read_text()) == (2, "mine")
    assert "exists already and was left as it is; --force" in shown.output
    assert phase3("export", PLAYERS, DAY, DAY, "--to", target, "--force").exit_code == 0
    assert target.read_text().startswith('"player_lookup"')
    assert [path.name for path in tmp_path.glob("*night*")] == ["night.csv"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("night.xlsx", "can be .parquet, .csv, .ndjson"),
        ("night", "can be .parquet, .csv, .ndjson"),
        ("nowhere/night.csv", "there is no folder"),
        ("folder.csv", "is no ordinary file"),
        ("link.csv", "is a link to a file that does not exist"),
    ],
)
def test_a_file_that_cannot_be_is_refused_before_any_work(phase3, tmp_path, name, words):
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "link.csv").symlink_to(tmp_path / "gone.csv")
    before = sorted(tmp_path.iterdir())
    shown = phase3("export", PLAYERS, DAY, DAY, "--to", tmp_path / name, "--force")
    assert shown.exit_code == 2 and words in shown.output
    assert sorted(tmp_path.iterdir()) == before


def test_a_wrong_table_column_or_date_is_one_sentence(phase3, tmp_path):
    target = tmp_path / "x.csv"
    for arguments, words in [
        (("nothing", DAY, DAY), "there is no published table"),
        ((PLAYERS, "2026-02-30", DAY), "is not a date"),
        ((PLAYERS, DAY, DAY, "--columns", "points,pionts"), "no column 'pionts'"),
    ]:
        shown = phase3("export", *arguments, "--to", target)
        assert shown.exit_code == 2 and words in shown.output
    assert not target.exists()


def test_a_game_left_out_is_named_and_the_exit_status_says_so(world, monkeypatch, tmp_path):
    monkeypatch.setenv("PHASE3_DUCKDB_PATH", str(world.warehouse.path))
    world.tamper(f"UPDATE nba_analytics.{PLAYERS} SET points = points + 1 WHERE game_id = '{{game}}'")
    shown = CliRunner().invoke(main, ["export", PLAYERS, str(DAY), str(DAY), "--to", str(tmp_path / "x.parquet")])
    assert shown.exit_code == 1
    assert f"1 game is left out of {PLAYERS}: {world.game.game_id}" in shown.stderr
    games = set(pyarrow.parquet.read_table(tmp_path / "x.parquet")["game_id"].to_pylist())
    assert games == {game.game_id for game in world.games[1:]}
    done = export(PLAYERS, DAY, DAY, tmp_path / "y.ndjson", warehouse=world.warehouse)
    assert set(done.left_out) == {world.game.game_id}


# --- Whole or not at all ----------------------------------------------------------------------------------------------


def test_a_file_that_comes_meanwhile_is_not_replaced(published, tmp_path):
    with pytest.raises(FileExistsError), whole_file(tmp_path / "x", overwrite=False) as file:
        file.write(b"ours")
        (tmp_path / "x").write_text("theirs")
    assert (tmp_path / "x").read_text() == "theirs"
    assert len(list(tmp_path.glob("*x*"))) == 1


def test_an_error_in_the_midst_leaves_what_was_there(tmp_path):
    (tmp_path / "x").write_text("before")
    with pytest.raises(ValueError), whole_file(tmp_path / "x", overwrite=True) as file:
        file.write(b"half")
        raise ValueError
    assert (tmp_path / "x").read_text() == "before"
    assert [path.name for path in tmp_path.iterdir() if "x" in path.name] == ["x"]


def test_a_link_is_followed(tmp_path):
    (tmp_path / "real").write_text("before")
    (tmp_path / "link").symlink_to("real")
    with whole_file(tmp_path / "link", overwrite=True) as file:
        file.write(b"after")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "real").read_text() == "after"


_SLOWLY = """
import sys, time
from pathlib import Path
from phase3_assets.files import whole_file
with whole_file(Path(sys.argv[1]), overwrite=True) as file:
    for part in range(1000):
        file.write(b"half" * 10000)
        file.flush()
        print(part, flush=True)
        time.sleep(0.01)
"""


def test_a_kill_in_the_midst_leaves_the_old_file(tmp_path):
    target = tmp_path / "night.csv"
    target.write_text("before")
    writer = subprocess.Popen([sys.executable, "-c", _SLOWLY, str(target)], stdout=subprocess.PIPE, cwd=ROOT)
    for _ in range(3):
        writer.stdout.readline()
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    writer.stdout.close()
    assert target.read_text() == "before"
    [part] = tmp_path.glob(".night.csv.*.part")
    assert part.stat().st_size > 0


def test_readers_of_the_file_see_the_old_or_the_new_one(published, tmp_path):
    """Exports over and over, and one who reads the file all the while."""
    target, seen, is_over = tmp_path / "night.csv", set(), threading.Event()
    export(PLAYERS, DAY, DAY, target, warehouse=published)
    wanted = {target.read_bytes()}
    export(PLAYERS, DAY, DAY, target, columns=["points"], overwrite=True, warehouse=published)
    wanted.add(target.read_bytes())

    def look() -> None:
        while not is_over.is_set():
            seen.add(target.read_bytes())

    reader = threading.Thread(target=look)
    reader.start()
    until = time.monotonic() + 1
    while time.monotonic() < until:
        for columns in (None, ["points"]):
            export(PLAYERS, DAY, DAY, target, columns=columns, overwrite=True, warehouse=published)
    is_over.set()
    reader.join()
    assert seen <= wanted and len(seen) == 2


def test_the_disk_being_full_is_one_sentence(published, monkeypatch, tmp_path):
    import os

    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        export(PLAYERS, DAY, DAY, tmp_path / "x.csv", warehouse=published)
    assert list(tmp_path.glob("*x.csv*")) == []


def test_python_says_what_is_wrong_too(published, tmp_path):
    with pytest.raises(ConfigurationError, match="the ending says the format"):
        export(PLAYERS, DAY, DAY, tmp_path / "x.txt", warehouse=published)
