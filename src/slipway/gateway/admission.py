"""From a request's target, key and body to the service it may call. Nothing here waits."""

import ipaddress
from dataclasses import dataclass, field

from slipway.gateway.body import Call, parse_call, require_fields
from slipway.gateway.errors import (
    ADDRESS_NOT_ALLOWED,
    BAD_REQUEST,
    FREE_USED_UP,
    GROUP_DISABLED,
    INVALID_KEY,
    KEY_BANNED,
    KEY_DISABLED,
    KEY_EXPIRED,
    KEY_LIMIT,
    METHOD_NOT_ALLOWED,
    MODEL_LIMIT,
    SERVICE_BUSY,
    SERVICE_KEY_LIMIT,
    SERVICE_LIMIT,
    UNKNOWN_MODEL,
    UNKNOWN_PATH,
    UNKNOWN_SERVICE,
    Door,
    Refused,
)
from slipway.gateway.limits import Denied, Grant, Limits, Need, Scope, counted
from slipway.gateway.shared_limits import Busy, SharedGrant, SharedLimits
from slipway.gateway.state import (
    NO_RULES,
    TOKEN_LIMITS,
    Key,
    Limit,
    Service,
    State,
    Version,
)

BATCH_PATHS = ("/v1/files", "/v1/batches")
# What is metered as an LLM call, at /v1 and below an LLM service's own path.
IMAGE_PATH = "/v1/images/generations"
AUDIO_PATH = "/v1/audio/transcriptions"
STREAM_PATHS = frozenset({"/v1/chat/completions", "/v1/completions"})
CALL_PATHS = STREAM_PATHS | {"/v1/embeddings", "/v1/rerank", IMAGE_PATH, AUDIO_PATH}
# Counted by the piece: pictures that are asked for, recordings that are sent.
ITEM_PATHS = frozenset({IMAGE_PATH, AUDIO_PATH})
MODELS_PATH = "/v1/models"
MAX_FOUND = 20_000


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a request came in. `path` is what the instance sees, without prefix and query.

    Entries are remembered by target, so what follows from the path is worked out once."""

    door: Door
    path: str
    target: bytes  # path and query as the instance gets them
    prefix: bytes = b""  # what was stripped
    service: Service | None = None
    version: Version | None = None  # set on a version's own path
    is_call: bool = field(init=False)
    streams: bool = field(init=False)  # a model talks here, so usage may be asked of its stream
    is_batch: bool = field(init=False)  # files and batches, at the model entry
    is_model_page: bool = field(init=False)

    def __post_init__(self) -> None:
        at_models = self.door is Door.MODEL
        set_ = object.__setattr__
        set_(self, "is_call", self.door is not Door.PLAIN and self.path in CALL_PATHS)
        set_(self, "streams", self.path in STREAM_PATHS)
        set_(self, "is_batch", at_models and _is_below(self.path, BATCH_PATHS))
        set_(self, "is_model_page", at_models and _is_below(self.path, (MODELS_PATH,)))


def resolve(state: State, target: bytes) -> Entry:
    """Finds the door and the service of a target. Raises Refused for an unknown one."""
    if not target.startswith(b"/"):
        raise Refused(BAD_REQUEST, "The request target must be a path.")
    path = target.partition(b"?")[0].decode("latin-1")
    if path == "/v1" or path.startswith("/v1/"):
        return Entry(Door.MODEL, path, target)
    name = path[1:].partition("/")[0]
    service, version = state.services.get(name), None
    if service is None:
        service, version = state.versions.get(name, (None, None))
    if service is None:
        raise Refused(UNKNOWN_SERVICE, f"There is no service at /{name[:80]}.")
    if service.grpc:
        raise Refused(
            UNKNOWN_SERVICE,
            f"The service {service.id} speaks gRPC only. Its call page says how to call it.",
        )
    cut = len(name) + 1
    inner = target[cut:]
    if not inner.startswith(b"/"):
        inner = b"/" + inner
    door = Door.LLM if service.llm else Door.PLAIN
    return Entry(door, path[cut:] or "/", inner, target[:cut], service, version)


def identify(state: State, entry: Entry, authorization: bytes) -> Key | None:
    """The caller's key, or None where the service asks for none. Raises Refused for a key that is
    unknown here: whose call it is cannot be told."""
    service = entry.service
    if service is not None and not service.auth:
        return None
    key = state.find_key(_secret(authorization)) if authorization else None
    if key is None:
        raise Refused(
            INVALID_KEY,
            "The key is not known. Send it as `Authorization: Bearer <key>`."
            if authorization
            else "This call needs a key. Send it as `Authorization: Bearer <key>`.",
        )
    if service is not None:
        require_reach(state, key, service)
    return key


def require_reach(state: State, key: Key, service: Service) -> None:
    """Whether a key opens a service at its own path. Raises Refused."""
    if not _reaches(state, key, service):
        raise Refused(INVALID_KEY, f"This key does not belong to the service {service.id}.")


def check_key(state: State, key: Key, now: float, address: bytes | None) -> None:
    """Whether a key may be used now, and from there. Raises Refused.

    address: None for a call from inside, which was let in from an address already."""
    if key.banned:
        raise Refused(
            KEY_BANNED,
            "This key is banned. Use another key, or ask an administrator to lift the ban.",
        )
    _require_enabled(state, key)
    if key.expires_at is not None and key.expires_at <= now:
        raise Refused(KEY_EXPIRED, "This key has expired. Use another key.")
    if address is not None and key.networks is not None and not _is_in(address, key):
        shown = address.decode("latin-1")[:60]
        raise Refused(ADDRESS_NOT_ALLOWED, f"This key may not be used from the address {shown}.")


def caller_address(peer: bytes, forwarded_for: bytes) -> bytes:
    """Where a call comes from. Only a proxy on this machine is believed what it says of that."""
    if forwarded_for and peer.startswith(_LOOPBACK):
        return forwarded_for.rpartition(b",")[2].strip()
    return peer


def read_call(entry: Entry, body: bytes, content_type: bytes = b"") -> Call | None:
    """The LLM call in a body. None for anything else, and on an LLM's own path for what only
    the model server can judge. Raises Refused for a broken call by model name."""
    if not entry.is_call:
        return None
    if entry.door is Door.MODEL:
        call = parse_call(body, content_type)
        require_fields(call, entry.path)
        return call
    try:
        return parse_call(body, content_type)
    except Refused:
        return None


def find_service(state: State, key: Key, model: str) -> Service:
    """The service behind a model's name, among those that the key may call. Raises Refused."""
    known = state.found.get((key.id, model))
    if known is not None:
        return known
    found: Service | None = None
    for service_id in state.callable_services(key):
        service = state.services.get(service_id)
        if service is None or not service.answers_to(model) or not _allows(key, service, model):
            continue
        found = found or service
        if not service.stopped:
            found = service
            break
    if found is None:
        raise Refused(
            UNKNOWN_MODEL,
            f"The model {model[:200]!r} does not exist or this key may not call it.",
            param="model",
        )
    if len(state.found) >= MAX_FOUND:
        state.found.clear()
    state.found[key.id, model] = found
    return found


def callable_models(state: State, key: Key) -> dict[str, Service]:
    """Every model name that a key can call now, with its service."""
    found: dict[str, Service] = {}
    for service_id in state.callable_services(key):
        service = state.services.get(service_id)
        if service is not None and not service.stopped:
            for model in service.models:
                if _allows(key, service, model):
                    found.setdefault(model, service)
    return found


def check_route(entry: Entry, method: bytes) -> None:
    """Refuses what does not exist below /v1."""
    if entry.door is not Door.MODEL or entry.is_batch:
        return
    reading = entry.is_model_page
    if not reading and not entry.is_call:
        raise Refused(UNKNOWN_PATH, f"There is nothing at {entry.path[:200]}.")
    wanted = b"GET" if reading else b"POST"
    if method != wanted:
        raise Refused(METHOD_NOT_ALLOWED, f"Use {wanted.decode()} for {entry.path}.")


def require_plain(service: Service, entry: Entry, method: bytes) -> None:
    """What is no model's call goes on unread, so where calls are judged, or paid for with a key of
    ours, nothing else may be called. Raises Refused."""
    if service.external or (service.judged and method not in (b"GET", b"HEAD")):
        raise Refused(UNKNOWN_PATH, f"The service {service.id} takes model calls only.")


def admit(
    limits: Limits, key: Key | None, service: Service, now: float, entry: Entry, call: Call | None
) -> Grant | None:
    """Counts a call into the limits of its key, its model and its tenant's free trial, in this
    order. Raises Refused when one is reached. None where there is nothing to count into."""
    if key is None and service.rules is NO_RULES and service.concurrency_per_replica is None:
        return None
    need = _need(key, service, entry, call)
    granted = limits.admit(key, service, now, need)
    if isinstance(granted, Denied):
        raise _refusal(granted, key, service, need)
    return granted


def admit_service(
    limits: Limits, service: Service, ceiling: int, now: float
) -> tuple[int, int] | None:
    """Counts a call into the service's requests a second. Raises Refused when they are used up.

    Returns (limit, how many more fit), or None where the service has no limit at all.
    """
    allowed = _requests_a_second(service, ceiling)
    if not allowed:
        return None
    left = limits.admit_to_service(service.id, now, allowed)
    if left < 0:
        raise _too_many_a_second(service, allowed)
    return allowed, left


async def admit_shared(
    shared: SharedLimits, key: Key | None, service: Service, ceiling: int, entry: Entry,
    call: Call | None,
) -> tuple[SharedGrant | None, tuple[int, int] | None]:  # fmt: skip
    """Both at once, where another machine counts. Raises Refused, and KeeperAway."""
    places = tuple(counted(key, service, several=True))
    allowed = _requests_a_second(service, ceiling)
    if not places and not allowed:
        return None, None
    need = _need(key, service, entry, call)
    asked = (service.id, allowed) if allowed else None
    match await shared.ask(places, need, asked):
        case Denied() as denied:
            raise _refusal(denied, key, service, need)
        case Busy():
            raise _too_many_a_second(service, allowed)
        case granted:
            left = granted.service_left
            return granted, None if left is None else (allowed, left)


def _requests_a_second(service: Service, ceiling: int) -> int:
    """0 for no limit."""
    qps = service.qps_per_replica
    allowed = ceiling if qps is None else qps * max(1, service.replica_count)
    return min(allowed, ceiling) if ceiling else allowed


def _too_many_a_second(service: Service, allowed: int) -> Refused:
    return Refused(
        SERVICE_LIMIT,
        f"The service {service.id} takes {allowed} requests a second. Try again in a moment.",
        retry_after_s=1,
    )


def _is_below(path: str, roots: tuple[str, ...]) -> bool:
    return any(path == root or path.startswith(root + "/") for root in roots)


def _secret(authorization: bytes) -> bytes:
    """The key in `Bearer <key>`, or the bare key."""
    scheme, _, rest = authorization.partition(b" ")
    return rest.strip() if rest and scheme.lower() == b"bearer" else authorization.strip()


def _require_enabled(state: State, key: Key) -> None:
    if key.group is not None:
        group = state.groups.get(key.group)
        if group is None or not group.enabled or not key.enabled:
            raise Refused(GROUP_DISABLED, "The service group of this key is disabled.")
    elif not key.enabled:
        raise Refused(KEY_DISABLED, "This key is disabled.")


def _reaches(state: State, key: Key, service: Service) -> bool:
    """On a service's own path: whether the key is the service's, or of a group linked to it."""
    if service.id not in state.callable_services(key):
        return False
    return key.models is None or any(
        _allows(key, service, m) for m in (service.id, *service.models)
    )


def _allows(key: Key, service: Service, model: str) -> bool:
    """A key's list of models may name them by name or by the service's id."""
    return key.models is None or model in key.models or service.id in key.models


def _is_in(address: bytes, key: Key) -> bool:
    try:
        caller = ipaddress.ip_address(address.decode("latin-1"))
    except ValueError:
        return False
    if isinstance(caller, ipaddress.IPv6Address) and caller.ipv4_mapped is not None:
        caller = caller.ipv4_mapped
    return any(caller in network for network in key.networks or ())


def _need(key: Key | None, service: Service, entry: Entry, call: Call | None) -> Need:
    """What a call will use, as far as can be said now. Token limits hold for LLM calls only; a
    plain service has no tokens to count."""
    if call is None:
        return _NOTHING
    images = call.count if entry.path in ITEM_PATHS else 0
    rules = service.rules
    free = rules is NO_RULES
    if free and not (key is not None and key.counts_tokens):
        return Need(0, images) if images else _NOTHING
    tokens = call.prompt_tokens()
    cost = 0 if free else rules.cost(tokens, _completion_bound(call), images)
    return Need(tokens, images, cost)


def _completion_bound(call: Call) -> int:
    """The longest answer that the caller asks for; 0 where no bound is given."""
    for name in ("max_completion_tokens", "max_tokens"):
        bound = call.payload.get(name)
        if isinstance(bound, int) and not isinstance(bound, bool) and bound > 0:
            return bound * call.count
    return 0


def _refusal(denied: Denied, key: Key | None, service: Service, need: Need) -> Refused:
    again = denied.retry_after_s
    match denied.scope:
        case Scope.KEY:
            own = key is not None and key.group is None
            fault = (SERVICE_KEY_LIMIT if own else KEY_LIMIT)[denied.limit]
            return Refused(fault, _words("This key", denied, need), retry_after_s=again)
        case Scope.MODEL:
            words = _words(f"The model {service.id}", denied, need)
            return Refused(MODEL_LIMIT[denied.limit], words, retry_after_s=again)
        case Scope.FREE:
            words = (
                f"Your free trial of the model {service.id}, {denied.allowed} tokens, is used up."
                " Ask an administrator for more."
            )
            return Refused(FREE_USED_UP, words)
        case Scope.BUSY:
            words = (
                f"The service {service.id} handles {denied.allowed} requests already, its limit."
                " Try again in a moment."
            )
            return Refused(SERVICE_BUSY, words, retry_after_s=again)


def _words(whose: str, denied: Denied, need: Need) -> str:
    limit, allowed, what = denied.limit, denied.allowed, _WHAT[denied.limit]
    if limit is Limit.CONCURRENCY:
        return f"{whose} has {allowed} calls under way, as many as allowed. Try again in a moment."
    if limit in _COST_LIMITS:
        return f"{whose} has used up its budget of {allowed / 1_000_000:.6g} {what}."
    if limit in TOKEN_LIMITS and need.tokens > allowed:
        return (
            f"{whose} may use {allowed} {what}, and this prompt alone needs about {need.tokens}."
            " Send fewer tokens."
        )
    return f"{whose} has used up its {allowed} {what}. Try again in {denied.retry_after_s} s."


_NOTHING = Need()
_LOOPBACK = (b"127.", b"::1", b"::ffff:127.")
_COST_LIMITS = frozenset({Limit.COST_DAY, Limit.COST_MONTH})
_WHAT = {
    Limit.RPM: "requests a minute",
    Limit.TPM: "tokens a minute",
    Limit.TPD: "tokens a day",
    Limit.IPM: "images a minute",
    Limit.CONCURRENCY: "calls at once",
    Limit.TOKENS_MONTH: "tokens a month",
    Limit.COST_DAY: "a day",
    Limit.COST_MONTH: "a month",
}
