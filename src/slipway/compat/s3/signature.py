"""Signature version 4: who signed a request, and whether they did.

As "Authenticating Requests (AWS Signature Version 4)" of the Amazon S3 API reference describes it:
in the Authorization header, or in the query of a presigned address.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes

from slipway.compat.s3.call import Call
from slipway.compat.s3.errors import S3Error
from slipway.compat.s3.signature_v2 import (
    check_signature_v2,
    check_time_v2,
    is_presigned_v2,
)

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED = "UNSIGNED-PAYLOAD"
EMPTY_SHA256 = hashlib.sha256().hexdigest()
LONGEST_PRESIGNED_S = 7 * 24 * 3600
_SKEW = timedelta(minutes=15)
_FIELD = re.compile(r"(Credential|SignedHeaders|Signature)=([^,\s]+)")
_TIME = re.compile(r"\d{8}T\d{6}Z")
_SAFE = "-_.~"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a request says about its signature, before anybody checked it."""

    key_id: str
    scope: str  # date/region/service/aws4_request; empty: version 2
    signed_headers: tuple[str, ...]
    signature: str
    time: str
    payload: str  # what stands for the body in the signature
    presigned: bool


def read_claim(call: Call, now: datetime) -> Claim:
    """Raises S3Error for an unsigned, malformed, too old or too early request."""
    if "X-Amz-Signature" in call.query or "X-Amz-Credential" in call.query:
        return _presigned(call, now)
    if is_presigned_v2(call):
        check_time_v2(call, now)
        return Claim(call.query["AWSAccessKeyId"], "", (), "", "", UNSIGNED, presigned=True)
    header = call.header("authorization")
    if not header:
        raise S3Error("AccessDenied", "Sign the request: nobody may call without a key.")
    if not header.startswith(ALGORITHM):
        raise S3Error("InvalidRequest", f"Sign with version 4 ({ALGORITHM}).")
    fields = dict(_FIELD.findall(header))
    if len(fields) != 3:
        raise S3Error("AuthorizationHeaderMalformed", "The Authorization header is incomplete.")
    payload = call.header("x-amz-content-sha256")
    if payload is None:
        raise S3Error("InvalidRequest", "The header x-amz-content-sha256 is missing.")
    key_id, scope = _credential(fields["Credential"], "AuthorizationHeaderMalformed")
    time = call.header("x-amz-date") or _http_date(call.header("date"))
    if abs(_moment(time) - now) > _SKEW:
        raise S3Error("RequestTimeTooSkewed", "The clocks of client and server differ too much.")
    signed = tuple(fields["SignedHeaders"].split(";"))
    _require_signed(call, signed)
    return Claim(key_id, scope, signed, fields["Signature"], time, payload, presigned=False)


def check_signature(call: Call, claim: Claim, secret: str) -> None:
    if not claim.scope:
        check_signature_v2(call, secret)
        return
    expected = _sign(
        signing_key(secret, claim.scope), claim.time, claim.scope, _canonical(call, claim)
    )
    if not hmac.compare_digest(expected, claim.signature):
        raise S3Error(
            "SignatureDoesNotMatch",
            "The signature is not the one that the secret key gives. Check key and signing method.",
        )


def presign(
    *, url: str, bucket: str, key: str, key_id: str, secret: str, region: str, now: datetime,
    lasts_s: int,
) -> str:  # fmt: skip
    """An address that anybody may GET for `lasts_s` seconds in the name of the key."""
    time = now.strftime("%Y%m%dT%H%M%SZ")
    scope = f"{time[:8]}/{region}/s3/aws4_request"
    path = quote(f"/{bucket}/{key}", safe="/" + _SAFE)
    host = url.partition("://")[2].rstrip("/")
    query = _canonical_query([
        ("X-Amz-Algorithm", ALGORITHM), ("X-Amz-Credential", f"{key_id}/{scope}"),
        ("X-Amz-Date", time), ("X-Amz-Expires", str(lasts_s)), ("X-Amz-SignedHeaders", "host"),
    ])  # fmt: skip
    canonical = "\n".join(["GET", path, query, f"host:{host}", "", "host", UNSIGNED])
    signature = _sign(signing_key(secret, scope), time, scope, canonical)
    return f"{url.rstrip('/')}{path}?{query}&X-Amz-Signature={signature}"


@lru_cache(maxsize=1024)
def signing_key(secret: str, scope: str) -> bytes:
    key = ("AWS4" + secret).encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def _sign(key: bytes, time: str, scope: str, canonical: str) -> str:
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"{ALGORITHM}\n{time}\n{scope}\n{hashed}"
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _canonical(call: Call, claim: Claim) -> str:
    pairs = call.pairs
    if claim.presigned:
        pairs = [pair for pair in pairs if pair[0] != "X-Amz-Signature"]
    headers = [
        f"{name}:{' '.join(call.headers.get(name, '').split())}" for name in claim.signed_headers
    ]
    return "\n".join(
        [
            call.method,
            quote(unquote_to_bytes(call.raw_path), safe="/" + _SAFE),
            _canonical_query(pairs),
            *headers,
            "",
            ";".join(claim.signed_headers),
            claim.payload,
        ]
    )


def _canonical_query(pairs: list[tuple[str, str]]) -> str:
    return "&".join(
        f"{name}={value}"
        for name, value in sorted((quote(n, safe=_SAFE), quote(v, safe=_SAFE)) for n, v in pairs)
    )


def _presigned(call: Call, now: datetime) -> Claim:
    code = "AuthorizationQueryParametersError"
    query = call.query
    try:
        algorithm, credential, time, expires, headers, signature = (
            query[f"X-Amz-{name}"]
            for name in ("Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature")
        )
    except KeyError as error:
        raise S3Error(code, f"The parameter {error.args[0]} is missing.") from None
    if algorithm != ALGORITHM:
        raise S3Error(code, f"Sign with version 4 ({ALGORITHM}).")
    if (
        not expires.isascii()
        or not expires.isdigit()
        or not 1 <= int(expires) <= LONGEST_PRESIGNED_S
    ):
        raise S3Error("AccessDenied", f"X-Amz-Expires is 1 to {LONGEST_PRESIGNED_S} seconds.")
    key_id, scope = _credential(credential, code)
    began = _moment(time)
    if began - now > _SKEW:
        raise S3Error("AccessDenied", "The address is not valid yet.")
    if began + timedelta(seconds=int(expires)) < now:
        raise S3Error("AccessDenied", "The address has expired.")
    payload = call.header("x-amz-content-sha256") or query.get("X-Amz-Content-Sha256") or UNSIGNED
    signed = tuple(headers.split(";"))
    if "host" not in signed:
        raise S3Error(code, "The host header must be signed.")
    return Claim(key_id, scope, signed, signature, time, payload, presigned=True)


def _require_signed(call: Call, signed: tuple[str, ...]) -> None:
    """What changes the meaning of a request must be signed, or a stranger could add it."""
    for name in call.headers:
        if (name.startswith("x-amz-") or name == "host") and name not in signed:
            raise S3Error("AccessDenied", f"The header {name} was sent but not signed.")


def _credential(text: str, code: str) -> tuple[str, str]:
    parts = text.split("/")
    if len(parts) < 5 or parts[-1] != "aws4_request" or parts[-2] != "s3":
        raise S3Error(code, "The credential is <key id>/<date>/<region>/s3/aws4_request.")
    return "/".join(parts[:-4]), "/".join(parts[-4:])


def _moment(time: str) -> datetime:
    try:
        if not _TIME.fullmatch(time):
            raise ValueError(time)
        return datetime.fromisoformat(time)  # far quicker than strptime
    except ValueError:
        raise S3Error("AccessDenied", "The request carries no usable date (X-Amz-Date).") from None


def _http_date(text: str | None) -> str:
    from email.utils import parsedate_to_datetime

    try:
        return parsedate_to_datetime(text or "").astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    except ValueError:
        return ""
