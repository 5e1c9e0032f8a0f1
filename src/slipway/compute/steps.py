"""What to do next with a workload, from what is wanted and what is seen. Pure, so it is testable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from slipway.compute.types import (
    Ending,
    Instance,
    InstanceState,
    Mode,
    Wanted,
    Workload,
    WorkloadState,
)


@dataclass(frozen=True, slots=True)
class NotStarted:
    pass


@dataclass(frozen=True, slots=True)
class Alive:
    started_at: datetime
    namespace: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gone:
    """The instance has ended; `reason` is a sentence part such as "exited with code 3"."""

    exit_code: int | None
    signal: int | None
    reason: str
    ended_at: datetime
    started_at: datetime | None = None
    namespace: bool | None = None
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return self.exit_code == 0


Observed = NotStarted | Alive | Gone


@dataclass(frozen=True, slots=True)
class Nothing:
    pass


@dataclass(frozen=True, slots=True)
class Launch:
    """Start these instances (starting twice runs once)."""

    instances: tuple[Instance, ...]


@dataclass(frozen=True, slots=True)
class NowRunning:
    pass


@dataclass(frozen=True, slots=True)
class TakeDown:
    """Enter `stopping` for this reason, and end the instances that are alive."""

    ending: Ending
    reason: str


@dataclass(frozen=True, slots=True)
class EndInstances:
    alive: tuple[Instance, ...]


@dataclass(frozen=True, slots=True)
class Finish:
    ending: Ending
    reason: str


Step = Nothing | Launch | NowRunning | TakeDown | EndInstances | Finish


def next_step(
    workload: Workload, instances: Sequence[Instance], seen: Mapping[str, Observed]
) -> Step:
    """The one thing to do now. Carrying it out and asking again must lead on; repeating it is harmless."""
    alive = tuple(i for i in instances if isinstance(seen[i.id], Alive))
    if workload.state.is_final:
        return Nothing()
    if workload.state == WorkloadState.STOPPING:
        assert workload.ending is not None
        return EndInstances(alive) if alive else Finish(workload.ending, workload.reason)
    if workload.wanted == Wanted.STOP:
        if workload.state == WorkloadState.QUEUED and not alive:
            return Finish(Ending.STOPPED, "Stopped before it was placed.")
        return TakeDown(Ending.STOPPED, "Stopped by request.")
    if workload.state == WorkloadState.QUEUED:
        return Nothing()
    if failed := _first_failure(workload, instances, seen):
        return _failure(workload, failed)
    waiting = tuple(
        i
        for i in instances
        if isinstance(seen[i.id], NotStarted) and i.state == InstanceState.PLACED
    )
    if waiting:
        return Launch(waiting)
    if workload.state == WorkloadState.STARTING:
        return NowRunning()
    if _is_done(workload, instances, seen):
        return TakeDown(Ending.SUCCEEDED, "") if alive else Finish(Ending.SUCCEEDED, "")
    return Nothing()


def _is_done(
    workload: Workload, instances: Sequence[Instance], seen: Mapping[str, Observed]
) -> bool:
    """Every instance whose role decides has ended (well, or the failure had been found before)."""
    deciding = {role.name for role in workload.spec.roles if role.decides}
    return all(isinstance(seen[i.id], Gone) for i in instances if i.role in deciding)


def _first_failure(
    workload: Workload, instances: Sequence[Instance], seen: Mapping[str, Observed]
) -> str | None:
    """The earliest bad end as a sentence. A service instance must never end by itself."""
    bad: list[tuple[datetime, str]] = []
    for instance in instances:
        end = seen[instance.id]
        if isinstance(end, Gone) and (not end.ok or workload.spec.mode == Mode.SERVICE):
            bad.append((end.ended_at, f"Instance {instance.role}-{instance.index} {end.reason}."))
    return min(bad)[1] if bad else None


def _failure(workload: Workload, reason: str) -> Step:
    if workload.restarts < workload.spec.max_restarts:
        count = f"restart {workload.restarts + 1} of {workload.spec.max_restarts}"
        return TakeDown(Ending.RESTART, f"{reason} Now {count}.")
    return TakeDown(Ending.FAILED, reason)
