"""A world whose local group has nodes with cards: rows of this machine, as the scheduler sees them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import update

from slipway.base.clock import utc_now
from slipway.base.database import Database
from slipway.compute.tables import NodeRow, ResourceGroupRow, WorkloadRow
from slipway.compute.types import Card, NodeState
from slipway.compute.wake import wake
from tests.running import Person, World, until

GROUP = "rsg-local"
GIB = 1 << 30


async def add_node(
    db: Database, name: str, model: str = "", cards: int = 0, *, shares: bool = True
) -> None:
    gpus = [asdict(Card(i, model, 16 * GIB, shares=shares)) for i in range(cards)]
    now = utc_now()
    async with db.begin() as session:
        session.add(
            NodeRow(
                id=f"node-{name}", group_id=GROUP, name=name, engine="process", host="127.0.0.1", cpu_cores=16,
                memory_bytes=32 * GIB, gpus=gpus, state=NodeState.RUNNING, created_at=now, joined_at=now,
            )
        )  # fmt: skip
    wake.schedule()


async def set_policy(
    db: Database, *, queue: int = 0, preempted: int = 1, rules: list[Any] | None = None
) -> None:
    """Besides the rules given, the tag `p` names the priority."""
    by_tag = [
        {
            "AttrRules": [{"ValueType": "Tag", "Key": "p", "Value": str(p)}],
            "ScheduleRule": {"Priority": p},
        }
        for p in range(10)
    ]
    policy = {
        "Version": "1.0",
        "ResourceRule": {"DefaultPriority": 0, "DefaultQueue": queue, "Preempted": preempted},
        "TaskRules": [*(rules or []), *by_tag],
    }
    async with db.begin() as session:
        await session.execute(
            update(ResourceGroupRow).where(ResourceGroupRow.id == GROUP).values(policy=policy)
        )
    wake.schedule()


async def submit(
    person: Person,
    name: str,
    command: str = "sleep 300",
    *,
    gpus: float = 0,
    p: int | None = None,
    **more: Any,
) -> Any:
    body = {
        "name": name, "environment": "python", "command": command, "cpu_cores": 0.1,
        "memory_bytes": 64 << 20, "gpus": gpus, "tags": {} if p is None else {"p": str(p)},
    } | more  # fmt: skip
    return await person.ok("POST", "/training/tasks", json=body)


async def state_of(person: Person, task: Any) -> str:
    return str((await person.ok("GET", f"/training/tasks/{task['id']}"))["state"])


async def reaches(person: Person, task: Any, state: str) -> Any:
    async def there() -> Any:
        found = await person.ok("GET", f"/training/tasks/{task['id']}")
        return found if found["state"] == state else None

    return await until(there)


async def events_of(world: World, task: Any) -> list[str]:
    page = await world.ann.ok("GET", "/events", params={"subject": task["id"], "limit": 100})
    return [event["type"] for event in reversed(page["items"])]


async def workload_of(db: Database, task: Any) -> WorkloadRow:
    from sqlalchemy import select

    async with db.read() as session:
        row = await session.scalar(
            select(WorkloadRow)
            .where(WorkloadRow.owner_id == task["id"])
            .order_by(WorkloadRow.created_at.desc())
        )
    assert row is not None
    return row
