"""Rows of the playground. What is said is its author's alone; the day's counts hold no words."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Date, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from slipway.base.database import JsonValue, Row


class HistorySwitchRow(Row):
    """Whether a user's conversations are kept. No row: they are."""

    __tablename__ = "playground_switches"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    keeps: Mapped[bool]


class ConversationRow(Row):
    __tablename__ = "playground_conversations"
    __table_args__ = (
        Index("ix_playground_conversations_list", "user_id", "project_id", "updated_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"))
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str]
    title: Mapped[str]
    services: Mapped[str] = mapped_column(default="")
    settings: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    questions: Mapped[int] = mapped_column(default=0)
    picture_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class TurnRow(Row):
    __tablename__ = "playground_turns"
    __table_args__ = (
        # A question that is asked again takes the place of the one before.
        UniqueConstraint(
            "conversation_id", "side", "position", name="uq_playground_turns_position"
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("playground_conversations.id", ondelete="CASCADE")
    )
    side: Mapped[int]
    position: Mapped[int]
    persona: Mapped[str] = mapped_column(default="")
    question: Mapped[str]
    pictures: Mapped[list[Any]] = mapped_column(JsonValue)
    service_id: Mapped[str]
    service_name: Mapped[str]
    answer: Mapped[str] = mapped_column(default="")
    reasoning: Mapped[str] = mapped_column(default="")
    results: Mapped[list[Any]] = mapped_column(JsonValue)
    state: Mapped[str]
    problem: Mapped[dict[str, Any] | None] = mapped_column(JsonValue)
    finish_reason: Mapped[str] = mapped_column(default="")
    prompt_tokens: Mapped[int | None]
    completion_tokens: Mapped[int | None]
    first_ms: Mapped[float | None]
    total_ms: Mapped[float | None]
    rating: Mapped[str]
    started_at: Mapped[datetime]


class PictureRow(Row):
    __tablename__ = "playground_pictures"

    id: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("playground_conversations.id", ondelete="CASCADE"), index=True
    )
    turn_id: Mapped[str] = mapped_column(
        ForeignKey("playground_turns.id", ondelete="CASCADE"), index=True
    )
    media_type: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)


class DayRow(Row):
    """Answers of one service on one day: counts that outlive the conversations."""

    __tablename__ = "playground_days"

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    service_id: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    service_name: Mapped[str]
    answers: Mapped[int] = mapped_column(default=0)
    stopped: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    up: Mapped[int] = mapped_column(default=0)
    down: Mapped[int] = mapped_column(default=0)
    completion_tokens: Mapped[int] = mapped_column(BigInteger, default=0)
    first_ms: Mapped[float] = mapped_column(default=0.0)  # sum over `first_count` answers
    first_count: Mapped[int] = mapped_column(default=0)


class PresetRow(Row):
    __tablename__ = "playground_presets"
    __table_args__ = (
        # Two of one name by the same person would be told apart by nobody.
        UniqueConstraint("project_id", "owner_id", "name", name="uq_playground_presets_name"),
        Index("ix_playground_presets_list", "project_id", "updated_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"))
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    kind: Mapped[str]
    shared: Mapped[bool]
    latest: Mapped[int]
    owner_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    owner: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class PresetVersionRow(Row):
    """Never changed once written."""

    __tablename__ = "playground_preset_versions"

    preset_id: Mapped[str] = mapped_column(
        ForeignKey("playground_presets.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    note: Mapped[str]
    content: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    author: Mapped[str]
    created_at: Mapped[datetime]
