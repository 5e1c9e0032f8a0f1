"""What to do about the number of replicas of one version now, and why. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from slipway.serving.scaling.hpa import Asked, Window, wished
from slipway.serving.scaling.rules import Fired
from slipway.serving.scaling.types import Hpa, Scaling, ScalingMetric


class ScalingStepKind(StrEnum):
    RULE = "rule"
    LOAD = "load"
    SLEEP = "sleep"
    WAKE = "wake"


@dataclass(frozen=True, slots=True)
class Step:
    """A change of the wanted count. `bounds` None: as they are."""

    kind: ScalingStepKind
    replicas: int
    reason: str
    fired_at: datetime | None = None  # rules are evaluated up to here
    bounds: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What a decision follows from. Durations in seconds."""

    replicas: int  # wanted now; 0: asleep
    default_replicas: int
    steady: bool  # no update is under way, and the expected count has been there
    held: int  # calls that wait for it to wake
    idle_s: float | None  # without a call; None: not known
    fired: Fired | None  # a time rule that has not been carried out
    asked: Sequence[Asked] = ()
    bounds: tuple[int, int] | None = None  # moved by a rule


def bounded(hpa: Hpa, bounds: tuple[int, int] | None) -> Hpa:
    """With the bounds that a time rule moved."""
    if bounds is None:
        return hpa
    return replace(hpa, min_replicas=bounds[0], max_replicas=bounds[1])


def next_step(scaling: Scaling, facts: Facts, window: Window, now: float) -> Step | None:
    """None: as it is. `now` is of the window's clock."""
    asleep = facts.replicas == 0
    if asleep and facts.held:
        count = max(1, facts.default_replicas)
        return Step(ScalingStepKind.WAKE, count, f"Calls wait for it to wake: {facts.held}.")
    if facts.fired is not None:
        return _by_rule(scaling, facts, facts.fired)
    if asleep:
        return None
    if _may_sleep(scaling, facts):
        return Step(ScalingStepKind.SLEEP, 0, f"Without a call for {scaling.idle_s} s.")
    if scaling.hpa is not None and facts.steady:
        return _by_load(bounded(scaling.hpa, facts.bounds), facts, window, now)
    return None


def _by_rule(scaling: Scaling, facts: Facts, fired: Fired) -> Step:
    rule, bounds = fired.rule, facts.bounds
    count = rule.replicas
    if scaling.hpa is not None:
        # A rule that names no bounds gives them back to the policy.
        low = scaling.hpa.min_replicas if rule.min_replicas is None else rule.min_replicas
        high = scaling.hpa.max_replicas if rule.max_replicas is None else rule.max_replicas
        bounds = (low, high)
        count = max(low, min(high, count)) if count else 0
    return Step(
        ScalingStepKind.RULE, count, f"Rule {fired.index + 1}: {rule.time}.", fired_at=fired.at,
        bounds=bounds,
    )  # fmt: skip


def _may_sleep(scaling: Scaling, facts: Facts) -> bool:
    return (
        scaling.idle_s is not None
        and facts.steady
        and facts.held == 0
        and facts.idle_s is not None
        and facts.idle_s >= scaling.idle_s
    )


def _by_load(hpa: Hpa, facts: Facts, window: Window, now: float) -> Step | None:
    wish = wished(facts.replicas, facts.asked, hpa)
    count = window.steadied(now, facts.replicas, wish, hpa)
    if count == facts.replicas:
        return None
    return Step(ScalingStepKind.LOAD, count, _why(facts.asked, hpa, count))


def _why(asked: Sequence[Asked], hpa: Hpa, count: int) -> str:
    known = [one for one in asked if one.replicas is not None]
    if not known:
        return f"The bounds are {hpa.min_replicas} to {hpa.max_replicas}."
    most = max(known, key=lambda one: one.replicas or 0)
    assert most.value is not None
    value = shown(most.target.metric, most.value)
    wanted = shown(most.target.metric, most.target.threshold)
    told = f"Measured {most.target.metric}: {value}, wanted {wanted}, so {most.replicas} replicas."
    if most.replicas is not None and not hpa.min_replicas <= most.replicas <= hpa.max_replicas:
        told += f" The bounds are {hpa.min_replicas} to {hpa.max_replicas}."
    elif count != most.replicas:
        told += " The observation window holds it."
    return told


def shown(metric: ScalingMetric, value: float) -> str:
    text = f"{value:.1f}".removesuffix(".0")
    match metric:
        case ScalingMetric.QPS:
            return f"{text}/s"
        case ScalingMetric.TTFT:
            return f"{text} ms"
        case ScalingMetric.WAITING:
            return text
        case _:
            return f"{text} %"
