"""What the gateway knows: services, keys and groups, as the control plane told it.

Pure values and dictionaries; nothing here waits, counts or writes. `State.apply` takes one message
of the feed, `State.dump` gives back what a restarted gateway needs.
"""

import hashlib
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from slipway.gateway.kinds import Limit as Limit
from slipway.gateway.policy import PASS_THROUGH, Policy, Target, parse_policy, parse_target

# One object of the feed, as it came: the edge where it becomes one of the types below.
Json = Mapping[str, Any]

STOPPED_STATES = frozenset({"stopped", "stopping"})


class BadFeed(ValueError):
    """A message of the feed that cannot be understood. Says which and why."""


@dataclass(frozen=True, slots=True)
class Replica:
    """`external`: somebody else's server. `path` replaces /v1 there, `model` the model's name, and
    `secret` (sealed) is its key; an own replica has none of them."""

    id: str
    shown: bytes  # the id as headers have it
    target: Target
    authority: bytes  # as a Host header has it
    external: bool = False
    path: bytes = b""
    model: str = ""
    secret: str = ""


@dataclass(frozen=True, slots=True)
class Hold:
    """The version may sleep: at most `most` calls wait `timeout_s` each until it is awake."""

    most: int
    timeout_s: float


@dataclass(frozen=True, slots=True)
class Version:
    id: str
    weight: int
    replicas: tuple[Replica, ...]  # those that may get requests: none that is isolated
    reserve: bool = False  # gets requests when no version with weight can take them
    hold: Hold | None = None


TOKEN_LIMITS = frozenset({Limit.TPM, Limit.TPD, Limit.TOKENS_MONTH})
Bounds = tuple[tuple[Limit, int], ...]  # only those that are set
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for a model whoever calls it. Prices are millionths of the currency: for a
    million tokens, and for one image."""

    limits: Bounds = ()
    free_tokens: int | None = None  # for each tenant, once; None is no such bound
    prompt_price: int = 0
    completion_price: int = 0
    image_price: int = 0

    def cost(self, prompt: int, completion: int, images: int) -> int:
        """In millionths, rounded up."""
        tokens = prompt * self.prompt_price + completion * self.completion_price
        return -(-tokens // 1_000_000) + images * self.image_price


NO_RULES = Rules()


@dataclass(frozen=True, slots=True)
class Service:
    id: str
    project: str
    name: str
    state: str
    auth: bool
    llm: bool
    models: tuple[str, ...]
    versions: tuple[Version, ...]
    qps_per_replica: int | None
    concurrency_per_replica: int | None
    forward_authorization: bool
    replica_count: int  # over all versions
    rules: Rules
    policy: Policy = PASS_THROUGH
    grpc: bool = False  # called by gRPC and in no other way

    def answers_to(self, model: str) -> bool:
        """Whether callers may name it so: by one of a model's names, or by its own id."""
        return model in self.models or model == self.id

    @property
    def stopped(self) -> bool:
        return self.state in STOPPED_STATES

    @property
    def external(self) -> bool:
        """Somebody else's server may answer, with a key of ours."""
        return any(r.external for version in self.versions for r in version.replicas)

    @property
    def judged(self) -> bool:
        """The gateway must understand a call before a model may have it."""
        return self.policy.rules is not None or self.policy.audit is not None


@dataclass(frozen=True, slots=True)
class Key:
    id: str
    hash: str
    services: tuple[str, ...]
    group: str | None
    enabled: bool
    banned: bool
    expires_at: float | None
    limits: Bounds
    # Whose calls count together: a group's keys share theirs, so a new key starts no new day.
    meter: str
    tenant: str = ""
    models: tuple[str, ...] | None = None  # None is every one
    networks: tuple[Network, ...] | None = None  # callers' addresses; None is every one
    counts_tokens: bool = field(init=False)  # a limit of it needs to know how long a prompt is

    def __post_init__(self) -> None:
        limited = any(limit in TOKEN_LIMITS for limit, _ in self.limits)
        object.__setattr__(self, "counts_tokens", limited)


@dataclass(frozen=True, slots=True)
class Group:
    id: str
    enabled: bool
    services: tuple[str, ...]


@dataclass(slots=True)
class State:
    """The routing table. Its dictionaries are the hot path's; only `apply` changes them."""

    version: int = 0
    services: dict[str, Service] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    keys_by_hash: dict[str, Key] = field(default_factory=dict)
    # A version's own path leads to its service and to it alone.
    versions: dict[str, tuple[Service, Version]] = field(default_factory=dict)
    # What `admission.find_service` found, by key and model; forgotten with every change.
    found: dict[tuple[str, str], Service] = field(default_factory=dict)
    _raw: dict[str, dict[str, Json]] = field(
        default_factory=lambda: {"service": {}, "key": {}, "group": {}}
    )

    def find_key(self, secret: bytes) -> Key | None:
        return self.keys_by_hash.get(hashlib.sha256(secret).hexdigest())

    def callable_services(self, key: Key) -> tuple[str, ...]:
        """The services that a key may call: its own and those of its group."""
        if key.group is None:
            return key.services
        group = self.groups.get(key.group)
        return key.services if group is None else (*key.services, *group.services)

    def apply(self, message: Json) -> None:
        """Takes one message of the feed.

        Raises BadFeed for what cannot be understood. The broken object is left out then and what
        was known of it stays; the other objects of a `reset` have been taken.
        """
        self.found.clear()
        match message.get("op"):
            case "reset":
                self._reset(message)
            case "put":
                self._put(str(message.get("kind")), _object(message, "value"))
                self._note_version(message)
            case "delete":
                self._delete(str(message.get("kind")), str(message.get("id")))
                self._note_version(message)
            case "ping":
                self._note_version(message)
            case other:
                raise BadFeed(f"The feed sent the unknown operation {other!r}.")

    def dump(self) -> dict[str, object]:
        """The whole state as one `reset` message."""
        kinds = {f"{kind}s": list(values.values()) for kind, values in self._raw.items()}
        return {"op": "reset", "version": self.version, **kinds}

    def _reset(self, message: Json) -> None:
        fresh = State(version=int(message.get("version") or 0))
        broken: list[str] = []
        for kind in ("group", "service", "key"):
            for value in message.get(f"{kind}s") or ():
                try:
                    fresh._put(kind, value)
                except BadFeed as problem:
                    broken.append(str(problem))
        for name in State.__slots__:
            setattr(self, name, getattr(fresh, name))
        if broken:
            raise BadFeed(" ".join(broken))

    def _put(self, kind: str, value: Json) -> None:
        match kind:
            case "service":
                service = parse_service(value)
                self._forget_versions(service.id)
                self.services[service.id] = service
                self.versions.update({v.id: (service, v) for v in service.versions})
                known_as = service.id
            case "key":
                key = parse_key(value)
                self._forget_hash(key.id)
                self.keys[key.id] = key
                self.keys_by_hash[key.hash] = key
                known_as = key.id
            case "group":
                group = parse_group(value)
                self.groups[group.id] = group
                known_as = group.id
            case _:
                raise BadFeed(f"The feed sent the unknown kind {kind!r}.")
        self._raw[kind][known_as] = value

    def _delete(self, kind: str, subject: str) -> None:
        match kind:
            case "service":
                self._forget_versions(subject)
                self.services.pop(subject, None)
            case "key":
                self._forget_hash(subject)
                self.keys.pop(subject, None)
            case "group":
                self.groups.pop(subject, None)
            case _:
                raise BadFeed(f"The feed deleted something of the unknown kind {kind!r}.")
        self._raw[kind].pop(subject, None)

    def _forget_versions(self, service_id: str) -> None:
        old = self.services.get(service_id)
        for version in old.versions if old else ():
            self.versions.pop(version.id, None)

    def _forget_hash(self, key_id: str) -> None:
        old = self.keys.get(key_id)
        if old is not None and self.keys_by_hash.get(old.hash) is old:
            del self.keys_by_hash[old.hash]

    def _note_version(self, message: Json) -> None:
        self.version = int(message.get("version") or self.version)


def parse_service(value: Json) -> Service:
    with _reading("service", value):
        limits = value.get("limits") or {}
        versions = tuple(_parse_version(version) for version in value.get("versions") or ())
        return Service(
            id=_text(value, "id"),
            project=str(value.get("project") or ""),
            name=str(value.get("name") or ""),
            state=_text(value, "state"),
            auth=bool(value["auth"]),
            llm=bool(value.get("llm")),
            models=_texts(value, "models"),
            versions=versions,
            qps_per_replica=_limit(limits, "qps_per_replica"),
            concurrency_per_replica=_limit(limits, "concurrency_per_replica"),
            forward_authorization=bool(value.get("forward_authorization")),
            replica_count=sum(len(version.replicas) for version in versions),
            rules=_rules(value.get("rules")),
            policy=parse_policy(value),
            grpc=bool(value.get("grpc")),
        )


def parse_key(value: Json) -> Key:
    with _reading("key", value):
        group = value.get("group")
        return Key(
            id=_text(value, "id"),
            hash=_text(value, "hash").lower(),
            services=_texts(value, "services"),
            group=None if group is None else str(group),
            # A key of which we do not know that it is enabled and free of a ban opens nothing.
            enabled=bool(value["enabled"]),
            banned=bool(value["banned"]),
            expires_at=_moment(value.get("expires_at")),
            limits=_bounds(value.get("limits") or {}),
            meter=_text(value, "id") if group is None else str(group),
            tenant=str(value.get("project") or ""),
            models=None if value.get("models") is None else _texts(value, "models"),
            networks=_networks(value.get("addresses")),
        )


def parse_group(value: Json) -> Group:
    with _reading("group", value):
        return Group(_text(value, "id"), bool(value["enabled"]), _texts(value, "services"))


def _parse_version(value: Json) -> Version:
    replicas = tuple(
        _parse_replica(replica)
        for replica in value.get("replicas") or ()
        if not replica.get("isolated")
    )
    return Version(
        _text(value, "id"), int(value["weight"]), replicas, bool(value.get("reserve")),
        _hold(value.get("hold")),
    )  # fmt: skip


def _hold(value: Json | None) -> Hold | None:
    return None if value is None else Hold(int(value["max"]), float(value["timeout_s"]))


def _parse_replica(value: Json) -> Replica:
    name = _text(value, "id")
    if "url" in value:
        target, authority, path = parse_target(_text(value, "url"), guarded=True)
        return Replica(
            name, name.encode(), target, authority, external=True, path=path,
            model=str(value.get("model") or ""), secret=str(value.get("secret") or ""),
        )  # fmt: skip
    host, port = _text(value, "host"), int(value["port"])
    shown = f"[{host}]" if ":" in host else host
    return Replica(name, name.encode(), Target(host, port), f"{shown}:{port}".encode())


class _reading:  # noqa: N801  reads as a statement: `with _reading("key", value):`
    """Turns whatever a broken object provokes into one BadFeed that names the object."""

    def __init__(self, kind: str, value: object) -> None:
        self.kind, self.value = kind, value

    def __enter__(self) -> None:
        if not isinstance(self.value, Mapping):
            raise BadFeed(f"The feed sent a {self.kind} that is not an object.")

    def __exit__(self, _type: object, cause: BaseException | None, _traceback: object) -> None:
        if isinstance(cause, (KeyError, TypeError, ValueError, AttributeError)):
            name = self.value.get("id") if isinstance(self.value, Mapping) else None
            raise BadFeed(f"The feed sent the {self.kind} {name!r} broken: {cause!r}.") from cause


def _object(message: Json, name: str) -> Json:
    value = message.get(name)
    if not isinstance(value, Mapping):
        raise BadFeed(f"The feed sent a message without an object in {name!r}.")
    return value


def _text(value: Json, name: str) -> str:
    text = value[name]
    if not isinstance(text, str) or not text:
        raise ValueError(f"{name} must be a text")
    return text


def _texts(value: Json, name: str) -> tuple[str, ...]:
    return tuple(str(item) for item in value.get(name) or ())


def _limit(limits: Json, name: str) -> int | None:
    value = limits.get(name)
    return None if value is None else int(value)


def _rules(value: Json | None) -> Rules:
    if value is None:
        return NO_RULES
    prices = value.get("prices") or {}
    return Rules(
        limits=_bounds(value.get("limits") or {}),
        free_tokens=_limit(value, "free_tokens"),
        prompt_price=_limit(prices, "prompt") or 0,
        completion_price=_limit(prices, "completion") or 0,
        image_price=_limit(prices, "image") or 0,
    )


def _networks(addresses: object) -> tuple[Network, ...] | None:
    if addresses is None:
        return None
    if not isinstance(addresses, list | tuple):
        raise ValueError("addresses must be a list")
    return tuple(ipaddress.ip_network(str(address), strict=False) for address in addresses)


def _bounds(limits: Json) -> Bounds:
    found = ((limit, _limit(limits, limit.value)) for limit in Limit)
    return tuple((limit, allowed) for limit, allowed in found if allowed is not None)


def _moment(value: object) -> float | None:
    """Unix seconds of an RFC 3339 text or a number; None stays None."""
    if value is None or isinstance(value, (int, float)):
        return value
    return datetime.fromisoformat(str(value).replace("Z", "+00:00")).timestamp()
