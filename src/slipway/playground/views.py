"""What the playground's API takes and shows."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field

from slipway.base.forms import Form
from slipway.playground.rules import ParameterRule, RuleKind
from slipway.playground.to_dataset import RowForm
from slipway.playground.types import (
    AnswerState,
    Conversation,
    Preset,
    PresetVersion,
    Rating,
    TryKind,
    Turn,
)


class ParameterRuleView(BaseModel):
    name: str
    kind: RuleKind
    minimum: float | None
    maximum: float | None
    step: float | None
    default: float | str | None = Field(description="null: the model's own.")
    choices: list[str]

    @classmethod
    def of(cls, r: ParameterRule) -> ParameterRuleView:
        return cls(
            name=r.name, kind=r.kind, minimum=r.minimum, maximum=r.maximum, step=r.step,
            default=r.default, choices=list(r.choices),
        )  # fmt: skip


class TriedServiceView(BaseModel):
    id: str
    name: str
    description: str
    model: str = Field(description="The name in requests.")
    kinds: list[TryKind]
    auth: bool
    preset: bool = Field(description="Of the platform, called on the project's free trial.")
    prices: dict[str, float] = Field(
        description="Of a million prompt and completion tokens, and of an image; what is set."
    )
    url: str = Field(description="Where the API is called for the kind asked for.")
    rules: list[ParameterRuleView] = Field(description="Of the kind asked for.")


class TriedServiceList(BaseModel):
    items: list[TriedServiceView]


class HistorySwitchForm(Form):
    keeps: bool


class HistorySwitchView(BaseModel):
    keeps: bool = Field(description="Whether new conversations are kept.")
    limit: int = Field(description="So many are kept; the oldest go first.")


class ConversationForm(Form):
    kind: TryKind
    title: str = Field("", max_length=2000)


class ConversationPatch(Form):
    title: str = Field(max_length=2000)


class ConversationView(BaseModel):
    id: str
    kind: TryKind
    title: str
    services: str = Field(description="Names of the services that were asked.")
    questions: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, c: Conversation) -> ConversationView:
        return cls(**_summary(c))


class AnswerProblemView(BaseModel):
    status: int
    code: str
    message: str


class TurnView(BaseModel):
    id: str
    side: int
    position: int
    question: str
    pictures: list[str] = Field(description="Ids of pictures that were sent along.")
    service_id: str
    service_name: str
    answer: str
    reasoning: str
    results: list[str] = Field(description="Ids of pictures that were drawn.")
    state: AnswerState
    problem: AnswerProblemView | None
    finish_reason: str
    prompt_tokens: int | None
    completion_tokens: int | None
    first_ms: float | None
    total_ms: float | None
    rating: Rating
    started_at: datetime

    @classmethod
    def of(cls, t: Turn) -> TurnView:
        problem = t.problem and AnswerProblemView(**t.problem.as_json())
        return cls(
            id=t.id, side=t.side, position=t.position, question=t.question,
            pictures=list(t.pictures), service_id=t.service_id, service_name=t.service_name,
            answer=t.answer, reasoning=t.reasoning, results=list(t.results), state=t.state,
            problem=problem, finish_reason=t.finish_reason, prompt_tokens=t.prompt_tokens,
            completion_tokens=t.completion_tokens, first_ms=t.first_ms, total_ms=t.total_ms,
            rating=t.rating, started_at=t.started_at,
        )  # fmt: skip


class ConversationDetail(ConversationView):
    persona: str
    parameters: dict[str, Any]
    turns: list[TurnView] = Field(description="By side, then in their order.")


class ConversationPage(BaseModel):
    items: list[ConversationView]
    next_cursor: str | None
    total: int


class PlaceForm(Form):
    """Where in the history the question stands; what was there and after it is replaced."""

    conversation_id: str
    side: int = Field(0, description="Which of the models asked at once, from 0.")
    position: int = Field(description="Which question on that side, from 0.")


class AskForm(Form):
    service_id: str
    kind: TryKind
    request: dict[str, Any] = Field(description="Body of the API's call; `model` may be left out.")
    place: PlaceForm | None = Field(None, description="Left out, nothing is kept.")


class RatingForm(Form):
    rating: Rating


class RatedView(BaseModel):
    rating: Rating


class QualityView(BaseModel):
    """Counts of one service, on one day or over all."""

    service_id: str
    service_name: str
    day: date | None
    answers: int
    stopped: int
    failed: int
    up: int
    down: int
    completion_tokens: int
    mean_first_ms: float | None


class QualityList(BaseModel):
    start: date
    end: date
    items: list[QualityView] = Field(description="A service each, over the whole period.")
    days: list[QualityView]


class PresetForm(Form):
    name: str
    kind: TryKind
    content: dict[str, Any] = Field(description="persona, parameters, messages, service_id.")
    description: str = ""
    shared: bool = Field(False, description="Everybody in the project may read it.")
    note: str = Field("", description="What this version is for.")


class PresetVersionForm(Form):
    content: dict[str, Any]
    note: str = ""


class PresetPatch(Form):
    name: str | None = None
    description: str | None = None
    shared: bool | None = None


class PresetVersionView(BaseModel):
    number: int
    note: str
    content: dict[str, Any]
    author: str
    created_at: datetime

    @classmethod
    def of(cls, v: PresetVersion) -> PresetVersionView:
        return cls(
            number=v.number, note=v.note, content=dict(v.content), author=v.author,
            created_at=v.created_at,
        )  # fmt: skip


class PresetView(BaseModel):
    id: str
    name: str
    description: str
    kind: TryKind
    shared: bool
    latest: int
    mine: bool
    owner: str
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, p: Preset, user_id: str) -> PresetView:
        return cls(
            id=p.id, name=p.name, description=p.description, kind=p.kind, shared=p.shared,
            latest=p.latest, mine=p.owner_id == user_id, owner=p.owner, created_at=p.created_at,
            updated_at=p.updated_at,
        )  # fmt: skip


class PresetDetail(PresetView):
    versions: list[PresetVersionView] = Field(description="The newest first.")


class PresetPage(BaseModel):
    items: list[PresetView]
    next_cursor: str | None
    total: int


class ExportForm(Form):
    turn_ids: list[str] = Field(min_length=1, max_length=1000)
    form: RowForm = RowForm.CONVERSATION
    name: str = Field("", description="Of the new dataset.")
    dataset_id: str | None = Field(None, description="Or one that an export made before.")


class ExportedView(BaseModel):
    dataset_id: str
    name: str
    rows: int


class GoodAnswerList(BaseModel):
    items: list[TurnView]


def _summary(c: Conversation) -> dict[str, Any]:
    return {
        "id": c.id, "kind": c.kind, "title": c.title, "services": c.services,
        "questions": c.questions, "created_at": c.created_at, "updated_at": c.updated_at,
    }  # fmt: skip
