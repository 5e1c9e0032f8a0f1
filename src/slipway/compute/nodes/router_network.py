"""HTTP of the network profiles that administrators edit."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from slipway.base.clock import utc_now
from slipway.base.forms import Form
from slipway.compute import queries
from slipway.compute.nodes.network import (
    EXAMPLE,
    count_uses,
    delete_profile,
    put_profile,
    why_not_delete,
)
from slipway.compute.tables import NetworkProfileRow
from slipway.iam.http import Db, allow
from slipway.iam.types import Actor

router = APIRouter(prefix="/network-profiles", tags=["Resources"])


class NetworkProfileForm(Form):
    variables: dict[str, str]


class NetworkProfileView(BaseModel):
    gpu_model: str
    variables: dict[str, str]
    uses: int = Field(description="Workloads that run with it now.")
    blocked: dict[str, str | None]
    updated_at: datetime

    @classmethod
    def of(cls, row: NetworkProfileRow, uses: int) -> NetworkProfileView:
        return cls(
            gpu_model=row.gpu_model, variables=row.variables, uses=uses,
            blocked={"delete": why_not_delete(uses)}, updated_at=row.updated_at,
        )  # fmt: skip


class NetworkProfileList(BaseModel):
    items: list[NetworkProfileView]
    example: dict[str, str] = Field(description="One hardware family's values, to start from.")


@router.get("")
async def list_network_profiles(
    db: Db, actor: Annotated[Actor, allow("compute:network_profile:list")]
) -> NetworkProfileList:
    async with db.read() as session:
        rows = await queries.list_network_profiles(session)
        uses = await count_uses(session)
    items = [NetworkProfileView.of(r, uses.get(r.gpu_model, 0)) for r in rows]
    return NetworkProfileList(items=items, example=EXAMPLE)


@router.put("/{gpu_model}")
async def put_network_profile(
    gpu_model: str,
    form: NetworkProfileForm,
    db: Db,
    actor: Annotated[Actor, allow("platform:network_profile:update")],
) -> NetworkProfileView:
    """Tasks on two or more whole RDMA machines with these cards get the variables from now on."""
    async with db.begin() as session:
        row = await put_profile(
            session, gpu_model, form.variables, actor_id=actor.user_id, now=utc_now()
        )
        return NetworkProfileView.of(row, (await count_uses(session)).get(gpu_model, 0))


@router.delete("/{gpu_model}", status_code=204)
async def delete_network_profile(
    gpu_model: str, db: Db, actor: Annotated[Actor, allow("platform:network_profile:delete")]
) -> None:
    async with db.begin() as session:
        await delete_profile(session, gpu_model, actor_id=actor.user_id, now=utc_now())
