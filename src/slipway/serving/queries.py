"""Every SQL statement of online services, but those of usage (`booking.py`, `statistics.py`)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.errors import NotFound
from slipway.base.paging import Page, PageQuery, fetch_page
from slipway.serving.config import DeploymentMode, VersionConfig
from slipway.serving.key_rules import KeyRules
from slipway.serving.scaling.types import Scaling
from slipway.serving.tables import (
    ReplicaRow,
    ServiceKeyRow,
    ServiceRow,
    ServiceUpdateRow,
    ServiceVersionRow,
)
from slipway.serving.types import (
    KeyPurpose,
    Replica,
    ReplicaState,
    RequestLimit,
    Service,
    ServiceKey,
    ServicePurpose,
    ServiceState,
    UpdateKind,
    UpdateRecord,
    UpdateResult,
    Version,
    Wanted,
)

_ENDED = (ReplicaState.FAILED, ReplicaState.TERMINATED)
_AT_REST = (ServiceState.STOPPED, ServiceState.CREATE_FAILED)
KEPT_REPLICAS = 50  # ended ones per version


def frozen_service(row: ServiceRow) -> Service:
    return Service(
        id=row.id, project_id=row.project_id, name=row.name, description=row.description,
        tags=dict(row.tags), resource_group=row.resource_group, mode=DeploymentMode(row.mode), llm=row.llm, grpc=row.grpc, auth=row.auth,
        purpose=ServicePurpose(row.purpose),
        limit=RequestLimit(row.qps_per_replica, row.concurrency_per_replica),
        site=row.site, stop_at=row.stop_at,
        state=ServiceState(row.state), created_by=row.created_by, creator_name=row.creator_name,
        created_at=row.created_at, updated_at=row.updated_at,
    )  # fmt: skip


def frozen_version(row: ServiceVersionRow) -> Version:
    return Version(
        id=row.id, service_id=row.service_id, project_id=row.project_id, number=row.number,
        description=row.description, config=VersionConfig.of(row.config), revision=row.revision,
        replicas=row.replicas, default_replicas=row.default_replicas,
        scaling=Scaling.of(row.scaling), weight=row.weight, wanted=Wanted(row.wanted),
        state=ServiceState(row.state), reason=row.reason, last_log=tuple(row.last_log),
        deployed=row.deployed, served=row.served, failures=row.failures, retry_at=row.retry_at,
        updating=row.updating, created_by=row.created_by, creator_name=row.creator_name,
        created_at=row.created_at, updated_at=row.updated_at, started_at=row.started_at,
    )  # fmt: skip


def frozen_replica(row: ReplicaRow) -> Replica:
    return Replica(
        id=row.id, service_id=row.service_id, version_id=row.version_id, revision=row.revision,
        state=ReplicaState(row.state), wanted=Wanted(row.wanted), isolated=row.isolated,
        reason=row.reason, workload_id=row.workload_id, instance_id=row.instance_id,
        host=row.host, port=row.port, created_at=row.created_at, queued_at=row.queued_at,
        started_at=row.started_at, ready_at=row.ready_at, ended_at=row.ended_at,
    )  # fmt: skip


def frozen_key(row: ServiceKeyRow) -> ServiceKey:
    return ServiceKey(
        id=row.id, service_id=row.service_id, purpose=KeyPurpose(row.purpose), name=row.name,
        remark=row.remark, hint=row.hint, secret_hash=row.secret_hash, enabled=row.enabled,
        rules=KeyRules.of(row.rules | {"rpm": row.rpm, "tpm": row.tpm, "tpd": row.tpd}),
        tenant_id=row.tenant_id,
        created_by=row.created_by, creator_name=row.creator_name, created_at=row.created_at, updated_at=row.updated_at,
    )  # fmt: skip


def frozen_update(row: ServiceUpdateRow) -> UpdateRecord:
    return UpdateRecord(
        id=row.id, version_id=row.version_id, revision=row.revision, kind=UpdateKind(row.kind),
        changes=dict(row.changes), result=UpdateResult(row.result), reason=row.reason,
        actor_id=row.actor_id, actor_name=row.actor_name, created_at=row.created_at,
        ended_at=row.ended_at,
    )  # fmt: skip


async def get_service(
    session: AsyncSession, project_id: str, service_id: str, *, lock: bool = False
) -> ServiceRow:
    query = select(ServiceRow).where(
        ServiceRow.id == service_id, ServiceRow.project_id == project_id
    )
    row = await session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound(f"There is no service {service_id} in this project.", code="no_service")
    return row


async def get_version(
    session: AsyncSession, project_id: str, version_id: str, *, lock: bool = False
) -> ServiceVersionRow:
    query = select(ServiceVersionRow).where(
        ServiceVersionRow.id == version_id, ServiceVersionRow.project_id == project_id
    )
    row = await session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound(
            f"There is no service version {version_id} in this project.", code="no_service_version"
        )
    return row


async def find_service(session: AsyncSession, service_id: str) -> ServiceRow | None:
    return await session.get(ServiceRow, service_id)


async def find_version(session: AsyncSession, version_id: str) -> ServiceVersionRow | None:
    return await session.get(ServiceVersionRow, version_id)


async def lock_version(session: AsyncSession, version_id: str) -> ServiceVersionRow | None:
    query = select(ServiceVersionRow).where(ServiceVersionRow.id == version_id)
    return await session.scalar(query.with_for_update())


async def page_services(
    session: AsyncSession,
    project_id: str,
    user_id: str,
    page: PageQuery,
    *,
    sites: Collection[str] | None = None,
) -> Page[ServiceRow]:
    query = select(ServiceRow).where(
        ServiceRow.project_id == project_id, ServiceRow.purpose == ServicePurpose.ONLINE
    )
    if sites:
        query = query.where(ServiceRow.site.in_(sites))
    if page.mine:
        query = query.where(ServiceRow.created_by == user_id)
    return await fetch_page(
        session, query, page, id_column=ServiceRow.id,
        orders={
            "created_at": ServiceRow.created_at, "updated_at": ServiceRow.updated_at,
            "name": ServiceRow.name,
        },
        search_in=(ServiceRow.name, ServiceRow.id), state_column=ServiceRow.state,
        tags_column=ServiceRow.tags,
    )  # fmt: skip


async def list_service_ids(session: AsyncSession) -> list[str]:
    return list(await session.scalars(select(ServiceRow.id)))


async def services_to_stop(session: AsyncSession, now: datetime) -> list[str]:
    """Whose scheduled stop is due."""
    query = select(ServiceRow.id).where(ServiceRow.stop_at <= now)
    return list(await session.scalars(query.order_by(ServiceRow.id)))


async def list_services(session: AsyncSession, ids: Sequence[str]) -> list[ServiceRow]:
    return list(await session.scalars(select(ServiceRow).where(ServiceRow.id.in_(ids))))


async def list_versions(
    session: AsyncSession, service_ids: Sequence[str], *, lock: bool = False
) -> list[ServiceVersionRow]:
    query = (
        select(ServiceVersionRow)
        .where(ServiceVersionRow.service_id.in_(service_ids))
        .order_by(ServiceVersionRow.service_id, ServiceVersionRow.number)
    )
    return list(await session.scalars(query.with_for_update() if lock else query))


async def list_active_versions(session: AsyncSession) -> list[str]:
    """Versions that something may have to be done about."""
    query = select(ServiceVersionRow.id).where(ServiceVersionRow.state.not_in(_AT_REST))
    return list(await session.scalars(query))


async def versions_of_model(
    session: AsyncSession, version_id: str
) -> list[tuple[ServiceVersionRow, str]]:
    """Service versions that use a model version, each with the service's name."""
    query = (
        select(ServiceVersionRow, ServiceRow.name)
        .join(ServiceRow, ServiceRow.id == ServiceVersionRow.service_id)
        .where(
            or_(
                ServiceVersionRow.model_version_id == version_id,
                ServiceVersionRow.base_version_id == version_id,
            )
        )
        .order_by(ServiceVersionRow.created_at)
    )
    return [(row, name) for row, name in await session.execute(query)]


async def list_live_replicas(session: AsyncSession, service_ids: Sequence[str]) -> list[ReplicaRow]:
    query = select(ReplicaRow).where(
        ReplicaRow.service_id.in_(service_ids), ReplicaRow.state.not_in(_ENDED)
    )
    return list(await session.scalars(query.order_by(ReplicaRow.created_at, ReplicaRow.id)))


async def replicas_of(
    session: AsyncSession, version_id: str, *, ended: bool = False
) -> list[ReplicaRow]:
    """Oldest first; without ended ones unless asked for."""
    query = select(ReplicaRow).where(ReplicaRow.version_id == version_id)
    if not ended:
        query = query.where(ReplicaRow.state.not_in(_ENDED))
    return list(await session.scalars(query.order_by(ReplicaRow.created_at, ReplicaRow.id)))


async def uncounted_failures(session: AsyncSession, version_id: str) -> list[ReplicaRow]:
    query = select(ReplicaRow).where(
        ReplicaRow.version_id == version_id,
        ReplicaRow.state == ReplicaState.FAILED,
        ReplicaRow.counted.is_(False),
    )
    return list(await session.scalars(query.order_by(ReplicaRow.ended_at)))


async def ready_since(session: AsyncSession, service_ids: Sequence[str]) -> dict[str, datetime]:
    """Service id -> when the newest of its replicas became ready; without those never ready."""
    rows = await session.execute(
        select(ReplicaRow.service_id, func.max(ReplicaRow.ready_at))
        .where(ReplicaRow.service_id.in_(service_ids), ReplicaRow.ready_at.is_not(None))
        .group_by(ReplicaRow.service_id)
    )
    return {service_id: at for service_id, at in rows if at is not None}


async def find_replica(session: AsyncSession, replica_id: str) -> ReplicaRow | None:
    return await session.get(ReplicaRow, replica_id)


async def replica_of_workload(session: AsyncSession, workload_id: str) -> ReplicaRow | None:
    return await session.scalar(select(ReplicaRow).where(ReplicaRow.workload_id == workload_id))


async def forget_old_replicas(session: AsyncSession, version_id: str) -> None:
    """A crash loop must not fill the table."""
    ended = select(ReplicaRow.id).where(
        ReplicaRow.version_id == version_id, ReplicaRow.state.in_(_ENDED)
    )
    kept = ended.order_by(ReplicaRow.created_at.desc()).limit(KEPT_REPLICAS)
    await session.execute(
        delete(ReplicaRow)
        .where(ReplicaRow.id.in_(ended), ReplicaRow.id.not_in(kept))
        .execution_options(synchronize_session=False)
    )


async def count_live_replicas(
    session: AsyncSession, service_ids: Sequence[str]
) -> dict[str, tuple[int, int]]:
    """Version id -> (running, existing)."""
    counts: dict[str, tuple[int, int]] = {}
    for row in await list_live_replicas(session, service_ids):
        running, existing = counts.get(row.version_id, (0, 0))
        ready = row.state == ReplicaState.RUNNING and row.wanted == Wanted.RUN
        counts[row.version_id] = (running + ready, existing + 1)
    return counts


async def list_keys(
    session: AsyncSession, service_ids: Sequence[str], *, purpose: KeyPurpose | None = None
) -> list[ServiceKeyRow]:
    query = select(ServiceKeyRow).where(ServiceKeyRow.service_id.in_(service_ids))
    if purpose is not None:
        query = query.where(ServiceKeyRow.purpose == purpose)
    return list(await session.scalars(query.order_by(ServiceKeyRow.created_at, ServiceKeyRow.id)))


async def get_key(session: AsyncSession, service_id: str, key_id: str) -> ServiceKeyRow:
    """A key of the service that people made; hidden ones are not there."""
    row = await session.get(ServiceKeyRow, key_id)
    if row is None or row.service_id != service_id or row.purpose != KeyPurpose.USER:
        raise NotFound(f"There is no key {key_id} in this service.", code="no_key")
    return row


async def find_own_key(
    session: AsyncSession, service_id: str, user_id: str, tenant_id: str | None
) -> ServiceKeyRow | None:
    """The newest by which this person calls the service from the console, in this project."""
    query = select(ServiceKeyRow).where(
        ServiceKeyRow.service_id == service_id,
        ServiceKeyRow.purpose == KeyPurpose.PLAYGROUND,
        ServiceKeyRow.created_by == user_id,
        ServiceKeyRow.tenant_id.is_not_distinct_from(tenant_id),
    )
    newest = query.order_by(ServiceKeyRow.created_at.desc(), ServiceKeyRow.id).limit(1)
    found: ServiceKeyRow | None = await session.scalar(newest)
    return found


async def find_key(session: AsyncSession, key_id: str) -> ServiceKeyRow | None:
    return await session.get(ServiceKeyRow, key_id)


async def count_keys(session: AsyncSession, service_id: str) -> int:
    query = select(func.count()).select_from(ServiceKeyRow)
    return (
        await session.scalar(
            query.where(
                ServiceKeyRow.service_id == service_id, ServiceKeyRow.purpose == KeyPurpose.USER
            )
        )
        or 0
    )


async def list_updates(session: AsyncSession, version_id: str) -> list[ServiceUpdateRow]:
    query = select(ServiceUpdateRow).where(ServiceUpdateRow.version_id == version_id)
    return list(
        await session.scalars(
            query.order_by(ServiceUpdateRow.created_at.desc(), ServiceUpdateRow.id).limit(200)
        )
    )


async def find_update(session: AsyncSession, update_id: str) -> ServiceUpdateRow | None:
    return await session.get(ServiceUpdateRow, update_id)


async def running_updates(session: AsyncSession, version_id: str) -> list[ServiceUpdateRow]:
    query = select(ServiceUpdateRow).where(
        ServiceUpdateRow.version_id == version_id,
        ServiceUpdateRow.result == UpdateResult.RUNNING,
    )
    return list(await session.scalars(query))


async def count_by_state(session: AsyncSession, project_id: str) -> dict[str, int]:
    """Services by state, for the overview."""
    rows = await session.execute(
        select(ServiceRow.state, func.count())
        .where(ServiceRow.project_id == project_id, ServiceRow.purpose == ServicePurpose.ONLINE)
        .group_by(ServiceRow.state)
    )
    return {state: count for state, count in rows}  # noqa: C416  rows are no plain tuples
