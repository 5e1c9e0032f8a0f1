"""What a call asks and what its answer says, as plain text: for audits and comparisons."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

Json = Mapping[str, Any]
_FIELDS = ("content", "reasoning_content", "reasoning", "text", "refusal")


def question_text(payload: Json) -> str:
    """Everything that a caller says to the model, one piece a line."""
    return "\n".join(piece for piece in _asked(payload) if piece)


def answer_text(payload: object) -> str:
    """What the choices of a whole answer, or of one event of a stream, say."""
    return "".join(text for _, text in choice_texts(payload))


def choice_texts(payload: object) -> Iterator[tuple[int, str]]:
    """(index, text) of each choice that says something; functions' arguments count as said."""
    choices = payload.get("choices") if isinstance(payload, dict) else None
    for choice in choices if isinstance(choices, list) else ():
        if not isinstance(choice, dict):
            continue
        said = [choice]
        said += [
            part for name in ("delta", "message") if isinstance(part := choice.get(name), dict)
        ]
        for part in said:
            for field in _FIELDS:
                text = part.get(field)
                if isinstance(text, str) and text:
                    yield int(choice.get("index") or 0), text
            for call in part.get("tool_calls") or ():
                arguments = (call.get("function") or {}).get("arguments")
                if isinstance(arguments, str):
                    yield int(choice.get("index") or 0), arguments


def contents(payload: object) -> Iterator[tuple[int, str]]:
    """(index, text) of what each choice gives as its answer, without thoughts and function calls."""
    choices = payload.get("choices") if isinstance(payload, dict) else None
    for choice in choices if isinstance(choices, list) else ():
        if isinstance(choice, dict):
            part = choice.get("message") or choice.get("delta") or choice
            text = part.get("content", part.get("text")) if isinstance(part, dict) else None
            if isinstance(text, str):
                yield int(choice.get("index") or 0), text


def events(data: bytes) -> Iterator[object]:
    """The JSON of each `data:` line; what is none is left out."""
    for line in data.splitlines():
        if line.startswith(b"data:"):
            try:
                yield orjson.loads(line[5:])
            except orjson.JSONDecodeError:
                continue


def _asked(payload: Json) -> Iterator[str]:
    messages = payload.get("messages")
    for message in messages if isinstance(messages, list) else ():
        if isinstance(message, dict):
            yield from _pieces(message.get("content"))
    for field in ("prompt", "negative_prompt", "input", "query", "documents"):
        yield from _pieces(payload.get(field))


def _pieces(content: object) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, list):
        for part in content:
            yield from _pieces(part.get("text") if isinstance(part, dict) else part)
