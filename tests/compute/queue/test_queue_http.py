"""The queue over HTTP: pages, search, who sees what; why an item waits; dry run; quotas."""

from __future__ import annotations

import pytest

from slipway.base.database import Database
from slipway.base.settings import Settings
from slipway.compute.types import Ending, WorkloadState
from tests.compute.queue.queue_house import (
    GROUP,
    add_node,
    reaches,
    set_policy,
    submit,
    workload_of,
)
from tests.running import open_world


@pytest.mark.covers("RES-06")
async def test_the_queue_is_paged_in_order_and_searched_by_words_and_tags(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings) as world:
        await add_node(db, "a", "T4", 2)
        await set_policy(db)
        for n, p in enumerate([3, 1, 2, 1]):
            await submit(
                world.ann, f"task-{n}", gpus=1, gpu_model="T4", tags={"p": str(p), "n": str(n)}
            )
        await submit(world.bob, "secret", p=0)
        first = await world.ann.ok("GET", "/queue", params={"group": GROUP, "limit": 3})
        assert first["total"] == 5
        assert first["start_order"] is True
        rest = await world.ann.ok(
            "GET", "/queue", params={"group": GROUP, "limit": 3, "cursor": first["next_cursor"]}
        )
        assert rest["next_cursor"] is None
        items = [*first["items"], *rest["items"]]
        assert [(i["number"], i["name"], i["priority"]) for i in items] == [
            (1, "(another project)", 0),
            (2, "task-1", 1),
            (3, "task-3", 1),
            (4, "task-2", 2),
            (5, "task-0", 3),
        ]
        assert (items[0]["workload_id"], items[0]["tags"], items[0]["owner_id"]) == ("", {}, "")
        assert items[1]["asks"] == [
            {"role": "master", "instances": 1, "cpu_cores": 0.1, "memory_bytes": 64 << 20, "gpus": 1, "gpu_model": "T4"}
        ]  # fmt: skip
        found = await world.ann.ok("GET", "/queue", params={"search": "task-0|task-3|secret"})
        assert [(i["number"], i["name"]) for i in found["items"]] == [(3, "task-3"), (5, "task-0")]
        found = await world.ann.ok("GET", "/queue", params={"tag": ["p:1", "n:1"]})
        assert [i["name"] for i in found["items"]] == ["task-1"]
        seen = await world.admin.ok("GET", "/queue", params={"search": "secret"})
        assert [i["name"] for i in seen["items"]] == ["secret"]
        status, error = await world.ann.refused("GET", "/queue", params={"cursor": "x"})
        assert (status, error["details"]["field"]) == (400, "cursor")


@pytest.mark.covers("RES-X3", "RES-21")
async def test_why_an_item_waits(db: Database, settings: Settings) -> None:
    async with open_world(db, settings, loops=True) as world:
        await add_node(db, "a", "T4", 2)
        await add_node(db, "b", "T4", 2)
        await set_policy(db)
        low = await submit(world.ann, "low", gpus=2, p=5)
        other = await submit(world.bob, "other", gpus=1, p=0)
        for person, task in ((world.ann, low), (world.bob, other)):
            await reaches(person, task, "Running")
        head = await submit(
            world.ann, "head", gpus=2, instances=2, mode="ddp", environment="python", p=0
        )
        behind = await submit(world.ann, "behind", gpus=1, p=3)
        why = await world.ann.ok("GET", f"/queue/{(await workload_of(db, behind)).id}/why")
        assert (why["lane"], why["ahead"], why["fits_now"]) == ("T4", 1, True)
        assert [a["name"] for a in why["ahead_first"]] == ["head"]
        assert "strictly first in, first out" in " ".join(why["sentences"])
        why = await world.ann.ok("GET", f"/queue/{(await workload_of(db, head)).id}/why")
        assert why["nodes_tried"] == 3
        missing = {n["node_name"]: n["missing"] for n in why["nodes"]}
        assert (missing["a"], missing["b"]) == (["2 of 2 GPU"], ["1 of 2 GPU"])
        assert why["victims"] == []  # bob's task has the same priority, so displacing `low` is vain
        assert "would not make room" in why["sentences"][-1]
        status, _ = await world.bob.refused("GET", f"/queue/{(await workload_of(db, head)).id}/why")
        assert status == 404
        status, error = await world.ann.refused(
            "GET", f"/queue/{(await workload_of(db, low)).id}/why"
        )
        assert (status, error["code"]) == (409, "not_queued")
        view = await world.ann.ok("GET", f"/training/tasks/{behind['id']}")
        assert view["priority"] == 3
        assert view["reason"] == "Waiting for its turn in the queue."


@pytest.mark.covers("RES-X5")
async def test_a_policy_is_tried_before_it_is_saved(db: Database, settings: Settings) -> None:
    async with open_world(db, settings, loops=True) as world:
        await add_node(db, "a", "T4", 2)
        await set_policy(db)
        running = await submit(world.ann, "running", gpus=2, tags={"team": "lab"})
        await reaches(world.ann, running, "Running")
        await submit(world.ann, "urgent", gpus=1)
        policy = {
            "Version": "1.0",
            "ResourceRule": {"DefaultPriority": 0},
            "TaskRules": [
                {"AttrRules": [{"Key": "team", "Value": "lab"}], "ScheduleRule": {"Priority": 6}}
            ],
        }
        path = f"/resource-groups/{GROUP}/policy/dry-run"
        tried = await world.admin.ok("POST", path, json={"policy": policy})
        assert (tried["priorities_changed"], tried["would_start"], tried["would_be_evicted"]) == (
            1,
            0,
            1,
        )
        (change,) = tried["priorities"]
        assert (change["workload"]["name"], change["before"], change["after"]) == ("running", 0, 6)
        (eviction,) = tried["evictions"]
        assert eviction["workload"]["name"] == "running"
        row = await workload_of(db, running)
        assert (row.state, row.ending) == (WorkloadState.RUNNING, None)  # nothing was saved
        status, error = await world.admin.refused("POST", path, json={"policy": "{ # no\n}"})
        assert (status, error["details"]["line"]) == (400, 1)
        status, _ = await world.ann.refused("POST", path, json={"policy": policy})
        assert status == 403
        checked = await world.ann.ok("POST", "/scheduling-policy/check", json={"policy": policy})
        assert checked["policy"]["ResourceRule"] == {
            "DefaultPriority": 0, "DefaultQueue": 0, "Preempted": 1,
        }  # fmt: skip


@pytest.mark.covers("RES-X1")
async def test_a_guarantee_is_lent_and_taken_back(db: Database, settings: Settings) -> None:
    async with open_world(db, settings, loops=True) as world:
        await add_node(db, "a", "T4", 2)
        alpha, beta = world.ann.actor.project_id, world.bob.actor.project_id
        quotas = f"/resource-groups/{GROUP}/quotas"
        await world.admin.ok("PUT", f"{quotas}/{beta}/T4", json={"guaranteed": 1})
        await world.admin.ok("PUT", f"{quotas}/{alpha}/T4", json={"guaranteed": 1, "maximum": 2})
        one = await submit(world.ann, "one", gpus=1)
        await reaches(world.ann, one, "Running")
        two = await submit(world.ann, "two", gpus=1)
        await reaches(world.ann, two, "Running")
        (own,) = (await world.ann.ok("GET", quotas))["items"]
        assert (own["used"], own["borrowed"], own["maximum"]) == (2, 1, 2)
        mine = await submit(world.bob, "mine", gpus=1)  # of the same priority: it is bob's card
        await reaches(world.bob, mine, "Running")
        await reaches(world.ann, two, "Queued")
        assert (await workload_of(db, two)).evictions == 1
        more = await submit(world.bob, "more", gpus=1)
        row = await workload_of(db, more)
        assert (row.state, row.ending) == (WorkloadState.QUEUED, None)
        assert Ending.EVICTED not in {(await workload_of(db, t)).ending for t in (one, mine)}


@pytest.mark.covers("RES-X1")
async def test_quotas_that_cannot_be_kept_are_refused(db: Database, settings: Settings) -> None:
    async with open_world(db, settings) as world:
        await add_node(db, "a", "T4", 2)
        alpha, beta = world.ann.actor.project_id, world.bob.actor.project_id
        base = f"/resource-groups/{GROUP}/quotas"
        await world.admin.ok("PUT", f"{base}/{alpha}/T4", json={"guaranteed": 1.0})
        for path, form, status, field in [
            (f"{base}/{beta}/T4", {"guaranteed": 2}, 400, "guaranteed"),
            (f"{base}/{beta}/T4", {"guaranteed": 1, "maximum": 0.5}, 400, "maximum"),
            (f"{base}/{beta}/T4", {"guaranteed": 0.25}, 400, "guaranteed"),
            (f"{base}/{beta}/A100", {"guaranteed": 1}, 400, "card_model"),
            (f"{base}/prj-none/T4", {"guaranteed": 1}, 404, "project_id"),
        ]:
            got, error = await world.admin.refused("PUT", path, json=form)
            assert (got, error["details"]["field"]) == (status, field)
        status, _ = await world.ann.refused("PUT", f"{base}/{alpha}/T4", json={"guaranteed": 2})
        assert status == 403
        await world.admin.ok("DELETE", f"{base}/{alpha}/T4")
        assert (await world.admin.ok("GET", base))["items"] == []


@pytest.mark.covers("RES-31", "RES-33")
async def test_shares_of_a_card_are_given_side_by_side_where_cards_are_shared(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings, loops=True) as world:
        await add_node(db, "a", "T4", 1)
        tasks = [await submit(world.ann, f"s{n}", gpus=g) for n, g in enumerate((0.3, 0.7))]
        for task in tasks:
            await reaches(world.ann, task, "Running")
        waits = await submit(world.ann, "more", gpus=0.1)
        assert (await workload_of(db, waits)).state == WorkloadState.QUEUED
        for gpus in (1.5, 0.05, 2.1, 0.25, -1):
            status, error = await world.ann.refused(
                "POST", "/training/tasks", json={"name": "x", "environment": "python", "command": "true", "gpus": gpus},
            )  # fmt: skip
            assert (status, error["details"]["field"]) == (400, "gpus")


async def test_a_share_is_refused_where_only_whole_cards_are_given(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings) as world:
        await add_node(db, "a", "T4", 1, shares=False)
        body = {"name": "x", "environment": "python", "command": "true", "cpu_cores": 0.1, "memory_bytes": 64 << 20, "gpus": 0.5}  # fmt: skip
        status, error = await world.ann.refused("POST", "/training/tasks", json=body)
        assert (status, error["code"]) == (400, "never_fits")
        assert error["message"].startswith("Whole cards only")
