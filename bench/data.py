"""Importing rows and reading a page of them, through the public API."""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path

from bench.figure import Figure, quantile
from slipway.sdk.local import LocalPlatform

ROWS = 100_000
PAGES = 50


def figures() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="slipway-bench-") as folder:
        lines = Path(folder) / "rows" / "rows.jsonl"
        lines.parent.mkdir()
        with lines.open("w") as file:
            for n in range(ROWS):
                turn = {"prompt": f"question {n}", "response": "an answer of some words " * 8}
                file.write(json.dumps({"conversation": [turn]}) + "\n")
        megabytes = lines.stat().st_size / 1e6
        with LocalPlatform.fresh(Path(folder) / "home") as platform:
            client = platform.client()
            bucket = client.storage.default_bucket()
            began = time.perf_counter()
            client.storage.upload(lines.parent, f"{bucket}/rows")
            uploaded = time.perf_counter() - began
            began = time.perf_counter()
            made = client.datasets.create("rows", "llm", f"{bucket}/rows")
            client.datasets.wait(made.id)
            imported = time.perf_counter() - began
            pages = []
            for n in range(PAGES):
                began = time.perf_counter()
                client.datasets.samples(made.id, 1, offset=n * ROWS // PAGES, limit=20)
                pages.append((time.perf_counter() - began) * 1000)
    return [
        Figure("data.upload_mb_per_s", "MB/s", megabytes / uploaded),
        Figure(
            "data.import_100k_listable_s",
            "s",
            imported,
            "Label Studio 1.23 (100k tasks, as measured once)",
            11.6,
        ),
        Figure("data.page_p99_ms", "ms", quantile(pages, 0.99)),
    ]
