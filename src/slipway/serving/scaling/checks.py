"""What a scaling policy must fulfil; every refusal names the field."""

from __future__ import annotations

from slipway.base.errors import Invalid
from slipway.serving.scaling.cron import parse_exception, parse_time
from slipway.serving.scaling.types import (
    OF_LLMS,
    THRESHOLDS,
    Hpa,
    Scaling,
    ScalingMetric,
    ScalingStrategy,
    Target,
    TimeRule,
)
from slipway.serving.types import RequestLimit

MAX_REPLICAS = 1000
MAX_RULES = 50
MAX_EXCEPTIONS = 3
_LONGEST_WINDOW_S = 3600
_IDLE = (30, 7 * 86_400)


def check_scaling(scaling: Scaling, limit: RequestLimit, *, llm: bool) -> list[str]:
    """Returns warnings: what is accepted and has no effect."""
    if scaling.strategy == ScalingStrategy.TIME and not scaling.rules:
        raise Invalid("Scaling by time needs at least one rule.", field="scaling.rules")
    if scaling.strategy == ScalingStrategy.MANUAL and (scaling.rules or scaling.hpa):
        raise Invalid(
            "Rules and metrics need the strategy time or hpa; with manual they would do nothing.",
            field="scaling.strategy",
        )
    if (scaling.strategy == ScalingStrategy.HPA) != (scaling.hpa is not None):
        raise Invalid(
            "Bounds and metrics (hpa) belong to the strategy hpa, which needs them.",
            field="scaling.hpa",
        )
    if len(scaling.rules) > MAX_RULES:
        raise Invalid(f"A version has at most {MAX_RULES} rules.", field="scaling.rules")
    _check_sleep(scaling)
    if scaling.hpa is not None:
        _check_hpa(scaling.hpa, limit, llm=llm)
    warnings: list[str] = []
    for index, rule in enumerate(scaling.rules):
        warnings += _check_rule(rule, f"scaling.rules.{index}", scaling)
    return warnings


def _check_sleep(scaling: Scaling) -> None:
    low, high = _IDLE
    if scaling.idle_s is not None and not low <= scaling.idle_s <= high:
        raise Invalid(
            f"A version may sleep after {low} seconds to 7 days without a call.",
            field="scaling.idle_s",
        )
    if not 1 <= scaling.max_held <= 10_000:
        raise Invalid("1 to 10000 calls may wait for a version to wake.", field="scaling.max_held")
    if not 1 <= scaling.hold_s <= 600:
        raise Invalid(
            "A call waits 1 to 600 seconds for a version to wake.", field="scaling.hold_s"
        )


def _check_hpa(hpa: Hpa, limit: RequestLimit, *, llm: bool) -> None:
    _check_bounds(hpa.min_replicas, hpa.max_replicas, "scaling.hpa")
    if not hpa.targets:
        raise Invalid("Scaling by load needs at least one metric.", field="scaling.hpa.targets")
    for window in (hpa.up_window_s, hpa.down_window_s):
        if not 0 <= window <= _LONGEST_WINDOW_S:
            raise Invalid(
                f"An observation window is 0 to {_LONGEST_WINDOW_S} seconds.", field="scaling.hpa"
            )
    seen: set[ScalingMetric] = set()
    for index, target in enumerate(hpa.targets):
        _check_target(target, f"scaling.hpa.targets.{index}", limit, llm=llm)
        if target.metric in seen:
            raise Invalid(
                f"The metric {target.metric} is there twice.", field=f"scaling.hpa.targets.{index}"
            )
        seen.add(target.metric)


def _check_target(target: Target, field: str, limit: RequestLimit, *, llm: bool) -> None:
    low, high = THRESHOLDS[target.metric]
    if not low <= target.threshold <= high:
        raise Invalid(f"The threshold of {target.metric} is {low} to {high}.", field=field)
    if target.metric == ScalingMetric.CONCURRENCY and limit.concurrency_per_replica is None:
        raise Invalid(
            "The use of concurrency needs the limit of concurrent requests per replica: it is a "
            "percentage of it. Set that limit first.",
            field=field,
        )
    if target.metric in OF_LLMS and not llm:
        raise Invalid(
            f"Only an LLM service tells {target.metric}. Choose another metric.", field=field
        )


def _check_rule(rule: TimeRule, field: str, scaling: Scaling) -> list[str]:
    parse_time(rule.time, field=f"{field}.time")
    fewest = 0 if scaling.idle_s is not None else 1
    if not fewest <= rule.replicas <= MAX_REPLICAS:
        raise Invalid(
            f"A rule's count is {fewest} to {MAX_REPLICAS}."
            + ("" if fewest == 0 else " It can be 0 where the version may sleep."),
            field=f"{field}.replicas",
        )
    moved = rule.min_replicas is not None or rule.max_replicas is not None
    if moved and scaling.hpa is None:
        raise Invalid(
            "A rule moves bounds only together with scaling by load (hpa).",
            field=f"{field}.min_replicas",
        )
    if moved and scaling.hpa is not None:
        low = scaling.hpa.min_replicas if rule.min_replicas is None else rule.min_replicas
        high = scaling.hpa.max_replicas if rule.max_replicas is None else rule.max_replicas
        _check_bounds(low, high, field)
    if len(rule.exceptions) > MAX_EXCEPTIONS:
        raise Invalid(
            f"A rule has at most {MAX_EXCEPTIONS} exceptions.", field=f"{field}.exceptions"
        )
    warnings = []
    for index, text in enumerate(rule.exceptions):
        if parse_exception(text, field=f"{field}.exceptions.{index}").time_ignored:
            warnings.append(
                f"The exception '{text}' holds for the whole day: second, minute and hour are ignored."
            )
    return warnings


def _check_bounds(low: int, high: int, field: str) -> None:
    if not 1 <= low <= high <= MAX_REPLICAS:
        raise Invalid(
            f"The bounds are 1 to {MAX_REPLICAS} replicas, and the upper one is not below the "
            "lower one.",
            field=field,
        )
