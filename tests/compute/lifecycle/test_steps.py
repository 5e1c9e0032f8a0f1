"""The next step: from wanted and seen. Whatever is seen, following the steps ends, and ends right."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.compute.lifecycle.steps import (
    Alive,
    EndInstances,
    Finish,
    Gone,
    Launch,
    Nothing,
    NotStarted,
    NowRunning,
    Observed,
    TakeDown,
    next_step,
)  # fmt: skip
from slipway.compute.types import (
    Ending,
    Instance,
    InstanceState,
    Mode,
    Resources,
    Role,
    Wanted,
    Workload,
    WorkloadSpec,
    WorkloadState,
)  # fmt: skip

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ALIVE = Alive(NOW, True)


def gone(code: int | None = 0, reason: str = "exited with code 0") -> Gone:
    return Gone(code, None, reason, NOW)


def workload(state: WorkloadState = WorkloadState.RUNNING, **changes: object) -> Workload:
    spec = WorkloadSpec(
        Mode.SINGLE,
        (Role("master", 2, "true"),),
        "python",
        max_restarts=int(changes.pop("max_restarts", 0)),
    )  # type: ignore[call-overload]
    base = Workload(
        "wl-1",
        "prj",
        "training",
        "train-1",
        "n",
        spec,
        "g",
        {},
        None,
        Wanted.RUN,
        state,
        None,
        "",
        1,
        0,
        0,
        0,
        "u",
        NOW,
        NOW,
        None,
        None,
    )
    return replace(base, **changes)


def instances(count: int = 2, state: InstanceState = InstanceState.PLACED) -> list[Instance]:
    return [
        Instance(
            f"i{n}",
            "wl-1",
            1,
            "master",
            n,
            n,
            "node",
            "process",
            "h",
            {},
            Resources(),
            (),
            state,
            (),
            None,
            NOW,
            None,
            None,
            None,
            None,
            "",
        )
        for n in range(count)
    ]


def step(load: Workload, *seen: Observed) -> object:
    own = instances(len(seen))
    return next_step(load, own, {i.id: s for i, s in zip(own, seen, strict=True)})


def test_placed_instances_are_launched() -> None:
    found = step(workload(WorkloadState.STARTING), NotStarted(), ALIVE)
    assert isinstance(found, Launch)
    assert [i.id for i in found.instances] == ["i0"]


def test_running_once_all_have_started() -> None:
    assert step(workload(WorkloadState.STARTING), ALIVE, ALIVE) == NowRunning()


def test_done_when_all_exited_well() -> None:
    assert step(workload(), gone(), ALIVE) == Nothing()
    assert step(workload(), gone(), gone()) == Finish(Ending.SUCCEEDED, "")


def test_one_bad_exit_takes_the_others_down() -> None:
    found = step(workload(), gone(3, "exited with code 3"), ALIVE)
    assert found == TakeDown(Ending.FAILED, "Instance master-0 exited with code 3.")
    assert isinstance(
        step(workload(WorkloadState.STOPPING, ending=Ending.FAILED), gone(3), ALIVE), EndInstances
    )


def test_restarts_while_some_are_left() -> None:
    assert step(workload(max_restarts=2), gone(3, "exited with code 3"), ALIVE) == TakeDown(
        Ending.RESTART, "Instance master-0 exited with code 3. Now restart 1 of 2."
    )
    assert isinstance(step(workload(max_restarts=2, restarts=2), gone(3), ALIVE), TakeDown)


def test_an_unasked_stop_is_never_completed() -> None:
    lost = Gone(None, None, "was lost", NOW)
    assert step(workload(), lost, gone()) == TakeDown(Ending.FAILED, "Instance master-0 was lost.")


def test_a_service_instance_must_not_end_even_with_code_0() -> None:
    service = workload(spec=WorkloadSpec(Mode.SERVICE, (Role("replica", 1, "x"),), "python"))
    assert isinstance(step(service, gone()), TakeDown)


@pytest.mark.parametrize("state", [WorkloadState.STARTING, WorkloadState.RUNNING])
def test_a_wanted_stop_ends_what_is_alive(state: WorkloadState) -> None:
    assert step(workload(state, wanted=Wanted.STOP), ALIVE, gone()) == TakeDown(
        Ending.STOPPED, "Stopped by request."
    )


def test_a_queued_workload_stops_at_once() -> None:
    assert step(workload(WorkloadState.QUEUED, wanted=Wanted.STOP)) == Finish(
        Ending.STOPPED, "Stopped before it was placed."
    )


observed = st.sampled_from([NotStarted(), ALIVE, gone(), gone(1, "exited with code 1")])


@given(st.sampled_from(list(WorkloadState)), st.sampled_from(list(Wanted)), observed, observed)
def test_success_needs_every_instance_to_have_exited_well(
    state: WorkloadState, wanted: Wanted, one: Observed, two: Observed
) -> None:
    ending = Ending.FAILED if state == WorkloadState.STOPPING else None
    found = step(workload(state, wanted=wanted, ending=ending), one, two)
    if found == Finish(Ending.SUCCEEDED, ""):
        assert one == two == gone()
    if state.is_final:
        assert found == Nothing()
    if isinstance(found, Finish):
        assert not any(isinstance(s, Alive) for s in (one, two))


def _lost() -> Gone:
    return Gone(None, None, "was lost: its machine left", NOW, node_lost=True)


@pytest.mark.covers("RES-18")
@pytest.mark.parametrize(
    ("restarts", "mode", "ending"),
    [
        (0, Mode.SINGLE, Ending.FAILED),
        (1, Mode.SINGLE, Ending.RESCHEDULED),
        (0, Mode.SERVICE, Ending.RESCHEDULED),
    ],
)
def test_work_of_a_machine_that_is_gone_moves_as_often_as_it_might_restart(
    restarts: int, mode: Mode, ending: Ending
) -> None:
    spec = WorkloadSpec(mode, (Role("master", 2, "true"),), "python", max_restarts=restarts)
    found = step(workload(spec=spec), _lost(), ALIVE)
    assert isinstance(found, TakeDown)
    assert (found.ending, found.lost, found.cordon) == (ending, "node", None)
    spent = step(workload(spec=spec, reschedules=restarts), _lost(), ALIVE)
    assert isinstance(spent, TakeDown)
    assert spent.ending == (ending if mode == Mode.SERVICE else Ending.FAILED)


def test_what_never_started_because_its_machine_is_gone_moves_too() -> None:
    spec = WorkloadSpec(Mode.SINGLE, (Role("master", 2, "true"),), "python", max_restarts=1)
    found = step(workload(spec=spec), replace(_lost(), began=False), NotStarted())
    assert isinstance(found, TakeDown)
    assert found.ending == Ending.RESCHEDULED
