"""From events to records: the events table is followed by `seq` from a stored position.

Matching is first done on a snapshot, since nearly no event matches a rule. Where one does, the
same is done again in one write transaction together with the new position: a record and the
position that it stands for are durable together or not at all.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.alerts import queries
from slipway.alerts import queries_deliveries as deliveries
from slipway.alerts.catalogue import facts_of, shape_of
from slipway.alerts.context import AlertContext
from slipway.alerts.errors import PatternFault
from slipway.alerts.pattern import Pattern, parse_pattern
from slipway.alerts.records import Occasion, belongs, write_delivery
from slipway.alerts.types import Rule, RuleMode
from slipway.base.events import Event, list_events

log = logging.getLogger(__name__)

_BATCH = 500
# Events without a match move the position in memory only; so much is looked at again after a crash.
_SAVE_EVERY = 2000


class Follower:
    def __init__(self, ctx: AlertContext) -> None:
        self._ctx = ctx
        self._seen: int | None = None
        self._saved = 0

    async def catch_up(self) -> int:
        """Look at every event there is; how many records were written."""
        written = 0
        while True:
            seen = await self._start()
            async with self._ctx.db.read() as session:
                events = await list_events(session, project_id=None, after=seen, limit=_BATCH)
                rules = await queries.list_enabled_rules(session) if events else []
            if not events:
                return written
            last = events[-1].seq
            if _matches(self._ctx, events, rules) or last - self._saved >= _SAVE_EVERY:
                written += await self._write(events)
                self._saved = last
            self._seen = last

    async def _start(self) -> int:
        if self._seen is None:
            async with self._ctx.db.begin() as session:
                self._seen = self._saved = await deliveries.start_position(session)
        return self._seen

    async def _write(self, events: Sequence[Event]) -> int:
        ctx, written = self._ctx, 0
        async with ctx.db.begin() as session:
            stored = await deliveries.position(session, lock=True) or 0
            rules = await queries.list_enabled_rules(session)
            for event, rule in _matches(ctx, events, rules):
                if event.seq > stored:
                    written += await _record(session, ctx, event, rule)
            await deliveries.set_position(session, max(stored, events[-1].seq))
        return written


async def _record(session: AsyncSession, ctx: AlertContext, event: Event, rule: Rule) -> int:
    service = ctx.catalogue.of_type(event.type)
    assert service is not None  # it matched
    if rule.owner_id and not await belongs(session, rule.project_id, rule.owner_id):
        return 0  # a notice of somebody who has left the project
    occasion = Occasion(
        rule.project_id, rule.owner_id, rule.id, rule.name, event.seq,
        shape_of(event, service, ctx.site.region), service,
    )  # fmt: skip
    targets = await queries.list_targets(session, rule.target_ids)
    made = [
        await write_delivery(session, ctx, occasion, targets[target_id], ctx.now())
        for target_id in rule.target_ids
        if target_id in targets  # one that an event names may have gone since
    ]
    return sum(delivery_id is not None for delivery_id in made)


def _matches(
    ctx: AlertContext, events: Sequence[Event], rules: Sequence[Rule]
) -> list[tuple[Event, Rule]]:
    """In the order of the events."""
    found = []
    parsed = [(rule, pattern) for rule in rules if (pattern := _pattern(ctx, rule)) is not None]
    for event in events:
        service = ctx.catalogue.of_type(event.type)
        if service is None:
            continue
        facts = facts_of(shape_of(event, service, ctx.site.region), service)
        for rule, pattern in parsed:
            own = rule.platform if service.platform else event.project_id == rule.project_id
            if own and event.seq > rule.since_seq and pattern.matches(facts):
                found.append((event, rule))
        if (named := _named_by(event)) is not None:
            found.append((event, named))
    return found


def _named_by(event: Event) -> Rule | None:
    """An alarm says itself whom to tell: it stands for a rule that matches this event only."""
    alarm = event.data.get("alarm")
    if not isinstance(alarm, dict) or not alarm.get("targets") or event.project_id is None:
        return None
    return Rule(
        id=alarm["id"], project_id=event.project_id, owner_id="", name=alarm["name"],
        description="", enabled=True, mode=RuleMode.FORM, pattern="", platform=False, since_seq=0,
        target_ids=tuple(alarm["targets"]), created_by="", creator_name="",
        created_at=event.time, updated_at=event.time,
    )  # fmt: skip


def _pattern(ctx: AlertContext, rule: Rule) -> Pattern | None:
    try:
        return parse_pattern(rule.pattern, ctx.catalogue)
    except PatternFault:
        # It was right when it was saved: an event has since gone from the catalogue.
        log.warning("A saved alert rule can no longer be read.", extra={"rule_id": rule.id})
        return None
