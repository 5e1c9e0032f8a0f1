"""Where a project's logs are sent for long keeping, and how a task's delivery stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class StoreKind(StrEnum):
    LOKI = "loki"
    ELASTICSEARCH = "elasticsearch"  # and OpenSearch: the bulk API is the same
    HTTP = "http"  # JSON lines, posted
    FILE = "file"  # files below an address in the project's storage


@dataclass(frozen=True, slots=True)
class LogStore:
    """`secret` is the password where there is a `username`, else a bearer token."""

    project_id: str
    kind: StoreKind
    address: str
    index: str = ""  # elasticsearch
    username: str = ""
    labels: dict[str, str] = field(default_factory=dict)  # loki
    secret: str | None = field(default=None, repr=False)
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    owner_id: str
    project_id: str
    name: str
    enabled: bool
    error: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line on its way; `position` is where it starts in its instance's log, and so its identity."""

    time: str
    instance_id: str
    category: str
    text: str
    position: int


@dataclass(frozen=True, slots=True)
class Parcel:
    """Neighbouring lines of one instance's log."""

    owner_id: str
    owner_name: str
    instance_id: str
    entries: tuple[Entry, ...]
