"""Raw tables, game_readiness, the published tables and phase3_completion as Dagster assets.

What belongs here: asset definitions and what a materialization shows. What doesn't: what a materialization does
(publishing/publish.py), checks (checks.py), when it happens (sensors.py, jobs.py).
"""

import json
import warnings
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import dagster as dg

from phase3_assets.catalog.contracts import POST_GAME, Contract, raw_contracts
from phase3_assets.catalog.lineage import column_lineage
from phase3_assets.catalog.table_names import TABLE_NAMES
from phase3_assets.catalog.tables import (
    PublishedTable,
    completion_contract,
    published_tables,
    readiness_contract,
)
from phase3_assets.defs.labels import (
    asset_description,
    code_references,
    files_of,
    kinds,
    owners,
    table_description,
    tags,
)
from phase3_assets.defs.markdown import markdown_table
from phase3_assets.defs.partitions import daily_partitions, first_and_last
from phase3_assets.defs.private import add_metadata
from phase3_assets.defs.resources import WRITER_POOL, Publisher
from phase3_assets.defs.shot_zones import shot_zones
from phase3_assets.defs.tags import CHANGE_TAG, GAMES_TAG, REPAIR_TAG, WAITING_TAG
from phase3_assets.defs.usage_histogram import usage_histogram
from phase3_assets.publishing.game import Game
from phase3_assets.publishing.requests import GameOutcome, Request, TableReport
from phase3_assets.publishing.states import reader_state
from phase3_assets.publishing.vocabulary import Outcome
from phase3_assets.warehouse.interface import Row

# Dagster marks both features beta. We need them: a range must be one run, and a look-back begins before the first date.
warnings.filterwarnings("ignore", category=dg.BetaWarning, message=".*(backfill_policy|nonexistent_upstream).*")


READINESS = "game_readiness"
COMPLETION = "phase3_completion"
_PARTITIONS = daily_partitions()
_SEASON_DAYS = 273
"""Days that the UI shows for a look-back over a season: from the first of October to the end of June. The SELECT itself
restricts a date's row to games of its own season. A look-back of two seasons adds a year.
"""
_PLOTTED = (
    "max_usage_rate",
    "max_raw_usage_rate",
    "usage_coverage",
    "players_with_minutes",
    "teams_that_differ",
    "largest_difference",
    "largest_score_difference",
    "share_of_lines_matched",
    "share_of_complete_zones",
    "max_points",
    "min_rating",
    "max_rating",
    "min_pace",
    "max_pace",
    "players_without_a_row",
)
"""What checks measure that people follow from date to date: nba_phase3.check_results has all of it."""
_PICTURED_DATES = 7
"""A run of more dates draws no pictures: they would fill the log, and nobody leafs through a season's."""


def build_assets() -> list[dg.AssetsDefinition | dg.AssetSpec]:
    """Every asset in lineage order: raw tables, game_readiness, published tables, phase3_completion."""
    read = {name for table in published_tables() for name in table.raw_tables}
    raw = [_raw_asset(contract) for name, contract in raw_contracts().items() if name in read]
    tables = [_table_asset(table) for table in published_tables()]
    return [*raw, _readiness_asset(sorted(read)), *tables, _completion_asset()]


def _raw_asset(contract: Contract) -> dg.AssetSpec:
    return dg.AssetSpec(
        contract.name,
        description=asset_description(contract),
        group_name="raw",
        kinds=kinds("table"),
        owners=owners(),
        metadata={
            "dagster/table_name": contract.full_name,
            "dagster/column_schema": _column_schema(contract),
            **code_references([f"raw/{contract.name}"]),
        },
    )


def _readiness_asset(raw_tables: Sequence[str]) -> dg.AssetsDefinition:
    contract = readiness_contract()

    @dg.asset(
        name=READINESS,
        deps=list(raw_tables),
        partitions_def=_PARTITIONS,
        backfill_policy=dg.BackfillPolicy.single_run(),
        group_name="readiness",
        kinds=kinds("sql"),
        owners=owners(),
        pool=WRITER_POOL,
        description=asset_description(contract),
        metadata={
            "dagster/table_name": contract.full_name,
            "dagster/column_schema": _column_schema(contract),
            **code_references(["readiness/select", "readiness/table"]),
        },
    )
    def game_readiness(
        context: dg.AssetExecutionContext, publisher: dg.ResourceParam[Publisher]
    ) -> dg.MaterializeResult[None]:
        games = publisher.readiness(_request(context), _tables_of_process(context))
        by_date: dict[date, list[Game]] = {}
        for game in games.values():
            by_date.setdefault(game.game_date, []).append(game)
        keys = context.partition_keys
        add_metadata(context, {key: _readiness_metadata(by_date.get(date.fromisoformat(key), [])) for key in keys})
        return dg.MaterializeResult()

    return game_readiness


def _deps(table: PublishedTable) -> list[dg.AssetDep]:
    """The assets that a table is made of: those of its own date, and those of the earlier dates it looks back to."""
    own_date = [*table.upstream, *([READINESS] if table.raw_tables or not table.upstream else [])]
    days = table.contract.look_back_days or _SEASON_DAYS + 365 * table.contract.seasons_before
    earlier = dg.TimeWindowPartitionMapping(
        start_offset=-days, end_offset=-1, allow_nonexistent_upstream_partitions=True
    )
    return [
        *(dg.AssetDep(name) for name in own_date),
        *(dg.AssetDep(name, partition_mapping=earlier) for name in table.looks_back_to),
    ]


def _table_asset(table: PublishedTable) -> dg.AssetsDefinition:
    contract = table.contract

    @dg.asset(
        name=table.name,
        deps=_deps(table),
        partitions_def=_PARTITIONS,
        backfill_policy=dg.BackfillPolicy.single_run(),
        code_version=table.code_version,
        group_name="summaries" if table.phase == POST_GAME else "pre_game",
        kinds=kinds("sql"),
        owners=owners(),
        tags=tags(contract),
        pool=WRITER_POOL,
        description=table_description(table),
        metadata={
            "dagster/table_name": contract.full_name,
            "dagster/column_schema": _column_schema(contract),
            "select": dg.MetadataValue.md(f"```sql\n{table.select}\n```"),
            **code_references(files_of(table)),
        },
    )
    def publish_table(
        context: dg.AssetExecutionContext, publisher: dg.ResourceParam[Publisher]
    ) -> dg.MaterializeResult[None]:
        request = _request(context)
        report = publisher.report(request, table, context.log.info, _tables_of_process(context))
        measured = publisher.measured(table, context.run_id)
        keys, metadata = context.partition_keys, {}
        by_date = report.by_date()
        for key in keys:
            day = date.fromisoformat(key)
            metadata[key] = _publication_metadata(report, day, by_date.get(day, []), measured.get(day, {}))
            if len(keys) <= _PICTURED_DATES:
                metadata[key] |= _pictures(report.previews.get(day, []))
        # The UI reads lineage from the latest materialization only. In every event of a range it would fill the log.
        metadata[keys[-1]]["dagster/column_lineage"] = _column_lineage(table)
        add_metadata(context, metadata)
        for game in report.games:
            if game.outcome is Outcome.QUARANTINED:
                context.log.warning(f"{game.game_id} is held back: {game.reason}")
        if report.pending:
            # The step does not fail: nothing is wrong, upstream rows are only missing so far.
            context.log.warning(f"{len(report.pending)} games wait: {report.pending[0].reason}")
            context.instance.add_run_tags(context.run_id, {WAITING_TAG: f"{len(report.pending)} games"})
        return dg.MaterializeResult()

    return publish_table


def _completion_asset() -> dg.AssetsDefinition:
    contract = completion_contract()

    @dg.asset(
        name=COMPLETION,
        deps=list(TABLE_NAMES),
        partitions_def=_PARTITIONS,
        backfill_policy=dg.BackfillPolicy.single_run(),
        group_name="completion",
        kinds=kinds("sql"),
        owners=owners(),
        pool=WRITER_POOL,
        description=asset_description(contract),
        metadata={
            "dagster/table_name": contract.full_name,
            "dagster/column_schema": _column_schema(contract),
            **code_references(["completion/select", "completion/table"]),
        },
    )
    def phase3_completion(
        context: dg.AssetExecutionContext, publisher: dg.ResourceParam[Publisher]
    ) -> dg.MaterializeResult[None]:
        rows = {row["game_date"].isoformat(): row for row in publisher.completion(_request(context))}
        add_metadata(context, {key: _completion_metadata(rows.get(key)) for key in context.partition_keys})
        return dg.MaterializeResult()

    return phase3_completion


def _tables_of_process(context: dg.AssetExecutionContext) -> list[PublishedTable]:
    """The tables that the run publishes in this process: all selected ones, or one where each step has a process."""
    steps = context.get_step_execution_context().execution_plan.step_keys_to_execute
    return [table for table in published_tables() if table.name in steps]


def _request(context: dg.AssetExecutionContext) -> Request:
    start, end = first_and_last(context.partition_keys)
    games = context.run.tags.get(GAMES_TAG)
    return Request(
        start=start,
        end=end,
        game_ids=frozenset(games.split(",")) if games else None,
        run_id=context.run_id,
        repair=context.run.tags.get(REPAIR_TAG) == "true",
        is_automatic=CHANGE_TAG in context.run.tags,
    )


def _readiness_metadata(games: Sequence[Game]) -> dict[str, Any]:
    states = [(game, *reader_state(game)) for game in games]
    counted = {f"games_{state}": sum(s == state for _, s, _ in states) for state in sorted({s for _, s, _ in states})}
    rows = [[game.game_id, state, reason or ""] for game, state, reason in states]
    return {
        "dagster/partition_row_count": len(games),
        "games_scheduled": len(games),
        **counted,
        "games": markdown_table(["game", "state", "reason"], rows) if rows else "no games scheduled on this date",
    }


def _publication_metadata(
    report: TableReport, day: date, games: Sequence[GameOutcome], measured: Mapping[str, float]
) -> dict[str, Any]:
    preview = report.previews.get(day, [])
    if not games and not report.rows_visible.get(day):
        # Half of a year's dates. All other numbers of them would be zeros, too.
        return {
            "dagster/partition_row_count": 0,
            "games_published": 0,
            "state": "no games",
            "publication_id": report.publication_id,
        }
    held = [game for game in games if game.is_held_back]
    notes = [[game.game_id, game.outcome, game.reason or ""] for game in games if game.reason]
    return {
        "dagster/partition_row_count": report.rows_visible.get(day, 0),
        "games_published": sum(game.outcome is Outcome.PUBLISHED for game in games),
        "games_unchanged": sum(game.outcome is Outcome.UNCHANGED for game in games),
        "games_held_back": len(held),
        "state": _state(games),
        "rows_added": sum(game.rows_added for game in games),
        "rows_changed": sum(game.rows_changed for game in games),
        "rows_removed": sum(game.rows_removed for game in games),
        "seconds": round(report.seconds, 3),
        "publication_id": report.publication_id,
        # The asset's page plots these by date; the page of a check plots them by the moment of the check.
        **{name: measured[name] for name in _PLOTTED if name in measured},
        **report.usage,
        **({"not_published": markdown_table(["game", "outcome", "reason"], notes)} if notes else {}),
        **({"preview": _preview(preview)} if preview else {}),
    }


def _pictures(rows: Sequence[Row]) -> dict[str, Any]:
    pictures = {"shot_zones": shot_zones(rows), "usage_histogram": usage_histogram(rows)}
    return {name: picture for name, picture in pictures.items() if picture is not None}


def _completion_metadata(row: Row | None) -> dict[str, Any]:
    if row is None:
        return {"state": "not known yet"}
    expected = row["games_scheduled"] - row["games_void"] - row["games_waived"]
    usage = row["usage_coverage_percentage"]
    missing = [line.split(" ", 2) for line in row["missing"]]
    return {
        "state": "complete" if row["is_complete"] else "not complete",
        "games_expected": expected,
        "games_complete": row["games_complete"],
        "tables": f"{row['tables_complete']} of {row['tables_expected']}",
        "coverage_percentage": row["coverage_percentage"],
        **({} if usage is None else {"usage_coverage_percentage": usage}),
        "rows_by_table": dg.MetadataValue.json(json.loads(row["rows_by_table"])),
        **({"missing": markdown_table(["game", "table", "reason"], missing)} if missing else {}),
    }


def _state(games: Sequence[GameOutcome]) -> str:
    if any(game.is_pending for game in games):
        return "waiting"
    return "held back" if any(game.is_held_back for game in games) else "complete"


def _preview(rows: Sequence[Row]) -> dg.MarkdownMetadataValue:
    """The rows of one date, without the date, and without lists, which are there to be drawn."""
    shown = [name for name in list(rows[0])[1:] if not isinstance(rows[0][name], (list, tuple))]
    return markdown_table(shown, [[row[name] for name in shown] for row in rows])


def _column_schema(contract: Contract) -> dg.TableSchema:
    key = set(contract.key)
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                column.name,
                column.type,
                description=column.description or None,
                constraints=dg.TableColumnConstraints(nullable=not column.required),
                tags={"key": ""} if column.name in key else {},
            )
            for column in contract.columns
        ]
    )


def _column_lineage(table: PublishedTable) -> dg.TableColumnLineage:
    lineage = column_lineage(table.name)
    return dg.TableColumnLineage(
        {
            column: [dg.TableColumnDep(asset_key=dg.AssetKey(source), column_name=name) for source, name in sources]
            for column, sources in lineage.items()
            if sources
        }
    )
