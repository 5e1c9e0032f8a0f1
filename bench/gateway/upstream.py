"""A streaming model server without the model: each call gets N events, GAP ms apart.

Arguments: PORT N GAP. A raw asyncio server, so that what is measured in front of it is not it.
"""

from __future__ import annotations

import asyncio
import json
import sys

import uvloop

HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
    b"transfer-encoding: chunked\r\n\r\n"
)


def _event(delta: dict[str, str], **more: object) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": None}
    whole = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    data = json.dumps({**whole, "choices": [choice], **more}, separators=(",", ":"))
    return _chunk(b"data: %b\n\n" % data.encode())


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


class Stream(asyncio.Protocol):
    """One connection: a request is a head and a body that end with the bytes that came."""

    def __init__(self, events: int, gap_s: float) -> None:
        usage = {"prompt_tokens": 27, "completion_tokens": events, "total_tokens": 27 + events}
        words = [_event({"content": f" tok{n}"}) for n in range(events - 1)]
        self._events = [*words, _event({}, usage=usage)]
        self._gap_s = gap_s
        self._buffer = b""
        self._answering: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._transport = transport

    def connection_lost(self, _cause: Exception | None) -> None:
        if self._answering is not None:
            self._answering.cancel()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        if len(body) >= length:
            self._buffer = body[length:]
            self._answering = asyncio.ensure_future(self._answer())

    async def _answer(self) -> None:
        self._transport.write(HEAD)
        for event in self._events:
            self._transport.write(event)
            await asyncio.sleep(self._gap_s)
        self._transport.write(_chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n")


async def serve(port: int, events: int, gap_s: float) -> None:
    server = await asyncio.get_running_loop().create_server(
        lambda: Stream(events, gap_s), "127.0.0.1", port, backlog=4096
    )
    await server.serve_forever()


if __name__ == "__main__":
    port, events, gap_ms = sys.argv[1:]
    uvloop.run(serve(int(port), int(events), float(gap_ms) / 1000))
