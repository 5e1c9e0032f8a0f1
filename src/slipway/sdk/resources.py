from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import quote

from slipway.sdk.convert import build
from slipway.sdk.http import Http
from slipway.sdk.types import (
    BatchView,
    CardTypeList,
    CardTypeView,
    FlavourList,
    FlavourView,
    FreeView,
    GroupDetail,
    GroupView,
    HoldingView,
    NodeDetail,
    NodeEventList,
    NodeEventView,
    NodeView,
    TokenView,
)

_GROUPS = "/resource-groups"
_NODES = "/nodes"


class Groups:
    """Resource groups: who shares which machines, by which policy."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def create(self, name: str, *, risk_accepted: bool = False, **form: Any) -> GroupDetail:
        """`form`: engine, tags, policy (a document or its text), preset_by_gpu."""
        body = {"name": name, "risk_accepted": risk_accepted, **form}
        return self._http.post(GroupDetail, _GROUPS, body)

    def get(self, group_id: str) -> GroupDetail:
        return self._http.get(GroupDetail, f"{_GROUPS}/{group_id}")

    def list(self, **filters: Any) -> Iterator[GroupView]:
        return self._http.pages(GroupView, _GROUPS, **filters)

    def update(self, group_id: str, **changes: Any) -> GroupDetail:
        """`changes`: name, tags, policy, preset_by_gpu."""
        return self._http.patch(GroupDetail, f"{_GROUPS}/{group_id}", changes)

    def delete(self, group_id: str) -> None:
        self._http.delete(f"{_GROUPS}/{group_id}")

    def free(self, group_id: str) -> FreeView:
        """By card type: free in all, on fully free machines, on partly used ones."""
        return self._http.get(FreeView, f"{_GROUPS}/{group_id}/free")

    def holding(self, group_id: str, **filters: Any) -> Iterator[HoldingView]:
        """What holds resources; `node` narrows it to one of its nodes."""
        return self._http.pages(HoldingView, f"{_GROUPS}/{group_id}/holding", **filters)

    def flavours(self, group_id: str) -> tuple[FlavourView, ...]:
        """What tasks of the group may ask for by name."""
        return tuple(self._http.get(FlavourList, f"{_GROUPS}/{group_id}/flavours").items)

    def create_flavour(self, group_id: str, name: str, **amounts: Any) -> FlavourView:
        """`amounts` of one instance: cpu_cores, memory_bytes, gpus, gpu_model."""
        body = {"name": name, **amounts}
        return self._http.post(FlavourView, f"{_GROUPS}/{group_id}/flavours", body)

    def delete_flavour(self, group_id: str, flavour_id: str) -> None:
        self._http.delete(f"{_GROUPS}/{group_id}/flavours/{flavour_id}")

    def join_token(self, group_id: str, *, lasts_s: float = 3600) -> TokenView:
        return self._http.post(
            TokenView, f"{_NODES}/join-token", {"group": group_id, "lasts_s": lasts_s}
        )


class Nodes:
    """Machines: what they have, where they belong, in and out of service."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def get(self, node_id: str) -> NodeDetail:
        return self._http.get(NodeDetail, f"{_NODES}/{node_id}")

    def list(self, **filters: Any) -> Iterator[NodeView]:
        """`group`, `state`, `search`."""
        return self._http.pages(NodeView, _NODES, **filters)

    def history(self, **filters: Any) -> Iterator[NodeView]:
        return self._http.pages(NodeView, f"{_NODES}/history", **filters)

    def events(self, node_id: str) -> tuple[NodeEventView, ...]:
        return tuple(self._http.get(NodeEventList, f"{_NODES}/{node_id}/events").items)

    def move(self, nodes: Any, group_id: str, *, confirm: bool = False) -> BatchView:
        """Each node on its own; `confirm` lets its work be moved away."""
        body = {"nodes": list(nodes), "group": group_id, "confirm": confirm}
        return self._http.post(BatchView, f"{_NODES}/move", body)

    def release(self, nodes: Any, *, confirm: bool = False) -> BatchView:
        body = {"nodes": list(nodes), "confirm": confirm}
        return self._http.post(BatchView, f"{_NODES}/release", body)

    def cordon(self, node_id: str, reason: str = "") -> NodeDetail:
        return self._act(node_id, "cordon", reason=reason)

    def uncordon(self, node_id: str) -> NodeDetail:
        return self._act(node_id, "uncordon")

    def drain(self, node_id: str, *, time_limit_s: float = 0, reason: str = "") -> NodeDetail:
        """No new work; what still runs after the limit is moved away."""
        return self._act(node_id, "drain", time_limit_s=time_limit_s, reason=reason)

    def repair(self, node_id: str, reason: str = "") -> NodeDetail:
        return self._act(node_id, "repair", reason=reason)

    def end_repair(self, node_id: str) -> NodeDetail:
        return self._act(node_id, "end-repair")

    def declare_dead(self, node_id: str, *, confirm: bool = False) -> NodeDetail:
        """You vouch that the machine is off: what ran on it has ended."""
        return self._act(node_id, "dead", confirm=confirm)

    def plan_end(self, node_id: str, planned_end: datetime | None) -> NodeDetail:
        moment = planned_end.isoformat() if planned_end else None
        return self._http.patch(NodeDetail, f"{_NODES}/{node_id}", {"planned_end": moment})

    def place(self, node_id: str, **place: str) -> NodeDetail:
        """`zone`, `rack`: where it stands."""
        return self._http.patch(NodeDetail, f"{_NODES}/{node_id}", place)

    def rejoin(self, node_id: str, group_id: str) -> NodeDetail:
        return self._act(node_id, "rejoin", group=group_id)

    def _act(self, node_id: str, what: str, **body: Any) -> NodeDetail:
        return self._http.post(NodeDetail, f"{_NODES}/{node_id}/{what}", body or None)


class CardTypes:
    """Whether a part of a card can be asked for, by card type."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def list(self) -> tuple[CardTypeView, ...]:
        return tuple(self._http.get(CardTypeList, "/card-types").items)

    def set(self, model: str, *, sharing: bool) -> CardTypeView:
        path = f"/card-types/{quote(model, safe='')}"
        return build(CardTypeView, self._http.put(path, {"sharing": sharing}))


class Resources:
    def __init__(self, http: Http) -> None:
        self.card_types = CardTypes(http)
        self.groups = Groups(http)
        self.nodes = Nodes(http)
