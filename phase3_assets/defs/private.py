"""Parts of Dagster that definitions need and that have no public name.

What belongs here: such a name, and what is done where a later Dagster no longer has it. What doesn't: what an instance
is made of (instance/, which may import `dagster._` too); anything with a public name (`dg.`). Apart from instance/, no
other module imports `dagster._`: a test checks this.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg

if TYPE_CHECKING:
    from dagster._core.definitions.unresolved_asset_job_definition import (
        UnresolvedAssetJobDefinition as UnresolvedAssetJobDefinition,
    )


def add_metadata(context: dg.AssetExecutionContext, of_dates: Mapping[str, Mapping[str, Any]]) -> None:
    """Let the materialization of each date show its metadata, by partition key.

    Dagster takes them date by date, and each time copies and checks all it has: of five seasons, a million of them.
    """
    try:
        from dagster._core.execution.context.metadata_logging import AssetMetadataHandle, OutputMetadataAccumulator

        step = context.get_step_execution_context()
        told = step._metadata_accumulator.per_output_metadata
    except (ImportError, AttributeError):
        for key, metadata in of_dates.items():
            context.add_asset_metadata(metadata, partition_key=key)
        return
    told = {
        **told,
        **{AssetMetadataHandle(asset_key=context.asset_key, partition_key=k): m for k, m in of_dates.items()},
    }
    step._metadata_accumulator = OutputMetadataAccumulator(per_output_metadata=told)


def log_evaluations(context: dg.OpExecutionContext, evaluations: Sequence[tuple[str, dg.AssetCheckEvaluation]]) -> None:
    """Record check evaluations, each with its message, as one batch: a range of dates has thousands.

    Their events say nothing of the step but its key; what else Dagster says of a step takes half of an event's text.

    Where a later Dagster has no such batches, each evaluation is recorded by itself when the step ends.
    """
    try:
        from dagster._core.events import DagsterEventBatchMetadata, generate_event_batch_id

        step_key, report = context.get_step_execution_context().step.key, context.instance.report_dagster_event
    except (ImportError, AttributeError):
        for _, evaluation in evaluations:
            context.log_event(evaluation)  # type: ignore[arg-type] # it takes them; its annotation does not say so
        return
    batch, moment = generate_event_batch_id(), time.time()  # type: ignore[no-untyped-call]
    for position, (message, evaluation) in enumerate(evaluations):
        event = dg.DagsterEvent(
            dg.DagsterEventType.ASSET_CHECK_EVALUATION.value,
            context.job_name,
            message=message,
            event_specific_data=evaluation,
            step_key=step_key,
        )
        is_last = position == len(evaluations) - 1
        report(event, context.run_id, logging.DEBUG, DagsterEventBatchMetadata(batch, is_last), moment)
