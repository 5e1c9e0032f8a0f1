"""Control questions: records of which the owner knows the right label."""

from __future__ import annotations

from datetime import datetime

from slipway.base.database import Database
from slipway.base.errors import Conflict
from slipway.base.events import record
from slipway.iam.types import Actor
from slipway.labelling import queries
from slipway.labelling.tables import GoldRow
from slipway.labelling.take import open_task, row_of
from slipway.labelling.teams import queries as team_queries
from slipway.labelling.types import DONE

USUAL_LEAST_PERCENT = 70


async def set_gold(
    db: Database, actor: Actor, task_id: str, number: int, *, known: bool, now: datetime
) -> None:
    """The label that the record has now is the right one; or it is no control question any more."""
    async with db.begin() as session:
        task = await open_task(session, actor, task_id)
        row = await row_of(session, task, number)
        gold = await team_queries.find_gold(session, task_id, number)
        if not known:
            if gold is not None:
                await session.delete(gold)
                await team_queries.forget_answers(session, task_id, number)
        elif row.state not in DONE or row.value is None:
            raise Conflict(
                "Label the record first: its label is the answer to the control question.",
                code="wrong_state",
            )
        elif gold is None:
            session.add(
                GoldRow(
                    task_id=task_id,
                    number=number,
                    value=row.value,
                    created_by=actor.user_id,
                    at=now,
                )
            )
        else:
            gold.value = row.value
        if known and task.gold_least_percent is None:
            task.gold_least_percent = USUAL_LEAST_PERCENT
        await record(
            session, "label:goldChanged", subject=("label-task", task_id), now=now,
            project_id=actor.project_id, actor_id=actor.user_id, name=task.name, number=number,
        )  # fmt: skip


async def readmit(db: Database, actor: Actor, task_id: str, user_id: str, *, now: datetime) -> None:
    """Somebody who was paused may go on: their answers to control questions are forgotten."""
    async with db.begin() as session:
        task = await queries.get_task(session, actor.project_id, task_id, lock=True)
        await team_queries.forget_scores(session, task_id, user_id)
        await record(
            session, "label:labellerReadmitted", subject=("label-task", task_id), now=now,
            project_id=actor.project_id, actor_id=actor.user_id, name=task.name, user_id=user_id,
        )  # fmt: skip
