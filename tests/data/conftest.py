"""Fixtures of the datasets tests."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from slipway.base.database import Database
from slipway.base.events import bus
from slipway.data.importer import ImportJob, import_version
from slipway.data.manifest import Manifest, open_manifest
from slipway.data.progress import Ticker
from slipway.data.reconcile import DataLoop
from slipway.data.router import router as data_router
from slipway.data.shelf import Shelf
from slipway.data.types import DatasetKind, LabelFormat, TableOptions
from tests.assets.house import House, open_house

REAL_DATA = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture
async def house(db: Database, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(db, tmp_path / "home", data_router) as opened:
        yield opened


@pytest.fixture
async def loop(house: House) -> AsyncIterator[DataLoop]:
    """The room's loop, running as the platform runs it."""
    running = DataLoop(house.db, house.storage, house.settings.root)
    task = asyncio.create_task(running.run())
    yield running
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


@pytest.fixture
def bucket(house: House) -> Path:
    """The project's own bucket on disk: `<project id>/...` is its address."""
    return house.storage.make_bucket(house.project)


Importer = Callable[..., Manifest]


@pytest.fixture
def run_import(tmp_path: Path) -> Importer:
    """Import a path as version 1 of a dataset of its own, on files alone."""
    shelf = Shelf(tmp_path / "home")

    def run(
        source: Path,
        kind: str,
        label_format: str = "none",
        table: TableOptions | None = None,
        name: str = "ds-1",
    ) -> Manifest:
        job = ImportJob(
            name, 1, DatasetKind(kind), LabelFormat(label_format), table or TableOptions(), source
        )
        import_version(shelf, job, Ticker())
        return open_manifest(shelf.version(name, 1))

    return run


async def settled(house: House, dataset_id: str, *, within_s: float = 60) -> dict[str, Any]:
    """The dataset once its newest version is no longer being imported."""
    async with asyncio.timeout(within_s), bus.subscribe() as events:
        while True:
            view: dict[str, Any] = (await house.a.get(f"/datasets/{dataset_id}")).json()
            if view["newest"]["state"] != "importing":
                return view
            await events.get()


async def gone(house: House, dataset_id: str, *, within_s: float = 60) -> None:
    async with asyncio.timeout(within_s), bus.subscribe() as events:
        while (await house.a.get(f"/datasets/{dataset_id}")).status_code != 404:
            await events.get()


def write_lines(path: Path, *records: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    path.write_text("".join(lines), encoding="utf-8")
    return path


def picture(width: int = 8, height: int = 6, kind: str = "PNG", colour: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, kind)
    return out.getvalue()


def write_picture(path: Path, width: int = 8, height: int = 6, colour: str = "red") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(picture(width, height, "JPEG" if path.suffix == ".jpg" else "PNG", colour))
    return path


def voc(*boxes: tuple[str, float, float, float, float], size: tuple[int, int] = (100, 80)) -> str:
    objects = "".join(
        f"<object><name>{name}</name><bndbox><xmin>{a}</xmin><ymin>{b}</ymin>"
        f"<xmax>{c}</xmax><ymax>{d}</ymax></bndbox></object>"
        for name, a, b, c, d in boxes
    )
    width, height = size
    return (
        f"<annotation><size><width>{width}</width><height>{height}</height><depth>3</depth></size>"
        f"{objects}</annotation>"
    )
