"""The stream of routes: everything first, then only what differs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from slipway.serving import wake
from slipway.serving.feed import follow_routes
from slipway.serving.routing import changes
from tests.models.house import House
from tests.serving.conftest import form


async def following(house: House, ping_s: float = 15) -> AsyncIterator[dict[str, Any]]:
    async with aclosing(follow_routes(house.db, ping_s=ping_s)) as lines:
        async for line in lines:
            assert line.endswith(b"\n")
            yield json.loads(line)


async def test_a_gateway_hears_everything_and_then_each_change(house: House) -> None:
    made = (await house.a.post("/services", json=form(auth=True))).json()
    async with aclosing(following(house)) as feed:
        reset = await anext(feed)
        assert reset["op"] == "reset"
        (service,) = reset["services"]
        version = {"id": f"{made['id']}-1", "weight": 100, "replicas": []}
        assert service == {
            "id": made["id"], "project": house.project, "name": "echo", "state": "starting",
            "auth": True, "models": [], "llm": False,
            "limits": {"qps_per_replica": None, "concurrency_per_replica": None},
            "versions": [version],
        }  # fmt: skip
        # The key people see; those of the console are made when somebody calls from there.
        assert len(reset["keys"]) == 1
        assert {k["services"][0] for k in reset["keys"]} == {made["id"]}
        assert made["key"]["secret"] not in json.dumps(reset)

        await house.a.patch(f"/services/{made['id']}", json={"limit": {"qps_per_replica": 7}})
        put = await anext(feed)
        assert (put["op"], put["kind"], put["id"]) == ("put", "service", made["id"])
        assert put["value"]["limits"]["qps_per_replica"] == 7
        assert put["version"] > reset["version"]

        key = made["key"]["id"]
        await house.a.post(f"/services/{made['id']}/keys/{key}/reset")
        gone, fresh = await anext(feed), await anext(feed)
        assert (gone["op"], gone["kind"], gone["id"]) == ("delete", "key", key)
        assert (fresh["op"], fresh["kind"]) == ("put", "key")
        # A new description is nothing to a gateway, so the next message is of the next change.
        await house.a.patch(f"/services/{made['id']}", json={"description": "x"})
        await house.a.put(f"/services/{made['id']}/auth", json={"required": False})
        put = await anext(feed)
        assert (put["kind"], put["value"]["auth"]) == ("service", False)


async def test_a_lost_hint_is_made_up_for_with_the_next_ping(house: House) -> None:
    async with aclosing(following(house, ping_s=0.2)) as feed:
        assert (await anext(feed))["services"] == []
        tell, wake.services.tell = wake.services.tell, lambda _subject: None  # type: ignore[method-assign]
        try:
            made = (await house.a.post("/services", json=form())).json()
        finally:
            wake.services.tell = tell  # type: ignore[method-assign]
        seen = [await anext(feed) for _ in range(3)]
        while not any(m.get("id") == made["id"] for m in seen):
            seen = [*seen[1:], await anext(feed)]
        assert {m["op"] for m in seen} <= {"put", "ping"}


async def test_a_feed_ends_when_the_process_goes_down(house: House) -> None:
    async with aclosing(following(house)) as feed:
        assert (await anext(feed))["op"] == "reset"
        following_on = asyncio.create_task(anext(feed, None))
        await asyncio.sleep(0)
        wake.services.close()
        try:
            assert await following_on is None
            async with aclosing(following(house)) as late:
                assert [m["op"] async for m in late] == ["reset"]
        finally:
            wake.services.open()


def test_only_differences_are_sent_and_deletions_first() -> None:
    before = {("key", "a"): {"v": 1}, ("key", "b"): {"v": 1}}
    after = {("key", "b"): {"v": 1}, ("key", "c"): {"v": 2}}
    assert changes(before, after) == [
        {"op": "delete", "kind": "key", "id": "a"},
        {"op": "put", "kind": "key", "id": "c", "value": {"v": 2}},
    ]
    assert changes(after, after) == []
