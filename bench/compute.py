"""From submitting a task to seeing it finished, through the public API; the bare process beside it."""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import scheduler, telemetry
from bench.figure import Figure, median, quantile
from slipway import Client
from slipway.sdk.local import LocalPlatform

TASKS = 40
BURST = 100
SMALL = {"environment": "python", "cpu_cores": 0.01, "memory_bytes": 16 << 20}


def figures() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="slipway-bench-") as folder:
        platform = LocalPlatform.fresh(Path(folder) / "home")
        with platform:
            client = platform.client()
            one = [_one(client, f"t{n}") for n in range(TASKS)][5:]
            burst = _burst(client)
            cached = _cached_environment(client)
    bare = median([_bare() for _ in range(TASKS)])
    return [
        Figure("compute.submit_to_finish_p50_s", "s", median(one), "subprocess", bare),
        Figure("compute.submit_to_finish_p95_s", "s", quantile(one, 0.95)),
        Figure("compute.burst100_s", "s", burst, "subprocess x 100", bare * BURST),
        *scheduler.figures(),
        Figure("compute.env_cached_start_s", "s", cached, "built-in environment", median(one)),
        *telemetry.figures(),
    ]


def _one(client: Client, name: str, form: dict[str, Any] = SMALL) -> float:
    began = time.perf_counter()
    task = client.tasks.create(name, "true", **form)
    client.tasks.wait(task.id, check=True)
    return time.perf_counter() - began


def _burst(client: Client) -> float:
    """All submitted one after the other, then waited for."""
    began = time.perf_counter()
    tasks = [client.tasks.create(f"b{n}", "true", **SMALL) for n in range(BURST)]
    for task in tasks:
        client.tasks.wait(task.id, check=True)
    return time.perf_counter() - began


def _cached_environment(client: Client) -> float:
    """A task in an environment that is built already, to its end."""
    made = client.environments.create("cached", on_platform=True)
    client.environments.wait(made.id)
    form = SMALL | {"environment": made.id}
    return median([_one(client, f"e{n}", form) for n in range(TASKS // 2)][2:])


def _bare() -> float:
    began = time.perf_counter()
    subprocess.run(["true"], check=True)
    return time.perf_counter() - began
