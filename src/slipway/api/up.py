"""`slipway up`: the control plane in the foreground."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable

import uvicorn
from fastapi import FastAPI

from slipway.api.app import create_app
from slipway.api.gateway_process import Gateways
from slipway.api.home import Home
from slipway.api.platform import run_platform
from slipway.base.clock import utc_now
from slipway.base.crypto import Sealer
from slipway.base.database import Database
from slipway.base.errors import SlipwayError, Unavailable
from slipway.base.events import bus
from slipway.base.logs import set_up_logging
from slipway.base.migrate import migrate
from slipway.base.settings import Settings
from slipway.iam.users import ensure_first_admin
from slipway.serving import wake
from slipway.serving.token import ensure_gateway_token

_GRACE_S = 5


def up(settings: Settings) -> int:
    """Run until Ctrl-C or SIGTERM; returns the exit code."""
    set_up_logging(settings.log_level)
    home = Home(settings.root)
    try:
        home.take()
        listener = _listen(settings)
    except SlipwayError as error:
        print(f"slipway: {error.message}", file=sys.stderr)  # noqa: T201
        return 1
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(_serve(settings, home, listener))
    except SlipwayError as error:
        print(f"slipway: {error.message}", file=sys.stderr)  # noqa: T201
        return 1
    finally:
        home.leave()
    return 0


async def _serve(settings: Settings, home: Home, listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    url = settings.public_url or f"http://{_reachable(settings.host)}:{port}"
    ensure_gateway_token(settings.root)
    db = Database(settings.sqlalchemy_url)
    try:
        await migrate(db)
        password = settings.admin_password.get_secret_value() if settings.admin_password else None
        first = await ensure_first_admin(db, password=password, now=utc_now())
        gateway = Gateways(settings, f"http://{_reachable(settings.host)}:{port}")

        @contextlib.asynccontextmanager
        async def lifespan(app: FastAPI) -> AsyncIterator[None]:
            async with run_platform(app, gateway=gateway):
                home.announce(url, app.state.gateway_url)
                _greet(url, app.state.gateway_url, settings, first.password if first else None)
                yield

        app = create_app(
            settings.model_copy(update={"public_url": url}),  # alerts link to it
            db,
            Sealer.open(settings.root / "run" / "secret.key"),
            lifespan=lifespan,
        )
        gc.freeze()
        gc.enable()
        app.state.url, app.state.local_url = url, f"http://{_reachable(settings.host)}:{port}"
        await _uvicorn(app, listener)
    finally:
        await db.close()


async def _uvicorn(app: FastAPI, listener: socket.socket) -> None:
    config = uvicorn.Config(
        app, log_config=None, access_log=False, http="httptools", ws="websockets-sansio", ws_max_size=1 << 20, timeout_graceful_shutdown=_GRACE_S,
        timeout_keep_alive=75, server_header=False,
    )  # fmt: skip
    server = uvicorn.Server(config)
    loop = asyncio.get_running_loop()

    def end(number: int) -> None:
        # Streams never end by themselves, and a clean stop waits for them.
        app.state.closing = True
        bus.close()
        wake.services.close()
        server.handle_exit(number, None)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end, number)
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]
    await server.serve(sockets=[listener])


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        raise Unavailable(
            f"Port {settings.port} on {settings.host} cannot be used: {error.strerror}. Choose another with --port."
        ) from error
    listener.listen(1024)
    listener.set_inheritable(False)
    return listener


def _greet(url: str, gateway_url: str, settings: Settings, password: str | None) -> None:
    lines = [f"Slipway is ready: {url}", f"Gateway: {gateway_url}", f"Home: {settings.root}"]
    if password:
        lines.append(
            f"First sign-in: user 'admin', password '{password}' (shown this once; change it after)."
        )
    print("\n".join(lines), flush=True)  # noqa: T201


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    if os.name != "posix":
        return None
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
