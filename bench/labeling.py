"""Twenty labellers at work on one task: how long it takes until they have their next sample.

Each asks for the next one, looks at it for a moment and saves it. Measured at clients on the same machine,
so the way there and back is in it.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
from PIL import Image

from bench.figure import Figure, quantile
from slipway.sdk.local import LocalPlatform

IMAGES, LABELLERS, ROUNDS = 2000, 20, 40
LOOKING_S = 1.0  # at a sample, before it is saved; people take longer


def figures() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="slipway-bench-") as folder:
        images = Path(folder) / "images"
        images.mkdir()
        picture = Image.new("RGB", (64, 48), "#c0506a")
        for number in range(IMAGES):
            picture.save(images / f"{number:05d}.png")
        with LocalPlatform.fresh(Path(folder) / "home") as platform:
            client = platform.client()
            bucket = client.storage.default_bucket()
            client.storage.upload(images, f"{bucket}/images/")
            made = client.datasets.create("cells", "object_detection", f"{bucket}/images/")
            client.datasets.wait(made.id)
            task = client.labelling.create("work", made.id, labels=["cell"])
            client.labelling.wait(task.id)
            url = f"{platform.url}/api/v1/labelling/tasks/{task.id}"
            cookies, headers = _signed_in(platform)
            nexts, saves = asyncio.run(_work(url, cookies, headers))
    return [
        Figure(
            "labeling.next_sample_p99_ms", "ms", quantile(nexts, 0.99),
            "Label Studio 1.23 (10k tasks, median, as measured once)", 33,
        ),
        Figure("labeling.next_sample_p50_ms", "ms", quantile(nexts, 0.5)),
        Figure("labeling.save_p99_ms", "ms", quantile(saves, 0.99)),
    ]  # fmt: skip


def _signed_in(platform: LocalPlatform) -> tuple[dict[str, str], dict[str, str]]:
    answer = httpx.post(
        f"{platform.url}/api/v1/auth/login",
        json={"name": "admin", "password": platform.password},
    )
    answer.raise_for_status()
    cookies = dict(answer.cookies)
    return cookies, {"X-CSRF-Token": cookies["slipway_csrf"]}


async def _work(
    url: str, cookies: dict[str, str], headers: dict[str, str]
) -> tuple[list[float], list[float]]:
    nexts: list[float] = []
    saves: list[float] = []

    async def labeller(at: int) -> None:
        await asyncio.sleep(LOOKING_S * at / LABELLERS)
        after = (
            IMAGES // LABELLERS * at - 1
        )  # each in a place of their own, as a queue spreads them
        async with httpx.AsyncClient(cookies=cookies, headers=headers, timeout=30) as client:
            for number in range(ROUNDS):
                began = time.perf_counter()
                answer = await client.post(f"{url}/next", json={"after": after})
                nexts.append((time.perf_counter() - began) * 1000)
                record: dict[str, Any] = answer.raise_for_status().json()["record"]
                after = record["index"]
                await asyncio.sleep(LOOKING_S * (0.8 + number % 5 / 10))
                box = {"label": "cell", "x": 5, "y": 5, "width": 20, "height": 20}
                body = {"revision": record["revision"], "value": {"boxes": [box]}, "release": True}
                began = time.perf_counter()
                saved = await client.put(f"{url}/records/{after}", json=body)
                saves.append((time.perf_counter() - began) * 1000)
                saved.raise_for_status()

    await asyncio.gather(*(labeller(at) for at in range(LABELLERS)))
    return nexts, saves
