"""Creating a service with its first version, and adding versions to it (SRV-01, SRV-48)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.assets.storage import Storage
from slipway.base.crypto import Sealer
from slipway.base.database import Database
from slipway.base.errors import Invalid
from slipway.base.ids import new_id
from slipway.base.names import checked_description, checked_name, checked_tags
from slipway.compute import submit as compute
from slipway.environments.choose import choose
from slipway.iam.types import Actor
from slipway.serving import history, log_delivery, queries, sources
from slipway.serving.checks import (
    check_config,
    check_limit,
    check_mode,
    check_replicas,
    check_stop_at,
    completed,
)
from slipway.serving.config import DeploymentMode, ModelSourceKind, Runtime, VersionConfig
from slipway.serving.events import tell_of_service, tell_of_version
from slipway.serving.keys import FIRST_KEY, add_key
from slipway.serving.launch import workload_spec
from slipway.serving.scaling.checks import check_scaling
from slipway.serving.scaling.types import Scaling
from slipway.serving.sources import Sources
from slipway.serving.tables import ServiceOwnerRow, ServiceRow, ServiceVersionRow
from slipway.serving.types import (
    NewServiceKey,
    RequestLimit,
    Service,
    ServicePurpose,
    ServiceState,
    UpdateKind,
    Version,
    Wanted,
)


@dataclass(frozen=True, slots=True)
class NewService:
    name: str
    config: VersionConfig
    description: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    resource_group: str = "rsg-local"
    mode: DeploymentMode = DeploymentMode.STANDARD
    auth: bool = False
    grpc: bool = False
    limit: RequestLimit = field(default_factory=RequestLimit)
    replicas: int = 1
    scaling: Scaling = field(default_factory=Scaling)
    stop_at: datetime | None = None
    site: str = "local"
    purpose: ServicePurpose = ServicePurpose.ONLINE


@dataclass(frozen=True, slots=True)
class CreatedService:
    service: Service
    version: Version
    key: NewServiceKey | None


async def create_service(
    db: Database,
    storage: Storage,
    sealer: Sealer,
    actor: Actor,
    asked: NewService,
    *,
    now: datetime,
) -> CreatedService:
    asked = await checked_service(db, storage, actor, asked, now=now)
    async with db.begin() as session:
        return await add_service(session, storage, sealer, actor, asked, now=now)


async def checked_service(
    db: Database, storage: Storage, actor: Actor, asked: NewService, *, now: datetime
) -> NewService:
    """What is asked for, completed, or a refusal: everything that needs no transaction."""
    checked_name(asked.name)
    config = completed(asked.config, asked.name)
    check_mode(asked.mode, config)
    await _check(db, actor, config, asked.replicas, asked.description, grpc=asked.grpc)
    check_limit(asked.limit)
    check_stop_at(asked.stop_at, now)
    check_scaling(asked.scaling, asked.limit, llm=config.runtime == Runtime.LLM)
    await sources.check(db, storage, actor.project_id, config)
    return replace(asked, config=config)


async def add_service(
    session: AsyncSession,
    storage: Storage,
    sealer: Sealer,
    actor: Actor,
    asked: NewService,
    *,
    now: datetime,
) -> CreatedService:
    """In the caller's transaction; `asked` comes from `checked_service`."""
    service = _service_row(asked, actor, now)
    session.add(service)
    await session.flush()
    session.add(ServiceOwnerRow(service_id=service.id, project_id=service.project_id))
    key = None
    if asked.auth:
        key = await add_key(session, sealer, service, actor=actor, name=FIRST_KEY, now=now)
    version = await _add_version(
        session, storage, actor, service, asked.config, replicas=asked.replicas,
        scaling=asked.scaling, weight=100, description="", now=now,
    )  # fmt: skip
    await tell_of_service(session, service, "created", actor_id=actor.user_id, now=now)
    return CreatedService(queries.frozen_service(service), queries.frozen_version(version), key)


async def add_version(
    db: Database,
    storage: Storage,
    actor: Actor,
    service_id: str,
    config: VersionConfig,
    *,
    replicas: int,
    scaling: Scaling = Scaling(),
    description: str,
    now: datetime,
) -> Version:
    """The next version, running without traffic until weights give it some."""
    async with db.read() as session:
        service = await queries.get_service(session, actor.project_id, service_id)
    config = completed(config, service.name)
    await _check(db, actor, config, replicas, description, grpc=service.grpc)
    check_same_kind(service.llm, config)
    check_mode(DeploymentMode(service.mode), config)
    check_scaling(scaling, queries.frozen_service(service).limit, llm=service.llm)
    await sources.check(db, storage, actor.project_id, config)
    async with db.begin() as session:
        row = await queries.get_service(session, actor.project_id, service_id, lock=True)
        others = await queries.list_versions(session, [service_id])
        version = await _add_version(
            session, storage, actor, row, config, replicas=replicas, scaling=scaling,
            weight=0 if others else 100, description=description, now=now,
        )  # fmt: skip
        row.updated_at = now
        return queries.frozen_version(version)


async def check_with_environment(
    db: Database, actor: Actor, config: VersionConfig, *, grpc: bool
) -> None:
    async with db.read() as session:
        chosen = await choose(session, actor.project_id, config.environment, purpose="serving")
    check_config(config, chosen, grpc=grpc)


def check_same_kind(llm: bool, config: VersionConfig) -> None:
    """All versions answer the same calls, so a service is an LLM service or is none."""
    if (config.runtime == Runtime.LLM) != llm:
        kind = "an LLM service" if llm else "not an LLM service"
        raise Invalid(
            f"This service is {kind}, so the runtime {config.runtime} does not fit. "
            "Create another service for it.",
            field="runtime", code="other_kind",
        )  # fmt: skip


async def check_fits(
    session: AsyncSession, group_id: str, config: VersionConfig, found: Sources
) -> None:
    """Refuses what the resource group could not hold even when it is idle."""
    await compute.fitted(session, group_id, workload_spec(config, found))


def model_ids(config: VersionConfig) -> dict[str, str | None]:
    """The columns by which the model repository finds who uses a version."""
    ids = {
        name: source.ref
        for name, source in config.sources
        if source.kind == ModelSourceKind.REGISTRY
    }
    return {"model_version_id": ids.get("model"), "base_version_id": ids.get("base")}


async def _add_version(
    session: AsyncSession,
    storage: Storage,
    actor: Actor,
    service: ServiceRow,
    config: VersionConfig,
    *,
    replicas: int,
    scaling: Scaling,
    weight: int,
    description: str,
    now: datetime,
) -> ServiceVersionRow:
    await log_delivery.check_store(session, actor.project_id, config)
    found = await sources.resolve(session, storage, actor.project_id, config)
    await check_fits(session, service.resource_group, config, found)
    service.last_number += 1
    row = ServiceVersionRow(
        id=f"{service.id}-{service.last_number}", service_id=service.id,
        project_id=service.project_id, number=service.last_number, description=description,
        config=config.as_json(), **model_ids(config), revision=1, replicas=replicas,
        default_replicas=replicas, scaling=scaling.as_json(), scaled_until=now, weight=weight, wanted=Wanted.RUN, state=ServiceState.CREATING, last_log=[],
        updating=False, created_by=actor.user_id, creator_name=actor.user_name, created_at=now,
        updated_at=now, started_at=now,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    await history.note(session, row, UpdateKind.CREATE, {}, actor, finished=False, now=now)
    await tell_of_version(session, row, "versionCreated", actor_id=actor.user_id, now=now)
    return row


def _service_row(asked: NewService, actor: Actor, now: datetime) -> ServiceRow:
    return ServiceRow(
        id=new_id("ms", 8), project_id=actor.project_id, name=asked.name,
        description=checked_description(asked.description), tags=checked_tags(asked.tags),
        resource_group=asked.resource_group, mode=asked.mode, llm=asked.config.runtime == Runtime.LLM,
        stop_at=asked.stop_at, site=asked.site, auth=asked.auth, grpc=asked.grpc, purpose=asked.purpose, qps_per_replica=asked.limit.qps_per_replica, last_number=0,
        concurrency_per_replica=asked.limit.concurrency_per_replica,
        state=ServiceState.CREATING, created_by=actor.user_id, creator_name=actor.user_name,
        created_at=now, updated_at=now,
    )  # fmt: skip


async def _check(
    db: Database,
    actor: Actor,
    config: VersionConfig,
    replicas: int,
    description: str,
    *,
    grpc: bool,
) -> None:
    await check_with_environment(db, actor, config, grpc=grpc)
    check_replicas(replicas)
    checked_description(description)
