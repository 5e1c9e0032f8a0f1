"""One question to one model: through the gateway, as the user, every byte passed on as it comes.

The question is written down before it is asked and the answer when it has ended, however it ended:
whole, refused, broken off, or stopped because the browser went away. What goes to the browser is
the gateway's own answer, so limits, quota and error codes are those of the API (PLY-17).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fastapi import Request
from fastapi.responses import StreamingResponse

from slipway.base.crypto import Sealer
from slipway.base.database import Database
from slipway.base.errors import SlipwayError
from slipway.base.settings import Settings
from slipway.iam.types import Actor
from slipway.playground.asked import read_request
from slipway.playground.catalogue import Tried, get_tried
from slipway.playground.history import Place, begin_turn, end_turn
from slipway.playground.reading import AnswerReader
from slipway.playground.types import Answer, AnswerState, Problem, TryKind
from slipway.serving import proxy
from slipway.serving.gateway_address import local_url
from slipway.serving.internal_keys import own_key

TURN_HEADER = "x-slipway-turn"


@dataclass
class Answers:
    """Answers under way in this process. One that is written as `answering` and not here is lost."""

    running: set[str] = field(default_factory=set)
    _writing: set[asyncio.Task[None]] = field(default_factory=set)

    async def write(self, db: Database, project_id: str, turn_id: str, answer: Answer) -> None:
        """Goes on where the request that asked is cancelled."""
        task = asyncio.create_task(self._write(db, project_id, turn_id, answer))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)
        await asyncio.shield(task)

    async def settle(self) -> None:
        """Before the database closes."""
        await asyncio.gather(*self._writing, return_exceptions=True)

    async def _write(self, db: Database, project_id: str, turn_id: str, answer: Answer) -> None:
        try:
            await end_turn(db, project_id, turn_id, answer)
        finally:
            self.running.discard(turn_id)


@dataclass(frozen=True, slots=True)
class Question:
    service_id: str
    kind: TryKind
    request: Mapping[str, Any]  # body of the API's call, without the model's name
    place: Place | None  # None: nothing is kept


@dataclass(frozen=True, slots=True)
class House:
    """What asking needs of the application."""

    db: Database
    sealer: Sealer
    settings: Settings
    answers: Answers


async def ask(
    house: House, actor: Actor, question: Question, request: Request, *, now: datetime
) -> StreamingResponse:
    asked = read_request(question.kind, question.request)
    async with house.db.read() as session:
        tried = await get_tried(session, actor.project_id, question.service_id, question.kind)
    key = await own_key(house.db, house.sealer, actor, tried.id, now=now)
    turn_id = None
    if question.place is not None:
        async with house.db.begin() as session:
            turn_id = await begin_turn(
                session, actor, question.place, (tried.id, tried.name), asked, now=now
            )
        house.answers.running.add(turn_id)
    try:
        called = await _call(house, tried, question, key, request)
    except BaseException as error:
        if turn_id is not None:
            ended = Answer(AnswerState.STOPPED)
            if isinstance(error, SlipwayError):
                problem = Problem(error.status, error.code, error.message)
                ended = Answer(AnswerState.FAILED, problem=problem)
            await house.answers.write(house.db, actor.project_id, turn_id, ended)
        raise
    return _passed_on(house, actor.project_id, turn_id, called)


async def _call(
    house: House, tried: Tried, question: Question, key: proxy.OwnKey, request: Request
) -> proxy.Called:
    url = f"{local_url(house.settings)}/{tried.id}{tried.path(question.kind)}"
    body = {"model": tried.model} | dict(question.request)
    return await proxy.unless_gone(request, proxy.call(url, body, key))


def _passed_on(
    house: House, project_id: str, turn_id: str | None, called: proxy.Called
) -> StreamingResponse:
    reader = AnswerReader(called.status, called.content_type)

    async def pieces() -> AsyncIterator[bytes]:
        stopped = True
        try:
            async for piece in called.pieces():
                if turn_id is not None:
                    reader.feed(piece)
                yield piece
            stopped = False
        except proxy.BrokeOff:
            stopped = False  # the instance's fault, not the reader's wish
        finally:
            if turn_id is not None:
                answer = reader.answer(stopped=stopped)
                await house.answers.write(house.db, project_id, turn_id, answer)

    headers = called.headers | {"cache-control": "no-store"}
    if turn_id is not None:
        headers[TURN_HEADER] = turn_id
    return proxy.Passing(pieces(), status_code=called.status, headers=headers)
