"""What a run reports about itself, and the runs that were not started by the platform."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class RunState(StrEnum):
    RUNNING = "Running"
    COMPLETED = "Completed"
    ABNORMAL = "Abnormal"
    STOPPED = "Stopped"
    QUEUED = "Queued"


class ValueKind(StrEnum):
    PARAMETER = "parameter"
    TAG = "tag"


@dataclass(frozen=True, slots=True)
class Experiment:
    """A named group of runs in a project. The project itself is its first: id and name are the project's."""

    id: str
    project_id: str
    name: str
    created_at: datetime
    updated_at: datetime
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """A run that was created from outside; `artifacts` is the storage address of its files."""

    id: str
    project_id: str
    experiment_id: str
    name: str
    state: RunState
    artifacts: str
    created_by: str
    creator_name: str
    created_at: datetime
    started_at: datetime
    ended_at: datetime | None
    deleted: bool


@dataclass(frozen=True, slots=True)
class RunValues:
    parameters: dict[str, str]
    tags: dict[str, str]
