"""Load tests of online services: how fast one answers with 1, 2, 4, ... callers at once."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from slipway.compute.types import Ending, Workload, WorkloadState

KIND = "load_test"  # of the workloads behind load tests


class LoadTestState(StrEnum):
    QUEUED = "Queued"
    RUNNING = "Running"
    STOPPING = "Stopping"
    COMPLETED = "Completed"
    STOPPED = "Stopped"
    FAILED = "Failed"

    @property
    def is_final(self) -> bool:
        return self in (LoadTestState.COMPLETED, LoadTestState.STOPPED, LoadTestState.FAILED)


_STATES = {
    WorkloadState.QUEUED: LoadTestState.QUEUED,
    WorkloadState.STARTING: LoadTestState.QUEUED,
    WorkloadState.RUNNING: LoadTestState.RUNNING,
    WorkloadState.STOPPING: LoadTestState.RUNNING,
    # The results still have to be read: the loop writes the final word.
    WorkloadState.SUCCEEDED: LoadTestState.RUNNING,
    WorkloadState.FAILED: LoadTestState.RUNNING,
    WorkloadState.STOPPED: LoadTestState.STOPPING,
}
ENDINGS = {
    WorkloadState.SUCCEEDED: LoadTestState.COMPLETED,
    WorkloadState.STOPPED: LoadTestState.STOPPED,
    WorkloadState.FAILED: LoadTestState.FAILED,
}


def state_of(workload: Workload) -> LoadTestState:
    if workload.state == WorkloadState.STOPPING and workload.ending == Ending.STOPPED:
        return LoadTestState.STOPPING
    return _STATES[workload.state]


@dataclass(frozen=True, slots=True)
class LoadTestSpec:
    """steps: numbers of callers, each for `seconds`. version_id: None for the service's traffic."""

    method: str
    path: str
    body: str
    content_type: str
    steps: tuple[int, ...]
    seconds: float
    timeout_s: float
    version_id: str | None = None
    cpu_cores: float = 1.0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, data: dict[str, Any]) -> LoadTestSpec:
        return cls(**{**data, "steps": tuple(data["steps"])})


@dataclass(frozen=True, slots=True)
class LoadTest:
    """results: what the generator wrote, once it has ended; before, that is read from its file."""

    id: str
    project_id: str
    service_id: str
    spec: LoadTestSpec
    state: LoadTestState
    reason: str
    settling: bool
    results: dict[str, Any] | None
    created_by: str
    creator_name: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


def why_not_stop(test: LoadTest) -> str | None:
    if test.state.is_final:
        return "The load test has ended."
    if test.state == LoadTestState.STOPPING or test.settling:
        return "The load test is ending."
    return None


def why_not_delete(test: LoadTest) -> str | None:
    return None if test.state.is_final else "Stop the load test first."
