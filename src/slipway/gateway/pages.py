"""What the gateway answers itself: its health, its metrics, and the models a key may call."""

import hmac
from typing import TYPE_CHECKING

import orjson

from slipway.gateway import images
from slipway.gateway.admission import MODELS_PATH, callable_models
from slipway.gateway.errors import METHOD_NOT_ALLOWED, UNKNOWN_MODEL, UNKNOWN_PATH, Door, Refused
from slipway.gateway.page import Page
from slipway.gateway.state import Service

if TYPE_CHECKING:
    from slipway.gateway.core import Gateway
    from slipway.gateway.exchange import Exchange
    from slipway.gateway.inner import InnerClient
    from slipway.gateway.server import ClientConnection

_HEALTH = b"/healthz"
_METRICS = b"/metrics"
_MIRRORS = b"/internal/mirrors/"
_LOOPBACK = (b"127.", b"::1", b"::ffff:127.")


def is_own(target: bytes) -> bool:
    if target.startswith((images.PREFIX, _MIRRORS)):
        return True
    return target.startswith((_HEALTH, _METRICS)) and _path(target) in (_HEALTH, _METRICS)


def find(
    gateway: "Gateway", client: "ClientConnection | InnerClient", exchange: "Exchange"
) -> Page | None:
    """The page for a request, or None where an instance answers. Raises Refused."""
    entry = exchange.entry
    if entry.door is Door.MODEL:
        if not entry.is_model_page or exchange.key is None:
            return None
        models = callable_models(gateway.state, exchange.key)
        return _models(models, entry.path[len(MODELS_PATH) + 1 :])
    if entry.service is not None:
        return None
    if exchange.head.method not in (b"GET", b"HEAD"):
        raise Refused(METHOD_NOT_ALLOWED, "Use GET for this page.")
    target = exchange.head.target
    if target.startswith(images.PREFIX):
        found = gateway.images.read(target, gateway.now())
        if found is None:
            raise Refused(UNKNOWN_PATH, "There is no such picture, or its day is over.")
        return Page(200, *found)
    if target.startswith(_MIRRORS):
        if not _has_token(gateway, exchange):
            raise Refused(UNKNOWN_PATH, "This is for the control plane.")
        service = _path(target)[len(_MIRRORS) :].decode("latin-1")
        return Page(200, orjson.dumps(gateway.mirrors.dump(service)))
    if _path(target) == _HEALTH:
        return _health(gateway)
    if not _may_see_metrics(gateway, client, exchange):
        raise Refused(UNKNOWN_PATH, "Metrics are for this machine, or for holders of its token.")
    return Page(200, gateway.metrics.text(gateway), b"text/plain; version=0.0.4; charset=utf-8")


def _health(gateway: "Gateway") -> Page:
    known = {
        "status": "stopping" if gateway.draining else "ok",
        "control": "connected" if gateway.feed.connected else "away",
        "version": gateway.state.version,
        # Whether what callers use on other machines counts here.
        "limits": "own" if gateway.shared is None else gateway.shared.state,
    }
    return Page(503 if gateway.draining else 200, orjson.dumps(known))


def _models(models: dict[str, Service], name: str) -> Page:
    if not name:
        listed = [_model(model, service) for model, service in models.items()]
        return Page(200, orjson.dumps({"object": "list", "data": listed}))
    service = models.get(name)
    if service is None:
        raise Refused(
            UNKNOWN_MODEL,
            f"The model {name[:200]!r} does not exist or this key may not call it.",
            param="model",
        )
    return Page(200, orjson.dumps(_model(name, service)))


def _model(name: str, service: Service) -> dict[str, object]:
    # OpenAI's clients insist on `created`; the feed does not tell it.
    return {"id": name, "object": "model", "created": 0, "owned_by": service.name or service.id}


def _may_see_metrics(
    gateway: "Gateway", client: "ClientConnection | InnerClient", exchange: "Exchange"
) -> bool:
    if client.address.startswith(_LOOPBACK) and not exchange.head.forwarded_for:
        return True
    return _has_token(gateway, exchange)


def _has_token(gateway: "Gateway", exchange: "Exchange") -> bool:
    try:
        token = gateway.settings.token_file.read_bytes().strip()
    except OSError:
        return False
    return hmac.compare_digest(exchange.head.authorization, b"Bearer " + token)


def _path(target: bytes) -> bytes:
    return target.partition(b"?")[0]
