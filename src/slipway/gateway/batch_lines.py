"""The lines of a batch: one JSON object each, with a call and a name of the caller's own."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from slipway.gateway.errors import BAD_REQUEST, Refused

MAX_LINES = 50_000
ENDPOINTS = ("/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/rerank")


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    custom_id: str
    url: str
    model: str
    body: bytes


def parse(content: bytes) -> list[Line]:
    """Raises Refused naming the first line that is wrong."""
    lines, seen = [], set()
    for number, raw in _numbered(content):
        line = _line(number, raw)
        if line.custom_id in seen:
            raise _wrong(number, f"`custom_id` {line.custom_id[:80]!r} stands twice")
        seen.add(line.custom_id)
        lines.append(line)
        if len(lines) > MAX_LINES:
            raise _wrong(number, f"a batch has at most {MAX_LINES} lines")
    if not lines:
        raise Refused(BAD_REQUEST, "The file holds no line.", param="file")
    return lines


def _line(number: int, raw: bytes) -> Line:
    try:
        value: Any = orjson.loads(raw)
    except orjson.JSONDecodeError as broken:
        raise _wrong(number, f"it is not JSON: {broken}") from broken
    if not isinstance(value, dict):
        raise _wrong(number, "it must be an object")
    custom_id, body = value.get("custom_id"), value.get("body")
    if not isinstance(custom_id, str) or not 1 <= len(custom_id) <= 512:
        raise _wrong(number, "`custom_id` must be a text of 1 to 512 characters")
    if value.get("method", "POST") != "POST":
        raise _wrong(number, "`method` must be POST")
    if value.get("url") not in ENDPOINTS:
        raise _wrong(number, f"`url` must be one of {', '.join(ENDPOINTS)}")
    if not isinstance(body, dict) or not isinstance(body.get("model"), str):
        raise _wrong(number, "`body` must be an object with a model")
    if body.get("stream"):
        raise _wrong(number, "`stream` is not possible in a batch")
    return Line(number, custom_id, value["url"], body["model"], orjson.dumps(body))


def _numbered(content: bytes) -> Iterator[tuple[int, bytes]]:
    for number, raw in enumerate(content.split(b"\n"), 1):
        if raw.strip():
            yield number, raw


def _wrong(number: int, what: str) -> Refused:
    return Refused(BAD_REQUEST, f"Line {number} of the file: {what}.", param=f"line {number}")
