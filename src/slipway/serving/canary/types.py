"""A progressive rollout: traffic moves to a version in steps, and back when a check fails."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any


class RolloutState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    ROLLED_BACK = "rolled_back"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class RolloutStep:
    """`weight` % of the traffic for at least `hold_s` seconds; the last step ends at once."""

    weight: int
    hold_s: int = 300


@dataclass(frozen=True, slots=True)
class RolloutChecks:
    """What the version's own calls must keep to within a step; None: not checked.

    Judged once it has answered `min_calls` in the step, and no step ends before it has.
    """

    error_pct: float | None = 1.0
    p95_ms: float | None = None
    ttft_p95_ms: float | None = None
    min_calls: int = 20


@dataclass(frozen=True, slots=True)
class Rollout:
    version_id: str
    steps: tuple[RolloutStep, ...]
    checks: RolloutChecks
    before: dict[str, int]  # weights to go back to
    at: int  # the step that holds now
    step_since: datetime
    started_at: datetime
    started_by: str
    state: RolloutState = RolloutState.RUNNING
    reason: str = ""
    ended_at: datetime | None = None

    @property
    def weight(self) -> int:
        return self.steps[self.at].weight

    def as_json(self) -> dict[str, Any]:
        times = ("step_since", "started_at", "ended_at")
        data = asdict(self)
        return data | {name: data[name].isoformat() if data[name] else None for name in times}

    @classmethod
    def of(cls, data: dict[str, Any]) -> Rollout:
        ended = data["ended_at"]
        return cls(
            **{
                **data,
                "steps": tuple(RolloutStep(**s) for s in data["steps"]),
                "checks": RolloutChecks(**data["checks"]),
                "state": RolloutState(data["state"]),
                "step_since": datetime.fromisoformat(data["step_since"]),
                "started_at": datetime.fromisoformat(data["started_at"]),
                "ended_at": datetime.fromisoformat(ended) if ended else None,
            }
        )

    def ended(self, state: RolloutState, reason: str, now: datetime) -> Rollout:
        return replace(self, state=state, reason=reason, ended_at=now)


def shared(before: dict[str, int], version_id: str, weight: int) -> dict[str, int]:
    """The candidate gets `weight` %, the others the rest in proportion to what they had."""
    others = {v: w for v, w in before.items() if v != version_id}
    total, rest = sum(others.values()), 100 - weight
    if not total:
        return {**dict.fromkeys(others, 0), version_id: 100}
    found = {v: w * rest // total for v, w in others.items()}
    # What rounding leaves goes to whoever has most.
    most = max(others, key=lambda v: others[v])
    found[most] += rest - sum(found.values())
    return {**found, version_id: weight}
