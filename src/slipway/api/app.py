"""The application: every room's router in one place, and what they find in `app.state`."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from slipway import __version__
from slipway.alerts import router as alerts
from slipway.alerts import router_inbox
from slipway.api import client_package, console, errors, events, system
from slipway.api.alert_services import alert_context
from slipway.api.label_asker import GatewayAsker
from slipway.api.quick_push import QuickPush
from slipway.assets import router as assets
from slipway.assets.storage import Storage
from slipway.base.crypto import Sealer
from slipway.base.database import Database
from slipway.base.events import bus
from slipway.base.settings import Settings
from slipway.compat.mlflow import router as mlflow
from slipway.compat.s3 import router as share_links
from slipway.compute import router as compute
from slipway.compute.nodes import router_network as network_router
from slipway.compute.output.files import InstanceFiles
from slipway.compute.shells.opening import Shells
from slipway.data import router as data
from slipway.data.uses import add_use_finder
from slipway.delivery import router as delivery
from slipway.environments import router as environments
from slipway.evaluation import router as evaluation
from slipway.evaluation import uses as evaluation_uses
from slipway.evaluation.trials import router as trials
from slipway.evaluation.uses import EvaluationUses
from slipway.iam import router as iam
from slipway.iam.signin import Attempts
from slipway.labelling import router as labelling
from slipway.labelling import router_start as labelling_start
from slipway.labelling import uses as labelling_uses
from slipway.labelling.suggest import router as labelling_suggest
from slipway.labelling.teams import router as labelling_teams
from slipway.loadtests import router as loadtests
from slipway.models import router as models
from slipway.playground import router as playground
from slipway.playground import router_presets as playground_presets
from slipway.playground.ask import Answers
from slipway.repositories import router as repositories
from slipway.serving import internal as serving_internal
from slipway.serving import router as serving
from slipway.serving.groups import router as service_groups
from slipway.serving.monitoring import router as call_monitoring
from slipway.serving.scaling.signals import Signals
from slipway.serving.uses import ServiceUses
from slipway.tensorboard import proxy as tensorboard_proxy
from slipway.tensorboard import router as tensorboard
from slipway.tensorboard.watch import Boards
from slipway.tracking import router as tracking
from slipway.tracking.grants import PushGrants
from slipway.tracking.journal import MetricJournal
from slipway.tracking.limits import CallLimit
from slipway.tracking.push import Reporting
from slipway.training import router as training
from slipway.training import router_compare as training_compare
from slipway.training import router_lineage as training_lineage
from slipway.training import router_logs as training_logs
from slipway.training import uses as training_uses
from slipway.training.uses import TaskUses
from slipway.usage import router as usage
from slipway.usage import router_cards as usage_cards

PREFIX = "/api/v1"
ROUTERS = (
    system.router, events.router, iam.router, assets.router, compute.router, network_router.router, data.router,
    labelling.router, labelling_start.router, labelling_teams.router, labelling_suggest.router,
    environments.router, repositories.router, training.router, models.router, service_groups.router, call_monitoring.router,
    serving.router, evaluation.router, loadtests.router,
    trials.router, usage.router, usage_cards.router, tracking.router, training_compare.router, training_lineage.router,
    training_logs.router, tensorboard.router,
    delivery.router, alerts.router, router_inbox.inbox_router, router_inbox.mail_router, share_links.router,
    playground_presets.router, playground.router, client_package.router,
)  # fmt: skip

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
    app.state.label_asker = GatewayAsker(db, sealer, settings)
    app.state.version_uses = (TaskUses(), ServiceUses(), EvaluationUses())
    for finder in (
        training_uses.uses_of_dataset,
        evaluation_uses.uses_of_dataset,
        labelling_uses.uses_of_dataset,
    ):
        add_use_finder(finder)
    errors.install(app)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(QuickPush, reporting=app.state.reporting)
    for router in ROUTERS:
        app.include_router(router, prefix=PREFIX)
    app.include_router(serving_internal.router)
    app.include_router(mlflow.router)
    app.include_router(tensorboard_proxy.router)
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
