"""The rules of a chat: who may speak, in which order, and what a message may hold."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson

from slipway.gateway.errors import BAD_REQUEST, Refused

_ROLES = ("system", "user", "assistant")
_DATA = "data:image/"
# What a bare picture begins with, for its media type.
_MAGIC = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif", b"RIFF": "webp", b"BM": "bmp"}


@dataclass(frozen=True, slots=True)
class MessageRules:
    """`tools` adds the role `tool` and assistant messages that only call functions."""

    roles: frozenset[str]
    strict_turns: bool
    vision: bool
    tools: bool
    image_hosts: tuple[str, ...]

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> "MessageRules":
        tools = bool(value.get("tools"))
        roles = frozenset(map(str, value.get("roles") or _ROLES)) | ({"tool"} if tools else set())
        hosts = tuple(str(host).lower() for host in value.get("image_hosts") or ())
        return cls(roles, bool(value.get("strict_turns")), bool(value.get("vision")), tools, hosts)


def check_messages(rules: MessageRules, messages: Any) -> None:
    """Raises Refused naming the message and its field."""
    if not isinstance(messages, list) or not messages:
        raise _wrong("messages", "must be a list with at least one message")
    for number, message in enumerate(messages):
        _check_message(rules, message, f"messages[{number}]", first=number == 0)
    if rules.strict_turns:
        _check_turns(messages)


def make_pictures_plain(payload: Mapping[str, Any]) -> bytes | None:
    """The call anew where a picture is bare base64, which model servers want as a data address.

    None where there is none; the caller's bytes stay as they are then.
    """
    found = False
    for message in payload["messages"]:
        content = message.get("content")
        for part in content if isinstance(content, list) else ():
            picture = part.get("image_url")
            if isinstance(picture, dict) and (kind := _bare_kind(picture["url"])):
                picture["url"] = f"{_DATA}{kind};base64,{picture['url']}"
                found = True
    return orjson.dumps(payload) if found else None


def _check_message(rules: MessageRules, message: Any, name: str, *, first: bool) -> None:
    if not isinstance(message, dict):
        raise _wrong(name, "must be an object with role and content")
    role = message.get("role")
    if role not in rules.roles:
        raise _wrong(f"{name}.role", f"must be one of {', '.join(sorted(rules.roles))}")
    if role == "system" and not first:
        raise _wrong(f"{name}.role", "may be `system` only in the first message")
    content = message.get("content")
    if content is None and rules.tools and role == "assistant" and message.get("tool_calls"):
        return
    if isinstance(content, list):
        if not content and role != "system":
            raise _wrong(f"{name}.content", "must not be empty")
        for number, part in enumerate(content):
            _check_part(rules, part, f"{name}.content[{number}]")
    elif not isinstance(content, str):
        raise _wrong(f"{name}.content", "must be a text or a list of parts")
    elif not content and role in ("user", "assistant"):
        raise _wrong(f"{name}.content", "must not be empty")


def _check_turns(messages: list[dict[str, Any]]) -> None:
    """After an optional system message: user, assistant, user, ... and the last one is the user's.

    Answers of tools stand between an assistant's call and its next word and do not count.
    """
    start = 1 if messages[0]["role"] == "system" else 0
    before = "assistant"
    for number, message in enumerate(messages[start:], start):
        role = message["role"]
        after_call = before == "tool" and role == "assistant"
        answers_call = role == "tool" and before in ("assistant", "tool")
        turn = role in ("user", "assistant") and role != before and before != "tool"
        if not (after_call or answers_call or turn):
            wanted = "user" if before == "assistant" else "assistant"
            raise _wrong(
                f"messages[{number}].role",
                f"must be `{wanted}` here: user and assistant take turns",
            )
        before = role
    if before not in ("user", "tool"):
        raise _wrong(f"messages[{len(messages) - 1}].role", "must be `user` in the last message")


def _check_part(rules: MessageRules, part: Any, name: str) -> None:
    kind = part.get("type") if isinstance(part, dict) else None
    if kind == "text":
        if not isinstance(part.get("text"), str):
            raise _wrong(f"{name}.text", "must be a text")
    elif kind == "image_url":
        if not rules.vision:
            raise _wrong(f"{name}.type", "is a picture, and this model reads text only")
        picture = part.get("image_url")
        url = picture.get("url") if isinstance(picture, dict) else None
        _check_picture(rules, url, f"{name}.image_url.url")
    else:
        raise _wrong(f"{name}.type", "must be `text` or `image_url`")


def _check_picture(rules: MessageRules, url: Any, name: str) -> None:
    if not isinstance(url, str) or not url:
        raise _wrong(name, "must be a picture in base64 or a data address")
    if url.startswith(_DATA):
        _, mark, data = url.partition(";base64,")
        if not mark or not _is_base64(data):
            raise _wrong(name, "must look like data:image/png;base64,...")
    elif url.startswith(("http://", "https://")):
        host = (urlsplit(url).hostname or "").lower()
        if host not in rules.image_hosts:
            raise _wrong(name, f"leads to {host[:100]}, from which pictures are not fetched here")
    elif _bare_kind(url) is None or not _is_base64(url):
        raise _wrong(name, "is not a picture in base64")


def _bare_kind(url: str) -> str | None:
    """The media type of bare base64; None for an address, or for what is no picture."""
    if url.startswith((_DATA, "http://", "https://")):
        return None
    try:
        head = base64.b64decode(url[:16], validate=True)
    except (binascii.Error, ValueError):
        return None
    return next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), None)


def _is_base64(data: str) -> bool:
    try:
        binascii.a2b_base64(data, strict_mode=True)
    except (binascii.Error, ValueError):
        return False
    return bool(data)


def _wrong(name: str, what: str) -> Refused:
    return Refused(BAD_REQUEST, f"`{name}` {what}.", param=name)
