"""What the gateway must know, as a pure function of the rows (ARCHITECTURE.md has the shapes)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from slipway.base.clock import rfc3339
from slipway.serving.groups.types import AppKey, ServiceGroup
from slipway.serving.types import Replica, Service, ServiceKey, ServiceState, Version, Wanted

Json = dict[str, Any]
Address = tuple[str, str]  # (kind, id)

_STATES = {
    ServiceState.NORMAL: "running",
    ServiceState.STOPPING: "stopping",
    ServiceState.STOPPED: "stopped",
    ServiceState.CREATE_FAILED: "stopped",
}


@dataclass(frozen=True, slots=True)
class Routing:
    services: dict[str, Json] = field(default_factory=dict)
    keys: dict[str, Json] = field(default_factory=dict)
    groups: dict[str, Json] = field(default_factory=dict)

    def objects(self) -> dict[Address, Json]:
        kinds = (("service", self.services), ("key", self.keys), ("group", self.groups))
        return {(kind, i): value for kind, values in kinds for i, value in values.items()}

    def as_reset(self, version: int) -> Json:
        return {
            "op": "reset", "version": version, "services": list(self.services.values()),
            "keys": list(self.keys.values()), "groups": list(self.groups.values()),
        }  # fmt: skip


def routing_of(
    services: Iterable[Service],
    versions: Sequence[Version],
    replicas: Sequence[Replica],
    keys: Iterable[ServiceKey],
    groups: Sequence[ServiceGroup] = (),
    model_rules: Mapping[str, Json] | None = None,
) -> Routing:
    """`replicas` are those that have not ended; only the ready ones get into the routes.
    `model_rules` by service."""
    rules = model_rules or {}
    app_keys = {key.id: _app_key(group, key) for group in groups for key in group.keys}
    return Routing(
        services={s.id: _service(s, versions, replicas, rules.get(s.id)) for s in services},
        keys={key.id: _key(key) for key in keys} | app_keys,
        groups={group.id: _group(group) for group in groups},
    )


def changes(before: Mapping[Address, Json], after: Mapping[Address, Json]) -> list[Json]:
    """The messages that lead from one to the other. Deletions come first: a key that was reset
    must not be usable for a moment longer."""
    gone = [{"op": "delete", "kind": kind, "id": i} for kind, i in before if (kind, i) not in after]
    put = [
        {"op": "put", "kind": address[0], "id": address[1], "value": value}
        for address, value in after.items()
        if before.get(address) != value
    ]
    return [*gone, *put]


def _service(
    service: Service, versions: Sequence[Version], replicas: Sequence[Replica], rules: Json | None
) -> Json:
    own = [v for v in versions if v.service_id == service.id]
    named, rules = (rules["aliases"], {**rules}) if rules is not None else ((), None)
    if rules is not None:
        del rules["aliases"]  # they are names like those of the versions
    served = (v.config.served_name for v in own) if service.llm else ()
    names = list(dict.fromkeys([*served, *named]))
    return {
        "id": service.id,
        "project": service.project_id,
        "name": service.name,
        "state": _STATES.get(service.state, "starting"),
        "auth": service.auth,
        "models": names,
        "llm": service.llm,
        **({"grpc": True} if service.grpc else {}),
        "limits": {
            "qps_per_replica": service.limit.qps_per_replica,
            "concurrency_per_replica": service.limit.concurrency_per_replica,
        },
        "versions": [_version(v, replicas) for v in own],
        **({} if rules is None else {"rules": rules}),
    }


def _version(version: Version, replicas: Sequence[Replica]) -> Json:
    routes = [
        {"id": r.id, "host": r.host, "port": r.port, "isolated": r.isolated}
        for r in replicas
        if r.version_id == version.id and (r.takes_requests or _set_aside(r))
    ]
    found: Json = {"id": version.id, "weight": version.weight, "replicas": routes}
    scaling = version.scaling
    if scaling.idle_s is not None and version.wanted == Wanted.RUN:
        found["hold"] = {"max": scaling.max_held, "timeout_s": scaling.hold_s}
    return found


def _set_aside(replica: Replica) -> bool:
    return replica.isolated and replica.is_live and replica.port is not None


def _key(key: ServiceKey) -> Json:
    return {
        "id": key.id,
        "hash": key.secret_hash,
        "services": [key.service_id],
        "group": None,
        **({} if key.tenant_id is None else {"project": key.tenant_id}),
        "enabled": key.enabled,
        "banned": False,
        **key.rules.for_gateway(),
    }


def _app_key(group: ServiceGroup, key: AppKey) -> Json:
    rules = group.rules.for_gateway()
    ends = [at for at in (group.rules.expires_at, key.ends_at) if at is not None]
    return {
        "id": key.id,
        "hash": key.secret_hash,
        "services": [],
        "group": group.id,
        "project": group.project_id,
        "enabled": True,
        "banned": group.ban is not None,
        **rules,
        "expires_at": rfc3339(min(ends)) if ends else None,
    }


def _group(group: ServiceGroup) -> Json:
    return {"id": group.id, "enabled": group.enabled, "services": list(group.services)}
