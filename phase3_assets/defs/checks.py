"""The checks of every published table as Dagster asset checks, per date, executable alone.

What belongs here: asset check definitions and how a verdict is shown. What doesn't: what a check demands (sql/), making
verdicts (publishing/check.py).

All checks of a table are one step and one query. A run over one date yields its verdicts as Dagster's own results; a
run over a range logs one evaluation per date, since Dagster would record the range's results without a date. The UI's
"Execute all" names no date: it checks the latest 30.
"""

import warnings
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import dagster as dg

from phase3_assets.catalog.tables import PublishedTable, published_tables
from phase3_assets.defs.markdown import markdown_table
from phase3_assets.defs.partitions import daily_partitions, first_and_last
from phase3_assets.defs.private import log_evaluations
from phase3_assets.defs.resources import WRITER_POOL, Publisher
from phase3_assets.publishing.check import Verdict, check_description, check_names
from phase3_assets.publishing.vocabulary import Severity
from phase3_assets.settings.thresholds import Thresholds

# partitions_def on a check is marked preview; per-date verdicts in the UI need it.
warnings.filterwarnings("ignore", category=dg.PreviewWarning, message=".*AssetCheckSpec.*")


def build_checks(thresholds: Thresholds) -> list[dg.AssetChecksDefinition]:
    """One multi-check per published table."""
    return [_table_checks(table, thresholds) for table in published_tables()]


def _table_checks(table: PublishedTable, thresholds: Thresholds) -> dg.AssetChecksDefinition:
    specs = [_spec(table, check, thresholds) for check in check_names(table)]

    @dg.multi_asset_check(name=f"{table.name}_checks", specs=specs, can_subset=True, pool=WRITER_POOL)
    def check_table(
        context: dg.AssetCheckExecutionContext, publisher: dg.ResourceParam[Publisher]
    ) -> Iterator[dg.AssetCheckResult]:
        step = context.op_execution_context
        run_id, is_dated = step.run_id, step.has_partition_key or step.has_partition_key_range
        keys = step.partition_keys if is_dated else publisher.recent_dates(table)
        chosen = {key.name for key in context.selected_asset_check_keys}
        verdicts = publisher.check(*first_and_last(keys), table, run_id)
        verdicts = [verdict for verdict in verdicts if verdict.check in chosen]
        if len(keys) > 1:
            log_by_date(step, table, verdicts)
            verdicts = [_of_range([v for v in verdicts if v.check == check]) for check in sorted(chosen)]
        for verdict in verdicts:
            yield dg.AssetCheckResult(
                check_name=verdict.check,
                asset_key=table.name,
                passed=verdict.passed,
                severity=_severity(verdict),
                description=_sentence(verdict),
                metadata=_metadata(verdict),
            )

    return check_table


def _spec(table: PublishedTable, check: str, thresholds: Thresholds) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        check,
        asset=table.name,
        description=check_description(table, check, thresholds),
        blocking=check in table.blocking_rules,
        partitions_def=daily_partitions(),
    )


def log_by_date(context: dg.OpExecutionContext, table: PublishedTable, verdicts: Sequence[Verdict]) -> None:
    """Record one evaluation per check and date, in batches where the instance writes batches.

    A check that had no rows to look at on a date, as on every date without a game, is not recorded for it: half of a
    year's dates are such. It is where the date's latest evaluation failed, which would otherwise stand for ever.
    """
    empty = [verdict for verdict in verdicts if verdict.passed and not verdict.rows]
    failing = _failing(context.instance, table, empty)
    idle = {(verdict.check, verdict.date) for verdict in empty} - failing
    log_evaluations(
        context,
        [
            ("" if verdict.passed else f"{verdict.check} of {table.name}, {verdict.date}", _evaluation(table, verdict))
            for verdict in verdicts
            if (verdict.check, verdict.date) not in idle
        ],
    )


def _failing(instance: dg.DagsterInstance, table: PublishedTable, verdicts: Sequence[Verdict]) -> set[tuple[str, date]]:
    """The check and date of each verdict whose latest recorded evaluation is not a success."""
    if not verdicts:
        return set()
    found = instance.event_log_storage.get_asset_check_partition_info(
        [dg.AssetCheckKey(dg.AssetKey(table.name), check) for check in {verdict.check for verdict in verdicts}],
        partition_keys=sorted({verdict.date.isoformat() for verdict in verdicts}),
    )
    return {
        (info.check_key.name, date.fromisoformat(info.partition_key))
        for info in found
        if info.partition_key and info.latest_execution_status.value != "SUCCEEDED"
    }


def _evaluation(table: PublishedTable, verdict: Verdict) -> dg.AssetCheckEvaluation:
    return dg.AssetCheckEvaluation(
        check_name=verdict.check,
        asset_key=dg.AssetKey(table.name),
        passed=verdict.passed,
        severity=_severity(verdict),
        description=_sentence(verdict),
        metadata=_metadata(verdict),
        blocking=verdict.blocking,
        partition=verdict.date.isoformat(),
    )


def _of_range(verdicts: Sequence[Verdict]) -> Verdict:
    """The verdict of a whole range: a summary that never blocks, since the gate stops exactly the games that failed."""
    failed = [verdict for verdict in verdicts if not verdict.passed]
    worst = min(failed or verdicts, key=lambda verdict: verdict.severity)
    return Verdict(
        table=worst.table,
        check=worst.check,
        date=worst.date,
        passed=not failed,
        severity=Severity.WARN,
        blocking=False,
        description=f"{len(failed)} of {len(verdicts)} dates",
        findings=tuple(finding for verdict in failed for finding in verdict.findings),
        offenders=sum(verdict.offenders for verdict in failed),
        rows=sum(verdict.rows for verdict in verdicts),
        threshold=worst.threshold,
    )


def _severity(verdict: Verdict) -> dg.AssetCheckSeverity:
    return dg.AssetCheckSeverity[verdict.severity]


def _sentence(verdict: Verdict) -> str:
    if verdict.passed:
        return f"{verdict.rows} rows, none offending"
    return f"{verdict.offenders} offending in {verdict.metadata['offending_games']} games; worst: {verdict.findings[0]}"


def _metadata(verdict: Verdict) -> dict[str, Any]:
    shown = dict(verdict.metadata)
    samples, games = shown.pop("samples"), shown.pop("games")
    if samples:
        headings = ["game", "severity", "subject", "problem", "value"]
        rows = [[s["game_id"], s["severity"], s["subject"], s["problem"], s["value"]] for s in samples]
        shown["offenders"] = markdown_table(headings, rows)
        shown["games"] = ", ".join(games)
    return shown
