"""The HTTP door in front of mosec: probes, clear refusals, and otherwise a pipe.

mosec's own compiled front listens on a private port and serves the predict path. This
process owns the public socket because mosec does not do four things: answer while
models load, offer `/healthz` and `/readyz`, refuse an empty body (it says 200), and
explain a wrong path. All else passes through as bytes: the head of a request and of a
response is looked at once to find where the message ends, bodies are never parsed.

Each client connection has one connection to mosec, so answers cannot be mixed up. A
message whose end the head does not tell (chunked, upgrade, 100-continue) turns its
connection into a plain tunnel: mosec then judges by itself.

A program of its own (`python -m tiinfer.front`): it imports no model code, so a model
that blocks or crashes cannot take the probes with it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import socket
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from tiinfer.http_head import CLOSE, Head, answer, content_length, parse_head

PREDICT_PATH = b"/v1/models/m:predict"
# What mosec itself answers to GET.
MOSEC_PATHS = (b"/", b"/metrics")
MAX_HEAD_BYTES = 64 * 1024
# Requests that arrive while one is being answered wait here; beyond it the client waits.
MAX_HELD_BYTES = 1024 * 1024

LOADING = "The model is still loading. Try again when /readyz answers 200."
EMPTY = "The request body is empty. Send a JSON document."


@dataclass(slots=True)
class Door:
    """What the connections of one front share."""

    upstream_port: int
    clients: set[Client] = field(default_factory=set)
    was_ready: bool = False
    closing: bool = False
    empty: asyncio.Event = field(default_factory=asyncio.Event)

    async def connect(self, client: Client) -> Upstream | None:
        """A connection to mosec, which opens its port once every stage has a loaded process."""
        loop = asyncio.get_running_loop()
        try:
            _, upstream = await loop.create_connection(
                lambda: Upstream(client), "127.0.0.1", self.upstream_port
            )
        except OSError:
            return None
        self.was_ready = True
        return upstream

    def close(self) -> None:
        """Let go of idle clients; busy ones leave after their answer."""
        self.closing = True
        for client in list(self.clients):
            client.leave_if_idle()
        self.forget(None)

    def forget(self, client: Client | None) -> None:
        if client is not None:
            self.clients.discard(client)
        if self.closing and not self.clients:
            self.empty.set()


class Upstream(asyncio.Protocol):
    """The connection to mosec that belongs to one client."""

    __slots__ = ("client", "head", "left", "transport")

    def __init__(self, client: Client) -> None:
        self.client = client
        self.transport: asyncio.Transport = None  # type: ignore[assignment]
        self.head = b""
        self.left = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        client = self.client
        client.transport.write(data)
        if client.tunnel:
            return
        if self.left:
            self.left -= len(data)
        elif not self._start(data):
            return
        if self.left <= 0:
            client.answered()

    def _start(self, data: bytes) -> bool:
        """Find the end of the answer that begins here; False while that is unknown."""
        head = self.head + data if self.head else data
        end = head.find(b"\r\n\r\n")
        if end < 0:
            self.head = head
            return False
        self.head = b""
        length, certain = content_length(head[:end].lower())
        if length is None or not certain:
            self.client.become_tunnel()
            return False
        self.left = length - (len(head) - end - 4)
        self.client.answering = True
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self.client.upstream_lost()

    def pause_writing(self) -> None:
        self.client.transport.pause_reading()

    def resume_writing(self) -> None:
        self.client.transport.resume_reading()


class Client(asyncio.Protocol):
    """One client connection: one request at a time, in order."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.transport: asyncio.Transport = None  # type: ignore[assignment]
        self.upstream: Upstream | None = None
        self.held = b""
        self.body_left = 0
        self.discard = False
        self.busy = False
        self.answering = False
        self.tunnel = False
        self.work: asyncio.Task[None] | None = None

    # ---- events ----

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        self.door.clients.add(self)

    def data_received(self, data: bytes) -> None:
        if self.tunnel and self.upstream:
            self.upstream.transport.write(data)
            return
        if self.body_left and not self.held and self.work is None:
            data = self._pass_body(data)
            if not data:
                return
        self.held = self.held + data if self.held else data
        if not self.busy:
            self._next_request()
        elif len(self.held) > MAX_HELD_BYTES:
            self.transport.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self.door.forget(self)
        if self.work:
            self.work.cancel()
        if self.upstream:
            self.upstream.transport.abort()

    def pause_writing(self) -> None:
        if self.upstream:
            self.upstream.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.upstream:
            self.upstream.transport.resume_reading()

    def eof_received(self) -> bool:
        # A client may shut its sending side and still wait for the answer.
        return self.busy

    # ---- the request ----

    def _next_request(self) -> None:
        end = self.held.find(b"\r\n\r\n")
        if end < 0:
            if len(self.held) > MAX_HEAD_BYTES:
                self._refuse_and_close(431, "The request head is larger than 64 KB.")
            return
        head = parse_head(self.held, end)
        if head is None:
            self._refuse_and_close(400, "This is not an HTTP/1.1 request.")
            return
        if head.chunked and len(self.held) < head.end + 3:
            return  # whether the body is empty shows in its first bytes
        self._route(head)

    def _route(self, head: Head) -> None:
        if head.path == PREDICT_PATH and head.method == b"POST":
            if head.body_bytes == 0 and self._is_empty(head):
                self._reply(head, 400, {"error": EMPTY})
            else:
                self._forward(head)
        elif head.path == PREDICT_PATH:
            self._reply(head, 405, {"error": "Only POST is served here."}, "allow: POST\r\n")
        elif head.path not in (*MOSEC_PATHS, b"/healthz", b"/readyz"):
            path = head.path.decode("latin-1")
            wanted = PREDICT_PATH.decode()
            self._reply(head, 404, {"error": f"There is no {path}; the model is at {wanted}."})
        elif head.method != b"GET" and (head.path in MOSEC_PATHS or head.method != b"HEAD"):
            self._reply(head, 405, {"error": "Only GET is served here."}, "allow: GET\r\n")
        elif head.path == b"/healthz":
            self._reply(head, 200, {"status": "ok"})
        elif head.path == b"/readyz":
            self._begin(self._tell_ready(head))
        else:
            self._forward(head)

    def _is_empty(self, head: Head) -> bool:
        return not head.opaque or self.held.startswith(b"0\r\n", head.end)

    def _forward(self, head: Head) -> None:
        if self.upstream is None:
            self._begin(self._connect(head))
            return
        self.busy = True
        self.answering = self.discard = False
        if head.opaque:
            self.become_tunnel()
            return
        total = head.end + head.body_bytes
        held, self.held = self.held, b""
        self.body_left = max(0, total - len(held))
        self.held = held[total:]
        self.upstream.transport.write(held[:total] if self.held else held)

    def _pass_body(self, data: bytes) -> bytes:
        """Send on what belongs to the current body; the rest is the next request."""
        part, rest = data[: self.body_left], data[self.body_left :]
        self.body_left -= len(part)
        if not self.discard and self.upstream:
            self.upstream.transport.write(part)
        return rest

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        self.busy = True
        self.work = asyncio.get_running_loop().create_task(work)

    async def _connect(self, head: Head) -> None:
        upstream = await self.door.connect(self)
        self.work = None
        self.upstream = upstream
        if upstream:
            self._forward(head)
        elif self.door.was_ready:
            self._reply(head, 502, {"error": "The model server has stopped."})
        else:
            self._reply(head, 503, {"error": LOADING}, "retry-after: 1\r\n")

    async def _tell_ready(self, head: Head) -> None:
        if self.upstream is None:
            self.upstream = await self.door.connect(self)
        self.work = None
        if self.upstream:
            self._reply(head, 200, {"status": "ready"})
        else:
            self._reply(head, 503, {"status": "loading", "error": LOADING})

    # ---- the answer ----

    def _reply(self, head: Head, status: int, body: dict[str, str], headers: str = "") -> None:
        """Answer here; what is left of the request's body is read and dropped."""
        keep = not head.opaque and not self.door.closing
        headers = headers if keep else headers + CLOSE
        self.transport.write(answer(status, body, headers, body_wanted=head.method != b"HEAD"))
        if not keep:
            self.transport.close()
            return
        held, total = self.held, head.end + head.body_bytes
        self.held, self.body_left, self.discard = held[total:], max(0, total - len(held)), True
        self.busy = False
        if self.held:
            self._next_request()

    def _refuse_and_close(self, status: int, text: str) -> None:
        self.transport.write(answer(status, {"error": text}, CLOSE))
        self.transport.close()

    def answered(self) -> None:
        """The answer of the current request is complete."""
        self.busy = self.answering = False
        if self.body_left:  # answered early: mosec does not want the rest
            self.transport.close()
        elif self.door.closing:
            self.leave_if_idle()
        elif self.held:
            self.transport.resume_reading()
            self._next_request()

    def become_tunnel(self) -> None:
        self.tunnel = self.busy = True
        if self.held and self.upstream:
            self.upstream.transport.write(self.held)
            self.held = b""

    def upstream_lost(self) -> None:
        if self.busy and not self.answering and not self.tunnel:
            text = "The model server closed the connection before it answered."
            self._refuse_and_close(502, text)
        else:
            self.transport.close()

    def leave_if_idle(self) -> None:
        if not self.busy and not self.held:
            self.transport.close()


async def serve(sock: socket.socket, upstream_port: int) -> None:
    """Serve on a listening socket until SIGTERM, then finish what is being answered."""
    loop = asyncio.get_running_loop()
    door = Door(upstream_port)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    server = await loop.create_server(lambda: Client(door), sock=sock, backlog=1024)
    await stop.wait()
    server.close()
    door.close()
    await door.empty.wait()


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tiinfer.front")
    parser.add_argument("--fd", type=int, required=True, help="a bound TCP socket")
    parser.add_argument("--upstream", type=int, required=True, help="mosec's port")
    args = parser.parse_args(argv)
    with contextlib.suppress(ImportError):
        import uvloop

        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    with socket.socket(fileno=args.fd) as sock:
        asyncio.run(serve(sock, args.upstream))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
