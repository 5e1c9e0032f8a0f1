"""Values of the playground: what can be tried, and what is kept of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

HISTORY_LIMIT = 200  # conversations of a user, over all projects (PLY-15)
HISTORY_BYTES = 256 << 20  # of pictures in them; the oldest conversations go first
MAX_SIDES = 4  # models asked at once (PLY-X1)
MAX_PICTURE_BYTES = 10 << 20  # of one picture sent to a model (PLY-13)


class TryKind(StrEnum):
    """What one does with a model here; chosen first (PLY-01)."""

    CHAT = "chat"
    IMAGE = "image"  # text to image
    VISION = "vision"  # questions about pictures


class AnswerState(StrEnum):
    ANSWERING = "answering"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


class Rating(StrEnum):
    UP = "up"
    DOWN = "down"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why there is no (whole) answer; `code` and `message` are those of the API."""

    status: int
    code: str
    message: str

    def as_json(self) -> dict[str, Any]:
        return {"status": self.status, "code": self.code, "message": self.message}


@dataclass(frozen=True, slots=True)
class Settings:
    """How the last question of a conversation was asked. `parameters`: as in the request's body."""

    persona: str
    parameters: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        return {"persona": self.persona, "parameters": dict(self.parameters)}


@dataclass(frozen=True, slots=True)
class Conversation:
    id: str
    kind: TryKind
    title: str
    services: str  # their names, for the list and its search
    settings: Settings
    questions: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and its answer, on one side of a conversation.

    `pictures` are ids of what was sent along, `results` of what was drawn.
    """

    id: str
    conversation_id: str
    side: int
    position: int
    persona: str
    question: str
    pictures: tuple[str, ...]
    service_id: str
    service_name: str
    answer: str
    reasoning: str
    results: tuple[str, ...]
    state: AnswerState
    problem: Problem | None
    finish_reason: str
    prompt_tokens: int | None
    completion_tokens: int | None
    first_ms: float | None
    total_ms: float | None
    rating: Rating
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer came to, before it is written down. `pictures` are (media type, bytes)."""

    state: AnswerState
    text: str = ""
    reasoning: str = ""
    pictures: tuple[tuple[str, bytes], ...] = ()
    problem: Problem | None = None
    finish_reason: str = ""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    first_ms: float | None = None
    total_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Preset:
    """A saved prompt. `latest` is its newest version; shared ones can be read in the project."""

    id: str
    name: str
    description: str
    kind: TryKind
    shared: bool
    latest: int
    owner_id: str
    owner: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class PresetVersion:
    number: int
    note: str
    content: Mapping[str, Any]
    author: str
    created_at: datetime
