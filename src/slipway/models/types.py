"""Models and their versions: what is kept, where it came from, and how its import went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ImportState(StrEnum):
    """`Importing` ends in one of the others; a failed import can be tried again."""

    IMPORTING = "Importing"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"


class SourceKind(StrEnum):
    TASK = "task"
    STORAGE = "storage"
    OPTIMISED = "optimised"


@dataclass(frozen=True, slots=True)
class TaskSource:
    """The training task a version was published from."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Source:
    kind: SourceKind
    address: str
    task: TaskSource | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """`last_number` is the highest version number ever given; numbers are not used again."""

    id: str
    project_id: str
    name: str
    description: str
    tags: dict[str, str]
    optimised: bool
    last_number: int
    created_by: str
    creator_name: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """`save_path` is the storage address of the version's own folder, ending in '/'."""

    id: str
    project_id: str
    model_id: str
    model_name: str
    number: int
    state: ImportState
    reason: str
    warnings: tuple[str, ...]
    source: Source
    move: bool
    format: str
    framework: str
    environment: str
    metrics: dict[str, float]
    metrics_text: str
    save_path: str
    size_bytes: int
    file_count: int
    created_by: str
    creator_name: str
    created_at: datetime
    imported_at: datetime | None

    @property
    def name(self) -> str:
        """What people call it: `v3`."""
        return f"v{self.number}"


@dataclass(frozen=True, slots=True)
class PackageFile:
    """One file of a version. `modified_ns` is the source's time when it was copied."""

    path: str
    size_bytes: int
    sha256: str
    modified_ns: int
