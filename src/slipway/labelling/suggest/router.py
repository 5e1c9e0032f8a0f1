"""HTTP of suggestions: a deployed service proposes labels, people decide."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request

from slipway.base.clock import utc_now
from slipway.iam.http import Db, allow
from slipway.iam.types import Actor
from slipway.labelling import queries
from slipway.labelling.suggest import queries as suggest_queries
from slipway.labelling.suggest.run import decide, start_suggesting, stop_suggesting
from slipway.labelling.suggest.views import (
    LabelDecisionForm,
    LabelSuggestForm,
    LabelSuggestionOne,
    LabelSuggestionView,
    LabelSuggestView,
)

router = APIRouter(tags=["Labelling"], prefix="/labelling/tasks/{task_id}")

Viewer = Annotated[Actor, allow("label:task:get")]
Labeller = Annotated[Actor, allow("label:record:update")]
Manager = Annotated[Actor, allow("label:task:update")]


@router.get("/suggestions")
async def get_suggestions(task_id: str, db: Db, actor: Viewer) -> LabelSuggestView:
    """How far a model has been asked, and what people made of it."""
    async with db.read() as session:
        row = await queries.get_task(session, actor.project_id, task_id)
        return LabelSuggestView.of(row, await suggest_queries.count(session, task_id))


@router.post("/suggestions", status_code=202)
async def suggest(
    task_id: str, form: LabelSuggestForm, db: Db, request: Request, actor: Manager
) -> LabelSuggestView:
    """A running service is asked about records that are not labelled yet."""
    await start_suggesting(
        db, request.app.state.label_asker, actor, task_id, form.to_wish(), now=utc_now()
    )
    return await get_suggestions(task_id, db, actor)


@router.post("/suggestions/stop")
async def stop(task_id: str, db: Db, actor: Manager) -> LabelSuggestView:
    """What has been proposed stays."""
    await stop_suggesting(db, actor, task_id, now=utc_now())
    return await get_suggestions(task_id, db, actor)


@router.get("/records/{index}/suggestion")
async def get_suggestion(task_id: str, index: int, db: Db, actor: Viewer) -> LabelSuggestionOne:
    async with db.peek() as session:
        await queries.get_task(session, actor.project_id, task_id)
        row = await suggest_queries.find(session, task_id, index)
    return LabelSuggestionOne(suggestion=None if row is None else LabelSuggestionView.of(row))


@router.post("/records/{index}/suggestion", status_code=204)
async def post_decision(
    task_id: str, index: int, form: LabelDecisionForm, db: Db, actor: Labeller
) -> None:
    """Whether the proposal was right. The label itself is saved like any other."""
    await decide(db, actor, task_id, index, accepted=form.accepted)
