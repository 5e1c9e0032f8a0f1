"""Conditional requests: what must hold of an object for it to be read, copied or replaced."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from slipway.assets.types import ObjectInfo
from slipway.compat.s3.errors import NotModified, S3Error


def check_read(headers: Mapping[str, str], info: ObjectInfo, answer: list[tuple[str, str]]) -> None:
    """RFC 9110, section 13.2.2: entity tags go before times."""
    etag = headers.get("if-match")
    if etag is not None:
        if not matches(etag, info.etag):
            raise _failed("If-Match")
    elif (since := _time(headers.get("if-unmodified-since"))) and _second(info) > since:
        raise _failed("If-Unmodified-Since")
    etag = headers.get("if-none-match")
    if etag is not None:
        if matches(etag, info.etag):
            raise NotModified(answer)
    elif (since := _time(headers.get("if-modified-since"))) and _second(info) <= since:
        raise NotModified(answer)


def check_copy(headers: Mapping[str, str], info: ObjectInfo) -> None:
    """As for reading, with the headers of a copy's source; all failures are 412."""
    prefix = "x-amz-copy-source-"
    chosen = {
        name.removeprefix(prefix): value
        for name, value in headers.items()
        if name.startswith(prefix + "if-")
    }
    try:
        check_read(chosen, info, [])
    except NotModified:
        raise _failed("x-amz-copy-source-if-none-match") from None


def check_write(headers: Mapping[str, str], info: ObjectInfo | None) -> bool:
    """Whether only a new object may be made. `info` is what is there now."""
    only_new = False
    if none := headers.get("if-none-match"):
        only_new = none.strip() == "*"
        if info is not None and matches(none, info.etag):
            raise _failed("If-None-Match")
    if (etag := headers.get("if-match")) is not None:
        if info is None:
            raise S3Error("NoSuchKey", "There is no object that could match.")
        if not matches(etag, info.etag):
            raise _failed("If-Match")
    return only_new


def check_delete(
    info: ObjectInfo | None, *, etag: str | None, size: str | None, modified: str | None
) -> None:
    """What must hold of an object for it to go. One that is not there is gone already."""
    if info is None:
        return
    if etag is not None and not matches(etag, info.etag):
        raise _failed("If-Match")
    if size is not None and size.strip() != str(info.size_bytes):
        raise _failed("If-Match-Size")
    if modified is not None and _any_time(modified) != _second(info):
        raise _failed("If-Match-Last-Modified-Time")


def matches(wanted: str, etag: str | None) -> bool:
    tags = [item.strip().removeprefix("W/").strip('"') for item in wanted.split(",")]
    return "*" in tags or etag in tags


def _time(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None  # as RFC 9110 says: a date that cannot be read is not there
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _any_time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return _time(text)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).replace(microsecond=0)


def _second(info: ObjectInfo) -> datetime:
    return info.modified_at.replace(microsecond=0)


def _failed(name: str) -> S3Error:
    return S3Error("PreconditionFailed", f"The condition {name} does not hold.", Condition=name)
