"""Tags of an object, and the list of its attributes."""

from __future__ import annotations

from dataclasses import replace
from email.utils import format_datetime

from slipway.assets.attributes import Attributes
from slipway.assets.objects import find_object, set_attributes
from slipway.assets.types import ObjectInfo
from slipway.base.errors import NotFound
from slipway.compat.s3.body import Upload, read_small
from slipway.compat.s3.call import Reply
from slipway.compat.s3.errors import S3Error
from slipway.compat.s3.headers import checked_tags
from slipway.compat.s3.reading import check_version
from slipway.compat.s3.service import Signed
from slipway.compat.s3.writing import xml_reply
from slipway.compat.s3.xml import document, group, parse, tag, text_of

_MOST_XML = 1 << 20
_ASKED = ("ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize")


async def get_tagging(signed: Signed) -> Reply:
    await signed.allowed("storage:object:get")
    known = _known(await _info(signed))
    tags = [group("Tag", [tag("Key", k), tag("Value", v)]) for k, v in known.tags.items()]
    return xml_reply(document("Tagging", [group("TagSet", tags)]))


async def put_tagging(signed: Signed) -> Reply:
    call = signed.call
    await signed.allowed("storage:object:update")
    body = await read_small(call, Upload(call, signed.claim, signed.identity.secret), _MOST_XML)
    pairs = [
        (text_of(element, "Key") or "", text_of(element, "Value") or "")
        for element in parse(body, "Tagging").iter("Tag")
    ]
    await _set_tags(signed, checked_tags(pairs))
    return Reply()


async def delete_tagging(signed: Signed) -> Reply:
    await signed.allowed("storage:object:update")
    await _set_tags(signed, {})
    return Reply(204)


async def get_attributes(signed: Signed) -> Reply:
    await signed.allowed("storage:object:get")
    asked = {n.strip() for n in (signed.call.header("x-amz-object-attributes") or "").split(",")}
    if not asked <= {*_ASKED} or not asked:
        raise S3Error(
            "InvalidArgument", f"x-amz-object-attributes names some of {', '.join(_ASKED)}."
        )
    info = await _info(signed)
    known = _known(info)
    found = {
        "ETag": tag("ETag", info.etag),
        "Checksum": _checksums(known) if known.checksums else "",
        "ObjectParts": _parts(signed, known.parts) if known.parts else "",
        "StorageClass": tag("StorageClass", "STANDARD"),
        "ObjectSize": tag("ObjectSize", info.size_bytes),
    }  # fmt: skip
    reply = xml_reply(
        document("GetObjectAttributesResponse", [found[name] for name in _ASKED if name in asked])
    )
    reply.headers.append(("last-modified", format_datetime(info.modified_at, usegmt=True)))
    return reply


def _checksums(known: Attributes) -> str:
    kind = "COMPOSITE" if "-" in next(iter(known.checksums.values())) else "FULL_OBJECT"
    found = [tag("Checksum" + name.upper(), value) for name, value in known.checksums.items()]
    return group("Checksum", [*found, tag("ChecksumType", kind)])


def _parts(signed: Signed, sizes: tuple[int, ...]) -> str:
    headers = signed.call.headers
    most = min(int(headers.get("x-amz-max-parts") or 1000), 1000)
    marker = int(headers.get("x-amz-part-number-marker") or 0)
    page = list(enumerate(sizes, 1))[marker : marker + most]
    last = page[-1][0] if page else marker
    return group("ObjectParts", [
        tag("PartsCount", len(sizes)), tag("PartNumberMarker", marker),
        tag("NextPartNumberMarker", last), tag("MaxParts", most),
        tag("IsTruncated", last < len(sizes)),
        *(group("Part", [tag("PartNumber", number), tag("Size", size)]) for number, size in page),
    ])  # fmt: skip


async def _info(signed: Signed) -> ObjectInfo:
    call, storage = signed.call, signed.service.storage
    check_version(call.query.get("versionId"))
    info = await storage.run(find_object, storage, call.bucket, call.key)
    if info is None:
        raise NotFound(f"There is no object {call.key[:100]}.")
    return info


async def _set_tags(signed: Signed, tags: dict[str, str]) -> None:
    call, storage = signed.call, signed.service.storage
    known = replace(_known(await _info(signed)), tags=tags)
    await storage.run(set_attributes, storage, call.bucket, call.key, known)


def _known(info: ObjectInfo) -> Attributes:
    return info.attributes or Attributes(info.etag or "")
