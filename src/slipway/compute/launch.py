"""From a workload's spec and its placement to the spec of one instance."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from slipway.assets.environments import base_variables
from slipway.compute.engines.base import Launchable
from slipway.compute.modes.base import cards
from slipway.compute.modes.registry import RULES
from slipway.compute.types import Instance, Role, Workload

HEALTH_PORT = "health"  # asked for by the first role of a workload with a health check
_PORT = re.compile(r"\{port:([a-z0-9_]+)\}")


def launchable(
    workload: Workload,
    instances: Sequence[Instance],
    own: Instance,
    *,
    directory: Path,
    hide: Path,
    isolate: str,
    sample_interval_s: float,
    secret_of: Callable[[Workload], str],
    network: Mapping[str, str],
) -> Launchable:
    """`instances` are all of the attempt in rank order; `directory` is `own`'s on its node."""
    spec, rules = workload.spec, RULES[workload.spec.mode]
    secret = {"SLIPWAY_GROUP_SECRET": secret_of(workload)} if rules.secret else {}
    files = (*spec.files, *rules.files(instances))
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
            "command": _with_ports(role.command, own.ports),
            "argv": [_with_ports(word, own.ports) for word in role.argv]
            if role.argv is not None
            else None,
            "env": {**network, **_environment(workload, instances, own, directory), **secret},
            "workdir": spec.workdir,
            "mounts": [home, *(_mount(m) for m in spec.mounts)],
            "files": [{"target": f.target, "text": f.text, "env": f.env} for f in files],
            "hide": [str(hide)],
            "ports": own.ports,
            "limits": _limits(role),
            "gpus": list(own.gpu_indexes),
            "grace_s": spec.grace_s,
            "pre_start": _with_ports(spec.pre_start, own.ports) if spec.pre_start else None,
            "pre_stop": list(spec.pre_stop) if spec.pre_stop else None,
            "health_check": _health_check(workload, instances, own, network),
            "checkpoints": spec.checkpoints,
            "hang_s": spec.hang_s,
            "sample_interval_s": sample_interval_s,
            "isolate": isolate,
        },
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
    user = {name: _with_ports(value, own.ports) for name, value in workload.spec.env.items()}
    return (
        base_variables()
        | ports
        | platform
        | RULES[workload.spec.mode].wiring(instances, own)
        | user
    )


def _health_check(
    workload: Workload,
    instances: Sequence[Instance],
    own: Instance,
    network: Mapping[str, str],
) -> dict[str, Any] | None:
    """The check that all instances run together before their commands (TRN-14).

    `env` is its whole environment and Python ignores the rest (`-I`): what it finds is held against
    the node, so nothing of the user's may have a part in it.
    """
    if workload.spec.health_check_s is None:
        return None
    first = instances[0]
    return {
        "argv": [sys.executable, "-I", "-m", "slipway.runtime.healthcheck"],
        "limit_s": workload.spec.health_check_s,
        "env": {
            **base_variables(),
            **network,
            "SLIPWAY_HEALTH_ADDRESS": f"{first.host}:{first.ports[HEALTH_PORT]}",
            "SLIPWAY_HEALTH_INSTANCES": str(len(instances)),
            "SLIPWAY_HEALTH_INSTANCE": str(own.rank),
            "SLIPWAY_HEALTH_GPUS": str(cards(own)),
            "SLIPWAY_HEALTH_LIMIT_S": f"{workload.spec.health_check_s:g}",
        },
    }


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


def _with_ports(text: str, ports: dict[str, int]) -> str:
    return _PORT.sub(lambda found: str(ports.get(found[1], found[0])), text)
