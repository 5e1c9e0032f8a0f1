"""The little that the gateway reads of an LLM call's body, and the one thing it may add to it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from slipway.gateway.errors import BAD_REQUEST, Refused
from slipway.gateway.multipart import fields, is_form

BYTES_PER_TOKEN = 4
_PROMPT_FIELDS = ("prompt", "input", "query", "documents")
_ASK_FOR_USAGE = b'"stream_options":{"include_usage":true}'
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\]:,]', re.DOTALL)


@dataclass(slots=True)
class Call:
    """An LLM call as far as the gateway cares. Not frozen: one is made for each call."""

    model: str
    stream: bool
    include_usage: bool
    count: int  # `n`: how many choices or images are asked for
    payload: Mapping[str, Any]

    def prompt_tokens(self) -> int:
        """A rough count: text bytes by four. Pictures and other attachments count nothing."""
        payload, size = self.payload, 0
        for field in _PROMPT_FIELDS:
            if field in payload:
                size += _text_bytes(payload[field])
        messages = payload.get("messages")
        if isinstance(messages, list):
            for message in messages:
                if isinstance(message, dict) and "content" in message:
                    size += _text_bytes(message["content"])
        return max(1, -(-size // BYTES_PER_TOKEN))


def parse_call(body: bytes, content_type: bytes = b"") -> Call:
    """Reads an LLM call. Raises Refused naming what is wrong and where."""
    if is_form(content_type):
        form = fields(content_type, body)
        streamed = form.get("stream", "").lower() == "true"
        return Call(form.get("model", ""), streamed, include_usage=False, count=1, payload=form)
    try:
        payload = orjson.loads(body)
    except orjson.JSONDecodeError as broken:
        raise Refused(BAD_REQUEST, f"The body is not valid JSON: {broken}.") from broken
    if not isinstance(payload, dict):
        raise Refused(BAD_REQUEST, "The body must be a JSON object.")
    stream = payload.get("stream")
    if stream is not None and not isinstance(stream, bool):
        raise Refused(BAD_REQUEST, "`stream` must be true or false.", param="stream")
    options = payload.get("stream_options")
    if options is not None and not isinstance(options, dict):
        raise Refused(BAD_REQUEST, "`stream_options` must be an object.", param="stream_options")
    count = payload.get("n")
    if count is not None and (not isinstance(count, int) or isinstance(count, bool) or count < 1):
        raise Refused(BAD_REQUEST, "`n` must be a whole number of at least 1.", param="n")
    model = payload.get("model")
    return Call(
        model=model if isinstance(model, str) else "",
        stream=bool(stream),
        include_usage=bool(options and options.get("include_usage")),
        count=count or 1,
        payload=payload,
    )


def require_fields(call: Call, path: str) -> None:
    """What a call by model name must carry. Raises Refused naming the field."""
    if not call.model:
        raise Refused(BAD_REQUEST, "`model` must name the model to call.", param="model")
    if path == "/v1/chat/completions":
        messages = call.payload.get("messages")
        if not isinstance(messages, list) or not messages:
            raise Refused(
                BAD_REQUEST,
                "`messages` must be a list with at least one message.",
                param="messages",
            )


def with_fields(body: bytes, fields: Mapping[str, Any]) -> bytes:
    """The same call with these top-level fields, which it does not have yet; all bytes of it stay."""
    start = body.index(b"{") + 1
    rest = body[start:].lstrip()
    comma = b"" if rest.startswith(b"}") else b","
    return b"".join((body[:start], orjson.dumps(fields)[1:-1], comma, rest))


def replacing(body: bytes, field: str, value: Any) -> bytes:
    """The same call with another value of a top-level field that it has; every other byte stays."""
    start, end = _value_span(body, field)
    return b"".join((body[:start], orjson.dumps(value), body[end:]))


def asking_for_usage(body: bytes, call: Call) -> bytes:
    """The same body with `stream_options.include_usage` set; every other byte stays."""
    if "stream_options" not in call.payload:
        start = body.index(b"{") + 1
        return b"".join((body[:start], _ASK_FOR_USAGE, b",", body[start:]))
    options = {**(call.payload["stream_options"] or {}), "include_usage": True}
    return replacing(body, "stream_options", options)


def _value_span(body: bytes, key: str) -> tuple[int, int]:
    """Where the value of a top-level key stands in a valid JSON object; the last, if repeated."""
    depth, name, start, span = 0, "", 0, (0, 0)
    for match in _TOKEN.finditer(body):
        token = match.group()
        if token in (b"}", b"]", b","):
            if depth == 1 and start and name == key:
                span = (start, match.start())
            if depth == 1:
                name, start = "", 0
            depth -= token != b","
        elif token in (b"{", b"["):
            depth += 1
        elif token == b":":
            if depth == 1 and not start:
                start = match.end()
        elif depth == 1 and not start:
            name = orjson.loads(token)
    return span


def _text_bytes(content: object) -> int:
    """Bytes of text in a string, a list of strings, token ids or typed parts."""
    if isinstance(content, str):
        return len(content) if content.isascii() else len(content.encode())
    if not isinstance(content, list):
        return 0
    size = 0
    for part in content:
        if isinstance(part, str):
            size += _text_bytes(part)
        elif isinstance(part, int):
            size += BYTES_PER_TOKEN
        elif isinstance(part, dict):
            size += _text_bytes(part.get("text"))
        elif isinstance(part, list):
            size += _text_bytes(part)
    return size
