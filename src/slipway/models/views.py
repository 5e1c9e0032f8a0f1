"""What the API shows of models and versions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, Field

from slipway.assets.environments import BUILT_IN
from slipway.models.delete import why_not_delete_version
from slipway.models.types import ImportState, Model, ModelVersion
from slipway.models.uses import Use

_BUILT_IN = frozenset(environment.id for environment in BUILT_IN)


class SourceView(BaseModel):
    kind: str
    address: str
    task_id: str | None
    task_name: str | None


class ModelVersionView(BaseModel):
    id: str
    model_id: str
    model_name: str
    number: int
    version: str = Field(description="The number as people write it, such as v3.")
    state: str
    reason: str
    warnings: list[str] = Field(description="What is unusual about the package; it can be used.")
    source: SourceView
    move: bool
    format: str
    framework: str
    environment: str
    environment_built_in: bool
    metrics: dict[str, float]
    metrics_text: str
    qat: bool = False
    save_path: str
    size_bytes: int
    file_count: int
    creator_id: str
    creator: str
    created_at: datetime
    imported_at: datetime | None
    blocked: dict[str, str | None]

    @classmethod
    def of(cls, v: ModelVersion, uses: Sequence[Use] = ()) -> ModelVersionView:
        task = v.source.task
        unusable = None if v.state == ImportState.SUCCEEDED else f"The import is {v.state}."
        return cls(
            id=v.id, model_id=v.model_id, model_name=v.model_name, number=v.number, version=v.name,
            state=v.state, reason=v.reason, warnings=list(v.warnings), move=v.move,
            source=SourceView(
                kind=v.source.kind, address=v.source.address, task_id=task.id if task else None,
                task_name=task.name if task else None,
            ),
            format=v.format, framework=v.framework, environment=v.environment,
            environment_built_in=v.environment in _BUILT_IN, metrics=v.metrics,
            metrics_text=v.metrics_text, save_path=v.save_path, size_bytes=v.size_bytes,
            file_count=v.file_count, creator_id=v.created_by, creator=v.creator_name,
            created_at=v.created_at, imported_at=v.imported_at,
            blocked={
                "delete": why_not_delete_version(v, uses), "deploy": unusable,
                "evaluate": unusable, "download": unusable,
                "retry": None if v.state == ImportState.FAILED else "Only a failed import can be "
                "tried again.",
            },
        )  # fmt: skip


class ModelView(BaseModel):
    id: str
    name: str
    description: str
    tags: dict[str, str]
    optimised: bool
    version_count: int
    newest: ModelVersionView | None = Field(description="The newest version that is there.")
    creator_id: str
    creator: str
    created_at: datetime
    updated_at: datetime
    blocked: dict[str, str | None]

    @classmethod
    def of(
        cls, m: Model, version_count: int, newest: ModelVersion | None, blocked: str | None = None
    ) -> ModelView:
        return cls(
            id=m.id, name=m.name, description=m.description, tags=m.tags, optimised=m.optimised,
            version_count=version_count, newest=ModelVersionView.of(newest) if newest else None,
            creator_id=m.created_by, creator=m.creator_name, created_at=m.created_at,
            updated_at=m.updated_at, blocked={"delete": blocked, "new_version": None},
        )  # fmt: skip


class ModelPage(BaseModel):
    items: list[ModelView]
    next_cursor: str | None
    total: int


class VersionPage(BaseModel):
    items: list[ModelVersionView]
    next_cursor: str | None
    total: int


class FileView(BaseModel):
    path: str
    size_bytes: int
    sha256: str


class FilePage(BaseModel):
    items: list[FileView]
    next_cursor: str | None
    total: int


class UseView(BaseModel):
    kind: str
    id: str
    name: str
    state: str
    active: bool


class UseList(BaseModel):
    items: list[UseView]


class FormatView(BaseModel):
    name: str
    optimisable: bool
    content: str
    environments: list[str] = Field(description="Built-in environments that can serve it.")


class FormatList(BaseModel):
    items: list[FormatView]
