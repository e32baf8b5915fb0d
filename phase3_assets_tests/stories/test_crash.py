"""Killed at any moment, a publication leaves each table old or new per game, and the next run converges.

What belongs here: SIGKILL at every step of a publication and at random moments, of one date and of a range, with a
reader in a process of its own. What doesn't: how processes are killed (support/processes.py), a disk that fails
(warehouse/test_storage.py), killed daemons and run workers (test_daemon.py).

PHASE3_TEST_KILLS says how many kills at random moments the long run makes (200).
"""

import os
import random
import time

import pytest

from phase3_assets_tests.support.processes import OnLooker
from phase3_assets_tests.support.two_versions import SPANS

RANDOM_KILLS = int(os.environ.get("PHASE3_TEST_KILLS", "200"))


def swaps(steps: list[str]) -> list[int]:
    """The steps at which a table's old rows are deleted and its new ones not yet there."""
    found = [number for number, step in enumerate(steps) if step.startswith("INSERT INTO nba_analytics.")]
    assert all(steps[number - 1].startswith("DELETE FROM nba_analytics.") for number in found)
    return found


@pytest.mark.long
def test_a_kill_leaves_each_game_old_or_new_and_the_next_run_converges(make_seesaw):
    seesaw = make_seesaw("a date")
    *_, between_delete_and_insert = swaps(seesaw.steps())
    with OnLooker(seesaw.path, *seesaw.truths) as reader:
        seesaw.correct()
        assert seesaw.dies(step=between_delete_and_insert)
        seesaw.assert_converges()
    assert reader.looks


@pytest.mark.long
def test_kills_all_along_a_publication(make_seesaw):
    seesaw = make_seesaw("a range")
    steps = seesaw.steps()
    commits = [number for number, step in enumerate(steps) if step == "COMMIT"]
    with OnLooker(seesaw.path, *seesaw.truths):
        for step in [0, *swaps(steps), commits[1], len(steps) - 1]:
            seesaw.correct()
            assert seesaw.dies(step)
            seesaw.assert_converges()


@pytest.mark.long
@pytest.mark.timeout(0)
@pytest.mark.parametrize("span", SPANS)
def test_a_kill_at_every_step(make_seesaw, span):
    seesaw = make_seesaw(span)
    count = len(seesaw.steps())
    with OnLooker(seesaw.path, *seesaw.truths) as reader:
        for step in range(count):
            seesaw.correct()
            assert seesaw.dies(step), f"step {step} of {count} was not reached"
            seesaw.assert_converges(thoroughly=step % 10 == 0)
    print(f"{span}: killed at each of {count} steps; the reader looked {reader.looks} times")


@pytest.mark.long
@pytest.mark.timeout(0)
@pytest.mark.parametrize("span", SPANS)
def test_kills_at_random_moments(make_seesaw, span):
    seesaw, chance = make_seesaw(span), random.Random(2026)
    seesaw.correct()
    started = time.monotonic()
    assert not seesaw.dies(after_seconds=30)
    longest = time.monotonic() - started
    kills = 0
    with OnLooker(seesaw.path, *seesaw.truths) as reader:
        while kills < RANDOM_KILLS // len(SPANS):
            seesaw.correct()
            kills += seesaw.dies(after_seconds=chance.uniform(0, longest))
            seesaw.assert_converges(thoroughly=kills % 10 == 0)
    print(f"{span}: {kills} kills within {longest:.1f} s; the reader looked {reader.looks} times")
