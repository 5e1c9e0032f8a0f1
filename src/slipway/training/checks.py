"""What a task's configuration must fulfil; every refusal names the field (TRN-02..22)."""

from __future__ import annotations

import json
import re

from slipway.base.errors import Invalid
from slipway.base.names import checked_description, checked_name, checked_tags
from slipway.compute.scheduling.amounts import card_units
from slipway.environments.choose import Chosen
from slipway.training.types import TaskSpec

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED_TARGETS = (
    "/",
    "/proc",
    "/sys",
    "/dev",
    "/opt/ml/output",
    "/opt/ml/model",
    "/opt/ml/summary",
)
MAX_INSTANCES = 1000
MIN_MEMORY_BYTES = 16 << 20


def check_spec(spec: TaskSpec, environment: Chosen) -> None:
    checked_name(spec.name)
    checked_description(spec.description)
    checked_tags(spec.tags)
    if spec.mode not in environment.modes:
        raise Invalid(
            f"The environment {environment.name} offers the modes {', '.join(environment.modes)}, not {spec.mode!r}.",
            field="mode", code="mode_not_offered",
        )  # fmt: skip
    if not spec.command.strip():
        raise Invalid("A task needs a start command.", field="command")
    _check_resources(spec)
    _check_env(spec.env)
    _check_targets(spec)
    json.dumps(spec.hyperparameters, allow_nan=False)


def _check_resources(spec: TaskSpec) -> None:
    if not 1 <= spec.instances <= MAX_INSTANCES:
        raise Invalid(f"The number of instances is 1 to {MAX_INSTANCES}.", field="instances")
    if spec.mode == "single" and spec.instances != 1:
        raise Invalid(
            "The mode 'single' has one instance. Choose the mode 'ddp' for more.", field="instances"
        )
    if not 0 < spec.cpu_cores <= 1024:
        raise Invalid(
            "An instance needs more than 0 and at most 1024 CPU cores.", field="cpu_cores"
        )
    if spec.memory_bytes < MIN_MEMORY_BYTES:
        raise Invalid("An instance needs at least 16 MiB memory.", field="memory_bytes")
    card_units(spec.gpus)
    if not 0 <= spec.max_restarts <= 10:
        raise Invalid("Automatic restarts: 0 (off) to 10.", field="max_restarts")


def _check_env(env: dict[str, str]) -> None:
    for name, value in env.items():
        if not _VARIABLE.fullmatch(name):
            raise Invalid(f"{name!r} is not a name for an environment variable.", field="env")
        if "\0" in value:
            raise Invalid(f"The value of {name} contains a NUL character.", field="env")


def _check_targets(spec: TaskSpec) -> None:
    seen: set[str] = set()
    for mount in spec.mounts:
        target = mount.target.rstrip("/")
        if not target:
            continue
        parts = target.split("/")
        if not target.startswith("/") or ".." in parts or "." in parts or "\0" in target:
            raise Invalid(
                f"The path {mount.target!r} must be absolute, without '.' and '..'.", field="mounts"
            )
        if target in _RESERVED_TARGETS:
            raise Invalid(f"{target} belongs to the platform; choose another path.", field="mounts")
        if target in seen:
            raise Invalid(
                f"Two mounts share the path {target}. Each needs its own.",
                field="mounts",
                code="same_path",
            )
        seen.add(target)
