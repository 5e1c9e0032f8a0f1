"""Every SQL statement of conversations and their counts; those of presets are in their own file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.errors import NotFound
from slipway.base.paging import Page, PageQuery, fetch_page
from slipway.playground.tables import (
    ConversationRow,
    DayRow,
    HistorySwitchRow,
    PictureRow,
    TurnRow,
)
from slipway.playground.types import (
    AnswerState,
    Conversation,
    Problem,
    Rating,
    Settings,
    TryKind,
    Turn,
)


def frozen_conversation(row: ConversationRow) -> Conversation:
    settings = Settings(row.settings.get("persona", ""), row.settings.get("parameters", {}))
    return Conversation(
        row.id, TryKind(row.kind), row.title, row.services, settings, row.questions,
        row.created_at, row.updated_at,
    )  # fmt: skip


def frozen_turn(row: TurnRow) -> Turn:
    return Turn(
        id=row.id, conversation_id=row.conversation_id, side=row.side, position=row.position,
        persona=row.persona,
        question=row.question, pictures=tuple(row.pictures), service_id=row.service_id,
        service_name=row.service_name, answer=row.answer, reasoning=row.reasoning,
        results=tuple(row.results), state=AnswerState(row.state),
        problem=Problem(**row.problem) if row.problem else None, finish_reason=row.finish_reason,
        prompt_tokens=row.prompt_tokens, completion_tokens=row.completion_tokens,
        first_ms=row.first_ms, total_ms=row.total_ms, rating=Rating(row.rating),
        started_at=row.started_at,
    )  # fmt: skip


async def keeps_history(session: AsyncSession, user_id: str) -> bool:
    row = await session.get(HistorySwitchRow, user_id)
    return row is None or row.keeps


async def switch_history(session: AsyncSession, user_id: str, keeps: bool) -> None:
    await session.merge(HistorySwitchRow(user_id=user_id, keeps=keeps))


async def page_conversations(
    session: AsyncSession, project_id: str, user_id: str, kind: TryKind | None, page: PageQuery
) -> Page[ConversationRow]:
    query = select(ConversationRow).where(
        ConversationRow.user_id == user_id, ConversationRow.project_id == project_id
    )
    if kind is not None:
        query = query.where(ConversationRow.kind == kind)
    if words := page.words():
        said = select(TurnRow.conversation_id).where(
            or_(*(_says(word) for word in words)), TurnRow.conversation_id == ConversationRow.id
        )
        named = [
            column.icontains(word, autoescape=True)
            for word in words
            for column in (ConversationRow.title, ConversationRow.services)
        ]
        query = query.where(or_(*named, said.exists()))
    return await fetch_page(
        session, query, PageQuery(page.limit, page.cursor, order=page.order),
        id_column=ConversationRow.id,
        orders={
            "updated_at": ConversationRow.updated_at, "created_at": ConversationRow.created_at,
            "title": ConversationRow.title,
        },
    )  # fmt: skip


async def get_conversation(
    session: AsyncSession,
    project_id: str,
    user_id: str,
    conversation_id: str,
    *,
    lock: bool = False,
) -> ConversationRow:
    """Only one's own: another's is not there at all."""
    query = select(ConversationRow).where(
        ConversationRow.id == conversation_id,
        ConversationRow.user_id == user_id,
        ConversationRow.project_id == project_id,
    )
    row = await session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound(
            f"There is no conversation {conversation_id} in your history.", code="no_conversation"
        )
    return row


async def list_turns(session: AsyncSession, conversation_id: str) -> list[TurnRow]:
    query = select(TurnRow).where(TurnRow.conversation_id == conversation_id)
    return list(await session.scalars(query.order_by(TurnRow.side, TurnRow.position)))


async def get_turn(session: AsyncSession, project_id: str, user_id: str, turn_id: str) -> TurnRow:
    found = await own_turns(session, project_id, user_id, [turn_id])
    if not found:
        raise NotFound(f"There is no answer {turn_id} in your history.", code="no_answer")
    return found[0]


async def own_turns(
    session: AsyncSession, project_id: str, user_id: str, turn_ids: Sequence[str]
) -> list[TurnRow]:
    query = (
        select(TurnRow)
        .join(ConversationRow, ConversationRow.id == TurnRow.conversation_id)
        .where(
            TurnRow.id.in_(turn_ids),
            ConversationRow.user_id == user_id,
            ConversationRow.project_id == project_id,
        )
        .order_by(TurnRow.started_at, TurnRow.id)
    )
    return list(await session.scalars(query))


async def rated_turns(
    session: AsyncSession, project_id: str, user_id: str, limit: int
) -> list[TurnRow]:
    """Text answers that the user found good, the newest first."""
    query = (
        select(TurnRow)
        .join(ConversationRow, ConversationRow.id == TurnRow.conversation_id)
        .where(
            TurnRow.rating == Rating.UP,
            TurnRow.answer != "",
            ConversationRow.user_id == user_id,
            ConversationRow.project_id == project_id,
        )
        .order_by(TurnRow.started_at.desc(), TurnRow.id)
        .limit(limit)
    )
    return list(await session.scalars(query))


async def drop_from(session: AsyncSession, conversation_id: str, side: int, position: int) -> None:
    """What is asked anew at a place takes everything after it along."""
    await session.execute(
        delete(TurnRow).where(
            TurnRow.conversation_id == conversation_id,
            TurnRow.side == side,
            TurnRow.position >= position,
        )
    )


async def drop_oldest(
    session: AsyncSession, user_id: str, *, but: str, most: int, most_bytes: int
) -> None:
    """Keeps the newest `most` conversations of a user, and of those what fits into `most_bytes`."""
    rows = await session.execute(
        select(ConversationRow.id, ConversationRow.picture_bytes)
        .where(ConversationRow.user_id == user_id, ConversationRow.id != but)
        .order_by(ConversationRow.updated_at.desc(), ConversationRow.id)
    )
    own = await session.scalar(
        select(ConversationRow.picture_bytes).where(ConversationRow.id == but)
    )
    kept, held, gone = 1, own or 0, []
    for conversation_id, size in rows:
        kept, held = kept + 1, held + size
        if kept > most or (size and held > most_bytes):
            gone.append(conversation_id)
    if gone:
        await session.execute(delete(ConversationRow).where(ConversationRow.id.in_(gone)))


async def delete_all(session: AsyncSession, project_id: str, user_id: str) -> None:
    await session.execute(
        delete(ConversationRow).where(
            ConversationRow.user_id == user_id, ConversationRow.project_id == project_id
        )
    )


async def add_up_pictures(session: AsyncSession, conversation_id: str) -> None:
    held = select(func.coalesce(func.sum(func.length(PictureRow.content)), 0)).where(
        PictureRow.conversation_id == conversation_id
    )
    await session.execute(
        update(ConversationRow)
        .where(ConversationRow.id == conversation_id)
        .values(picture_bytes=held.scalar_subquery())
    )


async def get_picture(
    session: AsyncSession, project_id: str, user_id: str, picture_id: str
) -> PictureRow:
    row = await session.scalar(
        select(PictureRow)
        .join(ConversationRow, ConversationRow.id == PictureRow.conversation_id)
        .where(
            PictureRow.id == picture_id,
            ConversationRow.user_id == user_id,
            ConversationRow.project_id == project_id,
        )
    )
    if row is None:
        raise NotFound(f"There is no picture {picture_id} in your history.", code="no_picture")
    return row


async def count(
    session: AsyncSession, project_id: str, turn: TurnRow, *, at: datetime, **more: float
) -> None:
    """Adds to the counts of a service's day. Parallel answers add up: it is one statement."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    key = {"project_id": project_id, "service_id": turn.service_id, "day": at.date()}
    counts = dict.fromkeys(_COUNTS, 0) | more
    statement = insert(DayRow).values(**key, service_name=turn.service_name, **counts)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=list(key),
            set_={"service_name": turn.service_name}
            | {name: DayRow.__table__.c[name] + value for name, value in more.items()},
        )
    )


async def list_days(session: AsyncSession, project_id: str, start: date, end: date) -> list[DayRow]:
    """Both days included."""
    query = select(DayRow).where(
        DayRow.project_id == project_id, DayRow.day >= start, DayRow.day <= end
    )
    return list(await session.scalars(query.order_by(DayRow.day, DayRow.service_id)))


_COUNTS = (
    "answers", "stopped", "failed", "up", "down", "completion_tokens", "first_ms", "first_count",
)  # fmt: skip


def _says(word: str) -> ColumnElement[bool]:
    return or_(
        TurnRow.question.icontains(word, autoescape=True),
        TurnRow.answer.icontains(word, autoescape=True),
    )
