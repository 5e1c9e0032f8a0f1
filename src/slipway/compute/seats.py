"""Writing placements down: owner records exist before anything is launched."""

from __future__ import annotations

import random
import socket
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.errors import Unavailable
from slipway.base.ids import new_secret
from slipway.compute import queries
from slipway.compute.scheduling.model import Seat
from slipway.compute.tables import InstanceRow, PortRow, WorkloadRow
from slipway.compute.types import InstanceState, Node, WorkloadSpec


async def seat_instances(
    session: AsyncSession,
    workload: WorkloadRow,
    spec: WorkloadSpec,
    seats: Sequence[Seat],
    nodes: Sequence[Node],
    *,
    ports: range,
    now: datetime,
) -> None:
    """One row per instance of the workload's present attempt, with its ports reserved."""
    by_id = {node.id: node for node in nodes}
    places = [(role, index) for role in spec.roles for index in range(role.count)]
    taken = {
        node_id: await queries.used_ports(session, node_id)
        for node_id in {s.node_id for s in seats}
    }
    for rank, ((role, index), seat) in enumerate(zip(places, seats, strict=True)):
        numbers = {name: _pick_port(ports, taken[seat.node_id]) for name in role.ports}
        row = InstanceRow(
            id=f"{workload.owner_id}-{role.name}-{index}-{new_secret('', 5)}", workload_id=workload.id,
            attempt=workload.attempt, role=role.name, index=index, rank=rank, node_id=seat.node_id,
            engine=by_id[seat.node_id].engine, host=by_id[seat.node_id].host, ports=numbers, resources=asdict(role.resources),
            gpu_indexes=list(seat.gpu_indexes), state=InstanceState.PLACED, notes=[], created_at=now,
        )  # fmt: skip
        session.add(row)
        await session.flush()
        session.add_all(
            PortRow(node_id=seat.node_id, port=port, instance_id=row.id)
            for port in numbers.values()
        )
    await session.flush()


def _pick_port(ports: range, taken: set[int]) -> int:
    """A port neither reserved nor in use by something else on this machine."""
    start = random.randrange(len(ports))  # noqa: S311  spreads re-use, guards nothing
    for offset in range(len(ports)):
        port = ports[(start + offset) % len(ports)]
        if port not in taken and _can_bind(port):
            taken.add(port)
            return port
    raise Unavailable("No port is free for another instance. Widen SLIPWAY_PORT_RANGE_START..END.")


def _can_bind(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
