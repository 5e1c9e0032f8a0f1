"""Service groups: one AppKey for several services."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from slipway.serving.key_rules import KeyRules


@dataclass(frozen=True, slots=True)
class Ban:
    """By the platform's staff; the owner can neither lift nor get around it."""

    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class AppKey:
    """`ends_at` is set on a key that was replaced and may be used until then."""

    id: str
    group_id: str
    hint: str
    secret_hash: str
    created_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class ServiceGroup:
    """`keys`: the AppKey first, then those that it replaced and that still work."""

    id: str
    project_id: str
    name: str
    description: str
    enabled: bool
    ban: Ban | None
    rules: KeyRules
    services: tuple[str, ...]
    keys: tuple[AppKey, ...]
    created_by: str
    creator_name: str
    created_at: datetime
    updated_at: datetime

    @property
    def state(self) -> str:
        if self.ban is not None:
            return "banned"
        return "enabled" if self.enabled else "disabled"


@dataclass(frozen=True, slots=True)
class NewGroup:
    group: ServiceGroup
    secret: str


@dataclass(frozen=True, slots=True)
class LinkedService:
    """A service as a group's owner sees it."""

    id: str
    name: str
    state: str
    llm: bool
    preset: bool
    models: tuple[str, ...]
    model_ref: str  # of its newest version: `mv-...` of the repository, or a storage address
