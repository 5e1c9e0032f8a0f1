"""What a task's configuration must fulfil; every refusal names the field (TRN-02..22)."""

from __future__ import annotations

import json
import re

from slipway.base.errors import Invalid
from slipway.base.names import checked_description, checked_name, checked_tags
from slipway.compute.modes.registry import RULES, why_unavailable
from slipway.compute.scheduling.amounts import card_units
from slipway.compute.types import InstalledKind, Mode, Resources
from slipway.environments.choose import Chosen
from slipway.training.shape import roles_of
from slipway.training.types import MountKind, Purpose, TaskSpec

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
_ROLE_NAME = re.compile(r"[a-z]([a-z0-9-]{0,18}[a-z0-9])?")
_DAY_S = 86_400.0
_SECONDS = {
    "grace_s": (0.0, 3600.0),
    "health_check_s": (10.0, 3600.0),
    "hang_s": (10.0, 7 * _DAY_S),
    "max_run_s": (1.0, 365 * _DAY_S),
    "max_queue_s": (1.0, 365 * _DAY_S),
}
MAX_INSTANCES = 1000
MAX_RESTARTS = 10
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
    if reason := why_not_mode(Mode(spec.mode), environment.kind):
        raise Invalid(reason, field="mode", code="mode_unavailable")
    _check_commands(spec)
    _check_resources(spec)
    _check_limits(spec)
    _check_env(spec.env)
    _check_targets(spec)
    json.dumps(spec.hyperparameters, allow_nan=False)


def why_not_mode(mode: Mode, kind: InstalledKind | None) -> str | None:
    """Why an environment of this kind cannot run in the mode on this machine. None: a built-in one."""
    if kind is None:
        return why_unavailable(mode)
    if kind == InstalledKind.IMAGE and RULES[mode].secret:
        return f"The mode {mode.value!r} needs programs of the platform, which are not in a container image."
    return None if mode == Mode.HOROVOD else why_unavailable(mode)  # it brings its own Horovod


def _check_commands(spec: TaskSpec) -> None:
    by_role = RULES[Mode(spec.mode)].by_role
    if spec.roles and not by_role:
        raise Invalid(
            f"The mode {spec.mode!r} has the same request for every instance. Leave out the roles, "
            "or choose the mode 'ps' or 'ray'.",
            field="roles",
        )
    if by_role and not spec.roles:
        raise Invalid(
            f"The mode {spec.mode!r} needs its roles, each with its own request.", field="roles"
        )
    needed = [r.command for r in spec.roles if spec.mode == Mode.PS or r.name == "head"] or [""]
    if not spec.command.strip() and not all(command.strip() for command in needed):
        raise Invalid("A task needs a start command.", field="command")


def _check_resources(spec: TaskSpec) -> None:
    if not 1 <= spec.instance_count <= MAX_INSTANCES:
        raise Invalid(f"The number of instances is 1 to {MAX_INSTANCES}.", field="instances")
    if spec.roles and spec.flavour:
        raise Invalid(
            "With roles, each role asks for its own amounts. Leave out the flavour.",
            field="flavour",
        )
    for role in roles_of(spec):
        if not _ROLE_NAME.fullmatch(role.name):
            raise Invalid(
                f"{role.name!r} is no name for a role: small letters, digits and '-', at most 20.",
                field="roles",
            )
        _check_request(role.resources, "roles" if spec.roles else None)


def _check_request(asked: Resources, field: str | None) -> None:
    """`field`: the one to name in the refusal; None: the request's own."""
    card_units(asked.gpus, field=field or "gpus")
    if asked.left_to_group:
        return  # whether its group gives them is known when it is placed
    if not 0 < asked.cpu_cores <= 1024:
        raise Invalid(
            "An instance needs more than 0 and at most 1024 CPU cores.", field=field or "cpu_cores"
        )
    if asked.memory_bytes < MIN_MEMORY_BYTES:
        raise Invalid("An instance needs at least 16 MiB memory.", field=field or "memory_bytes")


def _check_limits(spec: TaskSpec) -> None:
    if not 0 <= spec.max_restarts <= MAX_RESTARTS:
        raise Invalid(f"Automatic restarts: 0 (off) to {MAX_RESTARTS}.", field="max_restarts")
    if not 0 <= spec.max_reschedules <= MAX_RESTARTS:
        raise Invalid(
            f"Moves to other nodes: 0 (fault tolerance off) to {MAX_RESTARTS}.",
            field="max_reschedules",
        )
    for name, (least, most) in _SECONDS.items():
        value = getattr(spec, name)
        if value is not None and not least <= value <= most:
            raise Invalid(f"{name} is {least:g} to {most:g} seconds.", field=name)


def _check_env(env: dict[str, str]) -> None:
    for name, value in env.items():
        if not _VARIABLE.fullmatch(name):
            raise Invalid(f"{name!r} is not a name for an environment variable.", field="env")
        if "\0" in value:
            raise Invalid(f"The value of {name} contains a NUL character.", field="env")


def _check_targets(spec: TaskSpec) -> None:
    seen: set[str] = set()
    for mount in spec.mounts:
        if mount.purpose == Purpose.BUILT_IN_MODEL and mount.kind != MountKind.PATH:
            raise Invalid(
                "Only a shared path can hold a model of the platform. Choose another purpose.",
                field="mounts", code="bad_purpose",
            )  # fmt: skip
        if mount.purpose == Purpose.BUILT_IN_MODEL and not mount.read_only:
            raise Invalid("A model of the platform is mounted read-only.", field="mounts")
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
