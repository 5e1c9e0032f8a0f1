"""Every SQL statement of evaluations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.errors import NotFound
from slipway.base.paging import Page, PageQuery, fetch_page
from slipway.evaluation.tables import EvaluatedCheckpointRow, EvaluationRow
from slipway.evaluation.types import Evaluation, EvaluationSpec, EvaluationState


def frozen(row: EvaluationRow) -> Evaluation:
    return Evaluation(
        id=row.id, project_id=row.project_id, spec=EvaluationSpec.of(row.spec),
        description=row.description, tags=dict(row.tags), state=EvaluationState(row.state),
        reason=row.reason, settling=row.ended_as is not None, workload_id=row.workload_id,
        output=row.output, results=row.results, progress=row.progress, created_by=row.created_by,
        creator_name=row.creator_name, created_at=row.created_at, updated_at=row.updated_at,
        queued_at=row.queued_at, started_at=row.started_at, ended_at=row.ended_at,
    )  # fmt: skip


async def get_evaluation(
    session: AsyncSession, project_id: str, evaluation_id: str, *, lock: bool = False
) -> EvaluationRow:
    query = select(EvaluationRow).where(
        EvaluationRow.id == evaluation_id, EvaluationRow.project_id == project_id
    )
    row = await session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound(f"There is no evaluation {evaluation_id} in this project.")
    return row


async def find_evaluation(session: AsyncSession, evaluation_id: str) -> EvaluationRow | None:
    return await session.get(EvaluationRow, evaluation_id)


async def find_by_workload(session: AsyncSession, workload_id: str) -> EvaluationRow | None:
    return await session.scalar(
        select(EvaluationRow).where(EvaluationRow.workload_id == workload_id)
    )


async def page_evaluations(
    session: AsyncSession,
    project_id: str,
    user_id: str,
    page: PageQuery,
    *,
    task_id: str | None = None,
) -> Page[EvaluationRow]:
    """`task_id`: only those about checkpoints of this training task."""
    query = select(EvaluationRow).where(EvaluationRow.project_id == project_id)
    if task_id is not None:
        about = select(EvaluatedCheckpointRow.evaluation_id).where(
            EvaluatedCheckpointRow.task_id == task_id
        )
        query = query.where(EvaluationRow.id.in_(about))
    if page.mine:
        query = query.where(EvaluationRow.created_by == user_id)
    return await fetch_page(
        session, query, page, id_column=EvaluationRow.id,
        orders={
            "created_at": EvaluationRow.created_at, "updated_at": EvaluationRow.updated_at,
            "name": EvaluationRow.name,
        },
        search_in=(EvaluationRow.name, EvaluationRow.id), state_column=EvaluationRow.state,
        tags_column=EvaluationRow.tags,
    )  # fmt: skip


async def list_evaluations(
    session: AsyncSession, project_id: str, ids: Sequence[str]
) -> list[EvaluationRow]:
    query = select(EvaluationRow).where(
        EvaluationRow.project_id == project_id, EvaluationRow.id.in_(ids)
    )
    return list(await session.scalars(query))


async def list_to_settle(session: AsyncSession, now: datetime) -> list[str]:
    query = select(EvaluationRow.id).where(
        EvaluationRow.ended_as.is_not(None),
        or_(EvaluationRow.claim_token.is_(None), EvaluationRow.claim_expires_at < now),
    )
    return list(await session.scalars(query))


async def list_newest(session: AsyncSession, project_id: str, *, limit: int) -> list[EvaluationRow]:
    query = (
        select(EvaluationRow)
        .where(EvaluationRow.project_id == project_id)
        .order_by(EvaluationRow.created_at.desc(), EvaluationRow.id)
        .limit(limit)
    )
    return list(await session.scalars(query))


async def list_open(session: AsyncSession) -> list[EvaluationRow]:
    final = [state for state in EvaluationState if state.is_final]
    query = select(EvaluationRow).where(EvaluationRow.state.not_in(final))
    return list(await session.scalars(query.order_by(EvaluationRow.created_at)))


async def count_evaluations(session: AsyncSession, project_id: str) -> int:
    query = select(func.count()).select_from(EvaluationRow)
    return await session.scalar(query.where(EvaluationRow.project_id == project_id)) or 0
