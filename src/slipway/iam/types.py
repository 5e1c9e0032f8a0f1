"""Who is asking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from slipway.base.errors import Forbidden
from slipway.iam.roles import Role, may


class KeyKind(StrEnum):
    TOKEN = "token"  # noqa: S105  a bearer secret for the API, kept only as a hash
    ACCESS = "access"  # an ID + secret pair for signed protocols, kept sealed


@dataclass(frozen=True, slots=True)
class User:
    id: str
    name: str
    display_name: str
    is_admin: bool
    enabled: bool
    created_at: datetime
    last_login_at: datetime | None
    last_login_from: str | None


@dataclass(frozen=True, slots=True)
class Membership:
    project_id: str
    project_name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in user acting in one project (or in none: `project_id` is empty)."""

    user_id: str
    user_name: str
    is_admin: bool
    project_id: str
    role: Role

    def may(self, action: str) -> bool:
        return self.is_admin or (
            bool(self.project_id or action.startswith("iam:")) and may(self.role, action)
        )

    def require(self, action: str) -> None:
        if not self.may(action):
            raise Forbidden(
                f"You lack the permission {action} here. Ask an administrator of the project for it.",
                action=action,
            )


@dataclass(frozen=True, slots=True)
class KeyInfo:
    id: str
    kind: KeyKind
    name: str
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    enabled: bool


@dataclass(frozen=True, slots=True)
class NewKey:
    info: KeyInfo
    secret: str
