"""Rows of what services want of their calls, and of other people's servers behind them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from slipway.base.database import JsonValue, Row


class CallPolicyRow(Row):
    """One for each service that has said anything; `policy` as `call_policy.CallPolicy` has it."""

    __tablename__ = "call_policies"

    service_id: Mapped[str] = mapped_column(
        ForeignKey("services.id", ondelete="CASCADE"), primary_key=True
    )
    policy: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    hook_sealed: Mapped[str] = mapped_column(default="", server_default="")
    updated_by: Mapped[str]
    updated_at: Mapped[datetime]


class ProjectAuditRow(Row):
    """How a project's calls are looked at where a service says nothing of its own."""

    __tablename__ = "project_audits"

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    audit: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    hook_sealed: Mapped[str] = mapped_column(default="", server_default="")
    updated_by: Mapped[str]
    updated_at: Mapped[datetime]


class ServiceUpstreamRow(Row):
    """Somebody else's OpenAI-compatible server that answers for a service."""

    __tablename__ = "service_upstreams"

    id: Mapped[str] = mapped_column(primary_key=True)
    service_id: Mapped[str] = mapped_column(
        ForeignKey("services.id", ondelete="CASCADE"), index=True
    )
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"))
    name: Mapped[str]
    url: Mapped[str]
    model: Mapped[str]  # its name there; '' is the name in the call
    key_sealed: Mapped[str]
    key_hint: Mapped[str]
    weight: Mapped[int]  # beside the versions'; 0: only when nobody else can answer
    enabled: Mapped[bool]
    created_by: Mapped[str]
    creator_name: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
