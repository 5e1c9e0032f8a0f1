"""`slipway up`: the control plane in the foreground."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable

import uvicorn
from fastapi import FastAPI

from slipway.api.app import create_app
from slipway.api.gateway_process import Gateways
from slipway.api.home import Home
from slipway.api.platform import run_platform
from slipway.api.s3_process import S3Process
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
_S3_PORT = 8703
_LET_GO_S = 3


def up(settings: Settings) -> int:
    """Run until Ctrl-C or SIGTERM; returns the exit code."""
    set_up_logging(settings.log_level)
    home = Home(settings.root)
    try:
        home.take()
        listener = _listen(settings.host, settings.port, "--port")
        s3_listener = _listen(settings.s3_host, _s3_port(settings), "--s3-port")
    except SlipwayError as error:
        print(f"slipway: {error.message}", file=sys.stderr)  # noqa: T201
        return 1
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(_serve(settings, home, listener, s3_listener))
    except SlipwayError as error:
        print(f"slipway: {error.message}", file=sys.stderr)  # noqa: T201
        return 1
    finally:
        home.leave()
    return 0


async def _serve(
    settings: Settings, home: Home, listener: socket.socket, s3_listener: socket.socket
) -> None:
    port = listener.getsockname()[1]
    url = settings.public_url or f"http://{_reachable(settings.host)}:{port}"
    s3_url = settings.s3_public_url or (
        f"http://{_reachable(settings.s3_host)}:{s3_listener.getsockname()[1]}"
    )
    ensure_gateway_token(settings.root)
    db = Database(settings.sqlalchemy_url)
    try:
        await migrate(db)
        password = settings.admin_password.get_secret_value() if settings.admin_password else None
        first = await ensure_first_admin(db, password=password, now=utc_now())
        gateway = Gateways(settings, f"http://{_reachable(settings.host)}:{port}")

        @contextlib.asynccontextmanager
        async def lifespan(app: FastAPI) -> AsyncIterator[None]:
            async with run_platform(app, gateway=gateway, s3=S3Process(settings, s3_listener)):
                home.announce(url, app.state.gateway_url, s3_url)
                _greet(url, app, settings, first.password if first else None)
                yield

        app = create_app(
            settings.model_copy(update={"public_url": url}),  # alerts link to it
            db,
            Sealer.open(settings.root / "run" / "secret.key"),
            lifespan=lifespan,
        )
        gc.freeze()
        gc.enable()
        app.state.s3_url = s3_url
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


def _s3_port(settings: Settings) -> int:
    if settings.s3_port is not None:
        return settings.s3_port
    return _S3_PORT if settings.port else 0


def _listen(host: str, port: int, option: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        _bind(listener, host, port)
    except OSError as error:
        raise Unavailable(
            f"Port {port} on {host} cannot be used: {error.strerror}. Choose another with {option}."
        ) from error
    listener.listen(1024)
    listener.set_inheritable(False)
    return listener


def _bind(listener: socket.socket, host: str, port: int) -> None:
    """The S3 process of a control plane that was killed needs a moment to notice and let go."""
    deadline = time.monotonic() + _LET_GO_S
    while True:
        try:
            listener.bind((host, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def _greet(url: str, app: FastAPI, settings: Settings, password: str | None) -> None:
    lines = [
        f"Slipway is ready: {url}", f"Gateway: {app.state.gateway_url}",
        f"S3 endpoint: {app.state.s3_url}", f"Home: {settings.root}",
    ]  # fmt: skip
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
