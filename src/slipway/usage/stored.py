"""How many bytes each bucket holds, written to the ledger once an hour."""

from __future__ import annotations

import asyncio
from datetime import datetime

from slipway.assets.measure import UsageMeter
from slipway.assets.queries import list_all_buckets
from slipway.assets.storage import Storage
from slipway.base.clock import Clock
from slipway.base.database import Database
from slipway.usage.ledger import append
from slipway.usage.types import Usage, UsageKind

_LOOK_S = 300.0


class StoredBytesLoop:
    """The hour is part of a record's source: looking twice, or after a restart, writes it once."""

    def __init__(self, db: Database, storage: Storage, now: Clock) -> None:
        self._db, self._storage, self._now = db, storage, now
        self._done: datetime | None = None

    async def run(self) -> None:
        while True:
            hour = self._now().replace(minute=0, second=0, microsecond=0)
            if hour != self._done:
                await self.measure(hour)
                self._done = hour
            await asyncio.sleep(_LOOK_S)

    async def measure(self, hour: datetime) -> None:
        meter = UsageMeter(self._storage)
        async with self._db.read() as session:
            buckets = await list_all_buckets(session)
        records = []
        for bucket in buckets:
            usage = await meter.usage(bucket.name)
            records.append(
                Usage(
                    source=f"stored:{bucket.name}:{hour.isoformat()}", project_id=bucket.project_id,
                    time=hour, kind=UsageKind.STORED_BYTES, subject_kind="bucket",
                    subject_id=bucket.name, quantity=usage.size_bytes, details={"files": usage.file_count},
                )
            )  # fmt: skip
        async with self._db.begin() as session:
            await append(session, records)
