"""The job that publishes, in lineage order.

What belongs here: jobs. What doesn't: when they run (sensors.py), what assets do (assets.py).
"""

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from phase3_assets.assets import READINESS
from phase3_assets.partitions import daily_partitions
from phase3_assets.tables import TABLE_NAMES

PUBLISH_JOB = "publish"


def build_jobs() -> list[UnresolvedAssetJobDefinition]:
    """`publish`: game_readiness and every published table, for one date or a range of dates."""
    return [
        dg.define_asset_job(
            PUBLISH_JOB,
            selection=dg.AssetSelection.assets(READINESS, *TABLE_NAMES),
            partitions_def=daily_partitions(),
            description="Judge every game of the dates, then publish every table in lineage order.",
        )
    ]
