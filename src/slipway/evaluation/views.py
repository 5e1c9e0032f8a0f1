"""What the API takes and shows of evaluations."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field, SecretStr

from slipway.base.clock import utc_now
from slipway.base.forms import Form
from slipway.evaluation.change import why_not_delete, why_not_stop
from slipway.evaluation.compare import Comparison
from slipway.evaluation.submit import why_not_restart
from slipway.evaluation.types import (
    EvaluatedModel,
    Evaluation,
    EvaluationSpec,
    EvaluationState,
    Metric,
    ModelKind,
    QuestionSet,
    SetFormat,
    SetKind,
    TokenizerName,
)


class ModelForm(Form):
    kind: ModelKind
    name: str = Field("", description="Shown in results; left out, it follows from the source.")
    ref: str = Field("", description="Service id, model version id, or address of a folder.")
    base_url: str = Field("", description="Of a third party, with or without /v1.")
    model: str = Field("", description="Name in requests; a service's own is known.")
    api_key: SecretStr | None = Field(None, description="Kept sealed. Services get one lent.")
    base_kind: ModelKind | None = Field(None, description="What a LoRA adapter builds on.")
    base_ref: str = ""
    params: dict[str, Any] = Field({}, description="Inference parameters; {} keeps defaults.")
    max_model_len: int = 8192
    concurrency: int = 24
    retries: int = 0
    timeout_s: float = 600.0
    task_id: str = ""
    task_name: str = ""


class SetForm(Form):
    kind: SetKind
    ref: str = Field(description="Dataset id, or address of a file or folder.")
    name: str = ""
    version: int | None = Field(None, description="Of a dataset; left out, the newest.")
    format: SetFormat = SetFormat.AUTO
    system: str | None = None
    template: str | None = Field(None, description="Wraps each question; holds {prompt}.")
    limit: int | None = Field(None, description="Only the first questions.")


class EvaluationForm(Form):
    name: str
    description: str = ""
    tags: dict[str, str] = {}
    models: list[ModelForm]
    sets: list[SetForm]
    metrics: list[Metric] = list(Metric)
    tokenizer: TokenizerName = TokenizerName.AUTO
    seed: int | None = 42
    resource_group: str = "rsg-local"
    cpu_cores: float = 1.0
    memory_bytes: int = 2 << 30
    gpus: float = 0
    gpu_model: str | None = None

    def spec(self) -> EvaluationSpec:
        data = self.model_dump(exclude={"models", "sets", "metrics"})
        return EvaluationSpec(
            **data,
            models=tuple(EvaluatedModel(**m.model_dump(exclude={"api_key"})) for m in self.models),
            sets=tuple(QuestionSet(**s.model_dump()) for s in self.sets),
            metrics=tuple(dict.fromkeys(self.metrics)),
        )

    def keys(self) -> dict[int, str]:
        found = enumerate(model.api_key for model in self.models)
        return {index: key.get_secret_value() for index, key in found if key}


class EvaluationPatch(Form):
    tags: dict[str, str] | None = None
    description: str | None = None


class StepView(BaseModel):
    kind: Literal["deployment", "evaluation"]
    model: str
    set: str | None
    state: str
    done: int
    total: int
    failed: int
    percent: float | None
    started_at: datetime | None
    ended_at: datetime | None


class ProgressView(BaseModel):
    percent: float
    done: int
    total: int
    elapsed_s: float
    eta_s: float | None = Field(description="An estimate by proportion of items done.")
    steps: list[StepView]


class EvaluationView(BaseModel):
    id: str
    name: str
    description: str
    tags: dict[str, str]
    state: str
    reason: str
    percent: float
    models: list[str]
    checkpoints: list[str] = Field(
        description="Addresses of the training tasks' checkpoints that are evaluated."
    )
    sets: list[str]
    resource_group: str
    cpu_cores: float
    memory_bytes: int
    gpus: float
    output: str
    creator_id: str
    creator: str
    created_at: datetime
    updated_at: datetime
    queued_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    run_time_s: float | None
    blocked: dict[str, str | None]

    @classmethod
    def of(cls, e: Evaluation, progress: dict[str, Any]) -> EvaluationView:
        return cls(**summary(e, progress))


class EvaluationDetail(EvaluationView):
    spec: dict[str, Any] = Field(description="The whole configuration, as a form to copy.")
    progress: ProgressView


class EvaluationPage(BaseModel):
    items: list[EvaluationView]
    next_cursor: str | None
    total: int


class ResultView(BaseModel):
    set: str
    samples: int
    failed: list[int] = Field(description="Questions that got no answer; they count as wrong.")
    metrics: dict[str, float]
    standard_errors: dict[str, float]
    run_time_s: float
    tokens: dict[str, int]
    format: str
    template: str | None
    tokenizer: str


class ModelResultView(BaseModel):
    index: int
    name: str
    state: str
    reason: str
    results: list[ResultView]
    settings: dict[str, Any]
    backend: dict[str, Any]
    ended_at: datetime | None


class ResultsView(BaseModel):
    evaluation_id: str
    state: str
    models: list[ModelResultView]


class SampleView(BaseModel):
    model: str
    set: str
    index: int
    prompt: list[dict[str, str]]
    reference: str
    output: str
    extracted: str | None
    scores: dict[str, float]
    tokens: dict[str, int | None]
    finish_reason: str | None
    time_ms: float
    error: str | None
    wrong: bool


class SamplePageView(BaseModel):
    items: list[SampleView]
    next_cursor: str | None
    total: int


class CompareForm(Form):
    ids: list[str] = Field(min_length=1, description="Completed evaluations, at most 10.")
    sets: list[str] | None = Field(None, description="Names of sets; left out, all.")
    models: list[str] | None = Field(None, description="Keys of models; left out, all.")
    metric: str | None = None


class LineView(BaseModel):
    key: str
    evaluation_id: str
    evaluation_name: str
    model: str
    source: str
    values: dict[str, dict[str, float]] = Field(description="Set -> metric -> value.")


class AxisView(BaseModel):
    set: str
    metric: str
    low: float | None
    high: float | None


class RadarLineView(BaseModel):
    key: str
    absolute: list[float | None]
    relative: list[float | None] = Field(description="0 to 1 between the axis' low and high.")


class ComparisonView(BaseModel):
    metric: str
    metrics: list[str]
    sets: list[str] = Field(description="Every set of the evaluations, ticked or not.")
    models: list[LineView] = Field(description="Every model of the evaluations, ticked or not.")
    shown_sets: list[str]
    rows: list[LineView]
    axes: list[AxisView]
    radar: list[RadarLineView]

    @classmethod
    def of(cls, c: Comparison) -> ComparisonView:
        def line_view(line: Any) -> LineView:
            return LineView(**{name: getattr(line, name) for name in LineView.model_fields})

        return cls(
            metric=c.metric, metrics=list(c.metrics), sets=list(c.sets),
            models=[line_view(line) for line in c.models], shown_sets=list(c.shown_sets),
            rows=[line_view(line) for line in c.lines],
            axes=[AxisView(set=a.set, metric=a.metric, low=a.low, high=a.high) for a in c.axes],
            radar=[
                RadarLineView(key=r.key, absolute=list(r.absolute), relative=list(r.relative))
                for r in c.radar
            ],
        )  # fmt: skip


def summary(e: Evaluation, progress: dict[str, Any]) -> dict[str, Any]:
    end = e.ended_at or (utc_now() if e.started_at else None)
    unfinished = None if e.state == EvaluationState.COMPLETED else f"The evaluation is {e.state}."
    return {
        "id": e.id, "name": e.spec.name, "description": e.description, "tags": e.tags,
        "state": e.state, "reason": e.reason, "percent": progress["percent"],
        "models": [m.name for m in e.spec.models],
        "checkpoints": [m.ref for m in e.spec.models if m.task_id],
        "sets": [s.name for s in e.spec.sets],
        "resource_group": e.spec.resource_group, "cpu_cores": e.spec.cpu_cores,
        "memory_bytes": e.spec.memory_bytes, "gpus": e.spec.gpus, "output": e.output,
        "creator_id": e.created_by, "creator": e.creator_name, "created_at": e.created_at,
        "updated_at": e.updated_at, "queued_at": e.queued_at, "started_at": e.started_at,
        "ended_at": e.ended_at,
        "run_time_s": (end - e.started_at).total_seconds() if e.started_at and end else None,
        "blocked": {
            "stop": why_not_stop(e), "restart": why_not_restart(e), "delete": why_not_delete(e),
            "compare": unfinished, "copy": None,
        },
    }  # fmt: skip
