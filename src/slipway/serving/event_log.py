"""The events of a version as its tab shows them: of 24 hours, equal ones merged (SRV-53)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from slipway.base.events import Event

KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class MergedEvent:
    first_seen: datetime
    last_seen: datetime
    level: str
    resource_type: str
    resource_name: str
    type: str
    description: str
    count: int
    actor_id: str | None


def merged(events: Iterable[Event], version_id: str | None, now: datetime) -> list[MergedEvent]:
    """Newest first. `version_id` None: of the whole service. `events` may be in any order."""
    found: dict[tuple[str, ...], MergedEvent] = {}
    for event in sorted(events, key=lambda e: e.seq):
        data = event.data
        if event.time < now - KEPT or (version_id and data.get("version_id") != version_id):
            continue
        one = MergedEvent(
            first_seen=event.time, last_seen=event.time, level=str(data.get("level", "Normal")),
            resource_type=str(data.get("resource_type", "")),
            resource_name=str(data.get("resource_name", "")), type=event.type,
            description=str(data.get("description", "")), count=1, actor_id=event.actor_id,
        )  # fmt: skip
        key = (event.type, one.resource_name, one.description, event.actor_id or "")
        before = found.get(key)
        if before is not None:
            one = replace(one, first_seen=before.first_seen, count=before.count + 1)
        found[key] = one
    return sorted(found.values(), key=lambda e: e.last_seen, reverse=True)
