"""The whole application over a real database: with or without its loops, and people to call it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from slipway.api.app import create_app
from slipway.api.platform import run_platform
from slipway.base.clock import utc_now
from slipway.base.crypto import Sealer
from slipway.base.database import Database
from slipway.base.settings import Settings
from slipway.compute.nodes.machine import Machine
from slipway.compute.nodes.setup import ensure_local_node
from slipway.compute.wake import wake
from slipway.iam import keys, queries, users
from slipway.iam.roles import Role
from slipway.iam.types import Actor, KeyKind

PASSWORD = "correct horse"


@dataclass(frozen=True)
class Person:
    actor: Actor
    http: httpx.AsyncClient

    async def ok(self, method: str, path: str, **kwargs: Any) -> Any:
        """The JSON of an answer that must be a success."""
        answer = await self.http.request(method, path, **kwargs)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    async def refused(self, method: str, path: str, **kwargs: Any) -> tuple[int, dict[str, Any]]:
        """Status and error of an answer that must be a refusal with a sentence."""
        answer = await self.http.request(method, path, **kwargs)
        assert answer.is_error, f"{method} {path}: {answer.status_code} {answer.text}"
        error = answer.json()["error"]
        assert error["message"]
        assert answer.status_code < 500 or answer.status_code in (503, 507), error
        return answer.status_code, error


@dataclass(frozen=True)
class World:
    """`admin` runs the platform; `ann` develops in project alpha, `bob` owns project beta."""

    app: FastAPI
    db: Database
    settings: Settings
    admin: Person
    ann: Person
    bob: Person

    async def person(self, name: str, role: Role, project_id: str) -> Person:
        user = await users.create_user(
            self.db,
            self.admin.actor,
            name=name,
            password=PASSWORD,
            display_name="",
            is_admin=False,
            now=utc_now(),
        )
        await users.set_member(
            self.db, self.admin.actor, project_id, user_name=name, role=role, now=utc_now()
        )
        return await _person(self.app, Actor(user.id, name, False, project_id, role))


@contextlib.asynccontextmanager
async def open_world(
    db: Database, settings: Settings, *, loops: bool = False
) -> AsyncIterator[World]:
    settings.root.mkdir(parents=True, exist_ok=True)
    app = create_app(settings, db, Sealer.open(settings.root / "key"))
    now = utc_now()
    await users.ensure_first_admin(db, password=PASSWORD, now=now)
    async with db.begin() as session:
        await ensure_local_node(session, Machine(4, 8 << 30, ()), settings, now)
        row = await queries.find_user_by_name(session, "admin")
        assert row is not None
        own = (await queries.list_memberships(session, row.id))[0].project_id
    admin = await _person(app, Actor(row.id, "admin", True, own, Role.ADMIN))
    people = []
    for name, project in (("ann", "alpha"), ("bob", "beta")):
        user = await users.create_user(
            db, admin.actor, name=name, password=PASSWORD, display_name="", is_admin=False, now=now
        )
        actor = Actor(user.id, name, False, "", Role.ADMIN)
        made = await users.create_project(db, actor, name=project, description="", now=now)
        people.append(await _person(app, Actor(user.id, name, False, made.id, Role.ADMIN)))
    world = World(app, db, settings, admin, *people)
    wake.reset()
    try:
        if loops:
            async with run_platform(app, gateway=None):
                yield world
        else:
            yield world
    finally:
        for person in (admin, *people):
            await person.http.aclose()
        app.state.reporting.journal.close()
        app.state.reporting.grants.close()
        app.state.storage.close()


@contextlib.asynccontextmanager
async def listening(app: FastAPI) -> AsyncIterator[str]:
    """The application behind a real socket, for clients that are not ours; gives its address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            app, log_config=None, lifespan="off", ws="websockets-sansio",
            timeout_graceful_shutdown=1,
        )  # fmt: skip
        server = uvicorn.Server(config)
        server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        app.state.url = app.state.local_url = url
        await until(lambda: server.started)
        try:
            yield url
        finally:
            server.should_exit = True
            await serving


async def _person(app: FastAPI, actor: Actor) -> Person:
    made = await keys.create_key(
        app.state.db,
        app.state.sealer,
        actor,
        kind=KeyKind.TOKEN,
        name="test",
        lasts=None,
        now=utc_now(),
    )
    http = httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test/api/v1",
        headers={"Authorization": f"Bearer {made.secret}", "X-Slipway-Project": actor.project_id},
    )  # fmt: skip
    return Person(actor, http)


async def until(condition: Callable[[], Any], seconds: float = 60) -> Any:
    """Wait for an (async) condition to be true; returns what it gave."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        found = condition()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return found
        assert asyncio.get_running_loop().time() < deadline, "the condition did not come true"
        await asyncio.sleep(0.02)
