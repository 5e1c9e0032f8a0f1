"""A small real HTTP server that stands for an instance. What it answers is up to the test."""

import asyncio
import base64
import email
import hashlib
import io
import json
import wave
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from PIL import Image

from .loop_thread import LoopThread


@dataclass
class Request:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    raw_head: bytes


@dataclass
class Line:
    """The instance's end of one connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def json(self, status: int, value: object, extra: str = "") -> None:
        body = json.dumps(value).encode()
        head = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n{extra}"
        await self.send(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)

    async def start_stream(self) -> None:
        await self.send(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
            b"transfer-encoding: chunked\r\n\r\n"
        )

    async def piece(self, data: bytes) -> None:
        await self.send(b"%x\r\n%b\r\n" % (len(data), data))

    async def end_stream(self) -> None:
        await self.send(b"0\r\n\r\n")


Behaviour = Callable[[Request, Line], Awaitable[None]]


def event(value: object) -> bytes:
    return b"data: " + json.dumps(value, separators=(",", ":")).encode() + b"\n\n"


def chat_chunk(delta: dict, finish: str | None = None, **more: object) -> dict:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return {**head, "choices": [choice], **more}


def chat_events(include_usage: bool, words: tuple[str, ...] = ("Hel", "lo", " \\u00e9 你好")):
    """The events of one streamed answer, as a server with the OpenAI format sends them."""
    null = {"usage": None} if include_usage else {}
    yield event(chat_chunk({"role": "assistant", "content": ""}, **null))
    for word in words:
        yield event(chat_chunk({"content": word}, **null))
    yield event(chat_chunk({}, "stop", **null))
    if include_usage:
        usage = {"prompt_tokens": 9, "completion_tokens": 120, "total_tokens": 129}
        yield event({**chat_chunk({}), "choices": [], "usage": usage})
    yield b"data: [DONE]\n\n"


def picture(prompt: str, width: int, height: int) -> bytes:
    """A PNG of the asked size whose colours come from the prompt."""
    colour = tuple(hashlib.sha256(prompt.encode()).digest()[:3])
    content = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(content, "PNG")
    return content.getvalue()


async def openai_like(request: Request, line: Line) -> None:
    """Chat, completions and embeddings with usage; anything else is echoed."""
    if request.method != "POST" or not request.target.startswith("/v1/"):
        await echo(request, line)
        return
    if "audio" in request.target:
        await transcribe(request, line)
        return
    body = json.loads(request.body)
    if body.get("stream"):
        await line.start_stream()
        for part in chat_events(bool((body.get("stream_options") or {}).get("include_usage"))):
            await line.piece(part)
        await line.end_stream()
    elif "images" in request.target:
        width, height = map(int, str(body.get("size") or "64x64").split("x"))
        pictures = [
            picture(f"{body['prompt']} {i}", width, height) for i in range(body.get("n") or 1)
        ]
        data = [{"b64_json": base64.b64encode(png).decode()} for png in pictures]
        await line.json(200, {"id": "1694268190", "data": data})
    elif "rerank" in request.target:
        words = set(body["query"].split())
        scores = [len(words & set(text.split())) / len(words) for text in body["documents"]]
        order = sorted(range(len(scores)), key=lambda i: -scores[i])[: body.get("top_n")]
        results = [{"index": i, "relevance_score": scores[i]} for i in order]
        await line.json(200, {"results": results, "usage": {"prompt_tokens": 7, "total_tokens": 7}})
    elif "embeddings" in request.target:
        data = [{"object": "embedding", "index": 0, "embedding": [0.5, 0.25]}]
        usage = {"prompt_tokens": 3, "total_tokens": 3}
        answer = {"object": "list", "data": data, "model": body["model"], "usage": usage}
        await line.json(200, answer)
    else:
        message = {"role": "assistant", "content": "Hello!"}
        choice = {"index": 0, "message": message, "text": "Hello!", "finish_reason": "stop"}
        usage = {"prompt_tokens": 9, "completion_tokens": 12, "total_tokens": 21}
        answer = {"id": "c-1", "object": "chat.completion", "created": 1, "model": body["model"],
                  "choices": [choice], "usage": usage}  # fmt: skip
        await line.json(200, answer)


async def transcribe(request: Request, line: Line) -> None:
    """Says how long a WAV file is: what a small model of sounds can be sure of."""
    form = email.message_from_bytes(
        b"content-type: " + request.headers["content-type"].encode() + b"\r\n\r\n" + request.body
    )
    parts = {part.get_param("name", header="content-disposition"): part for part in form.walk()}
    with wave.open(io.BytesIO(parts["file"].get_payload(decode=True))) as sound:
        seconds = sound.getnframes() / sound.getframerate()
    model = parts["model"].get_payload(decode=True).decode().strip()
    await line.json(200, {"text": f"{seconds:.1f} s of silence", "model": model})


async def echo(request: Request, line: Line) -> None:
    await line.json(
        200,
        {
            "method": request.method,
            "target": request.target,
            "headers": request.headers,
            "size": len(request.body),
            "sha256": hashlib.sha256(request.body).hexdigest(),
        },
    )


@dataclass
class Upstream:
    loop: LoopThread
    behaviour: Behaviour = echo
    port: int = 0
    requests: list[Request] = field(default_factory=list)
    open_lines: int = 0
    accepted: int = 0
    before_body: Callable[[], Awaitable[object]] | None = None
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task] = field(default_factory=set)

    def start(self) -> "Upstream":
        self.loop.run(self._start())
        return self

    def close(self) -> None:
        self.loop.run(self._close())

    async def _start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, limit=2**16)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.open_lines += 1
        self.accepted += 1
        try:
            while True:
                request = await self._read_request(reader)
                self.requests.append(request)
                await self.behaviour(request, Line(reader, writer))
                if writer.transport.is_closing():
                    return
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            return
        finally:
            self.open_lines -= 1
            self._tasks.discard(task)
            writer.transport.abort()

    async def _read_request(self, reader: asyncio.StreamReader) -> Request:
        raw = await reader.readuntil(b"\r\n\r\n")
        first, *lines = raw.decode("latin-1").strip().split("\r\n")
        method, target, _ = first.split(" ")
        headers = {n.lower(): v.strip() for n, _, v in (line.partition(":") for line in lines)}
        if self.before_body is not None:
            await self.before_body()
        body = b""
        if "chunked" in headers.get("transfer-encoding", ""):
            while size := int(await reader.readuntil(b"\r\n"), 16):
                body += (await reader.readexactly(size + 2))[:-2]
            await reader.readuntil(b"\r\n")
        elif "content-length" in headers:
            body = await reader.readexactly(int(headers["content-length"]))
        return Request(method, target, headers, body, raw)
