"""Words of Dagster's that we write down ourselves are Dagster's."""

import pytest
from dagster._core.storage import tags as dagsters
from dagster._core.storage.dagster_run import NOT_FINISHED_STATUSES

from phase3_assets.defs import tags
from phase3_assets.defs.sensors import UNFINISHED


@pytest.mark.parametrize(
    ("ours", "name"),
    [
        ("PARTITION_TAG", "PARTITION_NAME_TAG"),
        ("RANGE_START_TAG", "ASSET_PARTITION_RANGE_START_TAG"),
        ("RANGE_END_TAG", "ASSET_PARTITION_RANGE_END_TAG"),
        ("SCHEDULE_TAG", "SCHEDULE_NAME_TAG"),
        ("RUN_KEY_TAG", "RUN_KEY_TAG"),
        ("LONGEST_RUN_TAG", "MAX_RUNTIME_SECONDS_TAG"),
        ("CODE_SERVER_TAG", "GRPC_INFO_TAG"),
    ],
)
def test_a_tag_is_spelled_as_dagster_spells_it(ours, name):
    assert getattr(tags, ours) == getattr(dagsters, name)


def test_a_run_is_unfinished_in_the_states_that_dagster_calls_so():
    assert set(UNFINISHED) == set(NOT_FINISHED_STATUSES)
