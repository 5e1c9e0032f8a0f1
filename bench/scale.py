"""At size: lists over 100,000 tasks, and what 1,000 running instances cost while nothing happens."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from bench.figure import Figure, median
from bench.process import cpu_s
from slipway import Client
from slipway.base.clock import utc_now
from slipway.base.database import Database
from slipway.iam import tables as _projects  # noqa: F401  what the task table refers to
from slipway.sdk.local import LocalPlatform
from slipway.training.tables import TaskRow
from slipway.training.types import TaskSpec

TASKS = 100_000
INSTANCES = 1_000
IDLE_S = 60
SMALL = {"environment": "python", "cpu_cores": 0.001, "memory_bytes": 16 << 20}


def figures() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="slipway-bench-") as folder:
        platform = LocalPlatform.fresh(Path(folder) / "home")
        with platform:
            client = platform.client()
            busy = _idle_with_instances(platform, client)
            lists = _lists(platform, client)
    return [
        Figure("compute.idle_cpu_1000_instances_percent", "%", busy),
        *(
            Figure(f"compute.list_100k_tasks_{name}_ms".replace("_first", ""), "ms", value)
            for name, value in lists.items()
        ),
    ]


def _idle_with_instances(platform: LocalPlatform, client: Client) -> float:
    """Percent of one core that the control plane takes for 1,000 instances that only sleep."""
    made = [client.tasks.create(f"s{n}", "exec sleep 3600", **SMALL) for n in range(INSTANCES)]
    while any(t.state != "Running" for t in client.tasks.list(state=["Queued", "Starting"])):
        time.sleep(1)
    time.sleep(5)
    assert platform.process is not None
    before = cpu_s([platform.process.pid])
    time.sleep(IDLE_S)
    spent = cpu_s([platform.process.pid]) - before
    for task in made:
        client.tasks.stop(task.id)
    while next(client.tasks.list(state=["Running", "Stopping"]), None) is not None:
        time.sleep(1)
    return spent / IDLE_S * 100


def _lists(platform: LocalPlatform, client: Client) -> dict[str, float]:
    platform.interrupt()
    asyncio.run(_fill(platform.home))
    platform.start()
    page = client.http.request("GET", "/training/tasks", params={"limit": 50}).json()
    for _ in range(20):
        page = client.http.request(
            "GET", "/training/tasks", params={"limit": 50, "cursor": page["next_cursor"]}
        ).json()
    return {
        "first": _timed(client, {"limit": 50}),
        "deep": _timed(client, {"limit": 50, "cursor": page["next_cursor"]}),
        "state": _timed(client, {"limit": 50, "state": "Abnormal"}),
        "search": _timed(client, {"limit": 50, "search": "task-99999"}),
        "tag": _timed(client, {"limit": 50, "tag": "team:7"}),
    }


def _timed(client: Client, params: dict[str, Any]) -> float:
    return _median_ms(lambda: client.http.request("GET", "/training/tasks", params=params))


def _median_ms(call: Callable[[], object]) -> float:
    times = []
    for _ in range(9):
        began = time.perf_counter()
        call()
        times.append((time.perf_counter() - began) * 1000)
    return median(times)


async def _fill(home: Path) -> None:
    """Ended tasks, written as rows: submitting so many would measure something else."""
    db = Database(f"sqlite+aiosqlite:///{home / 'slipway.db'}")
    spec = TaskSpec("t", "python", "true").as_json()
    async with db.begin() as session:
        like = (await session.scalars(select(TaskRow).limit(1))).one()
        same = {
            "project_id": like.project_id, "description": "", "spec": spec, "reason": "", "workload_id": "",
            "output": "b/x/", "created_by": like.created_by, "creator_name": "admin",
        }  # fmt: skip
        began = utc_now() - timedelta(days=300)
        for start in range(0, TASKS, 5_000):
            rows = []
            for n in range(start, start + 5_000):
                at = began + timedelta(seconds=n)
                state = "Completed" if n % 100 else "Abnormal"
                rows.append(
                    same | {"id": f"train-bench{n:06}", "name": f"task-{n}", "tags": {"team": str(n % 10)},
                            "state": state, "attempt": 1, "restarts": 0, "evictions": 0, "created_at": at,
                            "updated_at": at, "ended_at": at}
                )  # fmt: skip
            await session.execute(insert(TaskRow), rows)
    await db.close()
