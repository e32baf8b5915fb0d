"""The jobs: publishing in lineage order, verifying that readers still see what was published, sweeping, reporting.

What belongs here: jobs. What doesn't: when they run, what assets do (assets.py).
"""

from datetime import timedelta
from typing import TYPE_CHECKING

import dagster as dg

from phase3_assets.catalog.table_names import TABLE_NAMES
from phase3_assets.catalog.tables import published_table, tables_named
from phase3_assets.clock import utc_now
from phase3_assets.defs.assets import COMPLETION, READINESS
from phase3_assets.defs.checks import log_by_date
from phase3_assets.defs.markdown import markdown_table
from phase3_assets.defs.night_report import NIGHT_REPORT, REPORT_JOB
from phase3_assets.defs.old_runs import let_go_of_runs
from phase3_assets.defs.partitions import daily_partitions, first_and_last
from phase3_assets.defs.resources import WRITER_POOL, Publisher
from phase3_assets.publishing.check import check_names
from phase3_assets.publishing.requests import Request
from phase3_assets.publishing.states import reader_state
from phase3_assets.publishing.vocabulary import Severity
from phase3_assets.settings.retention import Retention

if TYPE_CHECKING:
    from phase3_assets.defs.private import UnresolvedAssetJobDefinition

PUBLISH_JOB = "publish"
CHECK_JOB = "check"
VERIFY_JOB = "verify"
SWEEP_JOB = "sweep"
PRUNE_JOB = "prune"
JOBS: dict[str, tuple[str, ...]] = {
    PUBLISH_JOB: (READINESS, *TABLE_NAMES, COMPLETION),
    **dict.fromkeys((CHECK_JOB, VERIFY_JOB, SWEEP_JOB, PRUNE_JOB), ()),
}
"""By the name of every job, the assets that a run of it publishes where it selects none."""


def build_jobs() -> "list[UnresolvedAssetJobDefinition | dg.JobDefinition]":
    """`publish`, `check`, `verify`, `sweep` and `report`, each for one date or a range; `prune` for all dates."""
    return [
        dg.define_asset_job(
            PUBLISH_JOB,
            selection=dg.AssetSelection.assets(READINESS, *TABLE_NAMES, COMPLETION),
            partitions_def=daily_partitions(),
            description="Judge every game of the dates, then publish and check every table in lineage order.",
        ),
        _check_job(),
        _verify_job(),
        _sweep_job(),
        _prune_job(),
        dg.define_asset_job(
            REPORT_JOB,
            selection=dg.AssetSelection.assets(NIGHT_REPORT),
            partitions_def=daily_partitions(),
            description="Write the night report of each of the dates.",
        ),
    ]


class CheckConfig(dg.Config):
    """Which checks to make; all of them by default."""

    tables: list[str] = list(TABLE_NAMES)
    checks: list[str] = []


def _check_job() -> dg.JobDefinition:
    @dg.op(pool=WRITER_POOL)
    def check_rows(context: dg.OpExecutionContext, config: CheckConfig, publisher: dg.ResourceParam[Publisher]) -> None:
        """Check what is published for the dates, publishing nothing; fail where a check fails with an error."""
        request = _request(context)
        tables = tables_named([published_table(name).name for name in config.tables])
        strange = set(config.checks) - {check for table in tables for check in check_names(table)}
        if strange:
            raise dg.Failure(f"no check {', '.join(sorted(strange))}; nothing was checked", allow_retries=False)
        errors = []
        for table in tables:
            verdicts = publisher.check(request.start, request.end, table, context.run_id)
            chosen = [verdict for verdict in verdicts if not config.checks or verdict.check in config.checks]
            log_by_date(context, table, chosen)
            errors += [verdict for verdict in chosen if not verdict.passed and verdict.severity is Severity.ERROR]
        if errors:
            raise dg.Failure(
                f"{len(errors)} checks failed, the first: {errors[0].table} {errors[0].date}: {errors[0].findings[0]}",
                allow_retries=False,
            )

    @dg.job(
        name=CHECK_JOB,
        partitions_def=daily_partitions(),
        description="Check what is published for the dates, publishing nothing. The config can name tables and checks.",
    )
    def check() -> None:
        check_rows()

    return check


def _verify_job() -> dg.JobDefinition:
    @dg.op(pool=WRITER_POOL)
    def verify_rows(context: dg.OpExecutionContext, publisher: dg.ResourceParam[Publisher]) -> None:
        """Fail, naming them, where games are no longer what was published."""
        drifts = publisher.verify(_request(context))
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


def _sweep_job() -> dg.JobDefinition:
    @dg.op(pool=WRITER_POOL)
    def name_missing_games(context: dg.OpExecutionContext, publisher: dg.ResourceParam[Publisher]) -> None:
        """Bring every game's state up to date, waive what is too old, check, name final games not published."""
        request = _request(context)
        games = publisher.readiness(request)
        # Here the check games_complete finds games that became too old while no run looked at them.
        for table in tables_named(()):
            publisher.check(request.start, request.end, table, request.run_id)
        shown = [(game, *reader_state(game)) for game in games.values()]
        missing = [
            [game.game_id, state, reason or "no run has taken it up yet"]
            for game, state, reason in shown
            if state in ("waiting", "ready", "quarantined")
        ]
        for game_id, state, reason in missing:
            context.log.warning(f"{game_id} is final and not published: {state}: {reason}")
        context.log_event(
            dg.AssetObservation(
                READINESS,
                description=f"{len(missing)} final games are not published",
                metadata={
                    "games_scheduled": len(games),
                    "games_not_published": len(missing),
                    "not_published": markdown_table(["game", "state", "reason"], missing) if missing else "none",
                },
            )
        )

    @dg.job(
        name=SWEEP_JOB,
        partitions_def=daily_partitions(),
        description="Name every final game of the dates that is not published, and why; waive what is too old.",
    )
    def sweep() -> None:
        name_missing_games()

    return sweep


def _prune_job() -> dg.JobDefinition:
    @dg.op(pool=WRITER_POOL)
    def let_go(context: dg.OpExecutionContext, publisher: dg.ResourceParam[Publisher]) -> None:
        """Delete replaced rows, superseded decisions, events and runs that are older than the environment says."""
        for pruned in publisher.prune(context.run_id):
            context.log.info(f"{pruned.table}: {pruned.rows} rows deleted, superseded before {pruned.before:%Y-%m-%d}")
        days = Retention.from_environment().runs_days
        if days:
            before = utc_now() - timedelta(days=days)
            origin = context.run.remote_job_origin
            count = let_go_of_runs(context.instance, before, JOBS, origin.location_name if origin else None)
            context.log.info(f"{count} runs of Dagster's history deleted, all older than {before:%Y-%m-%d}")

    @dg.job(
        name=PRUNE_JOB,
        description="Let go of replaced rows, superseded decisions, events and runs, old and needed by nothing.",
    )
    def prune() -> None:
        let_go()

    return prune


def _request(context: dg.OpExecutionContext) -> Request:
    return Request(*first_and_last(context.partition_keys), run_id=context.run_id)
