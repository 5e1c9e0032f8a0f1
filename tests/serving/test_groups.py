"""Service groups over HTTP: what a form may hold, who may do what, and what an owner sees."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from slipway.base.crypto import fingerprint
from slipway.base.events import list_events
from slipway.iam.tables import UserRow
from slipway.serving.feed import load
from slipway.serving.groups.tables import GroupKeyRow
from slipway.serving.tables import ServiceRow
from tests.models.house import House
from tests.serving.conftest import form


async def running(house: House, name: str = "echo", *, of: httpx.AsyncClient | None = None) -> str:
    """A service that is as good as running: groups ask for its state only."""
    made = (await (of or house.a).post("/services", json=form(name=name))).json()
    async with house.db.begin() as session:
        await session.execute(
            update(ServiceRow).where(ServiceRow.id == made["id"]).values(state="Normal")
        )
    service: str = made["id"]
    return service


async def make(house: House, *services: str, **more: Any) -> dict[str, Any]:
    answer = await house.a.post(
        "/service-groups", json={"name": "team", "services": list(services), **more}
    )
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def staff(house: House) -> None:
    """Ann administers the platform from now on."""
    async with house.db.begin() as session:
        await session.execute(
            update(UserRow).where(UserRow.id == house.actor.user_id).values(is_admin=True)
        )


async def events_of(house: House, group_id: str) -> list[str]:
    async with house.db.read() as session:
        found = await list_events(session, project_id=house.project, subject_id=group_id)
    return [event.type.removeprefix("serviceGroup:") for event in found]


async def keys_in_feed(house: House) -> dict[str, Any]:
    """Those of groups, by hash."""
    return {key["hash"]: key for key in (await load(house.db)).keys.values() if key["group"]}


@pytest.mark.covers("GWY-01", "GWY-02")
async def test_a_group_is_made_with_its_app_key(house: House) -> None:
    one, two = await running(house), await running(house, "other")
    made = await make(house, one, two, description="d" * 255)
    assert len(made["secret"].removeprefix("ak-")) >= 32
    assert int(made["secret"].removeprefix("ak-"), 16)
    assert made["state"] == "enabled" and made["old_keys"] == []
    assert [service["id"] for service in made["services"]] == [one, two]
    seen = (await house.a.get(f"/service-groups/{made['id']}")).json()
    assert seen == {name: value for name, value in made.items() if name != "secret"}
    assert made["secret"] not in str(seen)
    async with house.db.read() as session:
        (row,) = await session.scalars(select(GroupKeyRow))
    assert row.secret_hash == fingerprint(made["secret"])
    assert made["secret"] not in row.secret_sealed
    shown = (await house.a.post(f"/service-groups/{made['id']}/reveal")).json()
    assert shown["secret"] == made["secret"]
    assert await events_of(house, made["id"]) == ["created", "keyRevealed"]


@pytest.mark.covers("GWY-01")
async def test_bad_forms_are_refused_and_nothing_is_made(house: House) -> None:
    service, stopped = await running(house), None
    stopped = (await house.a.post("/services", json=form(name="down"))).json()["id"]
    foreign = await running(house, "foreign", of=house.b)
    good = {"name": "team", "services": [service]}
    for wrong, field in (
        ({"name": ""}, "name"), ({"name": "x" * 65}, "name"), ({"name": " x"}, "name"),
        ({"description": "d" * 256}, "description"), ({"services": []}, "services"),
        ({"services": [service, service]}, "services"), ({"services": ["ms-none"]}, "services"),
        ({"services": [stopped]}, "services"), ({"services": [foreign]}, "services"),
        ({"rules": {"rpm": 0}}, "rpm"), ({"rules": {"addresses": ["10.0.0"]}}, "addresses"),
        ({"rules": {"addresses": []}}, "addresses"), ({"rules": {"cost_day": -1}}, "cost_day"),
    ):  # fmt: skip
        answer = await house.a.post("/service-groups", json=good | wrong)
        assert answer.status_code == 400, (wrong, answer.text)
        assert answer.json()["error"]["details"]["field"] == field
    assert (await house.a.get("/service-groups")).json()["total"] == 0
    await make(house, service, name="x" * 64)
    taken = await house.a.post("/service-groups", json=good | {"name": "x" * 64})
    assert (taken.status_code, taken.json()["error"]["code"]) == (409, "name_taken")
    elsewhere = await house.b.post("/service-groups", json=good | {"services": [foreign]})
    assert elsewhere.status_code == 201  # another tenant may use the name


async def test_another_tenant_sees_and_changes_nothing(house: House) -> None:
    made = await make(house, await running(house))
    path = f"/service-groups/{made['id']}"
    assert (await house.b.get("/service-groups")).json()["items"] == []
    for method, where, body in (
        ("GET", path, None), ("PATCH", path, {"name": "mine"}), ("DELETE", path, None),
        ("POST", f"{path}/reveal", None), ("POST", f"{path}/reset", {}),
        ("POST", f"{path}/disable", None),
    ):  # fmt: skip
        assert (await house.b.request(method, where, json=body)).status_code == 404
    assert (await house.a.get(path)).json()["name"] == "team"


@pytest.mark.covers("GWY-06", "GWY-X4")
async def test_a_key_is_reset_at_once_or_with_an_overlap(house: House) -> None:
    made = await make(house, await running(house), rules={"tpd": 5})
    path = f"/service-groups/{made['id']}"
    second = (await house.a.post(f"{path}/reset", json={"overlap_s": 3600})).json()
    known = await keys_in_feed(house)
    old, new = known[fingerprint(made["secret"])], known[fingerprint(second["secret"])]
    assert new["expires_at"] is None
    assert old["expires_at"][:16] == second["old_keys"][0]["ends_at"][:16]
    assert old["group"] == new["group"] == made["id"]  # so they share what they may use
    assert old["limits"] == new["limits"]
    assert (await house.a.post(f"{path}/end-old-keys")).status_code == 204
    assert fingerprint(made["secret"]) not in await keys_in_feed(house)
    third = (await house.a.post(f"{path}/reset", json={})).json()
    assert third["old_keys"] == []
    assert list(await keys_in_feed(house)) == [fingerprint(third["secret"])]
    assert (await house.a.post(f"{path}/reset", json={"overlap_s": 10**9})).status_code == 400
    assert "keyReset" in await events_of(house, made["id"])


@pytest.mark.covers("GWY-11")
async def test_only_staff_bans_and_no_reset_lifts_it(house: House) -> None:
    made = await make(house, await running(house))
    path = f"/service-groups/{made['id']}"
    refused = await house.a.post(f"{path}/ban", json={"reason": "leaked"})
    assert refused.status_code == 403
    await staff(house)
    assert (await house.a.post(f"{path}/ban", json={"reason": " "})).status_code == 400
    banned = (await house.a.post(f"{path}/ban", json={"reason": "leaked"})).json()
    assert banned["state"] == "banned"
    assert (banned["ban"]["by"], banned["ban"]["reason"]) == ("ann", "leaked")
    fresh = (await house.a.post(f"{path}/reset", json={"overlap_s": 60})).json()
    assert fresh["ban"] == banned["ban"]
    known = await keys_in_feed(house)
    assert [known[fingerprint(s)]["banned"] for s in (made["secret"], fresh["secret"])] == [
        True
    ] * 2
    async with house.db.read() as session:
        events = await list_events(session, project_id=house.project, subject_id=made["id"])
    (event,) = [e for e in events if e.type == "serviceGroup:banned"]
    assert (event.actor_id, event.data["description"]) == (house.actor.user_id, "leaked")
    assert (await house.a.post(f"{path}/unban")).json()["state"] == "enabled"
    assert not any(key["banned"] for key in (await keys_in_feed(house)).values())


@pytest.mark.covers("GWY-08", "GWY-09")
async def test_a_group_is_edited_and_deleted(house: House) -> None:
    one, two = await running(house), await running(house, "other")
    made = await make(house, one)
    path = f"/service-groups/{made['id']}"
    changed = await house.a.patch(
        path, json={"name": "crew", "description": "new", "services": [two, one],
                    "rules": {"rpm": 7, "cost_month": "12.5", "addresses": ["10.0.0.0/8"]}},
    )  # fmt: skip
    assert changed.status_code == 200, changed.text
    view = changed.json()
    assert [s["id"] for s in view["services"]] == [two, one]
    assert (view["name"], view["key"]) == ("crew", made["key"])
    (key,) = (await keys_in_feed(house)).values()
    assert key["limits"]["rpm"] == 7
    assert key["limits"]["cost_month"] == 12_500_000
    assert key["addresses"] == ["10.0.0.0/8"]
    assert (await load(house.db)).groups[made["id"]]["services"] == [two, one]
    async with house.db.begin() as session:  # what has stopped since stays linked
        await session.execute(update(ServiceRow).values(state="Stopped"))
    assert (await house.a.patch(path, json={"services": [one]})).status_code == 200
    assert (await house.a.patch(path, json={"services": [one, two]})).status_code == 400
    assert (await house.a.delete(path)).status_code == 204
    assert (await house.a.get(path)).status_code == 404
    assert await keys_in_feed(house) == {}
    assert (await load(house.db)).groups == {}


async def test_a_disabled_group_keeps_its_key(house: House) -> None:
    made = await make(house, await running(house))
    path = f"/service-groups/{made['id']}"
    assert (await house.a.post(f"{path}/disable")).json()["state"] == "disabled"
    assert (await load(house.db)).groups[made["id"]]["enabled"] is False
    enabled = (await house.a.post(f"{path}/enable")).json()
    assert (enabled["state"], enabled["key"]) == ("enabled", made["key"])


@pytest.mark.covers("GWY-01")
async def test_presets_are_for_every_tenant_and_staff_makes_them(house: House) -> None:
    service = await running(house, "preset")
    rules = {"preset": True, "free_tokens": 10_000, "prices": {"prompt": "2", "completion": "8"}}
    path = f"/services/{service}/rules"
    assert (await house.a.put(path, json=rules)).status_code == 403
    assert (await house.a.put(path, json={"aliases": ["chat"], "rpm": 5})).status_code == 200
    await staff(house)
    put = await house.a.put(path, json=rules | {"aliases": ["chat"], "rpm": 5})
    assert put.status_code == 200, put.text
    offered = (await house.b.get("/service-groups/linkable")).json()
    assert [s["id"] for s in offered["preset"]] == [service] and offered["own"] == []
    listed = (await house.b.get("/preset-services")).json()["items"]
    assert [(s["id"], s["free_tokens_left"]) for s in listed] == [(service, 10_000)]
    made = await house.b.post("/service-groups", json={"name": "g", "services": [service]})
    assert made.status_code == 201
    value = (await load(house.db)).services[service]["rules"]
    assert (await load(house.db)).services[service]["models"][-1] == "chat"
    assert value == {
        "limits": {"rpm": 5}, "free_tokens": 10_000,
        "prices": {"prompt": 2_000_000, "completion": 8_000_000},
    }  # fmt: skip
    assert (await load(house.db)).groups[made.json()["id"]]["services"] == [service]
    await house.a.put(path, json={})  # and then it is no preset any more
    assert (await load(house.db)).groups[made.json()["id"]]["services"] == []
    for wrong in ({"aliases": ["a b"]}, {"aliases": ["a", "a"]}, {"rpm": 0}, {"free_tokens": -1}):
        assert (await house.a.put(path, json=wrong)).status_code == 400
