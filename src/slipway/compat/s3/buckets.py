"""Operations on buckets, and on the list of them."""

from __future__ import annotations

from slipway.assets import buckets as store_buckets
from slipway.assets.keys import checked_bucket_name
from slipway.assets.queries import list_buckets_of
from slipway.base.clock import utc_now
from slipway.base.errors import SlipwayError
from slipway.compat.s3.body import Upload, read_small
from slipway.compat.s3.call import Reply
from slipway.compat.s3.errors import S3Error, translated_error
from slipway.compat.s3.service import Signed
from slipway.compat.s3.writing import check_acl, delete_checked, xml_reply
from slipway.compat.s3.xml import document, group, optional, parse, tag, text_of
from slipway.iam.queries import list_projects

_MOST_XML = 4 << 20
_MOST_DELETED = 1000
_Conditions = tuple[str | None, ...]
_NO_PLACE = ("", "us-east-1", "EU")


async def list_buckets(signed: Signed) -> Reply:
    """Those of all projects the key's owner may list buckets in."""
    call, service = signed.call, signed.service
    actors = [signed.identity.actor_in(m.project_id) for m in signed.identity.memberships]
    own = {a.project_id for a in actors if a is not None and a.may("storage:bucket:list")}
    async with service.db.read() as session:
        found = await list_buckets_of(session, own)
    missing = own - {bucket.name for bucket in found}
    for project in missing:
        await service.access.project_of(project)  # a project's own bucket is made when first seen
    if missing:
        async with service.db.read() as session:
            found = await list_buckets_of(session, own)
    prefix, token = call.query.get("prefix", ""), call.query.get("continuation-token", "")
    most = call.number("max-buckets", 10_000, 10_000)
    later = [b for b in found if b.name.startswith(prefix) and b.name > token]
    page = later[:most]
    owner = signed.identity
    parts = [
        group("Owner", [tag("ID", owner.user_id), tag("DisplayName", owner.user_name)]),
        group("Buckets", [
            group("Bucket", [tag("Name", b.name), tag("CreationDate", b.created_at)]) for b in page
        ]),
        optional("Prefix", prefix or None),
        optional("ContinuationToken", page[-1].name if len(later) > len(page) and page else None),
    ]  # fmt: skip
    return xml_reply(document("ListAllMyBucketsResult", parts))


async def create_bucket(signed: Signed) -> Reply:
    """In the project that the location names (its id or name), else in the owner's first."""
    call, service = signed.call, signed.service
    body = await read_small(call, Upload(call, signed.claim, signed.identity.secret), _MOST_XML)
    place = ""
    if body.strip():
        place = text_of(parse(body, "CreateBucketConfiguration"), "LocationConstraint") or ""
    check_acl(call.header("x-amz-acl"))
    owner = await service.access.project_of(call.bucket)
    if owner is not None and (same := signed.identity.actor_in(owner)) is not None:
        same.require("storage:bucket:create")
        if service.region == "us-east-1" and place in _NO_PLACE:
            return Reply(headers=[("location", f"/{call.bucket}")])  # as that region always did
        raise S3Error("BucketAlreadyOwnedByYou", f"You already have the bucket {call.bucket}.")
    project = await _project(signed, place)
    actor = signed.identity.actor_in(project)
    if actor is None:
        raise S3Error("AccessDenied", "You are in no project in which a bucket could be made.")
    actor.require("storage:bucket:create")
    checked_bucket_name(call.bucket)
    await store_buckets.create_bucket(
        service.db, service.storage, actor, name=call.bucket, description="", now=utc_now()
    )
    service.access.forget_bucket(call.bucket)
    return Reply(headers=[("location", f"/{call.bucket}")])


async def delete_bucket(signed: Signed) -> Reply:
    call, service = signed.call, signed.service
    actor = await signed.allowed("storage:bucket:delete")
    await store_buckets.delete_bucket(service.db, service.storage, actor, call.bucket)
    service.access.forget_bucket(call.bucket)
    return Reply(204)


async def head_bucket(signed: Signed) -> Reply:
    await signed.allowed("storage:object:list")
    return Reply(headers=[("x-amz-bucket-region", signed.service.region)])


async def get_location(signed: Signed) -> Reply:
    await signed.allowed("storage:object:list")
    region = signed.service.region
    body = document("LocationConstraint", []).decode()
    inside = "" if region == "us-east-1" else region
    return xml_reply(
        body.replace("></LocationConstraint>", f">{inside}</LocationConstraint>").encode()
    )


async def delete_objects(signed: Signed) -> Reply:
    call, service = signed.call, signed.service
    await signed.allowed("storage:object:delete")
    body = await read_small(call, Upload(call, signed.claim, signed.identity.secret), _MOST_XML)
    root = parse(body, "Delete")
    quiet = (text_of(root, "Quiet") or "").strip().lower() == "true"
    wanted: dict[str, _Conditions] = {}
    for element in root.findall("Object"):
        key = text_of(element, "Key")
        if key is None:
            raise S3Error("MalformedXML", "Each object needs a Key.")
        wanted[key] = tuple(text_of(element, n) for n in ("ETag", "Size", "LastModifiedTime"))
    if not 1 <= len(root.findall("Object")) <= _MOST_DELETED:
        raise S3Error("MalformedXML", f"Name 1 to {_MOST_DELETED} objects.")
    failed = await service.storage.run(_delete_all, signed, wanted)
    parts = [
        group("Error", [tag("Key", key), tag("Code", e.code), tag("Message", e.message)])
        for key, e in failed.items()
    ]
    if not quiet:
        parts += [group("Deleted", [tag("Key", key)]) for key in wanted if key not in failed]
    return xml_reply(document("DeleteResult", parts))


def _delete_all(signed: Signed, wanted: dict[str, _Conditions]) -> dict[str, S3Error]:
    failed: dict[str, S3Error] = {}
    for key, conditions in wanted.items():
        try:
            delete_checked(signed.service.storage, signed.call.bucket, key, *conditions)
        except S3Error as error:
            failed[key] = error
        except SlipwayError as error:
            failed[key] = translated_error(error)
    return failed


async def _project(signed: Signed, place: str) -> str:
    identity, service = signed.identity, signed.service
    for membership in identity.memberships:
        if place in (membership.project_id, membership.project_name):
            return membership.project_id
    if identity.is_admin and place:
        async with service.db.read() as session:
            for row in await list_projects(session):
                if place in (row.id, row.name):
                    return row.id
    if place not in (*_NO_PLACE, service.region):
        raise S3Error(
            "InvalidLocationConstraint",
            f"The location {place[:60]} is neither {service.region} nor a project of yours.",
        )
    for membership in identity.memberships:
        actor = identity.actor_in(membership.project_id)
        if actor is not None and actor.may("storage:bucket:create"):
            return membership.project_id
    return identity.memberships[0].project_id if identity.memberships else ""
