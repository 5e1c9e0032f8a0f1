"""How groups, nodes and what is free in them look over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from slipway.compute.groups.capacity import Amounts, CardSummary, CardUse, NodeUse
from slipway.compute.groups.groups import why_not_deleted
from slipway.compute.groups.holding import Holding
from slipway.compute.nodes.checks import Check
from slipway.compute.nodes.operations import all_blocked
from slipway.compute.nodes.sharing import notice_of
from slipway.compute.scheduling.policy import DEFAULT_DOCUMENT
from slipway.compute.tables import NodeRow, ResourceGroupRow
from slipway.compute.types import NodeState


class AmountsView(BaseModel):
    """Of the nodes that take work. Cards count as fractions where they are shared."""

    cpu_cores: float
    cpu_cores_free: float
    memory_bytes: int
    memory_bytes_free: int
    cards: int
    cards_free: float
    card_memory_bytes: int
    card_memory_bytes_free: int

    @classmethod
    def of(cls, a: Amounts) -> AmountsView:
        return cls.model_validate(a, from_attributes=True)


class CardSummaryView(BaseModel):
    model: str
    total: int
    free: float
    whole: float = Field(description="Free on machines none of whose cards is in use.")
    fragments: float = Field(description="Free on machines that are partly used.")
    shares: bool = Field(description="Whether a part of a card can be asked for.")

    @classmethod
    def of(cls, s: CardSummary) -> CardSummaryView:
        return cls.model_validate(s, from_attributes=True)


class CardView(BaseModel):
    index: int
    model: str
    memory_bytes: int
    uuid: str
    shares: bool
    sharing_off: str = Field(description="Why no part of it can be asked for.")
    island: int | None = Field(description="Cards with the same number are joined by NVLink.")
    used: float = Field(description="0 to 1")
    free: float
    state: str = Field(description="free, shared, full or faulty")
    faulty: str = Field(description="Why it is given to nobody.")

    @classmethod
    def of(cls, use: CardUse) -> CardView:
        c = use.card
        return cls(
            index=c.index, model=c.model, memory_bytes=c.memory_bytes, uuid=c.uuid, shares=c.shares, sharing_off=c.sharing_off, island=c.island,
            used=use.used, free=use.free, state=use.state, faulty=c.faulty,
        )  # fmt: skip


class NodeView(BaseModel):
    id: str
    name: str
    group_id: str
    group_name: str
    engine: str
    host: str
    machine_id: str
    zone: str
    rack: str
    state: str
    reason: str
    error_code: str
    takes_work: bool
    cordoned: bool
    cordon_reason: str
    drain_until: datetime | None
    cpu_cores: float
    cpu_cores_held: float
    memory_bytes: int
    memory_bytes_held: int
    cards: list[CardView]
    instances: int
    sharing_notice: str = Field(
        description="Why cards are not shared although their type allows it."
    )
    created_by: str
    created_at: datetime
    joined_at: datetime | None
    planned_end: datetime | None
    ended_at: datetime | None
    blocked: dict[str, str | None]

    @classmethod
    def of(cls, row: NodeRow, use: NodeUse, group_name: str) -> NodeView:
        return cls(**node_fields(row, use, group_name))


class CheckView(BaseModel):
    name: str
    level: str = Field(description="ok, warning or blocked")
    sentence: str

    @classmethod
    def of(cls, check: Check) -> CheckView:
        return cls(name=check.name, level=check.level, sentence=check.sentence)


class NodeDetail(NodeView):
    info: dict[str, Any] = Field(description="What the machine says of itself.")
    checks: list[CheckView]


class NodePage(BaseModel):
    items: list[NodeView]
    next_cursor: str | None
    total: int


class GroupView(BaseModel):
    id: str
    name: str
    engine: str
    site: str
    tags: dict[str, str]
    preset_by_gpu: bool
    nodes: int = Field(description="All nodes that are in use.")
    nodes_usable: int = Field(description="Those of them that run.")
    amounts: AmountsView
    cards: list[CardSummaryView]
    source: str = Field(description="Where the machines come from.")
    bare_metal: bool
    created_by: str
    created_at: datetime
    blocked: dict[str, str | None]

    @classmethod
    def of(
        cls, row: ResourceGroupRow, uses: list[NodeUse], amounts: Amounts, cards: list[CardSummary]
    ) -> GroupView:
        return cls(**group_fields(row, uses, amounts, cards))


class GroupDetail(GroupView):
    policy: dict[str, Any] = Field(description="The scheduling policy as it was written.")


class GroupPage(BaseModel):
    items: list[GroupView]
    next_cursor: str | None
    total: int


class FreeView(BaseModel):
    """What is free in a group now: by card type, and by node."""

    cards: list[CardSummaryView]
    nodes: list[NodeView]


class HoldingView(BaseModel):
    workload_id: str
    kind: str
    owner_id: str = Field(description="Empty: it belongs to another project.")
    name: str
    group_id: str
    state: str
    nodes: list[str]
    instances: int
    cpu_cores: float
    memory_bytes: int
    gpus: float
    words: str = Field(description="As in 2C4G *1.")
    started_at: datetime | None
    run_time_s: float | None

    @classmethod
    def of(cls, h: Holding) -> HoldingView:
        return cls(
            workload_id=h.workload_id, kind=h.kind, owner_id=h.owner_id, name=h.name, group_id=h.group_id,
            state=h.state, nodes=list(h.node_ids), instances=h.instances, cpu_cores=h.cpu_cores,
            memory_bytes=h.memory_bytes, gpus=h.gpus, words=h.words, started_at=h.started_at,
            run_time_s=h.run_time_s,
        )  # fmt: skip


class HoldingPage(BaseModel):
    items: list[HoldingView]
    next_cursor: str | None
    total: int


def _no_space(row: NodeRow) -> str:
    if not row.info.get("short_of_space"):
        return ""
    return "No new work is placed here: its disk has too little free space for environments."


def node_fields(row: NodeRow, use: NodeUse, group_name: str) -> dict[str, Any]:
    return {
        "id": row.id, "name": row.name, "group_id": row.group_id, "group_name": group_name, "engine": row.engine, "host": row.host,
        "machine_id": str(row.info.get("machine_id", "")), "zone": use.node.zone, "state": row.state,
        "reason": row.reason or _no_space(row), "error_code": row.error_code, "takes_work": use.node.takes_work, "cordoned": row.cordoned,
        "cordon_reason": row.cordon_reason, "drain_until": row.drain_until,
        "cpu_cores": row.cpu_cores, "cpu_cores_held": use.cpu_cores_held, "memory_bytes": row.memory_bytes,
        "memory_bytes_held": use.memory_bytes_held, "cards": [CardView.of(card) for card in use.cards],
        "instances": use.instances, "sharing_notice": notice_of(use.node.gpus), "rack": use.node.rack, "created_by": row.created_by,
        "created_at": row.created_at, "joined_at": row.joined_at, "planned_end": row.planned_end, "ended_at": row.ended_at,
        "blocked": all_blocked(
            NodeState(row.state), cordoned=row.cordoned, draining=row.drain_until is not None
        ),
    }  # fmt: skip


def group_fields(
    row: ResourceGroupRow, uses: list[NodeUse], amounts: Amounts, cards: list[CardSummary]
) -> dict[str, Any]:
    in_use = [use for use in uses if use.node.state.is_in_use]
    return {
        "id": row.id, "name": row.name, "engine": row.engine, "site": row.site, "tags": row.tags, "preset_by_gpu": row.preset_by_gpu,
        "nodes": len(in_use), "nodes_usable": sum(use.node.state == NodeState.RUNNING for use in in_use),
        "amounts": AmountsView.of(amounts), "cards": [CardSummaryView.of(card) for card in cards],
        "source": "this machine" if row.engine == "process" else "joined machines", "bare_metal": _is_bare_metal(in_use),
        "created_by": row.created_by, "created_at": row.created_at, "blocked": {"delete": why_not_deleted(len(in_use))},
    }  # fmt: skip


def policy_of(row: ResourceGroupRow) -> dict[str, Any]:
    return row.policy or DEFAULT_DOCUMENT


def _is_bare_metal(uses: list[NodeUse]) -> bool:
    """Only where every machine says that it is no virtual one."""
    said = [use.node.info.get("virtual") for use in uses]
    return bool(said) and all(virtual is False for virtual in said)
