"""Choose the next token of one sequence from its logits."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

# Tokens looked at first where top_p is set.
NUCLEUS = 512


@dataclass(frozen=True)
class SamplingParams:
    """What a request asks of generation; temperature 0 is greedy, top_k 0 is off."""

    max_tokens: int
    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0
    seed: int | None = None
    stop: tuple[str, ...] = ()
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    repetition_penalty: float = 1.0
    logit_bias: dict[int, float] = field(default_factory=dict)
    ignore_eos: bool = False
    # None: no log-probabilities. n: of the chosen token and of the n likeliest.
    logprobs: int | None = None


@dataclass(frozen=True)
class TokenLogprob:
    """Log-probability of a token and of the likeliest ones at its place."""

    token_id: int
    logprob: float
    top: tuple[tuple[int, float], ...]


class Sampler:
    """Samples one sequence; its random numbers depend on its seed only, not on neighbours."""

    def __init__(self, params: SamplingParams, prompt_ids: list[int]) -> None:
        import torch

        self._params = params
        self._counts: Counter[int] = Counter()
        self._seen = set(prompt_ids) if params.repetition_penalty != 1.0 else set()
        self._plain = (
            not (params.presence_penalty or params.frequency_penalty or params.logit_bias)
            and params.repetition_penalty == 1.0
        )
        self._generator = torch.Generator()
        if params.seed is None:
            self._generator.seed()
        else:
            self._generator.manual_seed(params.seed % 2**63)

    @property
    def is_argmax(self) -> bool:
        """Whether the next token is the likeliest one and nothing else is asked."""
        return self._params.temperature == 0 and self._plain and self._params.logprobs is None

    def next(self, logits: torch.Tensor) -> tuple[int, TokenLogprob | None]:
        """logits: (vocabulary,), any device. Penalties shape the choice and not the logprobs."""
        import torch

        raw = logits.float()
        shaped = self._shape(raw)
        if self._params.temperature == 0:
            token = int(torch.argmax(shaped))
        else:
            token = self._draw(shaped / self._params.temperature)
        self._counts[token] += 1
        if self._params.repetition_penalty != 1.0:
            self._seen.add(token)
        wanted = self._params.logprobs
        return token, None if wanted is None else token_logprob(raw, token, wanted)

    def _draw(self, logits: torch.Tensor) -> int:
        import torch

        probabilities = torch.softmax(logits, dim=-1).cpu()
        if self._params.top_p >= 1 and not self._params.top_k:
            return int(torch.multinomial(probabilities, 1, generator=self._generator))
        top, ids = self._nucleus(probabilities)
        return int(ids[torch.multinomial(top, 1, generator=self._generator)])

    def _nucleus(self, probabilities: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The likeliest tokens: at most top_k, and the fewest whose mass reaches top_p."""
        import torch

        size = probabilities.numel()
        limit = min(self._params.top_k or size, size)
        # Sorting a whole vocabulary costs more than a small model's step and is rarely needed.
        top, ids = torch.topk(probabilities, min(limit, NUCLEUS))
        if len(top) < limit and float(top.sum()) < self._params.top_p:
            top, ids = torch.topk(probabilities, limit)
        before = top.cumsum(0) - top
        mass = float(top.sum()) if limit < size else 1.0
        inside = before < self._params.top_p * mass
        inside[0] = True
        return top[inside], ids[inside]

    def _shape(self, logits: torch.Tensor) -> torch.Tensor:
        params = self._params
        if self._plain:
            return logits
        shaped = logits.clone()
        if self._seen:
            index = sorted(self._seen)
            values = shaped[index]
            factor = params.repetition_penalty
            shaped[index] = values.where(values < 0, values / factor).where(
                values >= 0, values * factor
            )
        for token, count in self._counts.items():
            shaped[token] -= params.presence_penalty + params.frequency_penalty * count
        for token, bias in params.logit_bias.items():
            shaped[token] += bias
        return shaped


def token_logprob(logits: torch.Tensor, token: int, top: int) -> TokenLogprob:
    """logits: (vocabulary,) as the model gave them."""
    import torch

    logprobs = torch.log_softmax(logits.float(), dim=-1)
    values, ids = torch.topk(logprobs, min(top, logprobs.numel()))
    pairs = tuple(zip(ids.tolist(), values.tolist(), strict=True))
    return TokenLogprob(token, float(logprobs[token]), pairs)
