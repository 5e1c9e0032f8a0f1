"""Rooms cannot tell: the same forms, run on a Ray cluster because their resource group is there."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from slipway.base.database import Database
from slipway.base.migrate import migrate
from slipway.base.settings import Settings
from tests.compute.engines.ray.cluster import RayCluster
from tests.running import World, open_world, until

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

_NUMBERS = itertools.count()
SMALL = {"environment": "python", "cpu_cores": 0.2, "memory_bytes": 64 << 20}
REDUCE = """
import os, torch, torch.distributed as dist
dist.init_process_group("gloo")
one = torch.ones(3)
dist.all_reduce(one)
print("sum", one.tolist(), "rank", dist.get_rank(), "of", dist.get_world_size())
dist.destroy_process_group()
"""
SERVER = """
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
        self.wfile.write(os.environ["SLIPWAY_INSTANCE_ID"].encode())
    def log_message(self, *_): pass
http.server.HTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Handler).serve_forever()
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(
    tmp_path_factory: pytest.TempPathFactory, ray_cluster: RayCluster
) -> AsyncIterator[World]:
    home = tmp_path_factory.mktemp("platform")
    db = Database(f"sqlite+aiosqlite:///{home / 'test.db'}")
    await migrate(db)
    settings = Settings(
        home=home / "home", sample_interval_s=1, ray_address=ray_cluster.address,
        ray_node_root=str(home / "nodes"), ray_lost_after_s=6,
    )  # fmt: skip
    async with open_world(db, settings, loops=True) as world:
        yield world
    await db.close()


async def ray_group(world: World) -> str:
    """The id of the group of discovered machines, once they run."""

    async def found() -> str | None:
        groups = (await world.admin.ok("GET", "/resource-groups"))["items"]
        ready = [g["id"] for g in groups if g["name"] == "ray" and g["nodes_usable"] == 2]
        return ready[0] if ready else None

    return str(await until(found, 60))


async def submit(world: World, command: str, **form: Any) -> dict[str, Any]:
    group = await ray_group(world)
    body = {
        "name": f"t-{next(_NUMBERS)}",
        "command": command,
        "resource_group": group,
        **SMALL,
        **form,
    }
    made: dict[str, Any] = await world.ann.ok("POST", "/training/tasks", json=body)
    return made


async def ended(world: World, task: dict[str, Any]) -> dict[str, Any]:
    path = f"/training/tasks/{task['id']}/wait"

    async def done() -> dict[str, Any] | None:
        found = await world.ann.ok("GET", path, params={"timeout_s": 30})
        return found if found["ended_at"] else None

    found: dict[str, Any] = await until(done, 150)  # several imports of torch at a time
    return found


async def code_lines(world: World, task: dict[str, Any]) -> list[str]:
    path = f"/training/tasks/{task['id']}/logs"
    found = await world.ann.ok("GET", path, params={"category": "code"})
    return [line["text"] for line in found["items"]]


async def test_a_task_of_the_ray_group_runs_there_and_brings_back_all_it_wrote(
    world: World,
) -> None:
    command = (
        "echo out; pwd; echo kept > $ML_OUTPUT_DIR/result; "
        """echo '{"t": 1, "step": 1, "metrics": {"loss": 0.5}}' >> $SLIPWAY_METRICS_FILE; exit 3"""
    )
    task = await submit(world, command)
    done = await ended(world, task)
    assert (done["state"], done["reason"]) == ("Abnormal", "Instance master-0 exited with code 3.")
    assert "out" in await code_lines(world, task)
    path = f"/training/tasks/{task['id']}"
    (instance,) = (await world.ann.ok("GET", f"{path}/instances"))["items"]
    nodes = (await world.admin.ok("GET", "/nodes"))["items"]
    assert instance["host"] in {n["host"] for n in nodes if n["group_name"] == "ray"}
    curves = (await world.ann.ok("GET", f"{path}/metrics"))["items"]
    assert [(c["name"], c["value"]) for c in curves] == [("loss", [0.5])]


@pytest.mark.covers("TRN-52")
async def test_instances_on_several_machines_train_together(world: World) -> None:
    command = f"cat > run.py <<'EOF'\n{REDUCE}\nEOF\npython run.py"
    task = await submit(
        world, command, mode="ddp", instances=2, environment="pytorch", memory_bytes=1 << 30
    )
    done = await ended(world, task)
    assert (done["state"], done["reason"]) == ("Completed", ""), await code_lines(world, task)
    said = sorted(line for line in await code_lines(world, task) if line.startswith("sum"))
    assert said == [f"sum [2.0, 2.0, 2.0] rank {rank} of 2" for rank in range(2)]


async def test_a_stopped_task_leaves_no_process(world: World) -> None:
    task = await submit(world, "(setsid sleep 311 &); echo up; exec sleep 311")

    async def up() -> bool:
        return "up" in await code_lines(world, task)

    await until(up)
    await world.ann.ok("POST", f"/training/tasks/{task['id']}/stop")
    done = await ended(world, task)
    assert (done["state"], done["reason"]) == ("Stopped", "Stopped by request.")
    assert await asyncio.to_thread(sleepers, "311") == []


async def test_a_replica_answers_at_the_address_of_its_machine(world: World) -> None:
    body = {
        "name": "echo", "runtime": "custom", "environment": "python",
        "command": f"exec python -c '{SERVER}'", "cpu_cores": 0.1, "memory_bytes": 64 << 20,
        "grace_s": 1, "resource_group": await ray_group(world),
    }  # fmt: skip
    made = await world.ann.ok("POST", "/services", json=body)
    version = made["items"][0]["id"]

    async def running() -> dict[str, Any] | None:
        items = (await world.ann.ok("GET", f"/services/versions/{version}/instances"))["items"]
        return next((i for i in items if i["state"] == "Running"), None)

    instance = await until(running, 40)
    assert instance["host"] != "127.0.0.1"
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"http://{instance['host']}:{instance['port']}/")
    assert answer.text == instance["instance_id"]
    await world.ann.ok("POST", f"/services/versions/{version}/stop")

    async def stopped() -> bool:
        items = (await world.ann.ok("GET", f"/services/versions/{version}/instances"))["items"]
        return items == []

    await until(stopped, 20)


def sleepers(seconds: str) -> list[int]:
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
        except OSError:
            continue
        if words[:2] == [b"sleep", seconds.encode()]:
            found.append(int(name))
    return found
