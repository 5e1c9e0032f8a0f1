"""A real Ray cluster on this machine: a head without CPUs, and raylets that can be killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable
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
        self._nodes: dict[str, Any] = {}
        self._begin(nodes, port=0)

    def _begin(self, nodes: Iterable[str], port: int) -> None:
        """`port`: of the head; 0 picks one."""
        from ray.cluster_utils import Cluster

        at = {"gcs_server_port": port} if port else {}
        self._cluster: Any = Cluster(
            initialize_head=True,
            head_node_args={"num_cpus": 0, "node_name": "head", "include_dashboard": False, **at},
        )
        self.address = str(self._cluster.address)
        for name in nodes:
            self._add(name)
        self._cluster.wait_for_nodes()

    @property
    def names(self) -> set[str]:
        return set(self._nodes)

    def add(self, name: str) -> None:
        self._add(name)
        self._cluster.wait_for_nodes()

    def _add(self, name: str) -> None:
        labels = {"slipway-node": name}
        self._nodes[name] = self._cluster.add_node(
            num_cpus=4, node_name=name, labels=labels, wait=False
        )

    def restart(self, name: str) -> None:
        """Ray's processes there are killed and others come in their place."""
        before = self._nodes[name]
        self.add(name)
        self._cluster.remove_node(before, allow_graceful=False)

    def kill(self, name: str) -> None:
        """The raylet and all workers of that node at once, as if somebody had pulled a plug on Ray."""
        node = self._nodes.pop(name)
        self._cluster.remove_node(node, allow_graceful=False)

    def raylet(self, name: str) -> int:
        """Its pid."""
        return int(self._nodes[name].all_processes["raylet"][0].process.pid)

    def kill_head(self) -> None:
        """The process that knows the cluster; the raylets find out by themselves."""
        process = self._cluster.head_node.all_processes["gcs_server"][0].process
        os.kill(process.pid, signal.SIGKILL)
        process.wait()

    def restart_all(self) -> None:
        """After the head's death: Ray anew, at the same address and with the same machines."""
        port = int(self.address.rpartition(":")[2])
        self._cluster.shutdown()
        self._begin(list(self._nodes), port)

    def close(self) -> None:
        self._cluster.shutdown()
