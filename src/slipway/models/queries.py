"""Every SQL statement of the model repository."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.errors import NotFound
from slipway.base.paging import Page, PageQuery, fetch_page
from slipway.models.tables import ModelRow, ModelVersionRow
from slipway.models.types import (
    ImportState,
    Model,
    ModelVersion,
    Source,
    SourceKind,
    TaskSource,
)


def frozen_model(row: ModelRow) -> Model:
    return Model(
        id=row.id, project_id=row.project_id, name=row.name, description=row.description,
        tags=dict(row.tags), optimised=row.optimised, last_number=row.last_number,
        created_by=row.created_by, creator_name=row.creator_name, created_at=row.created_at,
        updated_at=row.updated_at,
    )  # fmt: skip


def frozen_version(row: ModelVersionRow) -> ModelVersion:
    task = TaskSource(row.task_id, row.task_name or "") if row.task_id else None
    return ModelVersion(
        id=row.id, project_id=row.project_id, model_id=row.model_id, model_name=row.model_name,
        number=row.number, state=ImportState(row.state), reason=row.reason,
        warnings=tuple(row.warnings), move=row.move, format=row.format, framework=row.framework,
        source=Source(SourceKind(row.source_kind), row.source_address, task),
        environment=row.environment, metrics=dict(row.metrics), metrics_text=row.metrics_text,
        save_path=row.save_path, size_bytes=row.size_bytes, file_count=row.file_count,
        created_by=row.created_by, creator_name=row.creator_name, created_at=row.created_at,
        imported_at=row.imported_at,
    )  # fmt: skip


async def get_model(
    session: AsyncSession, project_id: str, model_id: str, *, lock: bool = False
) -> ModelRow:
    query = select(ModelRow).where(
        ModelRow.id == model_id, ModelRow.project_id == project_id, ModelRow.deleted_at.is_(None)
    )
    row = await session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound(f"There is no model {model_id} in this project.", code="no_model")
    return row


async def list_of_task(
    session: AsyncSession, project_id: str, task_id: str
) -> list[ModelVersionRow]:
    """What was published from a task, oldest first."""
    query = select(ModelVersionRow).where(
        ModelVersionRow.project_id == project_id,
        ModelVersionRow.task_id == task_id,
        ModelVersionRow.deleted_at.is_(None),
    )
    return list(await session.scalars(query.order_by(ModelVersionRow.created_at)))


async def get_version(
    session: AsyncSession,
    project_id: str,
    version_id: str,
    *,
    lock: bool = False,
    share: bool = False,
) -> ModelVersionRow:
    """`lock` keeps others from using or deleting it until the transaction ends; `share` from
    deleting it."""
    query = select(ModelVersionRow).where(
        ModelVersionRow.id == version_id,
        ModelVersionRow.project_id == project_id,
        ModelVersionRow.deleted_at.is_(None),
    )
    if lock or share:
        query = query.with_for_update(read=share)
    row = await session.scalar(query)
    if row is None:
        raise NotFound(
            f"There is no model version {version_id} in this project.", code="no_model_version"
        )
    return row


async def page_models(
    session: AsyncSession, project_id: str, user_id: str, page: PageQuery, optimised: bool | None
) -> Page[ModelRow]:
    query = select(ModelRow).where(ModelRow.project_id == project_id, ModelRow.deleted_at.is_(None))
    if optimised is not None:
        query = query.where(ModelRow.optimised == optimised)
    if page.mine:
        query = query.where(ModelRow.created_by == user_id)
    return await fetch_page(
        session, query, page, id_column=ModelRow.id,
        orders={
            "created_at": ModelRow.created_at, "updated_at": ModelRow.updated_at,
            "name": ModelRow.name,
        },
        search_in=(ModelRow.name, ModelRow.id), tags_column=ModelRow.tags,
    )  # fmt: skip


async def page_versions(
    session: AsyncSession, project_id: str, model_id: str, page: PageQuery
) -> Page[ModelVersionRow]:
    query = select(ModelVersionRow).where(
        ModelVersionRow.project_id == project_id,
        ModelVersionRow.model_id == model_id,
        ModelVersionRow.deleted_at.is_(None),
    )
    return await fetch_page(
        session, query, page, id_column=ModelVersionRow.id,
        orders={"created_at": ModelVersionRow.created_at, "number": ModelVersionRow.number},
        search_in=(ModelVersionRow.id, ModelVersionRow.task_name, ModelVersionRow.format),
        state_column=ModelVersionRow.state,
    )  # fmt: skip


async def list_versions(
    session: AsyncSession, model_id: str, *, lock: bool = False
) -> list[ModelVersionRow]:
    query = (
        select(ModelVersionRow)
        .where(ModelVersionRow.model_id == model_id, ModelVersionRow.deleted_at.is_(None))
        .order_by(ModelVersionRow.number)
    )
    return list(await session.scalars(query.with_for_update() if lock else query))


async def newest_versions(
    session: AsyncSession, model_ids: list[str]
) -> dict[str, tuple[int, ModelVersionRow]]:
    """For each model with versions: how many there are, and the newest."""
    living = ModelVersionRow.model_id.in_(model_ids), ModelVersionRow.deleted_at.is_(None)
    newest = (
        select(ModelVersionRow.model_id, func.max(ModelVersionRow.number), func.count())
        .where(*living)
        .group_by(ModelVersionRow.model_id)
    )
    figures = {
        model_id: (number, count) for model_id, number, count in await session.execute(newest)
    }
    wanted = [
        (ModelVersionRow.model_id == m) & (ModelVersionRow.number == n)
        for m, (n, _) in figures.items()
    ]
    if not wanted:
        return {}
    rows = await session.scalars(select(ModelVersionRow).where(or_(*wanted)))
    return {row.model_id: (figures[row.model_id][1], row) for row in rows}


async def next_number(session: AsyncSession, model_id: str, now: datetime) -> int:
    """One more than the highest number ever given. Holds the model's row until the commit."""
    number = await session.scalar(
        update(ModelRow)
        .where(ModelRow.id == model_id)
        .values(last_number=ModelRow.last_number + 1, updated_at=now)
        .returning(ModelRow.last_number)
        .execution_options(synchronize_session=False)
    )
    assert number is not None
    return number


async def count_models(session: AsyncSession, project_id: str) -> int:
    query = select(func.count()).select_from(ModelRow)
    found = await session.scalar(
        query.where(ModelRow.project_id == project_id, ModelRow.deleted_at.is_(None))
    )
    return found or 0


async def list_to_import(session: AsyncSession, now: datetime) -> list[str]:
    """Versions that nobody is importing now."""
    query = select(ModelVersionRow.id).where(
        ModelVersionRow.state == ImportState.IMPORTING,
        ModelVersionRow.deleted_at.is_(None),
        or_(ModelVersionRow.claim_token.is_(None), ModelVersionRow.claim_expires_at < now),
    )
    return list(await session.scalars(query.order_by(ModelVersionRow.created_at)))


async def list_to_remove(session: AsyncSession, deleted_before: datetime) -> list[str]:
    query = select(ModelVersionRow.id).where(ModelVersionRow.deleted_at < deleted_before)
    return list(await session.scalars(query.order_by(ModelVersionRow.deleted_at)))


async def holds_versions(session: AsyncSession, project_id: str, address: str) -> bool:
    """Whether the folder is, lies in, or contains the folder of a version."""
    folder = address.rstrip("/") + "/"
    query = select(ModelVersionRow.id).where(
        ModelVersionRow.project_id == project_id,
        or_(
            ModelVersionRow.save_path.startswith(folder, autoescape=True),
            ModelVersionRow.id.in_(folder.split("/")),
        ),
    )
    return await session.scalar(query.limit(1)) is not None


async def find_version(session: AsyncSession, version_id: str) -> ModelVersionRow | None:
    return await session.get(ModelVersionRow, version_id)


async def renew_claim(
    session: AsyncSession, version_id: str, token: str, *, now: datetime, lease: timedelta
) -> bool:
    done = await session.execute(
        update(ModelVersionRow)
        .where(ModelVersionRow.id == version_id, ModelVersionRow.claim_token == token)
        .values(claim_expires_at=now + lease)
        .execution_options(synchronize_session=False)
    )
    return bool(done.rowcount == 1)  # type: ignore[attr-defined]


async def remove_version(session: AsyncSession, version_id: str) -> None:
    await session.execute(delete(ModelVersionRow).where(ModelVersionRow.id == version_id))


async def remove_empty_models(session: AsyncSession) -> None:
    """Deleted models whose last version is gone."""
    left = exists().where(ModelVersionRow.model_id == ModelRow.id)
    await session.execute(delete(ModelRow).where(ModelRow.deleted_at.is_not(None), ~left))
