"""The stream of routes to one gateway: everything first, then only what differs.

What was sent is kept per connection, so a gateway that was away just connects again. Changes are
heard through hints; with each ping everything is compared anew, so a lost hint costs seconds.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.clock import utc_now
from slipway.base.database import Database
from slipway.serving import call_routes, queries, wake
from slipway.serving.call_routes import Resealer
from slipway.serving.groups import queries as groups
from slipway.serving.groups.model_rules import for_gateway
from slipway.serving.routing import Address, Json, Routing, changes, routing_of

PING_S = 15.0


async def follow_routes(
    db: Database, *, ping_s: float = PING_S, reseal: Resealer | None = None
) -> AsyncIterator[bytes]:
    """Lines of JSON, until the process goes down (`wake.services.close()`)."""
    with wake.services.listen() as changed:
        routing = await load(db, reseal=reseal)
        known, version = routing.objects(), _now()
        yield _line(routing.as_reset(version))
        while True:
            touched = await changed.wait(ping_s)
            if changed.closed:
                return
            messages = await _news(db, known, touched, reseal)
            version = max(version + 1, _now())
            for message in messages:
                yield _line(message | {"version": version})
            if not touched:
                yield _line({"op": "ping", "version": version})


async def load(
    db: Database, ids: Sequence[str] | None = None, *, reseal: Resealer | None = None
) -> Routing:
    """The routes of these services and groups (those that exist); of all where none are named."""
    async with db.read() as session:
        if ids is None:
            ids = [
                *await queries.list_service_ids(session), *await groups.list_group_ids(session)
            ]  # fmt: skip
        return await call_routes.add_to(session, await _load(session, ids), ids, reseal)


async def _news(
    db: Database, known: dict[Address, Json], touched: set[str], reseal: Resealer | None
) -> list[Json]:
    """What has to be said, noted as known. Nothing touched: everything is compared."""
    if touched:
        before = {a: v for a, v in known.items() if _owner(a, v) in touched}
        after = (await load(db, sorted(touched), reseal=reseal)).objects()
    else:
        before, after = dict(known), (await load(db, reseal=reseal)).objects()
    messages = changes(before, after)
    for address in before:
        del known[address]
    known.update(after)
    return messages


async def _load(session: AsyncSession, ids: Sequence[str]) -> Routing:
    now = utc_now()
    rules = await groups.rules_of(session, ids)
    return routing_of(
        [queries.frozen_service(r) for r in await queries.list_services(session, ids)],
        [queries.frozen_version(r) for r in await queries.list_versions(session, ids)],
        [queries.frozen_replica(r) for r in await queries.list_live_replicas(session, ids)],
        [queries.frozen_key(r) for r in await queries.list_keys(session, ids)],
        await groups.freeze(session, await groups.list_groups(session, ids), now),
        {service_id: for_gateway(row) for service_id, row in rules.items()},
    )


def _owner(address: Address, value: Json) -> str:
    """The service or group that an object belongs to."""
    return str(value["group"] or value["services"][0]) if address[0] == "key" else address[1]


def _now() -> int:
    """Versions of the routes rise across restarts without being kept anywhere."""
    return time.time_ns() // 1_000_000


def _line(message: Json) -> bytes:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
