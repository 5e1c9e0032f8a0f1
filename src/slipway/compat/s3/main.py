"""The process of the S3-compatible endpoint: `python -m slipway.compat.s3 --listen <fd>`.

A child of `slipway up`, which holds the listening socket: while this process starts again, callers
wait rather than being refused. It ends when the control plane does (its standard input closes).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import socket

import uvicorn
import uvloop

from slipway.assets.measure import Quotas, UsageMeter
from slipway.assets.parts import sweep_parts
from slipway.assets.storage import Storage
from slipway.base.clock import utc_now
from slipway.base.crypto import Sealer
from slipway.base.database import Database
from slipway.base.logs import set_up_logging
from slipway.base.settings import Settings
from slipway.compat.s3.access import Access
from slipway.compat.s3.app import S3App
from slipway.compat.s3.service import Service

log = logging.getLogger(__name__)

_GRACE_S = 5
_SWEEP_EVERY_S = 3600
_THREADS = 32  # small uploads wait for the disk: the more wait together, the fewer waits


def create_s3_app(settings: Settings, db: Database, storage: Storage, sealer: Sealer) -> S3App:
    service = Service(
        db, storage, Access(db, storage, sealer), Quotas(db, UsageMeter(storage)),
        settings.s3_region, settings.max_upload_bytes,
    )  # fmt: skip
    return S3App(service, domains=settings.s3_domain_names, idle_s=settings.s3_idle_s)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--listen", type=int, required=True)
    options = parser.parse_args()
    settings = Settings()
    set_up_logging(settings.log_level)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, socket.socket(fileno=options.listen)))
    return 0


async def _serve(settings: Settings, listener: socket.socket) -> None:
    db = Database(settings.sqlalchemy_url)
    storage = Storage(settings.root / "storage", threads=_THREADS, sync=settings.storage_sync)
    sealer = Sealer.open(settings.root / "run" / "secret.key")
    app = create_s3_app(settings, db, storage, sealer)
    config = uvicorn.Config(
        app, log_config=None, access_log=False, http="httptools", ws="none", lifespan="off",
        interface="asgi3", timeout_graceful_shutdown=_GRACE_S, timeout_keep_alive=75,
        server_header=False, date_header=False, proxy_headers=False, backlog=1024,
    )  # fmt: skip
    server = uvicorn.Server(config)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, server.handle_exit, number, None)
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]
    loop.add_reader(0, _end_with_parent, server)
    sweeping = asyncio.create_task(_sweep(storage))
    try:
        await server.serve(sockets=[listener])
    finally:
        sweeping.cancel()
        await db.close()
        storage.close()


def _end_with_parent(server: uvicorn.Server) -> None:
    if os.read(0, 1024) == b"":
        asyncio.get_running_loop().remove_reader(0)
        server.handle_exit(signal.SIGTERM, None)


async def _sweep(storage: Storage) -> None:
    while True:
        try:
            await storage.run(sweep_parts, storage, utc_now())
        except OSError:
            log.exception("Old uploads could not be swept.")
        await asyncio.sleep(_SWEEP_EVERY_S)
