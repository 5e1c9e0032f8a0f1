"""What a request asks, in the words of the history: the question, its pictures, how it was set."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slipway.base.errors import Invalid, TooLarge
from slipway.playground.reading import picture_type
from slipway.playground.rules import MAX_PROMPT
from slipway.playground.types import MAX_PICTURE_BYTES, Settings, TryKind

MAX_QUESTION = 200_000
_NOT_SETTINGS = {"messages", "prompt", "model", "stream", "stream_options", "response_format"}


@dataclass(frozen=True, slots=True)
class Asked:
    question: str
    pictures: tuple[tuple[str, bytes], ...]
    settings: Settings


def read_request(kind: TryKind, request: Mapping[str, Any]) -> Asked:
    """Refuses what no model could answer; the ranges of parameters are the gateway's to judge."""
    parameters = {name: value for name, value in request.items() if name not in _NOT_SETTINGS}
    if kind is TryKind.IMAGE:
        return Asked(_prompt(request.get("prompt")), (), Settings("", parameters))
    messages = request.get("messages")
    if not isinstance(messages, list) or not messages:
        raise Invalid("Write a question first.", field="messages")
    last, first = messages[-1], messages[0]
    if not isinstance(last, dict) or last.get("role") != "user":
        raise Invalid("The last message must be the user's.", field="messages")
    persona = ""
    if isinstance(first, dict) and first.get("role") == "system":
        persona = str(first.get("content") or "")
    question, pictures = _parts(last.get("content"))
    if kind is TryKind.VISION and not pictures and not _any_picture(messages):
        raise Invalid("Add a picture to ask about.", field="messages")
    if not question.strip() and not pictures:
        raise Invalid("Write a question first.", field="messages")
    if len(question) > MAX_QUESTION:
        raise TooLarge(f"A question has at most {MAX_QUESTION} characters.", field="messages")
    return Asked(question, pictures, Settings(persona, parameters))


def _prompt(prompt: object) -> str:
    if not isinstance(prompt, str) or not prompt.strip():
        raise Invalid("Describe the picture first.", field="prompt")
    if len(prompt) > MAX_PROMPT:
        raise Invalid(
            f"A description has at most {MAX_PROMPT} characters; this one has {len(prompt)}.",
            field="prompt",
        )
    return prompt


def _parts(content: object) -> tuple[str, tuple[tuple[str, bytes], ...]]:
    if not isinstance(content, list):
        return str(content or ""), ()
    words = [str(p.get("text") or "") for p in content if _is(p, "text")]
    pictures = [_picture(p) for p in content if _is(p, "image_url")]
    return "\n".join(words), tuple(pictures)


def _picture(part: Mapping[str, Any]) -> tuple[str, bytes]:
    place = part.get("image_url")
    url = place.get("url") if isinstance(place, dict) else None
    if not isinstance(url, str) or not url.startswith("data:") or ";base64," not in url[:100]:
        raise Invalid("A picture is sent as data:image/...;base64,...", field="messages")
    encoded = url.partition(";base64,")[2]
    if len(encoded) > MAX_PICTURE_BYTES * 4 // 3 + 4:
        raise TooLarge(
            f"A picture has at most {MAX_PICTURE_BYTES >> 20} MB. Make it smaller.",
            field="messages",
        )
    try:
        content = base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise Invalid("The picture is not valid base64.", field="messages") from error
    kind = picture_type(content)
    if kind is None:
        raise Invalid("A picture is a JPG, PNG or WebP file.", field="messages")
    return kind, content


def _any_picture(messages: list[Any]) -> bool:
    contents = (m.get("content") for m in messages if isinstance(m, dict))
    return any(_is(p, "image_url") for c in contents if isinstance(c, list) for p in c)


def _is(part: object, kind: str) -> bool:
    return isinstance(part, dict) and part.get("type") == kind
