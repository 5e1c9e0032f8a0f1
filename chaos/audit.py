"""After the storm: does what the platform says agree with what the processes noted, in every detail?

Each finding is a sentence; an empty list is a clean bill.
"""

from __future__ import annotations

import collections
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chaos.work import FINAL, LINES
from slipway import Client
from slipway.sdk.errors import NotFound
from slipway.sdk.types import InstanceView, TaskView

NO_SPACE = "No space left on device"  # said of a task that met a full disk, which is a true end
_SLACK_S = 0.05  # of clocks and rounding between a start and an end


@dataclass(frozen=True)
class Seen:
    """All that is known of one task: the platform's word, and the processes' own notes."""

    task: TaskView
    instances: list[InstanceView]
    events: list[str]
    begun: list[tuple[int, int]]  # (attempt, rank), one for each process that began
    done: list[tuple[int, int]]
    usage: list[dict[str, Any]]

    @property
    def last_attempt(self) -> list[InstanceView]:
        newest = max((i.attempt for i in self.instances), default=0)
        return [i for i in self.instances if i.attempt == newest]


def tasks(client: Client, names: list[str], victims: set[str]) -> Iterator[str]:
    found = {task.name: task for task in client.tasks.list()}
    yield from (f"{name} was lost" for name in names if name not in found)
    usage = _usage(client)
    for name in names:
        if name in found:
            yield from _task(client, _look(client, found[name], usage), victims)


def calls(client: Client, service_id: str, answered: list[float], kills: list[float]) -> str | None:
    """Every answered call is in the ledger; a killed gateway may lose its last second."""
    counted = sum(
        record["quantity"]
        for record in _usage(client)
        if record["subject_id"] == service_id and record["kind"] == "requests"
    )
    lost = len(answered) - counted
    allowed = sum(any(0 <= kill - at <= 1.2 for kill in kills) for at in answered)
    if lost > allowed:
        return (
            f"{len(answered)} calls were answered and {counted:g} counted; "
            f"killed gateways explain {allowed} of the difference"
        )
    return None


def _look(client: Client, task: TaskView, usage: list[dict[str, Any]]) -> Seen:
    events = client.http.request("GET", f"/training/tasks/{task.id}/events").json()["items"]
    return Seen(
        task,
        list(client.tasks.instances(task.id)),
        [event["type"].removeprefix("training:") for event in reversed(events)],
        _notes(client, task, "begun"),
        _notes(client, task, "done"),
        [record for record in usage if record["subject_id"] == task.id],
    )


def _task(client: Client, seen: Seen, victims: set[str]) -> Iterator[str]:
    task = seen.task
    if task.state not in FINAL:
        yield f"{task.name} hangs in {task.state}: {task.reason}"
        return
    for what, times in collections.Counter(seen.begun).items():
        if times > 1:
            yield f"{task.name} ran {times} times as attempt {what[0]}, rank {what[1]}"
    hit = [i for i in seen.instances if i.id in victims]
    if task.state == "Completed":
        yield from _completed(client, seen)
    elif not hit and NO_SPACE not in task.reason:
        yield f"{task.name} is {task.state} though nothing of it was killed: {task.reason}"
    elif not task.reason:
        yield f"{task.name} is {task.state} without a reason"
    yield from _events(seen)
    yield from _metered(seen)


def _completed(client: Client, seen: Seen) -> Iterator[str]:
    for instance in seen.last_attempt:
        if seen.done.count((instance.attempt, instance.rank)) != 1:
            yield f"{seen.task.name} is Completed, but its rank {instance.rank} was not done"
        page = client.tasks.logs(
            seen.task.id, instance=instance.id, category="code", order="ASC", limit=100
        )
        lines = [line.text for line in page.items]
        if lines != [f"line {n}" for n in range(LINES)]:
            yield f"{seen.task.name} rank {instance.rank} has {len(lines)} of {LINES} log lines"


def _events(seen: Seen) -> Iterator[str]:
    """One event for each thing that happened, none twice, none missing."""
    count = collections.Counter(seen.events)
    expected = {
        "taskScheduling": 1,
        "taskCompleted": int(seen.task.state == "Completed"),
        "taskExecuteFailed": int(seen.task.state == "Abnormal"),
        "taskRestarted": seen.task.restarts + seen.task.reschedules,
    }
    for name, times in expected.items():
        if count[name] != times:
            yield f"{seen.task.name} has {count[name]} events {name}, not {times}"


def _metered(seen: Seen) -> Iterator[str]:
    """The ledger covers the life of every instance once."""
    for instance in seen.instances:
        if instance.started_at is None or instance.ended_at is None:
            continue
        records = [r for r in seen.usage if r["details"].get("instance_id") == instance.id]
        lived_s = max(0.0, (instance.ended_at - instance.started_at).total_seconds())
        metered_s = sum(record["quantity"] for record in records)
        if abs(lived_s - metered_s) > _SLACK_S:
            yield f"{instance.id} lived {lived_s:.3f} s and was metered {metered_s:.3f} s"


def _notes(client: Client, task: TaskView, name: str) -> list[tuple[int, int]]:
    try:
        text = client.storage.read(f"{task.output}output/{name}").decode()
    except NotFound:
        return []  # no instance of it got so far
    return [(int(m[1]), int(m[2])) for m in re.finditer(r"^(\d+) (\d+) \d+$", text, re.M)]


def _usage(client: Client) -> list[dict[str, Any]]:
    """The whole ledger of the project, page by page."""
    records: dict[str, dict[str, Any]] = {}
    before: str | None = None
    while True:
        params = {"limit": 1000} | ({"before": before} if before else {})
        page = client.http.request("GET", "/usage", params=params).json()["items"]
        fresh = [r for r in page if repr(r) not in records]
        records |= {repr(r): r for r in fresh}
        if len(page) < 1000 or not fresh:
            return list(records.values())
        before = page[-1]["time"]
