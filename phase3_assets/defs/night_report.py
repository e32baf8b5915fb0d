"""The asset `night_report`, a page for each date, and the sensor that keeps the pages of the latest dates current.

What belongs here: what Dagster is told of a report. What doesn't: the report itself (reporting/), the job (jobs.py).

A report is made by runs of its own, after those that publish: a page that cannot be written fails no publication.
"""

from collections import Counter
from collections.abc import Collection
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg

from phase3_assets.defs.assets import COMPLETION
from phase3_assets.defs.labels import kinds, owners, work_description
from phase3_assets.defs.markdown import picture
from phase3_assets.defs.partitions import daily_partitions
from phase3_assets.defs.resources import Publisher
from phase3_assets.defs.tags import CAUSE_TAG
from phase3_assets.publishing.vocabulary import Severity
from phase3_assets.settings.calendar import parse_date, today
from phase3_assets.settings.locations import Settings

if TYPE_CHECKING:
    from phase3_assets.reporting.night import Report

NIGHT_REPORT = "night_report"
REPORT_JOB = "report"
REPORT_SENSOR = "night_reports"
_DAYS = 7
"""Latest dates whose pages the sensor keeps current, today included; a run of more dates has no pictures in its log."""
_INTERVAL_SECONDS = 60


def build_night_report() -> dg.AssetsDefinition:
    """The asset: for each date, the page of `phase3 report DATE` in the folder of the settings."""

    @dg.asset(
        name=NIGHT_REPORT,
        deps=[COMPLETION],
        partitions_def=daily_partitions(),
        backfill_policy=dg.BackfillPolicy.single_run(),
        group_name="reports",
        kinds=kinds("html"),
        owners=owners(),
        description=work_description(
            "The night on one page that opens without a network: the night board, held and late games with what to do, "
            "corrections, checks, usage and the season's coverage. It is a file in the folder `PHASE3_REPORTS_PATH`."
        ),
    )
    def night_report(
        context: dg.AssetExecutionContext, publisher: dg.ResourceParam[Publisher]
    ) -> dg.MaterializeResult[None]:
        from phase3_assets.reporting.page import write_report

        settings = Settings.from_environment()
        settings.reports_path.mkdir(parents=True, exist_ok=True, mode=0o700)
        for key in context.partition_keys:
            day, path = parse_date(key), settings.reports_path / f"night-{key}.html"
            written = write_report(publisher.warehouse, day, day, path, publisher.thresholds, overwrite=True)
            metadata = _metadata(written.report, path, settings.reports_url)
            if len(context.partition_keys) > _DAYS:
                metadata.pop("night_board", None)
            context.add_asset_metadata(metadata, partition_key=key)
        return dg.MaterializeResult()

    return night_report


def _metadata(report: "Report", path: Path, address: str | None) -> dict[str, Any]:
    from phase3_assets.reporting.pictures import night_board

    cards = report.cards
    failed = [check.severity for night in report.nights for one in night.checked for check in one.failed]
    states = Counter(card.state for card in cards)
    link = f"{address.rstrip('/')}/{path.name}" if address else path.as_uri()
    return {
        "page": dg.MetadataValue.path(path),
        "link": dg.MetadataValue.url(link),
        **({"night_board": picture("Night board", night_board(cards))} if cards else {}),
        "games": len(cards),
        "games_published": states["published"],
        "games_to_look_at": len(report.to_look_at),
        "corrections": len(report.corrections),
        "checks_failed": failed.count(Severity.ERROR),
        "check_warnings": failed.count(Severity.WARN),
    }


def build_report_sensor() -> dg.SensorDefinition:
    """A sensor that asks for the page of each of the latest dates whose completion is newer than its page."""

    @dg.sensor(
        name=REPORT_SENSOR,
        job_name=REPORT_JOB,
        description="Makes the night report of each of the latest seven dates anew after a run has worked on the date.",
        minimum_interval_seconds=_INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def night_reports(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        last = today()
        keys = [(last - timedelta(days=back)).isoformat() for back in range(_DAYS)]
        worked_on = _latest(context.instance, COMPLETION, keys)
        reported = _latest(context.instance, NIGHT_REPORT, keys)
        due = {key: number for key, number in worked_on.items() if number > reported.get(key, 0)}
        # A key for each materialization: a page that could not be made is asked for again after the date's next run.
        requests = [
            dg.RunRequest(run_key=f"{key}/{number}", partition_key=key, tags={CAUSE_TAG: REPORT_SENSOR})
            for key, number in sorted(due.items())
        ]
        return dg.SensorResult(
            run_requests=requests,
            skip_reason=None if requests else f"the pages from {keys[-1]} to {keys[0]} are current",
        )

    return night_reports


def _latest(instance: dg.DagsterInstance, asset: str, keys: Collection[str]) -> dict[str, int]:
    """The number of each partition's latest materialization in Dagster's history; numbers grow with time."""
    found: dict[str, int] = {}
    for key in keys:
        wanted = dg.AssetRecordsFilter(asset_key=dg.AssetKey(asset), asset_partitions=[key])
        for record in instance.fetch_materializations(wanted, limit=1).records:
            found[key] = record.storage_id
    return found
