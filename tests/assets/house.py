"""A small application over a real database: accounts, storage and datasets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse

from slipway.assets.router import router as storage_router
from slipway.assets.storage import Storage
from slipway.base.clock import utc_now
from slipway.base.crypto import Sealer
from slipway.base.database import Database
from slipway.base.errors import SlipwayError
from slipway.base.settings import Settings
from slipway.iam import keys, users
from slipway.iam.roles import Role
from slipway.iam.router import router as iam_router
from slipway.iam.signin import Attempts
from slipway.iam.types import Actor, KeyKind


@dataclass(frozen=True)
class House:
    """The running application with two projects: `a` and `b` call it as members of one each."""

    app: FastAPI
    db: Database
    storage: Storage
    settings: Settings
    a: httpx.AsyncClient
    b: httpx.AsyncClient
    actor: Actor
    project: str
    other_project: str


@asynccontextmanager
async def open_house(db: Database, home: Path, *routers: APIRouter) -> AsyncIterator[House]:
    app = FastAPI()
    app.add_exception_handler(SlipwayError, _refuse)
    for router in (iam_router, storage_router, *routers):
        app.include_router(router, prefix="/api/v1")
    app.state.settings = Settings(home=home, max_upload_bytes=50_000_000, max_datasets=8)
    app.state.storage = Storage(home / "storage")
    app.state.db, app.state.attempts = db, Attempts(8)
    app.state.sealer = Sealer.open(home / "key")
    actor, a = await member(app, "ann", "alpha")
    other, b = await member(app, "bob", "beta")
    yield House(
        app, db, app.state.storage, app.state.settings, a, b, actor, actor.project_id,
        other.project_id,
    )  # fmt: skip
    await a.aclose()
    await b.aclose()
    app.state.storage.close()


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


async def _refuse(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, SlipwayError)
    body = {"code": error.code, "message": error.message, "details": error.details}
    return JSONResponse({"error": body}, status_code=error.status)
