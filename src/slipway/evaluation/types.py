"""Objective evaluations: which models answer which question sets, and how far that is."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from slipway.compute.types import Ending, Workload, WorkloadState

KIND = "evaluation"  # of the workloads behind evaluations


class EvaluationState(StrEnum):
    """Table E7."""

    QUEUED = "Queued"
    STARTING = "Starting"
    INFERRING = "Inferring"
    COMPLETED = "Completed"
    STOPPING = "Stopping"
    STOPPED = "Stopped"
    FAILED = "Failed"

    @property
    def is_final(self) -> bool:
        return self in (
            EvaluationState.COMPLETED, EvaluationState.STOPPED, EvaluationState.FAILED,
        )  # fmt: skip


_STATES = {
    WorkloadState.QUEUED: EvaluationState.QUEUED,
    WorkloadState.STARTING: EvaluationState.STARTING,
    WorkloadState.RUNNING: EvaluationState.INFERRING,
    WorkloadState.STOPPING: EvaluationState.INFERRING,
    # The results still have to be read: the loop writes the final word.
    WorkloadState.SUCCEEDED: EvaluationState.INFERRING,
    WorkloadState.FAILED: EvaluationState.INFERRING,
    WorkloadState.STOPPED: EvaluationState.STOPPING,
}


def state_of(workload: Workload) -> EvaluationState:
    if workload.state == WorkloadState.STOPPING and workload.ending == Ending.STOPPED:
        return EvaluationState.STOPPING
    return _STATES[workload.state]


class ModelKind(StrEnum):
    SERVICE = "service"  # ref: id of an online service of the project
    MODEL_VERSION = "model_version"  # ref: id of a version in the repository
    STORAGE = "storage"  # ref: address of a folder, such as a task's checkpoint
    THIRD_PARTY = "third_party"  # base_url and model, somewhere else

    @property
    def is_served_here(self) -> bool:
        """Has files, and is served only for the time of the evaluation."""
        return self in (ModelKind.MODEL_VERSION, ModelKind.STORAGE)


class SetKind(StrEnum):
    DATASET = "dataset"  # ref: dataset id
    STORAGE = "storage"  # ref: address of a file or folder


class Metric(StrEnum):
    ACCURACY = "accuracy"
    ROUGE1 = "rouge1"
    ROUGE2 = "rouge2"
    ROUGEL = "rougeL"
    BLEU4 = "bleu4"


class TokenizerName(StrEnum):
    AUTO = "auto"
    CHAR = "char"
    JIEBA = "jieba"
    WORD = "word"


class SetFormat(StrEnum):
    AUTO = "auto"
    CONVERSATION = "conversation"
    QA = "qa"
    GSM8K = "gsm8k"


@dataclass(frozen=True, slots=True)
class EvaluatedModel:
    """`model` is the name in requests. `task_id` and `task_name` say where a checkpoint is from."""

    kind: ModelKind
    name: str = ""
    ref: str = ""
    base_url: str = ""
    model: str = ""
    base_kind: ModelKind | None = None  # what a LoRA adapter builds on
    base_ref: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    max_model_len: int = 8192
    concurrency: int = 24
    retries: int = 0
    timeout_s: float = 600.0
    task_id: str = ""
    task_name: str = ""


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """`files` are found when the evaluation is created and stay as they are."""

    kind: SetKind
    ref: str
    name: str = ""
    version: int | None = None
    format: SetFormat = SetFormat.AUTO
    system: str | None = None
    template: str | None = None
    limit: int | None = None
    files: tuple[str, ...] = ()

    @property
    def identity(self) -> tuple[str, ...]:
        """Equal for two rows that would ask the same questions."""
        if self.kind == SetKind.DATASET:
            return self.kind, self.ref, str(self.version or "newest")
        return self.kind, self.ref.rstrip("/")


@dataclass(frozen=True, slots=True)
class EvaluationSpec:
    """The whole configuration, as it is shown and copied. Keys are not in it."""

    name: str
    models: tuple[EvaluatedModel, ...]
    sets: tuple[QuestionSet, ...]
    description: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    metrics: tuple[Metric, ...] = tuple(Metric)
    tokenizer: TokenizerName = TokenizerName.AUTO
    seed: int | None = 42
    resource_group: str = "rsg-local"
    cpu_cores: float = 1.0
    memory_bytes: int = 2 << 30
    gpus: float = 0
    gpu_model: str | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, data: dict[str, Any]) -> EvaluationSpec:
        return cls(
            **{
                **data,
                "models": tuple(_model(m) for m in data["models"]),
                "sets": tuple(_set(s) for s in data["sets"]),
                "metrics": tuple(Metric(m) for m in data["metrics"]),
                "tokenizer": TokenizerName(data["tokenizer"]),
            }
        )


def _model(data: dict[str, Any]) -> EvaluatedModel:
    base = data["base_kind"]
    kinds = {"kind": ModelKind(data["kind"]), "base_kind": ModelKind(base) if base else None}
    return EvaluatedModel(**{**data, **kinds})


def _set(data: dict[str, Any]) -> QuestionSet:
    kinds = {"kind": SetKind(data["kind"]), "format": SetFormat(data["format"])}
    return QuestionSet(**{**data, **kinds, "files": tuple(data["files"])})


@dataclass(frozen=True, slots=True)
class Evaluation:
    """`results` and `progress` are there once it has ended; before, they are read from disk."""

    id: str
    project_id: str
    spec: EvaluationSpec
    description: str
    tags: dict[str, str]
    state: EvaluationState
    reason: str
    settling: bool  # the workload has ended and the results are being read
    workload_id: str
    output: str
    results: dict[str, Any] | None
    progress: dict[str, Any] | None
    created_by: str
    creator_name: str
    created_at: datetime
    updated_at: datetime
    queued_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
