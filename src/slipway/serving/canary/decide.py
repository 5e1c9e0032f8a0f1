"""Whether a rollout stays, goes on or goes back. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from slipway.serving.canary.types import Rollout, RolloutState
from slipway.serving.statistics import Figures


@dataclass(frozen=True, slots=True)
class Candidate:
    """The version that traffic moves to: whether it can answer, and its calls in this step."""

    ready: bool
    why_not: str
    calls: Figures


def next_rollout(rollout: Rollout, candidate: Candidate, now: datetime) -> Rollout:
    """The rollout as it shall be; the same where nothing changes."""
    if not candidate.ready:
        told = f"The version {rollout.version_id} does not answer. {candidate.why_not}".strip()
        return rollout.ended(RolloutState.ROLLED_BACK, told, now)
    judged = answered(candidate.calls)
    enough = judged >= rollout.checks.min_calls
    if enough and (breach := broken(rollout, candidate.calls)):
        return rollout.ended(RolloutState.ROLLED_BACK, breach, now)
    last = rollout.at == len(rollout.steps) - 1
    if last and rollout.weight == 100 and rollout.steps[-1].hold_s == 0:
        return rollout.ended(RolloutState.DONE, "", now)
    held = (now - rollout.step_since).total_seconds() >= rollout.steps[rollout.at].hold_s
    if held and enough:
        if last:
            return rollout.ended(RolloutState.DONE, "", now)
        return replace(rollout, at=rollout.at + 1, step_since=now, reason="")
    waits = held and not enough
    told = f"{judged} of {rollout.checks.min_calls} calls are needed to judge." if waits else ""
    return replace(rollout, reason=told)


def answered(calls: Figures) -> int:
    """Calls that reached the version: what was refused at the door says nothing about it."""
    return calls.received - calls.throttled


def broken(rollout: Rollout, calls: Figures) -> str | None:
    """The first check that the calls do not keep to."""
    checks = rollout.checks
    errors = 100 * calls.failed / max(1, answered(calls))
    if checks.error_pct is not None and errors > checks.error_pct:
        return f"{errors:.1f} % of the calls failed; at most {checks.error_pct:g} % may."
    for name, value, most in (
        ("95 % of the calls", calls.p95_ms, checks.p95_ms),
        ("95 % of the first tokens", calls.p95_ttft_ms, checks.ttft_p95_ms),
    ):
        if most is not None and value is not None and value > most:
            return f"{name} took up to {value:.0f} ms; at most {most:g} ms are allowed."
    return None
