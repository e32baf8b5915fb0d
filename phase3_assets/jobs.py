"""The jobs: publishing in lineage order, and verifying that readers still see what was published.

What belongs here: jobs. What doesn't: when they run, what assets do (assets.py).
"""

from datetime import date

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from phase3_assets.assets import READINESS
from phase3_assets.markdown import markdown_table
from phase3_assets.partitions import daily_partitions
from phase3_assets.publisher import Publisher
from phase3_assets.table_names import TABLE_NAMES

PUBLISH_JOB = "publish"
VERIFY_JOB = "verify"


def build_jobs() -> list[UnresolvedAssetJobDefinition | dg.JobDefinition]:
    """`publish` and `verify`, each for one date or a range of dates."""
    return [
        dg.define_asset_job(
            PUBLISH_JOB,
            selection=dg.AssetSelection.assets(READINESS, *TABLE_NAMES),
            partitions_def=daily_partitions(),
            description="Judge every game of the dates, then publish and check every table in lineage order.",
        ),
        _verify_job(),
    ]


def _verify_job() -> dg.JobDefinition:
    @dg.op
    def verify_rows(context: dg.OpExecutionContext, publisher: dg.ResourceParam[Publisher]) -> None:
        """Fail, naming them, where games are no longer what was published."""
        keys = sorted(context.partition_keys)
        drifts = publisher.verify(date.fromisoformat(keys[0]), date.fromisoformat(keys[-1]), context.run_id)
        if drifts:
            rows = [[drift.game_id, drift.table, str(drift)] for drift in drifts]
            raise dg.Failure(
                f"{len(drifts)} games are not what was published; their next publication puts them right",
                metadata={"drift": markdown_table(["game", "table", "what differs"], rows)},
                allow_retries=False,
            )

    @dg.job(
        name=VERIFY_JOB,
        partitions_def=daily_partitions(),
        description="Hold published rows against what their publication recorded: finds rows changed by hand.",
    )
    def verify() -> None:
        verify_rows()

    return verify
