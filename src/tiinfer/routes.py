"""What the front answers to which path."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tiinfer import frames
from tiinfer.connection import Client
from tiinfer.http_head import Head
from tiinfer.meters import Meters
from tiinfer.pages import API_PAGE
from tiinfer.pipeline import Pipeline, Task

PREDICT_PATH = "/v1/models/m:predict"
V2_MODEL = "/v2/models/m"
INFER_PATH = f"{V2_MODEL}/infer"
TEXT = "text/plain; charset=utf-8"

LOADING = "The model is still loading. Try again when /readyz answers 200."
EMPTY = "The request body is empty. Send a JSON document."
GONE = "The model server has stopped."
FULL = b"the server is full: too many requests wait"


@dataclass
class Model:
    """The generation that answers, as callers may see it."""

    pipeline: Pipeline | None = None
    generation: int = 0
    directory: str = ""
    openapi: dict[str, Any] = field(default_factory=dict)
    tensors: dict[str, Any] = field(default_factory=dict)
    last_reload: dict[str, Any] | None = None


@dataclass
class Routes:
    """What the connections of one front share."""

    timeout_s: float
    capacity: int
    max_request_bytes: int
    model: Model = field(default_factory=Model)
    meters: Meters = field(default_factory=Meters)
    clients: set[Client] = field(default_factory=set)
    was_ready: bool = False
    closing: bool = False
    empty: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._now = asyncio.get_running_loop().time
        self._posts: dict[bytes, Callable[[Client, Head, bytes], None]] = {
            PREDICT_PATH.encode(): self._predict,
            INFER_PATH.encode(): self._infer,
        }
        self._gets: dict[bytes, Callable[[Client], None]] = {
            b"/": lambda c: c.reply_bytes(200, b"tiinfer, with mosec's workers", TEXT),
            b"/metrics": self._metrics,
            b"/healthz": lambda c: c.reply(200, {"status": "ok"}),
            b"/readyz": self._ready,
            b"/status": self._status,
            b"/openapi.json": lambda c: c.reply(200, self.model.openapi),
            b"/docs": lambda c: c.reply_bytes(200, API_PAGE, "text/html; charset=utf-8"),
            b"/v2": self._v2_server,
            b"/v2/health/live": lambda c: c.reply(200, {"live": True}),
            b"/v2/health/ready": self._v2_ready,
            V2_MODEL.encode(): self._v2_model,
            f"{V2_MODEL}/ready".encode(): self._v2_ready,
        }

    def route(self, client: Client, head: Head, body: bytes) -> None:
        handler = self._posts.get(head.path)
        if handler is not None:
            if head.method == b"POST":
                handler(client, head, body)
            else:
                client.reply(405, {"error": "Only POST is served here."}, "allow: POST\r\n")
            return
        page = self._gets.get(head.path)
        if page is None:
            path = head.path.decode("latin-1")
            client.reply(404, {"error": f"There is no {path}; the model is at {PREDICT_PATH}."})
        elif head.method in (b"GET", b"HEAD"):
            page(client)
        else:
            client.reply(405, {"error": "Only GET is served here."}, "allow: GET\r\n")

    def count(self, status: int, head: Head) -> None:
        self.meters.answers[status, head.path.decode("latin-1")] += 1

    def close(self) -> None:
        """Let go of idle clients; busy ones leave after their answer."""
        self.closing = True
        for client in list(self.clients):
            client.leave_if_idle()
        if not self.clients:
            self.empty.set()

    def forget(self, client: Client) -> None:
        self.clients.discard(client)
        if self.closing and not self.clients:
            self.empty.set()

    # ---- the model ----

    def _predict(self, client: Client, head: Head, body: bytes) -> None:
        if body:
            self._submit(client, head, body, 0)
        else:
            client.reply(400, {"error": EMPTY})

    def _infer(self, client: Client, head: Head, body: bytes) -> None:
        """The worker gets the length of the JSON in front of it; what follows is binary."""
        length = len(body)
        told = head.header(b"inference-header-content-length")
        if told is not None:
            if not told.isdigit() or int(told) > length:
                text = "Inference-Header-Content-Length is not a length within the body."
                client.reply(400, {"error": text})
                return
            length = int(told)
        if body:
            self._submit(client, head, length.to_bytes(4, "big") + body, frames.V2)
        else:
            client.reply(400, {"error": EMPTY})

    def _submit(self, client: Client, head: Head, payload: bytes, bits: int) -> None:
        pipeline = self.model.pipeline
        if pipeline is None:
            if self.was_ready:
                client.reply(502, {"error": GONE})
            else:
                client.reply(503, {"error": LOADING}, "retry-after: 1\r\n")
            return
        now = self._now()
        task = Task(client, payload, bits, now, now + self.timeout_s)
        client.submitted(pipeline, task)
        if len(pipeline.tasks) >= self.capacity:
            client.finish(429, FULL)
        else:
            pipeline.submit(task)

    # ---- pages ----

    def _metrics(self, client: Client) -> None:
        pipeline = self.model.pipeline
        stages = pipeline.stages if pipeline else []
        limits = {stage.plan.name: stage.limit for stage in stages}
        text = self.meters.text(len(pipeline.tasks) if pipeline else 0, limits)
        client.reply_bytes(200, text.encode(), TEXT)

    def _ready(self, client: Client) -> None:
        pipeline = self.model.pipeline
        if pipeline is not None and pipeline.loaded():
            client.reply(200, {"status": "ready"})
        else:
            client.reply(503, {"status": "loading", "error": LOADING})

    def _status(self, client: Client) -> None:
        model = self.model
        client.reply(
            200,
            {
                "ready": model.pipeline is not None,
                "generation": model.generation,
                "model_dir": model.directory,
                "last_reload": model.last_reload,
            },
        )

    def _v2_server(self, client: Client) -> None:
        client.reply(200, {"name": "tiinfer", "version": "1", "extensions": ["binary_tensor_data"]})

    def _v2_ready(self, client: Client) -> None:
        pipeline = self.model.pipeline
        if pipeline is not None and pipeline.loaded():
            client.reply(200, {"name": "m", "ready": True})
        else:
            client.reply(503, {"name": "m", "ready": False, "error": LOADING})

    def _v2_model(self, client: Client) -> None:
        generation = str(self.model.generation)
        told = self.model.tensors
        client.reply(
            200,
            {
                "name": "m",
                "versions": [generation],
                "platform": "tiinfer",
                "inputs": told.get("inputs", []),
                "outputs": told.get("outputs", []),
            },
        )
