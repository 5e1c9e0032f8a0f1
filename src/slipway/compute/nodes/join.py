"""A machine joins: a one-time token for the administrator, and the handshake of the machine itself."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.crypto import fingerprint
from slipway.base.database import Database
from slipway.base.errors import Conflict, Invalid, SignedOut
from slipway.base.events import record
from slipway.base.ids import new_id, new_secret
from slipway.compute.groups.groups import SUBJECT as GROUP
from slipway.compute.nodes import queries
from slipway.compute.nodes.changes import require
from slipway.compute.nodes.checks import Check, blocking, check_machine
from slipway.compute.nodes.events import enter, tell
from slipway.compute.nodes.operations import Operation
from slipway.compute.nodes.service import node_is_dead
from slipway.compute.tables import JoinTokenRow, NodeRow
from slipway.compute.types import Card, Clearing, NodeState
from slipway.compute.wake import node_wake
from slipway.iam.types import Actor

MAX_TOKEN = timedelta(days=1)
LOCAL_ENGINE = "process"


@dataclass(frozen=True, slots=True)
class Joining:
    """What the machine says of itself; `engine_node` may come later, through the engine."""

    name: str
    host: str
    cpu_cores: float
    memory_bytes: int
    gpus: tuple[Card, ...]
    engine_node: str
    info: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Joined:
    node_id: str
    group_id: str
    engine: str
    checks: list[Check]


async def make_token(
    db: Database, actor: Actor, group_id: str, *, lasts: timedelta, now: datetime
) -> tuple[str, datetime]:
    """The token, shown once, and until when it can be used."""
    if not timedelta(minutes=1) <= lasts <= MAX_TOKEN:
        raise Invalid("A join token lasts from a minute to a day.", field="lasts_s")
    secret, expires_at = new_secret("join_"), now + lasts
    async with db.begin() as session:
        group = await queries.get_group(session, group_id)
        if group.engine == LOCAL_ENGINE:
            raise Conflict(
                f"The group {group.name} runs on this machine's own processes; no other machine can join it. "
                "Make a group with the engine 'ray' for other machines.",
                code="local_engine",
            )  # fmt: skip
        session.add(
            JoinTokenRow(
                hash=fingerprint(secret), group_id=group_id, created_by=actor.user_name, created_at=now,
                expires_at=expires_at,
            )
        )  # fmt: skip
        await record(
            session, "joinTokenMade", subject=(GROUP, group_id), project_id=None, actor_id=actor.user_id, now=now
        )  # fmt: skip
    return secret, expires_at


async def join(db: Database, token: str, machine: Joining, *, now: datetime) -> Joined:
    """The handshake. A refused machine leaves the token as it was, for another try."""
    async with db.begin() as session:
        known = await valid_token(session, token, now)
        group = await queries.get_group(session, known.group_id)
        checks = await check_against_group(session, group.id, machine.info)
        if bad := blocking(checks):
            raise Conflict(
                "The machine cannot join: " + " ".join(check.sentence for check in bad),
                code="join_blocked", checks=[asdict(check) for check in checks],
            )  # fmt: skip
        if not await queries.use_join_token(session, known.hash, now):
            raise SignedOut("The join token was used meanwhile.", code="bad_join_token")
        node = await _node_of(session, machine, group.id, group.engine, known.created_by, now)
        await tell(session, "nodeJoining", node, now=now)
    node_wake.schedule()
    return Joined(node.id, group.id, group.engine, checks)


async def valid_token(session: AsyncSession, token: str, now: datetime) -> JoinTokenRow:
    known = await queries.find_join_token(session, fingerprint(token))
    if known is None or known.used_at is not None or known.expires_at <= now:
        raise SignedOut(
            "The join token is not known, was used, or is too old. Ask an administrator for a new one.",
            code="bad_join_token",
        )
    return known


async def leave(db: Database, node_id: str, *, now: datetime) -> tuple[NodeState, int]:
    """The machine leaves: its work is moved away first. Its state now, and what still runs there."""
    async with db.begin() as session:
        node = await queries.get_node(session, node_id)
        if NodeState(node.state) in (NodeState.RUNNING, NodeState.ABNORMAL):
            node.clearing = Clearing.DISPLACE
            await enter(session, node, NodeState.RELEASING, "The machine leaves.", now)
        return NodeState(node.state), len(await queries.live_on(session, [node_id]))


async def rejoin(db: Database, actor: Actor, node_id: str, group_id: str, *, now: datetime) -> None:
    """A node of the history comes back, with its id; it runs once its engine reaches it again."""
    async with db.begin() as session:
        node = await queries.get_node(session, node_id)
        require(node, Operation.REJOIN)
        group = await queries.get_group(session, group_id)
        if group.engine != node.engine:
            raise Conflict(
                f"The group {group.name} runs on the engine {group.engine}, the node on {node.engine}.",
                code="other_engine",
            )
        node.group_id, node.ended_at, node.planned_end = group.id, None, None
        await enter(session, node, NodeState.DEPLOYING, "", now, actor)


async def check_against_group(
    session: AsyncSession, group_id: str, info: dict[str, Any], *, own_id: str = ""
) -> list[Check]:
    nodes = await queries.list_node_rows(session, groups=[group_id])
    joined = [n.info for n in nodes if NodeState(n.state).is_in_use and n.id != own_id]
    return check_machine(info, joined)


async def _node_of(
    session: AsyncSession, machine: Joining, group_id: str, engine: str, by: str, now: datetime
) -> NodeRow:
    """A machine that was here before gets its record back: whatever ran there before has ended."""
    machine_id = str(machine.info.get("machine_id", ""))
    known = await queries.find_same_machine(session, machine_id, machine.host, engine)
    if known is None:
        node = NodeRow(
            id=new_id("node", 8), created_at=now, state=NodeState.DEPLOYING, state_since=now
        )
        session.add(node)
    else:
        node = known
        if NodeState(node.state).is_in_use:
            await node_is_dead(session, node, "The machine was started anew and joins again.", now)
    node.group_id, node.engine, node.created_by = group_id, engine, by
    node.name, node.host, node.engine_node = machine.name, machine.host, machine.engine_node
    node.cpu_cores, node.memory_bytes = machine.cpu_cores, machine.memory_bytes
    node.gpus, node.info = [asdict(card) for card in machine.gpus], machine.info
    if known is not None and not NodeState(node.state).is_in_use:
        await enter(session, node, NodeState.DEPLOYING, "", now)
    await session.flush()
    return node
