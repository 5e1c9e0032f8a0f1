"""`python -m bench.gateway.hammer URL COUNT CONNECTIONS`: so many calls, each judged; prints JSON.

Every answer is read to its end and must be 200 with the body that was sent. A connection that the
gateway closes between two calls is opened anew; one that breaks inside a call is a failed call.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from urllib.parse import urlsplit


async def main(url: str, count: int, connections: int) -> None:
    where = urlsplit(url)
    assert where.hostname is not None
    left, found, began = [count], Counter[str](), time.monotonic()
    callers = [
        _call_on(where.hostname, where.port or 80, where.path, left, found)
        for _ in range(connections)
    ]
    await asyncio.gather(*callers)
    print(json.dumps({"answers": found, "seconds": time.monotonic() - began}))


async def _call_on(host: str, port: int, path: str, left: list[int], found: Counter[str]) -> None:
    streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
    while left[0] > 0:
        left[0] -= 1
        body = b"%d" % left[0]
        if streams is None:
            streams = await asyncio.open_connection(host, port)
        reader, writer = streams
        try:
            async with asyncio.timeout(30):
                status, said, kept = await _call(reader, writer, path.encode(), body)
        except (OSError, asyncio.IncompleteReadError, ValueError, TimeoutError) as error:
            found[type(error).__name__] += 1
            kept = False
        else:
            found["ok" if status == 200 and said == body else f"status {status}"] += 1
        if not kept:
            writer.close()
            streams = None


async def _call(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: bytes, body: bytes
) -> tuple[int, bytes, bool]:
    writer.write(
        b"POST %b HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%b" % (path, len(body), body)
    )
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
    return int(head.split(None, 2)[1]), await reader.readexactly(length), b"close" not in head


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
