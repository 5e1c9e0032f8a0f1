"""Stopping, editing and deleting an evaluation."""

from __future__ import annotations

from datetime import datetime

from slipway.assets.keys import Address
from slipway.assets.storage import Storage
from slipway.assets.tree import delete_below
from slipway.base.database import Database
from slipway.base.errors import Conflict, NotFound
from slipway.base.names import checked_description, checked_tags
from slipway.compute import submit as compute
from slipway.evaluation import queries
from slipway.evaluation.events import tell
from slipway.evaluation.types import Evaluation, EvaluationState
from slipway.iam.types import Actor


def why_not_stop(evaluation: Evaluation) -> str | None:
    if evaluation.state.is_final:
        return f"The evaluation is {evaluation.state} already."
    if evaluation.state == EvaluationState.STOPPING:
        return "The evaluation is being stopped."
    return "The evaluation has just ended." if evaluation.settling else None


def why_not_delete(evaluation: Evaluation) -> str | None:
    return None if evaluation.state.is_final else "Stop the evaluation first."


async def stop_evaluation(
    db: Database, actor: Actor, evaluation_id: str, *, now: datetime
) -> Evaluation:
    async with db.begin() as session:
        row = await queries.get_evaluation(session, actor.project_id, evaluation_id, lock=True)
        if reason := why_not_stop(queries.frozen(row)):
            raise Conflict(f"{reason} Nothing to stop.", code="wrong_state")
        await compute.want_stop(session, row.workload_id)
        row.state, row.updated_at = EvaluationState.STOPPING, now
        await session.flush()
        await tell(session, row, actor_id=actor.user_id, now=now)
        return queries.frozen(row)


async def edit_evaluation(
    db: Database,
    actor: Actor,
    evaluation_id: str,
    *,
    tags: dict[str, str] | None,
    description: str | None,
    now: datetime,
) -> Evaluation:
    async with db.begin() as session:
        row = await queries.get_evaluation(session, actor.project_id, evaluation_id, lock=True)
        if tags is not None:
            row.tags = checked_tags(tags)
        if description is not None:
            row.description = checked_description(description)
        row.updated_at = now
        await session.flush()
        await tell(session, row, "evaluationEdited", actor_id=actor.user_id, now=now)
        return queries.frozen(row)


async def delete_evaluation(
    db: Database, storage: Storage, actor: Actor, evaluation_id: str, *, now: datetime
) -> None:
    """The record with its answers and logs."""
    async with db.begin() as session:
        row = await queries.get_evaluation(session, actor.project_id, evaluation_id, lock=True)
        if reason := why_not_delete(queries.frozen(row)):
            raise Conflict(reason, code="wrong_state")
        output = Address.parse(row.output)
        await tell(session, row, "evaluationDeleted", actor_id=actor.user_id, now=now)
        await session.delete(row)
    try:
        await storage.run(delete_below, storage, output.bucket, output.key)
    except NotFound:
        return  # it never wrote anything
