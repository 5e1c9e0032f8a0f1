"""A task's TensorBoard: refused without event files, started as a workload, reached through the platform."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from slipway.base.database import Database
from slipway.base.settings import Settings
from slipway.compute.queries import list_live
from tests.running import PASSWORD, World, open_world, until
from tests.tracking.test_push import task_of

_EVENTS = "events.out.tfevents.1700000000.host"


@pytest.fixture
def event_file(settings: Settings) -> Any:
    """Puts a real event file (one scalar) below the task's summary folder."""

    def put(world: World, task: str, folder: str = "summary") -> None:
        writer = pytest.importorskip("tensorboard.summary.writer.event_file_writer")
        events = pytest.importorskip("tensorboard.compat.proto.event_pb2")
        summaries = pytest.importorskip("tensorboard.compat.proto.summary_pb2")
        root = settings.root / "storage" / world.ann.actor.project_id / "training" / task / folder
        value = summaries.Summary.Value(tag="loss", simple_value=0.25)
        one = writer.EventFileWriter(str(root))
        one.add_event(events.Event(step=1, wall_time=1.7e9, summary=summaries.Summary(value=[value])))  # fmt: skip
        one.close()

    return put


@pytest.mark.covers("TRN-41", "TRN-42")
@pytest.mark.filterwarnings("ignore")
async def test_a_board_is_started_seen_and_stopped(
    db: Database, settings: Settings, event_file: Any
) -> None:
    if db.is_sqlite is False:
        pytest.skip("starts a real TensorBoard; once is enough")
    async with open_world(db, settings, loops=True) as world:
        task = await task_of(world.ann)
        path = f"/training/tasks/{task}/tensorboard"
        status, error = await world.ann.refused("POST", path, json={})
        assert (status, error["code"]) == (409, "no_event_files")
        assert "/opt/ml/summary" in error["message"]
        event_file(world, task)
        board = await world.ann.ok("POST", path, json={})
        assert board["state"] == "starting"
        assert (await world.ann.refused("POST", path, json={}))[1]["code"] == "board_running"
        page = f"http://test{board['path']}"
        browser = await _browser(world)
        waiting = await browser.get(page)
        assert (waiting.status_code, "Keep this page open" in waiting.text) == (503, True)

        async def ready() -> bool:
            found = (await world.ann.ok("GET", path))["board"]
            assert found["state"] != "unavailable", found
            return bool(found["state"] == "ready")

        await until(ready, 60)
        assert "TensorBoard" in (await browser.get(page)).text
        scalars = await browser.get(f"{page}data/plugin/scalars/scalars?run=.&tag=loss")
        assert scalars.json()[0][1:] == [1, 0.25]
        posted = await browser.post(f"{page}data/plugin/timeseries/timeSeries", headers={"origin": "http://evil"})  # fmt: skip
        assert posted.status_code == 403
        nobody = httpx.AsyncClient(transport=httpx.ASGITransport(world.app), base_url="http://test")
        assert (await nobody.get(page)).status_code == 401
        assert (await world.bob.http.get(page)).status_code == 404
        assert (await world.ann.ok("POST", f"{path}/stop"))["state"] == "stopped"
        assert "stopped" in (await browser.get(page)).text
        await nobody.aclose()
        await browser.aclose()

        async def given_back() -> bool:
            async with world.db.read() as session:
                return not await list_live(session)

        await until(given_back, 30)


async def _browser(world: World) -> httpx.AsyncClient:
    browser = httpx.AsyncClient(transport=httpx.ASGITransport(world.app), base_url="http://test")
    answer = await browser.post("/api/v1/auth/login", json={"name": "ann", "password": PASSWORD})
    assert answer.is_success
    return browser


@pytest.mark.covers("TRN-40")
async def test_a_folder_of_a_mount_is_shown_and_nothing_beside_it(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings) as world:
        bucket = world.ann.actor.project_id
        await world.ann.ok("PUT", f"/buckets/{bucket}/objects/data/log/{_EVENTS}", content=b"x")
        form = {
            "name": "t", "environment": "python", "command": "true", "cpu_cores": 0.01, "memory_bytes": 16 << 20,
            "mounts": [{"kind": "storage", "source": f"{bucket}/data", "target": "/opt/ml/mine"}],
        }  # fmt: skip
        task = (await world.ann.ok("POST", "/training/tasks", json=form))["id"]
        path = f"/training/tasks/{task}/tensorboard"
        assert (await world.ann.ok("GET", path))["mounts"] == ["/opt/ml/mine"]
        mount = {"store": "mount", "mount": "/opt/ml/mine"}
        for below, code in (("none", "no_event_files"), ("../..", "bad_path")):
            refused = await world.ann.refused("POST", path, json={**mount, "sub_directory": below})
            assert refused[1]["code"] == code
        unknown = {"store": "mount", "mount": "/opt/ml/other"}
        assert "/opt/ml/mine" in (await world.ann.refused("POST", path, json=unknown))[1]["message"]
        board = await world.ann.ok("POST", path, json={**mount, "sub_directory": "log"})
        assert board["container_path"] == "/opt/ml/mine/log"
        assert (await world.bob.refused("GET", path))[0] == 404
        outside = settings.root / "storage" / bucket / "data" / "out"
        outside.symlink_to("/etc")
        escape = await world.ann.refused("POST", path, json={**mount, "sub_directory": "out"})
        assert escape[0] == 400
