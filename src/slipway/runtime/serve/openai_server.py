"""A small OpenAI-compatible server for one model on transformers; the engine used on a CPU.

Why not `transformers serve`, which stays selectable in `llm.py`. Tried with 5.23: a request has
to name a local model by its path (no served name), `/v1/models` fails without a hub, usage
comes in every stream and `stream_options` is ignored, `echo`, `logprobs` and LoRA directories
are not known, errors have FastAPI's form instead of OpenAI's, and a seed is set for the whole
process. Measured on 2 cores with 2 layers of 32, 200 greedy tokens a request, tokens/s for 1,
4 and 8 callers: 1,650 / 1,750 / 1,740, with continuous batching 1,330 / 3,340 / 5,540 in
4.7 GB of memory; here 1,800 / 4,700 / 8,800 in 0.4 GB. Ready after 5.2 s there, 3.9 s here.

Endpoints: /v1/chat/completions, /v1/completions, /v1/models, /health, /readyz, /healthz, /metrics.
Answers to probes begin before the weights are loaded: /healthz says the process is up, /health
and /readyz say 503 until the model can answer.
"""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from slipway.runtime.serve.decoding import Decoder
from slipway.runtime.serve.openai_answers import DONE, ChatWriter, CompletionWriter, Writer, sse
from slipway.runtime.serve.openai_engine import Engine, Run, submit
from slipway.runtime.serve.openai_requests import (
    Body,
    Generation,
    RequestError,
    read_chat,
    read_completion,
)

MAX_BODY_BYTES = 32 * 1024 * 1024
# nginx's number for it; nobody reads this answer.
CLIENT_LEFT = 499


def create_app(engine: Engine, on_failure: Callable[[], None]) -> Starlette:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        engine.start(on_failure)
        yield
        if engine.decoder:
            engine.decoder.close()

    # Starlette's type wants handlers of any Exception; it calls each with its own kind only.
    handlers: Any = {
        404: _not_found,
        405: _not_found,
        RequestError: _refused,
        ClientDisconnect: _left,
    }
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
        exception_handlers=handlers,
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


async def _answer(
    request: Request, engine: Engine, decoder: Decoder, generation: Generation, writer: Writer
) -> Response:
    run = submit(decoder, generation)
    if generation.stream:
        events = _events(engine, run, generation, writer)
        return StreamingResponse(
            events, media_type="text/event-stream", headers={"cache-control": "no-cache"}
        )
    finished = asyncio.ensure_future(_collect(run))
    gone = asyncio.ensure_future(_disconnected(request))
    try:
        await asyncio.wait({finished, gone}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        run.cancel()
        finished.cancel()
        gone.cancel()
        engine.count(run)
    if not finished.done():
        return Response(status_code=CLIENT_LEFT)
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
        engine.count(run)


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


async def _left(request: Request, error: ClientDisconnect) -> Response:
    return Response(status_code=CLIENT_LEFT)


async def _refused(request: Request, error: RequestError) -> Response:
    return JSONResponse({"error": error.error}, status_code=error.status)


async def _not_found(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 404)
    text = f"{request.method} {request.url.path} is not served here."
    headers = getattr(error, "headers", None)
    content = {"error": RequestError(text, status=status, code="unknown_url").error}
    return JSONResponse(content, status_code=status, headers=headers)


class _Server(uvicorn.Server):
    """Ends with status 0 when told to; uvicorn would let the signal kill it afterwards."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.handle_exit)
        yield


def serve(engine: Engine, host: str, port: int, *, log_level: str, grace_s: int) -> int:
    """Run until a signal, or until loading fails; returns the exit code."""

    def fail() -> None:
        server.should_exit = True

    config = uvicorn.Config(
        create_app(engine, fail),
        host=host,
        port=port,
        log_level=log_level,
        access_log=False,
        timeout_graceful_shutdown=grace_s,
    )
    server = _Server(config)
    server.run()
    return 0 if server.started and engine.error is None else 1
