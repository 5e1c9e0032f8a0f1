"""Rows of service groups."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from slipway.base.database import JsonValue, Row

_LIVE = text("deleted_at IS NULL")


class ServiceGroupRow(Row):
    """Stays after its deletion, without key and links: past calls are shown under its name."""

    __tablename__ = "service_groups"
    __table_args__ = (
        Index("ix_service_groups_list", "project_id", "created_at"),
        # A name is free again once its group is deleted.
        Index("uq_service_groups_name", "project_id", "name", unique=True, sqlite_where=_LIVE,
              postgresql_where=_LIVE),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"))
    name: Mapped[str]
    description: Mapped[str]
    enabled: Mapped[bool]
    banned_at: Mapped[datetime | None]
    banned_by: Mapped[str | None]
    ban_reason: Mapped[str] = mapped_column(default="")
    rules: Mapped[dict[str, Any]] = mapped_column(JsonValue)  # of `KeyRules`
    created_by: Mapped[str]
    creator_name: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class GroupLinkRow(Row):
    __tablename__ = "service_group_links"

    group_id: Mapped[str] = mapped_column(
        ForeignKey("service_groups.id", ondelete="CASCADE"), primary_key=True
    )
    service_id: Mapped[str] = mapped_column(
        ForeignKey("services.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    place: Mapped[int]


class GroupKeyRow(Row):
    """The hash is what the gateway gets; the sealed copy is for the owner to read again."""

    __tablename__ = "service_group_keys"

    id: Mapped[str] = mapped_column(primary_key=True)
    group_id: Mapped[str] = mapped_column(
        ForeignKey("service_groups.id", ondelete="CASCADE"), index=True
    )
    hint: Mapped[str]
    secret_hash: Mapped[str] = mapped_column(unique=True)
    secret_sealed: Mapped[str]
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]


class ModelRulesRow(Row):
    """What holds for a service whoever calls it. Prices are millionths of the currency: for a
    million tokens, and for one image."""

    __tablename__ = "service_model_rules"

    service_id: Mapped[str] = mapped_column(
        ForeignKey("services.id", ondelete="CASCADE"), primary_key=True
    )
    aliases: Mapped[list[Any]] = mapped_column(JsonValue)
    limits: Mapped[dict[str, Any]] = mapped_column(JsonValue)  # rpm, tpm, ipm
    preset: Mapped[bool]
    free_tokens: Mapped[int | None] = mapped_column(BigInteger)
    prices: Mapped[dict[str, Any]] = mapped_column(JsonValue)  # prompt, completion, image
    updated_at: Mapped[datetime]
