"""Storage over HTTP: what a caller sends is what lies on disk, whole or not at all."""

from __future__ import annotations

import asyncio
import hashlib
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from slipway.assets import uploads
from slipway.assets.buckets import resolve_any, resolve_directory, resolve_file
from slipway.assets.storage import Storage
from slipway.base.clock import utc_now
from slipway.base.errors import NotFound
from slipway.base.events import list_events
from tests.assets.house import House


async def put(client: httpx.AsyncClient, bucket: str, key: str, body: bytes = b"x") -> None:
    answer = await client.put(f"/buckets/{bucket}/objects/{key}", content=body)
    assert answer.status_code == 201, answer.text


@pytest.fixture
async def pond(house: House) -> str:
    answer = await house.a.post("/buckets", json={"name": "pond", "description": "fish"})
    assert answer.status_code == 201, answer.text
    return "pond"


async def test_a_file_comes_back_as_it_was_sent(house: House, pond: str) -> None:
    body = os.urandom(3_000_001)
    put = await house.a.put(f"/buckets/{pond}/objects/a/深/b.bin", content=body)
    assert put.status_code == 201
    view = put.json()
    assert view["key"] == "a/深/b.bin" and view["name"] == "b.bin"
    assert view["size_bytes"] == len(body) and view["kind"] == "file"
    assert view["etag"] == hashlib.md5(body).hexdigest()
    got = await house.a.get(f"/buckets/{pond}/objects/a/深/b.bin")
    assert got.content == body and got.headers["etag"] == f'"{view["etag"]}"'
    assert (house.storage.root / pond / "a/深/b.bin").read_bytes() == body
    assert list(house.storage.temporary.iterdir()) == []


async def test_a_part_of_a_file_can_be_had(house: House, pond: str) -> None:
    await put(house.a, pond, "digits.txt", b"0123456789")
    url = f"/buckets/{pond}/objects/digits.txt"
    part = await house.a.get(url, headers={"Range": "bytes=2-4"})
    assert (part.status_code, part.content) == (206, b"234")
    assert part.headers["content-range"] == "bytes 2-4/10"
    beyond = await house.a.get(url, headers={"Range": "bytes=10-"})
    assert beyond.status_code == 416 and beyond.headers["content-range"] == "bytes */10"
    assert beyond.json()["error"]["code"] == "bad_range"
    head = await house.a.head(url)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == "10"
    same = await house.a.get(url, headers={"If-None-Match": head.headers["etag"]})
    assert same.status_code == 304
    stale = await house.a.get(url, headers={"Range": "bytes=2-4", "If-Range": '"other"'})
    assert (stale.status_code, stale.content) == (200, b"0123456789")


async def test_a_page_among_the_files_runs_nothing(house: House, pond: str) -> None:
    await put(house.a, pond, "evil.html", b"<script>alert(1)</script>")
    got = await house.a.get(f"/buckets/{pond}/objects/evil.html")
    assert "sandbox" in got.headers["content-security-policy"]
    assert got.headers["x-content-type-options"] == "nosniff"
    await put(house.a, pond, "evil.svg", b"<svg/>")
    got = await house.a.get(f"/buckets/{pond}/objects/evil.svg")
    assert got.headers["content-disposition"].startswith("attachment")


async def test_a_folder_is_listed_page_by_page(house: House, pond: str) -> None:
    for name in ("b.txt", "a.txt", "sub/x.txt", "sub/deep/y.txt", "zoo/z.txt"):
        await put(house.a, pond, name)
    seen, cursor = [], None
    while True:
        params = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await house.a.get(f"/buckets/{pond}/objects", params=params)).json()
        assert page["total"] is None
        seen += [(item["kind"], item["key"]) for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [("folder", "sub/"), ("folder", "zoo/"), ("file", "a.txt"), ("file", "b.txt")]
    inside = (await house.a.get(f"/buckets/{pond}/objects?prefix=sub/")).json()
    assert [item["name"] for item in inside["items"]] == ["deep", "x.txt"]
    begins = (await house.a.get(f"/buckets/{pond}/objects?prefix=sub/x")).json()
    assert [item["key"] for item in begins["items"]] == ["sub/x.txt"]
    missing = (await house.a.get(f"/buckets/{pond}/objects?prefix=nowhere/")).json()
    assert missing["items"] == []


async def test_everything_below_is_listed_page_by_page(house: House, pond: str) -> None:
    names = ["a-b/1", "a/1", "a/2/x", "a/2.txt", "b"]
    for name in names:
        await put(house.a, pond, name)
    seen, cursor = [], ""
    while cursor is not None:
        params = {"limit": "1", "delimiter": ""} | ({"cursor": cursor} if cursor else {})
        page = (await house.a.get(f"/buckets/{pond}/objects", params=params)).json()
        seen += [item["key"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert seen == sorted(names)


async def test_moving_and_copying(house: House, pond: str) -> None:
    await put(house.a, pond, "old/a.txt", b"fish")
    move = {"from": "old/a.txt", "to": "new/b.txt"}
    assert (await house.a.post(f"/buckets/{pond}/move", json=move)).json()["key"] == "new/b.txt"
    assert (await house.a.post(f"/buckets/{pond}/move", json=move)).status_code == 404
    copy = {"from": "new", "to": "copy"}
    made = await house.a.post(f"/buckets/{pond}/copy", json=copy)
    assert made.status_code == 201 and made.json()["kind"] == "folder"
    assert (house.storage.root / pond / "copy/b.txt").read_bytes() == b"fish"
    again = await house.a.post(f"/buckets/{pond}/copy", json=copy)
    assert again.status_code == 409 and again.json()["error"]["code"] == "path_taken"
    inside = await house.a.post(f"/buckets/{pond}/move", json={"from": "new", "to": "new/er"})
    assert inside.status_code == 400
    over = {"from": "copy/b.txt", "to": "new/b.txt", "overwrite": True}
    assert (await house.a.post(f"/buckets/{pond}/move", json=over)).status_code == 200
    away = {"from": "new/b.txt", "to": "b.txt", "to_bucket": "not-mine"}
    assert (await house.a.post(f"/buckets/{pond}/move", json=away)).status_code == 404


async def test_a_folder_goes_only_when_meant(house: House, pond: str) -> None:
    await put(house.a, pond, "d/1")
    await put(house.a, pond, "d/e/2")
    kept = await house.a.delete(f"/buckets/{pond}/objects/d")
    assert kept.status_code == 409 and kept.json()["error"]["code"] == "not_empty"
    gone = await house.a.delete(f"/buckets/{pond}/objects/d?recursive=true")
    assert gone.json() == {"deleted": 2}
    assert not (house.storage.root / pond / "d").exists()
    async with house.db.read() as session:
        events = await list_events(session, project_id=house.project, subject_id=pond)
    assert [(event.type, event.data) for event in events] == [
        ("storage:bucketCreated", {}),
        ("storage:folderDeleted", {"key": "d", "files": 2}),
    ]


async def test_removing_a_link_leaves_what_it_points_to(house: House, pond: str) -> None:
    await put(house.a, pond, "real/1")
    (house.storage.root / pond / "alias").symlink_to("real")
    gone = await house.a.delete(f"/buckets/{pond}/objects/alias?recursive=true")
    assert gone.status_code == 200
    assert (house.storage.root / pond / "real/1").exists()


async def test_a_new_folder_is_there_and_empty(house: House, pond: str) -> None:
    made = await house.a.post(f"/buckets/{pond}/folders", json={"key": "x/y"})
    assert made.status_code == 201 and made.json()["key"] == "x/y/"
    assert (await house.a.delete(f"/buckets/{pond}/objects/x/y")).json() == {"deleted": 0}
    await put(house.a, pond, "file")
    clash = await house.a.post(f"/buckets/{pond}/folders", json={"key": "file"})
    assert clash.status_code == 409
    under = await house.a.put(f"/buckets/{pond}/objects/file/below", content=b"x")
    assert under.status_code == 409 and "file and a folder" in under.json()["error"]["message"]


async def test_buckets_belong_to_one_project(house: House, pond: str) -> None:
    mine = (await house.a.get("/buckets")).json()["items"]
    assert [bucket["name"] for bucket in mine] == [pond, house.project] or [
        bucket["name"] for bucket in mine
    ] == [house.project, pond]
    assert all(bucket["name"] != pond for bucket in (await house.b.get("/buckets")).json()["items"])
    await put(house.a, pond, "secret")
    refused = [
        await house.b.get(f"/buckets/{pond}/objects"),
        await house.b.get(f"/buckets/{pond}/objects/secret"),
        await house.b.put(f"/buckets/{pond}/objects/secret", content=b"mine"),
        await house.b.delete(f"/buckets/{pond}/objects/secret"),
        await house.b.delete(f"/buckets/{pond}"),
        await house.b.post("/uploads", json={"bucket": pond, "key": "x", "size": 1}),
        await house.b.get(f"/buckets/{house.project}/objects"),
    ]
    assert [answer.status_code for answer in refused] == [404] * 7
    taken = await house.b.post("/buckets", json={"name": pond})
    assert taken.status_code == 409 and taken.json()["error"]["code"] == "name_taken"
    assert (house.storage.root / pond / "secret").read_bytes() == b"x"


async def test_two_same_bucket_names_at_once_make_one(house: House) -> None:
    answers = await asyncio.gather(
        *(client.post("/buckets", json={"name": "same"}) for client in (house.a, house.b))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409]


async def test_only_an_empty_bucket_can_be_deleted(house: House, pond: str) -> None:
    await put(house.a, pond, "x")
    full = await house.a.delete(f"/buckets/{pond}")
    assert full.status_code == 409 and full.json()["error"]["code"] == "not_empty"
    await house.a.delete(f"/buckets/{pond}/objects/x")
    assert (await house.a.delete(f"/buckets/{pond}")).status_code == 204
    assert (await house.a.get(f"/buckets/{pond}/objects")).status_code == 404
    own = await house.a.delete(f"/buckets/{house.project}")
    assert own.status_code == 409 and own.json()["error"]["code"] == "default_bucket"


async def test_the_projects_own_bucket_needs_no_making(house: House) -> None:
    await put(house.a, house.project, "hello.txt", b"hi")
    buckets = (await house.a.get("/buckets")).json()["items"]
    assert [(b["name"], b["is_default"]) for b in buckets] == [(house.project, True)]
    assert buckets[0]["usage"]["size_bytes"] == 2
    assert buckets[0]["blocked"]["delete"]


@pytest.mark.parametrize(
    "key", ["..%2F..%2Fx", "%2Fetc%2Fpasswd", "a%2F..%2F..%2Fb", "x" * 300, "a%00"]
)
async def test_a_path_out_of_the_bucket_is_refused(house: House, pond: str, key: str) -> None:
    for method in ("PUT", "GET", "DELETE"):
        answer = await house.a.request(method, f"/buckets/{pond}/objects/{key}")
        assert answer.status_code == 400, (method, answer.text)
        assert answer.json()["error"]["code"] == "bad_path"


async def test_a_large_upload_is_refused_and_leaves_nothing(house: House, pond: str) -> None:
    limit = house.settings.max_upload_bytes

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(limit // 1_000_000 + 2):
            yield b"x" * 1_000_000

    for body in (endless(), b"x" * (limit + 1)):
        answer = await house.a.put(f"/buckets/{pond}/objects/big", content=body)
        assert answer.status_code == 413
    assert not (house.storage.root / pond / "big").exists()
    assert list(house.storage.temporary.iterdir()) == []


async def test_an_upload_that_breaks_off_leaves_the_old_file(house: House, pond: str) -> None:
    await put(house.a, pond, "kept", b"old")

    async def breaks() -> AsyncIterator[bytes]:
        yield b"new" * 1_000_000
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await house.a.put(f"/buckets/{pond}/objects/kept", content=breaks())
    assert (house.storage.root / pond / "kept").read_bytes() == b"old"
    assert list(house.storage.temporary.iterdir()) == []


async def test_an_existing_file_can_be_protected(house: House, pond: str) -> None:
    await put(house.a, pond, "kept", b"old")
    url, only_new = f"/buckets/{pond}/objects/kept", {"If-None-Match": "*"}
    clash = await house.a.put(url, content=b"new", headers=only_new)
    assert clash.status_code == 409
    assert (house.storage.root / pond / "kept").read_bytes() == b"old"
    assert list(house.storage.temporary.iterdir()) == []
    fresh = await house.a.put(f"/buckets/{pond}/objects/new", content=b"1", headers=only_new)
    assert fresh.status_code == 201


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    disk = tmp_path / "tiny"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("this machine does not allow mounting")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


async def test_a_full_disk_is_said_and_leaves_nothing(house: House, tiny_disk: Path) -> None:
    house.app.state.storage = small = Storage(tiny_disk)

    async def chunked() -> AsyncIterator[bytes]:
        for _ in range(8):
            yield b"x" * 500_000

    url = f"/buckets/{house.project}/objects/big"
    for body in (chunked(), b"x" * 4_000_000):
        answer = await house.a.put(url, content=body)
        assert answer.status_code == 507, answer.text
        assert answer.json()["error"]["code"] == "storage_full"
    assert not (small.root / house.project / "big").exists()
    assert list(small.temporary.iterdir()) == []
    await put(house.a, house.project, "small", b"x" * 1_000_000)
    small.close()


async def test_an_upload_goes_on_where_it_stopped(house: House, pond: str) -> None:
    body = os.urandom(2_500_000)
    form = {"bucket": pond, "key": "d/big.bin", "size": len(body)}
    begun = (await house.a.post("/uploads", json=form)).json()
    assert begun["offset"] == 0
    url = f"/uploads/{begun['id']}"

    async def breaks() -> AsyncIterator[bytes]:
        yield body[:1_200_000]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await house.a.patch(url, content=breaks(), headers={"Upload-Offset": "0"})
    # The platform restarts: nothing in memory is needed to go on.
    house.app.state.storage = Storage(house.storage.root)
    offset = int((await house.a.head(url)).headers["upload-offset"])
    assert offset == 1_200_000
    wrong = await house.a.patch(url, content=b"x", headers={"Upload-Offset": "7"})
    assert wrong.status_code == 409 and wrong.json()["error"]["details"] == {"offset": offset}
    listed = (await house.a.get("/uploads")).json()["items"]
    assert [(item["id"], item["offset"]) for item in listed] == [(begun["id"], offset)]
    assert not (house.storage.root / pond / "d/big.bin").exists()
    done = await house.a.patch(url, content=body[offset:], headers={"Upload-Offset": str(offset)})
    assert done.json()["done"] is True
    assert (house.storage.root / pond / "d/big.bin").read_bytes() == body
    assert list(house.storage.uploads.iterdir()) == []
    assert (await house.a.get(url)).status_code == 404
    house.app.state.storage.close()


async def test_more_bytes_than_announced_are_refused(house: House, pond: str) -> None:
    form = {"bucket": pond, "key": "x", "size": 3}
    url = "/uploads/" + (await house.a.post("/uploads", json=form)).json()["id"]
    over = await house.a.patch(url, content=b"1234", headers={"Upload-Offset": "0"})
    assert over.status_code == 409 and over.json()["error"]["code"] == "too_many_bytes"
    assert (await house.b.get(url)).status_code == 404
    assert (await house.a.delete(url)).status_code == 204
    assert list(house.storage.uploads.iterdir()) == []


async def test_an_empty_upload_is_complete_at_once(house: House, pond: str) -> None:
    form = {"bucket": pond, "key": "empty", "size": 0}
    assert (await house.a.post("/uploads", json=form)).json()["done"] is True
    assert (house.storage.root / pond / "empty").read_bytes() == b""


async def test_uploads_nobody_continues_are_swept(house: House, pond: str) -> None:
    form = {"bucket": pond, "key": "x", "size": 3}
    begun = (await house.a.post("/uploads", json=form)).json()
    assert await uploads.sweep_uploads(house.db, house.storage, now=utc_now()) == 0
    later = utc_now() + timedelta(days=8)
    assert await uploads.sweep_uploads(house.db, house.storage, now=later) == 1
    assert (await house.a.get(f"/uploads/{begun['id']}")).status_code == 404
    assert list(house.storage.uploads.iterdir()) == []


async def test_other_rooms_find_places_by_address(house: House, pond: str) -> None:
    await put(house.a, pond, "d/f.txt")
    async with house.db.read() as session:
        directory = await resolve_directory(session, house.storage, house.actor, f"{pond}/d/")
        assert directory == house.storage.root / pond / "d"
        file = await resolve_file(session, house.storage, house.project, f"{pond}/d/f.txt")
        assert file.read_bytes() == b"x"
        assert await resolve_any(session, house.storage, house.project, f"{pond}/d") == directory
        made = await resolve_directory(
            session, house.storage, house.project, f"{house.project}/out", create=True
        )
        assert made.is_dir()
        for address in (f"{pond}/none", f"{pond}/d/f.txt", "nobucket/x"):
            with pytest.raises(NotFound):
                await resolve_directory(session, house.storage, house.project, address)
        with pytest.raises(NotFound):
            await resolve_directory(session, house.storage, house.other_project, f"{pond}/d")


async def test_a_viewer_may_look_but_not_write(house: House, pond: str) -> None:
    from slipway.iam import users
    from slipway.iam.roles import Role

    await put(house.a, pond, "x")
    await users.set_member(
        house.db, house.actor, house.project, user_name="bob", role=Role.VIEWER, now=utc_now()
    )
    house.b.headers["X-Slipway-Project"] = house.project
    assert (await house.b.get(f"/buckets/{pond}/objects/x")).status_code == 200
    for answer in (
        await house.b.put(f"/buckets/{pond}/objects/y", content=b"1"),
        await house.b.delete(f"/buckets/{pond}/objects/x"),
        await house.b.post(f"/buckets/{pond}/folders", json={"key": "z"}),
        await house.b.post("/uploads", json={"bucket": pond, "key": "z", "size": 1}),
    ):
        assert answer.status_code == 403
