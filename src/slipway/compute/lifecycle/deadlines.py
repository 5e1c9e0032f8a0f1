"""Limits of time (X5, X7): how long a workload may wait, run, or show no sign of life. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from slipway.compute.lifecycle.steps import Finish, TakeDown, retry_or_fail
from slipway.compute.types import Ending, Instance, Wanted, Workload, WorkloadState


def overdue(
    workload: Workload, instances: Sequence[Instance], active_at: datetime | None, now: datetime
) -> Finish | TakeDown | None:
    """What to do because a limit has passed. `active_at`: last log, metric or GPU activity."""
    spec = workload.spec
    limit = due_at(workload, instances, active_at)
    if limit is None or now < limit:
        return None
    if workload.state == WorkloadState.QUEUED:
        return Finish(Ending.FAILED, f"It waited longer than the {spec.max_queue_s:g} s allowed.")
    run_limit = _run_limit(workload, instances)
    if run_limit is not None and now >= run_limit:
        return TakeDown(Ending.FAILED, f"It ran longer than the {spec.max_run_s:g} s allowed.")
    return retry_or_fail(
        workload, f"No log, metric or GPU activity of any instance for {spec.hang_s:g} s."
    )


def due_at(
    workload: Workload, instances: Sequence[Instance], active_at: datetime | None
) -> datetime | None:
    """When `overdue` has to be asked again; None where no limit is set."""
    match workload.state:
        case WorkloadState.QUEUED if workload.wanted != Wanted.HOLD:
            return _after(workload.queued_at, workload.spec.max_queue_s)
        case WorkloadState.RUNNING:
            limits = (
                _run_limit(workload, instances),
                _after(active_at, workload.spec.hang_s),
            )
            return min((moment for moment in limits if moment is not None), default=None)
        case _:
            return None


def _run_limit(workload: Workload, instances: Sequence[Instance]) -> datetime | None:
    started = min((i.started_at for i in instances if i.started_at), default=None)
    return _after(started, workload.spec.max_run_s)


def _after(start: datetime | None, seconds: float | None) -> datetime | None:
    return None if start is None or seconds is None else start + timedelta(seconds=seconds)
