"""The configuration of a version: everything an update may change except the replica count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from typing import Any

from slipway.compute.types import Placement
from slipway.runtime.serve.engines import EngineName


class Runtime(StrEnum):
    PACKAGE = "package"  # a folder with model_service.py, on the tiinfer-compatible server
    LLM = "llm"  # an OpenAI-compatible engine
    CUSTOM = "custom"  # the user's own start command, listening on $PORT


class DeploymentMode(StrEnum):
    """How many instances a replica has. Fixed when the service is created."""

    STANDARD = "STANDARD"  # one
    DIST = "DIST"  # several equal ones, of which the first gets the requests
    ROLE_SET = "ROLE_SET"  # several roles, of which one gets the requests


class ModelSourceKind(StrEnum):
    REGISTRY = "registry"  # ref: id of a model version
    STORAGE = "storage"  # ref: storage address of the directory that is the model
    NONE = "none"  # everything is in the environment


class ProbeAction(StrEnum):
    HTTP = "HTTPGet"
    TCP = "TCPSocket"


@dataclass(frozen=True, slots=True)
class ModelSource:
    kind: ModelSourceKind = ModelSourceKind.NONE
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """Times are seconds. Passes with a status of 200 to 399, or when the port can be reached."""

    action: ProbeAction = ProbeAction.HTTP
    path: str = "/"
    initial_delay_s: int = 0
    period_s: int = 10
    timeout_s: int = 1
    failure_threshold: int = 3
    success_threshold: int = 1


@dataclass(frozen=True, slots=True)
class Probes:
    liveness: Probe | None = None
    readiness: Probe | None = None
    startup: Probe | None = None


@dataclass(frozen=True, slots=True)
class RoleConfig:
    """One role of a replica (mode ROLE_SET). `entry`: its first instance gets the requests."""

    name: str
    command: str
    instances: int = 1
    entry: bool = False
    env: dict[str, str] = field(default_factory=dict)
    cpu_cores: float = 1.0
    memory_bytes: int = 1 << 30
    gpus: float = 0
    gpu_model: str | None = None


@dataclass(frozen=True, slots=True)
class VersionConfig:
    runtime: Runtime
    model: ModelSource = ModelSource()
    base: ModelSource = ModelSource()  # what a LoRA adapter builds on
    environment: str = ""
    command: str = ""  # replaces the runtime's own; `custom` has no other
    env: dict[str, str] = field(default_factory=dict)
    port: int = 8501
    cpu_cores: float = 1.0
    memory_bytes: int = 1 << 30
    gpus: float = 0
    gpu_model: str | None = None
    instances: int = 1  # of a replica (mode DIST)
    roles: tuple[RoleConfig, ...] = ()  # of a replica (mode ROLE_SET)
    priority: int | None = None  # in the queue, 0 (first) to 9; None: by the group's policy
    placement: Placement = Placement.BINPACK
    engine: EngineName = EngineName.AUTO  # of an LLM service
    served_name: str = ""
    max_model_len: int | None = None
    grace_s: int = 30
    pre_stop: tuple[str, ...] = ()
    probes: Probes = Probes()
    max_surge: str = "0%"
    max_unavailable: str = "33%"
    retries: int | None = 5  # of a first deployment; None: without limit
    start_timeout_s: int = 1800
    deliver_logs: bool = False  # also to the project's log store

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, data: dict[str, Any]) -> VersionConfig:
        known = {f.name for f in fields(cls)}
        values = {name: value for name, value in data.items() if name in known}
        return cls(
            **{
                **values,
                "runtime": Runtime(values["runtime"]),
                "model": _source(values.get("model")),
                "base": _source(values.get("base")),
                "engine": EngineName(values.get("engine", EngineName.AUTO)),
                "placement": Placement(values.get("placement", Placement.BINPACK)),
                "pre_stop": tuple(values.get("pre_stop") or ()),
                "roles": tuple(RoleConfig(**role) for role in values.get("roles") or ()),
                "probes": _probes(values.get("probes")),
            }
        )

    def changed(self, **values: Any) -> VersionConfig:
        return replace(self, **values)

    @property
    def held(self) -> tuple[float, int, float]:
        """What one replica holds: cores, bytes of memory, cards."""
        if self.roles:
            return (
                sum(r.cpu_cores * r.instances for r in self.roles),
                sum(r.memory_bytes * r.instances for r in self.roles),
                sum(r.gpus * r.instances for r in self.roles),
            )
        count = self.instances
        return self.cpu_cores * count, self.memory_bytes * count, self.gpus * count

    @property
    def sources(self) -> Iterator[tuple[str, ModelSource]]:
        """Each source that is there, with the name of its field."""
        for name in ("model", "base"):
            source: ModelSource = getattr(self, name)
            if source.kind != ModelSourceKind.NONE:
                yield name, source


# Changing these leaves running replicas as they are.
_NO_RESTART = frozenset(
    {
        "max_surge",
        "max_unavailable",
        "retries",
        "start_timeout_s",
        "priority",
        "placement",
        "deliver_logs",
    }
)


def differences(old: VersionConfig, new: VersionConfig) -> dict[str, list[object]]:
    """Field -> [before, after], as JSON values."""
    before, after = old.as_json(), new.as_json()
    return {name: [before[name], after[name]] for name in before if before[name] != after[name]}


def needs_new_replicas(changes: dict[str, list[object]]) -> bool:
    return not set(changes) <= _NO_RESTART


def _source(data: dict[str, Any] | None) -> ModelSource:
    return ModelSource(ModelSourceKind(data["kind"]), data["ref"]) if data else ModelSource()


def _probes(data: dict[str, Any] | None) -> Probes:
    found = {name: _probe(value) for name, value in (data or {}).items()}
    return Probes(**found)


def _probe(data: dict[str, Any] | None) -> Probe | None:
    return Probe(**{**data, "action": ProbeAction(data["action"])}) if data else None
