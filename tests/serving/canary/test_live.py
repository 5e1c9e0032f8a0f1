"""Rollouts through the real gateway: judged by the calls that it books."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import Any

import pytest

from tests.serving.conftest import Entrance, Platform, until

BROKEN = """
import http.server, os

class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.send_error(500)

    def log_message(self, *args):
        pass

http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""
STEPS = [{"weight": 20, "hold_s": 1}, {"weight": 60, "hold_s": 1}, {"weight": 100, "hold_s": 0}]


async def two_versions(platform: Platform, command: str | None = None) -> str:
    made = await platform.create()
    own = {k: made["items"][0]["config"][k] for k in ("runtime", "command", "cpu_cores")}
    own |= {"memory_bytes": 64 << 20}
    await platform.act(
        f"{made['id']}/versions", **(own | ({"command": command} if command else {}))
    )
    await platform.reach(made["id"], "Normal")
    return str(made["id"])


async def weights(platform: Platform, service_id: str) -> list[int]:
    return [v["weight"] for v in (await platform.see(service_id))["items"]]


async def rollout_of(platform: Platform, service_id: str) -> dict[str, Any]:
    return (await platform.house.a.get(f"/services/{service_id}/rollout")).json()


@contextlib.asynccontextmanager
async def called(entrance: Entrance, service_id: str) -> Any:
    async def keep_calling() -> None:
        while True:
            await entrance.call(f"/{service_id}")
            await asyncio.sleep(0.005)

    caller = asyncio.create_task(keep_calling())
    yield
    caller.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await caller


@pytest.mark.covers("SRV-X4")
async def test_a_good_version_gets_all_traffic_though_the_control_plane_dies(
    platform: Platform, entrance: Entrance
) -> None:
    service = await two_versions(platform)
    form = {"version_id": f"{service}-2", "steps": STEPS, "checks": {"min_calls": 5}}
    assert (await platform.act(f"{service}/rollout", **form)).status_code == 201
    assert await weights(platform, service) == [80, 20]
    assert (await platform.act(f"{service}/rollout", **form)).status_code == 409
    manual = await platform.house.a.put(
        f"/services/{service}/weights", json={"weights": {f"{service}-1": 100}}
    )
    assert manual.status_code == 409
    await platform.crash()
    platform.start()
    async with called(entrance, service):
        await until(lambda: weights(platform, service), lambda w: w == [0, 100])
        await until(lambda: rollout_of(platform, service), lambda r: r["state"] == "done")
    events = (await platform.house.a.get(f"/services/{service}/events")).json()["items"]
    kinds = [e["type"] for e in reversed(events) if "rollout" in e["type"]]
    assert kinds == ["service:rolloutStarted"] + ["service:rolloutStep"] * 2 + [
        "service:rolloutDone"
    ]


@pytest.mark.covers("SRV-X4")
async def test_a_bad_version_is_rolled_back_by_its_errors(
    platform: Platform, entrance: Entrance
) -> None:
    service = await two_versions(platform, f"exec {sys.executable} -S -c '{BROKEN}'")
    form = {"version_id": f"{service}-2", "steps": STEPS, "checks": {"min_calls": 5}}
    await platform.act(f"{service}/rollout", **form)
    async with called(entrance, service):
        await until(lambda: weights(platform, service), lambda w: w == [100, 0])
    seen = await rollout_of(platform, service)
    assert (seen["state"], seen["at"]) == ("rolled_back", 0)
    assert seen["reason"].startswith("100.0 % of the calls failed")


@pytest.mark.covers("SRV-X4")
async def test_a_rollout_can_be_cancelled_and_bad_ones_are_refused(platform: Platform) -> None:
    service = await two_versions(platform)
    path, own = f"{service}/rollout", {"version_id": f"{service}-2"}
    for wrong in (
        {"steps": [{"weight": 50}]}, {"steps": []}, {"steps": [{"weight": 60}, {"weight": 40}]},
        {"checks": {"error_pct": 101}}, {"version_id": "ms-other-1"},
    ):  # fmt: skip
        assert (await platform.act(path, **(own | wrong))).status_code == 400
    assert (await platform.act(path, version_id=f"{service}-1")).status_code == 409
    assert (await platform.act(f"{path}/cancel")).status_code == 409
    assert (await platform.act(path, **own)).status_code == 201
    assert await weights(platform, service) == [95, 5]
    cancelled = await platform.act(f"{path}/cancel")
    assert cancelled.json()["state"] == "cancelled"
    assert await weights(platform, service) == [100, 0]
    await platform.act(path, **own)
    await platform.act(f"versions/{service}-2/stop")
    ended = await until(lambda: rollout_of(platform, service), lambda r: r["state"] != "running")
    assert ended["state"] == "rolled_back"
    assert await weights(platform, service) == [100, 0]
