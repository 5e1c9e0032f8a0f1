from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from slipway.base.claims import Claimable
from slipway.base.database import JsonValue, Row


class RuleRow(Row):
    __tablename__ = "alert_rules"
    __table_args__ = (
        # People tell rules apart by name; a user's own rules are apart from the project's.
        UniqueConstraint("project_id", "owner_id", "name", name="uq_alert_rules_name"),
        Index("ix_alert_rules_list", "project_id", "created_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"))
    owner_id: Mapped[str] = mapped_column(default="")
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    enabled: Mapped[bool]
    mode: Mapped[str]
    pattern: Mapped[str]
    platform: Mapped[bool] = mapped_column(default=False)
    since_seq: Mapped[int] = mapped_column(BigInteger)
    created_by: Mapped[str]
    creator_name: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class TargetRow(Row):
    """An address may hold a secret in its path, so it is sealed like the signing secret."""

    __tablename__ = "alert_targets"
    __table_args__ = (
        UniqueConstraint("project_id", "owner_id", "name", name="uq_alert_targets_name"),
        Index("ix_alert_targets_list", "project_id", "created_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"))
    owner_id: Mapped[str] = mapped_column(default="")
    name: Mapped[str]
    kind: Mapped[str]
    language: Mapped[str]
    shown: Mapped[str]
    config: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    url_sealed: Mapped[str | None]
    secret_sealed: Mapped[str | None]
    # Failures in a row; from a few on, the target rests until `open_until`.
    failures: Mapped[int] = mapped_column(default=0)
    open_until: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(default="")
    creator_name: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class RuleTargetRow(Row):
    __tablename__ = "alert_rule_targets"

    rule_id: Mapped[str] = mapped_column(
        ForeignKey("alert_rules.id", ondelete="CASCADE"), primary_key=True
    )
    target_id: Mapped[str] = mapped_column(ForeignKey("alert_targets.id"), primary_key=True)
    place: Mapped[int]


class DeliveryRow(Claimable, Row):
    __tablename__ = "alert_deliveries"
    __table_args__ = (
        # Exactly one record for an event, a rule and a target, however often a loop is killed.
        UniqueConstraint("event_id", "rule_id", "target_id", name="uq_alert_deliveries_once"),
        Index("ix_alert_deliveries_list", "project_id", "created_at"),
        Index("ix_alert_deliveries_due", "target_id", "state", "event_seq"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str]
    owner_id: Mapped[str] = mapped_column(default="")
    event_seq: Mapped[int] = mapped_column(BigInteger)
    event_id: Mapped[str]
    event_type: Mapped[str]
    subject_id: Mapped[str]
    subject_name: Mapped[str]
    rule_id: Mapped[str]
    rule_name: Mapped[str]
    target_id: Mapped[str]
    target_name: Mapped[str]
    target_kind: Mapped[str]
    test: Mapped[bool]
    state: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None]
    event: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    message: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    tries: Mapped[list[Any]] = mapped_column(JsonValue)
    last_error: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]


class PositionRow(Row):
    """How far the events table has been followed; one row."""

    __tablename__ = "alert_position"

    id: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)


class InboxRow(Row):
    """The key keeps a message from being there twice."""

    __tablename__ = "inbox_messages"
    __table_args__ = (Index("ix_inbox_messages_list", "user_id", "created_at"),)

    delivery_id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    project_id: Mapped[str]
    title: Mapped[str]
    lines: Mapped[list[Any]] = mapped_column(JsonValue)
    link: Mapped[str]
    event_type: Mapped[str]
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class MailServerRow(Row):
    """The platform's mail server; one row, or none."""

    __tablename__ = "mail_server"

    id: Mapped[str] = mapped_column(primary_key=True)
    host: Mapped[str]
    port: Mapped[int]
    security: Mapped[str]
    user: Mapped[str]
    password_sealed: Mapped[str | None]
    sender: Mapped[str]
    updated_at: Mapped[datetime]
