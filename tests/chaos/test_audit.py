"""The audit of a chaos run finds what it is there to find."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from chaos.audit import Seen
from chaos.work import LINES

from chaos import audit

START = datetime(2026, 1, 1, tzinfo=UTC)


def instance(id_: str = "i-0", *, attempt: int = 1, rank: int = 0, lived_s: float = 2.0) -> Any:
    end = START + timedelta(seconds=lived_s)
    return SimpleNamespace(id=id_, attempt=attempt, rank=rank, started_at=START, ended_at=end)


def task(state: str = "Completed", reason: str = "", restarts: int = 0) -> Any:
    return SimpleNamespace(
        id="train-1", name="t", state=state, reason=reason, restarts=restarts, reschedules=0
    )


def usage(instance_id: str = "i-0", quantity: float = 2.0) -> dict[str, Any]:
    return {"quantity": quantity, "details": {"instance_id": instance_id}}


GOOD = Seen(
    task=task(), instances=[instance()], events=["taskScheduling", "taskRunning", "taskCompleted"],
    begun=[(1, 0)], done=[(1, 0)], usage=[usage()],
)  # fmt: skip


class Client:
    """Answers with the log lines it was made with."""

    def __init__(self, lines: int = LINES) -> None:
        page = SimpleNamespace(items=[SimpleNamespace(text=f"line {n}") for n in range(lines)])
        self.tasks = SimpleNamespace(logs=lambda *_args, **_query: page)


def findings(seen: Seen, *, lines: int = LINES, victims: frozenset[str] = frozenset()) -> list[str]:
    return list(audit._task(Client(lines), seen, set(victims)))  # type: ignore[arg-type]


def test_what_went_well_is_not_held_against_it() -> None:
    assert findings(GOOD) == []


def test_a_task_that_hangs() -> None:
    assert findings(replace(GOOD, task=task("Running"))) == ["t hangs in Running: "]


def test_a_process_that_ran_twice() -> None:
    assert findings(replace(GOOD, begun=[(1, 0), (1, 0)])) == ["t ran 2 times as attempt 1, rank 0"]


def test_a_completion_of_what_was_never_done() -> None:
    assert findings(replace(GOOD, done=[])) == ["t is Completed, but its rank 0 was not done"]


def test_a_lost_log_line() -> None:
    assert findings(GOOD, lines=LINES - 1) == [f"t rank 0 has {LINES - 1} of {LINES} log lines"]


def test_a_failure_without_a_cause_is_a_finding_and_one_with_a_cause_is_not() -> None:
    failed = replace(
        GOOD, task=task("Abnormal", "was lost"), events=["taskScheduling", "taskExecuteFailed"]
    )
    assert findings(failed) == ["t is Abnormal though nothing of it was killed: was lost"]
    assert findings(failed, victims=frozenset({"i-0"})) == []


def test_a_lost_and_a_doubled_event() -> None:
    assert findings(replace(GOOD, events=["taskScheduling"])) == [
        "t has 0 events taskCompleted, not 1"
    ]
    assert findings(replace(GOOD, events=["taskScheduling", *["taskCompleted"] * 2])) == [
        "t has 2 events taskCompleted, not 1"
    ]


def test_time_that_was_not_metered_or_twice() -> None:
    assert findings(replace(GOOD, usage=[])) == ["i-0 lived 2.000 s and was metered 0.000 s"]
    assert findings(replace(GOOD, usage=[usage(), usage()])) == [
        "i-0 lived 2.000 s and was metered 4.000 s"
    ]
