"""A node that is silent, and one that is dead, while the platform dies at every write on the way.

A dying platform is a database that stops answering for good: before a transaction is committed, or
right after it, when nothing in memory has heard of it yet. Then the loops begin anew from the rows.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from slipway.api.platform import listeners, run_platform
from slipway.base.clock import utc_now
from slipway.base.database import Database
from slipway.base.events import list_events
from slipway.base.settings import Settings
from slipway.compute import queries
from slipway.compute.engines.base import EngineAway, SeenNode
from slipway.compute.engines.process import ProcessEngine
from slipway.compute.lifecycle.reconcile import ComputeContext, ComputeLoop
from slipway.compute.nodes import queries as node_queries
from slipway.compute.nodes.loop import NodeLoop
from slipway.compute.nodes.service import node_is_dead
from slipway.compute.nodes.setup import LOCAL_NODE
from slipway.compute.nodes.steps import AWAY_AFTER_S
from slipway.compute.tables import AttemptRow, InstanceRow, NodeRow, PortRow, WorkloadRow
from slipway.compute.types import Card, Clearing, InstanceState, NodeState, WorkloadState
from slipway.compute.wake import wake
from slipway.usage.tables import UsageRow
from slipway.usage.types import UsageKind
from tests.compute.queue.queue_house import GIB, add_node, reaches, submit
from tests.running import World, open_world, until

A, B = "node-a", "node-b"


class Killed(Exception):
    """The platform is dead; whatever it still asks of its database is not done."""


class DyingDatabase:
    """The real one, until its `dies_at`-th write: `committed` says on which side of the commit."""

    def __init__(self, db: Database, dies_at: int, *, committed: bool) -> None:
        self._db, self._left, self._committed = db, dies_at, committed
        self.dead = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        if self.dead.is_set():
            raise Killed
        return getattr(self._db, name)

    @contextlib.asynccontextmanager
    async def begin(self) -> AsyncIterator[Any]:
        if self.dead.is_set():
            raise Killed
        async with self._db.begin() as session:
            yield session
            self._left -= 1
            is_last = self._left == 0  # others may write meanwhile
            if is_last and not self._committed:
                await session.flush()
                self.dead.set()
                raise Killed
        if is_last:
            self.dead.set()
            raise Killed


class Machines(ProcessEngine):
    """Processes of this machine that count as two machines; `reached` says which answer now."""

    reached: tuple[str, ...] | None = (A, B)  # None: the engine itself does not answer

    async def list_nodes(self) -> list[SeenNode]:
        if self.reached is None:
            raise EngineAway("no head")
        cards = {A: 3, B: 1}
        return [
            SeenNode(name, name, "127.0.0.1", 16, 32 * GIB, _cards(cards[name]))
            for name in self.reached
        ]


def _cards(count: int) -> tuple[Card, ...]:
    return tuple(Card(i, "T4", 16 * GIB) for i in range(count))


@dataclass
class House:
    """A task over both machines that may move, and one on the first that may not. The loops are off."""

    world: World
    db: Database
    settings: Settings
    pair: Any
    plain: Any
    machines: Machines
    now: datetime = field(default_factory=utc_now)

    def context(self, db: Any) -> ComputeContext:
        return ComputeContext(
            db, {"process": self.machines}, listeners(), self.settings, lambda: self.now,
            self.world.app.state.sealer.unseal,
        )  # fmt: skip

    async def node(self, node_id: str) -> NodeRow:
        async with self.db.read() as session:
            return await node_queries.get_node(session, node_id)

    async def rows(self, table: Any) -> list[Any]:
        async with self.db.read() as session:
            return list(await session.scalars(select(table)))

    async def workload(self, task: Any) -> WorkloadRow:
        (row,) = [w for w in await self.rows(WorkloadRow) if w.owner_id == task["id"]]
        return row

    async def declare_dead(self, node_id: str) -> None:
        async with self.db.begin() as session:
            row = await node_queries.get_node(session, node_id)
            await node_is_dead(session, row, "Somebody saw it burn.", self.now)

    async def events(self, subject: str, project: str | None) -> list[str]:
        async with self.db.read() as session:
            found = await list_events(session, project_id=project, subject_id=subject)
        return [f"{e.type} {e.data.get('state', e.data.get('after', ''))}" for e in found]


@contextlib.asynccontextmanager
async def open_house(db: Database, settings: Settings) -> AsyncIterator[House]:
    async with open_world(db, settings) as world:
        yield await _running(world, db, settings)
        machines = Machines(settings.root / "instances")
        for instance_id in machines.list_alive():
            machines.stop(instance_id, at_once=True)
        await until(lambda: not machines.list_alive())


async def _running(world: World, db: Database, settings: Settings) -> House:
    async with run_platform(world.app, gateway=None):
        await add_node(db, "a", "T4", 3)
        await add_node(db, "b", "T4", 1)
        pair = await submit(
            world.ann, "pair", gpus=1, instances=2, mode="ddp", max_reschedules=2
        )  # b is the fuller one: one instance each
        await reaches(world.ann, pair, "Running")
        plain = await submit(world.ann, "plain", gpus=1)
        await reaches(world.ann, plain, "Running")
    async with db.begin() as session:
        for node_id in (A, B):
            row = await node_queries.get_node(session, node_id)
            row.engine_node = node_id
        local = await node_queries.get_node(session, LOCAL_NODE)
        local.state = NodeState.RETIRED
    return House(world, db, settings, pair, plain, Machines(settings.root / "instances"))


async def look_until_it_is_done(house: House, look: Callable[[Any], Awaitable[None]]) -> int:
    """Die before the first write, then after it, then before the next ...; how often it died."""
    deaths = 0
    while True:
        wake.reset()
        dying = DyingDatabase(house.db, 1, committed=deaths % 2 == 1)
        with contextlib.suppress(Killed):
            await look(dying)
        if not dying.dead.is_set():
            return deaths
        deaths += 1
        assert deaths < 100, "it dies at the same write again and again"


@pytest.mark.covers("RES-17")
@pytest.mark.parametrize("engine_answers", [True, False])
async def test_a_lost_heartbeat_pauses_placement_and_evicts_nothing(
    db: Database, settings: Settings, engine_answers: bool
) -> None:
    async with open_house(db, settings) as house:
        house.machines.reached = (B,) if engine_answers else None
        loop = NodeLoop(house.context(db))
        await loop.look()
        before = [(i.id, i.state) for i in await house.rows(InstanceRow)]
        assert (await house.node(A)).state == NodeState.RUNNING
        house.now += timedelta(seconds=AWAY_AFTER_S + 1)

        async def look(dying: Any) -> None:
            # What was heard is in memory only; here nobody was heard of since the first look.
            again = NodeLoop(house.context(dying))
            again._heard = dict(loop._heard)
            await again.look()

        assert await look_until_it_is_done(house, look) >= 2
        for _ in range(3):
            house.now += timedelta(hours=10)
            await loop.look()
        silent = {A} if engine_answers else {A, B}
        for node_id in (A, B):
            row = await house.node(node_id)
            assert (row.state == NodeState.ABNORMAL) == (node_id in silent)
            assert queries.frozen_node(row).takes_work == (node_id not in silent)
            assert "left alone" in row.reason or node_id not in silent
        assert [(i.id, i.state) for i in await house.rows(InstanceRow)] == before
        for task in (house.pair, house.plain):
            row = await house.workload(task)
            assert (row.state, row.attempt) == (WorkloadState.RUNNING, 1)
        # Nobody takes the free card of a silent machine.
        third = await submit(house.world.ann, "third", gpus=1)
        stop = asyncio.create_task(ComputeLoop(house.context(db)).run())
        waits = "Waiting for a ready node" if not engine_answers else "Waiting for resources"

        async def told() -> bool:
            return (await house.workload(third)).reason.startswith(waits)

        await until(told)
        stop.cancel()
        await asyncio.gather(stop, return_exceptions=True)
        assert (await house.workload(third)).state == WorkloadState.QUEUED
        house.machines.reached = (A, B)
        await loop.look()
        assert (await house.node(A)).state == NodeState.RUNNING


@pytest.mark.covers("RES-18")
async def test_a_dead_node_loses_and_doubles_nothing_wherever_the_platform_dies(
    db: Database, settings: Settings
) -> None:
    async with open_house(db, settings) as house:
        house.machines.reached = (B,)
        lost = [i.id for i in await house.rows(InstanceRow) if i.node_id == A]
        assert len(lost) == 2
        house.now += timedelta(minutes=2)
        await house.declare_dead(A)
        deaths = await look_until_it_is_done(house, lambda db: _nodes(house, db))
        assert deaths >= 2
        node = await house.node(A)
        assert (node.state, node.clearing) == (NodeState.ABNORMAL, Clearing.NONE)
        ended = [i for i in await house.rows(InstanceRow) if i.id in lost]
        assert {(i.state, i.ended_at) for i in ended} == {(InstanceState.EXITED, house.now)}
        assert {i.reason for i in ended} == {"was lost: its node a is dead"}
        deaths = await look_until_it_is_done(house, lambda db: _workloads(house, db))
        assert deaths >= 4, deaths  # each workload ends and is settled
        await _all_true(house, lost)


async def _nodes(house: House, db: Any) -> None:
    await NodeLoop(house.context(db)).look()


async def _workloads(house: House, db: DyingDatabase) -> None:
    """The loop of workloads until both are where they belong, or until it dies."""
    running = asyncio.create_task(ComputeLoop(house.context(db)).run())
    try:
        await until(lambda: _settled_or_dead(house, db))
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def _settled_or_dead(house: House, db: DyingDatabase) -> bool:
    pair, plain = await house.workload(house.pair), await house.workload(house.plain)
    settled = (pair.state, plain.state) == (WorkloadState.QUEUED, WorkloadState.FAILED)
    return db.dead.is_set() or (settled and pair.reason.startswith("Waiting for"))


async def _all_true(house: House, lost: list[str]) -> None:
    pair, plain = await house.workload(house.pair), await house.workload(house.plain)
    assert (pair.attempt, pair.reschedules, pair.restarts) == (2, 1, 0)
    assert (plain.attempt, plain.reschedules, plain.state) == (1, 0, WorkloadState.FAILED)
    assert "node a is dead" in plain.reason
    attempts = [(a.workload_id, a.number, a.ending) for a in await house.rows(AttemptRow)]
    assert sorted(attempts) == sorted([(pair.id, 1, "rescheduled"), (plain.id, 1, "failed")])
    # Each instance was metered without a gap and without an overlap, and holds no port any more.
    metered: Counter[str] = Counter()
    for row in await house.rows(UsageRow):
        if row.kind != UsageKind.INSTANCE_SECONDS:
            continue
        metered[row.details["instance_id"]] += row.quantity
    instances = await house.rows(InstanceRow)
    assert {i.state for i in instances} == {InstanceState.EXITED}
    ran = {i.id: (i.ended_at - i.started_at).total_seconds() for i in instances}
    assert {k: round(v, 3) for k, v in metered.items()} == {k: round(v, 3) for k, v in ran.items()}
    assert await house.rows(PortRow) == []
    project = house.world.ann.actor.project_id
    for task in (house.pair, house.plain):
        twice = [e for e, n in Counter(await house.events(task["id"], project)).items() if n > 1]
        assert twice == [], twice
    told = await house.events(A, None)
    assert sum(e.startswith("nodeDead") for e in told) == 1
    page = await house.world.ann.ok("GET", f"/training/tasks/{house.pair['id']}")
    assert page["state"] == "Queued"
    page = await house.world.ann.ok("GET", f"/training/tasks/{house.plain['id']}")
    assert page["state"] == "Abnormal"
    assert sorted(lost) == sorted(i.id for i in instances if i.node_id == A)
