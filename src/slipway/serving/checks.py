"""What a version's configuration must fulfil; every refusal names the field."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from slipway.base.errors import Invalid
from slipway.compute.scheduling.amounts import card_units
from slipway.compute.scheduling.policy import LOWEST_PRIORITY
from slipway.compute.types import Resources
from slipway.environments.choose import Chosen
from slipway.serving.config import (
    DeploymentMode,
    ModelSourceKind,
    Probe,
    ProbeAction,
    RoleConfig,
    Runtime,
    VersionConfig,
)
from slipway.serving.engines import check_engine
from slipway.serving.rollout import check_shares
from slipway.serving.types import RequestLimit

_ROLE = re.compile(r"[a-z][a-z0-9-]{0,19}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OWN_ENVIRONMENT = {Runtime.PACKAGE: "tiinfer", Runtime.LLM: "llm", Runtime.CUSTOM: "python"}
_CLOSED_PORTS = {6006, 9092, *range(8502, 8511)}
GRPC_PORT, _HTTP_PORT = 8500, 8501
MIN_MEMORY_BYTES = 16 << 20
MAX_REPLICAS = 1000
MAX_COMMAND = 65_536
MAX_INSTANCES = 64  # of a replica
MAX_ROLES = 8


def completed(config: VersionConfig, service_name: str) -> VersionConfig:
    """With what the runtime supplies where the user said nothing."""
    named = config.served_name or (service_name if config.runtime == Runtime.LLM else "")
    return config.changed(
        environment=config.environment or _OWN_ENVIRONMENT[config.runtime], served_name=named
    )


def check_config(config: VersionConfig, environment: Chosen, *, grpc: bool = False) -> None:
    own = environment.is_custom and not environment.on_platform
    if own and config.runtime != Runtime.CUSTOM:
        raise Invalid(
            f"The runtime {config.runtime} needs programs of the platform, which {environment.name} "
            "does not have. Choose an environment that was built on the platform's packages, or "
            "the runtime custom with a start command of your own.",
            field="environment", code="environment_runtime",
        )  # fmt: skip
    if grpc and config.runtime != Runtime.CUSTOM:
        raise Invalid(
            "The built-in servers speak HTTP. A gRPC service needs the runtime custom with a start "
            "command that listens on $PORT.",
            field="grpc",
        )
    _check_runtime(config)
    check_engine(config, environment)
    _check_resources(config)
    _check_port(config.port, grpc=grpc)
    check_env(config.env)
    _check_end(config)
    check_shares(config.max_surge, config.max_unavailable)
    for name in ("liveness", "readiness", "startup"):
        _check_probe(getattr(config.probes, name), name)


def check_mode(mode: DeploymentMode, config: VersionConfig) -> None:
    """What the deployment mode allows and needs; it cannot be changed after creation."""
    if mode != DeploymentMode.DIST and config.instances != 1:
        raise Invalid(
            "Several instances a replica need the deployment mode DIST, which is chosen when a "
            "service is created.",
            field="instances", code="mode_fixed",
        )  # fmt: skip
    if (mode == DeploymentMode.ROLE_SET) != bool(config.roles):
        raise Invalid(
            "Roles belong to the deployment mode ROLE_SET, which needs them and is chosen when a "
            "service is created.",
            field="roles", code="mode_fixed",
        )  # fmt: skip
    if not 1 <= config.instances <= MAX_INSTANCES:
        raise Invalid(f"A replica has 1 to {MAX_INSTANCES} instances.", field="instances")
    if config.instances > 1 and not config.command.strip():
        raise Invalid(
            "A replica of several instances needs a start command of your own: the built-in "
            "servers serve a model on one machine.",
            field="command",
        )
    if mode == DeploymentMode.ROLE_SET:
        _check_roles(config.roles)


def check_fixed_mode(mode: DeploymentMode, asked: DeploymentMode | None) -> None:
    if asked is not None and asked != mode:
        raise Invalid(
            f"The deployment mode of this service is {mode}; it is fixed at creation. Create "
            "another service for another mode.",
            field="mode", code="mode_fixed",
        )  # fmt: skip


def _check_roles(roles: Sequence[RoleConfig]) -> None:
    names = [role.name for role in roles]
    if len(roles) > MAX_ROLES or len(set(names)) != len(names):
        raise Invalid(f"A replica has at most {MAX_ROLES} roles, each once.", field="roles")
    if sum(role.entry for role in roles) != 1:
        raise Invalid("Exactly one role is the entry, which gets the requests.", field="roles")
    for index, role in enumerate(roles):
        field = f"roles.{index}"
        if not _ROLE.fullmatch(role.name):
            raise Invalid(
                "The name of a role is 1 to 20 lower-case letters, digits and '-', and starts with "
                "a letter.",
                field=f"{field}.name",
            )
        if not 1 <= role.instances <= MAX_INSTANCES:
            raise Invalid(f"A role has 1 to {MAX_INSTANCES} instances.", field=f"{field}.instances")
        if not role.command.strip() or len(role.command) > MAX_COMMAND or "\0" in role.command:
            raise Invalid(
                f"The role {role.name} needs a start command of at most {MAX_COMMAND} characters.",
                field=f"{field}.command",
            )
        check_env(role.env)
        _check_amounts(role.cpu_cores, role.memory_bytes, role.gpus, f"{field}.")


def check_replicas(replicas: int) -> None:
    if not 1 <= replicas <= MAX_REPLICAS:
        raise Invalid(f"The number of replicas is 1 to {MAX_REPLICAS}.", field="replicas")


def check_stop_at(at: datetime | None, now: datetime) -> None:
    if at is None:
        return
    if at.tzinfo is None:
        raise Invalid(
            "The time of a scheduled stop names its offset, as in 2030-01-26T19:46:22+08:00.",
            field="stop_at",
        )
    if at <= now:
        raise Invalid(
            "The time of the scheduled stop is over. Choose a later one.", field="stop_at"
        )


def check_limit(limit: RequestLimit) -> None:
    if limit.qps_per_replica is not None and limit.concurrency_per_replica is not None:
        raise Invalid(
            "Limit either the requests a second or the concurrent requests per replica, not both.",
            field="limit",
        )
    for value in (limit.qps_per_replica, limit.concurrency_per_replica):
        if value is not None and not 1 <= value <= 1_000_000:
            raise Invalid("A request limit is a whole number from 1.", field="limit")


def check_env(env: dict[str, str]) -> None:
    for name, value in env.items():
        if not _VARIABLE.fullmatch(name):
            raise Invalid(f"{name!r} is not a name for an environment variable.", field="env")
        if "\0" in value:
            raise Invalid(f"The value of {name} contains a NUL character.", field="env")


def _check_runtime(config: VersionConfig) -> None:
    if len(config.command) > MAX_COMMAND or "\0" in config.command:
        raise Invalid(
            f"A start command has at most {MAX_COMMAND} characters and no NUL.", field="command"
        )
    if config.runtime == Runtime.CUSTOM:
        if not config.command.strip() and not config.roles:
            raise Invalid(
                "A custom service needs a start command. It must listen on the port in $PORT.",
                field="command",
            )
    elif config.model.kind == ModelSourceKind.NONE:
        raise Invalid(
            f"A service of the kind {config.runtime} needs a model: a model version, or a folder "
            "in storage.",
            field="model",
        )
    for name, source in config.sources:
        if not source.ref.strip():
            raise Invalid(
                "Name the model version (mv-...), or the folder in storage as bucket/path.",
                field=name,
            )
    if config.base.kind != ModelSourceKind.NONE and config.runtime != Runtime.LLM:
        raise Invalid("Only an LLM service has a base model.", field="base")
    if config.max_model_len is not None and not 16 <= config.max_model_len <= 10_000_000:
        raise Invalid("The model's length is 16 to 10,000,000 tokens.", field="max_model_len")
    if len(config.served_name) > 200 or any(ord(c) < 33 for c in config.served_name):
        raise Invalid(
            "The name in requests has at most 200 characters, without spaces.", field="served_name"
        )


def _check_resources(config: VersionConfig) -> None:
    _check_amounts(config.cpu_cores, config.memory_bytes, config.gpus)
    if config.priority is not None and not 0 <= config.priority <= LOWEST_PRIORITY:
        raise Invalid(
            f"A priority is 0 (first) to {LOWEST_PRIORITY}; leave it empty to follow the group's "
            "policy.",
            field="priority",
        )


def _check_amounts(cpu_cores: float, memory_bytes: int, gpus: float, prefix: str = "") -> None:
    if not Resources(cpu_cores, memory_bytes, gpus).left_to_group:
        if not 0 < cpu_cores <= 1024:
            raise Invalid(
                "An instance needs more than 0 and at most 1024 cores.", field=f"{prefix}cpu_cores"
            )
        if memory_bytes < MIN_MEMORY_BYTES:
            raise Invalid(
                "An instance needs at least 16 MiB memory.", field=f"{prefix}memory_bytes"
            )
    card_units(gpus)


def _check_port(port: int, *, grpc: bool) -> None:
    if not 1024 <= port <= 65535 or port in _CLOSED_PORTS:
        raise Invalid(
            "The port is 1024 to 65535, without 8502 to 8510, 6006 and 9092, which the platform "
            "keeps.",
            field="port",
        )
    if port == GRPC_PORT and not grpc:
        raise Invalid("8500 is the port of gRPC; this service speaks HTTP (8501).", field="port")
    if port == _HTTP_PORT and grpc:
        raise Invalid("8501 is the port of HTTP; this service speaks gRPC (8500).", field="port")


def _check_end(config: VersionConfig) -> None:
    if not 1 <= config.grace_s <= 86_400:
        raise Invalid("The graceful stop takes 1 to 86400 seconds.", field="grace_s")
    if any(not word or "\0" in word for word in config.pre_stop):
        raise Invalid(
            'The pre-stop command is a list of non-empty words such as ["sleep", "70"].',
            field="pre_stop",
        )
    if config.retries is not None and not 1 <= config.retries <= 99:
        raise Invalid("Retries: 1 to 99, or unlimited.", field="retries")
    if not 1 <= config.start_timeout_s <= 86_400:
        raise Invalid("A replica gets 1 to 86400 seconds to be ready.", field="start_timeout_s")


def _check_probe(probe: Probe | None, name: str) -> None:
    if probe is None:
        return
    field = f"probes.{name}"
    if probe.action == ProbeAction.HTTP and not re.fullmatch(r"/[!-~]*", probe.path):
        raise Invalid(
            "The path of a probe starts with '/' and holds printable letters only.", field=field
        )
    ranges = (
        (probe.initial_delay_s, 0, 86_400), (probe.period_s, 1, 86_400),
        (probe.timeout_s, 1, 3_600), (probe.failure_threshold, 1, 1_000),
        (probe.success_threshold, 1, 1_000),
    )  # fmt: skip
    if any(not low <= value <= high for value, low, high in ranges):
        raise Invalid(
            "A probe's delay is 0 or more seconds; period, time-out and thresholds are 1 or more.",
            field=field,
        )
    if name != "readiness" and probe.success_threshold != 1:
        raise Invalid(f"The {name} probe passes after one success.", field=field)
