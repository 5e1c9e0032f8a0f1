"""The distributed modes, each with a real run: torchrun, mpirun, parameter servers, a Ray cluster."""

from __future__ import annotations

import shlex
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest

from slipway.base.database import Database
from slipway.base.settings import Settings
from slipway.compute.modes.registry import why_unavailable
from slipway.compute.types import Mode
from tests.running import World, open_world
from tests.training import programs

SMALL: dict[str, Any] = {"cpu_cores": 0.2, "memory_bytes": 64 << 20}


# What processes do to each other does not depend on the database: once is enough.
ONE_DATABASE = pytest.mark.parametrize("db", ["sqlite"], indirect=True)


@pytest.fixture
async def world(db: Database, settings: Settings) -> AsyncIterator[World]:
    async with open_world(db, settings, loops=True) as world:
        yield world


async def run(world: World, name: str, *, wait_s: float = 110, **form: Any) -> dict[str, Any]:
    """Submit and wait for the end; the answer also holds `lines`, what the code printed."""
    made = await world.ann.ok(
        "POST", "/training/tasks", json={"name": name, "environment": "python", **SMALL, **form}
    )
    path = f"/training/tasks/{made['id']}"
    task: dict[str, Any] = await world.ann.ok("GET", f"{path}/wait", params={"timeout_s": wait_s})
    task["all"] = await lines_of(world, made["id"])
    task["lines"] = sorted(await lines_of(world, made["id"], category="code"))
    task["instances"] = (await world.ann.ok("GET", f"{path}/instances"))["items"]
    return task


async def lines_of(world: World, task_id: str, **query: Any) -> list[str]:
    found = await world.ann.ok(
        "GET", f"/training/tasks/{task_id}/logs", params={"order": "ASC", "limit": 100, **query}
    )
    return [line["text"] for line in found["items"]]


def python(program: str) -> str:
    return f"{sys.executable} -c {shlex.quote(program)}"


@ONE_DATABASE
@pytest.mark.covers("TRN-52", "TRN-53")
@pytest.mark.parametrize("instances", [2, 3])
async def test_torchrun_reduces_over_all_instances(world: World, instances: int) -> None:
    command = (
        f"cat > job.py <<'E'\n{programs.DDP_SUM}\nE\n"
        "python -m torch.distributed.run --nproc_per_node ${GPUS:-1} --nnodes ${WORLD_SIZE:-1} "
        "--node_rank ${RANK:-0} --master_addr ${MASTER_ADDR:-localhost} --master_port ${MASTER_PORT:-23456} job.py"
    )
    task = await run(
        world, "ddp", mode="ddp", instances=instances, command=command, environment="pytorch",
        cpu_cores=1, memory_bytes=512 << 20,
    )  # fmt: skip
    assert task["state"] == "Completed", task["all"]
    total = instances * (instances + 1) // 2
    said = [line for line in task["lines"] if line.startswith("rank ")]
    assert said == [f"rank {n} of {instances}: sum {total}" for n in range(instances)]


@ONE_DATABASE
@pytest.mark.covers("TRN-54", "TRN-55", "TRN-51")
async def test_mpirun_starts_its_ranks_inside_the_other_instances(world: World) -> None:
    if reason := why_unavailable(Mode.MPI):
        pytest.skip(reason)
    command = (
        f"cat > sum.py <<'E'\n{programs.MPI_SUM}\nE\n"
        'if [ "$INDEX" = 0 ]; then\n'
        '  cat "$OMPI_MCA_orte_default_hostfile"\n'
        '  mpirun -np 2 -H "$NODE_IP_SLOT_LIST" python "$ML_CODE_DIR/sum.py"\n'
        "fi"
    )
    task = await run(world, "mpi", mode="mpi", instances=2, command=command)
    assert task["state"] == "Completed", task["all"]
    assert [(i["role"], i["rank"], i["exit_code"]) for i in task["instances"]] == [
        ("launcher", 0, 0),
        ("worker", 1, 0),
    ]
    said = [line for line in task["lines"] if line.startswith("rank ")]
    assert said == [f"rank {n} of 2 in instance {n}: sum 3" for n in range(2)]
    assert [line for line in task["lines"] if "slots=" in line] == [
        f"{task['id']}-launcher-0 slots=1",
        f"{task['id']}-worker-0 slots=1",
    ]


@pytest.mark.covers("TRN-57")
async def test_parameter_servers_serve_until_all_workers_are_done(world: World) -> None:
    roles = [
        {"name": "ps", "count": 2, "command": python(programs.PARAMETER_SERVER), **SMALL},
        {"name": "worker", "count": 2, "command": python(programs.PARAMETER_WORKER), **SMALL},
    ]
    task = await run(world, "ps", mode="ps", roles=roles)
    assert task["state"] == "Completed", task["all"]
    assert max(int(line.split()[-1]) for line in task["lines"] if " saw " in line) == 30
    by_role = {(i["role"], i["index"]): i["exit_code"] for i in task["instances"]}
    assert by_role[("worker", 0)] == by_role[("worker", 1)] == 0
    assert len(by_role) == 4


@pytest.mark.covers("TRN-57")
async def test_a_parameter_server_that_fails_fails_the_task(world: World) -> None:
    roles = [
        {"name": "ps", "command": "exit 4", **SMALL},
        {"name": "worker", "command": "sleep 60", **SMALL},
    ]
    task = await run(world, "ps", mode="ps", roles=roles)
    assert (task["state"], task["reason"]) == ("Abnormal", "Instance ps-0 exited with code 4.")


@ONE_DATABASE
@pytest.mark.slow
@pytest.mark.covers("TRN-58", "TRN-59")
async def test_a_ray_cluster_runs_the_command_on_its_head(world: World) -> None:
    if reason := why_unavailable(Mode.RAY):
        pytest.skip(reason)
    big = {"cpu_cores": 1, "memory_bytes": 700 << 20}
    roles = [{"name": "head", **big}, {"name": "workers", **big}]
    command = f"{python(programs.RAY_JOB)}; exit 5"
    task = await run(world, "ray", mode="ray", roles=roles, command=command)
    assert task["reason"] == "Instance head-0 exited with code 5.", task["all"]
    assert "ran on index 1" in task["lines"], task["all"]
    assert "nodes 2" in task["lines"]
