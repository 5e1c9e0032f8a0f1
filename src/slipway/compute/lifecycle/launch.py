"""From a workload's spec and its placement to the spec of one instance."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from slipway.assets.containers import find_engine
from slipway.assets.environments import base_variables
from slipway.compute.engines.base import Launchable
from slipway.compute.modes.base import cards
from slipway.compute.modes.registry import RULES
from slipway.compute.types import (
    Installed,
    InstalledKind,
    Instance,
    Mount,
    Role,
    TextFile,
    Workload,
)

HEALTH_PORT = "health"  # asked for by the first role of a workload with a health check
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
    unseal: Callable[[str], str],
    secret_of: Callable[[Workload], str],
    variables: Mapping[str, str],
    network: Mapping[str, str],
) -> Launchable:
    """`instances` are all of the attempt in rank order; `directory` is `own`'s on its node.

    `variables` are what the workload's room adds (see `RunVariables`), `network` those of the
    nodes' RDMA profile.
    """
    spec, rules = workload.spec, RULES[workload.spec.mode]
    secret = {"SLIPWAY_GROUP_SECRET": secret_of(workload)} if rules.secret else {}
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
            "env": {
                **network,
                **_environment(workload, instances, own, directory, variables),
                **secret,
            },
            "workdir": spec.workdir,
            "mounts": [
                home,
                *_installed_mount(spec.installed),
                *(_mount(m, directory) for m in spec.mounts),
            ],
            "files": [_file(f, unseal) for f in (*spec.files, *rules.files(instances))],
            "image": _image(spec.installed),
            "hide": [str(hide)],
            "ports": own.ports,
            "limits": _limits(role),
            "gpus": list(own.gpu_indexes),
            "gpu_share": own.resources.gpus if 0 < own.resources.gpus < 1 else None,
            "grace_s": spec.grace_s,
            "pre_start": _filled_in(spec.pre_start, own) if spec.pre_start else None,
            "pre_stop": list(spec.pre_stop) if spec.pre_stop else None,
            "health_check": _health_check(workload, instances, own, network),
            "checkpoints": spec.checkpoints,
            "hang_s": spec.hang_s,
            "sample_interval_s": sample_interval_s,
            "isolate": isolate,
        },
        engine_node,
    )


def _environment(
    workload: Workload,
    instances: Sequence[Instance],
    own: Instance,
    directory: Path,
    variables: Mapping[str, str],
) -> dict[str, str]:
    """Later entries win: a variable set by the user beats the platform's."""
    ports = {f"PORT_{name.upper()}": str(port) for name, port in own.ports.items()}
    platform = {
        "TI_TASK_ID": workload.owner_id,
        "SLIPWAY_WORKLOAD_ID": workload.id,
        "SLIPWAY_INSTANCE_ID": own.id,
        "SLIPWAY_ATTEMPT": str(own.attempt),
        "SLIPWAY_METRICS_FILE": str(directory / "metrics.jsonl"),
        "SLIPWAY_PYTHON": sys.executable,
    }
    user = {name: _filled_in(value, own) for name, value in workload.spec.env.items()}
    wired = RULES[workload.spec.mode].wiring(instances, own)
    base = _base(workload.spec.installed)
    return base | ports | platform | dict(variables) | wired | user


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


def _base(installed: Installed | None) -> dict[str, str]:
    """An image has its own PATH; a Python environment comes before everything else."""
    if installed is None:
        return base_variables()
    if installed.kind == InstalledKind.IMAGE:
        return {}
    return base_variables(Path(installed.location))


def _installed_mount(installed: Installed | None) -> list[dict[str, Any]]:
    """Programs of an environment name its path, so it is seen where it was built."""
    if installed is None or installed.kind != InstalledKind.PYTHON:
        return []
    return [
        {
            "source": installed.location,
            "target": installed.location,
            "read_only": True,
            "env": None,
            "create": False,
        }
    ]


def _image(installed: Installed | None) -> dict[str, str] | None:
    if installed is None or installed.kind != InstalledKind.IMAGE:
        return None
    engine = find_engine()
    return {
        "reference": installed.location,
        "engine": str(engine.path) if engine else "docker",
    }


def _file(file: TextFile, unseal: Callable[[str], str]) -> dict[str, Any]:
    text = unseal(file.text) if file.sealed else file.text
    return {"target": file.target, "text": text, "env": file.env}


def _mount(mount: Mount, directory: Path) -> dict[str, Any]:
    return {
        "source": mount.source.replace("{instance}", str(directory), 1), "target": mount.target, "read_only": mount.read_only, "env": mount.env,
        "create": mount.create,
    }  # fmt: skip


def _filled_in(text: str, own: Instance) -> str:
    """`{port:<name>}` and `{host:own}`: where the instance listens is known only once it is placed."""
    with_ports = _PORT.sub(lambda found: str(own.ports.get(found[1], found[0])), text)
    return with_ports.replace("{host:own}", own.host)
