"""A node enters a state: the one place where that is written, with its event."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.database import after_commit
from slipway.base.events import record
from slipway.compute.tables import NodeRow
from slipway.compute.types import NodeState
from slipway.compute.wake import node_wake, wake
from slipway.iam.types import Actor

SUBJECT = "node"

S = NodeState
_NEXT: dict[NodeState, tuple[NodeState, ...]] = {
    S.DEPLOYING: (S.RUNNING, S.DEPLOY_FAILED),
    S.RUNNING: (S.ABNORMAL, S.MOUNTING, S.REPAIRING, S.RELEASING),
    S.ABNORMAL: (S.RUNNING, S.REPAIRING, S.RELEASING),
    S.MOUNTING: (S.RUNNING, S.ABNORMAL),
    S.REPAIRING: (S.RUNNING, S.ABNORMAL),
    S.RELEASING: (S.RELEASED,),
    S.RELEASED: (S.RETIRED, S.DEPLOYING),
    S.DEPLOY_FAILED: (S.DEPLOYING,),
    S.RETIRED: (S.DEPLOYING,),
}


def may_enter(before: NodeState, after: NodeState) -> bool:
    return after in _NEXT[before]


async def enter(
    session: AsyncSession,
    node: NodeRow,
    state: NodeState,
    reason: str,
    now: datetime,
    actor: Actor | None = None,
) -> None:
    """From now on it is in `state`. Both loops look again, since what can be placed has changed."""
    before = NodeState(node.state)
    if not may_enter(before, state):
        raise ValueError(f"a node does not go from {before} to {state}")
    node.state, node.reason, node.state_since = state, reason, now
    if state == S.RUNNING:
        node.joined_at, node.ended_at, node.error_code = node.joined_at or now, None, ""
    if not state.is_in_use:
        node.ended_at = node.ended_at or now
        node.cordoned, node.cordon_reason, node.drain_until = False, "", None
    await tell(session, "nodeStateChanged", node, actor=actor, now=now, before=before, after=state)
    after_commit(session, node_wake.schedule)
    after_commit(session, wake.schedule)


async def tell(
    session: AsyncSession,
    event: str,
    node: NodeRow,
    *,
    now: datetime,
    actor: Actor | None = None,
    **data: object,
) -> None:
    await record(
        session, event, subject=(SUBJECT, node.id), project_id=None, actor_id=actor.user_id if actor else None,
        now=now, name=node.name, group=node.group_id, reason=node.reason, **data,
    )  # fmt: skip
