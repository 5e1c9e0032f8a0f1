"""Trying a condition: on a sample, and on events that really happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slipway.alerts.catalogue import EventService, facts_of, sample_of, shape_of
from slipway.alerts.context import AlertContext
from slipway.alerts.pattern import Pattern
from slipway.base.events import list_events
from slipway.iam.types import Actor


@dataclass(frozen=True, slots=True)
class Tried:
    shape: dict[str, Any]
    matches: bool


def try_sample(
    ctx: AlertContext, pattern: Pattern, sample: dict[str, Any] | None, now: datetime
) -> Tried:
    service = _services(ctx, pattern)[0]
    shape = sample if sample is not None else sample_of(service, ctx.site.region, now)
    return Tried(shape, pattern.matches(facts_of(shape, service)))


async def try_recent(ctx: AlertContext, actor: Actor, pattern: Pattern, limit: int) -> list[Tried]:
    """The newest real events of the pattern's services, newest first."""
    services = {t: service for service in _services(ctx, pattern) for t in service.types}
    platform = any(service.platform for service in services.values())
    async with ctx.db.read() as session:
        events = await list_events(
            session, project_id=None if platform else actor.project_id, types=tuple(services),
            newest_first=True, limit=limit,
        )  # fmt: skip
    shapes = [(services[e.type], shape_of(e, services[e.type], ctx.site.region)) for e in events]
    return [Tried(shape, pattern.matches(facts_of(shape, service))) for service, shape in shapes]


def _services(ctx: AlertContext, pattern: Pattern) -> list[EventService]:
    found = [ctx.catalogue.by_key(key) for key in pattern.services]
    return [service for service in found if service is not None]
