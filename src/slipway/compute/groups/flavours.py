"""Flavours: sizes of one instance that a group offers by name (TRN-06).

A task that names one takes over its amounts at submission; a later change of the flavour does not
touch what was submitted before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.database import Database
from slipway.base.errors import Conflict, Invalid, NotFound
from slipway.base.events import record
from slipway.base.ids import new_id
from slipway.compute import queries
from slipway.compute.groups.groups import SUBJECT
from slipway.compute.groups.preset import preset_by_cards
from slipway.compute.nodes.queries import get_group, held_on
from slipway.compute.queue.asks import need_of
from slipway.compute.scheduling.amounts import card_units
from slipway.compute.scheduling.room import Room
from slipway.compute.tables import FlavourRow, ResourceGroupRow
from slipway.compute.types import Held, Node, Resources
from slipway.iam.types import Actor

AMOUNTS = ("cpu_cores", "memory_bytes", "gpus", "gpu_model")
NAME_MAX = 60
_LEAST_MEMORY = 16 << 20
_MOST_CORES = 1024


@dataclass(frozen=True, slots=True)
class Flavour:
    """`free_instances`: how many of it would fit at this moment."""

    id: str
    group_id: str
    name: str
    resources: Resources
    created_by: str
    created_at: datetime
    free_instances: int = 0


async def list_flavours(session: AsyncSession, group_id: str) -> list[Flavour]:
    """By name."""
    group = await get_group(session, group_id)
    query = select(FlavourRow).where(FlavourRow.group_id == group_id).order_by(FlavourRow.name)
    found = [_frozen(row) for row in await session.scalars(query)]
    nodes = await queries.list_nodes(session, group_id) if found else []
    held = await held_on(session, [node.id for node in nodes]) if found else []
    return [replace(f, free_instances=_fitting(f, group, nodes, held)) for f in found]


async def create_flavour(
    db: Database, actor: Actor, group_id: str, name: str, asked: Resources, *, now: datetime
) -> str:
    flavour_id = new_id("rf", 8)
    async with db.begin() as session:
        group = await get_group(session, group_id)
        row = FlavourRow(
            id=flavour_id, group_id=group_id, created_by=actor.user_name, created_at=now
        )
        _write(row, group, name, asked)
        session.add(row)
        await _flush(session, name)
        await _tell(session, "flavourCreated", row, actor, now)
    return flavour_id


async def change_flavour(
    db: Database, actor: Actor, group_id: str, flavour_id: str, name: str, asked: Resources, *, now: datetime
) -> None:  # fmt: skip
    """What was submitted with it keeps the amounts it had."""
    async with db.begin() as session:
        row = await _get(session, group_id, flavour_id)
        _write(row, await get_group(session, group_id), name, asked)
        await _flush(session, name)
        await _tell(session, "flavourChanged", row, actor, now)


async def delete_flavour(
    db: Database, actor: Actor, group_id: str, flavour_id: str, *, now: datetime
) -> None:
    async with db.begin() as session:
        row = await _get(session, group_id, flavour_id)
        await _tell(session, "flavourDeleted", row, actor, now)
        await session.delete(row)


async def amounts_by_flavour(
    session: AsyncSession, group_id: str, name: str, said: Mapping[str, object]
) -> dict[str, object]:
    """The amounts of the flavour called so, by the names of a form's fields.

    `said`: amounts that the form gives itself; they may only repeat the flavour's.
    """
    query = select(FlavourRow).where(FlavourRow.group_id == group_id)
    found = {row.name: _frozen(row) for row in await session.scalars(query)}
    if name not in found:
        offered = ", ".join(sorted(found)) or "none"
        raise Invalid(
            f"The resource group has no flavour {name!r}. It offers: {offered}.",
            field="flavour", code="no_such_flavour",
        )  # fmt: skip
    amounts = {field: getattr(found[name].resources, field) for field in AMOUNTS}
    for field, value in said.items():
        if value != amounts[field]:
            raise Invalid(
                f"The flavour {name} sets {field}. Leave it out, or choose no flavour.",
                field=field, code="set_by_flavour",
            )  # fmt: skip
    return amounts


def checked_amounts(group: ResourceGroupRow, asked: Resources) -> Resources:
    """Raises Invalid at the field at fault."""
    card_units(asked.gpus, field="gpus")
    if group.preset_by_gpu:
        preset_by_cards(asked, ())  # refuses CPU and memory, which the group gives itself
    else:
        if not 0 < asked.cpu_cores <= _MOST_CORES:
            raise Invalid(
                "An instance needs more than 0 and at most 1024 CPU cores.", field="cpu_cores"
            )
        if asked.memory_bytes < _LEAST_MEMORY:
            raise Invalid("An instance needs at least 16 MiB memory.", field="memory_bytes")
    return asked if asked.gpus else replace(asked, gpu_model=None)


def _write(row: FlavourRow, group: ResourceGroupRow, name: str, asked: Resources) -> None:
    words = name.strip()
    if not 1 <= len(words) <= NAME_MAX or not words.isprintable():
        raise Invalid(
            f"A flavour's name has 1 to {NAME_MAX} printable characters.",
            field="name", code="bad_name",
        )  # fmt: skip
    kept = checked_amounts(group, asked)
    row.name, row.cpu_cores, row.memory_bytes = words, kept.cpu_cores, kept.memory_bytes
    row.gpus, row.gpu_model = kept.gpus, kept.gpu_model


def _fitting(
    flavour: Flavour, group: ResourceGroupRow, nodes: Sequence[Node], held: Sequence[Held]
) -> int:
    asked = flavour.resources
    if group.preset_by_gpu:
        asked = preset_by_cards(asked, nodes)
    need, count = need_of(asked), 0
    for node in nodes:
        if not node.takes_work:
            continue
        room = Room(node, 0)
        for one in held:
            if one.node_id == node.id:
                room.take(need_of(one.resources), one.gpu_indexes)
        models = {card.model for card in node.gpus} if need.card_units else {""}
        wanted = models & {need.card_model} if need.card_model else models
        count += max((room.count(need, model) for model in wanted), default=0)
    return count


async def _get(session: AsyncSession, group_id: str, flavour_id: str) -> FlavourRow:
    row = await session.get(FlavourRow, flavour_id)
    if row is None or row.group_id != group_id:
        raise NotFound(f"There is no flavour {flavour_id} in this resource group.")
    return row


async def _flush(session: AsyncSession, name: str) -> None:
    try:
        await session.flush()
    except IntegrityError as error:
        raise Conflict(
            f"The resource group has a flavour named {name} already. Choose another name.",
            code="name_taken", field="name",
        ) from error  # fmt: skip


def _frozen(row: FlavourRow) -> Flavour:
    resources = Resources(row.cpu_cores, row.memory_bytes, row.gpus, row.gpu_model)
    return Flavour(row.id, row.group_id, row.name, resources, row.created_by, row.created_at)


async def _tell(
    session: AsyncSession, event: str, row: FlavourRow, actor: Actor, now: datetime
) -> None:
    await record(
        session, event, subject=(SUBJECT, row.group_id), project_id=None, actor_id=actor.user_id,
        now=now, name=row.name,
    )  # fmt: skip
