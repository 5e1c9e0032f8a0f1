"""The import loop under crashes, stale claims and doubled work."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from slipway.base.claims import claim
from slipway.base.clock import utc_now
from slipway.base.events import list_events
from slipway.models import package
from slipway.models.loop import ModelContext, ModelLoop
from slipway.models.tables import ModelVersionRow
from tests.models.house import House, until
from tests.models.test_import import PACKAGE, start_import


def loop_of(house: House, **changes: Any) -> ModelLoop:
    return ModelLoop(ModelContext(house.db, house.storage, utc_now, **changes))


async def row_of(house: House, version_id: str) -> ModelVersionRow:
    async with house.db.read() as session:
        row = await session.scalar(select(ModelVersionRow).where(ModelVersionRow.id == version_id))
        assert row is not None
        return row


async def test_a_claimed_version_is_left_alone_until_the_claim_runs_out(house: House) -> None:
    version = (await start_import(house, name="held")).json()
    async with house.db.begin() as session:
        assert await claim(session, ModelVersionRow, version["id"], now=utc_now())
    await loop_of(house).import_one(version["id"])
    assert (await row_of(house, version["id"])).state == "Importing"
    later = ModelContext(house.db, house.storage, lambda: utc_now() + timedelta(minutes=2))
    await ModelLoop(later).import_one(version["id"])
    assert (await row_of(house, version["id"])).state == "Succeeded"


async def test_a_worker_that_lost_its_claim_writes_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another took the row while the files were being copied: only the other's word counts."""
    version = (await start_import(house, name="stale")).json()
    copying, go_on = threading.Event(), threading.Event()
    original = package.bring_in

    def slow(*args: Any, **kwargs: Any) -> Any:
        copying.set()
        assert go_on.wait(30)
        return original(*args, **kwargs)

    monkeypatch.setattr(package, "bring_in", slow)
    work = asyncio.create_task(loop_of(house).import_one(version["id"]))
    assert await asyncio.to_thread(copying.wait, 30)
    async with house.db.begin() as session:
        other = await claim(
            session, ModelVersionRow, version["id"], now=utc_now() + timedelta(minutes=2)
        )
    go_on.set()
    await work
    row = await row_of(house, version["id"])
    assert row.state == "Importing" and row.claim_token == other


@pytest.mark.parametrize("move", [False, True])
async def test_a_crash_between_copy_and_settling_is_finished_by_the_next_start(
    house: House, monkeypatch: pytest.MonkeyPatch, move: bool
) -> None:
    version = (await start_import(house, name="cut-off", move=move)).json()

    async def crash(*_: Any) -> None:
        raise SystemError("the process died here")

    with monkeypatch.context() as patch:
        patch.setattr(ModelLoop, "_settle", crash)
        with pytest.raises(SystemError):
            await loop_of(house).import_one(version["id"])
    assert (await row_of(house, version["id"])).state == "Importing"
    later = ModelContext(house.db, house.storage, lambda: utc_now() + timedelta(minutes=2))
    await ModelLoop(later).import_one(version["id"])
    row = await row_of(house, version["id"])
    assert (row.state, row.file_count) == ("Succeeded", 2)
    assert (house.path(row.save_path) / "model/model.pth").read_bytes() == PACKAGE[
        "model/model.pth"
    ]
    assert house.path(row.source_address).exists() is not move
    assert not list(house.storage.temporary.iterdir())


async def test_a_stopped_platform_leaves_no_half_copy_and_goes_on_later(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = (await start_import(house, name="stopped")).json()
    copying = threading.Event()

    def never_ending(*_: Any, stop: threading.Event, **__: Any) -> Any:
        copying.set()
        assert stop.wait(30)
        raise package.CopyStoppedError

    loop = loop_of(house)
    with monkeypatch.context() as patch:
        patch.setattr(package, "bring_in", never_ending)
        running = asyncio.create_task(loop.run())
        assert await asyncio.to_thread(copying.wait, 30)
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
    row = await row_of(house, version["id"])
    assert (row.state, row.claim_token) == ("Importing", None)
    again = asyncio.create_task(loop_of(house).run())

    async def state() -> str:
        return (await row_of(house, version["id"])).state

    await until(state, lambda seen: seen == "Succeeded")
    again.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await again


async def test_a_damaged_copy_keeps_the_source(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut removes nothing when the copy cannot be verified."""
    version = (await start_import(house, name="damaged", move=True)).json()
    original = package._copy

    def spoiled(source: Any, draft: Any, stop: Any) -> Any:
        files = original(source, draft, stop)
        (draft / "model/model.pth").write_bytes(b"something else")
        return files

    monkeypatch.setattr(package, "_copy", spoiled)
    await loop_of(house).import_one(version["id"])
    row = await row_of(house, version["id"])
    assert row.state == "Failed" and "model/model.pth differs" in row.reason
    assert (house.path(row.source_address) / "model/model.pth").exists()
    assert not house.path(row.save_path).exists()


async def test_cut_keeps_what_appeared_after_the_copy(house: House) -> None:
    version = (await start_import(house, name="late", move=True)).json()
    source = house.path(f"{house.project}/out/run")
    original = package.remove_source

    def with_a_late_writer(folder: Any, files: Any) -> None:
        (folder / "model/late.txt").write_text("new")
        (folder / "model_service.py").write_text("changed meanwhile")
        original(folder, files)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(package, "remove_source", with_a_late_writer)
        await loop_of(house).import_one(version["id"])
    assert (await row_of(house, version["id"])).state == "Succeeded"
    left = sorted(p.relative_to(source).as_posix() for p in source.rglob("*") if p.is_file())
    assert left == ["model/late.txt", "model_service.py"]


async def test_links_are_left_out_with_a_warning(house: House) -> None:
    version = (await start_import(house, name="linked")).json()
    (house.path(f"{house.project}/out/run") / "secret").symlink_to("/etc/passwd")
    await loop_of(house).import_one(version["id"])
    row = await row_of(house, version["id"])
    assert row.state == "Succeeded" and "1 links" in row.warnings[0]
    assert not (house.path(row.save_path) / "secret").exists()


async def test_each_end_is_an_event(house: House) -> None:
    good = (await start_import(house, name="good")).json()
    bad_source = house.folder("bad", {})
    house.path(bad_source).mkdir(parents=True)
    bad = (await start_import(house, name="bad", source=bad_source)).json()
    for version in (good, bad):
        await loop_of(house).import_one(version["id"])
    async with house.db.read() as session:
        events = await list_events(session, project_id=house.project)
    ends = {e.subject_id: (e.type, e.data["reason"]) for e in events if e.type.startswith("model:")}
    assert ends == {
        good["id"]: ("model:versionImported", ""),
        bad["id"]: ("model:versionImportFailed", "The source folder holds no files."),
    }
