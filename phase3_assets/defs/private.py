"""Parts of Dagster that definitions need and that have no public name.

What belongs here: such a name, and what is done where a later Dagster no longer has it. What doesn't: what an instance
is made of (instance/, which may import `dagster._` too); anything with a public name (`dg.`). Apart from instance/, no
other module imports `dagster._`: a test checks this.
"""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

import dagster as dg

if TYPE_CHECKING:
    from dagster._core.definitions.unresolved_asset_job_definition import (
        UnresolvedAssetJobDefinition as UnresolvedAssetJobDefinition,
    )


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
    batch = generate_event_batch_id()  # type: ignore[no-untyped-call]
    for position, (message, evaluation) in enumerate(evaluations):
        event = dg.DagsterEvent(
            dg.DagsterEventType.ASSET_CHECK_EVALUATION.value,
            context.job_name,
            message=message,
            event_specific_data=evaluation,
            step_key=step_key,
        )
        is_last = position == len(evaluations) - 1
        report(event, context.run_id, logging.DEBUG, DagsterEventBatchMetadata(batch, is_last))
