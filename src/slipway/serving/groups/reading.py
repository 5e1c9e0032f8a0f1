"""Groups and the services that they may link, as views."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.serving import queries as services
from slipway.serving.groups import queries
from slipway.serving.groups.tables import ModelRulesRow, ServiceGroupRow
from slipway.serving.groups.types import LinkedService, ServiceGroup
from slipway.serving.groups.views import ServiceGroupView
from slipway.serving.tables import ServiceRow
from slipway.serving.types import Version

Linkable = tuple[ServiceRow, ModelRulesRow | None]


async def group_views(
    session: AsyncSession, rows: Sequence[ServiceGroupRow], gateway: str, now: datetime
) -> list[ServiceGroupView]:
    return await views_of(session, await queries.freeze(session, rows, now), gateway)


async def views_of(
    session: AsyncSession, groups: Sequence[ServiceGroup], gateway: str
) -> list[ServiceGroupView]:
    ids = {service_id for group in groups for service_id in group.services}
    found = await queries.services_for_groups(session, ids)
    linked = {s.id: s for s in await linked_services(session, found.values())}
    return [ServiceGroupView.of(group, linked, gateway) for group in groups]


async def linked_services(session: AsyncSession, found: Iterable[Linkable]) -> list[LinkedService]:
    pairs = list(found)
    versions: dict[str, list[Version]] = {}
    for row in await services.list_versions(session, [service.id for service, _ in pairs]):
        versions.setdefault(row.service_id, []).append(services.frozen_version(row))
    return [
        LinkedService(
            id=row.id, name=row.name, state=row.state, llm=row.llm,
            preset=rules is not None and rules.preset,
            models=_names(row, versions.get(row.id, []), rules),
            model_ref=versions[row.id][-1].config.model.ref if row.id in versions else "",
        )
        for row, rules in pairs
    ]  # fmt: skip


def _names(
    row: ServiceRow, versions: Sequence[Version], rules: ModelRulesRow | None
) -> tuple[str, ...]:
    own = [version.config.served_name for version in versions] if row.llm else []
    return tuple(dict.fromkeys([*own, *(rules.aliases if rules else ())]))
