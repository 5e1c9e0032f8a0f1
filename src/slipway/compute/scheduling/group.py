"""One resource group: its nodes, what runs, what waits. Takes changes; `scan.py` decides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from slipway.compute.scheduling.accounts import Accounts
from slipway.compute.scheduling.books import Books
from slipway.compute.scheduling.lane import Lane
from slipway.compute.scheduling.model import GroupRules, Item, Running
from slipway.compute.scheduling.victims import Eviction, VictimOrder
from slipway.compute.types import Node


class Group:
    def __init__(self, rules: GroupRules, nodes: Iterable[Node] = ()) -> None:
        self.rules = rules
        self.books = Books(nodes)
        self.waiting: dict[str, Item] = {}
        self.running: dict[str, Running] = {}
        self.lanes: dict[str, Lane] = {}
        self.claims: dict[str, set[str]] = {}  # who evicted -> whom
        self.is_dirty = True
        self._set_rules(rules)

    def set_rules(self, rules: GroupRules) -> None:
        if rules != self.rules:
            self._set_rules(rules)
            self._line_up()
            self.is_dirty = True

    def put_node(self, node: Node) -> None:
        types, before = self.books.card_types, self.books.rooms.get(node.id)
        self.books.put_node(node)
        same_cards = (
            before is not None and before.free.keys() == self.books.rooms[node.id].free.keys()
        )
        self._nodes_changed(types, same_cards=same_cards)

    def drop_node(self, node_id: str) -> None:
        types = self.books.card_types
        self.books.drop_node(node_id)
        self._nodes_changed(types, same_cards=False)

    def put_waiting(self, item: Item) -> None:
        self.remove(item.id)
        self.waiting[item.id] = item
        self.lane_of(item).add(item)
        self._claim(item.displaced_for, item.id)

    def put_running(self, running: Running) -> None:
        self.remove(running.item.id)
        self.books.hold(running)
        self.register(running)

    def register(self, running: Running) -> None:
        """What runs, with its seats already taken in the books."""
        self.books.name_holder(running)
        self.running[running.item.id] = running
        self.victims.add(running, self.books.rooms_of(running))
        self.accounts.add(running, self.books.rooms)
        self._claim(running.leaving_for, running.item.id)
        self.is_dirty = True

    def remove(self, item_id: str) -> None:
        if item := self.waiting.pop(item_id, None):
            self.lane_of(item).remove(item)
            self._unclaim(item.displaced_for, item_id)
        if running := self.running.pop(item_id, None):
            self.accounts.remove(running, self.books.rooms)
            self.books.give_back(running)
            self.victims.remove(running)
            self._unclaim(running.leaving_for, item_id)
        self.is_dirty = True

    def starts(self, item: Item) -> None:
        """Out of the queue; nobody makes room for it any more."""
        del self.waiting[item.id]
        self.lane_of(item).remove(item)
        self._unclaim(item.displaced_for, item.id)
        self.claims.pop(item.id, None)

    def leaves(self, victim: Running, winner: Item) -> None:
        """It is being ended for the winner, and holds its seats until it has."""
        self.victims.remove(victim)
        gone = replace(victim, leaving_for=winner.id, ending=True)
        self.running[victim.item.id] = gone
        self.books.name_holder(gone)
        self._claim(winner.id, victim.item.id)

    def lane_of(self, item: Item) -> Lane:
        name = self.books.lane_of(item)
        lane = self.lanes.get(name)
        if lane is None:
            lane = self.lanes[name] = Lane(by_project=bool(self.rules.quotas))
        return lane

    def forget_failures(self) -> None:
        """Everything is tried again at the next pass."""
        self.books.journal.clear()
        for lane in self.lanes.values():
            lane.failed.clear()

    def _nodes_changed(self, types_before: tuple[str, ...], *, same_cards: bool) -> None:
        if self.books.card_types != types_before:
            self._line_up()
        # Accounts and the order of victims depend on the types of the cards that are held.
        if self.accounts or not same_cards:
            self._set_rules(self.rules)
        self.is_dirty = True

    def _line_up(self) -> None:
        """All lanes anew; nothing is known to fail any more."""
        self.lanes = {}
        self.books.journal.clear()
        for item in self.waiting.values():
            self.lane_of(item).add(item)

    def _set_rules(self, rules: GroupRules) -> None:
        self.rules = rules
        self.accounts, self.victims = Accounts(rules.quotas), VictimOrder()
        for running in self.running.values():
            self.accounts.add(running, self.books.rooms)
            self.victims.add(running, self.books.rooms_of(running))
        self.eviction = Eviction(rules, self.books, self.accounts, self.victims, self.running)

    def _claim(self, winner_id: str | None, item_id: str) -> None:
        if winner_id is not None:
            self.claims.setdefault(winner_id, set()).add(item_id)

    def _unclaim(self, winner_id: str | None, item_id: str) -> None:
        if winner_id is not None and winner_id in self.claims:
            self.claims[winner_id].discard(item_id)
            if not self.claims[winner_id]:
                del self.claims[winner_id]
