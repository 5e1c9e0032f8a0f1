"""Reading an answer as it flies by, without changing a byte of it: text, counts, pictures, errors."""

from __future__ import annotations

import base64
import binascii
import json
import time
from collections.abc import Mapping
from typing import Any

from slipway.playground.types import Answer, AnswerState, Problem

MAX_ANSWER_CHARACTERS = 1 << 20
MAX_JSON_BYTES = 64 << 20
_MAGIC = ((b"\x89PNG", "image/png"), (b"\xff\xd8", "image/jpeg"), (b"RIFF", "image/webp"))
_BROKEN = "The answer ended before it was complete."


class AnswerReader:
    """Feed it the bytes of a gateway's answer; `answer` says what they came to.

    Understands a stream of chat chunks, a whole chat completion, an answer of the images API, and
    the error object. `stopped` is for a caller that went away.
    """

    def __init__(self, status: int, content_type: str) -> None:
        self._status = status
        self._streams = "text/event-stream" in content_type
        self._began = time.perf_counter()
        self._rest = b""
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._length = 0
        self._first_ms: float | None = None
        self._usage: Mapping[str, Any] = {}
        self._finish = ""
        self._complete = False
        self._problem: Problem | None = None
        self._pictures: list[tuple[str, bytes]] = []

    def feed(self, data: bytes) -> None:
        self._rest += data
        if not self._streams:
            if len(self._rest) > MAX_JSON_BYTES:
                self._rest = self._rest[: MAX_JSON_BYTES + 1]
            return
        *lines, self._rest = self._rest.split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                self._event(line[5:].strip())

    def answer(self, *, stopped: bool) -> Answer:
        if not self._streams and not stopped:
            self._whole()
        problem = self._problem
        if problem is None and not stopped and not self._complete:
            problem = Problem(502, "broken_off", _BROKEN)
        state = (
            AnswerState.FAILED
            if problem is not None
            else AnswerState.STOPPED
            if stopped and not self._complete
            else AnswerState.DONE
        )
        return Answer(
            state, "".join(self._text), "".join(self._reasoning), tuple(self._pictures), problem,
            self._finish, _whole_number(self._usage.get("prompt_tokens")),
            _whole_number(self._usage.get("completion_tokens")), self._first_ms, self._since(),
        )  # fmt: skip

    def _event(self, data: bytes) -> None:
        if data == b"[DONE]":
            self._complete = True
            return
        chunk = _object(data)
        if error := chunk.get("error"):
            self._problem = problem_of(self._status if self._status >= 400 else 502, error)
        self._take(chunk)

    def _whole(self) -> None:
        body = _object(self._rest)
        if self._status >= 400 or "error" in body:
            status = self._status if self._status >= 400 else 502
            self._problem = problem_of(status, body.get("error") or body)
            return
        self._take(body)
        for one in body.get("data") or ():
            self._picture(one)
        self._complete = bool(body)

    def _take(self, body: Mapping[str, Any]) -> None:
        choices = body.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else {}
        said = choice.get("delta") or choice.get("message") or {}
        self._add(self._text, said.get("content"))
        self._add(self._reasoning, said.get("reasoning_content") or said.get("reasoning"))
        if finish := choice.get("finish_reason"):
            self._finish, self._complete = str(finish), True
        if isinstance(usage := body.get("usage"), dict):
            self._usage = usage

    def _add(self, parts: list[str], words: object) -> None:
        if not isinstance(words, str) or not words:
            return
        if self._first_ms is None:
            self._first_ms = self._since()
        room = MAX_ANSWER_CHARACTERS - self._length
        parts.append(words[:room])
        self._length += len(words)

    def _picture(self, one: object) -> None:
        encoded = one.get("b64_json") if isinstance(one, dict) else None
        if not isinstance(encoded, str):
            return
        try:
            content = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            return
        kind = next((kind for magic, kind in _MAGIC if content.startswith(magic)), None)
        if kind is not None:
            self._pictures.append((kind, content))

    def _since(self) -> float:
        return round((time.perf_counter() - self._began) * 1000, 1)


def problem_of(status: int, error: object) -> Problem:
    """From the error object of any door: the code and the words are those that the API gave."""
    if not isinstance(error, Mapping):
        return Problem(status, str(status), str(error)[:2000])
    code, message = error.get("code") or error.get("type") or status, error.get("message") or error
    return Problem(status, str(code), str(message)[:2000])


def picture_type(content: bytes) -> str | None:
    """Of PNG, JPEG and WebP; None for anything else."""
    return next((kind for magic, kind in _MAGIC if content.startswith(magic)), None)


def _object(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _whole_number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
