"""The state of a version from its replicas, and of a service from its versions. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from slipway.serving.types import Replica, ReplicaState, ServiceState, Wanted

# A version that served and fails this often in a row is in a crash loop.
CRASH_LOOP = 3

_MOST_ADVANCED = (
    ServiceState.NORMAL, ServiceState.ABNORMAL, ServiceState.WAITING, ServiceState.PENDING,
    ServiceState.CREATING, ServiceState.STOPPING, ServiceState.CREATE_FAILED,
    ServiceState.STOPPED,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Situation:
    """What the state of a version follows from."""

    wanted: Wanted
    expected: int
    revision: int
    served: bool  # the expected count has been ready since the last start
    gave_up: bool
    failures: int
    last_failure: str
    attempts_left: str  # a sentence part such as "Next attempt in 4 s.", or ''


def version_state(now: Situation, replicas: Sequence[Replica]) -> tuple[ServiceState, str]:
    """The state and why. `replicas` are those that have not ended."""
    if now.wanted == Wanted.STOP:
        return _going_down(now, replicas)
    if now.expected == 0:
        return ServiceState.NORMAL, "Asleep. The next call wakes it."
    live = [r for r in replicas if r.is_live]
    ready = [r for r in live if r.takes_requests]
    counted = [r for r in live if r.state == ReplicaState.RUNNING]
    if len(counted) >= now.expected and ready and not any(is_outdated(r, now) for r in live):
        return ServiceState.NORMAL, ""
    if ready:
        return _partly_ready(now, replicas, len(ready))
    if counted:
        return ServiceState.ABNORMAL, "Every running replica is isolated. Lift an isolation."
    return _none_ready(now, replicas, live)


def service_state(states: Iterable[ServiceState]) -> ServiceState:
    """Normal if any version is, else the most advanced other state."""
    present = set(states)
    return next((s for s in _MOST_ADVANCED if s in present), ServiceState.STOPPED)


def is_outdated(replica: Replica, now: Situation) -> bool:
    return replica.revision < now.revision


def _going_down(now: Situation, replicas: Sequence[Replica]) -> tuple[ServiceState, str]:
    if replicas:
        return ServiceState.STOPPING, now.last_failure if now.gave_up else ""
    if now.gave_up:
        return ServiceState.CREATE_FAILED, now.last_failure
    return ServiceState.STOPPED, ""


def _partly_ready(
    now: Situation, replicas: Sequence[Replica], ready: int
) -> tuple[ServiceState, str]:
    if now.failures >= CRASH_LOOP and not any(is_outdated(r, now) for r in replicas):
        return ServiceState.ABNORMAL, _said(now.last_failure, now.attempts_left)
    updating = any(is_outdated(r, now) for r in replicas)
    what = "An update is replacing the replicas" if updating else f"{ready} of {now.expected} ready"
    told = _said(f"{what}.", now.last_failure if now.failures else "", _why_waiting(replicas))
    if now.served or updating:
        return ServiceState.NORMAL, told
    return ServiceState.WAITING, told


def _none_ready(
    now: Situation, replicas: Sequence[Replica], live: Sequence[Replica]
) -> tuple[ServiceState, str]:
    last = now.last_failure if now.failures else ""
    if not live and (now.failures or now.attempts_left):
        return ServiceState.ABNORMAL, _said(last, now.attempts_left)
    if now.served and now.failures:
        return ServiceState.ABNORMAL, _said(last, now.attempts_left)
    if not replicas:
        return ServiceState.CREATING, ""
    if any(is_outdated(r, now) for r in replicas) and now.served:
        told = "The update replaces the replicas; calls fail until a new one is ready."
        return ServiceState.WAITING, _said(told, last)
    up = [r for r in live if r.state == ReplicaState.READYING]
    return (ServiceState.WAITING if up else ServiceState.PENDING), _said(last, _why_waiting(live))


def _why_waiting(replicas: Sequence[Replica]) -> str:
    """What the scheduler says about the first replica that waits."""
    return next(
        (r.reason for r in replicas if r.state == ReplicaState.QUEUED and r.reason and r.is_live),
        "",
    )


def _said(*parts: str) -> str:
    return " ".join(part for part in parts if part)
