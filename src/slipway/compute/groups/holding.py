"""What holds resources, by group and node (RES-06). Other projects' items are counted, not named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.paging import Page, PageQuery
from slipway.compute.nodes import queries
from slipway.compute.tables import InstanceRow, WorkloadRow
from slipway.iam.types import Actor


@dataclass(frozen=True, slots=True)
class Holding:
    """One workload and what its live instances hold; on one node, if one was asked for."""

    workload_id: str
    kind: str
    owner_id: str  # empty: another project's
    name: str
    group_id: str
    state: str
    node_ids: tuple[str, ...]
    instances: int
    cpu_cores: float
    memory_bytes: int
    gpus: float
    started_at: datetime | None
    run_time_s: float | None

    @property
    def words(self) -> str:
        """As in `2C4G *1`: of one instance, times their number."""
        each = max(1, self.instances)
        cards = f"{self.gpus / each:g}GPU" if self.gpus else ""
        memory = self.memory_bytes / each / 2**30
        return f"{self.cpu_cores / each:g}C{memory:.3g}G{cards} *{self.instances}"


async def page_of_holding(
    session: AsyncSession,
    actor: Actor,
    page: PageQuery,
    *,
    group_id: str | None,
    node_id: str | None,
    now: datetime,
) -> Page[Holding]:
    own = None if actor.is_admin else actor.project_id
    found = await queries.page_holding(
        session, page, group_id=group_id, node_id=node_id, own_project=own
    )
    instances = await queries.live_of(session, [row.id for row in found.items])
    items = [_holding(row, instances, actor, node_id, now) for row in found.items]
    return Page(items, found.next_cursor, found.total)


def _holding(
    row: WorkloadRow,
    instances: Sequence[InstanceRow],
    actor: Actor,
    node_id: str | None,
    now: datetime,
) -> Holding:
    own = [i for i in instances if i.workload_id == row.id and node_id in (None, i.node_id)]
    visible = actor.is_admin or row.project_id == actor.project_id
    return Holding(
        workload_id=row.id, kind=row.kind, owner_id=row.owner_id if visible else "",
        name=row.name if visible else "", group_id=row.group_id, state=row.state,
        node_ids=tuple(sorted({i.node_id for i in own})), instances=len(own),
        cpu_cores=round(sum(float(i.resources["cpu_cores"]) for i in own), 2),
        memory_bytes=sum(int(i.resources["memory_bytes"]) for i in own),
        gpus=round(sum(float(i.resources["gpus"]) for i in own), 2), started_at=row.started_at,
        run_time_s=(now - row.started_at).total_seconds() if row.started_at else None,
    )  # fmt: skip
