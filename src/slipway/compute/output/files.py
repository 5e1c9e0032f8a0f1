"""Where the instances of a workload left their log, metrics and samples."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.compute import queries
from slipway.compute.types import Instance


class InstanceFiles:
    """Handed to the rooms: ids in, paths out. `root` is where the engine keeps its directories."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def directory(self, instance_id: str) -> Path:
        return self._root / instance_id

    def logs(self, instances: list[Instance]) -> dict[str, Path]:
        return {i.id: self.directory(i.id) / "log" for i in instances}

    def metrics(self, instances: list[Instance]) -> dict[str, Path]:
        return {i.id: self.directory(i.id) / "metrics.jsonl" for i in instances}

    def samples(self, instance_id: str) -> Path:
        return self.directory(instance_id) / "samples.jsonl"


async def instances_of_owners(
    session: AsyncSession, owner_ids: Collection[str]
) -> dict[str, list[Instance]]:
    """Like `instances_of_owner`, for many owners in one query."""
    found: dict[str, list[Instance]] = {owner_id: [] for owner_id in owner_ids}
    for owner_id, row in await queries.list_instances_of(session, owner_ids):
        found[owner_id].append(queries.frozen_instance(row))
    return found


async def instances_of_owner(session: AsyncSession, owner_id: str) -> list[Instance]:
    """Every instance of every run of the owner (a task, a service replica), oldest first."""
    found: list[Instance] = []
    for workload in reversed(await queries.list_workloads_of(session, owner_id)):
        found += [
            queries.frozen_instance(row)
            for row in await queries.list_instances(session, workload.id)
        ]
    return found
