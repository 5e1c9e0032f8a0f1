"""Keeps the gateway running beside the control plane.

It lives in its own session and goes on serving when the control plane dies; the next start finds it
by its identity file and adopts it, so that callers notice nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from typing import Any

from slipway.base.settings import Settings
from slipway.compute.engines.identity import boot_id, is_alive

log = logging.getLogger(__name__)

_KEEP = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "TMPDIR", "SSL_CERT_FILE")


class GatewayProcess:
    def __init__(self, settings: Settings, control_url: str) -> None:
        self._settings = settings
        self._control_url = control_url
        self._identity = settings.root / "run" / "gateway.json"
        self._pid: int | None = None

    async def run(self) -> None:
        """Adopt or start, and start again whenever it dies, ever more slowly if it keeps dying."""
        pause = 0.1
        while True:
            running = self._find()
            if running is None:
                process = await self._start()
                self._pid = process.pid
                began = asyncio.get_running_loop().time()
                code: int | None = await process.wait()
                lasted = asyncio.get_running_loop().time() - began
            else:
                self._pid = running["pid"]
                log.info("Adopted the running gateway.", extra={"pid": self._pid})
                code, lasted = await _until_gone(running), 60.0
            pause = 0.1 if lasted > 30 else min(pause * 2, 10)
            log.error(
                "The gateway ended; starting it again.", extra={"exit_code": code, "pause_s": pause}
            )
            await asyncio.sleep(pause)

    async def stop(self) -> None:
        running = self._find()
        if running is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(running["pid"], signal.SIGTERM)
        deadline = asyncio.get_running_loop().time() + 10
        while is_alive(running["pid"], running["start_ticks"], boot_id()):
            if asyncio.get_running_loop().time() > deadline:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(running["pid"], signal.SIGKILL)
                return
            await asyncio.sleep(0.02)

    def _find(self) -> dict[str, Any] | None:
        """The identity of a live gateway on our port, else None."""
        try:
            found: dict[str, Any] = json.loads(self._identity.read_bytes())
        except (OSError, ValueError):
            return None
        same_port = self._settings.gateway_port in (0, found.get("port"))
        return (
            found if same_port and is_alive(found["pid"], found["start_ticks"], boot_id()) else None
        )

    async def _start(self) -> asyncio.subprocess.Process:
        logs = self._settings.root / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        with (logs / "gateway.log").open("ab") as output:
            return await asyncio.create_subprocess_exec(
                sys.executable, "-m", "slipway.gateway", "--home", str(self._settings.root),
                "--host", self._settings.gateway_host, "--port", str(self._settings.gateway_port),
                "--control", self._control_url, *_options(self._settings),
                stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
                env={name: os.environ[name] for name in _KEEP if name in os.environ},
            )  # fmt: skip


def _options(settings: Settings) -> list[str]:
    words = ["--upstream-reach", settings.upstream_reach]
    if settings.gateway_otlp:
        words += ["--otlp", settings.gateway_otlp]
    for flag, file in (
        ("--tls-cert", settings.gateway_tls_cert), ("--tls-key", settings.gateway_tls_key)
    ):  # fmt: skip
        words += [flag, str(file)] if file is not None else []
    return words


async def _until_gone(running: dict[str, Any]) -> int | None:
    """An adopted gateway is not our child: wait on its pidfd, or look now and then."""
    if not hasattr(os, "pidfd_open"):
        while is_alive(running["pid"], running["start_ticks"], boot_id()):
            await asyncio.sleep(0.5)
        return None
    with contextlib.suppress(ProcessLookupError):
        fd = os.pidfd_open(running["pid"])
        gone = asyncio.Event()
        asyncio.get_running_loop().add_reader(fd, gone.set)
        try:
            await gone.wait()
        finally:
            asyncio.get_running_loop().remove_reader(fd)
            os.close(fd)
    return None
