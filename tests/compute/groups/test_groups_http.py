"""Resource groups over HTTP: made, listed, changed, deleted, and who may."""

from __future__ import annotations

from typing import Any

import pytest

from slipway.base.database import Database
from slipway.base.settings import Settings
from slipway.compute.scheduling.policy import DEFAULT_DOCUMENT
from tests.running import Person, open_world

FORM: dict[str, Any] = {"name": "lab", "risk_accepted": True}


async def make(person: Person, **changes: Any) -> Any:
    return await person.ok("POST", "/resource-groups", json=FORM | changes)


@pytest.mark.covers("RES-01", "RES-02", "RES-04")
async def test_a_group_is_made_empty_with_the_default_policy_and_then_changed(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings) as world:
        made = await make(world.admin, name="实验室_1", tags={"team": "speech"})
        assert made["id"].startswith("rsg-")
        assert len(made["id"]) == len("rsg-") + 8
        assert (made["nodes"], made["nodes_usable"]) == (0, 0)
        assert made["policy"] == DEFAULT_DOCUMENT
        path = f"/resource-groups/{made['id']}"
        policy = {"Version": "1.0", "ResourceRule": {"DefaultPriority": 2}}
        changed = await world.admin.ok(
            "PATCH", path, json={"name": "lab-2", "tags": {}, "policy": policy}
        )
        assert (changed["name"], changed["tags"], changed["policy"]) == ("lab-2", {}, policy)
        assert await world.ann.ok("GET", path) == changed
        events = await world.admin.ok("GET", "/events", params={"subject": made["id"]})
        assert events["items"] == []  # of no project: seen in the live stream only


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"name": "-lab"}, "bad_name", "name"),
        ({"name": "x" * 61}, "bad_name", "name"),
        ({"risk_accepted": False}, "risk_not_accepted", "risk_accepted"),
        ({"tags": {"a:b": ""}}, "invalid", "tags"),
        ({"policy": {"Version": "2.0", "ResourceRule": {}}}, "bad_policy", "policy.Version"),
        ({"policy": '{"Version": "1.0", // mine\n}'}, "bad_policy", "policy"),
    ],
)
async def test_a_bad_group_is_refused_at_its_field(
    db: Database, settings: Settings, changes: dict[str, Any], code: str, field: str
) -> None:
    async with open_world(db, settings) as world:
        status, error = await world.admin.refused("POST", "/resource-groups", json=FORM | changes)
        assert (status, error["code"], error["details"]["field"]) == (400, code, field)
        assert (await world.admin.ok("GET", "/resource-groups"))["total"] == 1


@pytest.mark.covers("RES-22")
async def test_a_bad_policy_names_line_and_column_and_the_old_one_stays(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings) as world:
        made = await make(world.admin)
        text = '{\n  "Version": "1.0",\n  # mine\n}'
        status, error = await world.admin.refused(
            "PATCH", f"/resource-groups/{made['id']}", json={"policy": text}
        )
        assert (status, error["details"]["line"]) == (400, 3)
        assert "comments are not possible" in error["message"]
        assert (await world.ann.ok("GET", f"/resource-groups/{made['id']}"))[
            "policy"
        ] == DEFAULT_DOCUMENT


async def test_a_name_stands_once_until_its_group_is_deleted(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings) as world:
        made = await make(world.admin)
        status, error = await world.admin.refused("POST", "/resource-groups", json=FORM)
        assert (status, error["code"]) == (409, "name_taken")
        await world.admin.ok("DELETE", f"/resource-groups/{made['id']}")
        assert (await make(world.admin))["id"] != made["id"]
        assert (await world.admin.refused("GET", f"/resource-groups/{made['id']}"))[0] == 404


@pytest.mark.covers("RES-05")
async def test_a_group_with_a_node_in_use_stays_and_says_which(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings) as world:
        status, error = await world.admin.refused("DELETE", "/resource-groups/rsg-local")
        assert (status, error["code"]) == (409, "group_in_use")
        assert error["details"]["nodes"] == [{"id": "node-local", "state": "running"}]
        local = await world.ann.ok("GET", "/resource-groups/rsg-local")
        assert "1 nodes" in local["blocked"]["delete"]


@pytest.mark.covers("RES-03")
async def test_the_list_finds_by_id_name_and_tag_and_shows_what_is_free(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings) as world:
        await make(world.admin, tags={"team": "speech"})
        await make(world.admin, name="other")

        async def names(**query: Any) -> list[str]:
            page = await world.ann.ok("GET", "/resource-groups", params=query)
            assert page["total"] == len(page["items"])
            return [item["name"] for item in page["items"]]

        assert await names() == ["other", "lab", "local"]
        assert await names(search="la|oth") == ["other", "lab"]
        assert await names(search="rsg-loc") == ["local"]
        assert await names(tag="team:speech") == ["lab"]
        (local,) = (await world.ann.ok("GET", "/resource-groups", params={"search": "local"}))[
            "items"
        ]
        amounts = local["amounts"]
        assert amounts["cpu_cores"] == amounts["cpu_cores_free"] == 8  # 4 cores, twice given out
        assert amounts["memory_bytes_free"] == 8 << 30


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/resource-groups"),
        ("PATCH", "/resource-groups/rsg-local"),
        ("DELETE", "/resource-groups/rsg-local"),
        ("POST", "/nodes/node-local/release"),
        ("POST", "/nodes/join-token"),
    ],
)
async def test_only_the_platform_administrator_changes_what_all_projects_share(
    db: Database, settings: Settings, method: str, path: str
) -> None:
    async with open_world(db, settings) as world:
        status, error = await world.ann.refused(method, path, json=FORM)
        assert (status, error["code"]) == (403, "forbidden")
