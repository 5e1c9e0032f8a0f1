"""A running application with two projects, for the rooms that keep and judge models."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from fastapi import APIRouter, FastAPI

from slipway.api import errors
from slipway.assets.router import router as storage_router
from slipway.assets.storage import Storage
from slipway.base.clock import utc_now
from slipway.base.crypto import Sealer
from slipway.base.database import Database
from slipway.base.settings import Settings
from slipway.compute.output.files import InstanceFiles
from slipway.iam import keys, users
from slipway.iam.roles import Role
from slipway.iam.router import router as iam_router
from slipway.iam.signin import Attempts
from slipway.iam.types import Actor, KeyKind


@dataclass(frozen=True)
class House:
    """`a` and `b` call the application as members of one project each."""

    app: FastAPI
    db: Database
    storage: Storage
    settings: Settings
    a: httpx.AsyncClient
    b: httpx.AsyncClient
    actor: Actor

    @property
    def project(self) -> str:
        return self.actor.project_id

    def folder(self, path: str, files: dict[str, bytes]) -> str:
        """A folder in the first project's bucket; returns its address."""
        self.storage.make_bucket(self.project)
        for name, content in files.items():
            place = self.storage.bucket_root(self.project) / path / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        return f"{self.project}/{path}/"

    def path(self, address: str) -> Path:
        return self.storage.root / address


async def open_house(db: Database, settings: Settings, *routers: APIRouter) -> House:
    app = FastAPI()
    errors.install(app)
    for router in (iam_router, storage_router, *routers):
        app.include_router(router, prefix="/api/v1")
    app.state.settings = settings
    app.state.db, app.state.attempts = db, Attempts(8)
    app.state.storage = Storage(settings.root / "storage")
    app.state.sealer = Sealer.open(settings.root / "key")
    app.state.files = InstanceFiles(settings.root / "instances")
    app.state.gateway_url = "http://127.0.0.1:9"
    actor, a = await member(app, "ann", "alpha")
    _other, b = await member(app, "bob", "beta")
    return House(app, db, app.state.storage, settings, a, b, actor)


async def close_house(house: House) -> None:
    await house.a.aclose()
    await house.b.aclose()
    house.storage.close()


async def member(app: FastAPI, name: str, project: str) -> tuple[Actor, httpx.AsyncClient]:
    db, now = app.state.db, utc_now()
    root = Actor("root", "root", True, "", Role.ADMIN)
    user = await users.create_user(
        db, root, name=name, password="correct horse", display_name="", is_admin=False, now=now
    )
    owner = Actor(user.id, name, False, "", Role.ADMIN)
    made = await users.create_project(db, owner, name=project, description="", now=now)
    key = await keys.create_key(
        db, app.state.sealer, owner, kind=KeyKind.TOKEN, name="test", lasts=None, now=now
    )
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://test/api/v1",
        headers={"Authorization": f"Bearer {key.secret}"},
    )
    return Actor(user.id, name, False, made.id, Role.ADMIN), client


async def until(
    look: Callable[[], Awaitable[Any]], good: Callable[[Any], bool], timeout_s: float = 60
) -> Any:
    """Look again and again until it is good; what was seen last is in the failure."""
    deadline = asyncio.get_running_loop().time() + timeout_s
    while True:
        seen = await look()
        if good(seen):
            return seen
        assert asyncio.get_running_loop().time() < deadline, f"still not there: {seen}"
        await asyncio.sleep(0.02)
