"""Light trials: a checkpoint served for a while, to chat with (EVA-02 to EVA-04)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from slipway.serving.types import Service, ServiceState, Version


class TrialState(StrEnum):
    CREATING = "Creating"
    STARTING = "Starting"
    READY = "Ready"
    FAILED = "Failed"
    STOPPING = "Stopping"
    STOPPED = "Stopped"

    @property
    def is_down(self) -> bool:
        """Holds no resources, and will not by itself."""
        return self in (TrialState.FAILED, TrialState.STOPPED)


_STATES = {
    ServiceState.CREATING: TrialState.CREATING,
    ServiceState.PENDING: TrialState.STARTING,
    ServiceState.WAITING: TrialState.STARTING,
    ServiceState.NORMAL: TrialState.READY,
    # It broke after it had served, and is being started again.
    ServiceState.ABNORMAL: TrialState.STARTING,
    ServiceState.STOPPING: TrialState.STOPPING,
    ServiceState.STOPPED: TrialState.STOPPED,
    ServiceState.CREATE_FAILED: TrialState.FAILED,
}


def state_of(service: ServiceState) -> TrialState:
    return _STATES[service]


@dataclass(frozen=True, slots=True)
class TrialAsk:
    """What the small form asks for. `checkpoint` is the path below the task's output."""

    task_id: str
    checkpoint: str
    resource_group: str = "rsg-local"
    cpu_cores: float = 1.0
    memory_bytes: int = 2 << 30
    gpus: int = 0
    gpu_model: str | None = None
    idle_s: int = 3600


@dataclass(frozen=True, slots=True)
class TrialRecord:
    """What is kept of a trial; everything else is its service's."""

    id: str
    project_id: str
    task_id: str
    task_name: str
    checkpoint: str
    address: str
    service_id: str
    idle_s: int
    stop_reason: str
    created_by: str
    creator_name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial as it is now. `used_at`: last call, or when it became ready; None before that."""

    record: TrialRecord
    service: Service
    version: Version
    used_at: datetime | None

    @property
    def state(self) -> TrialState:
        return state_of(self.service.state)

    @property
    def reason(self) -> str:
        if self.state == TrialState.STOPPED:
            return self.record.stop_reason
        return self.version.reason

    @property
    def idle_stop_at(self) -> datetime | None:
        """When it stops by itself unless it is used before."""
        if self.used_at is None or self.state.is_down or self.state == TrialState.STOPPING:
            return None
        return self.used_at + timedelta(seconds=self.record.idle_s)


def why_not_chat(trial: Trial) -> str | None:
    if trial.state == TrialState.READY:
        return None
    return f"The trial is {trial.state}; it can be chatted with when it is Ready."


def why_not_stop(trial: Trial) -> str | None:
    if trial.state.is_down:
        return f"The trial is {trial.state} already."
    return "The trial is being stopped." if trial.state == TrialState.STOPPING else None


def why_not_delete(trial: Trial) -> str | None:
    return None if trial.state.is_down else "Stop the trial first."
