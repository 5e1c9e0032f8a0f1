"""Presigned addresses of signature version 2.

boto3 still makes these for an endpoint of one's own unless it is told otherwise, so they are read;
requests signed that way in a header are not. As "Signing and Authenticating REST Requests" of the
Amazon S3 developer guide describes it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from urllib.parse import quote, unquote

from slipway.compat.s3.call import Call
from slipway.compat.s3.errors import S3Error

# Parameters that are part of what is signed.
_SIGNED = {
    "acl", "cors", "delete", "lifecycle", "location", "logging", "notification", "partNumber",
    "policy", "requestPayment", "response-cache-control", "response-content-disposition",
    "response-content-encoding", "response-content-language", "response-content-type",
    "response-expires", "tagging", "torrent", "uploadId", "uploads", "versionId", "versioning",
    "versions", "website",
}  # fmt: skip


def is_presigned_v2(call: Call) -> bool:
    return "AWSAccessKeyId" in call.query and "Signature" in call.query


def check_time_v2(call: Call, now: datetime) -> None:
    text = call.query.get("Expires", "")
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise S3Error("AccessDenied", "The address does not say when it expires.")
    if datetime.fromtimestamp(int(text), UTC) < now:
        raise S3Error("AccessDenied", "The address has expired.")


def check_signature_v2(call: Call, secret: str) -> None:
    words = "\n".join(
        [
            call.method, call.header("content-md5") or "", call.header("content-type") or "",
            call.query["Expires"], *_amz_headers(call), _resource(call),
        ]
    )  # fmt: skip
    made = hmac.new(secret.encode(), words.encode(), hashlib.sha1).digest()
    expected = base64.b64encode(made).decode()
    if not hmac.compare_digest(expected, call.query["Signature"]):
        raise S3Error("SignatureDoesNotMatch", "The signature is not the one the secret key gives.")


def _amz_headers(call: Call) -> list[str]:
    names = {n: v for n, v in call.headers.items() if n.startswith("x-amz-")}
    names |= {n.lower(): v for n, v in call.query.items() if n.lower().startswith("x-amz-")}
    return [f"{name}:{names[name]}" for name in sorted(names)]


def _resource(call: Call) -> str:
    path = quote(unquote(call.raw_path), safe="/-_.~*'()!")
    if not path.startswith(f"/{quote(call.bucket)}"):
        path = f"/{call.bucket}{path}"
    found = [(name, value) for name, value in sorted(call.pairs) if name in _SIGNED]
    query = "&".join(f"{name}={value}" if value else name for name, value in found)
    return f"{path}?{query}" if query else path
