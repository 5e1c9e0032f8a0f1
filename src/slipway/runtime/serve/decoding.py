"""Generate for several requests at once: sequences join and leave the batch at any step.

One thread owns the model. A new sequence is prefilled alone, its keys and values are padded
on the left and appended to the batch; a finished one is cut out. So a long answer does not
make short ones wait, and a small model on a CPU, whose steps are mostly overhead, serves
eight callers in about the time of two.
"""

from __future__ import annotations

import inspect
import threading
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from slipway.runtime.serve.checkpoint import Checkpoint
from slipway.runtime.serve.sampling import Sampler, SamplingParams, TokenLogprob, token_logprob
from slipway.runtime.serve.text_stream import TextStream

if TYPE_CHECKING:
    import torch

FinishReason = Literal["stop", "length", "error"]


@dataclass(frozen=True)
class Piece:
    """One step of an answer. finish is set on the last piece only."""

    text: str = ""
    tokens: int = 0
    logprob: TokenLogprob | None = None
    prompt_logprobs: tuple[TokenLogprob | None, ...] = ()
    finish: FinishReason | None = None


@dataclass(eq=False)
class Sequence:
    """One prompt on its way. `emit` is called from the decoding thread, in order."""

    prompt_ids: list[int]
    params: SamplingParams
    emit: Callable[[Piece], None]
    # Also give the log-probabilities of the prompt's own tokens.
    score_prompt: bool = False
    cancelled: bool = False
    length: int = 0
    generated: int = 0
    last: int = 0
    sampler: Sampler = field(init=False)
    text: TextStream = field(init=False)


class QueueFull(Exception):
    """Too many requests are waiting."""


class Decoder:
    """Owns the model and its batch."""

    def __init__(
        self, checkpoint: Checkpoint, *, max_batch: int = 8, max_waiting: int = 256
    ) -> None:
        self._checkpoint = checkpoint
        self._model = checkpoint.model
        self._max_batch = max_batch if joinable(checkpoint.model) else 1
        self._max_waiting = max_waiting
        # Logits of a long prompt would take more memory than the model; most models can skip.
        parameters = inspect.signature(checkpoint.model.forward).parameters
        self._keeps_last = "logits_to_keep" in parameters
        self._waiting: deque[Sequence] = deque()
        self._active: list[Sequence] = []
        self._cache: Any = None
        self._wake = threading.Condition()
        self._stop = False
        self._thread = threading.Thread(target=self._run, name="decoder", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        with self._wake:
            self._stop = True
            self._wake.notify()
        self._thread.join()

    def submit(self, sequences: list[Sequence]) -> None:
        """Queue the prompts of one request; QueueFull where there is no room for them."""
        with self._wake:
            if len(self._waiting) + len(sequences) > self._max_waiting:
                raise QueueFull(f"{len(self._waiting)} requests are waiting already.")
            self._waiting.extend(sequences)
            self._wake.notify()

    def load_of(self) -> tuple[int, int]:
        """How many sequences run and wait."""
        return len(self._active), len(self._waiting)

    # ---- the thread ----

    def _run(self) -> None:
        import torch

        with torch.inference_mode():
            while self._wait_for_work():
                try:
                    self._turn()
                except Exception:  # noqa: BLE001 - a failed step must not end the service
                    traceback.print_exc()
                    self._fail_all()

    def _wait_for_work(self) -> bool:
        with self._wake:
            self._wake.wait_for(lambda: self._stop or self._waiting or self._active)
            return not self._stop

    def _turn(self) -> None:
        """Admit who waits while there is room, then move all by one token."""
        self._drop({seq for seq in self._active if seq.cancelled})
        while seq := self._next_waiting():
            self._admit(seq)
        if self._active:
            self._step()

    def _next_waiting(self) -> Sequence | None:
        with self._wake:
            while self._waiting and len(self._active) < self._max_batch:
                seq = self._waiting.popleft()
                if not seq.cancelled:
                    return seq
        return None

    def _admit(self, seq: Sequence) -> None:
        try:
            cache, logits = self._prefill(seq)
        except Exception:  # noqa: BLE001 - the others' cache is untouched: only this one ends
            traceback.print_exc()
            seq.emit(Piece(finish="error"))
            return
        if not self._advance(seq, logits):
            self._join(cache, seq)

    def _prefill(self, seq: Sequence) -> tuple[Any, torch.Tensor]:
        """Run the prompt; returns its cache and the logits (vocabulary,) of the next token."""
        import torch
        from transformers import DynamicCache

        checkpoint = self._checkpoint
        seq.sampler = Sampler(seq.params, seq.prompt_ids)
        seq.text = TextStream(checkpoint.tokenizer, seq.params.stop)
        seq.length = len(seq.prompt_ids)
        cache = DynamicCache() if self._max_batch > 1 else DynamicCache(config=self._model.config)
        ids = torch.tensor([seq.prompt_ids], device=checkpoint.device)
        last_only = {"logits_to_keep": 1} if self._keeps_last and not seq.score_prompt else {}
        out = self._model(input_ids=ids, past_key_values=cache, use_cache=True, **last_only)
        if seq.score_prompt:
            seq.emit(Piece(prompt_logprobs=self._score(seq, out.logits[0])))
        return cache, out.logits[0, -1]

    def _score(self, seq: Sequence, logits: torch.Tensor) -> tuple[TokenLogprob | None, ...]:
        """logits: (prompt, vocabulary). The first token has nothing before it, hence None."""
        top = seq.params.logprobs or 0
        pairs = zip(logits[:-1], seq.prompt_ids[1:], strict=True)
        return (None, *(token_logprob(row, token, top) for row, token in pairs))

    def _step(self) -> None:
        import torch

        device = self._checkpoint.device
        ids = torch.tensor([[seq.last] for seq in self._active], device=device)
        positions = torch.tensor([[seq.length - 1] for seq in self._active], device=device)
        out = self._model(
            input_ids=ids,
            position_ids=positions,
            attention_mask=self._mask(),
            past_key_values=self._cache,
            use_cache=True,
        )
        logits = out.logits[:, -1]
        # One call for all greedy sequences: a call for each costs as much as a small layer.
        likeliest = logits.argmax(-1).tolist()
        rows = zip(self._active, logits, likeliest, strict=True)
        self._drop({seq for seq, row, best in rows if self._advance(seq, row, best)})

    def _mask(self) -> torch.Tensor | None:
        """1 for real positions, 0 for the padding on the left; None where there is none."""
        import torch

        width = max(seq.length for seq in self._active)
        if all(seq.length == width for seq in self._active):
            return None
        first = torch.tensor([[width - seq.length] for seq in self._active])
        return (torch.arange(width)[None] >= first).long().to(self._checkpoint.device)

    def _advance(self, seq: Sequence, logits: torch.Tensor, likeliest: int | None = None) -> bool:
        """Add one token to a sequence; True when that ends it."""
        if seq.cancelled:
            return True
        params = seq.params
        if params.max_tokens == 0:  # only the prompt's scores were wanted
            seq.emit(Piece(finish="length"))
            return True
        if likeliest is not None and seq.sampler.is_argmax:
            token, logprob = likeliest, None
        else:
            token, logprob = seq.sampler.next(logits)
        seq.generated += 1
        seq.length += 1
        seq.last = token
        if token in self._checkpoint.stop_ids and not params.ignore_eos:
            seq.emit(Piece(text=seq.text.finish(), tokens=1, finish="stop"))
            return True
        text = seq.text.add(token)
        finish: FinishReason | None = None
        if seq.text.stopped:
            finish = "stop"
        elif seq.generated >= params.max_tokens:
            text += seq.text.finish()
            finish = "stop" if seq.text.stopped else "length"
        seq.emit(Piece(text=text, tokens=1, logprob=logprob, finish=finish))
        return finish is not None

    # ---- the batch's keys and values: (batch, heads, positions, size), padded on the left ----

    def _join(self, cache: Any, seq: Sequence) -> None:
        import torch
        from torch.nn.functional import pad

        if not self._active:
            self._cache = cache
        else:
            for mine, new in zip(self._cache.layers, cache.layers, strict=True):
                gap = mine.keys.shape[-2] - new.keys.shape[-2]
                for name in ("keys", "values"):
                    ours = pad(getattr(mine, name), (0, 0, max(0, -gap), 0))
                    theirs = pad(getattr(new, name), (0, 0, max(0, gap), 0))
                    setattr(mine, name, torch.cat([ours, theirs]))
        self._active.append(seq)

    def _drop(self, ended: set[Sequence]) -> None:
        """Cut rows out, and columns that are padding for all who stay."""
        if not ended:
            return
        stay = [row for row, seq in enumerate(self._active) if seq not in ended]
        self._active = [self._active[row] for row in stay]
        if not stay:
            self._cache = None
            return
        # The newest token of each sequence is not in the cache yet.
        width = max(seq.length for seq in self._active) - 1
        for layer in self._cache.layers:
            layer.keys = layer.keys[stay, :, -width:]
            layer.values = layer.values[stay, :, -width:]

    def _fail_all(self) -> None:
        for seq in self._active:
            seq.emit(Piece(finish="error"))
        self._active = []
        self._cache = None


def joinable(model: Any) -> bool:
    """Whether all layers keep plain keys and values, so that sequences can share a batch."""
    from transformers import DynamicCache
    from transformers.cache_utils import DynamicLayer, DynamicSlidingWindowLayer

    plain = {DynamicLayer, DynamicSlidingWindowLayer}
    layers = DynamicCache(config=model.config).layers
    return bool(layers) and all(type(layer) in plain for layer in layers)
