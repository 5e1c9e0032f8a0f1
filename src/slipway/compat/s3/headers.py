"""Headers that are kept with an object, and the ones it is answered with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import format_datetime
from urllib.parse import unquote_plus

from slipway.assets.attributes import Attributes
from slipway.assets.types import ObjectInfo
from slipway.compat.s3.call import Call
from slipway.compat.s3.errors import S3Error

_KEPT = ("cache-control", "content-disposition", "content-encoding", "content-language", "expires")
_META = "x-amz-meta-"
_MOST_METADATA = 2048
_OVERRIDES = {
    f"response-{name}": name for name in (*_KEPT, "content-type")
}  # fmt: skip
_TAG = re.compile(r"[\w\s+\-=.:/@]*", re.UNICODE)


def check_wishes(call: Call) -> None:
    """Refuse what a client asks for and would not get: it must not believe it has it."""
    for name in call.headers:
        if name.startswith(("x-amz-server-side-encryption", "x-amz-object-lock")):
            raise S3Error("NotImplemented", f"{name} is not supported here.")
    if call.header("x-amz-storage-class") not in (None, "", "STANDARD"):
        raise S3Error("InvalidStorageClass", "The storage class is STANDARD.")


def sent_attributes(call: Call, etag: str = "") -> Attributes:
    """What the headers of an upload say of the object."""
    check_wishes(call)
    headers = {name: call.headers[name] for name in _KEPT if call.headers.get(name)}
    if "aws-chunked" in (coding := headers.get("content-encoding", "")):
        # How it was sent, not what it is.
        real = [c.strip() for c in coding.split(",") if c.strip() not in ("aws-chunked", "")]
        headers["content-encoding"] = ",".join(real)
        if not real:
            del headers["content-encoding"]
    return Attributes(
        etag, call.header("content-type"), headers, _metadata(call),
        parse_tagging(call.header("x-amz-tagging") or ""),
    )  # fmt: skip


def object_headers(info: ObjectInfo, call: Call) -> list[tuple[str, str]]:
    known = info.attributes or Attributes(info.etag or "")
    answer = {
        "accept-ranges": "bytes",
        "content-type": info.content_type or "application/octet-stream",
        "etag": f'"{info.etag}"',
        "last-modified": format_datetime(info.modified_at, usegmt=True),
        **known.headers,
        **{_META + name: value for name, value in known.metadata.items()},
    }
    if known.tags:
        answer["x-amz-tagging-count"] = str(len(known.tags))
    for name, header in _OVERRIDES.items():
        if value := call.query.get(name):
            answer[header] = value
    return list(answer.items())


def checksum_headers(checksums: Mapping[str, str]) -> list[tuple[str, str]]:
    found = [(f"x-amz-checksum-{name}", value) for name, value in checksums.items()]
    if found:
        kind = "COMPOSITE" if "-" in found[0][1] else "FULL_OBJECT"
        found.append(("x-amz-checksum-type", kind))
    return found


def parse_tagging(text: str) -> dict[str, str]:
    """`a=1&b=2`, as in the header x-amz-tagging."""
    pairs = [item.partition("=") for item in text.split("&") if item]
    return checked_tags([(unquote_plus(name), unquote_plus(value)) for name, _, value in pairs])


def checked_tags(pairs: list[tuple[str, str]]) -> dict[str, str]:
    if len(pairs) > 10:
        raise S3Error("InvalidTag", "An object has at most 10 tags.", status=400)
    tags = dict(pairs)
    if len(tags) < len(pairs):
        raise S3Error("InvalidTag", "Two tags have the same key.")
    for name, value in pairs:
        if not 1 <= len(name) <= 128 or len(value) > 256:
            raise S3Error("InvalidTag", "A tag's key has 1 to 128 letters, its value up to 256.")
        if not _TAG.fullmatch(name) or not _TAG.fullmatch(value):
            raise S3Error("InvalidTag", "A tag holds letters, digits, spaces and + - = . _ : / @.")
    return dict(sorted(tags.items()))


def _metadata(call: Call) -> dict[str, str]:
    found = {
        name.removeprefix(_META): value
        for name, value in call.headers.items()
        if name.startswith(_META)
    }
    if sum(len(n.encode()) + len(v.encode()) for n, v in found.items()) > _MOST_METADATA:
        raise S3Error("MetadataTooLarge", f"Metadata has at most {_MOST_METADATA} bytes in all.")
    return found
