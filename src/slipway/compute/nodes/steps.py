"""What becomes of a node, from its record and from what its engine says. Pure.

A node that does not answer only stops taking work. Nothing that runs on it is ended until there is
proof that the machine is dead (`nodes.service.node_is_dead`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from slipway.compute.types import Clearing, NodeState

AWAY_AFTER_S = (
    40.0  # silence after which a node is abnormal; with the look every 10 s under a minute
)
DEPLOY_LIMIT = timedelta(minutes=10)
REMIND_BEFORE = timedelta(days=1)

S = NodeState


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of one node now."""

    state: NodeState
    state_since: datetime
    clearing: Clearing
    drain_until: datetime | None
    planned_end: datetime | None
    reminded: bool
    works: int  # live instances on it
    answers: bool | None  # None: the engine itself is away
    silent_s: float
    leaves_by_itself: bool  # its engine has nothing to disconnect (this machine)


@dataclass(frozen=True, slots=True)
class Enter:
    state: NodeState
    reason: str
    error_code: str = ""


@dataclass(frozen=True, slots=True)
class Clear:
    """Take its work away now; `reason` is what the tasks are told."""

    how: Clearing


@dataclass(frozen=True, slots=True)
class Drained:
    """Nothing is left on it: the drain is over, the node stays cordoned."""


@dataclass(frozen=True, slots=True)
class Remind:
    """Its planned end is near."""


NodeStep = Enter | Clear | Drained | Remind | None


def next_node_step(node: Seen, now: datetime) -> NodeStep:
    """The one thing to do now; None where all is as it should be."""
    if node.clearing:
        return Clear(node.clearing)
    if node.state in (S.RELEASING, S.MOUNTING) and node.works:
        return Clear(Clearing.DISPLACE)
    return _transition(node, now) or _service(node, now)


def _transition(node: Seen, now: datetime) -> NodeStep:
    match node.state:
        case S.DEPLOYING if node.answers:
            return Enter(S.RUNNING, "")
        case S.DEPLOYING if now - node.state_since > DEPLOY_LIMIT:
            minutes = int(DEPLOY_LIMIT.total_seconds() // 60)
            return Enter(
                S.DEPLOY_FAILED,
                f"The machine did not appear within {minutes} minutes. Look at the output of the join command, then join it again.",
                "deploy_timeout",
            )
        case S.RUNNING | S.ABNORMAL if node.planned_end is not None and node.planned_end <= now:
            return Enter(S.RELEASING, "Its planned end has come.")
        case S.RUNNING if not node.answers and node.silent_s >= AWAY_AFTER_S:
            return Enter(S.ABNORMAL, _silence(node))
        case S.ABNORMAL if node.answers:
            return Enter(S.RUNNING, "")
        case S.MOUNTING:
            return Enter(S.RUNNING, "")
        case S.RELEASING:
            return Enter(S.RELEASED, "Released.")
        case S.RELEASED if node.leaves_by_itself or node.answers is False:
            return Enter(S.RETIRED, "No longer used.")
    return None


def _service(node: Seen, now: datetime) -> NodeStep:
    if node.drain_until is not None and not node.works:
        return Drained()
    if node.drain_until is not None and node.drain_until <= now:
        return Clear(Clearing.DISPLACE)
    near = node.planned_end is not None and node.planned_end - now <= REMIND_BEFORE
    if near and not node.reminded and node.state in (S.RUNNING, S.ABNORMAL):
        return Remind()
    return None


def _silence(node: Seen) -> str:
    if node.answers is None:
        return "The engine does not answer, so nothing is known of this node. What runs on it is left alone."
    return f"It has not answered for {int(node.silent_s)} s. What runs on it is left alone; it runs again by itself once it is back."
