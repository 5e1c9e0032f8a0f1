"""One record in the forms that conversations are kept in: messages, ShareGPT, Alpaca."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

_ROLES = {
    "system": "system", "developer": "system", "human": "user", "user": "user", "prompter": "user",
    "gpt": "assistant", "model": "assistant", "assistant": "assistant", "bot": "assistant",
    "tool": "tool", "function": "tool", "observation": "tool",
}  # fmt: skip
_SHAREGPT = {"system": "system", "user": "human", "assistant": "gpt", "tool": "tool"}
_QUESTION = ("instruction", "prompt", "question", "query", "input")
_ANSWER = ("output", "response", "answer", "completion", "target")
_SYSTEM = ("system", "system_prompt")
_LISTS = ("messages", "conversations", "conversation", "history")
Message = tuple[str, str]  # role and content


class ChatForm(StrEnum):
    MESSAGES = "messages"
    SHAREGPT = "sharegpt"
    ALPACA = "alpaca"


def read_messages(record: Mapping[str, Any]) -> list[Message] | None:
    """What is said in a record of any known form; None where nobody says anything."""
    found: list[Message] = [("system", text) for text in _texts(record, _SYSTEM)]
    for name in _LISTS:
        for turn in record.get(name) or () if isinstance(record.get(name), list) else ():
            found += _turn(turn)
    if question := _texts(record, _QUESTION):
        found.append(("user", "\n\n".join(question)))
    if answer := _texts(record, _ANSWER):
        found.append(("assistant", "\n\n".join(answer)))
    return found if any(role == "assistant" for role, _ in found) else None


def rest_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """Fields that are no part of what is said: pictures, scores, sources."""
    used = (*_SYSTEM, *_LISTS, *_QUESTION, *_ANSWER)
    return {name: value for name, value in record.items() if name not in used}


def write_chat(form: ChatForm, messages: list[Message], rest: Mapping[str, Any]) -> dict[str, Any]:
    return {**_WRITERS[form](messages), **rest}


def _turn(turn: Any) -> list[Message]:
    if isinstance(turn, list) and len(turn) == 2:
        return [("user", str(turn[0])), ("assistant", str(turn[1]))]
    if not isinstance(turn, dict):
        return []
    if "prompt" in turn and "response" in turn:
        return [("user", str(turn["prompt"])), ("assistant", str(turn["response"]))]
    role = _ROLES.get(str(turn.get("role", turn.get("from", ""))).lower())
    content = turn.get("content", turn.get("value"))
    if isinstance(content, list):
        parts = (part.get("text", "") for part in content if isinstance(part, dict))
        content = "\n".join(filter(None, parts))
    return [(role, content)] if role is not None and isinstance(content, str) else []


def _texts(record: Mapping[str, Any], names: tuple[str, ...]) -> list[str]:
    return [text for name in names if isinstance(text := record.get(name), str) and text]


def _as_messages(messages: list[Message]) -> dict[str, Any]:
    return {"messages": [{"role": role, "content": text} for role, text in messages]}


def _as_sharegpt(messages: list[Message]) -> dict[str, Any]:
    value: dict[str, Any] = {
        "conversations": [
            {"from": _SHAREGPT[role], "value": text} for role, text in messages if role != "system"
        ]
    }
    system = "\n\n".join(text for role, text in messages if role == "system")
    return {"system": system, **value} if system else value


def _as_alpaca(messages: list[Message]) -> dict[str, Any]:
    """The last exchange is the instruction and its output; earlier ones are the history."""
    system = "\n\n".join(text for role, text in messages if role == "system")
    turns = [(role, text) for role, text in messages if role in ("user", "assistant")]
    pairs: list[list[str]] = []
    for role, text in turns:
        if role == "user" or not pairs:
            pairs.append([text, ""] if role == "user" else ["", text])
        else:
            pairs[-1][1] = f"{pairs[-1][1]}\n\n{text}" if pairs[-1][1] else text
    last = pairs.pop() if pairs else ["", ""]
    value: dict[str, Any] = {"instruction": last[0], "input": "", "output": last[1]}
    if system:
        value["system"] = system
    return {**value, "history": pairs} if pairs else value


_WRITERS: dict[ChatForm, Callable[[list[Message]], dict[str, Any]]] = {
    ChatForm.MESSAGES: _as_messages,
    ChatForm.SHAREGPT: _as_sharegpt,
    ChatForm.ALPACA: _as_alpaca,
}
