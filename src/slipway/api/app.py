"""The application: the rooms' endpoints, and what they find in `app.state`."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from slipway import __version__
from slipway.api import console, errors
from slipway.api.alert_services import alert_context
from slipway.api.label_asker import GatewayAsker
from slipway.api.quick_push import QuickPush
from slipway.api.rooms import PREFIX, OpensRooms, Rooms
from slipway.assets.storage import Storage
from slipway.base.crypto import Sealer
from slipway.base.database import Database
from slipway.base.events import bus
from slipway.base.settings import Settings
from slipway.compute.output.files import InstanceFiles
from slipway.compute.shells.opening import Shells
from slipway.data.uses import add_use_finder
from slipway.evaluation import uses as evaluation_uses
from slipway.evaluation.uses import EvaluationUses
from slipway.iam.signin import Attempts
from slipway.labelling import uses as labelling_uses
from slipway.labelling.ocr.engine import Engine
from slipway.loadtests import deletion as loadtests_deletion
from slipway.playground.ask import Answers
from slipway.serving.deletion import add_deletion_listener
from slipway.serving.recognition import TextReading
from slipway.serving.scaling.signals import Signals
from slipway.serving.uses import ServiceUses
from slipway.tensorboard.watch import Boards
from slipway.tracking.grants import PushGrants
from slipway.tracking.journal import MetricJournal
from slipway.tracking.limits import CallLimit
from slipway.tracking.push import Reporting
from slipway.training import uses as training_uses
from slipway.training.uses import TaskUses

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_app(
    settings: Settings, db: Database, sealer: Sealer, *, lifespan: Lifespan | None = None
) -> FastAPI:
    """The API and the console over an open database. Loops are started by the lifespan, if any."""
    app = FastAPI(
        title="Slipway", version=__version__, lifespan=lifespan, openapi_url=f"{PREFIX}/openapi.json",
        docs_url=f"{PREFIX}/docs", redoc_url=None, generate_unique_id_function=_operation_id,
    )  # fmt: skip
    app.state.settings, app.state.db, app.state.sealer = settings, db, sealer
    app.state.attempts = Attempts(settings.signin_attempts)
    app.state.storage = Storage(settings.root / "storage", sync=settings.storage_sync)
    app.state.files = InstanceFiles(settings.root / "instances")
    app.state.signals = Signals(time.monotonic)
    app.state.shells = Shells()
    app.state.gateway_url = (
        settings.gateway_public_url or f"http://{settings.gateway_host}:{settings.gateway_port}"
    )
    app.state.s3_url = settings.s3_public_url or f"http://{settings.s3_host}:{settings.s3_port}"
    app.state.alerts = alert_context(settings, db, sealer)
    app.state.local_url = f"http://{settings.host}:{settings.port}"
    app.state.url = settings.public_url or app.state.local_url
    app.state.reporting = Reporting(
        MetricJournal(settings.root / "metrics"), CallLimit(settings.metrics_calls_per_s), PushGrants(bus)
    )  # fmt: skip
    app.state.boards = Boards()
    app.state.answers = Answers()
    app.state.ocr_engine = Engine()
    app.state.ocr_services = TextReading(db, sealer, settings)
    app.state.label_asker = GatewayAsker(db, sealer, settings)
    app.state.version_uses = (TaskUses(), ServiceUses(), EvaluationUses())
    for finder in (
        training_uses.uses_of_dataset,
        evaluation_uses.uses_of_dataset,
        labelling_uses.uses_of_dataset,
    ):
        add_use_finder(finder)
    add_deletion_listener(loadtests_deletion.service_deleted)
    errors.install(app)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(QuickPush, reporting=app.state.reporting)
    app.state.rooms = Rooms(app)
    app.add_middleware(OpensRooms, rooms=app.state.rooms)
    console.mount_console(app)
    return app


def _operation_id(route: APIRoute) -> str:
    """Names such as `training_create_task`, unique over the rooms."""
    tag = str(route.tags[0]) if route.tags else "page"
    return f"{tag.lower().replace(' ', '_')}_{route.name}"


class SecurityHeaders:
    """Plain ASGI: answers are neither buffered nor wrapped, so streams stay streams."""

    _HEADERS = (
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", b"DENY"),
        (b"referrer-policy", b"same-origin"),
    )

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                there = {name for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(h for h in self._HEADERS if h[0] not in there),
                ]
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)
