"""Ending a trial: on request, because nobody used it, or because its task is gone."""

from __future__ import annotations

from datetime import datetime

from slipway.base.database import Database
from slipway.base.errors import Conflict
from slipway.evaluation.trials import queries
from slipway.evaluation.trials.start import tell
from slipway.evaluation.trials.types import Trial, why_not_delete, why_not_stop
from slipway.iam.types import Actor
from slipway.serving.change import remove_service, want_stop


async def stop_trial(
    db: Database, actor: Actor, trial_id: str, *, reason: str = "", now: datetime
) -> Trial:
    """`reason` is shown while it is stopped; '' where a user wanted it."""
    async with db.begin() as session:
        row = await queries.get_trial(session, actor.project_id, trial_id)
        [trial] = await queries.as_they_are(session, [row])
        if problem := why_not_stop(trial):
            raise Conflict(problem, code="wrong_state")
        await want_stop(session, actor, row.service_id, now=now)
        row.stop_reason = reason
        await session.flush()
        await tell(session, row, "stopped", actor_id=actor.user_id or None, now=now)
        return (await queries.as_they_are(session, [row]))[0]


async def delete_trial(db: Database, actor: Actor, trial_id: str, *, now: datetime) -> None:
    """The trial with its service. The checkpoint stays."""
    async with db.begin() as session:
        row = await queries.get_trial(session, actor.project_id, trial_id)
        [trial] = await queries.as_they_are(session, [row])
        if problem := why_not_delete(trial):
            raise Conflict(problem, code="wrong_state")
        await tell(session, row, "deleted", actor_id=actor.user_id or None, now=now)
        await remove_service(session, actor, row.service_id, now=now)
