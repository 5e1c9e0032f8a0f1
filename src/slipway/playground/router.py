"""HTTP of the playground: what can be tried, asking, the history, quality, export."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse

from slipway.assets.http import Store
from slipway.base.clock import utc_now
from slipway.base.paging import PageQuery
from slipway.iam.http import Config, Db, PageArgs, Seal, allow
from slipway.iam.types import Actor
from slipway.playground import history, queries, statistics
from slipway.playground.ask import Answers, House, Question, ask
from slipway.playground.catalogue import Tried, list_tried
from slipway.playground.history import Place
from slipway.playground.to_dataset import Export, export_to_dataset
from slipway.playground.types import HISTORY_LIMIT, AnswerState, Problem, TryKind, Turn
from slipway.playground.views import (
    AskForm,
    ConversationDetail,
    ConversationForm,
    ConversationPage,
    ConversationPatch,
    ConversationView,
    ExportedView,
    ExportForm,
    GoodAnswerList,
    HistorySwitchForm,
    HistorySwitchView,
    ParameterRuleView,
    QualityList,
    RatedView,
    RatingForm,
    TriedServiceList,
    TriedServiceView,
    TurnView,
)
from slipway.serving.gateway_address import PublicUrl

router = APIRouter(prefix="/playground", tags=["Playground"])

Reader = Annotated[Actor, allow("serve:playground:get")]
Writer = Annotated[Actor, allow("serve:playground:update")]
_FOR_EVER = "private, max-age=31536000, immutable"
_LOST = Problem(503, "platform_restarted", "The platform was restarted while this answer came.")
_PERIOD = timedelta(days=29)
_MOST_GOOD = 200


def get_answers(request: Request) -> Answers:
    answers: Answers = request.app.state.answers
    return answers


Running = Annotated[Answers, Depends(get_answers)]


@router.get("/services")
async def list_tried_services(
    db: Db, gateway: PublicUrl, actor: Reader, kind: TryKind | None = None
) -> TriedServiceList:
    """Running services of the project and presets that can be tried; for one kind with its
    parameters."""
    async with db.read() as session:
        found = await list_tried(session, actor.project_id, actor.user_id)
    shown = [one for one in found if kind is None or kind in one.kinds]
    return TriedServiceList(items=[_tried_view(one, gateway, kind) for one in shown])


@router.post("/answers", response_class=StreamingResponse)
async def ask_service(
    form: AskForm, request: Request, db: Db, sealer: Seal, settings: Config, answers: Running,
    actor: Annotated[Actor, allow("serve:service:call")],
) -> StreamingResponse:  # fmt: skip
    """The gateway's own answer as it comes, to a call made as oneself. The header x-slipway-turn
    names where it is kept. Closing the connection stops the model."""
    place = Place(**form.place.model_dump()) if form.place else None
    question = Question(form.service_id, form.kind, form.request, place)
    house = House(db, sealer, settings, answers)
    return await ask(house, actor, question, request, now=utc_now())


@router.get("/history")
async def get_history_switch(db: Db, actor: Reader) -> HistorySwitchView:
    async with db.read() as session:
        keeps = await queries.keeps_history(session, actor.user_id)
    return HistorySwitchView(keeps=keeps, limit=HISTORY_LIMIT)


@router.put("/history")
async def switch_history(form: HistorySwitchForm, db: Db, actor: Writer) -> HistorySwitchView:
    """Switched off, nothing new is kept; what is there stays until it is deleted."""
    async with db.begin() as session:
        await queries.switch_history(session, actor.user_id, form.keeps)
    return HistorySwitchView(keeps=form.keeps, limit=HISTORY_LIMIT)


@router.delete("/history", status_code=204)
async def clear_history(db: Db, actor: Writer) -> None:
    """All of one's own conversations in this project."""
    await history.clear_history(db, actor)


def history_page(page: PageArgs) -> PageQuery:
    """The newest first, unless another order is asked for."""
    if page.order != "-created_at":
        return page
    return PageQuery(page.limit, page.cursor, page.search, order="-updated_at")


@router.get("/conversations")
async def list_conversations(
    db: Db, actor: Reader, page: Annotated[PageQuery, Depends(history_page)],
    kind: TryKind | None = None,
) -> ConversationPage:  # fmt: skip
    """One's own. `search` also looks into questions and answers."""
    async with db.read() as session:
        found = await queries.page_conversations(
            session, actor.project_id, actor.user_id, kind, page
        )
    items = [ConversationView.of(queries.frozen_conversation(row)) for row in found.items]
    return ConversationPage(items=items, next_cursor=found.next_cursor, total=found.total)


@router.post("/conversations", status_code=201)
async def begin_conversation(form: ConversationForm, db: Db, actor: Writer) -> ConversationView:
    """Refused where the history is switched off."""
    made = await history.begin_conversation(db, actor, form.kind, form.title, now=utc_now())
    return ConversationView.of(made)


@router.get("/conversations/{conversation_id}")
async def get_conversation(
    conversation_id: str, db: Db, answers: Running, actor: Reader
) -> ConversationDetail:
    async with db.read() as session:
        row = await queries.get_conversation(
            session, actor.project_id, actor.user_id, conversation_id
        )
        turns = await queries.list_turns(session, conversation_id)
    found = queries.frozen_conversation(row)
    return ConversationDetail(
        **ConversationView.of(found).model_dump(), persona=found.settings.persona,
        parameters=dict(found.settings.parameters),
        turns=[_turn_view(queries.frozen_turn(turn), answers) for turn in turns],
    )  # fmt: skip


@router.patch("/conversations/{conversation_id}")
async def rename_conversation(
    conversation_id: str, form: ConversationPatch, db: Db, actor: Writer
) -> ConversationView:
    found = await history.rename_conversation(db, actor, conversation_id, form.title, now=utc_now())
    return ConversationView.of(found)


@router.delete("/conversations/{conversation_id}", status_code=204)
async def delete_conversation(conversation_id: str, db: Db, actor: Writer) -> None:
    await history.delete_conversation(db, actor, conversation_id)


@router.put("/answers/{turn_id}/rating")
async def rate_answer(turn_id: str, form: RatingForm, db: Db, actor: Writer) -> RatedView:
    """Thumbs up or down; `none` takes it back."""
    return RatedView(rating=await history.rate(db, actor, turn_id, form.rating))


@router.get("/answers/good")
async def list_good_answers(db: Db, answers: Running, actor: Reader) -> GoodAnswerList:
    """One's own answers with a thumb up, the newest first: what can go into a dataset."""
    async with db.read() as session:
        rows = await queries.rated_turns(session, actor.project_id, actor.user_id, _MOST_GOOD)
    turns = [queries.frozen_turn(row) for row in rows]
    return GoodAnswerList(items=[_turn_view(turn, answers) for turn in turns])


@router.get("/pictures/{picture_id}", response_class=Response)
async def get_picture(picture_id: str, db: Db, actor: Reader) -> Response:
    """A picture of one's own history, as it was sent or drawn."""
    async with db.read() as session:
        row = await queries.get_picture(session, actor.project_id, actor.user_id, picture_id)
    headers = {"cache-control": _FOR_EVER, "content-security-policy": "default-src 'none'"}
    return Response(row.content, media_type=row.media_type, headers=headers)


@router.get("/statistics")
async def get_quality(
    db: Db, actor: Reader, start: date | None = None, end: date | None = None
) -> QualityList:
    """Answers and thumbs by service, of the last 30 days unless a period is given."""
    last = end or utc_now().date()
    async with db.read() as session:
        return await statistics.quality(session, actor.project_id, start or last - _PERIOD, last)


@router.post("/datasets", status_code=201)
async def export_answers(
    form: ExportForm, db: Db, store: Store, config: Config,
    actor: Annotated[Actor, allow("data:dataset:create")],
) -> ExportedView:  # fmt: skip
    """Answers of one's own history as rows of a dataset, new or made by an export before."""
    export = Export(tuple(form.turn_ids), form.form, form.name, form.dataset_id)
    done = await export_to_dataset(
        db, store, actor, export, quota=config.max_datasets, now=utc_now()
    )
    return ExportedView(dataset_id=done.dataset_id, name=done.name, rows=done.rows)


def _tried_view(one: Tried, gateway: str, kind: TryKind | None) -> TriedServiceView:
    shown = kind or next(iter(one.kinds))
    return TriedServiceView(
        id=one.id, name=one.name, description=one.description, model=one.model,
        kinds=list(one.kinds), auth=one.auth, preset=one.preset,
        prices={name: float(price) for name, price in one.prices.items()}, url=f"{gateway}/{one.id}{one.path(shown)}",
        rules=[ParameterRuleView.of(rule) for rule in one.rules(shown)],
    )  # fmt: skip


def _turn_view(turn: Turn, answers: Answers) -> TurnView:
    """An answer that is said to come, and that nobody here waits for, is lost."""
    view = TurnView.of(turn)
    if turn.state is AnswerState.ANSWERING and turn.id not in answers.running:
        lost = TurnView.of(turn).model_dump() | {
            "state": AnswerState.FAILED, "problem": _LOST.as_json(),
        }  # fmt: skip
        return TurnView.model_validate(lost)
    return view
