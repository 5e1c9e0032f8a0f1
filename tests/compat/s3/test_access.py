"""Whose request it is, and what they may do: exactly as in the platform's own API."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from slipway.base.database import Database
from slipway.base.settings import Settings
from slipway.compat.s3.main import create_s3_app
from slipway.iam.roles import Role
from tests.running import Person, World, listening, open_world, until


@dataclass
class Place:
    """The endpoint over `world`'s database, and clients of it."""

    world: World
    url: str
    opened: list[Any]

    async def key(self, person: Person) -> tuple[str, str]:
        made = await person.ok("POST", "/keys", json={"kind": "access"})
        return made["id"], made["secret"]

    def s3(self, key: tuple[str, str]) -> Any:
        client = boto3.client(
            "s3", endpoint_url=self.url, aws_access_key_id=key[0], aws_secret_access_key=key[1],
            region_name="us-east-1", config=Config(retries={"max_attempts": 0}),
        )  # fmt: skip
        self.opened.append(client)
        return client


@pytest.fixture
async def place(db: Database, settings: Settings) -> AsyncIterator[Place]:
    async with open_world(db, settings) as world:
        state = world.app.state
        app = create_s3_app(settings, db, state.storage, state.sealer)
        app.state = type("State", (), {})()  # type: ignore[attr-defined]
        async with listening(app) as url:  # type: ignore[arg-type]
            state.s3_url = url
            place = Place(world, url, [])
            yield place
            for client in place.opened:
                client.close()


async def code(function: Any, **words: Any) -> str:
    try:
        await asyncio.to_thread(function, **words)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "ok"


async def test_roles_hold_as_in_the_api(place: Place) -> None:
    world = place.world
    project = world.ann.actor.project_id
    ann = place.s3(await place.key(world.ann))
    assert await code(ann.create_bucket, Bucket="shared") == "ok"
    assert await code(ann.put_object, Bucket="shared", Key="k", Body=b"x") == "ok"
    viewer = place.s3(await place.key(await world.person("vera", Role.VIEWER, project)))
    annotator = place.s3(await place.key(await world.person("nora", Role.ANNOTATOR, project)))
    for call, words, by_viewer, by_annotator in (
        (("get_object"), {"Key": "k"}, "ok", "AccessDenied"),
        (("list_objects_v2"), {}, "ok", "AccessDenied"),
        (("put_object"), {"Key": "new", "Body": b"x"}, "AccessDenied", "AccessDenied"),
        (("delete_object"), {"Key": "k"}, "AccessDenied", "AccessDenied"),
        (("create_multipart_upload"), {"Key": "k"}, "AccessDenied", "AccessDenied"),
        (("put_object_tagging"), {"Key": "k", "Tagging": {"TagSet": []}}, "AccessDenied", "AccessDenied"),
        (("delete_bucket"), {}, "AccessDenied", "AccessDenied"),
    ):  # fmt: skip
        assert await code(getattr(viewer, call), Bucket="shared", **words) == by_viewer, call
        assert await code(getattr(annotator, call), Bucket="shared", **words) == by_annotator, call


async def test_another_project_sees_nothing(place: Place) -> None:
    ann = place.s3(await place.key(place.world.ann))
    bob = place.s3(await place.key(place.world.bob))
    assert await code(ann.create_bucket, Bucket="secret") == "ok"
    assert await code(ann.put_object, Bucket="secret", Key="k", Body=b"x") == "ok"
    assert await code(bob.create_bucket, Bucket="bobs") == "ok"
    own = place.world.ann.actor.project_id
    for bucket in ("secret", own, "never-there"):  # the three cannot be told apart
        for call, words in (
            ("get_object", {"Key": "k"}), ("put_object", {"Key": "k", "Body": b""}),
            ("list_objects_v2", {}), ("delete_object", {"Key": "k"}), ("get_bucket_location", {}),
            ("delete_bucket", {}), ("list_multipart_uploads", {}),
        ):  # fmt: skip
            assert await code(getattr(bob, call), Bucket=bucket, **words) == "NoSuchBucket"
        assert await code(
            bob.copy_object, Bucket="bobs", Key="stolen", CopySource={"Bucket": bucket, "Key": "k"}
        ) == "NoSuchBucket"  # fmt: skip
    listed = await asyncio.to_thread(bob.list_buckets)
    names = {item["Name"] for item in listed["Buckets"]}
    assert names == {"bobs", place.world.bob.actor.project_id}


async def test_keys_that_are_off_ended_or_gone_are_refused(place: Place) -> None:
    ann = place.world.ann
    key = await place.key(ann)
    s3 = place.s3(key)
    assert await code(s3.list_buckets) == "ok"
    await ann.ok("PATCH", f"/keys/{key[0]}", json={"enabled": False})

    async def says(wanted: str) -> bool:
        return await code(s3.list_buckets) == wanted

    await until(lambda: says("InvalidAccessKeyId"), 60)
    await ann.ok("PATCH", f"/keys/{key[0]}", json={"enabled": True})
    await until(lambda: says("ok"), 60)
    assert (await ann.ok("GET", "/keys"))["items"][0]["last_used_at"] is not None
    await ann.ok("DELETE", f"/keys/{key[0]}")
    await until(lambda: says("InvalidAccessKeyId"), 60)
    assert await code(place.s3((key[0], "wrong")).list_buckets) == "InvalidAccessKeyId"
    other = await place.key(ann)
    assert await code(place.s3((other[0], "wrong")).list_buckets) == "SignatureDoesNotMatch"
    # A token of the API is not an access key.
    token = await ann.ok("POST", "/keys", json={"kind": "token"})
    assert await code(place.s3((token["id"], token["secret"])).list_buckets) == "InvalidAccessKeyId"


async def test_a_member_who_leaves_loses_the_bucket(place: Place) -> None:
    world = place.world
    vera = await world.person("vera", Role.DEVELOPER, world.ann.actor.project_id)
    s3, owner = place.s3(await place.key(vera)), place.s3(await place.key(world.ann))
    assert await code(owner.create_bucket, Bucket="shared") == "ok"
    assert await code(s3.list_objects_v2, Bucket="shared") == "ok"
    project = world.ann.actor.project_id
    await world.ann.ok("DELETE", f"/projects/{project}/members/{vera.actor.user_id}")

    async def gone() -> bool:
        return await code(s3.list_objects_v2, Bucket="shared") == "NoSuchBucket"

    await until(gone, 60)


async def holds(person: Person, bucket: str, size_bytes: int) -> bool:
    """Whether the API's own figure, which its quota goes by, has caught up with the endpoint."""
    view = await person.ok("PUT", f"/buckets/{bucket}/quota", json={"quota_bytes": 1000})
    return bool(view["usage"]["size_bytes"] == size_bytes)


async def test_quotas_hold_on_both_ways_in(place: Place) -> None:
    ann = place.world.ann
    s3 = place.s3(await place.key(ann))
    assert await code(s3.create_bucket, Bucket="small") == "ok"
    view = await ann.ok("PUT", "/buckets/small/quota", json={"quota_bytes": 1000})
    assert view["quota_bytes"] == 1000
    assert await code(s3.put_object, Bucket="small", Key="a", Body=b"x" * 600) == "ok"
    await until(lambda: holds(ann, "small", 600), 60)
    assert await code(s3.put_object, Bucket="small", Key="b", Body=b"x" * 600) == "QuotaExceeded"
    status, error = await ann.refused("PUT", "/buckets/small/objects/b", content=b"x" * 600)
    assert (status, error["code"]) == (507, "quota_exceeded")
    form = {"bucket": "small", "key": "c", "size": 600}
    assert (await ann.refused("POST", "/uploads", json=form))[0] == 507
    assert await code(s3.put_object, Bucket="small", Key="b", Body=b"x" * 300) == "ok"
    assert await code(s3.delete_object, Bucket="small", Key="a") == "ok"
    assert await code(s3.put_object, Bucket="small", Key="b", Body=b"x" * 600) == "ok"
    developer = await place.world.person("dev", Role.DEVELOPER, ann.actor.project_id)
    status, _ = await developer.refused("PUT", "/buckets/small/quota", json={"quota_bytes": None})
    assert status == 403
