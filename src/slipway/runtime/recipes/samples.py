"""The two things a language model can be trained on: a conversation, or plain text."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class Message:
    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """An optional system message, then user and assistant in turn, ending with the assistant."""

    messages: tuple[Message, ...]

    def as_dicts(self) -> list[dict[str, str]]:
        return [{"role": str(m.role), "content": m.content} for m in self.messages]


@dataclass(frozen=True, slots=True)
class PlainText:
    content: str


Sample = Conversation | PlainText


def conversation(system: str | None, turns: list[tuple[str, str]]) -> Conversation:
    """Build a conversation from (prompt, response) pairs. An empty system text counts as none."""
    messages = [Message(Role.SYSTEM, system)] if system else []
    for prompt, response in turns:
        messages += [Message(Role.USER, prompt), Message(Role.ASSISTANT, response)]
    return Conversation(tuple(messages))
