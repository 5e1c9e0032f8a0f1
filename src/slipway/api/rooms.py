"""Every room's endpoints, loaded by the first call that needs them.

Describing an endpoint (its models, its checks, its schema) costs a millisecond or two, and there
are hundreds. None is needed to show the console's first page or to run the loops, and few by any
one user, so a room's routers are imported when the first path of that room is asked for. The table
below says which first segment of a path belongs to which room; a test holds it against the routers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module

from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

PREFIX = "/api/v1"


@dataclass(frozen=True)
class Room:
    """`segments`: first segments of its paths; `routers`: `module` or `module:name`, in order."""

    segments: tuple[str, ...]
    routers: tuple[str, ...]


def _room(segments: str, *routers: str) -> Room:
    return Room(tuple(segments.split()), routers)


API_ROOMS = (
    _room("health overview system events", "api.system", "api.events"),
    _room("auth keys me projects users", "iam.router"),
    _room("buckets uploads", "assets.router", "compat.s3.router"),
    _room("card-types network-profiles nodes queue resource-groups scheduling-policy", "compute.router", "compute.nodes.router_network"),
    _room("datasets", "data.router"),
    _room("labelling", "labelling.router", "labelling.router_start", "labelling.teams.router", "labelling.suggest.router", "labelling.ocr.router"),
    _room("environments", "environments.router"),
    _room("repositories", "repositories.router"),
    _room("training", "training.router", "training.router_compare", "training.router_lineage", "training.router_logs", "training.router_profile", "training.router_reproduce", "tensorboard.router", "tuning.router"),
    _room("models", "models.router"),
    _room("preset-services project-audit service-groups service-metrics services", "serving.groups.router", "serving.router", "loadtests.router"),
    _room("calls", "serving.monitoring.router"),
    _room("evaluations", "evaluation.router"),
    _room("trials", "evaluation.trials.router"),
    _room("usage", "usage.router", "usage.router_cards"),
    _room("tracking", "tracking.router"),
    _room("log-store", "delivery.router"),
    _room("alerts", "alerts.router"),
    _room("inbox mail-server", "alerts.router_inbox:inbox_router", "alerts.router_inbox:mail_router"),
    _room("playground", "playground.router_presets", "playground.router"),
    _room("client", "api.client_package"),
)  # fmt: skip
"""Under `/api/v1`."""

OTHER_ROOMS = (
    _room("internal", "serving.internal"),
    _room("mlflow", "compat.mlflow.router"),
    _room("tensorboard", "tensorboard.proxy"),
)
"""At the root: the gateway's feed and what other products' clients speak."""

_DESCRIPTION = ("openapi.json", "docs")


class Rooms:
    """The rooms of one application, opened one by one or all together."""

    def __init__(self, app: FastAPI) -> None:
        self._api, self._other = APIRouter(), APIRouter()
        app.include_router(self._api, prefix=PREFIX)
        app.include_router(self._other)
        self._closed = {
            **{f"{PREFIX}/{s}": (self._api, room) for room in API_ROOMS for s in room.segments},
            **{f"/{s}": (self._other, room) for room in OTHER_ROOMS for s in room.segments},
        }
        self._opening = asyncio.Lock()

    def asked_for(self, path: str) -> bool:
        """Whether a call of this path has to wait for a room to open."""
        return bool(self._closed) and (_key(path) in self._closed or _describes(path))

    async def open_for(self, path: str) -> None:
        """Import what the path needs beside the event loop, and add its routes to the application."""
        async with self._opening:
            keys = list(self._closed) if _describes(path) else [_key(path)]
            found = {self._closed[key][1] for key in keys if key in self._closed}
            await asyncio.to_thread(_load, found)
            for key in keys:
                self._open(key)

    def open_all(self) -> None:
        """At once, for whoever reads the routes."""
        for key in list(self._closed):
            self._open(key)

    def _open(self, key: str) -> None:
        if key not in self._closed:
            return
        parent, room = self._closed[key]
        for router in _load([room]):
            parent.include_router(router)
        for closed, (_, other) in list(self._closed.items()):
            if other is room:
                del self._closed[closed]


class OpensRooms:
    """Plain ASGI: a call waits until its room is open; once it is, this is one look-up."""

    def __init__(self, app: ASGIApp, rooms: Rooms) -> None:
        self._app, self._rooms = app, rooms

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and self._rooms.asked_for(scope["path"]):
            await self._rooms.open_for(scope["path"])
        await self._app(scope, receive, send)


def _key(path: str) -> str:
    parts = path.split("/", 4)
    if path.startswith(PREFIX + "/"):
        return f"{PREFIX}/{parts[3]}"
    return f"/{parts[1]}" if len(parts) > 1 else path


def _describes(path: str) -> bool:
    return path.startswith(PREFIX + "/") and path[len(PREFIX) + 1 :] in _DESCRIPTION


def _load(rooms: Iterable[Room]) -> list[APIRouter]:
    """The routers of these rooms, imported where they are not yet."""
    found = []
    for room in rooms:
        for name in room.routers:
            module, _, attribute = name.partition(":")
            found.append(getattr(import_module(f"slipway.{module}"), attribute or "router"))
    return found
