"""From a version's configuration to the workload behind one replica."""

from __future__ import annotations

import shlex

from slipway.compute.modes.service import MAIN_PORT, MEET_PORT
from slipway.compute.types import Mode, Mount, Resources, Role, WorkloadSpec
from slipway.runtime.serve.engines import EngineName
from slipway.serving.config import (
    Probe,
    ProbeAction,
    RoleConfig,
    Runtime,
    VersionConfig,
)
from slipway.serving.sources import Sources

PORT = MAIN_PORT
MODEL_TARGET, MODEL_VARIABLE = "/data/model", "MODEL_DIR"
BASE_TARGET, BASE_VARIABLE = "/data/base", "BASE_MODEL_DIR"
_HOME = "/home/slipway"


def workload_spec(config: VersionConfig, sources: Sources) -> WorkloadSpec:
    return WorkloadSpec(
        mode=Mode.SERVICE, roles=_roles(config, sources), environment=config.environment,
        env={"PORT": f"{{port:{PORT}}}", "HOST": "{host:own}"} | config.env, mounts=_mounts(sources),
        workdir=_HOME, grace_s=float(config.grace_s), pre_stop=config.pre_stop or None,
        installed=sources.installed, placement=config.placement,
    )  # fmt: skip


def _roles(config: VersionConfig, sources: Sources) -> tuple[Role, ...]:
    """The instance that gets the requests is the first of the first role."""
    if config.roles:
        entry_first = sorted(config.roles, key=lambda role: not role.entry)
        return tuple(_role(role, sources) for role in entry_first)
    command, resources = _command(config, sources), _resources(config)
    ports = (PORT,) if config.instances == 1 else (PORT, MEET_PORT)
    return (Role("replica", config.instances, command, resources=resources, ports=ports),)


def _role(role: RoleConfig, sources: Sources) -> Role:
    lines = [f"export {name}={shlex.quote(value)}" for name, value in role.env.items()]
    command = "\n".join([*lines, _own_command(role.command, sources)])
    asked = Resources(role.cpu_cores, role.memory_bytes, role.gpus, role.gpu_model)
    return Role(role.name, role.instances, command, resources=asked, ports=(PORT, MEET_PORT))


def readiness(config: VersionConfig) -> Probe:
    """What must pass before a replica gets requests; the runtime's own where none is configured."""
    if config.probes.readiness is not None:
        return config.probes.readiness
    own = {Runtime.PACKAGE: "/readyz", Runtime.LLM: "/health"}
    if config.runtime == Runtime.CUSTOM or config.command.strip() or config.roles:
        return Probe(ProbeAction.TCP, timeout_s=1)
    return Probe(ProbeAction.HTTP, own[config.runtime], timeout_s=5)


def _command(config: VersionConfig, sources: Sources) -> str:
    """`exec`: signals reach the server itself, and one process less stays in memory."""
    own = config.command.strip()
    if own:
        return _own_command(own, sources)
    model = f'--model-dir "${MODEL_VARIABLE}" --port {{port:{PORT}}} --host {{host:own}}'
    if config.runtime == Runtime.PACKAGE:
        return f"exec python -m slipway.runtime.serve.package {model}"
    words = ["exec python -m slipway.runtime.serve.llm", model]
    words += ["--served-name", shlex.quote(config.served_name)]
    if config.engine != EngineName.AUTO:
        words += ["--engine", config.engine]
    if config.max_model_len is not None:
        words += ["--max-model-len", str(config.max_model_len)]
    if sources.base is not None:
        words.append(f'--base-dir "${BASE_VARIABLE}"')
    return " ".join(words)


def _own_command(command: str, sources: Sources) -> str:
    prefix = f'export TI_MODEL_DIR="${MODEL_VARIABLE}"\n' if sources.model else ""
    return prefix + command.strip()


def _mounts(sources: Sources) -> tuple[Mount, ...]:
    mounts = []
    if sources.model is not None:
        mounts.append(_read_only(str(sources.model), MODEL_TARGET, MODEL_VARIABLE))
    if sources.base is not None:
        mounts.append(_read_only(str(sources.base), BASE_TARGET, BASE_VARIABLE))
    return tuple(mounts)


def _read_only(source: str, target: str, variable: str) -> Mount:
    return Mount(source, target, read_only=True, env=variable, purpose="own_model")


def _resources(config: VersionConfig) -> Resources:
    return Resources(config.cpu_cores, config.memory_bytes, config.gpus, config.gpu_model)
