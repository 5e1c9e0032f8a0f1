from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.events import record
from slipway.base.names import tag_text
from slipway.evaluation.tables import EvaluationRow
from slipway.evaluation.types import EvaluationState

EVENT_ON_ENTERING = {
    EvaluationState.QUEUED: "evaluationQueued",
    EvaluationState.STARTING: "evaluationStarting",
    EvaluationState.INFERRING: "evaluationInferring",
    EvaluationState.STOPPING: "evaluationStopping",
    EvaluationState.COMPLETED: "evaluationCompleted",
    EvaluationState.STOPPED: "evaluationStopped",
    EvaluationState.FAILED: "evaluationFailed",
}


async def tell(
    session: AsyncSession,
    row: EvaluationRow,
    event: str | None = None,
    *,
    actor_id: str | None = None,
    now: datetime,
) -> None:
    """The event of the state that the row has just entered, unless another is named."""
    await record(
        session, f"evaluation:{event or EVENT_ON_ENTERING[EvaluationState(row.state)]}",
        subject=("evaluation", row.id), project_id=row.project_id, actor_id=actor_id, now=now,
        name=row.name, creator=row.created_by, tags=tag_text(row.tags), state=row.state, reason=row.reason,
    )  # fmt: skip
