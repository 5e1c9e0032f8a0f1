"""Objects in parts: begin, add or copy a part, complete, abort, list."""

from __future__ import annotations

import os
from dataclasses import replace
from xml.etree.ElementTree import Element

from slipway.assets import parts as store_parts
from slipway.assets.objects import (
    checked_object_key,
    find_object,
    open_object,
    place_object,
    require_directory,
)
from slipway.assets.parts import Part, PartsUpload
from slipway.assets.ranges import NotSatisfiableError, parse_range
from slipway.assets.storage import Storage
from slipway.assets.writing import BLOCK_BYTES, Incoming
from slipway.base.clock import utc_now
from slipway.base.errors import NotFound
from slipway.compat.s3.body import Upload, read_small
from slipway.compat.s3.call import Call, Reply
from slipway.compat.s3.checksums import LENGTHS, Checksum, checksum, checksum_of_parts
from slipway.compat.s3.conditions import check_copy, check_write
from slipway.compat.s3.errors import S3Error
from slipway.compat.s3.headers import checksum_headers, sent_attributes
from slipway.compat.s3.multipart_assemble import assemble, etag_of_parts
from slipway.compat.s3.service import Signed
from slipway.compat.s3.writing import check_acl, finish, land, read_source, xml_reply
from slipway.compat.s3.xml import document, group, optional, parse, tag, text_of

LEAST_PART_BYTES = 5 << 20  # of all but the last
_MOST_XML = 4 << 20


async def begin(signed: Signed) -> Reply:
    call, storage = signed.call, signed.service.storage
    await signed.allowed("storage:object:create")
    checked_object_key(call.key)
    check_acl(call.header("x-amz-acl"))
    await storage.run(require_directory, storage, call.bucket)
    algorithm = (call.header("x-amz-checksum-algorithm") or "").lower() or None
    kind = call.header("x-amz-checksum-type")
    if algorithm is not None and algorithm not in LENGTHS:
        raise S3Error("InvalidRequest", f"The checksum {algorithm} is not known.")
    if kind is not None and algorithm is None:
        raise S3Error("InvalidRequest", "x-amz-checksum-type needs x-amz-checksum-algorithm.")
    if algorithm is not None and kind is None:
        kind = "FULL_OBJECT" if algorithm == "crc64nvme" else "COMPOSITE"
    if kind == "FULL_OBJECT" and algorithm in ("sha1", "sha256"):
        raise S3Error("InvalidRequest", f"{algorithm} of an object in parts can only be COMPOSITE.")
    if kind == "COMPOSITE" and algorithm == "crc64nvme":
        raise S3Error("InvalidRequest", "crc64nvme can only be FULL_OBJECT.")
    made = await storage.run(
        store_parts.begin_parts, storage, bucket=call.bucket, key=call.key,
        user_id=signed.identity.user_id, attributes=sent_attributes(call), checksum=algorithm,
        checksum_type=kind, now=utc_now(),
    )  # fmt: skip
    headers = [("content-type", "application/xml")]
    if algorithm is not None:
        headers += [
            ("x-amz-checksum-algorithm", algorithm.upper()),
            ("x-amz-checksum-type", kind or ""),
        ]
    body = document(
        "InitiateMultipartUploadResult",
        [tag("Bucket", call.bucket), tag("Key", call.key), tag("UploadId", made.id)],
    )
    return Reply(200, body, headers)


async def put_part(signed: Signed) -> Reply:
    call, service = signed.call, signed.service
    await signed.allowed("storage:object:create")
    number = _number(call)
    upload = await _found(signed)
    body = Upload(call, signed.claim, signed.identity.secret)
    await service.quotas.require(call.bucket, body.length or 0)

    def commit(incoming: Incoming) -> Part:
        body.check(incoming.md5, incoming.size_bytes)
        return store_parts.add_part(service.storage, upload, number, incoming, body.checksums())

    part, _ = await land(signed, body, commit)
    return Reply(headers=[("etag", f'"{part.etag}"'), *checksum_headers(part.checksums)[:1]])


async def copy_part(signed: Signed) -> Reply:
    call, service = signed.call, signed.service
    storage = service.storage
    await signed.allowed("storage:object:create")
    number = _number(call)
    upload = await _found(signed)
    bucket, key = await read_source(signed)
    source = await storage.run(open_object, storage, bucket, key)
    try:
        check_copy(call.headers, source.info)
        size = source.info.size_bytes
        text = call.header("x-amz-copy-source-range")
        start, end = 0, size
        if text is not None:
            try:
                part = parse_range(text, size)
            except NotSatisfiableError:
                part = None
            # Unlike a read's, this range must lie inside.
            if part is None or f"bytes={part.start}-{part.end - 1}" != text.replace(" ", ""):
                code = "InvalidRange" if part else "InvalidArgument"
                raise S3Error(code, f"The range does not lie in the {size} bytes of the source.")
            start, end = part.start, part.end
        await service.quotas.require(call.bucket, end - start)
        algorithm = upload.checksum
        digest = checksum(algorithm) if algorithm is not None else None
        incoming = await storage.run(
            _copy_span, storage, source.file.fileno(), start, end, service.max_object_bytes,
            [digest] if digest is not None else [],
        )  # fmt: skip
    finally:
        source.file.close()

    def commit() -> Part:
        sums = {digest.name: digest.encoded()} if digest is not None else {}
        return store_parts.add_part(storage, upload, number, incoming, sums)

    made = await finish(storage, incoming, commit)
    parts = [tag("LastModified", made.modified_at), tag("ETag", f'"{made.etag}"')]
    return xml_reply(document("CopyPartResult", parts))


async def complete(signed: Signed) -> Reply:
    call, service = signed.call, signed.service
    storage = service.storage
    await signed.allowed("storage:object:create")
    text = Upload(call, signed.claim, signed.identity.secret, about_body=False)
    body = await read_small(call, text, _MOST_XML)
    wanted = _wanted(parse(body, "CompleteMultipartUpload"))
    try:
        upload = await _found(signed)
    except S3Error:
        return await _completed_before(signed)
    there = {
        part.number: part for part in await storage.run(store_parts.list_parts, storage, upload)
    }
    chosen = _chosen(wanted, there)
    present = await storage.run(find_object, storage, call.bucket, call.key)
    only_new = check_write(call.headers, present)
    sums = _whole_checksum(upload, chosen)
    incoming = await storage.run(
        assemble, storage, upload, chosen, upload.checksum if sums is None else None
    )

    def commit() -> dict[str, str]:
        known = sums if sums is not None else incoming.checksums()
        _check_promise(call, known)
        attributes = replace(
            upload.attributes, etag=etag_of_parts(chosen), checksums=known,
            parts=tuple(part.size_bytes for part in chosen), upload=upload.id,
        )  # fmt: skip
        incoming.seal(attributes)
        place_object(storage, call.bucket, call.key, incoming.temporary, only_new=only_new)
        store_parts.end_parts(storage, call.bucket, upload.id)
        return known

    known = await finish(storage, incoming, commit)
    service.quotas.added(call.bucket, incoming.size_bytes)
    return _complete_reply(call, etag_of_parts(chosen), known)


async def abort(signed: Signed) -> Reply:
    await signed.allowed("storage:object:create")
    upload = await _found(signed)
    storage = signed.service.storage
    await storage.run(store_parts.end_parts, storage, signed.call.bucket, upload.id)
    return Reply(204)


async def list_parts(signed: Signed) -> Reply:
    call, storage = signed.call, signed.service.storage
    await signed.allowed("storage:object:create")
    upload = await _found(signed)
    most = call.number("max-parts", 1000, 1000)
    marker = call.number("part-number-marker", 0, 1 << 30)
    later = [
        p for p in await storage.run(store_parts.list_parts, storage, upload) if p.number > marker
    ]
    page = later[:most]
    more = len(later) > len(page)
    parts = [
        tag("Bucket", call.bucket), tag("Key", call.key), tag("UploadId", upload.id),
        _person("Initiator", upload.user_id), _person("Owner", upload.user_id),
        tag("StorageClass", "STANDARD"), tag("PartNumberMarker", marker),
        optional("NextPartNumberMarker", page[-1].number if page else None),
        tag("MaxParts", most), tag("IsTruncated", more),
        optional("ChecksumAlgorithm", upload.checksum.upper() if upload.checksum else None),
        optional("ChecksumType", upload.checksum_type),
        *(group("Part", [
            tag("PartNumber", p.number), tag("LastModified", p.modified_at),
            tag("ETag", f'"{p.etag}"'), tag("Size", p.size_bytes), *_sums(p),
        ]) for p in page),
    ]  # fmt: skip
    return xml_reply(document("ListPartsResult", parts))


async def list_uploads(signed: Signed) -> Reply:
    call, storage = signed.call, signed.service.storage
    await signed.allowed("storage:object:list")
    prefix, delimiter = call.query.get("prefix", ""), call.query.get("delimiter", "")
    marker, id_marker = call.query.get("key-marker", ""), call.query.get("upload-id-marker", "")
    most = call.number("max-uploads", 1000, 1000)
    found = await storage.run(store_parts.list_parts_uploads, storage, call.bucket)
    later = [
        u for u in found
        if u.key.startswith(prefix) and (u.key > marker or (u.key == marker and id_marker and u.id > id_marker))
    ]  # fmt: skip
    page: list[PartsUpload] = []
    prefixes: list[str] = []
    more = False
    for upload in later:
        at = upload.key.find(delimiter, len(prefix)) if delimiter else -1
        rolled = upload.key[: at + len(delimiter)] if at >= 0 else None
        if rolled is not None and rolled in prefixes:
            continue
        if len(page) + len(prefixes) == most:
            more = True
            break
        page.append(upload) if rolled is None else prefixes.append(rolled)
    parts = [
        tag("Bucket", call.bucket), tag("KeyMarker", marker), tag("UploadIdMarker", id_marker),
        tag("Prefix", prefix), optional("Delimiter", delimiter or None), tag("MaxUploads", most),
        tag("IsTruncated", more),
        *([tag("NextKeyMarker", page[-1].key), tag("NextUploadIdMarker", page[-1].id)]
          if more and page else []),
        *(group("Upload", [
            tag("Key", u.key), tag("UploadId", u.id), _person("Initiator", u.user_id),
            _person("Owner", u.user_id), tag("StorageClass", "STANDARD"),
            tag("Initiated", u.started_at),
        ]) for u in page),
        *(group("CommonPrefixes", [tag("Prefix", p)]) for p in prefixes),
    ]  # fmt: skip
    return xml_reply(document("ListMultipartUploadsResult", parts))


async def _found(signed: Signed) -> PartsUpload:
    call, storage = signed.call, signed.service.storage
    upload_id = call.query.get("uploadId", "")
    try:
        return await storage.run(
            store_parts.find_parts_upload, storage, call.bucket, call.key, upload_id
        )
    except NotFound as error:
        raise S3Error("NoSuchUpload", error.message, UploadId=upload_id[:60]) from None


async def _completed_before(signed: Signed) -> Reply:
    """A client that did not hear our answer asks again; the object is there already."""
    call, storage = signed.call, signed.service.storage
    info = await storage.run(find_object, storage, call.bucket, call.key)
    upload_id = call.query.get("uploadId", "")
    if info is None or info.attributes is None or info.attributes.upload != upload_id:
        raise S3Error("NoSuchUpload", f"There is no upload {upload_id[:60]} under way.")
    return _complete_reply(call, info.etag or "", dict(info.attributes.checksums))


def _complete_reply(call: Call, etag: str, sums: dict[str, str]) -> Reply:
    place = f"http://{call.header('host')}/{call.bucket}/{call.key}"
    parts = [
        tag("Location", place), tag("Bucket", call.bucket), tag("Key", call.key),
        tag("ETag", f'"{etag}"'), *(tag(_element(name), value) for name, value in sums.items()),
    ]  # fmt: skip
    if sums:
        kind = "COMPOSITE" if "-" in next(iter(sums.values())) else "FULL_OBJECT"
        parts.append(tag("ChecksumType", kind))
    return xml_reply(document("CompleteMultipartUploadResult", parts))


def _wanted(root: Element) -> list[tuple[int, str, dict[str, str]]]:
    found = []
    for element in root.findall("Part"):
        number, etag = text_of(element, "PartNumber"), text_of(element, "ETag")
        if number is None or not number.strip().isdigit() or etag is None:
            raise S3Error("MalformedXML", "Each part needs PartNumber and ETag.")
        sums = {name: value for name in LENGTHS if (value := text_of(element, _element(name)))}
        found.append((int(number), etag.strip().strip('"'), sums))
    if not found:
        raise S3Error("MalformedXML", "Name the parts that make up the object.")
    return found


def _chosen(wanted: list[tuple[int, str, dict[str, str]]], there: dict[int, Part]) -> list[Part]:
    chosen: list[Part] = []
    for number, etag, sums in wanted:
        if chosen and number <= chosen[-1].number:
            raise S3Error("InvalidPartOrder", "The parts must be named in ascending order.")
        part = there.get(number)
        if part is None or part.etag != etag:
            raise S3Error("InvalidPart", f"Part {number} is not there, or has another ETag.")
        for name, value in sums.items():
            if name in part.checksums and part.checksums[name] != value:
                raise S3Error("InvalidPart", f"Part {number} has another {name}.")
        chosen.append(part)
    for part in chosen[:-1]:
        if part.size_bytes < LEAST_PART_BYTES:
            raise S3Error(
                "EntityTooSmall", f"All parts but the last have at least {LEAST_PART_BYTES} bytes.",
                ETag=part.etag, PartNumber=str(part.number), ProposedSize=str(part.size_bytes),
            )  # fmt: skip
    return chosen


def _whole_checksum(upload: PartsUpload, chosen: list[Part]) -> dict[str, str] | None:
    """None: it must be made from the bytes."""
    name = upload.checksum
    if name is None:
        return {}
    if upload.checksum_type == "FULL_OBJECT":
        return None
    values = [part.checksums.get(name) for part in chosen]
    if any(value is None for value in values):
        return {}
    return {name: checksum_of_parts(name, [str(value) for value in values])}


def _check_promise(call: Call, known: dict[str, str]) -> None:
    for name, value in known.items():
        sent = call.header(f"x-amz-checksum-{name}")
        if sent is not None and sent.partition("-")[0] != value.partition("-")[0]:
            raise S3Error("BadDigest", f"The object's {name} is not the one that was sent along.")


def _number(call: Call) -> int:
    number = call.number("partNumber", 0, 1 << 30)
    if not 1 <= number <= store_parts.MOST_PARTS:
        raise S3Error("InvalidArgument", f"A part's number is 1 to {store_parts.MOST_PARTS}.")
    return number


def _copy_span(
    storage: Storage, source: int, start: int, end: int, limit_bytes: int, digests: list[Checksum]
) -> Incoming:
    incoming = Incoming(storage, "the part", limit_bytes=limit_bytes, digests=digests)
    try:
        while start < end and (block := os.pread(source, min(BLOCK_BYTES, end - start), start)):
            incoming.write(block)
            start += len(block)
    except BaseException:
        incoming.discard()
        raise
    return incoming


def _person(name: str, user_id: str) -> str:
    return group(name, [tag("ID", user_id), tag("DisplayName", user_id)])


def _sums(part: Part) -> list[str]:
    return [tag(_element(name), value) for name, value in part.checksums.items()]


def _element(name: str) -> str:
    return "Checksum" + name.upper()
