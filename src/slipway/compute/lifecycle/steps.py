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
    began: bool = True  # its command runs: what goes before it (dependencies, health check) is over


@dataclass(frozen=True, slots=True)
class Gone:
    """The instance has ended; `reason` is a sentence part such as "exited with code 3".

    `began`: it ended after its command had been started. `fault`: a fault of its node that the
    engine or the runner saw, as a sentence part; what user code says of itself is never one.
    `node_lost`: there is proof that its machine is gone, so it must go on elsewhere if at all.
    """

    exit_code: int | None
    signal: int | None
    reason: str
    ended_at: datetime
    started_at: datetime | None = None
    namespace: bool | None = None
    notes: tuple[str, ...] = ()
    began: bool = True
    fault: str | None = None
    node_lost: bool = False

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
    """Enter `stopping` for this reason, and end the instances that are alive.

    `cordon`: the node whose fault it was takes no new work from now on. `lost`: the node that is
    gone; it takes work again by itself once it is back.
    """

    ending: Ending
    reason: str
    cordon: str | None = None
    lost: str | None = None


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
        return _failure(workload, *failed)
    if waiting := _startable(workload, instances, seen):
        return Launch(waiting)
    if workload.state == WorkloadState.STARTING and _all_began(instances, seen):
        return NowRunning()
    if _is_done(workload, instances, seen):
        return TakeDown(Ending.SUCCEEDED, "") if alive else Finish(Ending.SUCCEEDED, "")
    return Nothing()


def _startable(
    workload: Workload, instances: Sequence[Instance], seen: Mapping[str, Observed]
) -> tuple[Instance, ...]:
    """Placed instances whose turn it is: the roles they come after are up, or have been."""
    missing = {i.role for i in instances if isinstance(seen[i.id], NotStarted)}
    held_up = {role.name for role in workload.spec.roles if missing.intersection(role.after)}
    return tuple(
        i
        for i in instances
        if i.state == InstanceState.PLACED
        and isinstance(seen[i.id], NotStarted)
        and i.role not in held_up
    )


def _all_began(instances: Sequence[Instance], seen: Mapping[str, Observed]) -> bool:
    return all(isinstance(s, Alive | Gone) and s.began for s in (seen[i.id] for i in instances))


def _is_done(
    workload: Workload, instances: Sequence[Instance], seen: Mapping[str, Observed]
) -> bool:
    """Every instance whose role decides has ended (well, or the failure had been found before)."""
    deciding = {role.name for role in workload.spec.roles if role.decides}
    return all(isinstance(seen[i.id], Gone) for i in instances if i.role in deciding)


def _first_failure(
    workload: Workload, instances: Sequence[Instance], seen: Mapping[str, Observed]
) -> tuple[Instance, Gone] | None:
    """The earliest bad end. A service instance must never end by itself.

    How a role that does not decide ends after all that decide have ended well is nobody's loss.
    """
    deciding = {role.name for role in workload.spec.roles if role.decides}
    decided = [end for i in instances if i.role in deciding and isinstance(end := seen[i.id], Gone)]
    all_well = len(decided) == sum(i.role in deciding for i in instances) and all(
        end.ok for end in decided
    )
    over_at = max((end.ended_at for end in decided), default=None) if all_well else None
    bad: list[tuple[datetime, Instance, Gone]] = []
    for instance in instances:
        end = seen[instance.id]
        if not isinstance(end, Gone) or (end.ok and workload.spec.mode != Mode.SERVICE):
            continue
        if over_at is None or instance.role in deciding or end.ended_at < over_at:
            bad.append((end.ended_at, instance, end))
    return min(bad, key=lambda found: found[0])[1:] if bad else None


def _failure(workload: Workload, instance: Instance, end: Gone) -> TakeDown:
    """Another node, another try, or the end. What failed before its command ran is not tried again."""
    reason = f"Instance {instance.role}-{instance.index} {end.reason}."
    if end.fault and workload.reschedules < workload.spec.max_reschedules:
        count = f"{workload.reschedules + 1} of {workload.spec.max_reschedules}"
        return TakeDown(
            Ending.RESCHEDULED,
            f"{reason} Fault of node {instance.node_id}: {end.fault}. It takes no new work; now reschedule {count}.",
            cordon=instance.node_id,
        )
    if end.node_lost:
        return _without_node(workload, instance, reason)
    return retry_or_fail(workload, reason, may_restart=end.began)


def _without_node(workload: Workload, instance: Instance, reason: str) -> TakeDown:
    """A restart would take the same seats, which are gone: it moves as often as it might restart."""
    if not may_move(workload):
        return TakeDown(Ending.FAILED, reason, lost=instance.node_id)
    return TakeDown(Ending.RESCHEDULED, f"{reason} It goes on elsewhere.", lost=instance.node_id)


def may_move(workload: Workload) -> bool:
    """Services always; other work as often as it may restart or be rescheduled."""
    spec = workload.spec
    if spec.mode == Mode.SERVICE:
        return True
    return workload.restarts + workload.reschedules < spec.max_restarts + spec.max_reschedules


def retry_or_fail(workload: Workload, reason: str, *, may_restart: bool = True) -> TakeDown:
    if may_restart and workload.restarts < workload.spec.max_restarts:
        count = f"restart {workload.restarts + 1} of {workload.spec.max_restarts}"
        return TakeDown(Ending.RESTART, f"{reason} Now {count}.")
    return TakeDown(Ending.FAILED, reason)
