"""HTTP of lineage, and of the built-in models that tasks may start from."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from slipway.iam.http import Config, Db, allow
from slipway.iam.types import Actor
from slipway.training import lineage
from slipway.training.built_in import list_built_in
from slipway.training.lineage import Step

router = APIRouter(prefix="/training", tags=["Training"])

Reader = Annotated[Actor, allow("train:task:get")]


class LineageInput(BaseModel):
    part: str = Field(description="base_model, data or code")
    purpose: str
    kind: str
    source: str
    name: str
    version: str | None


class LineageOutput(BaseModel):
    version_id: str
    model_id: str
    model_name: str
    version: str


class LineageStep(BaseModel):
    task_id: str
    task_name: str
    inputs: list[LineageInput]
    outputs: list[LineageOutput]

    @classmethod
    def of(cls, step: Step) -> LineageStep:
        return cls(
            task_id=step.task_id, task_name=step.task_name,
            inputs=[LineageInput.model_validate(one, from_attributes=True) for one in step.inputs],
            outputs=[
                LineageOutput(version_id=v.id, model_id=v.model_id, model_name=v.model_name, version=v.name)
                for v in step.outputs
            ],
        )  # fmt: skip


class Lineage(BaseModel):
    items: list[LineageStep] = Field(description="Nearest first, then what its inputs came from.")


class DatasetVersionNode(BaseModel):
    number: int
    base: int | None = Field(description="The version it was made of, by labelling or restoring.")
    labelled: bool


class DatasetLineageView(BaseModel):
    address: str
    versions: list[DatasetVersionNode]
    steps: list[LineageStep] = Field(description="Tasks that read it, the newest first.")


class BuiltInModel(BaseModel):
    name: str


class BuiltInModels(BaseModel):
    items: list[BuiltInModel]


@router.get("/tasks/{task_id}/lineage")
async def get_task_lineage(task_id: str, db: Db, actor: Reader) -> Lineage:
    async with db.read() as session:
        steps = await lineage.lineage_of_task(session, actor.project_id, task_id)
    return Lineage(items=[LineageStep.of(step) for step in steps])


@router.get("/datasets/{dataset_id}/lineage")
async def get_dataset_lineage(dataset_id: str, db: Db, actor: Reader) -> DatasetLineageView:
    """From a dataset's source to its versions, the tasks that read them, and their models."""
    async with db.read() as session:
        found = await lineage.lineage_of_dataset(session, actor.project_id, dataset_id)
    return DatasetLineageView(
        address=found.address,
        versions=[
            DatasetVersionNode.model_validate(one, from_attributes=True) for one in found.versions
        ],
        steps=[LineageStep.of(step) for step in found.steps],
    )


@router.get("/lineage/{version_id}")
async def get_version_lineage(version_id: str, db: Db, actor: Reader) -> Lineage:
    """How a model version came to be."""
    async with db.read() as session:
        steps = await lineage.lineage_of_version(session, actor.project_id, version_id)
    return Lineage(items=[LineageStep.of(step) for step in steps])


@router.get("/built-in-models")
async def list_built_in_models(
    config: Config, actor: Annotated[Actor, allow("train:template:list")]
) -> BuiltInModels:
    """What a mount of a shared path with the purpose `built_in_model` may name."""
    names = await asyncio.to_thread(list_built_in, config.built_in_models_path)
    return BuiltInModels(items=[BuiltInModel(name=name) for name in names])
