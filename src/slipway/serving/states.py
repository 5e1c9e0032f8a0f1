"""The state of a version from its replicas, and of a service from its versions. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from slipway.serving.types import Replica, ReplicaState, VersionState, Wanted

# A version that served and fails this often in a row is in a crash loop.
CRASH_LOOP = 3

_MOST_ADVANCED = (
    VersionState.NORMAL, VersionState.ABNORMAL, VersionState.WAITING, VersionState.PENDING,
    VersionState.CREATING, VersionState.STOPPING, VersionState.CREATE_FAILED,
    VersionState.STOPPED,
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


def version_state(now: Situation, replicas: Sequence[Replica]) -> tuple[VersionState, str]:
    """The state and why. `replicas` are those that have not ended."""
    if now.wanted == Wanted.STOP:
        return _going_down(now, replicas)
    live = [r for r in replicas if r.is_live]
    ready = [r for r in live if r.takes_requests]
    counted = [r for r in live if r.state == ReplicaState.RUNNING]
    if len(counted) >= now.expected and ready and not any(is_outdated(r, now) for r in live):
        return VersionState.NORMAL, ""
    if ready:
        return _partly_ready(now, replicas, len(ready))
    if counted:
        return VersionState.ABNORMAL, "Every running replica is isolated. Lift an isolation."
    return _none_ready(now, replicas, live)


def service_state(states: Iterable[VersionState]) -> VersionState:
    """Normal if any version is, else the most advanced other state."""
    present = set(states)
    return next((s for s in _MOST_ADVANCED if s in present), VersionState.STOPPED)


def is_outdated(replica: Replica, now: Situation) -> bool:
    return replica.revision < now.revision


def _going_down(now: Situation, replicas: Sequence[Replica]) -> tuple[VersionState, str]:
    if replicas:
        return VersionState.STOPPING, now.last_failure if now.gave_up else ""
    if now.gave_up:
        return VersionState.CREATE_FAILED, now.last_failure
    return VersionState.STOPPED, ""


def _partly_ready(
    now: Situation, replicas: Sequence[Replica], ready: int
) -> tuple[VersionState, str]:
    if now.failures >= CRASH_LOOP and not any(is_outdated(r, now) for r in replicas):
        return VersionState.ABNORMAL, _said(now.last_failure, now.attempts_left)
    updating = any(is_outdated(r, now) for r in replicas)
    what = "An update is replacing the replicas" if updating else f"{ready} of {now.expected} ready"
    told = _said(f"{what}.", now.last_failure if now.failures else "", _why_waiting(replicas))
    if now.served or updating:
        return VersionState.NORMAL, told
    return VersionState.WAITING, told


def _none_ready(
    now: Situation, replicas: Sequence[Replica], live: Sequence[Replica]
) -> tuple[VersionState, str]:
    last = now.last_failure if now.failures else ""
    if not live and (now.failures or now.attempts_left):
        return VersionState.ABNORMAL, _said(last, now.attempts_left)
    if now.served and now.failures:
        return VersionState.ABNORMAL, _said(last, now.attempts_left)
    if not replicas:
        return VersionState.CREATING, ""
    if any(is_outdated(r, now) for r in replicas) and now.served:
        told = "The update replaces the replicas; calls fail until a new one is ready."
        return VersionState.WAITING, _said(told, last)
    up = [r for r in live if r.state == ReplicaState.READYING]
    return (VersionState.WAITING if up else VersionState.PENDING), _said(last, _why_waiting(live))


def _why_waiting(replicas: Sequence[Replica]) -> str:
    """What the scheduler says about the first replica that waits."""
    return next(
        (r.reason for r in replicas if r.state == ReplicaState.QUEUED and r.reason and r.is_live),
        "",
    )


def _said(*parts: str) -> str:
    return " ".join(part for part in parts if part)
