"""Which operation a node's state allows: one table, and the sentence where it does not."""

from __future__ import annotations

from enum import StrEnum

from slipway.compute.types import NodeState

S = NodeState


class Operation(StrEnum):
    VIEW_TASKS = "view_tasks"
    MOVE = "move"
    RELEASE = "release"
    PLANNED_END = "planned_end"
    CORDON = "cordon"
    UNCORDON = "uncordon"
    DRAIN = "drain"
    REPAIR = "repair"
    END_REPAIR = "end_repair"
    DECLARE_DEAD = "declare_dead"
    REJOIN = "rejoin"


_WORKS = (S.RUNNING, S.ABNORMAL)
_HISTORY = (S.DEPLOY_FAILED, S.RELEASED, S.RETIRED)

_ALLOWED: dict[Operation, tuple[NodeState, ...]] = {
    Operation.VIEW_TASKS: tuple(state for state in S if state not in _HISTORY),
    Operation.MOVE: (S.RUNNING,),
    Operation.RELEASE: _WORKS,
    Operation.PLANNED_END: _WORKS,
    Operation.CORDON: _WORKS,
    Operation.UNCORDON: _WORKS,
    Operation.DRAIN: (S.RUNNING,),
    Operation.REPAIR: _WORKS,
    Operation.END_REPAIR: (S.REPAIRING,),
    Operation.DECLARE_DEAD: (S.ABNORMAL,),
    Operation.REJOIN: _HISTORY,
}

_BUSY_WITH = {
    S.DEPLOYING: "The node is being set up. Wait until it is running.",
    S.MOUNTING: "The node is taking over its data directory. Wait until it is running.",
    S.REPAIRING: "The node is being repaired. End the repair first.",
    S.RELEASING: "The node is being released.",
    S.DEPLOY_FAILED: "The node could not be set up. Join it again first.",
    S.RELEASED: "The node has left. Join it again first.",
    S.RETIRED: "The node is no longer used. Join it again first.",
}

_ELSEWHERE = {
    (Operation.MOVE, S.ABNORMAL): "The node does not answer. Only a running node can be moved; this one can be released.",
    (Operation.DRAIN, S.ABNORMAL): "The node does not answer, so nothing can be moved away from it. Release it, or say that it is dead.",
    (Operation.DECLARE_DEAD, S.RUNNING): "The node answers, so it is not dead.",
    (Operation.REJOIN, S.RUNNING): "The node is joined already.",
    (Operation.REJOIN, S.ABNORMAL): "The node is joined; it runs again by itself once it answers.",
    (Operation.END_REPAIR, S.RUNNING): "The node is not being repaired.",
    (Operation.END_REPAIR, S.ABNORMAL): "The node is not being repaired.",
}  # fmt: skip


def why_blocked(
    operation: Operation, state: NodeState, *, cordoned: bool = False, draining: bool = False
) -> str | None:
    """Why the operation is not possible now, or None."""
    if state not in _ALLOWED[operation]:
        return _ELSEWHERE.get((operation, state)) or _BUSY_WITH[state]
    if operation == Operation.CORDON and cordoned:
        return "The node takes no new work already."
    if operation == Operation.UNCORDON and not cordoned:
        return "The node takes new work already."
    if operation == Operation.DRAIN and draining:
        return "The node is being drained already."
    return None


def all_blocked(state: NodeState, *, cordoned: bool, draining: bool) -> dict[str, str | None]:
    return {
        str(operation): why_blocked(operation, state, cordoned=cordoned, draining=draining)
        for operation in Operation
    }
