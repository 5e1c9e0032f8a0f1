"""The loop that delivers logs: at least once, in order, from where it stopped.

How far an instance's log was delivered stands in `delivered.json` beside it and is written after
the store has taken the lines; a crash in between sends them again. A store that refuses is asked
again after a while that doubles; other projects' stores do not wait for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from slipway.assets.storage import Storage
from slipway.base.clock import Clock
from slipway.base.crypto import Sealer
from slipway.base.database import Database
from slipway.base.events import Event, bus, record
from slipway.compute.output.files import InstanceFiles, instances_of_owners
from slipway.compute.output.logs import CATEGORIES, read_new
from slipway.compute.types import Instance, InstanceState
from slipway.delivery import queries
from slipway.delivery.senders import Refused, Sender, sender_of
from slipway.delivery.types import Delivery, Entry, LogStore, Parcel
from slipway.delivery.wake import deliveries

log = logging.getLogger(__name__)

_EVERY_S = 1.0
_FIRST_WAIT_S, _LONGEST_WAIT_S = 1.0, 60.0
_PARCEL_BYTES = 512 * 1024


@dataclass(frozen=True, slots=True)
class DeliveryContext:
    db: Database
    sealer: Sealer
    storage: Storage
    files: InstanceFiles
    now: Clock


@dataclass(slots=True)
class _Trouble:
    wait_s: float
    until: float


class DeliveryLoop:
    def __init__(self, context: DeliveryContext) -> None:
        self._ctx = context
        self._senders: dict[str, tuple[LogStore, Sender]] = {}
        self._troubles: dict[str, _Trouble] = {}  # by project
        self._done: set[str] = set()  # owners with nothing left, until something happens to them
        self._news: set[str] = set()  # what events were about since the round began

    async def run(self) -> None:
        wake = deliveries.open()
        stop = bus.listen(self._heard)
        try:
            while True:
                wake.clear()
                busy = await self._round()
                await _sleep(wake, _EVERY_S if busy else None)
        finally:
            stop()
            for _, sender in self._senders.values():
                await sender.close()
            self._senders.clear()

    def _heard(self, event: Event) -> None:
        self._news.add(event.subject_id)
        if event.subject_id in self._done:
            self._done.discard(event.subject_id)
            deliveries.set()
        if event.type.startswith("logs:store"):
            self._troubles.pop(event.project_id or "", None)
            deliveries.set()

    async def _round(self) -> bool:
        """Deliver what there is; whether more may come without anybody saying so."""
        self._news.clear()
        async with self._ctx.db.read() as session:
            enabled = [queries.frozen_delivery(r) for r in await queries.list_enabled(session)]
            enabled = [one for one in enabled if one.owner_id not in self._done]
            instances = await instances_of_owners(session, [one.owner_id for one in enabled])
            rows = await queries.list_stores(session, {one.project_id for one in enabled})
        stores = {row.project_id: queries.frozen_store(row, self._ctx.sealer) for row in rows}
        await asyncio.gather(
            *(
                self._of_project(
                    store, [d for d in enabled if d.project_id == project_id], instances
                )
                for project_id, store in stores.items()
            )
        )
        return any(one.owner_id not in self._done for one in enabled)

    async def _of_project(
        self, store: LogStore, mine: Sequence[Delivery], instances: dict[str, list[Instance]]
    ) -> None:
        loop, trouble = asyncio.get_running_loop(), self._troubles.get(store.project_id)
        if trouble and loop.time() < trouble.until:
            return
        sender = await self._sender(store)
        for delivery in mine:
            try:
                await self._deliver(sender, delivery, instances[delivery.owner_id])
            except Refused as refusal:
                wait_s = min(trouble.wait_s * 2, _LONGEST_WAIT_S) if trouble else _FIRST_WAIT_S
                self._troubles[store.project_id] = _Trouble(wait_s, loop.time() + wait_s)
                await self._note(delivery, str(refusal))
                return
            await self._note(delivery, "")
        self._troubles.pop(store.project_id, None)

    async def _deliver(self, sender: Sender, delivery: Delivery, own: Sequence[Instance]) -> None:
        complete = bool(own)
        for instance in own:
            ended = instance.state == InstanceState.EXITED
            await self._deliver_log(sender, delivery, instance.id)
            complete = complete and ended
        # What happened to it during the round was not seen by the round: it is looked at once more.
        if complete and delivery.owner_id not in self._news:
            self._done.add(delivery.owner_id)

    async def _deliver_log(self, sender: Sender, delivery: Delivery, instance_id: str) -> None:
        directory = self._ctx.files.directory(instance_id)
        position = await asyncio.to_thread(delivered_bytes, directory)
        while True:
            lines, after = await asyncio.to_thread(
                read_new, directory / "log", position, _PARCEL_BYTES
            )
            if not lines:
                return
            entries, at = [], position
            for time, letter, text in lines:
                entries.append(Entry(time, instance_id, CATEGORIES.get(letter, "code"), text, at))
                at += len(f"{time} {letter} {text}\n".encode())
            await sender.send(Parcel(delivery.owner_id, delivery.name, instance_id, tuple(entries)))
            position = after
            await asyncio.to_thread(_keep_position, directory, position)

    async def _sender(self, store: LogStore) -> Sender:
        known = self._senders.get(store.project_id)
        if known and known[0] == store:
            return known[1]
        if known:
            await known[1].close()
        sender = sender_of(store, self._ctx.storage)
        self._senders[store.project_id] = (store, sender)
        return sender

    async def _note(self, delivery: Delivery, error: str) -> None:
        """Written only when it changes: not a row a second."""
        if error == delivery.error:
            return
        async with self._ctx.db.begin() as session:
            row = await queries.find_delivery(session, delivery.owner_id)
            if row is None or not row.enabled:
                return
            row.error = error
            await record(
                session, "logs:deliveryFailed" if error else "logs:deliveryWorks", subject=("task", row.owner_id),
                project_id=row.project_id, now=self._ctx.now(), reason=error,
            )  # fmt: skip


async def _sleep(wake: asyncio.Event, limit_s: float | None) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(limit_s):
            await wake.wait()


def delivered_bytes(directory: Path) -> int:
    try:
        return int(json.loads((directory / "delivered.json").read_bytes())["position"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def _keep_position(directory: Path, position: int) -> None:
    draft = directory / ".delivered.json"
    with draft.open("w") as file:
        json.dump({"position": position}, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(directory / "delivered.json")
