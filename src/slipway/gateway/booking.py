"""What remains of a call: settled limits, a usage record, a line in the access log, numbers."""

import logging
from functools import lru_cache
from typing import TYPE_CHECKING

import orjson

from slipway.gateway.admission import ITEM_PATHS
from slipway.gateway.limits import Held
from slipway.gateway.sse import Usage
from slipway.gateway.usage import UsageRecord, encode

if TYPE_CHECKING:
    from slipway.gateway.core import Gateway
    from slipway.gateway.exchange import Exchange

log = logging.getLogger(__name__)

NO_USAGE = Usage(0, 0, 0)
# A service that reports no usage is named in the log at most this often.
WARN_EVERY_S = 60.0
# Of the caller's own name for the one behind a call.
MAX_END_USER = 256


def book(gateway: "Gateway", exchange: "Exchange", grant: Held | None) -> None:
    """Closes the books on one request. Called exactly once for each."""
    if exchange.is_own_page:
        return
    now = gateway.now()
    usage, estimated = _used(gateway, exchange, now)
    images = _images(exchange)
    cost = 0
    if exchange.service is not None:
        cost = exchange.service.rules.cost(usage.prompt, usage.completion, images)
    if grant is not None:
        grant.settle(now, usage.total, cost)
    duration_s = gateway.clock() - exchange.started
    record = _record(gateway, exchange, usage, images, cost, estimated, duration_s)
    encoded = encode(record)
    if _is_somebodys(exchange):
        gateway.usage.add(encoded)
    gateway.metrics.count(record, duration_s)
    if gateway.traces is not None:
        gateway.traces.add(record, exchange.head.traceparent, exchange.started_at, duration_s)
    if gateway.access_log is not None:
        gateway.access_log.add(encoded, _log_fields(exchange))


def _is_somebodys(exchange: "Exchange") -> bool:
    """Without a known caller there is nobody to book a call to. A group's call counts even where
    no service was found for it: its owner wants to see what failed."""
    key, service = exchange.key, exchange.service
    if service is None:
        return key is not None and key.group is not None and exchange.entry.is_call
    return key is not None or not service.auth


def _images(exchange: "Exchange") -> int:
    call = exchange.call
    made = call is not None and exchange.entry.path in ITEM_PATHS and exchange.status == 200
    return call.count if made and call is not None else 0


def _used(gateway: "Gateway", exchange: "Exchange", now: float) -> tuple[Usage, bool]:
    """Tokens of a call, and whether we had to guess them."""
    call = exchange.call
    if call is None or exchange.upstream_status != 200:
        return NO_USAGE, False
    if exchange.entry.path in ITEM_PATHS:
        return NO_USAGE, False
    meter = exchange.meter
    if meter is not None and meter.usage is not None:
        return meter.usage, False
    if exchange.error_code is None and gateway.should_warn(exchange.service, now, WARN_EVERY_S):
        log.warning(
            "usage missing in answers, counted by text bytes / 4",
            extra={"service": exchange.service.id if exchange.service else None},
        )
    prompt = call.prompt_tokens()
    completion = 0
    if meter is not None and not exchange.entry.path.endswith("/embeddings"):
        completion = meter.completion_tokens()
    return Usage(prompt, completion, prompt + completion), True


def _record(
    gateway: "Gateway",
    exchange: "Exchange",
    usage: Usage,
    images: int,
    cost: int,
    estimated: bool,
    duration_s: float,
) -> UsageRecord:
    call, choice, key, ttft_s = exchange.call, exchange.choice, exchange.key, exchange.ttft_s
    return {
        "id": exchange.id,
        "time": gateway.stamp.text(exchange.started_at),
        "service": exchange.service.id if exchange.service else "",
        "version": choice.version.id if choice else None,
        "replica": choice.replica.id if choice else None,
        "key": key.id if key else None,
        "group": key.group if key else None,
        "model": call.model if call else None,
        "path": exchange.entry.path,
        "status": exchange.status,
        "error_code": exchange.error_code,
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.completion,
        "images": images,
        "cost": cost,
        "estimated": estimated,
        "stream": call is not None and call.stream,
        "request_bytes": exchange.request_bytes,
        "response_bytes": exchange.reply.size,
        "ttft_ms": None if ttft_s is None else _ms(ttft_s),
        "duration_ms": _ms(duration_s),
    }


def _ms(seconds: float) -> float:
    """To the microsecond."""
    return int(seconds * 1_000_000) / 1000


def _log_fields(exchange: "Exchange") -> bytes:
    """What the access log says beyond the usage record. No query: it may hold what people ask."""
    end_user = exchange.call.payload.get("user") if exchange.call is not None else None
    named = b""
    if isinstance(end_user, str) and end_user:
        named = b',"end_user":%b' % orjson.dumps(end_user[:MAX_END_USER])
    return b',"method":"%b","upstream_status":%d,"client":"%b","user_agent":%b%b}' % (
        exchange.head.method,
        exchange.upstream_status,
        exchange.client.address,
        _as_json(exchange.head.user_agent),
        named,
    )


@lru_cache(maxsize=256)
def _as_json(header: bytes) -> bytes:
    """Programs that call are few, and each says the same every time."""
    return orjson.dumps(header.decode("latin-1"))
