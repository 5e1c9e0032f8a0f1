"""Many streaming calls at once, on raw sockets; prints one line of JSON.

Arguments: PORT KEY MODEL CALLERS SECONDS. With 0 seconds each caller makes one call, waits for its
first event, and holds the stream open until standard input closes.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field

import uvloop

PATH = "/v1/chat/completions"
END = b"0\r\n\r\n"
BODY = {
    "messages": [{"role": "user", "content": "Say hello in one short sentence, please."}],
    "max_tokens": 128,
    "stream": True,
}


Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class NotAnswered(Exception):
    """The connection was closed before the answer began."""


@dataclass
class Seen:
    """ttft_ms: from the request to the first event, for each call."""

    ttft_ms: list[float] = field(default_factory=list)
    events: int = 0
    failed: int = 0


async def call_until(end: float, port: int, request: bytes, seen: Seen) -> None:
    """One call after the other on one connection; a server may close it between two."""
    line: Line | None = None
    while time.perf_counter() < end:
        began = time.perf_counter()
        line = line or await asyncio.open_connection("127.0.0.1", port)
        try:
            first = await _one(line, request, seen)
        except NotAnswered:
            line = None
            continue
        except (asyncio.IncompleteReadError, ConnectionError):
            seen.failed += 1
            return
        seen.ttft_ms.append((first - began) * 1000)


async def _one(line: Line, request: bytes, seen: Seen) -> float:
    """When the first event came."""
    reader, writer = line
    try:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError) as cause:
        raise NotAnswered from cause
    if b" 200 " not in head[:20]:
        raise ConnectionError(head.decode(errors="replace"))
    tail, first = b"", 0.0
    while not tail.endswith(END):
        data = await reader.read(65536)
        if not data:
            raise asyncio.IncompleteReadError(b"", None)
        # The end of the last read stays: a mark may be cut in two, and is never counted twice.
        count = (tail + data).count(b"data:")
        first = first or (time.perf_counter() if count else 0.0)
        seen.events += count
        tail = (tail + data)[-5:].replace(b"data:", b"")
    return first


async def hold(port: int, request: bytes, gate: asyncio.Semaphore) -> asyncio.StreamWriter:
    """Opens one stream and waits for its first event."""
    async with gate:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        await reader.readuntil(b"data:")
        return writer


async def main() -> None:
    port, key, model, callers, seconds = sys.argv[1:]
    body = json.dumps({"model": model} | BODY).encode()
    request = (
        f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body
    if float(seconds) == 0:
        gate = asyncio.Semaphore(256)
        lines = await asyncio.gather(*(hold(int(port), request, gate) for _ in range(int(callers))))
        print(json.dumps({"held": len(lines)}), flush=True)
        await asyncio.to_thread(sys.stdin.read)
        return
    seen, began = Seen(), time.perf_counter()
    end = began + float(seconds)
    await asyncio.gather(*(call_until(end, int(port), request, seen) for _ in range(int(callers))))
    took = time.perf_counter() - began
    print(json.dumps(vars(seen) | {"seconds": took}))


if __name__ == "__main__":
    uvloop.run(main())
