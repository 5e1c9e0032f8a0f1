"""A TensorBoard over what a task wrote."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

KIND = "tensorboard"
PORT = "main"


class BoardState(StrEnum):
    STARTING = "starting"
    READY = "ready"
    UNAVAILABLE = "unavailable"  # it could not start, or has failed; `reason` says why
    STOPPED = "stopped"

    @property
    def is_final(self) -> bool:
        return self in (BoardState.UNAVAILABLE, BoardState.STOPPED)


class BoardStore(StrEnum):
    SUMMARY = "summary"  # the task's own /opt/ml/summary (TRN-41)
    MOUNT = "mount"  # a folder of one of its mounts (TRN-40)


@dataclass(frozen=True, slots=True)
class Board:
    id: str
    task_id: str
    project_id: str
    store: BoardStore
    container_path: str
    address: str
    workload_id: str
    state: BoardState
    reason: str
    created_by: str
    created_at: datetime
    updated_at: datetime
