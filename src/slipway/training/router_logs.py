"""HTTP of a task's log page, beyond the lines themselves."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from slipway.base.clock import utc_now
from slipway.base.forms import Form
from slipway.compute.http import Files
from slipway.compute.output.files import instances_of_owner
from slipway.iam.http import Config, Db, allow
from slipway.iam.types import Actor
from slipway.training import logs, queries

router = APIRouter(prefix="/training/tasks/{task_id}", tags=["Training"])

Reader = Annotated[Actor, allow("train:task:get")]


class LogSettingsView(BaseModel):
    retention_days: int = Field(description="Days the log is kept here after the task ended.")
    deliver: bool
    error: str = Field(description="Why the last delivery failed; empty while it works.")
    delivered_bytes: int
    waiting_bytes: int
    blocked: str | None = Field(description="Why delivery cannot be switched on.")


class DeliveryForm(Form):
    deliver: bool


class NetworkView(BaseModel):
    network: logs.Network
    line: str = Field(description="The log line that says so.")


@router.get("/log-settings")
async def get_log_settings(
    task_id: str, db: Db, files: Files, config: Config, actor: Reader
) -> LogSettingsView:
    found = await logs.get_log_settings(db, files, actor, task_id)
    return LogSettingsView(
        retention_days=config.log_retention_days, deliver=found.deliver, error=found.error,
        delivered_bytes=found.delivered_bytes, waiting_bytes=found.waiting_bytes,
        blocked=None if found.has_store else "This project has no log store. A project administrator sets one in the project's settings.",
    )  # fmt: skip


@router.put("/log-settings")
async def set_log_settings(
    task_id: str, form: DeliveryForm, db: Db, files: Files, config: Config,
    actor: Annotated[Actor, allow("train:task:update")],
) -> LogSettingsView:  # fmt: skip
    """Switch the delivery to the project's log store on or off (TRN-12)."""
    await logs.set_log_delivery(db, actor, task_id, on=form.deliver, now=utc_now())
    return await get_log_settings(task_id, db, files, config, actor)


@router.get("/network")
async def get_network(task_id: str, db: Db, files: Files, actor: Reader) -> NetworkView:
    """Whether NCCL says in the log that it uses RDMA (TRN-62; needs NCCL_DEBUG=INFO)."""
    async with db.read() as session:
        await queries.get_task(session, actor.project_id, task_id)
        instances = await instances_of_owner(session, task_id)
    network, line = await asyncio.to_thread(logs.find_network, files, instances)
    return NetworkView(network=network, line=line)
