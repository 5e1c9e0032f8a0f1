"""What may be asked of services, by whom, and in which words it is refused."""

from __future__ import annotations

from typing import Any

import pytest

from slipway.base.clock import utc_now
from slipway.iam import keys, users
from slipway.iam.roles import Role
from slipway.iam.types import Actor, KeyKind
from tests.models.house import House
from tests.serving.conftest import form


async def create(house: House, **asked: Any) -> dict[str, Any]:
    made = await house.a.post("/services", json=form(**asked))
    assert made.status_code == 201, made.text
    return made.json()


REFUSED = [
    ({"name": ""}, "name"),
    ({"name": "-x"}, "name"),
    ({"name": "x" * 61}, "name"),
    ({"description": "x" * 501}, "description"),
    ({"command": "  "}, "command"),
    ({"environment": "cobol"}, "environment"),
    ({"port": 80}, "port"),
    ({"port": 8505}, "port"),
    ({"port": 6006}, "port"),
    ({"port": 9092}, "port"),
    ({"port": 8500}, "port"),
    ({"grace_s": 0}, "grace_s"),
    ({"grace_s": 86_401}, "grace_s"),
    ({"pre_stop": [""]}, "pre_stop"),
    ({"retries": 0}, "retries"),
    ({"retries": 100}, "retries"),
    ({"replicas": 0}, "replicas"),
    ({"max_surge": "0%", "max_unavailable": "0%"}, "max_unavailable"),
    ({"max_surge": "150%"}, "max_surge"),
    ({"env": {"1X": "a"}}, "env"),
    ({"cpu_cores": 0}, "cpu_cores"),
    ({"memory_bytes": 1}, "memory_bytes"),
    ({"gpus": 1.5}, "gpus"),
    ({"gpus": 0.5}, "resources"),
    ({"gpus": 1}, "resources"),
    ({"memory_bytes": 1 << 50}, "resources"),
    ({"resource_group": "rsg-none"}, "resource_group"),
    ({"limit": {"qps_per_replica": 1, "concurrency_per_replica": 1}}, "limit"),
    ({"limit": {"qps_per_replica": 0}}, "limit"),
    ({"probes": {"liveness": {"success_threshold": 2}}}, "probes.liveness"),
    ({"probes": {"readiness": {"path": "no slash"}}}, "probes.readiness"),
    ({"tags": {"a": "x;y"}}, "tags"),
    ({"runtime": "package"}, "model"),
    ({"runtime": "llm"}, "model"),
    ({"model": {"kind": "storage", "ref": "nothere/x"}}, None),
    ({"model": {"kind": "registry", "ref": "mv-none"}}, None),
]


@pytest.mark.covers("SRV-02", "SRV-09", "SRV-12", "SRV-13", "SRV-16", "SRV-17", "SRV-20")
async def test_bad_forms_are_refused_and_nothing_is_created(house: House) -> None:
    for change, field in REFUSED:
        answer = await house.a.post("/services", json=form() | change)
        assert answer.status_code in (400, 404), (change, answer.text)
        error = answer.json()["error"]
        assert error["details"].get("field") == field or field is None, (change, error)
        assert error["message"].endswith("."), error
    assert (await house.a.get("/services")).json()["total"] == 0


@pytest.mark.covers("SRV-14", "SRV-08")
async def test_a_model_without_its_parts_is_refused_with_the_reason(house: House) -> None:
    empty = house.folder("models/empty", {"readme.txt": b"hello"})
    package = {"name": "p", "runtime": "package", "model": {"kind": "storage", "ref": empty}}
    answer = await house.a.post("/services", json=package)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "no_model_service"
    assert "model_service.py" in answer.json()["error"]["message"]
    answer = await house.a.post("/services", json=package | {"runtime": "llm"})
    assert answer.json()["error"]["code"] == "not_a_checkpoint"
    assert str(house.storage.root) not in answer.text
    own = await house.a.post("/services", json=package | {"command": "python server.py"})
    assert own.status_code == 201


@pytest.mark.covers("SRV-29", "SRV-27", "SRV-65")
async def test_services_are_listed_filtered_and_edited(house: House) -> None:
    first = await create(house, name="one", tags={"team": "a"})
    second = await create(house, name="two", tags={"team": "b"})

    async def names(**query: Any) -> list[str]:
        return [s["name"] for s in (await house.a.get("/services", params=query)).json()["items"]]

    assert await names() == ["two", "one"]
    assert await names(order="name") == ["one", "two"]
    assert await names(tag="team:a") == ["one"]
    assert await names(search="tw|zz") == ["two"]
    assert await names(search=first["id"]) == ["one"]
    assert await names(state="CREATING") == ["two", "one"]
    assert await names(state="Normal") == []
    page = (await house.a.get("/services", params={"limit": 1})).json()
    assert (page["total"], len(page["items"])) == (2, 1)
    (listed,) = page["items"]
    assert (listed["id"], listed["versions"], listed["replicas"]) == (second["id"], 1, 1)
    assert listed["site"] == "local"
    assert listed["blocked"]["stop"] is None
    assert listed["blocked"]["delete"] == "Stop the service first."

    edited = await house.a.patch(
        f"/services/{first['id']}", json={"description": "Now.", "tags": {"x": "y"}}
    )
    assert (edited.json()["description"], edited.json()["tags"]) == ("Now.", {"x": "y"})
    deleted = await house.a.delete(f"/services/{first['id']}")
    assert deleted.status_code == 409


@pytest.mark.covers("SRV-41", "SRV-43", "SRV-44")
async def test_keys_are_made_masked_revealed_and_limited(house: House) -> None:
    service = await create(house, auth=True)
    path = f"/services/{service['id']}/keys"
    first = service["key"]
    assert first["secret"].startswith("sk-")
    made = await house.a.post(path, json={"name": "app", "remark": "r", "limits": {"rpm": 5}})
    key = made.json()
    listed = (await house.a.get(path)).json()
    assert [k["name"] for k in listed["items"]] == ["default", "app"]
    assert all("secret" not in k for k in listed["items"])
    assert key["secret"] not in str(listed)
    assert listed["items"][1]["hint"].startswith(key["secret"][:6])
    assert listed["required"]
    assert "LLM" in listed["token_limits"]
    revealed = await house.a.post(f"{path}/{key['id']}/reveal")
    assert revealed.json()["secret"] == key["secret"]

    tokens = await house.a.patch(f"{path}/{key['id']}", json={"limits": {"tpm": 1000}})
    assert tokens.status_code == 400
    assert tokens.json()["error"]["code"] == "not_an_llm"
    edited = await house.a.patch(f"{path}/{key['id']}", json={"name": "new", "remark": "s"})
    assert (edited.json()["name"], edited.json()["limits"]["rpm"]) == ("new", 5)
    assert not (await house.a.post(f"{path}/{key['id']}/disable")).json()["enabled"]
    fresh = (await house.a.post(f"{path}/{key['id']}/reset")).json()
    assert fresh["id"] != key["id"]
    assert fresh["secret"] != key["secret"]
    assert (fresh["name"], fresh["enabled"], fresh["limits"]["rpm"]) == ("new", False, 5)
    assert (await house.a.delete(f"{path}/{key['id']}")).status_code == 404
    assert (await house.a.delete(f"{path}/{fresh['id']}")).status_code == 204
    events = (await house.a.get(f"/services/{service['id']}/events")).json()["items"]
    assert {"service:keyCreated", "service:keyRevealed", "service:keyDeleted"} <= {
        e["type"] for e in events
    }


async def test_another_project_sees_and_changes_nothing(house: House) -> None:
    service = await create(house, auth=True)
    version, key = service["items"][0]["id"], service["key"]["id"]
    calls = [
        ("GET", f"{service['id']}"), ("PATCH", f"{service['id']}"), ("DELETE", service["id"]),
        ("POST", f"{service['id']}/start"), ("POST", f"{service['id']}/stop"),
        ("GET", f"{service['id']}/versions"), ("GET", f"{service['id']}/keys"),
        ("GET", f"{service['id']}/wait"), ("GET", f"{service['id']}/call"),
        ("GET", f"{service['id']}/statistics"), ("GET", f"{service['id']}/events"),
        ("GET", f"{service['id']}/logs"), ("GET", f"{service['id']}/logs/stream"),
        ("POST", f"{service['id']}/keys/{key}/reveal"), ("DELETE", f"{service['id']}/keys/{key}"),
        ("GET", f"versions/{version}"), ("DELETE", f"versions/{version}"),
        ("POST", f"versions/{version}/start"), ("POST", f"versions/{version}/stop"),
        ("POST", f"versions/{version}/restart"), ("GET", f"versions/{version}/instances"),
        ("GET", f"versions/{version}/logs"), ("GET", f"versions/{version}/logs/stream"),
        ("GET", f"versions/{version}/events"), ("GET", f"versions/{version}/updates"),
    ]  # fmt: skip
    for method, path in calls:
        body = {} if method == "PATCH" else None
        answer = await house.b.request(method, f"/services/{path}", json=body)
        assert answer.status_code == 404, (method, path, answer.text)
    bodies = [
        ("PUT", f"{service['id']}/weights", {"weights": {version: 100}}),
        ("PUT", f"{service['id']}/auth", {"required": False}),
        ("POST", f"{service['id']}/versions", {"runtime": "custom", "command": "true"}),
        ("POST", f"{service['id']}/keys", {"name": "x"}),
        ("POST", f"{service['id']}/test", {"path": "/"}),
        ("POST", f"{service['id']}/chat", {"messages": []}),
        ("POST", f"versions/{version}/scale", {"replicas": 2}),
        ("POST", f"versions/{version}/update", {"env": {}}),
        ("POST", f"versions/{version}/rollback", {"update_id": "u"}),
    ]  # fmt: skip
    for method, path, json in bodies:
        answer = await house.b.request(method, f"/services/{path}", json=json)
        assert answer.status_code == 404, (method, path, answer.text)
    assert (await house.b.get("/services")).json()["items"] == []


async def test_a_viewer_looks_and_touches_nothing(house: House) -> None:
    service = await create(house, auth=True)
    key = service["key"]["id"]
    root = Actor("root", "root", True, "", Role.ADMIN)
    now = utc_now()
    user = await users.create_user(
        house.db, root, name="vic", password="correct horse", display_name="", is_admin=False,
        now=now,
    )  # fmt: skip
    await users.set_member(
        house.db, house.actor, house.project, user_name="vic", role=Role.VIEWER, now=now
    )
    viewer = Actor(user.id, "vic", False, house.project, Role.VIEWER)
    made = await keys.create_key(
        house.db, house.app.state.sealer, viewer, kind=KeyKind.TOKEN, name="t", lasts=None, now=now
    )
    mine = {"Authorization": f"Bearer {made.secret}"}
    path = f"/services/{service['id']}"
    for seen in (path, "/services", f"{path}/keys", f"{path}/statistics", f"{path}/logs"):
        assert (await house.a.get(seen, headers=mine)).status_code == 200, seen
    for touched in ("/stop", f"/keys/{key}/reveal", f"/keys/{key}/reset", "/chat", "/test"):
        answer = await house.a.post(path + touched, headers=mine, json={"path": "/"})
        assert answer.status_code == 403, touched
