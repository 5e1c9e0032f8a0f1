"""Short ways to make rules and targets, and to let a task's events happen."""

from __future__ import annotations

from typing import Any

from slipway.alerts.context import AlertContext
from slipway.base.clock import utc_now
from slipway.base.events import Event, record
from tests.running import Person, World


def context(world: World) -> AlertContext:
    found: AlertContext = world.app.state.alerts
    return found


async def happen(
    world: World, name: str = "taskExecuteFailed", *, person: Person | None = None, task: str = "train-1",
    tags: str = "team:vision;stage:test;", creator: str | None = None,
) -> Event:  # fmt: skip
    """A task's event as the training room writes it."""
    actor = (person or world.ann).actor
    async with world.db.begin() as session:
        return await record(
            session, f"training:{name}", subject=("task", task), project_id=actor.project_id, now=utc_now(),
            taskId=task, taskName="resnet", taskSubUin=creator or actor.user_id, tags=tags, state="Abnormal",
            reason="instance worker-0 exited with code 137",
        )  # fmt: skip


async def make_target(
    world: World, kind: str = "inbox", name: str = "t", person: Person | None = None, **more: Any
) -> dict[str, Any]:
    who = person or world.ann
    if kind == "inbox" and not more:
        more = {"users": [who.actor.user_id]}
    made: dict[str, Any] = await who.ok(
        "POST", "/alerts/targets", json={"name": name, "kind": kind, **more}
    )
    return made


async def make_rule(
    world: World,
    *targets: dict[str, Any],
    name: str = "r",
    person: Person | None = None,
    **more: Any,
) -> dict[str, Any]:
    if "pattern" not in more and "form" not in more:
        more["form"] = {"service": "training"}
    body = {"name": name, "targets": [t["id"] for t in targets], **more}
    made: dict[str, Any] = await (person or world.ann).ok("POST", "/alerts/rules", json=body)
    return made


async def inbox(person: Person, **params: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await person.ok("GET", "/inbox", params=params))["items"]
    return found


async def deliveries(person: Person, **params: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await person.ok("GET", "/alerts/deliveries", params=params))[
        "items"
    ]
    return found
