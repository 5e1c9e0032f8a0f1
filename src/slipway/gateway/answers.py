"""Answers that are looked at as a whole before they go out: pictures, JSON, audits, missing usage.

Most are small, came with one read and wait for nothing; the look costs what parsing them costs,
which metering does anyway.
"""

from typing import TYPE_CHECKING, Any

import orjson

from slipway.gateway import images
from slipway.gateway.admission import IMAGE_PATH
from slipway.gateway.audit import Auditor, Kind
from slipway.gateway.body import Call, replacing, with_fields
from slipway.gateway.errors import BAD_ANSWER, Refused
from slipway.gateway.http1 import ResponseHead
from slipway.gateway.policy import AuditPolicy
from slipway.gateway.sse import MAX_PARSED_BYTES, JsonMeter
from slipway.gateway.texts import answer_text, contents
from slipway.gateway.window import Owner, Window, require_json

if TYPE_CHECKING:
    from slipway.gateway.core import Gateway
    from slipway.gateway.exchange import Exchange

MAX_HELD_BYTES = 128 * 1024 * 1024
_TEXT_PATHS = frozenset({"/v1/chat/completions", "/v1/completions"})


def is_whole(path: str, head: ResponseHead, call: Call, audit: AuditPolicy | None) -> bool:
    """Whether an answer that is no stream waits for its end."""
    if path == IMAGE_PATH:
        return True
    if path not in _TEXT_PATHS:
        return False
    if head.content_length is not None and head.content_length <= MAX_PARSED_BYTES:
        return True
    return wants_json(call) or (audit is not None and audit.answers)


def window_for(
    owner: Owner, auditor: Auditor, call: Call, audit: AuditPolicy | None
) -> Window | None:
    """What a stream goes through; None for most."""
    looked_at = audit if audit is not None and audit.answers else None
    json_wanted = wants_json(call)
    if looked_at is None and not json_wanted:
        return None
    return Window(owner, auditor, looked_at, json_wanted=json_wanted)


def wants_json(call: Call) -> bool:
    asked = call.payload.get("response_format")
    return isinstance(asked, dict) and asked.get("type") == "json_object"


def at_once(exchange: "Exchange", data: bytes) -> bytes | None:
    """The answer to send, or None where something has to be waited for. Raises Refused."""
    call, meter = exchange.call, exchange.meter
    assert call is not None and isinstance(meter, JsonMeter)
    if exchange.entry.path == IMAGE_PATH:
        return None
    audit = exchange.service.policy.audit if exchange.service is not None else None
    looked_at = audit is not None and audit.answers
    if wants_json(call):
        require_json([text for _, text in contents(_parsed(meter, data))])
    if looked_at:
        return None
    return _with_usage(exchange, call, meter, data)


async def after_a_look(gateway: "Gateway", exchange: "Exchange", data: bytes) -> bytes:
    """The answer to send. Raises Refused."""
    call, meter = exchange.call, exchange.meter
    assert call is not None and isinstance(meter, JsonMeter)
    payload = _parsed(meter, data)
    if exchange.entry.path == IMAGE_PATH:
        if not isinstance(payload, dict):
            raise Refused(BAD_ANSWER, "The model's answer holds no pictures.")
        head = exchange.head
        scheme = head.forwarded_proto or (b"https" if gateway.settings.tls else b"http")
        host = head.forwarded_host or head.host
        base = f"{scheme.decode('latin-1')}://{host.decode('latin-1')}"
        return orjson.dumps(await images.as_asked(gateway.images, payload, call.payload, base))
    audit = exchange.service.policy.audit if exchange.service is not None else None
    if audit is not None:
        await gateway.auditor.check(audit, Kind.ANSWER, answer_text(payload))
    return _with_usage(exchange, call, meter, data)


def _with_usage(exchange: "Exchange", call: Call, meter: JsonMeter, data: bytes) -> bytes:
    """An engine that reports no usage gets the estimate that is booked."""
    payload = meter.payload
    if meter.usage is not None or not isinstance(payload, dict) or "choices" not in payload:
        return data
    prompt, completion = call.prompt_tokens(), meter.completion_tokens()
    usage = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }
    if "usage" in payload:
        return replacing(data, "usage", usage)
    return with_fields(data, {"usage": usage})


def _parsed(meter: JsonMeter, data: bytes) -> Any:
    if meter.payload is not None:
        return meter.payload
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
