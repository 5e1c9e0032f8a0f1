"""The loop that follows the nodes: asks each engine what it reaches, and brings every node forward.

Woken by what administrators want; looks by itself every few seconds. What it has in memory is only
when each node was last heard of: after a start every node gets a fresh grace.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from slipway.base.clock import rfc3339
from slipway.compute.context import ComputeContext
from slipway.compute.engines.base import EngineAway, SeenNode
from slipway.compute.nodes import queries
from slipway.compute.nodes.checks import is_short_of_space
from slipway.compute.nodes.discovery import take_in, unknown_nodes
from slipway.compute.nodes.displace import displace_work, end_lost_work
from slipway.compute.nodes.events import enter, tell
from slipway.compute.nodes.facts import machine_facts
from slipway.compute.nodes.setup import LOCAL_NODE
from slipway.compute.nodes.sharing import allowed_by_type, as_rows, notice_of, shared_as
from slipway.compute.nodes.steps import (
    Clear,
    Drained,
    Enter,
    NodeStep,
    Remind,
    Seen,
    next_node_step,
)
from slipway.compute.tables import NodeRow
from slipway.compute.types import Card, Clearing, NodeState
from slipway.compute.wake import node_wake, wake

log = logging.getLogger(__name__)

LOOK_EVERY_S = 10.0
_ENGINE_ANSWER_S = 10.0
_FOLLOWED = tuple(s for s in NodeState if s not in (NodeState.DEPLOY_FAILED, NodeState.RETIRED))
_CLEAR_AGAIN_S = 1.0

Sharing = Callable[[Sequence[Card]], list[Card]]
Views = dict[str, list[SeenNode] | None]  # by engine; None: it does not answer


class NodeLoop:
    def __init__(self, context: ComputeContext) -> None:
        self._ctx = context
        self._heard: dict[str, datetime] = {}  # node -> when it last answered

    async def run(self) -> None:
        while True:
            busy = await self.look()
            await node_wake.wait(_CLEAR_AGAIN_S if busy else LOOK_EVERY_S)

    async def look(self) -> bool:
        """One look at every node, until nothing more can be done at once; True: work is leaving."""
        views = {name: await self._ask(name) for name in self._ctx.engines}
        await self._take_in_new(views)
        facts = await asyncio.to_thread(machine_facts, self._ctx.settings.root)
        async with self._ctx.db.read() as session:
            rows = await queries.list_node_rows(session, states=_FOLLOWED)
            working = await queries.count_live(session, [row.id for row in rows])
            allowed = await allowed_by_type(session)
        for row in rows:
            sharing = partial(shared_as, before=row.gpus, allowed=allowed, busy=row.id in working)
            await self._follow(row, views, facts, sharing)
        leaving = (NodeState.RELEASING, NodeState.MOUNTING)
        return any(r.id in working and (r.state in leaving or r.drain_until) for r in rows)

    async def _take_in_new(self, views: Views) -> None:
        for engine, seen in views.items():
            async with self._ctx.db.read() as session:
                new = await unknown_nodes(session, engine, seen or ())
            if new:
                async with self._ctx.db.begin() as session:
                    await take_in(session, engine, new, self._ctx.settings.site, self._ctx.now())

    async def _ask(self, engine: str) -> list[SeenNode] | None:
        try:
            async with asyncio.timeout(_ENGINE_ANSWER_S):
                return await self._ctx.engines[engine].list_nodes()
        except (EngineAway, TimeoutError):
            return None

    async def _follow(
        self, row: NodeRow, views: Views, facts: dict[str, Any], sharing: Sharing
    ) -> None:
        """Step by step: a release goes on to "released" in the same look."""
        seen_nodes = views.get(row.engine)
        found = _find(row, seen_nodes)
        if found is not None:
            self._heard[row.id] = self._ctx.now()
            await self._keep_facts(row, found, facts, sharing)
        for _ in range(len(NodeState)):
            try:
                if not await self._step(row.id, seen_nodes is not None, found is not None):
                    return
            except StaleDataError:
                node_wake.schedule()  # a workload changed meanwhile: look again
                return

    async def _step(self, node_id: str, engine_answers: bool, found: bool) -> bool:
        """True when something was changed. A read stays a read."""
        async with self._ctx.db.read() as session:
            step = await self._decide(session, node_id, engine_answers, found)
        if step is None:
            return False
        async with self._ctx.db.begin() as session:
            step = await self._decide(session, node_id, engine_answers, found)
            row = await queries.get_node(session, node_id)
            return await self._carry_out(session, row, step)

    async def _decide(
        self, session: AsyncSession, node_id: str, engine_answers: bool, found: bool
    ) -> NodeStep:
        row, now = await queries.get_node(session, node_id), self._ctx.now()
        heard = self._heard.setdefault(node_id, now)
        works = (await queries.count_live(session, [node_id])).get(node_id, 0)
        seen = Seen(
            state=NodeState(row.state), state_since=row.state_since or row.created_at, clearing=Clearing(row.clearing),
            drain_until=row.drain_until, planned_end=row.planned_end, reminded=row.reminded_at is not None,
            works=works, answers=found if engine_answers else None, silent_s=(now - heard).total_seconds(),
            leaves_by_itself=row.id == LOCAL_NODE,
        )  # fmt: skip
        return next_node_step(seen, now)

    async def _carry_out(self, session: AsyncSession, row: NodeRow, step: NodeStep) -> bool:
        now, listeners = self._ctx.now(), self._ctx.listeners
        match step:
            case Enter(state, reason, code):
                row.error_code = code
                await enter(session, row, state, reason, now)
            case Clear(Clearing.LOST):
                await end_lost_work(
                    session, listeners, row, f"Its node {row.name} is dead: {row.reason}", now
                )
                row.clearing = Clearing.NONE
            case Clear():
                moved = await displace_work(session, listeners, row, _why_displaced(row))
                cleared, row.clearing = row.clearing, Clearing.NONE
                return bool(moved or cleared)
            case Drained():
                row.drain_until = None
                row.cordon_reason = "Drained: nothing runs on it any more."
                await tell(session, "nodeDrained", row, now=now)
            case Remind():
                assert row.planned_end is not None
                row.reminded_at = now
                await tell(
                    session, "nodeEndsSoon", row, now=now, planned_end=rfc3339(row.planned_end)
                )
            case None:
                return False
        return True

    async def _keep_facts(
        self, row: NodeRow, found: SeenNode, local: Mapping[str, Any], sharing: Sharing
    ) -> None:
        """What the machine is now: cards that came or went, a disk that was enlarged."""
        info = {**row.info, **(local if row.id == LOCAL_NODE else {}), **found.info}
        cards = sharing(found.gpus)
        info["sharing_off"] = notice_of(cards)
        info["short_of_space"] = is_short_of_space(
            info, self._ctx.settings.environment_min_free_bytes
        )
        cores = found.cpu_cores * (self._ctx.settings.cpu_overcommit if row.id == LOCAL_NODE else 1)
        gpus = as_rows(cards)
        host = found.host if row.id != LOCAL_NODE else row.host
        new = (found.engine_node, host, cores, found.memory_bytes, gpus, _without_noise(info))
        if new == (
            row.engine_node, row.host, row.cpu_cores, row.memory_bytes, list(row.gpus), _without_noise(row.info)
        ):  # fmt: skip
            return
        async with self._ctx.db.begin() as session:
            kept = await queries.get_node(session, row.id)
            kept.cpu_cores, kept.memory_bytes, kept.gpus, kept.info = (
                cores,
                found.memory_bytes,
                gpus,
                info,
            )
            kept.engine_node, kept.host = found.engine_node, host
        wake.schedule()


def _find(row: NodeRow, seen: Sequence[SeenNode] | None) -> SeenNode | None:
    """By the engine's own id; before that is known, by the id that the machine was given at its join."""
    for node in seen or ():
        if row.id == LOCAL_NODE or node.info.get("node_id") == row.id:
            return node
        if row.engine_node and node.engine_node == row.engine_node:
            return node
    return None


def _why_displaced(row: NodeRow) -> str:
    match row.state:
        case NodeState.RELEASING:
            return f"Its node {row.name} leaves the platform."
        case NodeState.MOUNTING:
            return f"Its node {row.name} takes over a disk."
        case _ if row.drain_until is not None:
            return f"Its node {row.name} is drained."
        case _:
            return f"Its node {row.name} moves to another resource group."


def _without_noise(info: Mapping[str, Any]) -> dict[str, Any]:
    """Free space changes all the time: only steps of a gigabyte are worth a write."""
    kept = {k: v for k, v in info.items() if k != "disks"}
    kept["environment_free_bytes"] = int(info.get("environment_free_bytes") or 0) // 10**9
    kept["disks"] = [(d.get("mount"), d.get("size_bytes")) for d in info.get("disks") or ()]
    return kept
