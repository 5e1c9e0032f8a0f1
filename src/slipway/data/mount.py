"""What other rooms use: the directory of a version, to be mounted read-only into a task."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.errors import Conflict, NotFound
from slipway.data import queries
from slipway.data.shelf import Shelf
from slipway.data.types import DatasetKind, DatasetState, LabelFormat, VersionState, ViewState


@dataclass(frozen=True, slots=True)
class MountInfo:
    dataset_id: str
    name: str
    version: int
    kind: DatasetKind
    label_format: LabelFormat
    sample_count: int
    size_bytes: int
    content_hash: str
    view: str | None = None

    @property
    def title(self) -> str:
        return f"{self.name} (v{self.version}{f'/{self.view}' if self.view else ''})"


async def mount_source(
    session: AsyncSession,
    home: Path,
    project_id: str,
    dataset_id: str,
    version: int | None = None,
    view: str | None = None,
) -> tuple[Path, MountInfo]:
    """The directory with the files of a version (default: the newest), or of a view of it, and what
    it is.

    It never changes; mount it read-only. NotFound if it is not the project's, Conflict if there is
    nothing to mount (yet).
    """
    row = await queries.find_dataset(session, project_id, dataset_id)
    if row is None:
        raise NotFound(f"There is no dataset {dataset_id} in this project.")
    if row.state == DatasetState.UNAVAILABLE or not row.latest_version:
        raise Conflict(
            f"The dataset {row.name} is {row.state}; it can be used once it is available.",
            code="dataset_not_available",
        )
    number = version or row.latest_version
    found = await queries.find_version(session, dataset_id, number)
    if found is None or found.state != VersionState.AVAILABLE:
        raise NotFound(f"The dataset {row.name} has no published version v{number}.")
    info = MountInfo(
        row.id, row.name, number, DatasetKind(row.kind), LabelFormat(row.label_format),
        found.sample_count, found.size_bytes, found.content_hash or "",
    )  # fmt: skip
    if view is None:
        return Shelf(home).files(dataset_id, number), info
    part = await queries.find_view(session, dataset_id, number, view)
    if part is None:
        raise NotFound(f"The dataset {row.name} has no view {view[:60]} of v{number}.")
    if part.state != ViewState.AVAILABLE:
        raise Conflict(
            f"The view {view} of v{number} is {part.state}; it can be used once it is available.",
            code="view_not_available",
        )
    info = replace(
        info, view=view, sample_count=part.sample_count, size_bytes=part.size_bytes,
        content_hash=part.content_hash or "",
    )  # fmt: skip
    return Shelf(home).view(dataset_id, part.id) / "files", info
