"""The morning's checklist as an asset, and the job that a schedule starts every morning.

What belongs here: the asset and what its materialization shows. What doesn't: the checklist (health/), when it is made
(schedules.py).
"""

from datetime import date
from typing import TYPE_CHECKING

import dagster as dg

from phase3_assets.clock import utc_now
from phase3_assets.defs.assets import COMPLETION
from phase3_assets.defs.dagster_state import dagster_state
from phase3_assets.defs.labels import kinds, owners, work_description
from phase3_assets.defs.markdown import markdown_table
from phase3_assets.defs.partitions import daily_partitions
from phase3_assets.defs.resources import Publisher
from phase3_assets.health.examine import Morning, examine
from phase3_assets.settings.locations import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from phase3_assets.defs.private import UnresolvedAssetJobDefinition

MORNING_HEALTH = "morning_health"
HEALTH_JOB = "health"


def build_health_asset(
    sensors: "Sequence[dg.SensorDefinition]", schedules: "Sequence[dg.ScheduleDefinition]"
) -> dg.AssetsDefinition:
    """The asset; `sensors` and `schedules` are those of the code location, whose ticks it looks at."""

    @dg.asset(
        name=MORNING_HEALTH,
        deps=[COMPLETION],
        partitions_def=daily_partitions(),
        backfill_policy=dg.BackfillPolicy.single_run(),
        group_name="completion",
        kinds=kinds("python"),
        owners=owners(),
        description=work_description(
            "The morning after a night, as `phase3 health DATE` says it: a line per subject, each good or with what to "
            "do (docs/runbook.md). It looks, and writes nothing."
        ),
    )
    def morning_health(
        context: dg.AssetExecutionContext, publisher: dg.ResourceParam[Publisher]
    ) -> dg.MaterializeResult[None]:
        state = dagster_state(context.instance, sensors, schedules)
        for key in context.partition_keys:
            day = date.fromisoformat(key)
            morning = examine(publisher.warehouse, Settings.from_environment(), day, state, utc_now())
            context.add_asset_metadata(_metadata(morning), partition_key=key)
            for line in morning.lines:
                if line.to_do:
                    context.log.warning(f"{line.verdict} {line.title}: {line.fact}; {line.to_do}; {line.runbook}")
        return dg.MaterializeResult()

    return morning_health


def health_job() -> "UnresolvedAssetJobDefinition":
    """The job that makes the asset of one date or a range."""
    return dg.define_asset_job(
        HEALTH_JOB,
        selection=dg.AssetSelection.assets(MORNING_HEALTH),
        partitions_def=daily_partitions(),
        description="The morning's checklist of the dates. It looks, and writes nothing.",
    )


def _metadata(morning: Morning) -> dict[str, object]:
    rows = [[line.verdict, line.title, line.fact, line.to_do, line.runbook] for line in morning.lines]
    return {
        "verdict": str(morning.verdict),
        "said": morning.sentence,
        "lines_with_something_to_do": sum(bool(line.to_do) for line in morning.lines),
        "lines": markdown_table(["verdict", "about", "found", "what to do", "runbook"], rows),
    }
