"""Nodes move between groups and leave the platform, one by one or several at once.

These write what is wanted; `nodes.loop.py` takes the work away and follows the node.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.database import Database, after_commit
from slipway.base.errors import Conflict, Invalid, SlipwayError
from slipway.compute.nodes import queries
from slipway.compute.nodes.events import enter, tell
from slipway.compute.nodes.operations import Operation, why_blocked
from slipway.compute.tables import NodeRow
from slipway.compute.types import Clearing, NodeState
from slipway.compute.wake import node_wake, wake
from slipway.iam.types import Actor

MAX_BATCH = 200


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one node of a batch: `problem` is null where it worked."""

    node_id: str
    problem: str | None
    code: str | None


async def move_node(
    db: Database, actor: Actor, node_id: str, *, group_id: str, confirmed: bool, now: datetime
) -> None:
    """To another group in one step; what runs on it goes back to the queue, if that is confirmed."""
    async with db.begin() as session:
        node = await queries.get_node(session, node_id)
        require(node, Operation.MOVE)
        group = await queries.get_group(session, group_id)
        if group.id == node.group_id:
            raise Conflict(f"The node is in the group {group.name} already.", code="same_group")
        if group.engine != node.engine:
            raise Conflict(
                f"The group {group.name} runs on the engine {group.engine}, the node on {node.engine}. "
                "A group has one engine: choose a group of the same engine, or release the node and join it again.",
                code="other_engine",
            )  # fmt: skip
        busy = await refuse_busy(session, node, confirmed)
        before, node.group_id = node.group_id, group.id
        if busy:
            node.clearing = Clearing.DISPLACE
        await tell(session, "nodeMoved", node, actor=actor, now=now, before=before, after=group.id)
        after_commit(session, node_wake.schedule)
        after_commit(session, wake.schedule)


async def release_node(
    db: Database, actor: Actor, node_id: str, *, confirmed: bool, now: datetime
) -> None:
    """It leaves the platform; the machine stays. From a node that is away, what ran is lost."""
    async with db.begin() as session:
        node = await queries.get_node(session, node_id)
        require(node, Operation.RELEASE)
        busy = await refuse_busy(session, node, confirmed)
        if busy:
            gone = node.state == NodeState.ABNORMAL
            node.clearing = Clearing.LOST if gone else Clearing.DISPLACE
        await enter(session, node, NodeState.RELEASING, "Released by an administrator.", now, actor)


async def batch(node_ids: Sequence[str], one: Callable[[str], Awaitable[None]]) -> list[Done]:
    """Each node on its own: success or the reason, in the order asked for."""
    if not 1 <= len(node_ids) <= MAX_BATCH:
        raise Invalid(f"Choose 1 to {MAX_BATCH} nodes.", field="nodes")
    done = []
    for node_id in dict.fromkeys(node_ids):
        try:
            await one(node_id)
        except SlipwayError as refusal:
            done.append(Done(node_id, refusal.message, refusal.code))
        else:
            done.append(Done(node_id, None, None))
    return done


def require(node: NodeRow, operation: Operation) -> None:
    """Refuses what the node's state does not allow."""
    reason = why_blocked(
        operation,
        NodeState(node.state),
        cordoned=node.cordoned,
        draining=node.drain_until is not None,
    )
    if reason is not None:
        raise Conflict(reason, code="not_now", state=node.state)


async def refuse_busy(session: AsyncSession, node: NodeRow, confirmed: bool) -> bool:
    """Whether work runs on the node; without a confirmation that is a refusal that says what."""
    work = await queries.count_work(session, [node.id])
    if work and not confirmed:
        listed = ", ".join(f"{count} of kind {kind}" for kind, count in sorted(work.items()))
        raise Conflict(
            f"Work runs on the node {node.name} ({listed}). Training goes back to its queue, services "
            "are started elsewhere. Confirm to go on.",
            code="node_busy", work=work,
        )  # fmt: skip
    return bool(work)
