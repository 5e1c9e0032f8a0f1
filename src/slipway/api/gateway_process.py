"""Keeps the gateway running beside the control plane, in one process or in several.

Each lives in its own session and goes on serving when the control plane dies; the next start finds
it by its identity file and adopts it, so that callers notice nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from pathlib import Path
from typing import Any

from slipway.base.settings import Settings
from slipway.compute.engines.identity import boot_id, is_alive

log = logging.getLogger(__name__)

_KEEP = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "TMPDIR", "SSL_CERT_FILE")


class Gateways:
    """Every gateway process of this home; more than one share the port."""

    def __init__(self, settings: Settings, control_url: str) -> None:
        self._settings = settings
        self._control_url = control_url
        self._run = settings.root / "run"

    async def run(self) -> None:
        """Adopts or starts each, and starts it again whenever it dies."""
        wanted = range(self._settings.gateway_processes)
        for number, identity in self._identities().items():
            if number not in wanted:
                await _end(_alive(identity))
        async with asyncio.TaskGroup() as group:
            for number in wanted:
                group.create_task(self._keep(number))

    async def stop(self) -> None:
        found = [_alive(identity) for identity in self._identities().values()]
        await asyncio.gather(*(_end(running) for running in found))

    async def _keep(self, number: int) -> None:
        """Ever more slowly if it keeps dying."""
        pause = 0.1
        while True:
            running = await self._adopt(number)
            if running is None:
                process = await self._start(number)
                began = asyncio.get_running_loop().time()
                code: int | None = await process.wait()
                lasted = asyncio.get_running_loop().time() - began
            else:
                log.info("Adopted the running gateway.", extra={"pid": running["pid"]})
                code, lasted = await _until_gone(running), 60.0
            pause = 0.1 if lasted > 30 else min(pause * 2, 10)
            log.error(
                "A gateway ended; starting it again.", extra={"exit_code": code, "pause_s": pause}
            )
            await asyncio.sleep(pause)

    async def _adopt(self, number: int) -> dict[str, Any] | None:
        """The identity of a live gateway that is as it should be. Another one is ended."""
        running = _alive(self._file(number))
        if running is None:
            return None
        same_port = self._settings.gateway_port in (0, running.get("port"))
        if same_port and running.get("processes", 1) == self._settings.gateway_processes:
            return running
        await _end(running)
        return None

    async def _start(self, number: int) -> asyncio.subprocess.Process:
        port = await self._port(number)
        logs = self._settings.root / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        with (logs / "gateway.log").open("ab") as output:
            return await asyncio.create_subprocess_exec(
                sys.executable, "-m", "slipway.gateway", "--home", str(self._settings.root),
                "--host", self._settings.gateway_host, "--port", str(port),
                "--control", self._control_url, "--process", str(number),
                "--processes", str(self._settings.gateway_processes),
                "--service-qps-ceiling", str(self._settings.service_qps_ceiling), *_options(self._settings, number),
                stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
                env={name: os.environ[name] for name in _KEEP if name in os.environ},
            )  # fmt: skip

    async def _port(self, number: int) -> int:
        """Where none is set, the first process chooses one and the others follow it."""
        if self._settings.gateway_port or self._settings.gateway_processes == 1:
            return self._settings.gateway_port
        while True:
            for identity in self._identities().values():
                if running := _alive(identity):
                    return int(running["port"])
            if number == 0:
                return 0
            await asyncio.sleep(0.05)

    def _file(self, number: int) -> Path:
        return self._run / (f"gateway-{number}.json" if number else "gateway.json")

    def _identities(self) -> dict[int, Path]:
        """The files that processes of now and of earlier left, by the processes' numbers."""
        found = {}
        for path in self._run.glob("gateway*.json"):
            number = path.stem.removeprefix("gateway").removeprefix("-") or "0"
            if number.isdecimal():
                found[int(number)] = path
        return found


def _alive(identity: Path) -> dict[str, Any] | None:
    """What a gateway said of itself, if that very process lives."""
    try:
        found: dict[str, Any] = json.loads(identity.read_bytes())
    except (OSError, ValueError):
        return None
    return found if is_alive(found["pid"], found["start_ticks"], boot_id()) else None


async def _end(running: dict[str, Any] | None) -> None:
    """Gracefully; after ten seconds not."""
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


def _options(settings: Settings, number: int) -> list[str]:
    words = ["--upstream-reach", settings.upstream_reach]
    if settings.gateway_limits_port is not None and number == 0:
        words += ["--limits-port", str(settings.gateway_limits_port)]
    words += ["--grpc-port", str(settings.gateway_grpc_port)]
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
