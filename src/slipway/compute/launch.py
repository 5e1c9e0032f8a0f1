"""From a workload's spec and its placement to the spec of one instance."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from slipway.assets.environments import base_variables
from slipway.compute.distributed import wiring
from slipway.compute.engines.base import Launchable
from slipway.compute.types import Instance, Role, Workload

_PORT = re.compile(r"\{port:([a-z0-9_]+)\}")


def launchable(
    workload: Workload,
    instances: Sequence[Instance],
    own: Instance,
    *,
    engine_node: str,
    directory: Path,
    hide: Path,
    isolate: str,
    sample_interval_s: float,
) -> Launchable:
    """`instances` are all of the attempt in rank order; `directory` is `own`'s on its node."""
    spec = workload.spec
    role = next(r for r in spec.roles if r.name == own.role)
    home = {
        "source": str(directory / "home"),
        "target": "/home/slipway",
        "read_only": False,
        "env": "HOME",
        "create": True,
    }
    return Launchable(
        own.id,
        {
            "instance_id": own.id,
            "workload_id": workload.id,
            "attempt": own.attempt,
            "command": _filled_in(role.command, own),
            "argv": [_filled_in(word, own) for word in role.argv]
            if role.argv is not None
            else None,
            "env": _environment(workload, instances, own, directory),
            "workdir": spec.workdir,
            "mounts": [home, *(_mount(m) for m in spec.mounts)],
            "files": [{"target": f.target, "text": f.text, "env": f.env} for f in spec.files],
            "hide": [str(hide)],
            "ports": own.ports,
            "limits": _limits(role),
            "gpus": list(own.gpu_indexes),
            "grace_s": spec.grace_s,
            "pre_start": _filled_in(spec.pre_start, own) if spec.pre_start else None,
            "pre_stop": list(spec.pre_stop) if spec.pre_stop else None,
            "sample_interval_s": sample_interval_s,
            "isolate": isolate,
        },
        engine_node,
    )


def _environment(
    workload: Workload, instances: Sequence[Instance], own: Instance, directory: Path
) -> dict[str, str]:
    """Later entries win: a variable set by the user beats the platform's."""
    ports = {f"PORT_{name.upper()}": str(port) for name, port in own.ports.items()}
    platform = {
        "TI_TASK_ID": workload.owner_id,
        "SLIPWAY_WORKLOAD_ID": workload.id,
        "SLIPWAY_INSTANCE_ID": own.id,
        "SLIPWAY_ATTEMPT": str(own.attempt),
        "SLIPWAY_METRICS_FILE": str(directory / "metrics.jsonl"),
    }
    user = {name: _filled_in(value, own) for name, value in workload.spec.env.items()}
    return base_variables() | ports | platform | wiring(workload.spec.mode, instances, own) | user


def _limits(role: Role) -> dict[str, Any]:
    return {
        "cpu_cores": role.resources.cpu_cores,
        "memory_bytes": role.resources.memory_bytes,
        "pids": 4096,
    }


def _mount(mount: Any) -> dict[str, Any]:
    return {
        "source": mount.source, "target": mount.target, "read_only": mount.read_only, "env": mount.env,
        "create": mount.create,
    }  # fmt: skip


def _filled_in(text: str, own: Instance) -> str:
    """`{port:<name>}` and `{host:own}`: where the instance listens is known only once it is placed."""
    with_ports = _PORT.sub(lambda found: str(own.ports.get(found[1], found[0])), text)
    return with_ports.replace("{host:own}", own.host)
