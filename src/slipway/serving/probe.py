"""Asking one instance whether it is well. A probe never raises: it passes, or says why not."""

from __future__ import annotations

import asyncio
import contextlib

from slipway.serving.config import Probe, ProbeAction


async def ask(probe: Probe, host: str, port: int) -> str | None:
    """None when it passes, else a sentence part such as "/readyz answered 503"."""
    try:
        async with asyncio.timeout(probe.timeout_s):
            if probe.action == ProbeAction.TCP:
                await _connects(host, port)
                return None
            return await _answers(host, port, probe.path)
    except TimeoutError:
        return f"nothing was heard on port {port} for {probe.timeout_s} s"
    except OSError:
        return f"nothing listens on port {port}"


async def _connects(host: str, port: int) -> None:
    _, writer = await asyncio.open_connection(host, port)
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


async def _answers(host: str, port: int, path: str) -> str | None:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        head = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nUser-Agent: slipway-probe\r\n"
        writer.write(f"{head}Accept: */*\r\nConnection: close\r\n\r\n".encode())
        line = await reader.readline()
        status = _status(line)
        if status is None:
            return f"{path} did not answer in HTTP"
        return None if 200 <= status < 400 else f"{path} answered {status}"
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def _status(line: bytes) -> int | None:
    words = line.split(None, 2)
    if len(words) < 2 or not words[0].startswith(b"HTTP/") or not words[1].isdigit():
        return None
    return int(words[1])
