"""The history of what happened: filters, pages, files, and who sees what."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from slipway.api.events import _concerns
from slipway.base.clock import utc_now
from slipway.base.database import Database
from slipway.base.events import Event, list_events, record
from slipway.base.settings import Settings
from tests.running import Person, World, open_world


@pytest.fixture
async def world(db: Database, settings: Settings) -> AsyncIterator[World]:
    async with open_world(db, settings) as world:
        yield world


async def happen(world: World, type: str, subject: str, person: Person, **data: Any) -> Event:  # noqa: A002
    async with world.db.begin() as session:
        return await record(
            session, type, subject=("task", subject), project_id=person.actor.project_id,
            actor_id=person.actor.user_id, **data,
        )  # fmt: skip


async def found(person: Person, **params: Any) -> list[str]:
    items = (await person.ok("GET", "/events", params=params))["items"]
    return [f"{item['type']} {item['subject_id']}" for item in items]


async def test_the_history_is_searched_filtered_and_paged(world: World) -> None:
    await happen(world, "training:taskRunning", "t-1", world.ann, taskName="图像分类")
    await happen(world, "training:taskStopped", "t-2", world.ann, taskName="100% sure_thing")
    await happen(world, "service:created", "s-1", world.ann, name="shop")
    ann = world.ann.actor.user_id
    assert await found(world.ann, service="training") == [
        "training:taskStopped t-2", "training:taskRunning t-1",
    ]  # fmt: skip
    assert await found(world.ann, type="service:created") == ["service:created s-1"]
    assert await found(world.ann, subject="t-1") == ["training:taskRunning t-1"]
    assert await found(world.ann, search="图像") == ["training:taskRunning t-1"]
    assert await found(world.ann, search="0% sure_|shop") == [
        "service:created s-1", "training:taskStopped t-2",
    ]  # fmt: skip
    assert await found(world.ann, search="sure%thing") == []
    assert len(await found(world.ann, who=ann, kind="task")) == 3
    assert await found(world.ann, start=(utc_now() + timedelta(hours=1)).isoformat()) == []
    page = await world.ann.ok("GET", "/events", params={"kind": "task", "limit": 2})
    assert page["items"][0]["actor"] == "ann"
    rest = await found(world.ann, kind="task", limit=2, cursor=page["next_cursor"])
    assert rest == ["training:taskRunning t-1"]
    status, error = await world.ann.refused(
        "GET", "/events", params={"start": "2026-01-01T00:00:00"}
    )
    assert (status, error["details"]["field"]) == (400, "start")


async def test_only_administrators_see_all_projects(world: World) -> None:
    await happen(world, "training:taskRunning", "t-1", world.ann)
    await happen(world, "training:taskRunning", "t-2", world.bob)
    assert await found(world.bob, kind="task") == ["training:taskRunning t-2"]
    status, error = await world.ann.refused("GET", "/events", params={"scope": "platform"})
    assert (status, error["code"]) == (403, "not_administrator")
    assert len(await found(world.admin, scope="platform", kind="task")) == 2
    assert "iam:userCreated" in str(await found(world.admin, scope="platform", service="iam"))
    made = await world.admin.ok(
        "POST", "/resource-groups", json={"name": "lab", "risk_accepted": True}
    )
    of_groups = await found(world.admin, scope="platform", service="resource-group")
    assert of_groups == [f"groupCreated {made['id']}"]


async def test_the_history_is_exported_whole(world: World) -> None:
    for number in range(3):
        await happen(world, "training:taskRunning", f"t-{number}", world.ann, name="=1+1")
    answer = await world.ann.http.get("/events/export", params={"kind": "task"})
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["subject_id"] for row in rows] == ["t-2", "t-1", "t-0"]
    assert json.loads(rows[0]["data"]) == {"name": "=1+1"}
    assert rows[0]["actor"] == "ann" and "attachment" in answer.headers["content-disposition"]
    answer = await world.ann.http.get("/events/export", params={"kind": "task", "format": "json"})
    assert [row["subject_id"] for row in answer.json()] == ["t-2", "t-1", "t-0"]
    none = await world.ann.http.get("/events/export", params={"kind": "no", "format": "json"})
    assert none.json() == []


async def test_the_stream_carries_ones_own_inbox_and_nobody_elses(world: World) -> None:
    async with world.db.begin() as session:
        mine = await record(
            session, "inbox:messageArrived", subject=("inbox", world.ann.actor.user_id), project_id=None
        )  # fmt: skip
    assert _concerns(mine, world.ann.actor)
    assert not _concerns(mine, world.bob.actor)
    async with world.db.read() as session:
        missed = await list_events(
            session,
            project_id=world.bob.actor.project_id,
            inbox_of=world.bob.actor.user_id,
        )
    assert mine.seq not in [event.seq for event in missed]
