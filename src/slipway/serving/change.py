"""Starting, stopping, scaling, updating and deleting: each writes what is wanted, and returns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.assets.storage import Storage
from slipway.base.clock import rfc3339
from slipway.base.database import Database
from slipway.base.errors import Conflict, Invalid, NotFound
from slipway.base.names import checked_description, checked_tags
from slipway.compute import submit as compute
from slipway.iam.types import Actor
from slipway.serving import blocked, history, log_delivery, queries, sources
from slipway.serving.checks import check_limit, check_mode, check_replicas, check_stop_at, completed
from slipway.serving.config import DeploymentMode, VersionConfig, differences, needs_new_replicas
from slipway.serving.create import check_fits, check_same_kind, check_with_environment, model_ids
from slipway.serving.deletion import tell_of_deletion
from slipway.serving.events import tell_of_service, tell_of_version
from slipway.serving.groups.model_rules import touch_groups_of
from slipway.serving.internal_keys import forget_own_keys
from slipway.serving.scaling.checks import check_scaling
from slipway.serving.scaling.types import Scaling
from slipway.serving.states import service_state
from slipway.serving.tables import ServiceRow, ServiceVersionRow
from slipway.serving.types import (
    RequestLimit,
    Service,
    ServiceState,
    UpdateKind,
    UpdateResult,
    Version,
    Wanted,
)


@dataclass(frozen=True, slots=True)
class StopAt:
    """A scheduled stop; None takes it back."""

    at: datetime | None


@dataclass(frozen=True, slots=True)
class ServiceChange:
    """What is None stays."""

    description: str | None = None
    tags: dict[str, str] | None = None
    limit: RequestLimit | None = None
    stop: StopAt | None = None


@dataclass(frozen=True, slots=True)
class VersionChange:
    """`config` is the whole configuration as it shall be; None: as it is."""

    config: VersionConfig | None = None
    replicas: int | None = None
    scaling: Scaling | None = None
    description: str | None = None


async def start_version(
    db: Database, storage: Storage, actor: Actor, version_id: str, *, now: datetime
) -> Version:
    async with db.read() as session:
        known = queries.frozen_version(
            await queries.get_version(session, actor.project_id, version_id)
        )
    await sources.check(db, storage, actor.project_id, known.config)
    async with db.begin() as session:
        row = await _changeable(session, actor, version_id, blocked.start)
        await _start(session, storage, actor, row, now)
        return queries.frozen_version(row)


async def start_service(
    db: Database, storage: Storage, actor: Actor, service_id: str, *, now: datetime
) -> Service:
    """Start every version that is down."""
    async with db.begin() as session:
        row, versions = await _service_with_versions(session, actor, service_id)
        _refuse(blocked.start_service([queries.frozen_version(v) for v in versions]))
        for version in versions:
            if ServiceState(version.state).is_down:
                await _start(session, storage, actor, version, now)
        await session.refresh(row)
        return queries.frozen_service(row)


async def stop_version(db: Database, actor: Actor, version_id: str, *, now: datetime) -> Version:
    async with db.begin() as session:
        row = await _changeable(session, actor, version_id, blocked.stop)
        await _stop(session, actor.user_id, row, now)
        return queries.frozen_version(row)


async def stop_service(db: Database, actor: Actor, service_id: str, *, now: datetime) -> Service:
    async with db.begin() as session:
        return await want_stop(session, actor, service_id, now=now)


async def want_stop(
    session: AsyncSession, actor: Actor, service_id: str, *, now: datetime
) -> Service:
    """In the caller's transaction. Refuses where nothing runs."""
    row, versions = await _service_with_versions(session, actor, service_id)
    _refuse(blocked.stop_service([queries.frozen_version(v) for v in versions]))
    for version in versions:
        if blocked.stop(queries.frozen_version(version)) is None:
            await _stop(session, actor.user_id, version, now)
    await session.refresh(row)
    return queries.frozen_service(row)


async def stop_as_scheduled(session: AsyncSession, service_id: str, now: datetime) -> None:
    """Stops what runs; the schedule is used up. Stopping does not delete (SRV-26)."""
    versions = await queries.list_versions(session, [service_id], lock=True)
    row = await queries.find_service(session, service_id)
    if row is None or row.stop_at is None or row.stop_at > now:
        return
    told = f"It was to stop at {rfc3339(row.stop_at)}."
    row.stop_at = None
    await session.flush()
    await tell_of_service(session, row, "scheduledStop", now=now, description=told)
    for version in versions:
        if blocked.stop(queries.frozen_version(version)) is None:
            await _stop(session, None, version, now)


async def scale_version(
    db: Database,
    actor: Actor,
    version_id: str,
    *,
    replicas: int | None = None,
    scaling: Scaling | None = None,
    now: datetime,
) -> Version:
    """More or fewer replicas, or another policy; those that stay are not touched (SRV-57)."""
    change = VersionChange(replicas=replicas, scaling=scaling)
    if replicas is None and scaling is None:
        raise Invalid("Say how many replicas, or how it scales.", field="replicas")
    if replicas is not None:
        check_replicas(replicas)
    async with db.begin() as session:
        row = await _changeable(session, actor, version_id, blocked.change)
        await _check_scaling(session, actor, row.service_id, scaling)
        await _apply(session, row, change, UpdateKind.SCALE, actor, now)
        return queries.frozen_version(row)


async def update_version(
    db: Database,
    storage: Storage,
    actor: Actor,
    version_id: str,
    change: VersionChange,
    *,
    kind: UpdateKind = UpdateKind.UPDATE,
    now: datetime,
) -> Version:
    """A new configuration; running replicas are replaced by the rolling policy (SRV-56)."""
    async with db.read() as session:
        known = await queries.get_version(session, actor.project_id, version_id)
        service = await queries.get_service(session, actor.project_id, known.service_id)
    if change.config is not None:
        change = replace(change, config=completed(change.config, service.name))
        assert change.config is not None
        await _check_update(db, storage, actor, service, change)
    if change.replicas is not None:
        check_replicas(change.replicas)
    async with db.begin() as session:
        row = await _changeable(session, actor, version_id, blocked.change)
        await _check_scaling(session, actor, row.service_id, change.scaling)
        await log_delivery.check_store(session, actor.project_id, change.config)
        if change.config is not None:
            found = await sources.resolve(session, storage, actor.project_id, change.config)
            await check_fits(session, service.resource_group, change.config, found)
        await _apply(session, row, change, kind, actor, now)
        return queries.frozen_version(row)


async def restart_version(db: Database, actor: Actor, version_id: str, *, now: datetime) -> Version:
    """Replace every replica by the rolling policy, with the same configuration (SRV-59)."""
    async with db.begin() as session:
        row = await _changeable(session, actor, version_id, blocked.restart)
        row.revision += 1
        await _begin_update(session, row, now)
        await history.note(session, row, UpdateKind.RESTART, {}, actor, finished=False, now=now)
        await tell_of_version(session, row, "restarting", actor_id=actor.user_id, now=now)
        return queries.frozen_version(row)


async def roll_back(
    db: Database, storage: Storage, actor: Actor, version_id: str, update_id: str, *, now: datetime
) -> Version:
    """Back to the configuration and count that an update record kept."""
    async with db.read() as session:
        await queries.get_version(session, actor.project_id, version_id)
        record = await queries.find_update(session, update_id)
    if record is None or record.version_id != version_id:
        raise NotFound(f"There is no update record {update_id} of this version.")
    change = VersionChange(VersionConfig.of(record.config), record.replicas)
    return await update_version(
        db, storage, actor, version_id, change, kind=UpdateKind.ROLLBACK, now=now
    )


async def edit_service(
    db: Database, actor: Actor, service_id: str, change: ServiceChange, *, now: datetime
) -> Service:
    """What needs no restart of anything: description, tags, request limit."""
    async with db.begin() as session:
        row = await queries.get_service(session, actor.project_id, service_id, lock=True)
        if change.description is not None:
            row.description = checked_description(change.description)
        if change.tags is not None:
            row.tags = checked_tags(change.tags)
            for replica in await queries.list_live_replicas(session, [row.id]):
                await compute.set_tags(session, replica.workload_id, row.tags)
        if change.limit is not None:
            check_limit(change.limit)
            for version in await queries.list_versions(session, [row.id]):
                check_scaling(Scaling.of(version.scaling), change.limit, llm=row.llm)
            row.qps_per_replica = change.limit.qps_per_replica
            row.concurrency_per_replica = change.limit.concurrency_per_replica
        if change.stop is not None:
            check_stop_at(change.stop.at, now)
            row.stop_at = change.stop.at
        row.updated_at = now
        await session.flush()
        await tell_of_service(session, row, "edited", actor_id=actor.user_id, now=now)
        return queries.frozen_service(row)


async def set_weights(
    db: Database, actor: Actor, service_id: str, weights: dict[str, int], *, now: datetime
) -> list[Version]:
    """Percentages of the traffic by version; one that is left out gets 0 (SRV-48)."""
    async with db.begin() as session:
        row, versions = await _service_with_versions(session, actor, service_id)
        if row.rolling_out:
            raise Conflict(
                "A rollout moves the traffic of this service. Cancel it first.", code="wrong_state"
            )
        _check_weights(weights, [queries.frozen_version(v) for v in versions])
        for version in versions:
            version.weight = weights.get(version.id, 0)
        await session.flush()
        told = ", ".join(f"{v.id} {v.weight} %" for v in versions)
        await tell_of_service(
            session, row, "trafficSplit", actor_id=actor.user_id, now=now, description=told
        )
        return [queries.frozen_version(v) for v in versions]


async def delete_version(db: Database, actor: Actor, version_id: str, *, now: datetime) -> None:
    async with db.begin() as session:
        row = await _changeable(session, actor, version_id, blocked.delete)
        await tell_of_version(session, row, "versionDeleted", actor_id=actor.user_id, now=now)
        service_id, freed = row.service_id, row.weight
        await log_delivery.forget(session, version_id)
        await session.delete(row)
        await session.flush()
        await _share_out(session, service_id, freed)
        await settle_service(session, service_id)


async def delete_service(db: Database, actor: Actor, service_id: str, *, now: datetime) -> None:
    async with db.begin() as session:
        await remove_service(session, actor, service_id, now=now)


async def remove_service(
    session: AsyncSession, actor: Actor, service_id: str, *, now: datetime
) -> None:
    """In the caller's transaction. Refuses while it is not down."""
    row, versions = await _service_with_versions(session, actor, service_id)
    _refuse(blocked.delete_service([queries.frozen_version(v) for v in versions]))
    await tell_of_service(session, row, "deleted", actor_id=actor.user_id, now=now)
    await touch_groups_of(session, service_id)
    await tell_of_deletion(session, service_id)
    for version in versions:
        await log_delivery.forget(session, version.id)
    await session.delete(row)
    await session.flush()


async def settle_service(session: AsyncSession, service_id: str) -> None:
    """Keep the service's state true to its versions'; in the transaction that changes one."""
    row = await queries.find_service(session, service_id)
    if row is not None:
        versions = await queries.list_versions(session, [service_id])
        row.state = service_state(ServiceState(v.state) for v in versions)
        await session.flush()


async def _start(
    session: AsyncSession,
    storage: Storage,
    actor: Actor,
    row: ServiceVersionRow,
    now: datetime,
) -> None:
    service = await queries.get_service(session, actor.project_id, row.service_id)
    config = queries.frozen_version(row).config
    found = await sources.resolve(session, storage, actor.project_id, config)
    await check_fits(session, service.resource_group, config, found)
    row.wanted, row.state, row.reason, row.last_log = Wanted.RUN, ServiceState.PENDING, "", []
    row.served, row.gave_up, row.failures, row.retry_at = False, False, 0, None
    row.started_at, row.updated_at = now, now
    # The default count holds until the next rule fires.
    row.replicas, row.scaled_until, row.bound_low, row.bound_high = (
        row.default_replicas, now, None, None
    )  # fmt: skip
    await session.flush()
    await forget_own_keys(session, row.service_id)
    await settle_service(session, row.service_id)
    await tell_of_version(session, row, "starting", actor_id=actor.user_id, now=now)


async def _stop(
    session: AsyncSession, actor_id: str | None, row: ServiceVersionRow, now: datetime
) -> None:
    row.wanted, row.state, row.reason = Wanted.STOP, ServiceState.STOPPING, ""
    row.updating, row.updated_at = False, now
    await history.finish(session, row.id, UpdateResult.STOPPED, now)
    await settle_service(session, row.service_id)
    await tell_of_version(session, row, "stopping", actor_id=actor_id, now=now)


async def _apply(
    session: AsyncSession,
    row: ServiceVersionRow,
    change: VersionChange,
    kind: UpdateKind,
    actor: Actor,
    now: datetime,
) -> None:
    changes: dict[str, list[object]] = {}
    down = ServiceState(row.state).is_down
    if change.config is not None:
        changes = differences(VersionConfig.of(row.config), change.config)
        row.config = change.config.as_json()
        for name, value in model_ids(change.config).items():
            setattr(row, name, value)
        if changes and needs_new_replicas(changes):
            row.revision += 1
            if not down:
                await _begin_update(session, row, now)
        elif "priority" in changes:
            for replica in await queries.list_live_replicas(session, [row.service_id]):
                if replica.version_id == row.id:
                    await compute.set_priority(session, replica.workload_id, change.config.priority)
        if "deliver_logs" in changes:
            await log_delivery.switch(session, row, now)
    if change.replicas is not None and change.replicas != row.replicas:
        changes["replicas"] = [row.replicas, change.replicas]
        row.replicas = change.replicas
    row.default_replicas = change.replicas or row.default_replicas
    _rescale(row, change.scaling, changes, now)
    if change.description is not None and change.description != row.description:
        changes["description"] = [row.description, checked_description(change.description)]
        row.description = change.description
    if not changes:
        return
    row.updated_at = now
    await session.flush()
    await history.note(session, row, kind, changes, actor, finished=down, now=now)
    event = "scaling" if kind == UpdateKind.SCALE else "updating"
    told = f"Changed: {', '.join(sorted(changes))}."
    await tell_of_version(session, row, event, actor_id=actor.user_id, now=now, description=told)


def _rescale(
    row: ServiceVersionRow, scaling: Scaling | None, changes: dict[str, list[object]], now: datetime
) -> None:
    """Rules that were due before a policy was there do not fire."""
    if scaling is None or scaling == Scaling.of(row.scaling):
        return
    changes["scaling"] = [Scaling.of(row.scaling).as_json(), scaling.as_json()]
    row.scaling, row.scaled_until, row.bound_low, row.bound_high = (
        scaling.as_json(), now, None, None
    )  # fmt: skip
    if scaling.idle_s is None and row.replicas == 0:
        row.replicas = row.default_replicas  # it may not sleep any more


async def _check_scaling(
    session: AsyncSession, actor: Actor, service_id: str, scaling: Scaling | None
) -> None:
    if scaling is not None:
        row = await queries.get_service(session, actor.project_id, service_id)
        check_scaling(scaling, queries.frozen_service(row).limit, llm=row.llm)


async def _begin_update(session: AsyncSession, row: ServiceVersionRow, now: datetime) -> None:
    """What failed before says nothing about the new configuration."""
    row.updating, row.failures, row.retry_at, row.updated_at = True, 0, None, now
    row.last_log, row.deployed = [], True
    await session.flush()


async def _check_update(
    db: Database, storage: Storage, actor: Actor, service: ServiceRow, change: VersionChange
) -> None:
    assert change.config is not None
    await check_with_environment(db, actor, change.config, grpc=service.grpc)
    check_same_kind(service.llm, change.config)
    check_mode(DeploymentMode(service.mode), change.config)
    await sources.check(db, storage, actor.project_id, change.config)


async def _changeable(
    session: AsyncSession,
    actor: Actor,
    version_id: str,
    why_not: Callable[[Version], str | None],
) -> ServiceVersionRow:
    row = await queries.get_version(session, actor.project_id, version_id, lock=True)
    _refuse(why_not(queries.frozen_version(row)))
    return row


async def _service_with_versions(
    session: AsyncSession, actor: Actor, service_id: str
) -> tuple[ServiceRow, list[ServiceVersionRow]]:
    """Versions are locked before their service, everywhere: no two can wait for each other."""
    versions = await queries.list_versions(session, [service_id], lock=True)
    row = await queries.get_service(session, actor.project_id, service_id)
    return row, versions


def _refuse(reason: str | None) -> None:
    if reason is not None:
        raise Conflict(reason, code="wrong_state")


def _check_weights(weights: dict[str, int], versions: list[Version]) -> None:
    known = {v.id: v for v in versions}
    for version_id, weight in weights.items():
        if version_id not in known:
            raise Invalid(f"The service has no version {version_id}.", field="weights")
        if not 0 <= weight <= 100:
            raise Invalid("A weight is a whole percentage from 0 to 100.", field="weights")
        if weight > 0 and (reason := blocked.weigh(known[version_id])):
            raise Conflict(reason, code="wrong_state")
    if sum(weights.values()) != 100:
        raise Invalid(
            f"The weights add up to {sum(weights.values())}; they must add up to 100.",
            field="weights",
        )


async def _share_out(session: AsyncSession, service_id: str, freed: int) -> None:
    """The traffic of a deleted version goes to the others in proportion, or to the newest."""
    versions = await queries.list_versions(session, [service_id])
    if freed == 0 or not versions:
        return
    total = sum(v.weight for v in versions)
    if total == 0:
        versions[-1].weight = 100
        return
    for version in versions:
        version.weight = version.weight * 100 // total
    versions[-1].weight += 100 - sum(v.weight for v in versions)
