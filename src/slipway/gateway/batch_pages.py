"""OpenAI's Files and Batch API for whoever holds a key: /v1/files and /v1/batches."""

import asyncio
import secrets
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import orjson

from slipway.gateway import batch_lines
from slipway.gateway.admission import callable_models
from slipway.gateway.batch_store import BatchStore, scope_of
from slipway.gateway.errors import BAD_REQUEST, METHOD_NOT_ALLOWED, UNKNOWN_PATH, Refused
from slipway.gateway.multipart import file_part, is_form
from slipway.gateway.page import Page
from slipway.gateway.state import Key

if TYPE_CHECKING:
    from slipway.gateway.core import Gateway
    from slipway.gateway.exchange import Exchange

Json = dict[str, Any]
WINDOW_S = 24 * 3600


async def answer(gateway: "Gateway", exchange: "Exchange") -> Page:
    """Raises Refused."""
    key, head = exchange.key, exchange.head
    assert key is not None
    body = b"".join(exchange.body_parts)
    _, _, kind, *names = exchange.entry.path.split("/")
    query = parse_qs(head.target.partition(b"?")[2].decode("latin-1"))
    return await asyncio.to_thread(
        _answer, gateway, key, head.method.decode(), kind, names, query, head.content_type, body
    )


def _answer(
    gateway: "Gateway", key: Key, method: str, kind: str, names: list[str],
    query: dict[str, list[str]], content_type: bytes, body: bytes,
) -> Page:  # fmt: skip
    store, scope = gateway.batches.store, scope_of(key)
    match (kind, method, names):
        case ("files", "POST", []):
            return _json(_upload(store, scope, content_type, body))
        case ("files", "GET", []):
            found = [one for one in store.list("file", scope) if _has_purpose(one, query)]
            return _json(_listed(found, query))
        case ("files", "GET", [name]):
            return _json(store.read("file", scope, name))
        case ("files", "GET", [name, "content"]):
            return Page(200, store.content(scope, name), b"application/octet-stream")
        case ("files", "DELETE", [name]):
            store.delete_file(scope, name)
            return _json({"id": name, "object": "file", "deleted": True})
        case ("batches", "POST", []):
            return _json(_create(gateway, key, body))
        case ("batches", "GET", []):
            return _json(_listed(list(store.list("batch", scope)), query))
        case ("batches", "GET", [name]):
            return _json(store.read("batch", scope, name))
        case ("batches", "POST", [name, "cancel"]):
            return _json(store.cancel(scope, name))
        case (_, _, [] | [_] | [_, "content" | "cancel"]):
            raise Refused(METHOD_NOT_ALLOWED, f"{method} is not possible here.")
    raise Refused(UNKNOWN_PATH, "There is nothing at this path.")


def _upload(store: BatchStore, scope: str, content_type: bytes, body: bytes) -> Json:
    if not is_form(content_type):
        raise Refused(BAD_REQUEST, "Send the file as multipart/form-data.", param="file")
    purpose, name, content = file_part(content_type, body)
    if purpose != "batch":
        raise Refused(BAD_REQUEST, "`purpose` must be batch.", param="purpose")
    batch_lines.parse(content)
    return store.add_file(scope, name, purpose, content)


def _create(gateway: "Gateway", key: Key, body: bytes) -> Json:
    store, scope = gateway.batches.store, scope_of(key)
    try:
        asked = orjson.loads(body)
    except orjson.JSONDecodeError as broken:
        raise Refused(BAD_REQUEST, f"The body is not valid JSON: {broken}.") from broken
    if not isinstance(asked, dict):
        raise Refused(BAD_REQUEST, "The body must be a JSON object.")
    endpoint, metadata = asked.get("endpoint"), asked.get("metadata")
    if endpoint not in batch_lines.ENDPOINTS:
        choice = ", ".join(batch_lines.ENDPOINTS)
        raise Refused(BAD_REQUEST, f"`endpoint` must be one of {choice}.", param="endpoint")
    if asked.get("completion_window") != "24h":
        raise Refused(BAD_REQUEST, "`completion_window` must be 24h.", param="completion_window")
    if metadata is not None and (not isinstance(metadata, dict) or len(metadata) > 16):
        raise Refused(BAD_REQUEST, "`metadata` must be an object of at most 16.", param="metadata")
    lines = batch_lines.parse(store.content(scope, str(asked.get("input_file_id"))))
    models = callable_models(gateway.state, key)
    problems = _problems(lines, endpoint, set(models))
    now = int(time.time())
    value: Json = {
        "id": f"batch_{secrets.token_hex(16)}", "object": "batch", "endpoint": endpoint,
        "errors": {"object": "list", "data": problems[:100]} if problems else None,
        "input_file_id": asked["input_file_id"], "completion_window": "24h",
        "status": "failed" if problems else "validating", "output_file_id": None,
        "error_file_id": None, "created_at": now, "in_progress_at": None,
        "expires_at": now + WINDOW_S, "finalizing_at": None, "completed_at": None,
        "failed_at": now if problems else None, "expired_at": None, "cancelling_at": None,
        "cancelled_at": None, "metadata": metadata,
        "request_counts": {"total": len(lines), "completed": 0, "failed": 0},
    }  # fmt: skip
    store.add_batch(scope, key.id, value)
    gateway.loop.call_soon_threadsafe(gateway.batches.wake)
    return value


def _problems(lines: list[batch_lines.Line], endpoint: str, models: set[str]) -> list[Json]:
    found = []
    for line in lines:
        if line.url != endpoint:
            found.append((line, "url", f"The line's url is not {endpoint}."))
        if line.model not in models:
            why = f"The model {line.model[:100]!r} does not exist or this key may not call it."
            found.append((line, "model", why))
    return [
        {"code": "500002", "line": line.number, "param": field, "message": why}
        for line, field, why in found
    ]


def _has_purpose(one: Json, query: dict[str, list[str]]) -> bool:
    wanted = query.get("purpose")
    return wanted is None or one["purpose"] == wanted[0]


def _listed(found: list[Json], query: dict[str, list[str]]) -> Json:
    """A page after the id `after`, of at most `limit`."""
    after, limit = query.get("after", [""])[0], query.get("limit", ["20"])[0]
    ids = [one["id"] for one in found]
    start = ids.index(after) + 1 if after in ids else 0
    most = min(10_000, int(limit)) if limit.isdigit() else 20
    page = found[start : start + most]
    return {
        "object": "list", "data": page, "has_more": start + most < len(found),
        "first_id": page[0]["id"] if page else None, "last_id": page[-1]["id"] if page else None,
    }  # fmt: skip


def _json(value: Json) -> Page:
    return Page(200, orjson.dumps(value))
