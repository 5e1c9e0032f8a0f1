"""The model behind the OpenAI endpoints, and a request on its way through the decoder."""

from __future__ import annotations

import asyncio
import threading
import time
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from slipway.runtime.serve.checkpoint import Checkpoint, CheckpointError
from slipway.runtime.serve.decoding import Decoder, Piece, QueueFull, Sequence
from slipway.runtime.serve.openai_answers import Answer, usage
from slipway.runtime.serve.openai_requests import Generation, RequestError


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


def submit(decoder: Decoder, generation: Generation) -> Run:
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

    def count(self, run: Run) -> None:
        told = usage(run.answers)
        self.counters.requests += 1
        self.counters.prompt_tokens += told["prompt_tokens"]
        self.counters.completion_tokens += told["completion_tokens"]
        self.counters.failed += any(item.finish in (None, "error") for item in run.answers)

    def ready(self) -> tuple[Checkpoint, Decoder]:
        if self.checkpoint is None or self.decoder is None:
            raise RequestError(
                "The model is still loading.", status=503, kind="server_error", code="loading"
            )
        return self.checkpoint, self.decoder
