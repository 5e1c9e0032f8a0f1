"""Which services have events that rules can cover, and how such an event looks from outside.

A service is handed in as data by `api/`: this room knows none by itself. One builder (`shape_of`)
makes the event that samples, webhooks and the matching language all see (table T6).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slipway.base.clock import rfc3339
from slipway.base.events import Event

VENDOR_SOURCE = "tione.cloud.tencent"
VENDOR_PREFIX = "tione:ErrorEvent"


@dataclass(frozen=True, slots=True)
class EventKind:
    """`name` as in `taskCompleted`; the words are those of messages and forms."""

    name: str
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Fields:
    """What the keys of `data` are called for the id, name and creator of what an event is about."""

    id: str = "id"
    name: str = "name"
    creator: str = "creator"


@dataclass(frozen=True, slots=True)
class EventService:
    """`prefix` begins the types in the events table; `page` is the console's address of a subject,
    whose ids begin with `id_prefix`."""

    key: str
    source: str
    prefix: str
    en: str
    zh: str
    subject_kind: str
    id_prefix: str
    page: str
    events: tuple[EventKind, ...]
    fields: Fields = Fields()
    sample_state: str = ""
    sample_event: str = ""
    sample_reason: str = ""
    # The vendor's names are accepted in rules that are brought over.
    vendor: bool = False
    # Events that belong to no project; only administrators of the platform make rules over them.
    platform: bool = False

    def type_of(self, name: str) -> str:
        return f"{self.prefix}:{name}"

    @property
    def types(self) -> frozenset[str]:
        return frozenset(self.type_of(kind.name) for kind in self.events)

    def kind_of(self, event_type: str) -> EventKind | None:
        return next((k for k in self.events if self.type_of(k.name) == event_type), None)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a rule can ask of an event. `tags` holds `key:value` entries without the semicolon."""

    type: str
    subject_id: str
    creator: str
    tags: frozenset[str]


class Catalogue:
    def __init__(self, services: tuple[EventService, ...]) -> None:
        self.services = services

    def by_key(self, key: str) -> EventService | None:
        return next((s for s in self.services if s.key == key), None)

    def by_source(self, source: str) -> tuple[EventService, ...]:
        """The services of a source; the vendor's one stands for several."""
        if source == VENDOR_SOURCE:
            return tuple(s for s in self.services if s.vendor)
        return tuple(s for s in self.services if s.source == source)

    def of_type(self, event_type: str) -> EventService | None:
        return next((s for s in self.services if event_type in s.types), None)

    def sources(self) -> list[str]:
        vendor = [VENDOR_SOURCE] if any(s.vendor for s in self.services) else []
        return [s.source for s in self.services] + vendor


def own_type(written: str, services: tuple[EventService, ...]) -> str | None:
    """The platform's type for what a rule or a sample says, or None where no service has it."""
    name = written.removeprefix(f"{VENDOR_PREFIX}:")
    for service in services:
        if written in service.types:
            return written
        if service.vendor and name != written and service.type_of(name) in service.types:
            return service.type_of(name)
    return None


def shape_of(event: Event, service: EventService, region: str) -> dict[str, Any]:
    """The event as table T6 shows it; a service's own figures stay out, so that it never grows."""
    return _shape(
        service, region, event_id=event.id, event_type=event.type, time=event.time,
        subject=event.subject_id, name=name_of(event), creator=creator_of(event),
        tags=str(event.data.get("tags") or ""), state=str(event.data.get("state") or ""),
        reason=reason_of(event),
    )  # fmt: skip


def sample_of(service: EventService, region: str, now: datetime) -> dict[str, Any]:
    return _shape(
        service, region, event_id="evt-4k8m2n6p0q3r", time=now,
        event_type=service.type_of(service.sample_event or service.events[0].name),
        subject=f"{service.id_prefix}-904376754076", name="resnet-sweep-3", creator="user-1042",
        tags="team:vision;stage:test;", state=service.sample_state, reason=service.sample_reason,
    )  # fmt: skip


def facts_of(shape: dict[str, Any], service: EventService) -> Facts:
    """Tolerant: a sample may have been written by hand."""
    data = shape.get("data")
    data = data if isinstance(data, dict) else {}
    written = str(shape.get("type", ""))
    return Facts(
        type=own_type(written, (service,)) or written,
        subject_id=str(data.get(service.fields.id, shape.get("subject", ""))),
        creator=str(data.get(service.fields.creator, "")),
        tags=tags_of(str(data.get("tags", ""))),
    )


def tags_of(text: str) -> frozenset[str]:
    """`team:vision;stage:test;` to its entries."""
    return frozenset(entry for entry in text.split(";") if entry)


def name_of(event: Event) -> str:
    for key in ("taskName", "name", "resource_name"):
        if event.data.get(key):
            return str(event.data[key])
    return event.subject_id


def creator_of(event: Event) -> str:
    """Whose object it is, as far as the event says so; else who acted."""
    found = event.data.get("taskSubUin") or event.data.get("creator") or event.actor_id
    return str(found or "")


def reason_of(event: Event) -> str:
    return str(event.data.get("reason") or event.data.get("description") or "")


def _shape(
    service: EventService, region: str, *, event_id: str, event_type: str, time: datetime, subject: str,
    name: str, creator: str, tags: str, state: str, reason: str,
) -> dict[str, Any]:  # fmt: skip
    fields = service.fields
    return {
        "id": event_id,
        "source": service.source,
        "type": event_type,
        "time": rfc3339(time),
        "region": region,
        "subject": subject,
        "data": {
            fields.id: subject,
            fields.name: name,
            fields.creator: creator,
            "tags": tags,
            "state": state,
            "reason": reason,
        },
    }
