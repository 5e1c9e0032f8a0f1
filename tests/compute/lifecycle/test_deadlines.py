"""Limits of time as pure rules: what is overdue, and when to look again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from slipway.compute.lifecycle.deadlines import due_at, overdue
from slipway.compute.lifecycle.steps import Finish, TakeDown
from slipway.compute.types import Ending, Mode, Role, Wanted, Workload, WorkloadSpec, WorkloadState
from tests.compute.lifecycle.test_steps import instances, workload

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def limited(state: WorkloadState, **spec: Any) -> Workload:
    limits = WorkloadSpec(Mode.SINGLE, (Role("master"),), "python", **spec)
    return workload(state, spec=limits, queued_at=NOW, restarts=0)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.mark.covers("TRN-X7")
def test_the_queue_time_counts_from_when_it_waits() -> None:
    waits = limited(WorkloadState.QUEUED, max_queue_s=10)
    assert overdue(waits, [], None, later(9)) is None
    assert due_at(waits, [], None) == later(10)
    assert overdue(waits, [], None, later(10)) == Finish(
        Ending.FAILED, "It waited longer than the 10 s allowed."
    )
    assert overdue(replace(waits, state=WorkloadState.STARTING), [], None, later(99)) is None
    assert overdue(replace(waits, wanted=Wanted.HOLD), [], None, later(99)) is None


@pytest.mark.covers("TRN-X7")
def test_the_run_time_counts_from_the_first_start_of_the_attempt_and_is_no_reason_to_restart() -> (
    None
):
    runs = limited(WorkloadState.RUNNING, max_run_s=10, max_restarts=3)
    own = [replace(i, started_at=later(5)) for i in instances(1)]
    assert overdue(runs, own, None, later(14)) is None
    assert overdue(runs, own, None, later(15)) == TakeDown(
        Ending.FAILED, "It ran longer than the 10 s allowed."
    )


@pytest.mark.covers("TRN-X5")
def test_silence_restarts_while_restarts_are_left_and_fails_after() -> None:
    runs = limited(WorkloadState.RUNNING, hang_s=10, max_restarts=1)
    assert overdue(runs, instances(1), later(3), later(12)) is None
    late = overdue(runs, instances(1), later(3), later(13))
    assert isinstance(late, TakeDown) and late.ending == Ending.RESTART
    last = overdue(replace(runs, restarts=1), instances(1), later(3), later(13))
    assert isinstance(last, TakeDown) and last.ending == Ending.FAILED


def test_no_limits_no_end() -> None:
    for state in WorkloadState:
        assert overdue(limited(state), instances(1), NOW, later(10**9)) is None
        assert due_at(limited(state), instances(1), NOW) is None
