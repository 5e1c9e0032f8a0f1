"""What was seen alive and is gone without a trace is lost: it is neither completed nor started again."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from pathlib import Path

from slipway.base.database import Database
from slipway.base.settings import Settings
from tests.running import open_world, until


async def test_a_task_whose_instance_directory_is_gone_is_abnormal(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings, loops=True) as world:
        body = {
            "name": "t",
            "environment": "python",
            "command": "sleep 303",
            "cpu_cores": 0.1,
            "memory_bytes": 64 << 20,
        }
        task = await world.ann.ok("POST", "/training/tasks", json=body)
        path = f"/training/tasks/{task['id']}"

        async def running() -> bool:
            instances = (await world.ann.ok("GET", f"{path}/instances"))["items"]
            return bool(instances) and instances[0]["state"] == "running"

        await until(running)
    # The platform is away; the instance and all it left vanish.
    (directory,) = (settings.root / "instances").glob(f"{task['id']}-*")
    pids = await until(_sleepers)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    await until(lambda: (directory / "exit.json").exists())
    await asyncio.to_thread(shutil.rmtree, directory)
    async with _again(world, db, settings) as client:
        done = (await client.get(f"{path}/wait", params={"timeout_s": 20})).json()
        assert done["state"] == "Abnormal"
        assert "lost" in done["reason"]


def _sleepers() -> list[int]:
    return [int(p.parent.name) for p in Path("/proc").glob("[0-9]*/cmdline") if _is_sleeper(p)]


def _is_sleeper(path: Path) -> bool:
    try:
        return path.read_bytes().split(b"\0")[:2] == [b"sleep", b"303"]
    except OSError:
        return False


def _again(world: object, db: Database, settings: Settings):  # type: ignore[no-untyped-def]
    import contextlib

    import httpx

    from slipway.api.app import create_app
    from slipway.api.platform import run_platform
    from slipway.base.crypto import Sealer

    @contextlib.asynccontextmanager
    async def opened():  # type: ignore[no-untyped-def]
        app = create_app(settings, db, Sealer.open(settings.root / "key"))
        async with run_platform(app, gateway=None):
            headers = dict(world.ann.http.headers)  # type: ignore[attr-defined]
            async with httpx.AsyncClient(
                transport=httpx.ASGITransport(app), base_url="http://test/api/v1", headers=headers
            ) as client:
                yield client

    return opened()
