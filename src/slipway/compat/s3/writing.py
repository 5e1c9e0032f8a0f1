"""PUT, copy and delete of an object."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import BinaryIO, Protocol, TypeVar
from urllib.parse import unquote

from slipway.assets.attributes import Attributes
from slipway.assets.objects import (
    checked_object_key,
    delete_object,
    find_object,
    make_folder_object,
    open_object,
    place_object,
    require_directory,
)
from slipway.assets.storage import Storage
from slipway.assets.types import ObjectInfo
from slipway.assets.writing import BLOCK_BYTES, Incoming, check_room, in_blocks
from slipway.compat.s3.body import Upload
from slipway.compat.s3.call import Reply
from slipway.compat.s3.conditions import check_copy, check_delete, check_write
from slipway.compat.s3.errors import S3Error
from slipway.compat.s3.headers import checksum_headers, sent_attributes
from slipway.compat.s3.reading import check_version
from slipway.compat.s3.service import Signed
from slipway.compat.s3.xml import document, tag

_SMALL_BYTES = 256 << 10

R = TypeVar("R")


class Discardable(Protocol):
    def discard(self) -> None: ...


async def put_object(signed: Signed) -> Reply:
    call, service = signed.call, signed.service
    await signed.allowed("storage:object:create")
    upload = Upload(call, signed.claim, signed.identity.secret)
    attributes = sent_attributes(call)
    check_acl(call.header("x-amz-acl"))
    checked_object_key(call.key)
    await service.quotas.require(call.bucket, upload.length or 0)
    conditional = "if-match" in call.headers or "if-none-match" in call.headers
    if conditional:
        present = await service.storage.run(find_object, service.storage, call.bucket, call.key)
        only_new = check_write(call.headers, present)
    else:
        only_new = False

    def commit(incoming: Incoming) -> Attributes:
        upload.check(incoming.md5, incoming.size_bytes)
        known = replace(attributes, etag=incoming.md5, checksums=upload.checksums())
        store(service.storage, call.bucket, call.key, incoming, known, only_new=only_new)
        return known

    known, size_bytes = await land(signed, upload, commit)
    service.quotas.added(call.bucket, size_bytes)
    return Reply(headers=[("etag", f'"{known.etag}"'), *checksum_headers(known.checksums)])


async def land(signed: Signed, upload: Upload, commit: Callable[[Incoming], R]) -> tuple[R, int]:
    """Take the body into a temporary file, then `commit` it; gives that and the size in bytes.

    Whatever goes wrong, nothing of it stays.
    """
    storage, length = signed.service.storage, upload.length
    if length is not None and length <= _SMALL_BYTES:
        body = b"".join([chunk async for chunk in upload.stream()])
        return await storage.run(_land_small, storage, signed, upload, body, commit)
    incoming = await storage.run(_begin, storage, signed, upload)
    await _receive(storage, upload, incoming)
    return await finish(storage, incoming, lambda: (commit(incoming), incoming.size_bytes))


async def _receive(storage: Storage, upload: Upload, incoming: Incoming) -> None:
    """A block is hashed and written, side by side, while the next one arrives."""
    working: list[asyncio.Future[None]] = []
    try:
        async for block in in_blocks(upload.stream()):
            await asyncio.gather(*working)
            working = [
                asyncio.ensure_future(storage.run(incoming.digest, block)),
                asyncio.ensure_future(storage.run(incoming.append, block)),
            ]
        await asyncio.gather(*working)
    except BaseException:
        if working:
            await asyncio.shield(asyncio.wait(working))
        await asyncio.shield(storage.run(incoming.discard))
        raise


async def finish(storage: Storage, incoming: Discardable, commit: Callable[[], R]) -> R:
    """Run `commit` in a storage thread; if it fails, nothing of `incoming` stays."""
    try:
        return await storage.run(commit)
    except BaseException:
        await asyncio.shield(storage.run(incoming.discard))
        raise


def store(
    storage: Storage, bucket: str, key: str, incoming: Incoming, attributes: Attributes, *,
    only_new: bool = False,
) -> None:  # fmt: skip
    if key.endswith("/") and incoming.size_bytes == 0 and make_folder_object(
        storage, bucket, key, attributes
    ):  # fmt: skip
        incoming.discard()
        return
    incoming.seal(attributes)
    place_object(storage, bucket, key, incoming.temporary, only_new=only_new)


def check_acl(acl: str | None) -> None:
    if acl not in (None, "", "private", "bucket-owner-full-control", "bucket-owner-read"):
        raise S3Error(
            "NotImplemented",
            "Access follows the roles of the bucket's project; make a share link to open an object.",
        )


async def copy_object(signed: Signed) -> Reply:
    call, service = signed.call, signed.service
    await signed.allowed("storage:object:create")
    bucket, key = await read_source(signed)
    directive = (call.header("x-amz-metadata-directive") or "COPY").upper()
    tagging = (call.header("x-amz-tagging-directive") or "COPY").upper()
    if directive not in ("COPY", "REPLACE") or tagging not in ("COPY", "REPLACE"):
        raise S3Error("InvalidArgument", "A directive is COPY or REPLACE.")
    if (bucket, key) == (call.bucket, call.key) and "REPLACE" not in (directive, tagging):
        raise S3Error("InvalidRequest", "An object is copied to itself only with new metadata.")
    sent = sent_attributes(call)
    storage = service.storage
    source = await storage.run(open_object, storage, bucket, key)
    try:
        check_copy(call.headers, source.info)
        await service.quotas.require(call.bucket, source.info.size_bytes)
        present = await storage.run(find_object, storage, call.bucket, call.key)
        only_new = check_write(call.headers, present)
        old = source.info.attributes or Attributes(source.info.etag or "")
        known = replace(
            sent if directive == "REPLACE" else old,
            checksums=old.checksums if "-" not in "".join(old.checksums.values()) else {},
            tags=sent.tags if tagging == "REPLACE" else old.tags, parts=(), upload=None,
        )  # fmt: skip
        checked_object_key(call.key)
        incoming = await storage.run(_copy, storage, source.file, service.max_object_bytes)
    finally:
        source.file.close()

    def commit() -> ObjectInfo:
        whole = replace(known, etag=incoming.md5)
        store(storage, call.bucket, call.key, incoming, whole, only_new=only_new)
        made = find_object(storage, call.bucket, call.key)
        if made is None:
            raise S3Error("OperationAborted", "The copy was deleted while it was made.")
        return made

    made = await finish(storage, incoming, commit)
    service.quotas.added(call.bucket, made.size_bytes)
    parts = (tag("LastModified", made.modified_at), tag("ETag", f'"{made.etag}"'))
    return xml_reply(document("CopyObjectResult", parts))


async def read_source(signed: Signed) -> tuple[str, str]:
    """Bucket and key of `x-amz-copy-source`, which the caller may read."""
    text, _, version = (signed.call.header("x-amz-copy-source") or "").partition("?versionId=")
    bucket, _, key = unquote(text).removeprefix("/").partition("/")
    if not bucket or not key:
        raise S3Error("InvalidArgument", "x-amz-copy-source has the form bucket/key.")
    check_version(version)
    await signed.allowed("storage:object:get", bucket)
    return bucket, key


async def remove_object(signed: Signed) -> Reply:
    call, storage = signed.call, signed.service.storage
    await signed.allowed("storage:object:delete")
    check_version(call.query.get("versionId"))
    await storage.run(delete_checked, storage, call.bucket, call.key, *(
        call.header(f"{prefix}if-match{what}")
        for prefix, what in (("", ""), ("x-amz-", "-size"), ("x-amz-", "-last-modified-time"))
    ))  # fmt: skip
    return Reply(204)


def delete_checked(
    storage: Storage, bucket: str, key: str, etag: str | None, size: str | None,
    modified: str | None,
) -> None:  # fmt: skip
    """Remove an object, if it is still the one that the caller means."""
    require_directory(storage, bucket)
    if (etag, size, modified) != (None, None, None):
        check_delete(find_object(storage, bucket, key), etag=etag, size=size, modified=modified)
    delete_object(storage, bucket, key)


def xml_reply(body: bytes, status: int = 200) -> Reply:
    return Reply(status, body, [("content-type", "application/xml")])


def _begin(storage: Storage, signed: Signed, upload: Upload) -> Incoming:
    call, limit_bytes = signed.call, signed.service.max_object_bytes
    check_room(storage, upload.length, limit_bytes)
    require_directory(storage, call.bucket)
    return Incoming(
        storage, f"{call.bucket}/{call.key}", limit_bytes=limit_bytes, digests=upload.digests
    )


def _land_small(
    storage: Storage, signed: Signed, upload: Upload, body: bytes, commit: Callable[[Incoming], R]
) -> tuple[R, int]:
    """All in one go: for many small objects, crossing to a thread costs as much as the work."""
    incoming = _begin(storage, signed, upload)
    try:
        incoming.write(body)
        return commit(incoming), incoming.size_bytes
    except BaseException:
        incoming.discard()
        raise


def _copy(storage: Storage, source: BinaryIO, limit_bytes: int) -> Incoming:
    incoming = Incoming(storage, "the copy", limit_bytes=limit_bytes)
    try:
        while block := source.read(BLOCK_BYTES):
            incoming.write(block)
    except BaseException:
        incoming.discard()
        raise
    return incoming
