"""HTTP of several people's answers, agreement and control questions: for who reviews."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter

from slipway.base.clock import utc_now
from slipway.iam.http import Db, allow
from slipway.iam.types import Actor
from slipway.labelling import queries
from slipway.labelling.teams import queries as team_queries
from slipway.labelling.teams.gold import readmit, set_gold
from slipway.labelling.teams.report import DISPUTED_BELOW, quality_of
from slipway.labelling.teams.views import (
    LabelAnswerList,
    LabelAnswerView,
    LabelGoldForm,
    LabelQualityView,
)
from slipway.labelling.types import RecordState

router = APIRouter(tags=["Labelling"], prefix="/labelling/tasks/{task_id}")

Reviewer = Annotated[Actor, allow("label:review:update")]
_LISTED = 200


@router.get("/quality")
async def get_quality(task_id: str, db: Db, actor: Reviewer) -> LabelQualityView:
    """Agreement of those who label the same records, control questions, and what is disputed."""
    async with db.read() as session:
        task = await queries.get_task(session, actor.project_id, task_id)
        answers = await team_queries.newest_answers(session, task_id)
        rows = await team_queries.list_disputed(
            session, task_id, (RecordState.LABELLED,), DISPUTED_BELOW, _LISTED
        )
        disputed = [queries.frozen_record(row) for row in rows]
        gold = [(row.number, row.at) for row in await team_queries.list_gold(session, task_id)]
    quality = await asyncio.to_thread(quality_of, answers)
    return LabelQualityView.of(quality, disputed, gold, task.gold_least_percent)


@router.get("/records/{index}/answers")
async def list_answers(task_id: str, index: int, db: Db, actor: Reviewer) -> LabelAnswerList:
    """What each person said of a record."""
    async with db.read() as session:
        await queries.get_task(session, actor.project_id, task_id)
        found = await team_queries.list_answers(session, task_id, index)
        gold = await team_queries.find_gold(session, task_id, index)
    return LabelAnswerList(items=[LabelAnswerView.of(one) for one in found], gold=gold is not None)


@router.post("/records/{index}/gold", status_code=204)
async def put_gold(task_id: str, index: int, form: LabelGoldForm, db: Db, actor: Reviewer) -> None:
    """The record's label is right: it becomes a control question for everybody else."""
    await set_gold(db, actor, task_id, index, known=form.known, now=utc_now())


@router.post("/people/{user_id}/readmit", status_code=204)
async def post_readmit(task_id: str, user_id: str, db: Db, actor: Reviewer) -> None:
    """Somebody who was paused by control questions may go on; they are asked anew."""
    await readmit(db, actor, task_id, user_id, now=utc_now())
