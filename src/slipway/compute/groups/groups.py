"""Resource groups: made, changed, deleted."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.database import Database, after_commit
from slipway.base.errors import Conflict, Invalid
from slipway.base.events import record
from slipway.base.ids import new_id
from slipway.base.names import checked_name, checked_tags
from slipway.compute.nodes import queries
from slipway.compute.scheduling.policy import DEFAULT_DOCUMENT, parse_policy, read_policy
from slipway.compute.tables import ResourceGroupRow
from slipway.compute.types import NodeState
from slipway.compute.wake import wake
from slipway.iam.types import Actor

SUBJECT = "resource-group"


@dataclass(frozen=True, slots=True)
class GroupForm:
    """`policy`: the document, or its text as a person wrote it; None leaves it as it is."""

    name: str
    engine: str
    tags: dict[str, str]
    policy: dict[str, Any] | str | None
    preset_by_gpu: bool


@dataclass(frozen=True, slots=True)
class GroupChange:
    """What to change; None leaves it as it is. Site and engine stay."""

    name: str | None = None
    tags: dict[str, str] | None = None
    policy: dict[str, Any] | str | None = None
    preset_by_gpu: bool | None = None


async def create_group(
    db: Database, actor: Actor, form: GroupForm, *, site: str, risk_accepted: bool, now: datetime
) -> str:
    """The id of the new group, which is empty."""
    if not risk_accepted:
        raise Invalid(
            "Confirm that you have read the notice about joining machines.",
            field="risk_accepted", code="risk_not_accepted",
        )  # fmt: skip
    name, tags = checked_name(form.name), checked_tags(form.tags)
    policy = checked_policy(form.policy) if form.policy is not None else dict(DEFAULT_DOCUMENT)
    group_id = new_id("rsg", 8)
    async with db.begin() as session:
        await _refuse_taken(session, site, name, group_id)
        session.add(
            ResourceGroupRow(
                id=group_id, name=name, engine=form.engine, site=site, tags=tags, policy=policy,
                preset_by_gpu=form.preset_by_gpu, created_by=actor.user_name, created_at=now,
            )
        )  # fmt: skip
        await _flush_name(session, name)
        await _tell(session, "groupCreated", group_id, actor, now, name=name)
    return group_id


async def change_group(
    db: Database, actor: Actor, group_id: str, change: GroupChange, *, now: datetime
) -> None:
    """A saved policy holds from the next pass of the scheduler on; what runs is not touched."""
    policy = None if change.policy is None else checked_policy(change.policy)
    async with db.begin() as session:
        row = await queries.get_group(session, group_id)
        if change.name is not None and change.name != row.name:
            await _refuse_taken(session, row.site, checked_name(change.name), group_id)
            row.name = change.name
        if change.tags is not None:
            row.tags = checked_tags(change.tags)
        if change.preset_by_gpu is not None:
            row.preset_by_gpu = change.preset_by_gpu
        if policy is not None:
            row.policy = policy
            after_commit(session, wake.schedule)
        await _flush_name(session, row.name)
        await _tell(
            session, "groupChanged", group_id, actor, now, name=row.name, policy=policy is not None
        )


async def delete_group(db: Database, actor: Actor, group_id: str, *, now: datetime) -> None:
    """Only an empty one: no node in use, nothing that runs or waits in it."""
    async with db.begin() as session:
        row = await queries.get_group(session, group_id)
        nodes = await queries.list_node_rows(session, groups=[group_id])
        in_use = [(node.id, node.state) for node in nodes if NodeState(node.state).is_in_use]
        if in_use:
            listed = ", ".join(f"{node_id} ({state})" for node_id, state in in_use)
            raise Conflict(
                f"The group has nodes in use: {listed}. Release them or move them to another group first.",
                code="group_in_use", nodes=[{"id": i, "state": s} for i, s in in_use],
            )  # fmt: skip
        if waiting := await queries.count_open_in_group(session, group_id):
            raise Conflict(
                f"{waiting} tasks or services still wait in this group. Stop them first.",
                code="group_has_work",
            )
        row.deleted_at = now
        await _tell(session, "groupDeleted", group_id, actor, now, name=row.name)


def checked_policy(given: dict[str, Any] | str) -> dict[str, Any]:
    """The document as it was written, once it is known to be good."""
    if isinstance(given, str):
        parse_policy(given)
        document: dict[str, Any] = json.loads(given)
        return document
    read_policy(given)
    return given


def why_not_deleted(in_use: int) -> str | None:
    if in_use:
        return f"{in_use} nodes of the group are in use. Release or move them first."
    return None


async def _refuse_taken(session: AsyncSession, site: str, name: str, own_id: str) -> None:
    holder = await queries.find_group_by_name(session, site, name)
    if holder not in (None, own_id):
        raise _taken(name)


async def _flush_name(session: AsyncSession, name: str) -> None:
    """The index has the last word where two ask for one name at the same moment."""
    try:
        await session.flush()
    except IntegrityError as error:
        raise _taken(name) from error


def _taken(name: str) -> Conflict:
    return Conflict(
        f"There is a resource group {name!r} on this site already. Choose another name.",
        code="name_taken", field="name",
    )  # fmt: skip


async def _tell(
    session: AsyncSession, event: str, group_id: str, actor: Actor, now: datetime, **data: object
) -> None:
    await record(
        session, event, subject=(SUBJECT, group_id), project_id=None, actor_id=actor.user_id, now=now, **data
    )  # fmt: skip
