"""Lists of a bucket's objects: version 1, version 2, and the one of versions.

Keys roll up at a delimiter: all keys that share what comes before its first appearance behind the
prefix count as one common prefix. "/" is answered from the folders; any other by skipping.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from urllib.parse import quote

from slipway.assets.storage import Storage
from slipway.assets.types import ObjectInfo
from slipway.assets.walk import describe_found, walk_objects
from slipway.compat.s3.call import Call, Reply
from slipway.compat.s3.errors import S3Error
from slipway.compat.s3.service import Signed
from slipway.compat.s3.writing import xml_reply
from slipway.compat.s3.xml import document, group, optional, tag

MOST = 1000
_LAST = chr(0x10FFFF)  # behind every key that begins alike


@dataclass(frozen=True, slots=True)
class Page:
    """`last` is the key or common prefix that ended it, where there is more."""

    objects: tuple[ObjectInfo, ...]
    prefixes: tuple[str, ...]
    last: str | None


async def list_objects(signed: Signed) -> Reply:
    call = signed.call
    person = (signed.identity.user_id, signed.identity.user_name)
    await signed.allowed("storage:object:list")
    asked = _Asked(call)
    second = call.query.get("list-type") == "2"
    marker = call.query.get("marker", "")
    if second:
        token = call.query.get("continuation-token")
        after = _decoded(token) if token is not None else call.query.get("start-after", "")
    else:
        after = marker
    page = await _page(signed, asked, after)
    owner = not second or call.query.get("fetch-owner") == "true"
    parts = [
        tag("Name", call.bucket),
        tag("Prefix", asked.encode(asked.prefix)),
        *([] if second else [tag("Marker", asked.encode(marker))]),
        tag("MaxKeys", asked.most),
        optional("Delimiter", asked.encode(asked.delimiter) if asked.delimiter else None),
        optional("EncodingType", asked.encoding),
        tag("IsTruncated", page.last is not None),
    ]
    if second:
        parts += [
            tag("KeyCount", len(page.objects) + len(page.prefixes)),
            optional("ContinuationToken", call.query.get("continuation-token")),
            optional("NextContinuationToken", _encoded(page.last) if page.last else None),
            optional(
                "StartAfter",
                asked.encode(call.query["start-after"]) if "start-after" in call.query else None,
            ),
        ]
    elif page.last is not None and asked.delimiter:
        parts.append(tag("NextMarker", asked.encode(page.last)))
    parts += [_contents(info, asked, person if owner else None) for info in page.objects]
    parts += [group("CommonPrefixes", [tag("Prefix", asked.encode(p))]) for p in page.prefixes]
    return xml_reply(document("ListBucketResult", parts))


async def list_versions(signed: Signed) -> Reply:
    """Objects have one version here, called null, as in a bucket that never had versions on."""
    call = signed.call
    await signed.allowed("storage:object:list")
    asked = _Asked(call)
    marker = call.query.get("key-marker", "")
    page = await _page(signed, asked, marker)
    parts = [
        tag("Name", call.bucket), tag("Prefix", asked.encode(asked.prefix)),
        tag("KeyMarker", asked.encode(marker)), tag("VersionIdMarker", ""),
        tag("MaxKeys", asked.most),
        optional("Delimiter", asked.encode(asked.delimiter) if asked.delimiter else None),
        optional("EncodingType", asked.encoding), tag("IsTruncated", page.last is not None),
    ]  # fmt: skip
    if page.last is not None:
        parts += [tag("NextKeyMarker", asked.encode(page.last)), tag("NextVersionIdMarker", "null")]
    owner = (signed.identity.user_id, signed.identity.user_name)
    parts += [_version(info, asked, owner) for info in page.objects]
    parts += [group("CommonPrefixes", [tag("Prefix", asked.encode(p))]) for p in page.prefixes]
    return xml_reply(document("ListVersionsResult", parts))


class _Asked:
    def __init__(self, call: Call) -> None:
        self.prefix = call.query.get("prefix", "")
        self.delimiter = call.query.get("delimiter", "")
        self.most = call.number("max-keys", MOST, MOST)
        self.encoding = call.query.get("encoding-type")
        if self.encoding not in (None, "", "url"):
            raise S3Error("InvalidArgument", "encoding-type can only be url.")

    def encode(self, key: str) -> str:
        return quote(key, safe="/-_.~*") if self.encoding else key


async def _page(signed: Signed, asked: _Asked, after: str) -> Page:
    storage, bucket = signed.service.storage, signed.call.bucket
    if asked.most == 0:
        return Page((), (), None)
    return await storage.run(
        list_page, storage, bucket, asked.prefix, asked.delimiter, after, asked.most
    )


def list_page(
    storage: Storage, bucket: str, prefix: str, delimiter: str, after: str, most: int
) -> Page:
    objects: list[ObjectInfo] = []
    prefixes: list[str] = []
    last = ""
    if delimiter and after.startswith(prefix):
        # A marker that is a common prefix stands for all keys below it.
        rolled = _roll(after, prefix, delimiter)
        if rolled == after:
            after = rolled + _LAST
    while True:
        for found in walk_objects(
            storage, bucket, prefix=prefix, after=after, fold=delimiter == "/"
        ):
            if found.key == last:
                continue
            rolled = _roll(found.key, prefix, delimiter) if delimiter else None
            if rolled is not None and rolled == last:
                continue  # an odd key below a folder that is listed already
            info = None
            if rolled is None:
                info = describe_found(storage, found)
                if info is None:
                    continue
            if len(objects) + len(prefixes) == most:
                return Page(tuple(objects), tuple(prefixes), last)
            if info is not None:
                objects.append(info)
                last = found.key
                continue
            assert rolled is not None
            prefixes.append(rolled)
            last = rolled
            if found.path is not None:
                after = rolled + _LAST
                break  # go on behind everything that rolled up; a folder has been passed already
        else:
            return Page(tuple(objects), tuple(prefixes), None)


def _roll(key: str, prefix: str, delimiter: str) -> str | None:
    at = key.find(delimiter, len(prefix))
    return None if at < 0 else key[: at + len(delimiter)]


def _contents(info: ObjectInfo, asked: _Asked, owner: tuple[str, str] | None) -> str:
    more = [_owner(owner)] if owner is not None else []
    return group("Contents", [tag("Key", asked.encode(info.key)), *_facts(info), *more])


def _version(info: ObjectInfo, asked: _Asked, owner: tuple[str, str]) -> str:
    return group("Version", [
        tag("Key", asked.encode(info.key)), tag("VersionId", "null"), tag("IsLatest", "true"),
        *_facts(info), _owner(owner),
    ])  # fmt: skip


def _facts(info: ObjectInfo) -> list[str]:
    return [
        tag("LastModified", info.modified_at), tag("ETag", f'"{info.etag}"'),
        tag("Size", info.size_bytes), tag("StorageClass", "STANDARD"),
    ]  # fmt: skip


def _owner(user: tuple[str, str]) -> str:
    return group("Owner", [tag("ID", user[0]), tag("DisplayName", user[1])])


def _encoded(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode()


def _decoded(token: str) -> str:
    try:
        return base64.urlsafe_b64decode(token).decode()
    except (binascii.Error, ValueError):
        raise S3Error(
            "InvalidArgument", "The continuation token is not one of this list."
        ) from None
