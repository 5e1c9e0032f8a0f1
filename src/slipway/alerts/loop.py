"""The loop of alerts: follow the events, send what is due, forget what is old.

Each target that has something to send gets a task of its own, so one that does not answer holds up
nobody else. Within a target, deliveries go out in the order of their events.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta
from functools import partial

from slipway.alerts import queries_deliveries as queries
from slipway.alerts.context import AlertContext
from slipway.alerts.deliver import deliver_one
from slipway.alerts.follow import Follower
from slipway.alerts.wake import Bell
from slipway.base.events import bus

log = logging.getLogger(__name__)

_LOOK_AGAIN_S = 30.0
_AT_ONCE = 32
_GATHER_S = 0.5  # events come in bursts: one look for all that happen within it
_FORGET_EVERY = timedelta(hours=1)


class AlertLoop:
    def __init__(self, ctx: AlertContext) -> None:
        self._ctx = ctx
        self._bell = Bell()
        self._follower = Follower(ctx)
        self._sending: dict[str, asyncio.Task[None]] = {}
        self._forgot_at: datetime | None = None

    async def run(self) -> None:
        stop_listening = bus.listen(lambda _: self._bell.ring())
        try:
            while True:
                await self._follower.catch_up()
                await self._start_sending()
                await self._forget()
                await self._bell.wait(await self._pause_s())
                await asyncio.sleep(_GATHER_S)
        finally:
            stop_listening()
            for task in self._sending.values():
                task.cancel()
            await asyncio.gather(*self._sending.values(), return_exceptions=True)

    async def _start_sending(self) -> None:
        async with self._ctx.db.read() as session:
            due = await queries.due_targets(session, self._ctx.now())
        for target_id in due:
            if target_id not in self._sending and len(self._sending) < _AT_ONCE:
                task = asyncio.create_task(self._send_to(target_id))
                self._sending[target_id] = task
                task.add_done_callback(partial(self._sent, target_id))

    async def _send_to(self, target_id: str) -> None:
        """What is due for one target, until nothing is or it rests."""
        while True:
            async with self._ctx.db.read() as session:
                now = self._ctx.now()
                if target_id not in await queries.due_targets(session, now):
                    return
                delivery_id = await queries.next_of(session, target_id, now)
            if delivery_id is None:
                return
            try:
                await deliver_one(self._ctx, delivery_id)
            except Exception:
                log.exception(
                    "Sending failed; it is repeated when the claim has run out.",
                    extra={"delivery_id": delivery_id},
                )

    def _sent(self, target_id: str, _task: asyncio.Task[None]) -> None:
        self._sending.pop(target_id, None)
        self._bell.ring()

    async def _pause_s(self) -> float:
        async with self._ctx.db.read() as session:
            now = self._ctx.now()
            due = await queries.next_due(session, now)
        return min(_LOOK_AGAIN_S, (due - now).total_seconds()) if due else _LOOK_AGAIN_S

    async def _forget(self) -> None:
        now = self._ctx.now()
        if self._forgot_at is not None and now - self._forgot_at < _FORGET_EVERY:
            return
        async with self._ctx.db.begin() as session:
            await queries.forget_before(session, now - timedelta(days=self._ctx.keep_days))
        self._forgot_at = now
