"""Rooms cannot tell: the same forms, run on a Ray cluster because their resource group is there."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from websockets.exceptions import InvalidStatus

from slipway.base.database import Database
from slipway.base.migrate import migrate
from slipway.base.settings import Settings
from slipway.compute.modes.registry import why_unavailable
from slipway.compute.types import Mode
from slipway.iam.roles import Role
from tests.compute.engines.contract import nap, sleepers
from tests.compute.engines.ray.cluster import RayCluster
from tests.compute.shells.test_shells import Place
from tests.running import World, listening, open_world, until
from tests.training import programs
from tests.training.test_modes import python

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


async def nodes_of(world: World, task: dict[str, Any], attempt: int = 1) -> set[str]:
    items = (await world.ann.ok("GET", f"/training/tasks/{task['id']}/instances"))["items"]
    return {item["node"] for item in items if item["attempt"] == attempt}


@pytest.mark.covers("TRN-54", "TRN-55")
async def test_mpirun_starts_its_ranks_on_another_machine(world: World) -> None:
    if reason := why_unavailable(Mode.MPI):
        pytest.skip(reason)
    command = (
        f"cat > sum.py <<'E'\n{programs.MPI_SUM}\nE\n"
        '[ "$INDEX" = 0 ] || exit 0\n'
        'mpirun -np 2 -H "$NODE_IP_SLOT_LIST" python "$ML_CODE_DIR/sum.py"'
    )
    task = await submit(world, command, mode="mpi", instances=2)
    done = await ended(world, task)
    lines = await code_lines(world, task)
    assert (done["state"], done["reason"]) == ("Completed", ""), lines
    said = sorted(line for line in lines if line.startswith("rank "))
    assert said == [f"rank {n} of 2 in instance {n}: sum 3" for n in range(2)]
    assert len(await nodes_of(world, task)) == 2


@pytest.mark.covers("TRN-57")
async def test_parameter_servers_serve_workers_on_other_machines(world: World) -> None:
    small = {"cpu_cores": 0.2, "memory_bytes": 64 << 20}
    roles = [
        {"name": "ps", "count": 1, "command": python(programs.PARAMETER_SERVER), **small},
        {"name": "worker", "count": 1, "command": python(programs.PARAMETER_WORKER), **small},
    ]
    task = await submit(world, "true", mode="ps", roles=roles)
    done = await ended(world, task)
    assert done["state"] == "Completed", await code_lines(world, task)
    assert "worker 1 saw 10" in await code_lines(world, task)
    assert len(await nodes_of(world, task)) == 2


@pytest.mark.covers("TRN-14", "TRN-16")
async def test_the_health_check_reduces_over_two_machines_before_the_command(world: World) -> None:
    task = await submit(
        world, "echo the command", mode="ddp", instances=2, environment="pytorch", memory_bytes=1 << 30,
        health_check_s=120,
    )  # fmt: skip
    done = await ended(world, task)
    path = f"/training/tasks/{task['id']}/logs"
    found = await world.ann.ok("GET", path, params={"category": "health_check", "limit": 100})
    table = [line["text"] for line in found["items"]]
    assert done["state"] == "Completed", table
    assert "All-reduce of 2 ranks over gloo." in table
    assert "the command" in await code_lines(world, task)


@pytest.mark.covers("TRN-45")
async def test_a_web_shell_reaches_the_machine_and_is_written_down(world: World) -> None:
    task = await submit(
        world, "echo mine > $ML_OUTPUT_DIR/mark; exec sleep 1000", env={"WHO": "me"}
    )

    async def running() -> Any:
        found = await world.ann.ok("GET", f"/training/tasks/{task['id']}/instances")
        return [i for i in found["items"] if i["state"] == "running"]

    [instance] = await until(running)
    async with listening(world.app) as url:
        place = Place(world, url, task["id"], instance["id"])
        async with place.shell(columns="90", rows="30") as terminal:
            await terminal.hears("open")
            await terminal.types("echo $WHO-$((40+2)); cat $ML_OUTPUT_DIR/mark; stty size\r")
            for words in ("me-42", "mine", "30 90"):
                await terminal.sees(words)
            await terminal.resizes(120, 40)
            await terminal.types("stty size; sleep 985 &\r")
            await terminal.sees("40 120")
            await terminal.types("exit 7\r")
            assert (await terminal.hears("closed"))["exit_code"] == 7
        assert [e.type for e in await until(lambda: _two(place))] == [
            "task:shellOpened", "task:shellClosed",
        ]  # fmt: skip
        viewer = await world.person("vera", Role.VIEWER, world.ann.actor.project_id)
        with pytest.raises(InvalidStatus):
            async with place.shell(viewer):
                pass
    await world.ann.ok("POST", f"/training/tasks/{task['id']}/stop")
    assert (await ended(world, task))["state"] == "Stopped"


async def _two(place: Place) -> list[Any] | None:
    found = await place.events()
    return found if len(found) == 2 else None


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
    task = await submit(world, f"(setsid sleep {nap(311)} &); echo up; exec sleep {nap(311)}")

    async def up() -> bool:
        return "up" in await code_lines(world, task)

    await until(up)
    await world.ann.ok("POST", f"/training/tasks/{task['id']}/stop")
    done = await ended(world, task)
    assert (done["state"], done["reason"]) == ("Stopped", "Stopped by request.")
    assert await asyncio.to_thread(sleepers, 311) == []


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


LASTS = """
if [ -n "$SLIPWAY_RESUME_CHECKPOINT" ]; then echo "from $SLIPWAY_RESUME_CHECKPOINT"; exit 0; fi
mkdir -p "$ML_OUTPUT_DIR/checkpoint-7" && touch "$ML_OUTPUT_DIR/checkpoint-7/.complete"
echo up; exec sleep {seconds}
"""


@pytest.mark.covers("RES-17", "RES-18", "TRN-X4")
async def test_work_of_a_machine_that_died_goes_on_elsewhere_or_fails_by_its_policy(
    world: World, ray_cluster: RayCluster
) -> None:
    moves = await submit(world, LASTS.format(seconds=nap(315)), max_restarts=1)
    await until(lambda: _says(world, moves, "up"))
    (node,) = await nodes_of(world, moves)
    name = (await world.admin.ok("GET", f"/nodes/{node}"))["info"]["labels"]["slipway-node"]
    fails = await submit(world, f"echo up; exec sleep {nap(315)}")
    await until(lambda: _says(world, fails, "up"))
    other = await nodes_of(world, fails)
    ray_cluster.kill(name)
    done = await ended(world, moves)
    assert done["state"] == "Completed", done["reason"]
    (line,) = [x for x in await code_lines(world, moves) if x.startswith("from ")]
    assert line.endswith("/checkpoint-7")
    attempts = (await world.ann.ok("GET", f"/training/tasks/{moves['id']}/attempts"))["items"]
    assert [(a["number"], a["ending"]) for a in attempts] == [(2, "succeeded"), (1, "rescheduled")]
    why = f"Instance master-0 was lost: its machine {name} left the Ray cluster"
    assert attempts[1]["reason"].startswith(why)
    assert await nodes_of(world, moves, attempt=2) == other != {node}
    assert (done["restarts"], done["reschedules"]) == (0, 1)
    dead = await world.admin.ok("GET", f"/nodes/{node}")
    assert (dead["state"], dead["cordoned"]) == ("abnormal", False)
    assert dead["reason"] == "Its machine is gone; what ran there is lost."
    await until(lambda: len(sleepers(315)) == 1)

    ray_cluster.add(name)
    assert await ray_group(world)  # both are usable again, by themselves
    # The other task was never touched; now its machine dies, and it may not be restarted.
    (last,) = other
    name = (await world.admin.ok("GET", f"/nodes/{last}"))["info"]["labels"]["slipway-node"]
    ray_cluster.kill(name)
    done = await ended(world, fails)
    assert done["state"] == "Abnormal"
    assert f"its machine {name} left the Ray cluster" in done["reason"]
    assert sleepers(315) == []
    ray_cluster.add(name)
    assert await ray_group(world)


async def _says(world: World, task: dict[str, Any], line: str) -> bool:
    return line in await code_lines(world, task)
