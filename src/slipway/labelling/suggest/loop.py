"""The loop that asks models for proposals. Which records have one is in the database, so a run that
breaks off goes on where it was."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from pathlib import Path
from typing import Any

import orjson

from slipway.base.clock import Clock, utc_now
from slipway.base.database import Database
from slipway.base.errors import SlipwayError
from slipway.base.events import Event, bus, record
from slipway.iam.roles import Role
from slipway.iam.types import Actor
from slipway.labelling import queries
from slipway.labelling.content import manifest_of
from slipway.labelling.schema.document import document_for
from slipway.labelling.schema.errors import SchemaProblem
from slipway.labelling.suggest import queries as suggest_queries
from slipway.labelling.suggest.asker import Asker
from slipway.labelling.suggest.words import messages, read_reply
from slipway.labelling.tables import TaskRow
from slipway.labelling.types import SuggestState

log = logging.getLogger(__name__)

_LOOK_EVERY_S = 60.0  # only a net below the events
_AT_ONCE = 4
_WAKING = {"label:suggestionsWanted", "label:taskDeleted"}
Offer = tuple[int, dict[str, Any], float]


class SuggestLoop:
    """`await SuggestLoop(db, settings.root, asker).run()` in the process that owns the home."""

    def __init__(self, db: Database, home: Path, asker: Asker, *, clock: Clock = utc_now) -> None:
        self._db, self._home, self._asker, self._clock = db, home, asker, clock
        self._wake = asyncio.Event()

    async def run(self) -> None:
        undo = bus.listen(self._heard)
        try:
            while True:
                self._wake.clear()
                await self._work()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_EVERY_S):
                        await self._wake.wait()
        finally:
            undo()

    def _heard(self, event: Event) -> None:
        if event.type in _WAKING:
            self._wake.set()

    async def _work(self) -> None:
        async with self._db.read() as session:
            running = await suggest_queries.list_running(session)
        for task_id in running:
            try:
                while await self._batch(task_id):
                    pass
            except Exception:
                # Most likely the database went away; the row still says what is wanted.
                log.exception("asking for labels broke off", extra={"task_id": task_id})

    async def _batch(self, task_id: str) -> bool:
        """Ask about a few records. False: the run has ended."""
        async with self._db.read() as session:
            row = await session.get(TaskRow, task_id)
            if row is None or row.suggest_state != SuggestState.RUNNING or row.suggest is None:
                return False
            wish = row.suggest
            most = min(_AT_ONCE, wish["records"] - wish["asked"])
            numbers = await suggest_queries.list_without(
                session, task_id, wish["after"], max(most, 0)
            )
        offers: list[Offer] = []
        reason = None
        if numbers:
            try:
                offers = await self._ask(row, numbers)
            except SlipwayError as error:
                reason, numbers = error.message, []
        return await self._settle(row, numbers, offers, reason)

    async def _ask(self, row: TaskRow, numbers: list[int]) -> list[Offer]:
        task, wish = queries.frozen_task(row), row.suggest or {}
        manifest = await asyncio.to_thread(manifest_of, self._home, task)
        raws = await asyncio.to_thread(manifest.read, numbers)
        actor = Actor(
            wish["user_id"], wish["user_name"], False, task.project_id, Role(wish["role"])
        )  # fmt: skip

        async def one(number: int, data: bytes) -> Offer | None:
            sample = orjson.loads(data)
            try:
                document = document_for(task.schema or "", sample)
            except SchemaProblem:
                return None
            asked = messages(document, sample, wish["instructions"])
            reply = read_reply(document, await self._asker.ask(actor, wish["service_id"], asked))
            return None if reply is None else (number, *reply)

        found = await asyncio.gather(
            *(one(raw.index, raw.data) for raw in raws), return_exceptions=True
        )
        for failed in found:
            if isinstance(failed, BaseException):
                raise failed
        return [offer for offer in found if isinstance(offer, tuple)]

    async def _settle(
        self, row: TaskRow, numbers: list[int], offers: list[Offer], reason: str | None
    ) -> bool:
        async with self._db.begin() as session:
            now = await session.get(TaskRow, row.id, with_for_update=True)
            if now is None or now.suggest_state != SuggestState.RUNNING or now.suggest is None:
                return False
            wish = dict(now.suggest)
            await suggest_queries.offer(
                session, row.id, offers, wish["service_name"], self._clock()
            )
            wish["asked"] += len(numbers)
            wish["unusable"] += len(numbers) - len(offers)
            wish["after"] = max([wish["after"], *numbers])
            wish["reason"] = reason
            now.suggest = wish
            if numbers and wish["asked"] < wish["records"]:
                return True
            now.suggest_state = SuggestState.STOPPED if reason else SuggestState.DONE
            await record(
                session, "label:suggestionsEnded", subject=("label-task", row.id),
                project_id=row.project_id, now=self._clock(), name=row.name, reason=reason,
            )  # fmt: skip
            return False
