"""Taking a node out of service and back: cordon, drain, repair, its end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.database import Database, after_commit
from slipway.base.errors import Invalid
from slipway.compute.nodes import queries
from slipway.compute.nodes.changes import require
from slipway.compute.nodes.events import enter, tell
from slipway.compute.nodes.operations import Operation
from slipway.compute.tables import NodeRow
from slipway.compute.types import Clearing, NodeState
from slipway.compute.wake import node_wake, wake
from slipway.iam.types import Actor

MAX_DRAIN_S = 7 * 24 * 3600
_REASON_LIMIT = 200
_PLACE_LIMIT = 60


async def cordon_node(
    db: Database, actor: Actor, node_id: str, *, reason: str, now: datetime
) -> None:
    async with db.begin() as session:
        node = await queries.get_node(session, node_id)
        require(node, Operation.CORDON)
        await cordon(session, node, reason=_checked_reason(reason), now=now, actor=actor)


async def cordon(
    session: AsyncSession, node: NodeRow, *, reason: str, now: datetime, actor: Actor | None = None
) -> None:
    """It takes no new work; what runs goes on. Also for loops that found the node at fault."""
    node.cordoned, node.cordon_reason = True, reason
    await tell(session, "nodeCordoned", node, actor=actor, now=now, why=reason)
    after_commit(session, wake.schedule)


async def uncordon_node(db: Database, actor: Actor, node_id: str, *, now: datetime) -> None:
    async with db.begin() as session:
        node = await queries.get_node(session, node_id)
        require(node, Operation.UNCORDON)
        node.cordoned, node.cordon_reason, node.drain_until = False, "", None
        await tell(session, "nodeUncordoned", node, actor=actor, now=now)
        after_commit(session, wake.schedule)


async def drain_node(
    db: Database, actor: Actor, node_id: str, *, time_limit_s: float, reason: str, now: datetime
) -> None:
    """No new work from now on; at the limit what still runs is moved away."""
    if not 0 <= time_limit_s <= MAX_DRAIN_S:
        raise Invalid(
            f"The time limit of a drain is 0 to {MAX_DRAIN_S} seconds (a week).",
            field="time_limit_s",
        )
    async with db.begin() as session:
        node = await queries.get_node(session, node_id)
        require(node, Operation.DRAIN)
        node.cordoned, node.cordon_reason = True, _checked_reason(reason) or "Being drained."
        node.drain_until = now + timedelta(seconds=time_limit_s)
        await tell(session, "nodeDraining", node, actor=actor, now=now, time_limit_s=time_limit_s)
        after_commit(session, node_wake.schedule)
        after_commit(session, wake.schedule)


async def start_repair(
    db: Database, actor: Actor, node_id: str, *, reason: str, now: datetime
) -> None:
    """Out of service while somebody repairs it; what runs on it goes on."""
    async with db.begin() as session:
        node = await queries.get_node(session, node_id)
        require(node, Operation.REPAIR)
        words = _checked_reason(reason) or "Being repaired."
        await enter(session, node, NodeState.REPAIRING, words, now, actor)


async def end_repair(db: Database, actor: Actor, node_id: str, *, now: datetime) -> None:
    """Abnormal until the engine is seen to reach it, which is at the next look."""
    async with db.begin() as session:
        node = await queries.get_node(session, node_id)
        require(node, Operation.END_REPAIR)
        await enter(session, node, NodeState.ABNORMAL, "Repaired; not seen yet.", now, actor)


async def declare_dead(
    db: Database, actor: Actor, node_id: str, *, confirmed: bool, now: datetime
) -> None:
    """A person vouches that the machine is off. Its instances have ended, with all that follows."""
    if not confirmed:
        raise Invalid(
            "Confirm that the machine is off: what still ran on it would run twice.",
            field="confirm", code="not_confirmed",
        )  # fmt: skip
    async with db.begin() as session:
        node = await queries.get_node(session, node_id)
        require(node, Operation.DECLARE_DEAD)
        await node_is_dead(session, node, "An administrator says that it is off.", now, actor)


async def node_is_dead(
    session: AsyncSession, node: NodeRow, reason: str, now: datetime, actor: Actor | None = None
) -> None:
    """There is proof of its death, which a lost heartbeat is not. The node loop ends its work."""
    node.clearing, node.reason = Clearing.LOST, reason
    if node.state == NodeState.RUNNING:
        await enter(session, node, NodeState.ABNORMAL, reason, now, actor)
    await tell(session, "nodeDead", node, actor=actor, now=now)
    after_commit(session, node_wake.schedule)


async def plan_end(
    db: Database, actor: Actor, node_id: str, *, planned_end: datetime | None, now: datetime
) -> None:
    """At its planned end a node is released by itself; a reminder is sent before."""
    if planned_end is not None and planned_end <= now:
        raise Invalid(
            "The planned end lies in the past. Release the node instead.", field="planned_end"
        )
    async with db.begin() as session:
        node = await queries.get_node(session, node_id)
        require(node, Operation.PLANNED_END)
        node.planned_end, node.reminded_at = planned_end, None
        await tell(
            session, "nodeEndPlanned", node, actor=actor, now=now,
            planned_end=planned_end.isoformat() if planned_end else None,
        )  # fmt: skip


async def set_place(
    db: Database, actor: Actor, node_id: str, place: Mapping[str, str], *, now: datetime
) -> None:
    """`place`: zone, rack or both; the scheduler keeps runs of several instances together."""
    words = {name: value.strip() for name, value in place.items()}
    for name, value in words.items():
        if len(value) > _PLACE_LIMIT or not value.isprintable() or "/" in value:
            raise Invalid(
                f"A zone or rack has at most {_PLACE_LIMIT} printable characters and no '/'.",
                field=name, code="bad_place",
            )  # fmt: skip
    async with db.begin() as session:
        node = await queries.get_node(session, node_id)
        node.zone, node.rack = words.get("zone", node.zone), words.get("rack", node.rack)
        await tell(session, "nodePlaced", node, actor=actor, now=now, **words)
        after_commit(session, wake.schedule)


def _checked_reason(reason: str) -> str:
    if len(reason) > _REASON_LIMIT:
        raise Invalid(f"A reason has at most {_REASON_LIMIT} characters.", field="reason")
    return reason.strip()
