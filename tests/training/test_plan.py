"""The plan of a task, the rules of the form, paths of nodes, and what is refused with which words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from slipway.base.clock import utc_now
from slipway.base.database import Database
from slipway.base.errors import Invalid
from slipway.base.settings import Settings
from slipway.compute import queries as compute_queries
from slipway.compute.nodes.network import rdma_model
from slipway.compute.queue.seats import Ports, seat_instances
from slipway.compute.scheduling.model import Seat
from slipway.compute.tables import InstanceRow, NodeRow, WorkloadRow
from slipway.compute.types import (
    Card,
    InstanceState,
    Node,
    NodeState,
    Resources,
    Role,
    WorkloadSpec,
)
from slipway.training.health import why_no_health_check
from slipway.training.inputs import checked_path
from tests.compute.modes.test_rules import placed
from tests.running import World, open_world

BASE: dict[str, Any] = {"name": "t", "environment": "python", "command": "true"}
EACH = {"cpu_cores": 0.5, "memory_bytes": 1 << 30}


@pytest.fixture
async def world(db: Database, settings: Settings) -> AsyncIterator[World]:
    async with open_world(db, settings) as world:
        yield world


async def plan(world: World, **form: Any) -> dict[str, Any]:
    found: dict[str, Any] = await world.ann.ok("POST", "/training/tasks/plan", json=BASE | form)
    return found


def node(cards: int = 8, rdma: bool = True, name: str = "n") -> Node:
    gpus = tuple(Card(n, "H100", 80 << 30) for n in range(cards))
    info = {"rdma": ["mlx5_0"]} if rdma else {}
    return Node(name, "g", name, "ray", name, 64, 1 << 40, gpus, NodeState.RUNNING, info=info)


def asks(count: int, gpus: float) -> list[Role]:
    return [Role("master", count, resources=Resources(8, 1 << 30, gpus))]


@pytest.mark.covers("TRN-15")
@pytest.mark.parametrize(
    ("roles", "nodes", "reason"),
    [
        (asks(1, 8), [node()], None),
        (asks(1, 4), [node(4, rdma=False)], None),  # one machine: NVLink and PCIe only
        (asks(2, 8), [node()], None),
        (asks(2, 8), [node(rdma=False)], "RDMA"),
        (asks(1, 4), [node()], "all cards of a node"),
        (asks(1, 0.5), [node()], "all cards of a node"),
        (asks(2, 0), [node(0)], None),  # gloo between instances without cards
        (asks(1, 0), [node(0)], "no network"),
        ([*asks(1, 8), *asks(1, 0)], [node()], "same number"),
    ],
)
def test_who_may_ask_for_the_health_check(
    roles: list[Role], nodes: list[Node], reason: str | None
) -> None:
    found = why_no_health_check(roles, nodes)
    assert found is None if reason is None else found is not None and reason in found


@pytest.mark.covers("TRN-61")
def test_rdma_is_for_two_or_more_whole_machines() -> None:
    nodes = [node(name="node-0"), node(name="node-1")]
    roles = asks(2, 8)
    all_cards = tuple(range(8))
    whole = [replace(i, gpu_indexes=all_cards) for i in placed(roles)]
    assert rdma_model(whole, nodes) == "H100"
    assert rdma_model(whole[:1], nodes) is None
    assert rdma_model([whole[0], replace(whole[1], gpu_indexes=(0, 1))], nodes) is None
    assert rdma_model(whole, [nodes[0], node(name="node-1", rdma=False)]) is None


@pytest.mark.covers("TRN-61")
async def test_network_profiles_are_the_administrators(world: World) -> None:
    path, form = "/network-profiles/H100", {"variables": {"NCCL_IB_TC": "160"}}
    assert (await world.ann.refused("PUT", path, json=form))[0] == 403
    await world.admin.ok("PUT", path, json=form)
    listed = await world.ann.ok("GET", "/network-profiles")
    assert [(p["gpu_model"], p["variables"]) for p in listed["items"]] == [
        ("H100", form["variables"])
    ]
    assert listed["example"]["NCCL_IB_TIMEOUT"] == "24"
    wrong = await world.admin.refused("PUT", path, json={"variables": {"a b": "1"}})
    assert (wrong[0], wrong[1]["details"]["field"]) == (400, "variables")
    nameless = await world.admin.refused("PUT", "/network-profiles/%20", json=form)
    assert (nameless[0], nameless[1]["details"]["field"]) == (400, "gpu_model")
    await world.admin.ok("DELETE", path)
    assert (await world.admin.refused("DELETE", path))[0] == 404


@pytest.mark.covers("TRN-61")
async def test_a_network_profile_that_running_tasks_use_stays(world: World) -> None:
    """Two whole machines of one task use it; a part of a machine, or one machine, does not."""
    path, form = "/network-profiles/H100", {"variables": {"NCCL_IB_TC": "160"}}
    await world.admin.ok("PUT", path, json=form)
    await hold_machines(world, "both", 2)
    (profile,) = (await world.ann.ok("GET", "/network-profiles"))["items"]
    assert profile["uses"] == 1
    assert "(1)" in profile["blocked"]["delete"]
    status, error = await world.admin.refused("DELETE", path)
    assert (status, error["code"], error["message"]) == (
        409,
        "in_use",
        profile["blocked"]["delete"],
    )
    await world.admin.ok("PUT", path, json=form)  # to change it is no loss
    async with world.db.begin() as session:
        await session.execute(update(InstanceRow).values(state=InstanceState.EXITED))
    (profile,) = (await world.ann.ok("GET", "/network-profiles"))["items"]
    assert (profile["uses"], profile["blocked"]["delete"]) == (0, None)
    await world.admin.ok("DELETE", path)


async def hold_machines(world: World, name: str, count: int) -> None:
    """A task with all cards of `count` RDMA machines, as the rows of a placed one say it."""
    now = utc_now()
    async with world.db.begin() as session:
        for number in range(count):
            cards = [asdict(Card(i, "H100", 80 << 30)) for i in range(2)]
            session.add(
                NodeRow(
                    id=f"node-{number}", group_id="rsg-local", name=f"n{number}", engine="process",
                    host="127.0.0.1", cpu_cores=8, memory_bytes=8 << 30, gpus=cards,
                    info={"rdma": True}, state=NodeState.RUNNING, created_at=now, joined_at=now,
                )
            )  # fmt: skip
    task = await world.ann.ok(
        "POST", "/training/tasks",
        json={"name": name, "environment": "python", "mode": "ddp", "command": "true",
              "instances": count, "cpu_cores": 1, "memory_bytes": 1 << 30, "gpus": 2},
    )  # fmt: skip
    async with world.db.begin() as session:
        workload = await session.scalar(
            select(WorkloadRow).where(WorkloadRow.owner_id == task["id"])
        )
        assert workload is not None
        nodes = await compute_queries.list_nodes(session)
        seats = [Seat(f"node-{n}", (0, 1)) for n in range(count)]
        await seat_instances(
            session, workload, WorkloadSpec.of(workload.spec), seats, nodes,
            ports=Ports(range(20000, 20100), lambda _node, _port: True), now=now,
        )  # fmt: skip


@pytest.mark.covers("TRN-26", "TRN-57")
async def test_the_plan_adds_up_what_an_hour_draws(world: World) -> None:
    roles = [{"name": "ps", **EACH}, {"name": "worker", "count": 2, **EACH}]
    found = await plan(world, mode="ps", roles=roles)
    assert found["problem"] is None
    assert [(r["name"], r["count"], r["decides"]) for r in found["roles"]] == [
        ("ps", 1, False),
        ("worker", 2, True),
    ]
    assert found["per_hour"] == {"cpu_core_hours": 1.5, "memory_gib_hours": 3.0, "gpu_hours": 0.0}
    listed = await world.ann.ok("GET", "/training/tasks")
    assert listed["items"] == []  # a plan creates nothing


@pytest.mark.covers("TRN-26")
@pytest.mark.parametrize(
    ("form", "field", "words"),
    [
        ({"mode": "ps"}, "roles", "needs its roles"),
        ({"roles": [{"name": "ps", **EACH}]}, "roles", "same request for every instance"),
        (
            {"mode": "ddp", "instances": 2, "environment": "tiinfer"},
            "environment",
            "no environment",
        ),
        ({"cpu_cores": 900}, "resources", "No node is large enough"),
        ({"max_restarts": 11}, "max_restarts", "0 (off) to 10"),
        ({"max_reschedules": 11}, "max_reschedules", "to 10"),
        ({"grace_s": -1}, "grace_s", "0 to 3600"),
        ({"hang_s": 1}, "hang_s", "10 to 604800"),
        ({"health_check_s": 60}, "health_check_s", "no network"),
        ({"mode": "no-such"}, "mode", "offers the modes"),
    ],
)
async def test_the_plan_says_what_a_submit_would_be_refused_for(
    world: World, form: dict[str, Any], field: str, words: str
) -> None:
    found = await plan(world, **form)
    assert found["field"] == field
    assert words in found["problem"]
    status, error = await world.ann.refused("POST", "/training/tasks", json=BASE | form)
    assert (status, error["message"], error["details"]["field"]) == (400, found["problem"], field)


@pytest.mark.covers("TRN-17")
def test_paths_of_the_nodes_stay_below_the_allowed_roots(tmp_path: Path) -> None:
    shared, secret = tmp_path / "shared", tmp_path / "secret"
    (shared / "data").mkdir(parents=True)
    secret.mkdir()
    (shared / "way-out").symlink_to(secret)
    roots = (shared.resolve(),)
    assert checked_path(str(shared / "data"), roots) == (shared / "data").resolve()
    for text in (
        str(secret),
        str(shared / "way-out"),
        f"{shared}/../secret",
        "data",
        str(shared / "x"),
    ):
        with pytest.raises(Invalid) as caught:
            checked_path(text, roots)
        assert caught.value.details["field"] == "mounts"
    with pytest.raises(Invalid, match="SLIPWAY_MOUNT_ROOTS"):
        checked_path(str(shared / "data"), ())
