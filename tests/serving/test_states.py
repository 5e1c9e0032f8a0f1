"""States of versions and services from what is there, and how failures are counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from slipway.serving import backoff
from slipway.serving.states import Situation, service_state, version_state
from slipway.serving.types import Replica, ReplicaState, ServiceState, Wanted

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RUN = Situation(
    wanted=Wanted.RUN, expected=2, revision=1, served=False, gave_up=False, failures=0,
    last_failure="", attempts_left="",
)  # fmt: skip


def replica(state: ReplicaState, **other: object) -> Replica:
    made = Replica(
        id="r", service_id="ms-a", version_id="ms-a-1", revision=1, state=state,
        wanted=Wanted.RUN, isolated=False, reason="", workload_id="wl", instance_id="i",
        host="127.0.0.1", port=20000, created_at=NOW, queued_at=NOW, started_at=NOW,
        ready_at=None, ended_at=None,
    )  # fmt: skip
    return replace(made, **other)  # type: ignore[arg-type]


UP = replica(ReplicaState.RUNNING)
QUEUED = replica(ReplicaState.QUEUED, reason="Waiting for resources.")
READYING = replica(ReplicaState.READYING)


@pytest.mark.covers("SRV-28")
@pytest.mark.parametrize(
    "situation,replicas,state,part",
    [
        (RUN, [], "CREATING", ""),
        (RUN, [QUEUED, QUEUED], "Pending", "Waiting for resources."),
        (RUN, [READYING, QUEUED], "Waiting", "Waiting for resources."),
        (RUN, [UP, QUEUED], "Waiting", "1 of 2 ready"),
        (RUN, [UP, UP], "Normal", ""),
        (replace(RUN, served=True), [UP, QUEUED], "Normal", "1 of 2 ready"),
        (replace(RUN, served=True, failures=3, last_failure="It broke."), [UP, QUEUED],
         "Abnormal", "It broke."),
        (replace(RUN, failures=2, last_failure="It broke.", attempts_left="Attempt 3 of 6."), [],
         "Abnormal", "It broke. Attempt 3 of 6."),
        (replace(RUN, served=True, failures=1, last_failure="It broke."), [READYING], "Abnormal",
         "It broke."),
        (replace(RUN, served=True, revision=2), [UP, READYING], "Normal", "update"),
        (replace(RUN, served=True, revision=2), [replica(ReplicaState.TERMINATING)], "Waiting",
         "calls fail until"),
        (RUN, [UP, replace(UP, isolated=True)], "Normal", ""),
        (RUN, [replace(UP, isolated=True)] * 2, "Abnormal", "isolated"),
        (replace(RUN, wanted=Wanted.STOP), [UP], "Stopping", ""),
        (replace(RUN, wanted=Wanted.STOP), [], "Stopped", ""),
        (replace(RUN, wanted=Wanted.STOP, gave_up=True, last_failure="No."), [],
         "CREATE_FAILED", "No."),
    ],
)  # fmt: skip
def test_the_state_of_a_version(
    situation: Situation, replicas: list[Replica], state: str, part: str
) -> None:
    found, reason = version_state(situation, replicas)
    assert found == state
    assert part in reason
    assert bool(part) == bool(reason)


def test_a_service_is_normal_if_any_version_is() -> None:
    assert service_state([ServiceState.STOPPED, ServiceState.NORMAL]) == "Normal"
    assert service_state([ServiceState.PENDING, ServiceState.WAITING]) == "Waiting"
    assert service_state([ServiceState.STOPPED, ServiceState.CREATE_FAILED]) == "CREATE_FAILED"
    assert service_state([]) == "Stopped"


@pytest.mark.covers("SRV-23")
def test_only_a_first_deployment_gives_up() -> None:
    assert not backoff.gives_up(5, deployed=False, retries=5)
    assert backoff.gives_up(6, deployed=False, retries=5)
    assert not backoff.gives_up(100, deployed=True, retries=5)
    assert not backoff.gives_up(100, deployed=False, retries=None)


def test_pauses_grow_to_a_minute_and_a_steady_run_starts_over() -> None:
    assert [backoff.pause(n).total_seconds() for n in (1, 2, 3, 4, 20)] == [0, 1, 2, 4, 60]
    assert backoff.counted(4, None, NOW) == 5
    assert backoff.counted(4, NOW - timedelta(seconds=5), NOW) == 5
    assert backoff.counted(4, NOW - timedelta(minutes=5), NOW) == 1
