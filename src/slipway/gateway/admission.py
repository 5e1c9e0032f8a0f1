"""From a request's target, key and body to the service it may call. Nothing here waits."""

from dataclasses import dataclass

from slipway.gateway.body import Call, parse_call, require_fields
from slipway.gateway.errors import (
    BAD_REQUEST,
    GROUP_DISABLED,
    INVALID_KEY,
    KEY_BANNED,
    KEY_DISABLED,
    KEY_EXPIRED,
    KEY_LIMIT,
    METHOD_NOT_ALLOWED,
    SERVICE_KEY_LIMIT,
    SERVICE_LIMIT,
    UNKNOWN_MODEL,
    UNKNOWN_PATH,
    UNKNOWN_SERVICE,
    Door,
    Refused,
)
from slipway.gateway.limits import Denied, Grant, Limits
from slipway.gateway.state import Key, Limit, Service, State, Version

BATCH_PATHS = ("/v1/files", "/v1/batches")
# What is metered as an LLM call, at /v1 and below an LLM service's own path.
IMAGE_PATH = "/v1/images/generations"
AUDIO_PATH = "/v1/audio/transcriptions"
STREAM_PATHS = frozenset({"/v1/chat/completions", "/v1/completions"})
CALL_PATHS = STREAM_PATHS | {"/v1/embeddings", "/v1/rerank", IMAGE_PATH, AUDIO_PATH}
# Counted by the piece: pictures that are asked for, recordings that are sent.
ITEM_PATHS = frozenset({IMAGE_PATH, AUDIO_PATH})
MODELS_PATH = "/v1/models"


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a request came in. `path` is what the instance sees, without prefix and query."""

    door: Door
    path: str
    target: bytes  # path and query as the instance gets them
    prefix: bytes = b""  # what was stripped
    service: Service | None = None
    version: Version | None = None  # set on a version's own path

    @property
    def is_call(self) -> bool:
        return self.door is not Door.PLAIN and self.path in CALL_PATHS

    @property
    def streams(self) -> bool:
        """Whether a model talks here, so that usage may be asked of its stream."""
        return self.path in STREAM_PATHS


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
    cut = len(name) + 1
    inner = target[cut:]
    if not inner.startswith(b"/"):
        inner = b"/" + inner
    door = Door.LLM if service.llm else Door.PLAIN
    return Entry(door, path[cut:] or "/", inner, target[:cut], service, version)


def authenticate(state: State, entry: Entry, authorization: bytes, now: float) -> Key | None:
    """The caller's key, or None where the service asks for none. Raises Refused."""
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
    require_usable(state, service, key, now)
    return key


def require_usable(state: State, service: Service | None, key: Key, now: float) -> None:
    """Whether a key opens anything now, and the service if one is named. Raises Refused."""
    if key.banned:
        raise Refused(
            KEY_BANNED,
            "This key is banned. Use another key, or ask an administrator to lift the ban.",
        )
    _require_enabled(state, key)
    if key.expires_at is not None and key.expires_at <= now:
        raise Refused(KEY_EXPIRED, "This key has expired. Use another key.")
    if service is not None and service.id not in state.callable_services(key):
        raise Refused(INVALID_KEY, f"This key does not belong to the service {service.id}.")


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
    found: Service | None = None
    for service_id in state.callable_services(key):
        service = state.services.get(service_id)
        if service is None or model not in service.models:
            continue
        if not service.stopped:
            return service
        found = found or service
    if found is None:
        raise Refused(
            UNKNOWN_MODEL,
            f"The model {model[:200]!r} does not exist or this key may not call it.",
            param="model",
        )
    return found


def callable_models(state: State, key: Key) -> dict[str, Service]:
    """Every model name that a key can call now, with its service."""
    found: dict[str, Service] = {}
    for service_id in state.callable_services(key):
        service = state.services.get(service_id)
        if service is not None and not service.stopped:
            for model in service.models:
                found.setdefault(model, service)
    return found


def is_batch(path: str) -> bool:
    """Files and batches, at the model entry."""
    return path.startswith(BATCH_PATHS) and path.split("/")[2] in ("files", "batches")


def check_route(entry: Entry, method: bytes) -> None:
    """Refuses what does not exist below /v1."""
    if entry.door is not Door.MODEL or is_batch(entry.path):
        return
    reading = entry.path == MODELS_PATH or entry.path.startswith(MODELS_PATH + "/")
    if not reading and entry.path not in CALL_PATHS:
        raise Refused(UNKNOWN_PATH, f"There is nothing at {entry.path[:200]}.")
    wanted = b"GET" if reading else b"POST"
    if method != wanted:
        raise Refused(METHOD_NOT_ALLOWED, f"Use {wanted.decode()} for {entry.path}.")


def require_plain(service: Service, entry: Entry, method: bytes) -> None:
    """What is no model's call goes on unread, so where calls are judged, or paid for with a key of
    ours, nothing else may be called. Raises Refused."""
    if service.external or (service.judged and method not in (b"GET", b"HEAD")):
        raise Refused(UNKNOWN_PATH, f"The service {service.id} takes model calls only.")


def admit_key(limits: Limits, key: Key, now: float, entry: Entry, call: Call | None) -> Grant:
    """Counts a call into its key's limits. Raises Refused when one is reached."""
    # Token limits hold for LLM calls only; a plain service has no tokens to count.
    tokens = call.prompt_tokens() if call is not None and _limits_tokens(key) else 0
    images = call.count if call is not None and entry.path in ITEM_PATHS else 0
    granted = limits.admit(key, now, tokens, images)
    if isinstance(granted, Denied):
        faults = KEY_LIMIT if key.group is not None else SERVICE_KEY_LIMIT
        raise Refused(
            faults[granted.limit],
            _words(granted, tokens),
            retry_after_s=granted.retry_after_s,
        )
    return granted


def admit_service(
    limits: Limits, service: Service, ceiling: int, now: float
) -> tuple[int, int] | None:
    """Counts a call into the service's requests a second. Raises Refused when they are used up.

    Returns (limit, how many more fit), or None where the service has no limit at all.
    """
    qps = service.qps_per_replica
    allowed = ceiling if qps is None else qps * max(1, service.replica_count)
    if ceiling:
        allowed = min(allowed, ceiling)
    if not allowed:
        return None
    left = limits.admit_to_service(service.id, now, allowed)
    if left < 0:
        raise Refused(
            SERVICE_LIMIT,
            f"The service {service.id} takes {allowed} requests a second. Try again in a moment.",
            retry_after_s=1,
        )
    return allowed, left


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


def _limits_tokens(key: Key) -> bool:
    return any(limit is Limit.TPM or limit is Limit.TPD for limit, _ in key.limits)


def _words(denied: Denied, tokens: int) -> str:
    what = {
        Limit.RPM: "requests a minute",
        Limit.TPM: "tokens a minute",
        Limit.TPD: "tokens a day",
        Limit.IPM: "images a minute",
    }[denied.limit]
    if denied.limit in (Limit.TPM, Limit.TPD) and tokens > denied.allowed:
        return (
            f"This key may use {denied.allowed} {what}, and this prompt alone needs about {tokens}."
            " Send fewer tokens."
        )
    return (
        f"This key has used up its {denied.allowed} {what}. Try again in {denied.retry_after_s} s."
    )
