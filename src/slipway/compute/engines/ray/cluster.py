"""What Ray says of its machines, in our words. Plain data in and out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

NODE_LABEL = "slipway-node"  # the node id that `slipway node join` was given: it outlives restarts
_RAYS_OWN = "ray.io/"


@dataclass(frozen=True, slots=True)
class Machine:
    """`engine_node` stays the same when Ray is restarted there; `ray_id` does not."""

    engine_node: str
    ray_id: str
    host: str
    hostname: str
    cpu_cores: float
    memory_bytes: int
    gpu_count: int
    port: int  # of its raylet, which the head and other machines must reach
    labels: Mapping[str, str]


def machines(nodes: Sequence[Mapping[str, Any]], known: Collection[str]) -> dict[str, Machine]:
    """Machines that are alive and offer anything, by `engine_node`; `known` are Ray's ids in use.

    Where Ray was restarted it takes a while until Ray calls the first life dead; until then the one
    in use keeps the name. Unlabelled raylets may share a name (the address): all but the first get
    Ray's own id added, which lasts only until they restart.
    """
    found: dict[str, Machine] = {}
    for node in sorted(nodes, key=lambda n: (n["NodeID"] not in known, str(n["NodeID"]))):
        resources = node["Resources"]
        if not node["Alive"] or not (resources.get("CPU") or resources.get("GPU")):
            continue
        labels = {k: v for k, v in node["Labels"].items() if not k.startswith(_RAYS_OWN)}
        name = labels.get(NODE_LABEL) or node["NodeName"]
        if name in found and NODE_LABEL in labels:
            continue
        if name in found:
            name = f"{name}-{node['NodeID'][:8]}"
        found[name] = Machine(
            engine_node=name,
            ray_id=node["NodeID"],
            host=node["NodeManagerAddress"],
            hostname=node["NodeManagerHostname"],
            cpu_cores=float(resources.get("CPU", 0)),
            memory_bytes=int(resources.get("memory", 0)),
            gpu_count=int(resources.get("GPU", 0)),
            port=int(node["NodeManagerPort"]),
            labels=labels,
        )
    return found


def why_dead(nodes: Sequence[Mapping[str, Any]], engine_node: str) -> str:
    """Ray's own words about the last death of that machine; empty where it has none."""
    for node in nodes:
        name = node["Labels"].get(NODE_LABEL) or node["NodeName"]
        if name == engine_node and not node["Alive"] and node.get("DeathReasonMessage"):
            return str(node["DeathReasonMessage"])
    return ""
