"""Many writers at once end as if one had come after the other, whoever they are, while a reader looks on.

What belongs here: two and eight writers on the same and on overlapping dates, from threads, processes and Dagster runs,
and one that dies with the turn in its hand. What doesn't: queues of runs (test_daemon.py), one lock held for too long
(faults/test_change.py).
"""

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from multiprocessing.synchronize import Barrier
from pathlib import Path

import dagster as dg
import pytest

from phase3_assets.definitions import build_defs
from phase3_assets.defs.jobs import PUBLISH_JOB
from phase3_assets.defs.partitions import partition_tags
from phase3_assets.defs.resources import Publisher
from phase3_assets.instance.home import prepare_dagster_home
from phase3_assets.instance.recording import open_instance
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.settings.locations import Settings
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets_tests.support.processes import PATIENCE_SECONDS, PROCESSES, OnLooker, publish_and_die
from phase3_assets_tests.support.two_versions import Seesaw

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


def in_this_process(path: Path, first: date, last: date) -> None:
    publish(DuckDBWarehouse(path, PATIENCE_SECONDS), Request(first, last))


def in_a_process(path: Path, first: date, last: date) -> None:
    process = PROCESSES.Process(target=publish_and_die, args=(path, first, last))
    process.start()
    process.join()
    assert process.exitcode == 0


def on_the_command_line(path: Path, first: date, last: date) -> None:
    command = [sys.executable, "-m", "phase3_assets.cli", "backfill", first.isoformat(), last.isoformat()]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PHASE3_WAIT_SECONDS": str(PATIENCE_SECONDS)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr


def in_a_dagster_run(path: Path, first: date, last: date) -> None:
    job = build_defs(Publisher(DuckDBWarehouse(path, PATIENCE_SECONDS))).resolve_job_def(PUBLISH_JOB)
    with dg.DagsterInstance.ephemeral() as instance:
        of_dates = {"partition_key": first.isoformat()} if first == last else {"tags": partition_tags(first, last)}
        assert job.execute_in_process(instance=instance, **of_dates).success


def spans(seesaw: Seesaw, writers: int) -> list[tuple[date, date]]:
    """The whole range, its first date, its last, the whole range ..."""
    first, last = seesaw.first, seesaw.last
    return [[(first, last), (first, first), (last, last)][number % 3] for number in range(writers)]


def write_at_once(seesaw: Seesaw, kinds, writers: int) -> None:
    """Start them together, correct the raw rows once more while they are at it, and wait for all of them."""
    together = threading.Barrier(writers + 1)

    def write(number: int, span: tuple[date, date]) -> None:
        together.wait()
        kinds[number % len(kinds)](seesaw.path, *span)

    def correct() -> None:
        together.wait()
        time.sleep(0.5)
        seesaw.correct()

    seesaw.correct()
    with ThreadPoolExecutor(writers + 1) as pool:
        work = [pool.submit(write, number, span) for number, span in enumerate(spans(seesaw, writers))]
        work.append(pool.submit(correct))
        for each in work:
            each.result(timeout=PATIENCE_SECONDS)


def assert_serial(seesaw: Seesaw) -> None:
    """Each version was replaced once, by one that was visible next; nothing is half written; the next run converges."""
    for table in ("team_offense_game_summary", "player_game_summary"):
        rows = seesaw.scene.query(
            f"SELECT DISTINCT game_id, publication_id, replaced_by FROM nba_phase3.{table}__history"
        )
        replaced = [(row["game_id"], row["publication_id"]) for row in rows]
        assert len(replaced) == len(set(replaced)), "two writers replaced the same version: an update was lost"
        shown = seesaw.scene.query(f"SELECT DISTINCT game_id, publication_id FROM nba_analytics.{table}")
        assert len(shown) == len(seesaw.scene.games), "a game's rows are all of one publication"
        visible = {row["game_id"]: row["publication_id"] for row in shown}
        known = {*replaced, *visible.items()}
        assert {(row["game_id"], row["replaced_by"]) for row in rows} <= known
    seesaw.assert_converges()


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", [in_this_process, in_a_process])
def test_two_writers(make_seesaw, kind):
    seesaw = make_seesaw("a date")
    with OnLooker(seesaw.path, *seesaw.truths):
        write_at_once(seesaw, [kind], 2)
        assert_serial(seesaw)


@pytest.mark.timeout(0)
@pytest.mark.long
def test_eight_writers_of_every_kind_on_overlapping_dates(make_seesaw):
    seesaw = make_seesaw("a range")
    with OnLooker(seesaw.path, *seesaw.truths):
        write_at_once(seesaw, [in_this_process, in_a_process, in_a_dagster_run, on_the_command_line], 8)
        assert_serial(seesaw)


@pytest.mark.long
@pytest.mark.timeout(0)
@pytest.mark.parametrize("span", ["a date", "a range"])
@pytest.mark.parametrize("kind", [in_this_process, in_a_process, in_a_dagster_run, on_the_command_line])
def test_eight_writers(make_seesaw, kind, span):
    seesaw = make_seesaw(span)
    with OnLooker(seesaw.path, *seesaw.truths):
        for _ in range(3):
            write_at_once(seesaw, [kind], 8)
            assert_serial(seesaw)


@pytest.mark.long
def test_a_writer_that_dies_with_the_turn_in_its_hand_holds_nobody_up(make_seesaw):
    seesaw = make_seesaw("a date")
    middle = len(seesaw.steps()) * 3 // 4
    seesaw.correct()
    with OnLooker(seesaw.path, *seesaw.truths):
        dying = PROCESSES.Process(target=publish_and_die, args=(seesaw.path, seesaw.first, seesaw.last, middle))
        dying.start()
        with ThreadPoolExecutor(2) as pool:
            waiting = [
                pool.submit(kind, seesaw.path, seesaw.first, seesaw.last) for kind in (in_this_process, in_a_process)
            ]
            for each in waiting:
                each.result(timeout=PATIENCE_SECONDS)
        dying.join()
        # Whichever came first published; where the dying one found nothing to do it had fewer steps than to its death.
        assert dying.exitcode in (-9, 0)
        assert seesaw.look() == seesaw.truths[seesaw.now]
        assert_serial(seesaw)


def open_new_history(home: Path, together: Barrier) -> None:
    os.environ["DAGSTER_HOME"] = str(home)
    prepare_dagster_home(Settings.from_environment())
    together.wait()
    open_instance().dispose()


@pytest.mark.long
def test_commands_that_begin_together_make_one_history(tmp_path):
    """The very first commands of a deployment, at once: each finds the history's tables, or makes them."""
    for number in range(2):
        together = PROCESSES.Barrier(4)
        opening = [
            PROCESSES.Process(target=open_new_history, args=(tmp_path / str(number), together)) for _ in range(4)
        ]
        for process in opening:
            process.start()
        for process in opening:
            process.join()
        assert [process.exitcode for process in opening] == [0] * 4
