"""The writer's lease: every order in which writers' requests can arrive, and mishaps at every step.

What must hold at every step is asserted by the model; here is which worlds are tried and what must hold at the end.
"""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phase3_assets.warehouse.bigquery import lease as bigquery_lease
from phase3_assets_tests.bigquery import lease_model
from phase3_assets_tests.bigquery.lease_model import FAULTS, World, every_run

pytestmark = pytest.mark.slow
SAME, AHEAD = timedelta(), timedelta(minutes=bigquery_lease.CLOCK_MINUTES)


@pytest.fixture(scope="module", autouse=True)
def _no_waiting() -> Iterator[None]:
    """Each writer has its own clock, and waits for nothing but its turn."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(bigquery_lease, "utc_now", lease_model.clock_of_writer)
        patched.setattr(time, "sleep", lambda seconds: None)
        yield


def long_run(*arguments: Any) -> Any:
    """Tried in the long run only: each takes a minute or more."""
    return pytest.param(*arguments, marks=pytest.mark.long)


@pytest.mark.parametrize(
    ("clocks", "disturbed"),
    [
        ([SAME, SAME], {}),
        ([SAME, SAME], {"faults": ("request lost",)}),
        ([SAME, SAME], {"faults": ("answer lost",)}),
        long_run([SAME, SAME], {"faults": ("request late",)}),
        long_run([SAME, SAME], {"jumps": (8,), "disturbances": 2}),
        long_run([SAME, AHEAD], {"jumps": (8,), "disturbances": 2}),
        long_run([SAME, AHEAD], {"jumps": (4, 16), "faults": FAULTS}),
        long_run([SAME, SAME, SAME], {}),
    ],
)
def test_whatever_the_order_no_two_write_and_the_lease_is_free_in_the_end(clocks, disturbed):
    runs = list(every_run(clocks, **disturbed))
    assert len(runs) > 1
    assert any(all(writer.jobs for writer in run.writers) for run in runs), "one after the other, both write"
    for run in runs:
        assert any(writer.jobs for writer in run.writers) or "killed" in run.story(), run.story()
        assert run.server.writer == "" or "killed" in run.story(), run.story()


def test_what_a_killed_writer_held_is_nobody_elses_before_it_is_over():
    runs = list(every_run([SAME, SAME], faults=("killed",)))
    left = [run for run in runs if run.server.writer]
    assert left, "a killed writer gives nothing back"
    for run in left:
        [killed] = [writer for writer in run.writers if writer.is_killed]
        assert run.server.writer == killed.name, run.story()


@given(
    st.lists(st.integers(0, 11), max_size=40),
    st.permutations([SAME, SAME, AHEAD]),
    st.integers(1, 4),
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_three_writers_with_several_mishaps_at_once(choices, clocks, disturbances):
    World(choices, clocks, FAULTS, (8, 16), disturbances).run()
