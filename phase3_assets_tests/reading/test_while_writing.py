"""Two readers and eight writers: read() and export never see half a game.

What belongs here: readers in processes of their own, while threads and processes publish. What doesn't: that writers
end as if one had come after the other (stories/test_concurrency.py).
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pyarrow.parquet
import pytest

from phase3_assets import export, read
from phase3_assets.errors import WarehouseBusyError
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets_tests.support.games import OFFENSE, PLAYERS
from phase3_assets_tests.support.processes import PATIENCE_SECONDS, PROCESSES, publish_and_die

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

WRITERS = 8
MEANING = {
    PLAYERS: ["game_id", "player_lookup", "points", "assists", "steals", "usage_rate"],
    OFFENSE: ["game_id", "team_abbr", "points_scored", "assists", "steals"],
}


def by_game(rows):
    """Each game's rows, without what only names their publication."""
    found = {}
    for row in rows.to_pylist():
        found.setdefault(row["game_id"], []).append(tuple(row.values()))
    return {game: tuple(sorted(those, key=repr)) for game, those in found.items()}


def rows_of(warehouse, table, seesaw):
    return read(table, seesaw.first, seesaw.last, columns=MEANING[table], engine="arrow", warehouse=warehouse)


def look_on(path: Path, days, truths, kind: str, folder: Path, pipe) -> None:
    """Read, or export, until told to stop, and once more; say which versions were seen and what was wrong."""
    warehouse, seen, wrong = DuckDBWarehouse(path, PATIENCE_SECONDS), set(), []

    def look() -> None:
        for table, columns in MEANING.items():
            try:
                if kind == "read":
                    rows = read(table, *days, columns=columns, engine="arrow", warehouse=warehouse)
                else:
                    target = folder / f"{table}.parquet"
                    done = export(table, *days, target, columns=columns, overwrite=True, warehouse=warehouse)
                    rows = pyarrow.parquet.read_table(target)
                    wrong.extend([f"{table}: left out {done.left_out}"] if done.left_out else [])
            except WarehouseBusyError:
                continue
            for game, version in by_game(rows).items():
                known = [number for number, truth in enumerate(truths) if truth[table][game] == version]
                seen.update(known)
                if not known:
                    wrong.append(f"{table}: {game} has {len(version)} rows that are neither version's")
            if len(by_game(rows)) != len(truths[0][table]):
                wrong.append(f"{table}: {len(by_game(rows))} games")

    look()
    pipe.send("looking")
    while not pipe.poll(0.01) and not wrong:
        look()
    look()
    pipe.send((seen, wrong))


@pytest.mark.long
@pytest.mark.parametrize("writers", ["threads", "processes"])
def test_two_readers_and_eight_writers(make_seesaw, tmp_path, writers):
    seesaw = make_seesaw("a date")
    warehouse = DuckDBWarehouse(seesaw.path, PATIENCE_SECONDS)
    truths = []
    for _ in range(2):
        truths.append({table: by_game(rows_of(warehouse, table, seesaw)) for table in MEANING})
        seesaw.correct()
        seesaw.scene.publish()
    assert all(truths[0][table] != truths[1][table] for table in MEANING)
    days = (seesaw.first, seesaw.last)
    readers = []
    for kind in ("read", "export"):
        mine, theirs = PROCESSES.Pipe()
        arguments = (seesaw.path, days, truths, kind, tmp_path, theirs)
        process = PROCESSES.Process(target=look_on, args=arguments, daemon=True)
        process.start()
        assert mine.recv() == "looking"
        readers.append((process, mine))
    seesaw.correct()
    with ThreadPoolExecutor(WRITERS) as pool:
        for done in [pool.submit(write, writers, seesaw.path, *days) for _ in range(WRITERS)]:
            done.result()
    for process, mine in readers:
        with suppress(BrokenPipeError):
            mine.send("enough")
        seen, wrong = mine.recv()
        process.join()
        assert wrong == []
        assert seen == {0, 1}, "the versions that a reader saw"


def write(kind: str, path: Path, first, last) -> None:
    """Publish what there is to publish, in this process or in another one."""
    if kind == "threads":
        publish(DuckDBWarehouse(path, PATIENCE_SECONDS), Request(first, last))
        return
    process = PROCESSES.Process(target=publish_and_die, args=(path, first, last))
    process.start()
    process.join()
    assert process.exitcode == 0


@pytest.mark.long
def test_a_reader_in_a_thread_beside_writers_sees_whole_games(make_seesaw):
    """One process: its sessions take turns."""
    seesaw = make_seesaw("a date")
    warehouse, is_over, counts = DuckDBWarehouse(seesaw.path, PATIENCE_SECONDS), threading.Event(), set()

    def look() -> None:
        while not is_over.is_set():
            rows = read(PLAYERS, seesaw.first, seesaw.last, engine="arrow", warehouse=warehouse)
            counts.add((rows.num_rows, len(set(rows["publication_id"].to_pylist()))))

    look_once = read(PLAYERS, seesaw.first, seesaw.last, engine="arrow", warehouse=warehouse).num_rows
    reader = threading.Thread(target=look)
    reader.start()
    seesaw.correct()
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(write, "threads", seesaw.path, seesaw.first, seesaw.last) for _ in range(4)]:
            done.result()
    is_over.set()
    reader.join()
    assert counts == {(look_once, 1)}
