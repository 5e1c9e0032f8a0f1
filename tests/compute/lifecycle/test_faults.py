"""Faults of nodes: who counts as one, what the workload does then, and the cordon."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from slipway.base.database import Database
from slipway.base.events import list_events
from slipway.base.settings import Settings
from slipway.compute import queries
from slipway.compute.lifecycle.settle import cordon_at_fault
from slipway.compute.lifecycle.steps import Gone, TakeDown
from slipway.compute.types import Ending, Mode, Role, Workload, WorkloadSpec
from slipway.runtime import outcome
from slipway.runtime.nodefaults import fault_in
from tests.compute.lifecycle.test_steps import ALIVE, NOW, step, workload
from tests.running import open_world

XID = "NVRM: Xid (PCI:0000:3b:00): {}, pid=77, name=python"


def tolerant(**changes: int) -> Workload:
    spec = WorkloadSpec(
        Mode.DDP, (Role("master", 2),), "python", max_reschedules=3, max_restarts=changes.get("restarts", 0)
    )  # fmt: skip
    return workload(spec=spec, reschedules=changes.get("reschedules", 0))


def faulty(code: int | None = 1) -> Gone:
    return Gone(code, None, "exited with code 1", NOW, fault="Xid 79 of card 0000:3b:00")


@pytest.mark.covers("FIN-21")
def test_a_fault_of_the_node_moves_the_workload_and_cordons_the_node() -> None:
    found = step(tolerant(), faulty(), ALIVE)
    assert isinstance(found, TakeDown)
    assert (found.ending, found.cordon) == (Ending.RESCHEDULED, "node")
    assert "Xid 79" in found.reason and "reschedule 1 of 3" in found.reason


@pytest.mark.covers("FIN-21")
def test_what_user_code_does_never_counts() -> None:
    own = Gone(1, None, "exited with code 1", NOW)
    assert step(tolerant(), own, ALIVE) == TakeDown(
        Ending.FAILED, "Instance master-0 exited with code 1."
    )


@pytest.mark.covers("FIN-21")
def test_after_the_last_move_it_restarts_or_fails() -> None:
    found = step(tolerant(reschedules=3), faulty(), ALIVE)
    assert isinstance(found, TakeDown)
    assert (found.ending, found.cordon) == (Ending.FAILED, None)
    again = step(tolerant(reschedules=3, restarts=1), faulty(), ALIVE)
    assert isinstance(again, TakeDown) and again.ending == Ending.RESTART


@pytest.mark.covers("FIN-21")
@pytest.mark.parametrize(
    ("number", "counts"),
    [(13, False), (31, False), (43, False), (45, False), (48, True), (79, True), (94, True)],
)
def test_hardware_errors_of_the_kernel_log_count_and_those_of_programs_do_not(
    number: int, counts: bool
) -> None:
    records = ["6,1,900,-;usb 1-1: new device", f"4,2,2000,-;{XID.format(number)}\n"]
    found = fault_in(records, since_us=1000)
    assert (found is not None) == counts
    if counts:
        assert found is not None and found.startswith(f"Xid {number} of card 0000:3b:00: ")
    assert fault_in(records, since_us=3000) is None  # before the instance ran


@pytest.mark.parametrize("record", ["", ";", "4,2;" + XID, "4,2,x,-;" + XID.format(79), "\0\n"])
def test_records_that_make_no_sense_are_passed_over(record: str) -> None:
    assert fault_in([record], since_us=0) is None


@pytest.mark.covers("FIN-21")
def test_a_network_that_does_not_answer_in_the_health_check_is_a_fault() -> None:
    silent = outcome.health_check_failed(outcome.NETWORK_TIMEOUT << 8)
    assert (silent.reason, silent.fault) == (
        "health check failed: the network did not answer in time",
        "network time-out in the health check",
    )
    late = outcome.health_check_failed(9, over_s=60)
    assert (late.reason, late.fault) == ("health check took longer than 60 s", silent.fault)
    assert outcome.health_check_failed(1 << 8).fault is None


@pytest.mark.covers("FIN-21")
async def test_a_cordoned_node_takes_no_work_and_everybody_can_read_why(
    db: Database, settings: Settings, tmp_path: Path
) -> None:
    async with open_world(db, settings) as world:
        for reason in ("the first", "another"):
            async with db.begin() as session:
                await cordon_at_fault(session, "node-local", reason, datetime.now(UTC))
        async with db.read() as session:
            (node,) = await queries.list_nodes(session)
            events = await list_events(session, project_id=None, subject_id="node-local", limit=10)
        assert not node.takes_work
        assert [(e.type, e.data["why"]) for e in events] == [("nodeCordoned", "the first")]
        task = await world.ann.ok(
            "POST", "/training/tasks", json={"name": "t", "environment": "python", "command": "true"}
        )  # fmt: skip
        assert task["state"] == "Queued"
