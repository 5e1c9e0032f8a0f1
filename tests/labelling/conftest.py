"""Fixtures of the labelling tests: a small platform with the loops of data and labelling."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from slipway.base.clock import utc_now
from slipway.base.database import Database
from slipway.base.events import bus
from slipway.data.reconcile import DataLoop
from slipway.data.router import router as data_router
from slipway.data.uses import add_use_finder
from slipway.iam import keys, users
from slipway.iam.roles import Role
from slipway.iam.types import Actor, KeyKind
from slipway.labelling.inplace.loop import WriteLoop
from slipway.labelling.loop import LabelLoop
from slipway.labelling.router import router as label_router
from slipway.labelling.router_start import router as start_router
from slipway.labelling.schema.loop import ParseLoop
from slipway.labelling.teams.router import router as teams_router
from slipway.labelling.uses import uses_of_dataset
from tests.assets.house import House, open_house
from tests.data.conftest import settled, voc, write_picture

SIZE = (100, 80)


@pytest.fixture
async def house(db: Database, tmp_path: Path) -> AsyncIterator[House]:
    add_use_finder(uses_of_dataset)
    routers = (data_router, label_router, start_router, teams_router)
    async with open_house(db, tmp_path / "home", *routers) as opened:
        yield opened


@pytest.fixture
async def loops(house: House) -> AsyncIterator[None]:
    """As the platform runs them."""
    home = house.settings.root
    runs = (
        DataLoop(house.db, house.storage, home).run, LabelLoop(house.db, home).run,
        WriteLoop(house.db, house.storage, home).run, ParseLoop(house.db, home).run,
    )  # fmt: skip
    tasks = [asyncio.create_task(run()) for run in runs]
    yield
    for task in tasks:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@pytest.fixture
def bucket(house: House) -> Path:
    return house.storage.make_bucket(house.project)


async def add_member(house: House, name: str, role: Role = Role.ANNOTATOR) -> httpx.AsyncClient:
    """A further person in project a."""
    root = Actor("root", "root", True, "", Role.ADMIN)
    user = await users.create_user(
        house.db, root, name=name, password="correct horse", display_name="", is_admin=False,
        now=utc_now(),
    )  # fmt: skip
    await users.set_member(
        house.db, house.actor, house.project, user_name=name, role=role, now=utc_now()
    )
    owner = Actor(user.id, name, False, house.project, role)
    key = await keys.create_key(
        house.db, house.app.state.sealer, owner, kind=KeyKind.TOKEN, name="test", lasts=None,
        now=utc_now(),
    )  # fmt: skip
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(house.app), base_url="http://test/api/v1",
        headers={"Authorization": f"Bearer {key.secret}", "X-Slipway-Project": house.project},
    )  # fmt: skip


async def make_dataset(house: House, folder: str, **form: Any) -> dict[str, Any]:
    body = {"name": folder, "address": f"{house.project}/{folder}"} | form
    answer = await house.a.post("/datasets", json=body)
    assert answer.status_code == 201, answer.text
    view = await settled(house, answer.json()["id"])
    assert view["state"] == "available", view["reason"]
    return view


async def cells(house: House, bucket: Path, count: int = 6) -> dict[str, Any]:
    """Pictures of which the first two have boxes."""
    for number in range(count):
        write_picture(bucket / "cells" / f"{number}.png", *SIZE)
    for number, box in enumerate((("RBC", 10, 20, 30, 50), ("WBC", 1.5, 2, 50, 60.25))):
        text = voc(box, size=SIZE)
        (bucket / "cells" / f"{number}.xml").write_text(text)
    return await make_dataset(house, "cells", kind="object_detection", label_format="voc")


async def make_task(house: House, dataset: dict[str, Any], **form: Any) -> dict[str, Any]:
    body = {"name": "boxes", "dataset_id": dataset["id"]} | form
    answer = await house.a.post("/labelling/tasks", json=body)
    assert answer.status_code == 201, answer.text
    assert answer.json()["state"] == "creating"
    return await task_once(house, answer.json()["id"], lambda task: task["state"] != "creating")


async def task_once(house: House, task_id: str, wanted: Any) -> dict[str, Any]:
    async with asyncio.timeout(60), bus.subscribe() as events:
        while True:
            view: dict[str, Any] = (await house.a.get(f"/labelling/tasks/{task_id}")).json()
            if wanted(view):
                return view
            await events.get()


async def save(
    client: httpx.AsyncClient, task_id: str, record: dict[str, Any], value: Any, **form: Any
) -> httpx.Response:
    body = {"revision": record["revision"], "value": value} | form
    return await client.put(f"/labelling/tasks/{task_id}/records/{record['index']}", json=body)


def box(label: str, x: float, y: float, width: float, height: float) -> dict[str, Any]:
    return {"label": label, "x": x, "y": y, "width": width, "height": height}
