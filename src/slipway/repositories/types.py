"""Registered Git repositories: where code comes from, with what it takes to read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class CredentialKind(StrEnum):
    NONE = "none"
    PASSWORD = "password"  # noqa: S105  of https; a token counts as one
    SSH_KEY = "ssh_key"


@dataclass(frozen=True, slots=True)
class Credentials:
    user: str = ""
    password: str = ""
    ssh_key: str = ""

    @property
    def kind(self) -> CredentialKind:
        if self.ssh_key:
            return CredentialKind.SSH_KEY
        return CredentialKind.PASSWORD if self.password else CredentialKind.NONE


@dataclass(frozen=True, slots=True)
class Probe:
    """What the last test of the connection found: a commit, or Git's words."""

    time: datetime
    commit: str
    reason: str

    @property
    def ok(self) -> bool:
        return bool(self.commit)


@dataclass(frozen=True, slots=True)
class Repository:
    id: str
    project_id: str
    name: str
    description: str
    tags: dict[str, str]
    url: str
    ref: str  # branch, tag or commit; empty: the default branch
    credential: CredentialKind
    user: str
    probe: Probe | None
    created_by: str
    creator_name: str
    created_at: datetime
    updated_at: datetime
