"""The resident scheduler: keeps the indexes of all groups between passes and takes changes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from slipway.compute.scheduling.group import Group
from slipway.compute.scheduling.model import Decision, GroupRules, Item, Running
from slipway.compute.scheduling.scan import Scan
from slipway.compute.types import Node


class Scheduler:
    """A pass decides what `schedule()` would decide from scratch, but looks at changes only.

    What it decides it takes as done; a caller who cannot carry it out starts a new one.
    """

    def __init__(self) -> None:
        self._groups: dict[str, Group] = {}
        self._group_of_item: dict[str, str] = {}
        self._group_of_node: dict[str, str] = {}

    @property
    def groups(self) -> dict[str, Group]:
        return self._groups

    def put_group(self, group_id: str, rules: GroupRules, nodes: Iterable[Node] = ()) -> None:
        """`nodes` only count when the group is new: all at once is quicker than one by one."""
        if group := self._groups.get(group_id):
            group.set_rules(rules)
            return
        there = [node for node in nodes if node.group_id == group_id]
        self._groups[group_id] = Group(rules, there)
        self._group_of_node |= dict.fromkeys((node.id for node in there), group_id)

    def put_nodes(self, nodes: Iterable[Node]) -> None:
        """All nodes there are: those that are new, changed, moved or gone are found here."""
        now = {node.id: node for node in nodes}
        for node_id, group_id in list(self._group_of_node.items()):
            if node_id not in now or now[node_id].group_id != group_id:
                self._groups[group_id].drop_node(node_id)
                del self._group_of_node[node_id]
        for node in now.values():
            group = self._groups[node.group_id]
            known = group.books.rooms.get(node.id)
            if known is None or known.node != node:
                group.put_node(node)
                self._group_of_node[node.id] = node.group_id

    def put_waiting(self, item: Item) -> None:
        self._enter(item)
        self._groups[item.group_id].put_waiting(item)

    def put_running(self, running: Running) -> None:
        self._enter(running.item)
        self._groups[running.item.group_id].put_running(running)

    def remove(self, item_id: str) -> None:
        """It has ended, or waits no more."""
        if group_id := self._group_of_item.pop(item_id, None):
            self._groups[group_id].remove(item_id)

    def counts(self) -> tuple[int, int]:
        """How many wait, and how many hold seats."""
        groups = self._groups.values()
        return sum(len(g.waiting) for g in groups), sum(len(g.running) for g in groups)

    def run(self, now: datetime, *, guard_before: datetime | None = None) -> list[Decision]:
        """Decide for the groups in which anything changed; `now` is when what starts has started.

        Items submitted before `guard_before` are not overtaken any more by those behind them.
        """
        return [
            decision
            for _, group in sorted(self._groups.items())
            if group.is_dirty
            for decision in Scan(group, now, guard_before).run()
        ]

    def _enter(self, item: Item) -> None:
        if self._group_of_item.get(item.id) not in (None, item.group_id):
            self.remove(item.id)
        self._group_of_item[item.id] = item.group_id
