"""A shell inside an instance on this machine: the runtime's program, spoken to over its pipes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import struct
import sys
from pathlib import Path

from slipway.compute.engines.base import NoShell
from slipway.compute.engines.surroundings import child_environment

_BLOCK = 65536
_START_S = 10.0
_END_S = 5.0


class ProcessShell:
    """Ends when its pipes close: so it never outlives this process."""

    def __init__(self, process: asyncio.subprocess.Process, *, namespace: bool) -> None:
        self._process = process
        self.namespace = namespace

    @classmethod
    async def open(cls, directory: Path, columns: int, rows: int) -> ProcessShell:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "slipway.runtime.shell", "--dir", str(directory),
            "--columns", str(columns), "--rows", str(rows), start_new_session=True,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL, env=child_environment(),
        )  # fmt: skip
        shell = cls(process, namespace=False)
        try:
            async with asyncio.timeout(_START_S):
                said = json.loads(await shell._out.readline() or b"{}")
        except (TimeoutError, ValueError) as error:
            await shell.close()
            raise NoShell("The shell did not start.") from error
        except BaseException:
            await shell.close()
            raise
        if not said.get("ok"):
            await shell.close()
            raise NoShell(said.get("reason") or "The shell could not be started.")
        shell.namespace = bool(said["namespace"])
        return shell

    async def read(self) -> bytes:
        return await self._out.read(_BLOCK)

    async def write(self, typed: bytes) -> None:
        await self._send(b"d", typed)

    async def resize(self, columns: int, rows: int) -> None:
        await self._send(b"r", f"{columns} {rows}".encode())

    async def exit_code(self) -> int | None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_END_S):
                await self._process.wait()
        code = self._process.returncode
        return None if code is None or code < 0 else code  # below 0 it was the helper that died

    async def close(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        with contextlib.suppress(TimeoutError):
            # What it still writes is read away: a full pipe would keep it from ending.
            async with asyncio.timeout(_END_S):
                while await self._out.read(_BLOCK):
                    pass
                await self._process.wait()
        if self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def _send(self, kind: bytes, content: bytes) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(ConnectionError):  # it has ended, which `read` tells
            self._process.stdin.write(struct.pack(">cI", kind, len(content)) + content)
            await self._process.stdin.drain()

    @property
    def _out(self) -> asyncio.StreamReader:
        assert self._process.stdout is not None
        return self._process.stdout
