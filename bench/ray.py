"""A task on a Ray cluster, from submitting it to seeing it finished; a bare Ray actor beside it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.figure import Figure, median, quantile
from slipway import Client
from slipway.sdk.local import LocalPlatform

TASKS = 20
ACTORS = 8
SMALL = {"environment": "python", "cpu_cores": 0.01, "memory_bytes": 16 << 20}

# In a process of its own: Ray may end the one that it runs in.
PEER = """
import sys, time, ray
ray.init(address=sys.argv[1], log_to_driver=False, logging_level="ERROR")
class Bare:
    def run(self):
        return 0
for _ in range(int(sys.argv[2])):
    began = time.perf_counter()
    actor = ray.remote(Bare).options(num_cpus=0.01).remote()
    ray.get(actor.run.remote())
    ray.kill(actor)
    print(time.perf_counter() - began)
"""


def figures() -> list[Figure]:
    from ray.cluster_utils import Cluster

    cluster = Cluster(
        initialize_head=True, head_node_args={"num_cpus": 4, "include_dashboard": False}
    )
    try:
        ours, peer = _ours(cluster.address), _peer(cluster.address)
    finally:
        cluster.shutdown()
    name, bare = "bare Ray actor: create, call, kill", median(peer)
    return [
        Figure("compute.ray_submit_to_finish_p50_s", "s", median(ours), name, bare),
        Figure("compute.ray_submit_to_finish_p95_s", "s", quantile(ours, 0.95)),
    ]


def _ours(address: str) -> list[float]:
    with tempfile.TemporaryDirectory(prefix="slipway-bench-") as folder:
        platform = LocalPlatform.fresh(Path(folder) / "home")
        platform.environment |= {
            "SLIPWAY_RAY_ADDRESS": address,
            "SLIPWAY_RAY_NODE_ROOT": f"{folder}/nodes",
            "SLIPWAY_RAY_LOST_AFTER_S": "6",
        }
        with platform:
            client = platform.client()
            group = _group(client)
            return [_one(client, f"t{n}", group) for n in range(TASKS)][3:]


def _group(client: Client) -> str:
    """The group of the cluster's machines, once one of them can be used."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        for group in client.resources.groups.list():
            if group.name == "ray" and group.nodes_usable:
                return group.id
        time.sleep(0.2)
    raise TimeoutError("the cluster's machine did not appear")


def _one(client: Client, name: str, group: str) -> float:
    began = time.perf_counter()
    task: Any = client.tasks.create(name, "true", resource_group=group, **SMALL)
    client.tasks.wait(task.id, check=True)
    return time.perf_counter() - began


def _peer(address: str) -> list[float]:
    said = subprocess.run(
        [sys.executable, "-c", PEER, address, str(ACTORS)],
        capture_output=True,
        text=True,
        check=True,
    )
    return [float(line) for line in said.stdout.split()][2:]
