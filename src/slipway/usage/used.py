"""How busy held cards really were: read from the samples of what ran, written to the ledger.

Follows the ledger: each stretch in which cards were held gets one record of its own, named after it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from slipway.base.clock import Clock
from slipway.base.database import Database
from slipway.compute.output.files import InstanceFiles
from slipway.compute.output.metrics import read_samples
from slipway.usage import ledger
from slipway.usage.tables import UsageRow
from slipway.usage.types import Usage, UsageKind

_LOOK_S = 60.0
_NO_LATER = timedelta(days=2)  # then the samples may be gone
_AT_ONCE = 200
_ALL = 10_000_000


class UsedCardsLoop:
    def __init__(self, db: Database, files: InstanceFiles, now: Clock) -> None:
        self._db, self._files, self._now = db, files, now

    async def run(self) -> None:
        while True:
            while await self.measure():
                pass
            await asyncio.sleep(_LOOK_S)

    async def measure(self) -> int:
        """How many stretches were measured."""
        async with self._db.read() as session:
            since = self._now() - _NO_LATER
            due = await ledger.list_unmeasured(session, since=since, limit=_AT_ONCE)
        records = await asyncio.to_thread(lambda: [self._measured(row) for row in due])
        async with self._db.begin() as session:
            await ledger.append(session, records)
        return len(due)

    def _measured(self, row: UsageRow) -> Usage:
        """Without samples a record of nothing measured: it is not looked at again."""
        details = row.details
        start, end = (datetime.fromisoformat(details[name]) for name in ("start", "end"))
        samples = read_samples(self._files.samples(details["instance_id"]), points=_ALL)
        busy = busy_cards(samples, start, end, held=details["gpus"])
        held_s = row.quantity * details["gpus"]
        return Usage(
            source=f"{row.source}{ledger.USED}", project_id=row.project_id, time=row.time,
            kind=UsageKind.CARD_SECONDS_USED, subject_kind=row.subject_kind, subject_id=row.subject_id,
            quantity=0.0 if busy is None else busy * row.quantity,
            details=ledger.about(details) | {"measured": 0.0 if busy is None else held_s},
        )  # fmt: skip


def busy_cards(
    samples: Iterable[Mapping[str, Any]], start: datetime, end: datetime, *, held: float
) -> float | None:
    """How many cards were busy on average, at most those `held`; None: nothing was measured."""
    first, last = start.timestamp(), end.timestamp()
    within = (s.get("gpus") or () for s in samples if first <= s.get("t", 0) <= last)
    sums = [
        sum(card["util_pct"] for card in cards) / 100
        for cards in within
        if cards and all(card.get("util_pct") is not None for card in cards)
    ]
    return min(held, sum(sums) / len(sums)) if sums else None
