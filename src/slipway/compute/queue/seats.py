"""Writing placements down: owner records exist before anything is launched."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.errors import Unavailable
from slipway.base.ids import new_secret
from slipway.compute import queries
from slipway.compute.scheduling.model import Seat
from slipway.compute.tables import InstanceRow, PortRow, WorkloadRow
from slipway.compute.types import InstanceState, Node, WorkloadSpec


@dataclass(frozen=True, slots=True)
class Ports:
    """The numbers handed out, and who knows whether something else on a node uses one."""

    numbers: range
    can_bind: Callable[[Node, int], bool]


async def seat_instances(
    session: AsyncSession,
    workload: WorkloadRow,
    spec: WorkloadSpec,
    seats: Sequence[Seat],
    nodes: Sequence[Node],
    *,
    ports: Ports,
    now: datetime,
) -> None:
    """One row per instance of the workload's present attempt, with its ports reserved."""
    by_id = {node.id: node for node in nodes}
    places = [(role, index) for role in spec.roles for index in range(role.count)]
    taken = {
        node_id: await queries.used_ports(session, node_id)
        for node_id in {s.node_id for (role, _), s in zip(places, seats, strict=True) if role.ports}
    }
    reserved: list[PortRow] = []
    for rank, ((role, index), seat) in enumerate(zip(places, seats, strict=True)):
        node = by_id[seat.node_id]
        numbers = {name: _pick_port(ports, node, taken[node.id]) for name in role.ports}
        row = InstanceRow(
            id=f"{workload.owner_id}-{role.name}-{index}-{new_secret('', 5)}", workload_id=workload.id,
            attempt=workload.attempt, role=role.name, index=index, rank=rank, node_id=seat.node_id,
            engine=node.engine, host=node.host, ports=numbers, resources=asdict(role.resources),
            gpu_indexes=list(seat.gpu_indexes), state=InstanceState.PLACED, notes=[], created_at=now,
            waited_s=max(0.0, (now - workload.queued_at).total_seconds()),
        )  # fmt: skip
        session.add(row)
        reserved += [
            PortRow(node_id=seat.node_id, port=p, instance_id=row.id) for p in numbers.values()
        ]
    if reserved:
        await session.flush()  # they refer to their instances
        session.add_all(reserved)


def _pick_port(ports: Ports, node: Node, taken: set[int]) -> int:
    """A port of the node neither reserved nor in use by something else."""
    numbers = ports.numbers
    start = random.randrange(len(numbers))  # noqa: S311  spreads re-use, guards nothing
    for offset in range(len(numbers)):
        port = numbers[(start + offset) % len(numbers)]
        if port not in taken and ports.can_bind(node, port):
            taken.add(port)
            return port
    raise Unavailable("No port is free for another instance. Widen SLIPWAY_PORT_RANGE_START..END.")
