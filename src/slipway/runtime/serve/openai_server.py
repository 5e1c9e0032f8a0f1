"""A small OpenAI-compatible server for one model on transformers; the engine used on a CPU.

Why not `transformers serve` (5.23), which stays selectable in `llm.py`: it reports usage in
streams without being asked and ignores `stream_options`, knows a local model by its path only
(no served name), takes neither LoRA directories nor `echo`/`logprobs`, answers errors in
FastAPI's form instead of OpenAI's, sets the seed for the whole process, and runs requests one
after the other unless continuous batching is on. It is also larger at rest.

Endpoints: /v1/chat/completions, /v1/completions, /v1/models, /health, /readyz, /healthz, /metrics.
Answers to probes begin before the weights are loaded: /healthz says the process is up, /health
and /readyz say 503 until the model can answer.
"""

from __future__ import annotations

import asyncio
import json
import os
import threading
import time
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from slipway.runtime.serve.checkpoint import Checkpoint, CheckpointError
from slipway.runtime.serve.decoding import Decoder, Piece, QueueFull, Sequence
from slipway.runtime.serve.openai_answers import (
    DONE,
    Answer,
    ChatWriter,
    CompletionWriter,
    Writer,
    sse,
    usage,
)
from slipway.runtime.serve.openai_requests import (
    Body,
    Generation,
    RequestError,
    read_chat,
    read_completion,
)

MAX_BODY_BYTES = 32 * 1024 * 1024


@dataclass
class Counters:
    """What /metrics tells."""

    requests: int = 0
    failed: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass
class Engine:
    """The model that this process serves; loading happens in a thread of its own."""

    names: list[str]
    load: Callable[[], Checkpoint]
    max_batch: int = 8
    created: int = field(default_factory=lambda: int(time.time()))
    counters: Counters = field(default_factory=Counters)
    checkpoint: Checkpoint | None = None
    decoder: Decoder | None = None
    error: str | None = None

    def start(self, on_failure: Callable[[], None]) -> None:
        def work() -> None:
            try:
                begun = time.monotonic()
                checkpoint = self.load()
                decoder = Decoder(checkpoint, max_batch=self.max_batch)
                decoder.start()
                self.checkpoint, self.decoder = checkpoint, decoder
                print(f"model loaded in {time.monotonic() - begun:.1f} s", flush=True)
            except CheckpointError as error:
                self.error = str(error)
                on_failure()
            except Exception as error:  # noqa: BLE001 - told to whoever started the program
                traceback.print_exc()
                self.error = f"{type(error).__name__}: {error}"
                on_failure()

        threading.Thread(target=work, name="loader", daemon=True).start()

    def ready(self) -> tuple[Checkpoint, Decoder]:
        if self.checkpoint is None or self.decoder is None:
            raise RequestError(
                "The model is still loading.", status=503, kind="server_error", code="loading"
            )
        return self.checkpoint, self.decoder


def create_app(engine: Engine, on_failure: Callable[[], None]) -> Starlette:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        engine.start(on_failure)
        yield
        if engine.decoder:
            engine.decoder.close()

    app = Starlette(
        routes=[
            Route("/v1/chat/completions", chat, methods=["POST"]),
            Route("/v1/completions", completion, methods=["POST"]),
            Route("/v1/models", list_models),
            Route("/v1/models/{name:path}", get_model),
            Route("/health", health),
            Route("/readyz", health),
            Route("/healthz", alive),
            Route("/metrics", metrics),
        ],
        lifespan=lifespan,
        exception_handlers={404: _not_found, 405: _not_found, RequestError: _refused},  # type: ignore[dict-item]
    )
    app.state.engine = engine
    return app


# ---- endpoints ----


async def chat(request: Request) -> Response:
    engine: Engine = request.app.state.engine
    body, name = await _read(request, engine)
    checkpoint, decoder = engine.ready()
    generation = read_chat(body, checkpoint)
    writer = ChatWriter(name, checkpoint.tokenizer, logprobs=generation.params.logprobs is not None)
    return await _answer(request, engine, decoder, generation, writer)


async def completion(request: Request) -> Response:
    engine: Engine = request.app.state.engine
    body, name = await _read(request, engine)
    checkpoint, decoder = engine.ready()
    generation = read_completion(body, checkpoint)
    writer = CompletionWriter(
        name,
        checkpoint.tokenizer,
        logprobs=generation.params.logprobs is not None,
        echo=generation.echo,
    )
    return await _answer(request, engine, decoder, generation, writer)


async def list_models(request: Request) -> Response:
    engine: Engine = request.app.state.engine
    return JSONResponse({"object": "list", "data": [_model(engine, name) for name in engine.names]})


async def get_model(request: Request) -> Response:
    engine: Engine = request.app.state.engine
    return JSONResponse(_model(engine, _known(engine, request.path_params["name"])))


async def health(request: Request) -> Response:
    if request.app.state.engine.decoder is None:
        return JSONResponse({"status": "loading"}, status_code=503)
    return JSONResponse({"status": "ok"})


async def alive(request: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def metrics(request: Request) -> Response:
    engine: Engine = request.app.state.engine
    running, waiting = engine.decoder.load_of() if engine.decoder else (0, 0)
    counted = engine.counters
    rows = [
        ("requests_total", "counter", counted.requests),
        ("failed_requests_total", "counter", counted.failed),
        ("prompt_tokens_total", "counter", counted.prompt_tokens),
        ("completion_tokens_total", "counter", counted.completion_tokens),
        ("sequences_running", "gauge", running),
        ("sequences_waiting", "gauge", waiting),
    ]
    text = "".join(f"# TYPE slipway_llm_{n} {kind}\nslipway_llm_{n} {v}\n" for n, kind, v in rows)
    return PlainTextResponse(text)


# ---- one generation ----


@dataclass(frozen=True)
class Run:
    """A request in the decoder: its sequences and the queue that their pieces come through."""

    sequences: list[Sequence]
    answers: list[Answer]
    pieces: asyncio.Queue[tuple[int, Piece]]

    async def each(self) -> AsyncIterator[tuple[int, Piece]]:
        """Pieces as they come, until each prompt has its end."""
        open_answers = len(self.answers)
        while open_answers:
            index, piece = await self.pieces.get()
            self.answers[index].add(piece)
            open_answers -= piece.finish is not None
            yield index, piece

    def cancel(self) -> None:
        for sequence in self.sequences:
            sequence.cancelled = True


def _submit(decoder: Decoder, generation: Generation) -> Run:
    loop = asyncio.get_running_loop()
    pieces: asyncio.Queue[tuple[int, Piece]] = asyncio.Queue()

    def emitter(index: int) -> Callable[[Piece], None]:
        def emit(piece: Piece) -> None:
            with suppress(RuntimeError):  # the loop has ended with the program
                loop.call_soon_threadsafe(pieces.put_nowait, (index, piece))

        return emit

    score = generation.echo and generation.params.logprobs is not None
    sequences = [
        Sequence(prompt, generation.params, emitter(index), score_prompt=score)
        for index, prompt in enumerate(generation.prompts)
    ]
    try:
        decoder.submit(sequences)
    except QueueFull as error:
        raise RequestError(
            f"{error} Try again shortly.", status=429, kind="rate_limit_error", code="queue_full"
        ) from error
    return Run(sequences, [Answer(prompt) for prompt in generation.prompts], pieces)


async def _answer(
    request: Request, engine: Engine, decoder: Decoder, generation: Generation, writer: Writer
) -> Response:
    run = _submit(decoder, generation)
    if generation.stream:
        events = _events(engine, run, generation, writer)
        return StreamingResponse(
            events, media_type="text/event-stream", headers={"cache-control": "no-cache"}
        )
    finished = asyncio.ensure_future(_collect(run))
    gone = asyncio.ensure_future(_disconnected(request))
    try:
        await asyncio.wait({finished, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not finished.done():
            raise ClientDisconnect
        finished.result()
    finally:
        run.cancel()
        finished.cancel()
        gone.cancel()
    _count(engine, run)
    if any(answer.finish == "error" for answer in run.answers):
        raise _failed()
    return JSONResponse(writer.whole(run.answers))


async def _collect(run: Run) -> None:
    async for _ in run.each():
        pass


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _events(
    engine: Engine, run: Run, generation: Generation, writer: Writer
) -> AsyncIterator[bytes]:
    """The stream; closing it early, as a client that leaves does, ends the generation."""
    try:
        for data in writer.first():
            yield sse(data)
        async for index, piece in run.each():
            if piece.finish == "error":
                yield sse({"error": _failed().error})
                continue
            chunk = writer.chunk(index, run.answers[index], piece)
            if chunk is not None:
                yield sse(chunk)
        if generation.stream_usage:
            yield sse(writer.last(run.answers))
        yield DONE
    finally:
        run.cancel()
        _count(engine, run)


def _count(engine: Engine, run: Run) -> None:
    told = usage(run.answers)
    engine.counters.requests += 1
    engine.counters.prompt_tokens += told["prompt_tokens"]
    engine.counters.completion_tokens += told["completion_tokens"]
    engine.counters.failed += any(answer.finish in (None, "error") for answer in run.answers)


def _failed() -> RequestError:
    return RequestError(
        "The model failed on this request; the service's log says why.",
        status=500,
        kind="server_error",
        code="generation_failed",
    )


# ---- requests and refusals ----


async def _read(request: Request, engine: Engine) -> tuple[Body, str]:
    """The body and the model it names."""
    raw = bytearray()
    async for part in request.stream():
        raw += part
        if len(raw) > MAX_BODY_BYTES:
            raise RequestError("The request is larger than 32 MB.", status=413)
    try:
        body = json.loads(bytes(raw))
    except ValueError as error:
        raise RequestError(f"The body is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise RequestError("The body must be a JSON object.")
    name = body.get("model", engine.names[0])
    if not isinstance(name, str):
        raise RequestError("model must be text.", param="model")
    return body, _known(engine, name)


def _known(engine: Engine, name: str) -> str:
    if name in engine.names:
        return name
    served = ", ".join(engine.names)
    raise RequestError(
        f"The model {name!r} is not served here; this service has: {served}.",
        status=404,
        param="model",
        code="model_not_found",
    )


def _model(engine: Engine, name: str) -> dict[str, object]:
    limit = engine.checkpoint.max_len if engine.checkpoint else None
    return {
        "id": name,
        "object": "model",
        "created": engine.created,
        "owned_by": "slipway",
        "max_model_len": limit,
    }


async def _refused(request: Request, error: RequestError) -> Response:
    return JSONResponse({"error": error.error}, status_code=error.status)


async def _not_found(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 404)
    text = f"{request.method} {request.url.path} is not served here."
    headers = getattr(error, "headers", None)
    content = {"error": RequestError(text, status=status, code="unknown_url").error}
    return JSONResponse(content, status_code=status, headers=headers)


def serve(engine: Engine, host: str, port: int, log_level: str = "warning") -> int:
    """Run until a signal, or until loading fails; returns the exit code."""
    import uvicorn

    config = uvicorn.Config(
        lambda: app, factory=True, host=host, port=port, log_level=log_level, access_log=False,
        timeout_graceful_shutdown=int(os.environ.get("SLIPWAY_GRACE_S", "30")),
    )  # fmt: skip
    server = uvicorn.Server(config)

    def fail() -> None:
        server.should_exit = True

    app = create_app(engine, fail)
    server.run()
    return 0 if server.started and engine.error is None else 1
