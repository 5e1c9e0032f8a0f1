"""The scheduler as a function: no I/O, no clock, the same answer for the same input."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from slipway.compute.scheduling.model import Decision, GroupRules, Item, Running
from slipway.compute.scheduling.scheduler import Scheduler
from slipway.compute.types import Node


def schedule(
    nodes: Iterable[Node],
    running: Iterable[Running],
    queue: Iterable[Item],
    rules: Mapping[str, GroupRules],
    *,
    now: datetime,
    guard_before: datetime | None = None,
) -> list[Decision]:
    """`rules` by resource group, all of those that occur; `now` is written on what starts."""
    return loaded(nodes, running, queue, rules).run(now, guard_before=guard_before)


def loaded(
    nodes: Iterable[Node],
    running: Iterable[Running],
    queue: Iterable[Item],
    rules: Mapping[str, GroupRules],
) -> Scheduler:
    scheduler = Scheduler()
    there = list(nodes)
    for group_id, of_group in rules.items():
        scheduler.put_group(group_id, of_group, [n for n in there if n.group_id == group_id])
    for one in running:
        scheduler.put_running(one)
    for item in queue:
        scheduler.put_waiting(item)
    return scheduler
