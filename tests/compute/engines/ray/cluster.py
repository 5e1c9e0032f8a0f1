"""A real Ray cluster on this machine: a head without CPUs, and raylets that can be killed."""

from __future__ import annotations

import os
import signal
from typing import Any

# Ray's own defaults take a quarter of a minute to call a machine dead.
_QUICK = {
    "RAY_health_check_initial_delay_ms": "0",
    "RAY_health_check_period_ms": "300",
    "RAY_health_check_timeout_ms": "1000",
    "RAY_health_check_failure_threshold": "3",
    "RAY_gcs_rpc_server_reconnect_timeout_s": "3",
}


class RayCluster:
    def __init__(self, *nodes: str) -> None:
        os.environ.update(_QUICK)
        from ray.cluster_utils import Cluster

        self._cluster: Any = Cluster(
            initialize_head=True,
            head_node_args={"num_cpus": 0, "node_name": "head", "include_dashboard": False},
        )
        self._nodes: dict[str, Any] = {}
        for name in nodes:
            self.add(name)

    @property
    def address(self) -> str:
        return str(self._cluster.address)

    def add(self, name: str) -> None:
        labels = {"slipway-node": name}
        self._nodes[name] = self._cluster.add_node(
            num_cpus=4, node_name=name, labels=labels, wait=True
        )

    def kill(self, name: str) -> None:
        """The raylet and all workers of that node at once, as if somebody had pulled a plug on Ray."""
        node = self._nodes.pop(name)
        self._cluster.remove_node(node, allow_graceful=False)

    def raylet_pid(self, name: str) -> int:
        return int(self._nodes[name].all_processes["raylet"][0].process.pid)

    def kill_head(self) -> None:
        process = self._cluster.head_node.all_processes["gcs_server"][0].process
        os.kill(process.pid, signal.SIGKILL)
        process.wait()

    def close(self) -> None:
        self._cluster.shutdown()
