"""A million rows: import, search, pages, one more sample, and what is worked out of them."""

from __future__ import annotations

import json
import random
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.figure import Figure, quantile
from slipway.sdk.client import Client
from slipway.sdk.local import LocalPlatform

ROWS = 1_000_000
PAGES, SEARCHES = 200, 5
DOCUMENTS = 100_000
PEER = "Label Studio 1.23 (100k tasks, as measured once)"
QUERIES = ("lang = zh and len(answer) > 60", '"of some"', "score > 0.9 and answer ~ model")


def figures() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="slipway-bench-") as folder:
        lines = Path(folder) / "rows" / "rows.jsonl"
        lines.parent.mkdir()
        _write(lines, ROWS)
        megabytes = lines.stat().st_size / 1e6
        with LocalPlatform.fresh(Path(folder) / "home") as platform:
            client = platform.client()
            bucket = client.storage.default_bucket()
            uploaded = _timed(lambda: client.storage.upload(lines.parent, f"{bucket}/rows"))
            found = [Figure("data.upload_mb_per_s", "MB/s", megabytes / uploaded)]
            return found + _rows(client, bucket) + _near_copies(Path(folder))


def _rows(client: Client, bucket: str) -> list[Figure]:
    began = time.perf_counter()
    made = client.datasets.create("rows", "llm", f"{bucket}/rows")
    client.datasets.wait(made.id)
    listable = time.perf_counter() - began
    client.datasets.analyse(made.id, 1, "index", wait=True)
    searchable = time.perf_counter() - began

    def page(offset: int) -> Any:
        return client.datasets.samples(made.id, 1, offset=offset, limit=20)

    page(0)
    pages = [_timed(lambda at=n * ROWS // PAGES: page(at)) * 1000 for n in range(PAGES)]
    searches = []
    for query in QUERIES:
        for n in range(SEARCHES):
            # Another length each time: what was found once is kept.
            asked = f"{query} and len(question) != {100 + n}"
            searches.append(_timed(lambda q=asked: client.datasets.search(made.id, 1, q)) * 1000)
    return [
        Figure("data.import_1m_listable_s", "s", listable, PEER, 11.6),
        Figure("data.import_1m_searchable_s", "s", searchable),
        Figure(
            "data.import_1m_rss_mb", "MB",
            resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e3,
        ),
        Figure("data.page_p99_ms", "ms", quantile(pages, 0.99)),
        Figure("data.search_ms", "ms", quantile(searches, 0.5)),
    ]  # fmt: skip


def _near_copies(folder: Path) -> list[Figure]:
    """Documents a second of one core, without the reading."""
    from slipway.data.analysis.duplicates import TextPrints

    chance = random.Random(2)
    words = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=6)) for _ in range(20_000)]
    texts = [" ".join(chance.choices(words, k=100)) for _ in range(DOCUMENTS)]
    texts[::10] = [f"{text} changed" for text in texts[1::10]]
    prints = TextPrints()
    began = time.process_time()
    for at in range(0, len(texts), 1000):
        prints.add(texts[at : at + 1000])
    prints.near_copies()
    spent = time.process_time() - began
    return [
        Figure(
            "data.near_copies_docs_per_s", "1/s", DOCUMENTS / spent,
            "rensa alone (as measured once)", 36_600,
        )
    ]  # fmt: skip


def _write(path: Path, rows: int) -> None:
    chance = random.Random(1)
    english = [
        "the",
        "model",
        "learns",
        "from",
        "an",
        "answer",
        "of",
        "some",
        "words",
        "about",
        "history",
        "and",
        "physics",
    ]
    with path.open("w", encoding="utf-8") as file:
        for n in range(rows):
            chinese = n % 3 == 0
            count = chance.randint(10, 60)
            answer = (
                "机器学习数据" * (count // 4)
                if chinese
                else " ".join(chance.choices(english, k=count))
            )
            record = {
                "id": n, "lang": "zh" if chinese else "en", "question": f"question number {n}",
                "answer": answer, "score": round(chance.random(), 3),
            }  # fmt: skip
            file.write(json.dumps(record, ensure_ascii=False) + "\n")


def _timed(work: Any) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
