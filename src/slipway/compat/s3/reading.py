"""GET and HEAD of an object."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator

from slipway.assets.objects import open_object
from slipway.assets.ranges import ByteRange, NotSatisfiableError, parse_range
from slipway.assets.storage import OpenFile, Storage
from slipway.assets.types import ObjectKind
from slipway.compat.s3.call import Reply
from slipway.compat.s3.conditions import check_read
from slipway.compat.s3.errors import NotModified, S3Error
from slipway.compat.s3.headers import checksum_headers, object_headers
from slipway.compat.s3.service import Signed

_BLOCK_BYTES = 1 << 20
_AT_ONCE_BYTES = 256 << 10  # read in the thread that opened it


async def get_object(signed: Signed) -> Reply:
    call, storage = signed.call, signed.service.storage
    await signed.allowed("storage:object:get")
    check_version(call.query.get("versionId"))
    opened, small = await storage.run(_open, storage, call.bucket, call.key)
    try:
        reply = _answer(signed, opened)
    except BaseException:
        opened.file.close()
        raise
    part = ByteRange(*reply_range(reply, opened.info.size_bytes))
    if call.method == "HEAD" or part.length == 0:
        opened.file.close()
        reply.length = part.length
        return reply
    reply.length = part.length
    if small is not None:
        opened.file.close()
        reply.body = small[part.start : part.end]
    else:
        reply.stream = _blocks(storage, opened, part)
    return reply


def check_version(version: str | None) -> None:
    if version not in (None, "", "null"):
        raise S3Error("NoSuchVersion", "Objects here have one version, called null.")


def reply_range(reply: Reply, size: int) -> tuple[int, int]:
    for name, value in reply.headers:
        if name == "content-range":
            first, _, last = value.removeprefix("bytes ").partition("/")[0].partition("-")
            return int(first), int(last) + 1
    return 0, size


def _open(storage: Storage, bucket: str, key: str) -> tuple[OpenFile, bytes | None]:
    opened = open_object(storage, bucket, key)
    if opened.info.kind == ObjectKind.FILE and opened.info.size_bytes <= _AT_ONCE_BYTES:
        return opened, opened.file.read(_AT_ONCE_BYTES)
    return opened, None


def _answer(signed: Signed, opened: OpenFile) -> Reply:
    call, info = signed.call, opened.info
    headers = object_headers(info, call)
    try:
        check_read(call.headers, info, headers)
    except NotModified as same:
        same.headers = [pair for pair in headers if pair[0] != "content-type"]
        raise
    part = _part_number(signed, opened) or _asked_range(signed, opened)
    if part is None:
        known = info.attributes
        if known is not None and (call.header("x-amz-checksum-mode") or "").upper() == "ENABLED":
            headers += checksum_headers(known.checksums)
        return Reply(200, headers=headers)
    if "partNumber" in call.query and (known := info.attributes) is not None and known.parts:
        headers.append(("x-amz-mp-parts-count", str(len(known.parts))))
    span = f"bytes {part.start}-{part.end - 1}/{info.size_bytes}"
    return Reply(206, headers=[*headers, ("content-range", span)])


def _asked_range(signed: Signed, opened: OpenFile) -> ByteRange | None:
    size = opened.info.size_bytes
    try:
        return parse_range(signed.call.header("range"), size)
    except NotSatisfiableError:
        raise S3Error(
            "InvalidRange", f"The object has {size} bytes; the range lies behind its end.",
            ActualObjectSize=str(size),
        ) from None  # fmt: skip


def _part_number(signed: Signed, opened: OpenFile) -> ByteRange | None:
    if "partNumber" not in signed.call.query:
        return None
    number = signed.call.number("partNumber", 1, 10_001)
    known = opened.info.attributes
    sizes = known.parts if known is not None and known.parts else (opened.info.size_bytes,)
    if not 1 <= number <= len(sizes):
        raise S3Error("InvalidPart", f"The object has {len(sizes)} parts.")
    start = sum(sizes[: number - 1])
    return ByteRange(start, start + sizes[number - 1]) if sizes[number - 1] else None


async def _blocks(storage: Storage, opened: OpenFile, part: ByteRange) -> AsyncIterator[bytes]:
    """The next block is read while the last one is sent."""
    handle, at = opened.file.fileno(), part.start

    def ask() -> asyncio.Future[bytes]:
        size = min(part.end - at, _BLOCK_BYTES)
        return asyncio.ensure_future(storage.run(os.pread, handle, size, at))

    coming = ask()
    try:
        while at < part.end:
            block = await coming
            if not block:
                raise OSError("The file became shorter while it was sent.")
            at += len(block)
            if at < part.end:
                coming = ask()
            yield block
    finally:
        # The file must not close under the thread that reads it.
        await asyncio.shield(asyncio.wait([coming]))
        opened.file.close()
