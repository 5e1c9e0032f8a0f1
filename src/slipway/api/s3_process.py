"""Keeps the S3-compatible endpoint running beside the control plane.

In a process of its own: a client that moves gigabytes must not hold up the console. The listening
socket stays here, so that callers wait while the process starts: it does with the first of them,
for many platforms never have one.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import sys

from slipway.base.settings import Settings

log = logging.getLogger(__name__)

_KEEP = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "TMPDIR")
_TOLD = (
    "home", "database_url", "log_level", "max_upload_bytes", "s3_region", "s3_domains", "s3_idle_s",
    "storage_sync",
)  # fmt: skip

# Blocks of a megabyte come and go by the thousand: keep their memory rather than ask for it anew
# (which costs as much as copying it).
_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(64 << 20), "MALLOC_TRIM_THRESHOLD_": str(256 << 20)}


class S3Process:
    def __init__(self, settings: Settings, listener: socket.socket) -> None:
        self._settings, self._listener = settings, listener
        self._process: asyncio.subprocess.Process | None = None

    async def run(self) -> None:
        """Start it for the first caller, and again whenever it dies, ever more slowly if it keeps dying."""
        await self._called()
        pause = 0.1
        loop = asyncio.get_running_loop()
        while True:
            self._process = await self._start()
            began = loop.time()
            code = await self._process.wait()
            pause = 0.1 if loop.time() - began > 30 else min(pause * 2, 10)
            log.error(
                "The S3 endpoint ended; starting it again.",
                extra={"exit_code": code, "pause_s": pause},
            )
            await asyncio.sleep(pause)

    async def stop(self) -> None:
        if self._process is None or self._process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        try:
            async with asyncio.timeout(10):
                await self._process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    async def _called(self) -> None:
        """Until somebody connects. The connection stays in the socket's queue for the process."""
        loop, called = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self._listener.fileno(), called.set)
        try:
            await called.wait()
        finally:
            loop.remove_reader(self._listener.fileno())

    async def _start(self) -> asyncio.subprocess.Process:
        logs = self._settings.root / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        handle = self._listener.fileno()
        with (logs / "s3.log").open("ab") as output:
            # Its standard input ends when this process does: then it ends too.
            return await asyncio.create_subprocess_exec(
                sys.executable, "-m", "slipway.compat.s3", "--listen", str(handle),
                stdin=asyncio.subprocess.PIPE, stdout=output, stderr=output, pass_fds=(handle,),
                start_new_session=True, env=self._environment(),
            )  # fmt: skip

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in _KEEP if name in os.environ}
        told = self._settings.model_dump(include=set(_TOLD), exclude_none=True)
        return (
            kept | _MEMORY | {f"SLIPWAY_{name.upper()}": str(value) for name, value in told.items()}
        )
