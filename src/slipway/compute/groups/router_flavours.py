"""HTTP of flavours: what a group offers by name."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from slipway.base.clock import utc_now
from slipway.base.errors import NotFound
from slipway.base.forms import Form
from slipway.compute.groups import flavours
from slipway.compute.groups.flavours import Flavour
from slipway.compute.types import Resources
from slipway.iam.http import Db, allow
from slipway.iam.types import Actor

router = APIRouter(tags=["Resources"])

Setter = Annotated[Actor, allow("compute:flavour:set")]


class FlavourForm(Form):
    name: str = Field(description="Such as '28 CPU / 116 GB / A10 x1'.")
    cpu_cores: float = Field(0, description="Of one instance. 0 where the group gives it by cards.")
    memory_bytes: int = Field(
        0, description="Of one instance. 0 where the group gives it by cards."
    )
    gpus: float = 0
    gpu_model: str | None = None

    def resources(self) -> Resources:
        return Resources(self.cpu_cores, self.memory_bytes, self.gpus, self.gpu_model or None)


class FlavourView(BaseModel):
    id: str
    group_id: str
    name: str
    cpu_cores: float
    memory_bytes: int
    gpus: float
    gpu_model: str | None
    free_instances: int = Field(description="How many of it would fit at this moment.")
    created_by: str
    created_at: datetime

    @classmethod
    def of(cls, f: Flavour) -> FlavourView:
        r = f.resources
        return cls(
            id=f.id, group_id=f.group_id, name=f.name, cpu_cores=r.cpu_cores, memory_bytes=r.memory_bytes, gpus=r.gpus,
            gpu_model=r.gpu_model, free_instances=f.free_instances, created_by=f.created_by, created_at=f.created_at,
        )  # fmt: skip


class FlavourList(BaseModel):
    items: list[FlavourView]


@router.get("/resource-groups/{group_id}/flavours")
async def list_flavours(
    group_id: str, db: Db, actor: Annotated[Actor, allow("compute:group:get")]
) -> FlavourList:
    async with db.read() as session:
        found = await flavours.list_flavours(session, group_id)
    return FlavourList(items=[FlavourView.of(flavour) for flavour in found])


@router.post("/resource-groups/{group_id}/flavours", status_code=201)
async def create_flavour(group_id: str, form: FlavourForm, db: Db, actor: Setter) -> FlavourView:
    asked = form.resources()
    made = await flavours.create_flavour(db, actor, group_id, form.name, asked, now=utc_now())
    return await _view(db, group_id, made)


@router.put("/resource-groups/{group_id}/flavours/{flavour_id}")
async def change_flavour(
    group_id: str, flavour_id: str, form: FlavourForm, db: Db, actor: Setter
) -> FlavourView:
    """What was submitted with it keeps the amounts it had."""
    asked = form.resources()
    await flavours.change_flavour(db, actor, group_id, flavour_id, form.name, asked, now=utc_now())
    return await _view(db, group_id, flavour_id)


@router.delete("/resource-groups/{group_id}/flavours/{flavour_id}", status_code=204)
async def delete_flavour(group_id: str, flavour_id: str, db: Db, actor: Setter) -> None:
    await flavours.delete_flavour(db, actor, group_id, flavour_id, now=utc_now())


async def _view(db: Db, group_id: str, flavour_id: str) -> FlavourView:
    async with db.read() as session:
        for flavour in await flavours.list_flavours(session, group_id):
            if flavour.id == flavour_id:
                return FlavourView.of(flavour)
    raise NotFound(f"There is no flavour {flavour_id} in this resource group.")
