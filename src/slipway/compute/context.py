"""What the loops of the compute floor work with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from slipway.base.clock import Clock
from slipway.base.crypto import Sealer
from slipway.base.database import Database
from slipway.base.settings import Settings
from slipway.compute.engines.base import Engine
from slipway.compute.listeners import Listeners
from slipway.compute.queue.seats import Ports
from slipway.compute.types import Node, Workload


@dataclass(frozen=True, slots=True)
class ComputeContext:
    db: Database
    engines: Mapping[str, Engine]  # by name, as in a node's `engine`
    listeners: Listeners
    settings: Settings
    now: Clock
    unseal: Callable[[str], str]  # of what a spec keeps encrypted

    def secret_of(self, workload: Workload) -> str:
        """What the instances of one attempt prove to each other; made anew each time, never kept."""
        sealer = Sealer.open(self.settings.root / "run" / "workloads.key")
        return sealer.derive(f"workload {workload.id} attempt {workload.attempt}")

    @property
    def ports(self) -> Ports:
        numbers = range(self.settings.port_range_start, self.settings.port_range_end + 1)
        return Ports(numbers, self._can_bind)

    def _can_bind(self, node: Node, port: int) -> bool:
        return self.engines[node.engine].can_bind(node.engine_node, port)
