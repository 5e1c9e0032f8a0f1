"""Custom environments: what a project's tasks and services find installed.

A version never changes once made; a change is the next version. Versions of equal content, also of
different projects, share one build.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

KIND = "environment"  # of workloads that build


class EnvironmentState(StrEnum):
    BUILDING = "building"
    READY = "ready"
    FAILED = "failed"


class BuildState(StrEnum):
    BUILDING = "building"
    READY = "ready"
    FAILED = "failed"
    REMOVED = "removed"  # swept: nobody used it


class SourceKind(StrEnum):
    PYTHON = "python"  # requirements or a lock for pip
    IMAGE = "image"  # a container image


class EnvironmentPurpose(StrEnum):
    TRAINING = "training"
    SERVING = "serving"


# What each framework's programs can be started as (TRN-05).
MODES_OF: dict[str, tuple[str, ...]] = {
    "python": ("single", "ddp", "mpi", "ray"),
    "pytorch": ("single", "ddp", "mpi", "horovod", "ray"),
    "tensorflow": ("single", "ps", "mpi", "horovod", "ray"),
    "transformers": ("single", "ddp", "ray"),
    "other": ("single", "ddp", "mpi", "horovod", "ps", "ray"),
}


@dataclass(frozen=True, slots=True)
class Source:
    """Everything that decides what a build contains, apart from the credentials."""

    kind: SourceKind
    python: str = ""  # version such as "3.11"
    requirements: str = ""
    constraints: str = ""
    index_url: str = ""
    on_platform: bool = False  # the platform's own packages can be imported too
    image: str = ""

    def content_hash(self, scope: str) -> str:
        """`scope` separates what must not be shared: the project, where credentials were used."""
        text = json.dumps([scope, asdict(self)], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Credentials:
    user: str
    password: str


@dataclass(frozen=True, slots=True)
class Package:
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class CustomEnvironment:
    id: str
    project_id: str
    name: str
    version: int
    description: str
    tags: dict[str, str]
    framework: str
    modes: tuple[str, ...]
    purposes: tuple[str, ...]
    source: Source
    user: str  # of the index or the registry; the password is never shown
    content_hash: str
    state: EnvironmentState
    reason: str
    build_id: str  # the one in use, else the newest
    created_by: str
    creator_name: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Build:
    id: str
    content_hash: str
    kind: SourceKind
    state: BuildState
    reason: str
    workload_id: str
    location: str
    python: str
    packages: tuple[Package, ...]
    size_bytes: int
    created_at: datetime
    ended_at: datetime | None
    last_used_at: datetime
