"""What the endpoints read: services and versions with their counts, as views."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.compute import queries as compute
from slipway.compute.output.files import instances_of_owner
from slipway.compute.types import Instance
from slipway.iam.types import Actor
from slipway.serving import blocked, call_counts, queries
from slipway.serving.tables import ServiceRow
from slipway.serving.types import Service, ServiceState, Version
from slipway.serving.views import (
    ModelSourceForm,
    ReplicaView,
    RequestLimitForm,
    ServiceDetail,
    ServiceVersionDetail,
    ServiceVersionView,
    ServiceView,
)

NONE = (0, 0)


async def service_detail(
    session: AsyncSession, actor: Actor, service_id: str, *, gateway: str
) -> ServiceDetail:
    row = await queries.get_service(session, actor.project_id, service_id)
    service, versions = queries.frozen_service(row), await versions_of(session, service_id)
    counts = await queries.count_live_replicas(session, [service_id])
    calls = await call_counts.counts_of_services(session, [service_id])
    items = [ServiceVersionView.of(v, counts.get(v.id, NONE)) for v in versions]
    summary = _summary(service, versions, counts, calls.get(service_id, NONE), gateway)
    return ServiceDetail(**summary, items=items)


async def service_views(
    session: AsyncSession, rows: Sequence[ServiceRow], *, gateway: str
) -> list[ServiceView]:
    """Four statements for a page, however long."""
    ids = [row.id for row in rows]
    counts = await queries.count_live_replicas(session, ids)
    by_service: dict[str, list[Version]] = {service_id: [] for service_id in ids}
    for row in await queries.list_versions(session, ids):
        by_service[row.service_id].append(queries.frozen_version(row))
    calls = await call_counts.counts_of_services(session, ids)
    return [
        ServiceView(
            **_summary(
                queries.frozen_service(row), by_service[row.id], counts, calls.get(row.id, NONE), gateway
            )
        )
        for row in rows
    ]  # fmt: skip


async def version_detail(
    session: AsyncSession, actor: Actor, version_id: str
) -> ServiceVersionDetail:
    version = await get_version(session, actor, version_id)
    counts = await queries.count_live_replicas(session, [version.service_id])
    view = ServiceVersionView.of(version, counts.get(version.id, NONE))
    return ServiceVersionDetail(**dict(view), replicas_wanted=version.default_replicas)


async def get_version(session: AsyncSession, actor: Actor, version_id: str) -> Version:
    return queries.frozen_version(await queries.get_version(session, actor.project_id, version_id))


async def versions_of(session: AsyncSession, service_id: str) -> list[Version]:
    rows = await queries.list_versions(session, [service_id])
    return [queries.frozen_version(row) for row in rows]


async def instances_of(session: AsyncSession, version_id: str) -> list[Instance]:
    """Of every replica that is kept, oldest first."""
    found: list[Instance] = []
    for row in await queries.replicas_of(session, version_id, ended=True):
        found += await instances_of_owner(session, row.id)
    return found


async def replica_views(
    session: AsyncSession, version: Version, *, ended: bool
) -> list[ReplicaView]:
    views = []
    for row in reversed(await queries.replicas_of(session, version.id, ended=ended)):
        rows = await compute.list_instances(session, row.workload_id)
        own = [compute.frozen_instance(i) for i in rows if i.attempt == rows[-1].attempt]
        views.append(ReplicaView.of(queries.frozen_replica(row), version.revision, own))
    return views


def _summary(
    service: Service,
    versions: Sequence[Version],
    counts: dict[str, tuple[int, int]],
    calls: tuple[int, int],
    gateway: str,
) -> dict[str, Any]:
    newest = versions[-1] if versions else None
    source = newest.config.model if newest else None
    up = [v for v in versions if not v.state.is_down]
    return {
        "id": service.id, "name": service.name, "description": service.description,
        "tags": service.tags, "site": service.site,
        "stop_at": service.stop_at, "resource_group": service.resource_group,
        "mode": service.mode, "runtime": newest.config.runtime if newest else None, "llm": service.llm,
        "grpc": service.grpc,
        "auth": service.auth,
        "limit": RequestLimitForm(
            qps_per_replica=service.limit.qps_per_replica,
            concurrency_per_replica=service.limit.concurrency_per_replica,
        ),
        "state": service.state,
        "reason": next((v.reason for v in versions if v.state == service.state and v.reason), ""),
        "versions": len(versions),
        "versions_running": sum(v.state == ServiceState.NORMAL for v in versions),
        "replicas": sum(v.replicas for v in up),
        "running": sum(counts.get(v.id, NONE)[0] for v in versions),
        "failed_calls": calls[0], "calls": calls[1],
        "model": ModelSourceForm(kind=source.kind, ref=source.ref) if source else None,
        "endpoint": f"{gateway}/{service.id}", "creator_id": service.created_by,
        "creator": service.creator_name, "created_at": service.created_at,
        "updated_at": service.updated_at,
        "blocked": {
            "start": blocked.start_service(versions), "stop": blocked.stop_service(versions),
            "delete": blocked.delete_service(versions), "call": None if service.llm and not versions else blocked.call(versions),
            "weights": None if len(versions) > 1 else "There is only one version.",
        },
    }  # fmt: skip
