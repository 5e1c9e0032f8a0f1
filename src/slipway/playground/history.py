"""Conversations: begun, written on as answers come, rated, renamed, deleted (PLY-14..16)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.database import Database
from slipway.base.errors import Conflict, Invalid
from slipway.base.ids import new_id
from slipway.iam.types import Actor
from slipway.playground import queries
from slipway.playground.asked import Asked
from slipway.playground.tables import ConversationRow, PictureRow, TurnRow
from slipway.playground.types import (
    HISTORY_BYTES,
    HISTORY_LIMIT,
    MAX_SIDES,
    Answer,
    AnswerState,
    Conversation,
    Rating,
    TryKind,
)

TITLE_LIMIT = 100
MAX_POSITION = 10_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the history a question stands."""

    conversation_id: str
    side: int
    position: int


async def begin_conversation(
    db: Database, actor: Actor, kind: TryKind, title: str, *, now: datetime
) -> Conversation:
    """Refused where the user keeps no history. Makes room: the oldest beyond the limit go."""
    async with db.begin() as session:
        if not await queries.keeps_history(session, actor.user_id):
            raise Conflict(
                "You have switched the history off. Switch it on to keep conversations.",
                code="history_off",
            )
        row = ConversationRow(
            id=new_id("pg"), project_id=actor.project_id, user_id=actor.user_id, kind=kind,
            title=_title(title), settings={}, created_at=now, updated_at=now,
        )  # fmt: skip
        session.add(row)
        await session.flush()
        await queries.drop_oldest(
            session, actor.user_id, but=row.id, most=HISTORY_LIMIT, most_bytes=HISTORY_BYTES
        )
        return queries.frozen_conversation(row)


async def rename_conversation(
    db: Database, actor: Actor, conversation_id: str, title: str, *, now: datetime
) -> Conversation:
    if not title.strip():
        raise Invalid("A conversation needs a title.", field="title")
    async with db.begin() as session:
        row = await queries.get_conversation(
            session, actor.project_id, actor.user_id, conversation_id, lock=True
        )
        row.title = _title(title)
        await session.flush()
        return queries.frozen_conversation(row)


async def delete_conversation(db: Database, actor: Actor, conversation_id: str) -> None:
    async with db.begin() as session:
        row = await queries.get_conversation(
            session, actor.project_id, actor.user_id, conversation_id, lock=True
        )
        await session.delete(row)


async def begin_turn(
    session: AsyncSession,
    actor: Actor,
    place: Place,
    service: tuple[str, str],
    asked: Asked,
    *,
    now: datetime,
) -> str:
    """Writes the question down before it is asked; `service` is (id, name). Returns the turn's id.

    What stood at this place and after it is gone: an edited or repeated question replaces it.
    """
    if not 0 <= place.side < MAX_SIDES:
        raise Invalid(f"At most {MAX_SIDES} models are asked at once.", field="side")
    if not 0 <= place.position < MAX_POSITION:
        raise Invalid("The conversation is too long. Begin a new one.", field="position")
    row = await queries.get_conversation(
        session, actor.project_id, actor.user_id, place.conversation_id, lock=True
    )
    await queries.drop_from(session, row.id, place.side, place.position)
    turn_id = new_id("pga")
    pictures = [new_id("pic") for _ in asked.pictures]
    session.add(
        TurnRow(
            id=turn_id,
            conversation_id=row.id,
            side=place.side,
            position=place.position,
            persona=asked.settings.persona,
            question=asked.question,
            pictures=pictures,
            service_id=service[0],
            service_name=service[1],
            results=[],
            state=AnswerState.ANSWERING,
            rating=Rating.NONE,
            started_at=now,
        )
    )
    await session.flush()
    await _add_pictures(session, row.id, turn_id, list(zip(pictures, asked.pictures, strict=True)))
    row.settings, row.updated_at = asked.settings.as_json(), now
    await session.flush()
    turns = await queries.list_turns(session, row.id)
    row.services = ", ".join(dict.fromkeys(turn.service_name for turn in turns))
    row.questions = max(turn.position for turn in turns) + 1
    await session.flush()
    await queries.drop_oldest(
        session, actor.user_id, but=row.id, most=HISTORY_LIMIT, most_bytes=HISTORY_BYTES
    )
    return turn_id


async def end_turn(db: Database, project_id: str, turn_id: str, answer: Answer) -> None:
    """Harmless where the conversation was deleted meanwhile, or the question asked anew."""
    async with db.begin() as session:
        row = await session.get(TurnRow, turn_id)
        if row is None:
            return
        results = [new_id("pic") for _ in answer.pictures]
        row.state, row.answer, row.reasoning = answer.state, answer.text, answer.reasoning
        row.results, row.finish_reason = results, answer.finish_reason
        row.problem = answer.problem.as_json() if answer.problem else None
        row.prompt_tokens, row.completion_tokens = answer.prompt_tokens, answer.completion_tokens
        row.first_ms, row.total_ms = answer.first_ms, answer.total_ms
        await session.flush()
        await _add_pictures(
            session, row.conversation_id, turn_id, list(zip(results, answer.pictures, strict=True))
        )
        await queries.count(
            session, project_id, row, at=row.started_at, answers=1,
            stopped=int(answer.state is AnswerState.STOPPED), failed=int(answer.state is AnswerState.FAILED),
            completion_tokens=answer.completion_tokens or 0, first_ms=answer.first_ms or 0.0,
            first_count=int(answer.first_ms is not None),
        )  # fmt: skip


async def rate(db: Database, actor: Actor, turn_id: str, rating: Rating) -> Rating:
    """Thumbs: the counts move with it, on the day of the answer."""
    async with db.begin() as session:
        row = await queries.get_turn(session, actor.project_id, actor.user_id, turn_id)
        before, row.rating = Rating(row.rating), rating
        await session.flush()
        change = {
            name: (rating is one) - (before is one)
            for name, one in (("up", Rating.UP), ("down", Rating.DOWN))
        }
        await queries.count(session, actor.project_id, row, at=row.started_at, **change)
        return rating


async def _add_pictures(
    session: AsyncSession,
    conversation_id: str,
    turn_id: str,
    pictures: list[tuple[str, tuple[str, bytes]]],
) -> None:
    if not pictures:
        return
    for picture_id, (media_type, content) in pictures:
        session.add(
            PictureRow(
                id=picture_id,
                conversation_id=conversation_id,
                turn_id=turn_id,
                media_type=media_type,
                content=content,
            )
        )
    await session.flush()
    await queries.add_up_pictures(session, conversation_id)


async def clear_history(db: Database, actor: Actor) -> None:
    async with db.begin() as session:
        await queries.delete_all(session, actor.project_id, actor.user_id)


def _title(title: str) -> str:
    line = " ".join(title.split())
    return line if len(line) <= TITLE_LIMIT else line[: TITLE_LIMIT - 1] + "…"
