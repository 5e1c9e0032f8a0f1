"""Every endpoint declares what it takes to call it, and every role is held to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIWebSocketRoute, iter_route_contexts

from slipway.base.database import Database
from slipway.base.settings import Settings
from slipway.iam.http import Allow, Anyone
from slipway.iam.roles import Role, may
from tests.running import open_world


def _marks(dependant: Dependant) -> Iterator[Allow | Anyone]:
    if isinstance(dependant.call, Allow | Anyone):
        yield dependant.call
    for inner in dependant.dependencies:
        yield from _marks(inner)


def _routes(app: FastAPI) -> list[Any]:
    """Every endpoint of ours with the dependencies it has where it is included."""
    app.state.rooms.open_all()
    found = [
        c for c in iter_route_contexts(app.routes) if getattr(c, "dependant", None) is not None
    ]
    assert len(found) > 100
    return [c for c in found if getattr(c, "include_in_schema", False) or "/internal/" in c.path]


async def test_every_web_socket_declares_its_action(db: Database, settings: Settings) -> None:
    """Who is let in is asked over a real socket in `tests/compute/shells/test_shells.py`."""
    async with open_world(db, settings) as world:
        world.app.state.rooms.open_all()
        contexts = iter_route_contexts(world.app.routes)
        sockets = [c for c in contexts if isinstance(c.original_route, APIWebSocketRoute)]
        assert len(sockets) >= 2
        for socket in sockets:
            marks = list(_marks(socket.dependant))
            assert any(isinstance(mark, Allow) for mark in marks), socket.path


@pytest.mark.covers("IAM-09", "IAM-10")
async def test_every_endpoint_declares_its_action_and_each_role_gets_what_it_may(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings) as world:
        people = {
            role: await world.person(f"{role}-person", role, world.ann.actor.project_id)
            for role in Role
        }
        checked = 0
        for route in _routes(world.app):
            marks = list(_marks(route.dependant))
            assert marks, f"{route.path} declares neither a permission nor why it needs none"
            actions = [mark.action for mark in marks if isinstance(mark, Allow)]
            if not actions:
                continue
            for action in actions:
                assert action.count(":") == 2, f"{route.path}: {action}"
            path = (
                route.path.removeprefix("/api/v1")
                .replace("{", "")
                .replace("}", "")
                .replace(":path", "")
            )
            if path.endswith("/stream"):
                continue  # an endless answer; its permission is the same dependency
            for role, person in people.items():
                for method in sorted(route.methods - {"HEAD", "OPTIONS"}):
                    if method == "POST" and path == "/auth/logout":
                        continue
                    answer = await person.http.request(method, path)
                    refused = (
                        answer.status_code == 403 and answer.json()["error"]["code"] == "forbidden"
                    )
                    allowed = all(may(role, action) for action in actions)
                    assert refused != allowed, (
                        f"{role} {method} {path} {actions}: {answer.status_code} {answer.text[:200]}"
                    )
                    assert answer.status_code < 500 or answer.status_code == 503, (
                        f"{method} {path}: {answer.text}"
                    )
                    checked += 1
        assert checked > 200


async def test_signed_out_is_401_everywhere(db: Database, settings: Settings) -> None:
    async with open_world(db, settings) as world:
        world.ann.http.headers.pop("Authorization")
        for route in _routes(world.app):
            if not any(isinstance(mark, Allow) for mark in _marks(route.dependant)):
                continue
            path = (
                route.path.removeprefix("/api/v1")
                .replace("{", "")
                .replace("}", "")
                .replace(":path", "")
            )
            for method in sorted(route.methods - {"HEAD", "OPTIONS"}):
                answer = await world.ann.http.request(method, path)
                assert answer.status_code == 401, f"{method} {path}: {answer.status_code}"
                assert answer.json()["error"]["message"]


async def test_a_stranger_to_a_project_does_not_learn_that_it_exists(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings) as world:
        other = world.bob.actor.project_id
        status, error = await world.ann.refused(
            "GET", "/training/tasks", headers={"X-Slipway-Project": other}
        )
        assert (status, error["code"]) == (404, "no_project")
        assert await world.admin.ok("GET", "/training/tasks", headers={"X-Slipway-Project": other})
