"""Rules, targets, deliveries and what is written into an inbox."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class RuleMode(StrEnum):
    FORM = "form"
    PATTERN = "pattern"


class TargetKind(StrEnum):
    WEBHOOK = "webhook"
    EMAIL = "email"
    INBOX = "inbox"


class Language(StrEnum):
    EN = "en"
    ZH = "zh"


class DeliveryState(StrEnum):
    """Pending and Retrying are still to be sent; Failed has been given up."""

    PENDING = "Pending"
    RETRYING = "Retrying"
    DELIVERED = "Delivered"
    FAILED = "Failed"

    @property
    def is_final(self) -> bool:
        return self in (DeliveryState.DELIVERED, DeliveryState.FAILED)


OPEN_STATES = (DeliveryState.PENDING, DeliveryState.RETRYING)


class MailSecurity(StrEnum):
    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


@dataclass(frozen=True, slots=True)
class Rule:
    """`owner_id` is set for a rule that a user made for themselves; others do not see it.

    It sees events after `since_seq`: those before its last save are past.
    """

    id: str
    project_id: str
    owner_id: str
    name: str
    description: str
    enabled: bool
    mode: RuleMode
    pattern: str
    platform: bool
    since_seq: int
    target_ids: tuple[str, ...]
    created_by: str
    creator_name: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Recipients:
    """Who gets an in-app message: named users, all members, the creator of what it is about."""

    users: tuple[str, ...] = ()
    members: bool = False
    creator: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """`shown` says where it leads without giving away a secret in an address."""

    id: str
    project_id: str
    owner_id: str
    name: str
    kind: TargetKind
    language: Language
    shown: str
    recipients: Recipients
    addresses: tuple[str, ...]
    url_sealed: str | None
    secret_sealed: str | None
    failures: int
    open_until: datetime | None
    last_error: str
    creator_name: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Message:
    """What is told, in one language. `lines` are (label, value)."""

    title: str
    lines: tuple[tuple[str, str], ...]
    link: str

    def as_json(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "lines": [list(line) for line in self.lines],
            "link": self.link,
        }

    @classmethod
    def of(cls, data: dict[str, Any]) -> Message:
        return cls(data["title"], tuple((a, b) for a, b in data["lines"]), data["link"])


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one target by one rule. Names are kept: the log outlives rule and target."""

    id: str
    project_id: str
    event_seq: int
    event_id: str
    event_type: str
    subject_id: str
    subject_name: str
    rule_id: str
    rule_name: str
    target_id: str
    target_name: str
    target_kind: TargetKind
    test: bool
    state: DeliveryState
    attempts: int
    next_at: datetime | None
    event: dict[str, Any]
    message: Message
    tries: tuple[dict[str, Any], ...]
    last_error: str
    created_at: datetime
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of one attempt. `hopeless`: trying again cannot help."""

    ok: bool
    error: str = ""
    request: str = ""
    response: str = ""
    hopeless: bool = False


@dataclass(frozen=True, slots=True)
class MailServer:
    host: str
    port: int
    security: MailSecurity
    user: str
    password: str = field(repr=False)
    sender: str


@dataclass(frozen=True, slots=True)
class InboxMessage:
    delivery_id: str
    project_id: str
    title: str
    lines: tuple[tuple[str, str], ...]
    link: str
    event_type: str
    created_at: datetime
    read_at: datetime | None
