"""What the scheduler sees and what it decides. Plain values: no rows, no clock, no I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from slipway.compute.scheduling.policy import RULED_KINDS, Policy

EVICTABLE_KIND = "training"
CPU_LANE = ""  # items without cards
ANY_CARD_LANE = "*"  # items for any card, in a group with several card types


class Need(NamedTuple):
    """What one instance needs. A tuple: it is hashed and compared hundreds of thousands of times."""

    cpu_milli: int
    memory_bytes: int
    card_units: int = 0  # hundredths of a card
    card_model: str | None = None  # None: any type

    def left_of(self, cpu_milli: int, memory_bytes: int) -> Need:
        """Cores and memory of it, no more than there are."""
        return Need(
            max(0, min(self.cpu_milli, cpu_milli)), max(0, min(self.memory_bytes, memory_bytes))
        )


@dataclass(frozen=True, slots=True)
class Seat:
    """Where one instance goes; `gpu_indexes` has one entry for a share."""

    node_id: str
    gpu_indexes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One workload; `needs` in rank order, placed entirely or not at all."""

    id: str
    group_id: str
    project_id: str
    kind: str
    priority: int  # computed: 0 goes first
    submitted: datetime
    needs: tuple[Need, ...]
    spread: bool = False
    evictions: int = 0
    displaced_for: str | None = None  # who it was evicted for, while that one has not started

    @property
    def may_evict(self) -> bool:
        return self.kind in RULED_KINDS

    @property
    def card_units(self) -> int:
        return sum(need.card_units for need in self.needs)

    @property
    def place(self) -> tuple[int, datetime, str]:
        """Its place in the order of its lane."""
        return self.priority, self.submitted, self.id


@dataclass(frozen=True, slots=True)
class Running:
    """Holds its seats until it has ended or is back in the queue, also while it is being ended."""

    item: Item
    seats: tuple[Seat, ...]
    started: datetime  # when it was placed
    leaving_for: str | None = None  # evicted for this item, and still ending
    ending: bool = False  # on its way out for whatever reason


@dataclass(frozen=True, slots=True)
class Quota:
    """Cards (in hundredths) of one type that a project is sure of, and may never exceed."""

    project_id: str
    card_model: str
    guaranteed: int
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class GroupRules:
    """What applies in one resource group."""

    policy: Policy = field(default_factory=Policy)
    quotas: tuple[Quota, ...] = ()
    eviction_limit: int | None = None  # evictions after which an item is left alone


@dataclass(frozen=True, slots=True)
class Start:
    item_id: str
    seats: tuple[Seat, ...]
    displaced: bool = field(default=False, compare=False)  # others wait again that made room for it


@dataclass(frozen=True, slots=True)
class Evict:
    item_id: str
    winner_id: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Of the items of one shape that wait for the same cause, the first one's."""

    item_id: str
    reason: str


Decision = Start | Evict | Wait
