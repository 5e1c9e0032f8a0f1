"""Traces for OpenTelemetry, where the operator names a collector: OTLP over HTTP, in JSON.

One span a call, as a child of the caller's own where its `traceparent` says so. Spans hold what the
access log holds and nothing of what was asked or answered. They are sent in batches beside the
calls; a collector that is away costs spans, never calls.
"""

import asyncio
import logging
import os
from typing import Any

import orjson

from slipway.gateway.ask import NoAnswer, ask
from slipway.gateway.policy import parse_target
from slipway.gateway.upstream import Pool
from slipway.gateway.usage import UsageRecord

log = logging.getLogger(__name__)

SEND_EVERY_S = 1.0
MAX_WAITING = 20_000
MAX_BATCH = 512
_SERVER, _OK, _ERROR = 2, 1, 2


class Traces:
    def __init__(self, url: str, pool: Pool) -> None:
        self.lost = 0
        self._target, self._authority, path = parse_target(url, guarded=False)
        self._path = path + b"/v1/traces" if not path.endswith(b"/v1/traces") else path
        self._pool = pool
        self._spans: list[dict[str, Any]] = []

    def add(self, record: UsageRecord, traceparent: bytes, began_s: float, took_s: float) -> None:
        """began_s: Unix seconds."""
        if len(self._spans) >= MAX_WAITING:
            self.lost += 1
            return
        trace, parent = parent_of(traceparent)
        start_ns = int(began_s * 1e9)
        failed = record["status"] >= 500 or record["error_code"] is not None
        span = {
            "traceId": trace or os.urandom(16).hex(), "spanId": os.urandom(8).hex(),
            "name": "POST " + record["path"] if record["model"] else record["path"], "kind": _SERVER,
            "startTimeUnixNano": str(start_ns),
            "endTimeUnixNano": str(start_ns + int(took_s * 1e9)),
            "attributes": _attributes(record), "status": {"code": _ERROR if failed else _OK},
        }  # fmt: skip
        if parent:
            span["parentSpanId"] = parent
        self._spans.append(span)

    async def follow(self) -> None:
        while True:
            await asyncio.sleep(SEND_EVERY_S)
            await self.flush()

    async def flush(self) -> None:
        """Sends what is there; what a collector does not take is dropped."""
        while self._spans:
            batch, self._spans = self._spans[:MAX_BATCH], self._spans[MAX_BATCH:]
            try:
                status, _ = await ask(
                    self._pool, self._target, self._request(batch),
                    now=asyncio.get_running_loop().time(), timeout_s=5,
                )  # fmt: skip
            except NoAnswer as reason:
                self.lost += len(batch)
                log.warning("spans dropped", extra={"reason": str(reason)})
                return
            if status >= 400:
                self.lost += len(batch)

    def _request(self, spans: list[dict[str, Any]]) -> bytes:
        resource = {"attributes": [_text("service.name", "slipway-gateway")]}
        scope = {"scope": {"name": "slipway.gateway"}, "spans": spans}
        body = orjson.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": [scope]}]})
        return (
            b"POST %b HTTP/1.1\r\nhost: %b\r\ncontent-type: application/json\r\n"
            b"content-length: %d\r\n\r\n%b" % (self._path, self._authority, len(body), body)
        )


def parent_of(traceparent: bytes) -> tuple[str, str]:
    """(trace, span) of a W3C header; empty where it is none."""
    parts = traceparent.decode("latin-1").strip().split("-")
    if len(parts) < 4 or len(parts[1]) != 32 or len(parts[2]) != 16:
        return "", ""
    try:
        known = int(parts[1], 16) and int(parts[2], 16)
    except ValueError:
        return "", ""
    return (parts[1].lower(), parts[2].lower()) if known else ("", "")


def _attributes(record: UsageRecord) -> list[dict[str, Any]]:
    found = [
        _text("url.path", record["path"]), _number("http.response.status_code", record["status"]),
        _text("slipway.request_id", record["id"]), _text("slipway.service", record["service"]),
    ]  # fmt: skip
    for name, value in (
        ("slipway.version", record["version"]), ("slipway.upstream", record["replica"]),
        ("slipway.key", record["key"]), ("gen_ai.request.model", record["model"]),
        ("error.type", record["error_code"]),
    ):  # fmt: skip
        if value:
            found.append(_text(name, value))
    if record["model"]:
        found.append(_number("gen_ai.usage.input_tokens", record["prompt_tokens"]))
        found.append(_number("gen_ai.usage.output_tokens", record["completion_tokens"]))
    if record["ttft_ms"] is not None:
        found.append({"key": "slipway.ttft_ms", "value": {"doubleValue": record["ttft_ms"]}})
    return found


def _text(name: str, value: str) -> dict[str, Any]:
    return {"key": name, "value": {"stringValue": value}}


def _number(name: str, value: int) -> dict[str, Any]:
    return {"key": name, "value": {"intValue": str(value)}}
