"""How much a bucket holds. Walking is slow for large ones, so a figure is kept for a while."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from slipway.assets.storage import Storage
from slipway.assets.types import BucketUsage
from slipway.base.clock import utc_now

_KEPT_S = 60.0
_REST = 50  # a measurement that took t seconds is kept for at least 50 t: at most 2 % of a core


@dataclass(frozen=True, slots=True)
class _Kept:
    usage: BucketUsage
    until: float


class UsageMeter:
    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._kept: dict[str, _Kept] = {}

    async def usage(self, bucket: str) -> BucketUsage:
        kept = self._kept.get(bucket)
        if kept is not None and kept.until > time.monotonic():
            return kept.usage
        started = time.monotonic()
        size_bytes, files = await self._storage.run(_walk, self._storage.bucket_root(bucket))
        took = time.monotonic() - started
        usage = BucketUsage(size_bytes, files, utc_now())
        self._kept[bucket] = _Kept(usage, time.monotonic() + max(_KEPT_S, _REST * took))
        return usage

    def forget(self, bucket: str) -> None:
        self._kept.pop(bucket, None)


def _walk(directory: Path) -> tuple[int, int]:
    size_bytes = files = 0
    waiting = [str(directory)]
    while waiting:
        try:
            entries = os.scandir(waiting.pop())
        except FileNotFoundError:
            continue
        with entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                elif entry.is_file(follow_symlinks=False):
                    size_bytes += entry.stat(follow_symlinks=False).st_size
                    files += 1
    return size_bytes, files
