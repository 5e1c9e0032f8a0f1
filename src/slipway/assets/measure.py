"""How much a bucket holds, and whether more may come.

Walking is slow for large buckets, so a figure is kept for a while; what is stored meanwhile is
added to it, so that a quota holds between two measurements too.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from slipway.assets import queries
from slipway.assets.odd import odd_root
from slipway.assets.storage import Storage
from slipway.assets.types import BucketUsage
from slipway.base.clock import utc_now
from slipway.base.database import Database
from slipway.base.errors import StorageFull
from slipway.base.kept import Kept

_KEPT_S = 60.0
_REST = 50  # a measurement that took t seconds is kept for at least 50 t: at most 2 % of a core
_QUOTA_KEPT_S = 1.0  # the API and the object-storage endpoint each count what they take themselves


@dataclass(frozen=True, slots=True)
class _Kept:
    usage: BucketUsage
    at: float
    took_s: float


class UsageMeter:
    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._kept: dict[str, _Kept] = {}

    async def usage(self, bucket: str, *, kept_s: float = _KEPT_S) -> BucketUsage:
        """At most `kept_s` seconds old, or older where measuring it takes long."""
        kept = self._kept.get(bucket)
        now = time.monotonic()
        if kept is not None and now < kept.at + max(kept_s, _REST * kept.took_s):
            return kept.usage
        started = time.monotonic()
        size_bytes, files = await self._storage.run(_walk, self._storage.bucket_root(bucket))
        more_bytes, more = await self._storage.run(_walk, odd_root(self._storage, bucket))
        took = time.monotonic() - started
        usage = BucketUsage(size_bytes + more_bytes, files + more, utc_now())
        self._kept[bucket] = _Kept(usage, time.monotonic(), took)
        return usage

    def forget(self, bucket: str) -> None:
        self._kept.pop(bucket, None)


class Quotas:
    """A bucket's quota, checked before bytes are taken. One per process: see the note above."""

    def __init__(self, db: Database, meter: UsageMeter) -> None:
        self._db, self._meter = db, meter
        self._limits: Kept[int | None] = Kept(self._limit, kept_s=_QUOTA_KEPT_S)
        self._added: dict[str, int] = defaultdict(int)
        self._measured: dict[str, object] = {}

    async def require(self, bucket: str, size_bytes: int) -> None:
        """Raises StorageFull where `size_bytes` more would go over the bucket's quota."""
        limit = await self._limits.get(bucket)
        if limit is None:
            return
        usage = await self._meter.usage(bucket, kept_s=_QUOTA_KEPT_S)
        if self._measured.get(bucket) != usage.measured_at:
            self._measured[bucket], self._added[bucket] = usage.measured_at, 0
        held = usage.size_bytes + self._added[bucket]
        if held + size_bytes <= limit:
            return
        # It may have been emptied since it was measured.
        self._meter.forget(bucket)
        usage = await self._meter.usage(bucket)
        self._measured[bucket], self._added[bucket] = usage.measured_at, 0
        if usage.size_bytes + size_bytes > limit:
            raise StorageFull(
                f"The bucket {bucket} holds {usage.size_bytes} of the {limit} bytes of its quota; "
                f"{size_bytes} more do not fit. Delete something, or ask for a larger quota.",
                code="quota_exceeded", quota_bytes=limit, size_bytes=usage.size_bytes,
            )  # fmt: skip

    def added(self, bucket: str, size_bytes: int) -> None:
        self._added[bucket] += size_bytes

    async def _limit(self, bucket: str) -> int | None:
        async with self._db.peek() as session:
            row = await queries.find_any_bucket(session, bucket)
        return row.quota_bytes if row is not None else None


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
