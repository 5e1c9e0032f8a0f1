"""One JSON record -> one sample. Each format has one reader; `read_record` picks it by its keys.

Faults are raised as `RecordError` with a reason only; the file and line are the caller's to add.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from slipway.runtime.recipes.samples import (
    Conversation,
    Message,
    PlainText,
    Role,
    Sample,
    conversation,
)

Record = Mapping[str, Any]


class RecordError(ValueError):
    """Why a record is not a sample."""


def read_record(record: object) -> Sample:
    """Read a record in whichever known format its keys announce."""
    if not isinstance(record, dict):
        raise RecordError("must be a JSON object")
    for key, read in _READERS.items():
        if key in record:
            return read(record)
    raise RecordError(
        "has none of the keys that announce a format: " + ", ".join(f"`{key}`" for key in _READERS)
    )


# --- the platform's own format -------------------------------------------------------------------


def read_platform(record: Record) -> Conversation:
    """`{"system"?: text, "conversation": [{"prompt": text, "response": text}, ...]}`"""
    turns = _non_empty_list(record, "conversation")
    pairs = []
    for number, turn in enumerate(turns, start=1):
        if not isinstance(turn, dict):
            raise RecordError(f"turn {number} of `conversation` must be an object")
        try:
            pairs.append((_text(turn, "prompt"), _text(turn, "response")))
        except RecordError as fault:
            raise RecordError(f"turn {number} of `conversation`: {fault}") from None
    return conversation(_optional_text(record, "system"), pairs)


def read_pair(record: Record, prompt: str = "prompt", response: str = "response") -> Conversation:
    """One question and one answer under the given keys."""
    pair = (_text(record, prompt), _text(record, response))
    return conversation(_optional_text(record, "system"), [pair])


def read_text(record: Record) -> PlainText:
    return PlainText(_text(record, "text"))


# --- Alpaca --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AlpacaColumns:
    """Which key holds what; the names are those of the public Alpaca data."""

    prompt: str = "instruction"
    query: str | None = "input"
    response: str = "output"
    system: str | None = "system"
    history: str | None = "history"


def read_alpaca(record: Record, columns: AlpacaColumns | None = None) -> Conversation:
    columns = columns or AlpacaColumns()
    prompt = _text(record, columns.prompt)
    query = _optional_text(record, columns.query)
    if query:
        prompt = f"{prompt}\n{query}"
    turns = [*_history(record, columns.history), (prompt, _text(record, columns.response))]
    return conversation(_optional_text(record, columns.system), turns)


def _history(record: Record, key: str | None) -> list[tuple[str, str]]:
    rounds = record.get(key) if key else None
    if rounds is None:
        return []
    well_formed = isinstance(rounds, list) and all(
        isinstance(pair, list) and len(pair) == 2 and all(isinstance(text, str) for text in pair)
        for pair in rounds
    )
    if not well_formed:
        raise RecordError(f"`{key}` must be a list of [question, answer] pairs of text")
    return [(question, answer) for question, answer in rounds]


# --- ShareGPT and OpenAI messages ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MessageTags:
    """How a list of messages is spelled."""

    messages: str = "conversations"
    system: str | None = "system"
    role: str = "from"
    content: str = "value"
    user: tuple[str, ...] = ("human", "user")
    assistant: tuple[str, ...] = ("gpt", "assistant", "bot", "model")
    system_role: tuple[str, ...] = ("system",)


OPENAI_TAGS = MessageTags(messages="messages", role="role", content="content")


def read_messages(record: Record, tags: MessageTags | None = None) -> Conversation:
    tags = tags or MessageTags()
    entries = _non_empty_list(record, tags.messages)
    messages = [_message(entry, number, tags) for number, entry in enumerate(entries, start=1)]
    system = _optional_text(record, tags.system)
    if system and messages[0].role is not Role.SYSTEM:
        messages.insert(0, Message(Role.SYSTEM, system))
    _check_order(messages)
    return Conversation(tuple(messages))


def _message(entry: object, number: int, tags: MessageTags) -> Message:
    if not isinstance(entry, dict):
        raise RecordError(f"message {number} must be an object")
    try:
        role, content = _text(entry, tags.role), _text(entry, tags.content)
    except RecordError as fault:
        raise RecordError(f"message {number}: {fault}") from None
    names = {
        Role.USER: tags.user,
        Role.ASSISTANT: tags.assistant,
        Role.SYSTEM: tags.system_role,
    }
    for known, spellings in names.items():
        if role in spellings:
            return Message(known, content)
    raise RecordError(f"message {number}: the role `{role}` is not supported")


def _check_order(messages: list[Message]) -> None:
    turns = messages[1:] if messages[0].role is Role.SYSTEM else messages
    if not turns or len(turns) % 2:
        raise RecordError("must end with an answer to the last question")
    for position, message in enumerate(turns):
        expected = Role.ASSISTANT if position % 2 else Role.USER
        if message.role is not expected:
            raise RecordError("user and assistant must take turns, the user first")


# --- fields --------------------------------------------------------------------------------------


def _text(record: Record, key: str) -> str:
    if key not in record:
        raise RecordError(f"`{key}` is missing")
    value = record[key]
    if not isinstance(value, str):
        raise RecordError(f"`{key}` must be text")
    if not value.strip():
        raise RecordError(f"`{key}` is empty")
    return value


def _optional_text(record: Record, key: str | None) -> str | None:
    value = record.get(key) if key else None
    if value is not None and not isinstance(value, str):
        raise RecordError(f"`{key}` must be text")
    return value


def _non_empty_list(record: Record, key: str) -> list[Any]:
    if key not in record:
        raise RecordError(f"`{key}` is missing")
    value = record[key]
    if not isinstance(value, list) or not value:
        raise RecordError(f"`{key}` must be a list with at least one entry")
    return value


# Tried in this order: the more telling key comes first.
_READERS: dict[str, Callable[[Record], Sample]] = {
    "conversation": read_platform,
    "conversations": read_messages,
    "messages": lambda record: read_messages(record, OPENAI_TAGS),
    "instruction": read_alpaca,
    "prompt": lambda record: read_pair(
        record, "prompt", "answer" if "answer" in record else "response"
    ),
    "question": lambda record: read_pair(record, "question", "answer"),
    "text": read_text,
}
