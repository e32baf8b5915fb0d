"""What Dagster has no public name for and definitions need: the one module of this room that imports `dagster._`.

What belongs here: such a name, and what is done where a later Dagster no longer has it. What doesn't: what an instance
is made of (instance/, which may import `dagster._` too); anything with a public name (`dg.`). No other module imports
`dagster._`: a test says so.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import dagster as dg

if TYPE_CHECKING:
    from dagster._core.definitions.unresolved_asset_job_definition import (
        UnresolvedAssetJobDefinition as UnresolvedAssetJobDefinition,
    )


def log_evaluations(context: dg.OpExecutionContext, evaluations: Sequence[tuple[str, dg.AssetCheckEvaluation]]) -> None:
    """Record evaluations of checks, each with its message, as one batch: a range of dates has thousands.

    Where Dagster has no batches of them any more, each is recorded by itself, when the step ends.
    """
    try:
        from dagster._core.events import DagsterEventBatchMetadata, generate_event_batch_id

        step, kind = context.get_step_execution_context(), dg.DagsterEventType.ASSET_CHECK_EVALUATION
        from_step = dg.DagsterEvent.from_step
    except (ImportError, AttributeError):
        for _, evaluation in evaluations:
            context.log_event(evaluation)  # type: ignore[arg-type] # it takes them; its annotation does not say so
        return
    batch = generate_event_batch_id()  # type: ignore[no-untyped-call]
    for position, (message, evaluation) in enumerate(evaluations):
        is_last = position == len(evaluations) - 1
        from_step(kind, step, evaluation, message, DagsterEventBatchMetadata(batch, is_last))
