"""Write OpenAI answers, whole and in chunks, from the pieces of a generation."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, Protocol

from slipway.runtime.serve.decoding import FinishReason, Piece
from slipway.runtime.serve.sampling import TokenLogprob

Json = dict[str, Any]
DONE = b"data: [DONE]\n\n"


class Tokens(Protocol):
    """The part of a tokenizer that is needed here."""

    def decode(self, ids: list[int]) -> str: ...


@dataclass
class Answer:
    """What has been generated for one prompt so far."""

    prompt_ids: list[int]
    text: str = ""
    tokens: int = 0
    finish: FinishReason | None = None
    logprobs: list[TokenLogprob] = field(default_factory=list)
    prompt_logprobs: tuple[TokenLogprob | None, ...] = ()

    def add(self, piece: Piece) -> None:
        self.text += piece.text
        self.tokens += piece.tokens
        self.finish = piece.finish or self.finish
        self.prompt_logprobs = piece.prompt_logprobs or self.prompt_logprobs
        if piece.logprob is not None:
            self.logprobs.append(piece.logprob)


def usage(answers: list[Answer]) -> Json:
    prompt = sum(len(answer.prompt_ids) for answer in answers)
    completion = sum(answer.tokens for answer in answers)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }


def sse(data: Json) -> bytes:
    return (
        b"data: " + json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n"
    )


class ChatWriter:
    """`/v1/chat/completions`"""

    def __init__(self, model: str, tokenizer: Tokens, *, logprobs: bool) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._logprobs = logprobs
        self._id = f"chatcmpl-{uuid.uuid4().hex}"
        self._created = int(time.time())

    def whole(self, answers: list[Answer]) -> Json:
        (answer,) = answers
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": answer.text},
            "logprobs": self._content(answer.logprobs),
            "finish_reason": answer.finish,
        }
        return {**self._head("chat.completion"), "choices": [choice], "usage": usage(answers)}

    def first(self) -> list[Json]:
        """Tells the role before any text, as OpenAI does."""
        return [self._chunk({"role": "assistant", "content": ""}, None, None)]

    def chunk(self, index: int, answer: Answer, piece: Piece) -> Json | None:
        if not piece.text and piece.finish is None and piece.logprob is None:
            return None  # half a character
        delta = {"content": piece.text} if piece.text else {}
        logprobs = self._content([piece.logprob]) if piece.logprob else None
        return self._chunk(delta, logprobs, piece.finish)

    def last(self, answers: list[Answer]) -> Json:
        return {**self._head("chat.completion.chunk"), "choices": [], "usage": usage(answers)}

    def _head(self, kind: str) -> Json:
        return {"id": self._id, "object": kind, "created": self._created, "model": self._model}

    def _chunk(self, delta: Json, logprobs: Json | None, finish: FinishReason | None) -> Json:
        choice = {"index": 0, "delta": delta, "logprobs": logprobs, "finish_reason": finish}
        return {**self._head("chat.completion.chunk"), "choices": [choice]}

    def _content(self, logprobs: list[TokenLogprob]) -> Json | None:
        if not self._logprobs:
            return None
        content = [
            {
                **self._entry(item.token_id, item.logprob),
                "top_logprobs": [self._entry(*pair) for pair in item.top],
            }
            for item in logprobs
        ]
        return {"content": content, "refusal": None}

    def _entry(self, token_id: int, logprob: float) -> Json:
        token = self._tokenizer.decode([token_id])
        return {"token": token, "logprob": logprob, "bytes": list(token.encode())}


class CompletionWriter:
    """`/v1/completions`"""

    def __init__(self, model: str, tokenizer: Tokens, *, logprobs: bool, echo: bool) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._logprobs = logprobs
        self._echo = echo
        self._id = f"cmpl-{uuid.uuid4().hex}"
        self._created = int(time.time())
        # Where the next token of each choice begins in its text.
        self._offsets: dict[int, int] = {}

    def whole(self, answers: list[Answer]) -> Json:
        choices = [
            self._choice(
                index,
                self._prompt_text(answer) + answer.text,
                self._entries(index, [*self._prompt(answer), *answer.logprobs]),
                answer.finish,
            )
            for index, answer in enumerate(answers)
        ]
        return {**self._head(), "choices": choices, "usage": usage(answers)}

    def first(self) -> list[Json]:
        return []

    def chunk(self, index: int, answer: Answer, piece: Piece) -> Json | None:
        if piece.prompt_logprobs:
            return None  # they come with the first text
        begins = self._echo and index not in self._offsets
        text = (self._prompt_text(answer) if begins else "") + piece.text
        if not text and piece.finish is None and piece.logprob is None:
            return None
        prompt = self._prompt(answer) if begins else []
        entries = [*prompt, *([piece.logprob] if piece.logprob else [])]
        logprobs = self._entries(index, entries)
        self._offsets.setdefault(index, 0)
        return {**self._head(), "choices": [self._choice(index, text, logprobs, piece.finish)]}

    def last(self, answers: list[Answer]) -> Json:
        return {**self._head(), "choices": [], "usage": usage(answers)}

    def _head(self) -> Json:
        return {
            "id": self._id,
            "object": "text_completion",
            "created": self._created,
            "model": self._model,
        }

    def _choice(self, index: int, text: str, logprobs: Json | None, finish: Any) -> Json:
        return {"index": index, "text": text, "logprobs": logprobs, "finish_reason": finish}

    def _prompt_text(self, answer: Answer) -> str:
        return self._tokenizer.decode(answer.prompt_ids) if self._echo else ""

    def _prompt(self, answer: Answer) -> list[TokenLogprob | int]:
        """The prompt's tokens where they are echoed; the first has no probability."""
        if not self._echo or not self._logprobs:
            return []
        scores = answer.prompt_logprobs
        return [score or answer.prompt_ids[at] for at, score in enumerate(scores)]

    def _entries(self, index: int, items: list[TokenLogprob | int]) -> Json | None:
        if not self._logprobs:
            return None
        ids = [item if isinstance(item, int) else item.token_id for item in items]
        tokens = [self._tokenizer.decode([token_id]) for token_id in ids]
        starts = list(accumulate(map(len, tokens), initial=self._offsets.get(index, 0)))
        self._offsets[index] = starts.pop()
        return {
            "tokens": tokens,
            "token_logprobs": [None if isinstance(item, int) else item.logprob for item in items],
            "top_logprobs": [None if isinstance(item, int) else self._top(item) for item in items],
            "text_offset": starts,
        }

    def _top(self, item: TokenLogprob) -> dict[str, float]:
        """By text; where two tokens have the same text, the likelier one stays."""
        return {self._tokenizer.decode([i]): value for i, value in reversed(item.top)}


Writer = ChatWriter | CompletionWriter
