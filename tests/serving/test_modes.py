"""Replicas of several instances: placed together, wired together, called at their first."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

import httpx
import pytest

from tests.serving.conftest import Entrance, Platform, form, until

# Says what it was given, and asks every other role that it is told of.
MEMBER = """
import http.server, json, os, urllib.request

def asked(name, address):
    return urllib.request.urlopen(f"http://{address}/own", timeout=5).read().decode()

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        env = os.environ
        names = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT", "SLIPWAY_ROLE",
                 "SLIPWAY_ROLE_INDEX", "COLOUR")
        said = {n: env.get(n) for n in names} | {"pid": os.getpid()}
        if self.path != "/own":
            said["others"] = {
                n: [json.loads(asked(n, a)) for a in v.split(",")]
                for n, v in env.items() if n.startswith("SLIPWAY_ADDRESSES_")}
        data = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_POST = do_GET

    def log_message(self, *args):
        pass

http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""
COMMAND = f"exec {sys.executable} -S -c '{MEMBER}'"


@pytest.mark.covers("SRV-05")
async def test_members_of_a_replica_know_each_other_and_the_first_is_called(
    platform: Platform, entrance: Entrance
) -> None:
    made = await platform.create(mode="DIST", instances=3, replicas=2, command=COMMAND)
    service, version_id = f"/{made['id']}", f"{made['id']}-1"
    ready = await platform.reach(made["id"], "Normal")
    assert (ready["mode"], ready["running"], ready["replicas"]) == ("DIST", 2, 2)
    assert ready["items"][0]["cpu_cores_held"] == pytest.approx(0.6)
    await until(lambda: entrance.call(service), lambda a: a.status_code == 200)
    answers: list[Any] = []

    async def both_answer() -> set[int]:
        """The gateway hears of the second replica a moment after the first."""
        answers.append((await entrance.call(service)).json())
        return {a["pid"] for a in answers}

    await until(both_answer, lambda pids: len(pids) == 2)
    assert {(a["RANK"], a["WORLD_SIZE"]) for a in answers} == {("0", "3")}
    (members,) = [o for a in answers[:1] for o in a["others"].values()]
    assert [m["RANK"] for m in members] == ["0", "1", "2"]
    assert len({m["MASTER_PORT"] for m in members}) == 1
    for replica in await platform.instances(version_id):
        assert [m["rank"] for m in replica["members"]] == [0, 1, 2]
        assert replica["port"] == replica["members"][0]["port"]
        assert {m["state"] for m in replica["members"]} == {"running"}


@pytest.mark.covers("SRV-05")
async def test_members_end_together_and_the_replica_is_replaced(platform: Platform) -> None:
    made = await platform.create(mode="DIST", instances=2, command=COMMAND)
    version_id = f"{made['id']}-1"
    await platform.reach(made["id"], "Normal")
    (before,) = await platform.instances(version_id)
    second = before["members"][1]
    async with httpx.AsyncClient(trust_env=False) as client:
        said = await client.get(f"http://{second['host']}:{second['port']}/own")
    os.kill(said.json()["pid"], signal.SIGKILL)

    async def others() -> list[dict[str, Any]]:
        found = await platform.instances(version_id)
        return [i for i in found if i["id"] != before["id"] and i["state"] == "Running"]

    (after,) = await until(others, lambda found: len(found) == 1)
    gone = {m["instance_id"] for m in before["members"]}
    assert not gone & set(platform.engine.list_alive())
    assert {m["state"] for m in after["members"]} == {"running"}


@pytest.mark.covers("SRV-05")
async def test_a_replica_that_does_not_fit_as_a_whole_is_not_begun(platform: Platform) -> None:
    half = {"cpu_cores": 9, "command": COMMAND, "mode": "DIST"}  # of 16 that may be asked for
    refused = await platform.house.a.post("/services", json=form(**half, instances=2))
    assert refused.status_code in (400, 409)
    assert platform.engine.list_alive() == []


async def test_roles_of_a_replica_reach_each_other_and_the_entry_is_called(
    platform: Platform, entrance: Entrance
) -> None:
    small = {"command": COMMAND, "cpu_cores": 0.1, "memory_bytes": 64 << 20}
    roles = [
        {"name": "prefill", "instances": 2, "env": {"COLOUR": "it's blue"}, **small},
        {"name": "decode", "entry": True, **small},
    ]
    made = await platform.create(mode="ROLE_SET", roles=roles, command="")
    service, version_id = f"/{made['id']}", f"{made['id']}-1"
    await platform.reach(made["id"], "Normal")
    await until(lambda: entrance.call(service), lambda a: a.status_code == 200)
    said = (await entrance.call(service)).json()
    assert (said["SLIPWAY_ROLE"], said["RANK"], said["COLOUR"]) == ("decode", "0", None)
    prefill = said["others"]["SLIPWAY_ADDRESSES_PREFILL"]
    assert [(p["SLIPWAY_ROLE"], p["SLIPWAY_ROLE_INDEX"], p["COLOUR"]) for p in prefill] == [
        ("prefill", "0", "it's blue"), ("prefill", "1", "it's blue"),
    ]  # fmt: skip
    (replica,) = await platform.instances(version_id)
    assert [m["role"] for m in replica["members"]] == ["decode", "prefill", "prefill"]


@pytest.mark.covers("SRV-04")
async def test_the_mode_is_fixed_at_creation(platform: Platform) -> None:
    made = await platform.create()
    assert made["mode"] == "STANDARD"
    await platform.reach(made["id"], "Normal")
    update = f"versions/{made['id']}-1/update"
    own = {k: v for k, v in form().items() if k != "name"}
    role = {"name": "a", "entry": True, "command": "true"}
    for path, body in (
        (update, {"mode": "DIST"}), (update, {"instances": 2}), (update, {"roles": [role]}),
        (f"{made['id']}/versions", own | {"mode": "ROLE_SET"}),
        (f"{made['id']}/versions", own | {"instances": 2}),
    ):  # fmt: skip
        refused = await platform.act(path, **body)
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "mode_fixed")
    assert (await platform.act(update, mode="STANDARD")).status_code == 200
    assert len((await platform.see(made["id"]))["items"]) == 1


@pytest.mark.covers("SRV-04")
@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"mode": "DIST", "instances": 0}, "instances"),
        ({"mode": "DIST", "instances": 65}, "instances"),
        ({"mode": "STANDARD", "instances": 2}, "instances"),
        ({"mode": "ROLE_SET"}, "roles"),
        ({"mode": "ROLE_SET", "roles": [{"name": "a", "command": "true"}]}, "roles"),
        ({"mode": "ROLE_SET", "roles": [{"name": "A", "command": "true", "entry": True}]}, "roles.0.name"),
        ({"mode": "ROLE_SET", "roles": [{"name": "a", "command": " ", "entry": True}]}, "roles.0.command"),
        ({"mode": "ROLE_SET", "roles": [{"name": "a", "command": "x", "entry": True, "instances": 0}]}, "roles.0.instances"),
    ],
)  # fmt: skip
async def test_what_a_mode_does_not_allow_is_refused(
    platform: Platform, asked: dict[str, Any], field: str
) -> None:
    refused = await platform.house.a.post("/services", json=form(**asked))
    assert refused.status_code == 400
    assert refused.json()["error"]["details"]["field"] == field
