"""The request as an upstream gets it: an own replica, another service, or somebody else's server."""

from typing import Any

import orjson

from slipway.gateway.body import Call
from slipway.gateway.http1 import RequestHead
from slipway.gateway.multipart import is_form, replacing_field
from slipway.gateway.state import Replica

_ALLOWED_OUT = (b"accept:", b"user-agent:")


def with_model(head: RequestHead, call: Call, body: bytes, model: str) -> bytes:
    """The call for another model's name. Written anew: of a name that stands twice, which one
    counts must not depend on who reads it."""
    if is_form(head.content_type):
        return replacing_field(head.content_type, body, "model", model)
    payload: dict[str, Any] = {**orjson.loads(body), "model": model}
    return orjson.dumps(payload)


def external_head(
    head: RequestHead, target: bytes, replica: Replica, *, secret: str, length: int
) -> bytes:
    """To somebody else's server goes what it needs and nothing about the caller."""
    path = target.removeprefix(b"/v1")
    parts = [
        b"%b %b%b HTTP/1.1\r\nhost: %b\r\n" % (head.method, replica.path, path, replica.authority),
        *(line for line in head.lines if line.lower().startswith(_ALLOWED_OUT)),
        b"content-length: %d\r\n" % length,
    ]
    if head.content_type:
        parts.append(b"content-type: %b\r\n" % head.content_type)
    if secret:
        parts.append(b"authorization: Bearer %b\r\n" % secret.encode())
    parts.append(b"\r\n")
    return b"".join(parts)
