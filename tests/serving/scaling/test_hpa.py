"""What load asks for, and what becomes of it: the catalogue's section "HPA"."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.base.errors import Invalid
from slipway.serving.scaling.checks import check_scaling
from slipway.serving.scaling.decide import Facts, ScalingStepKind, next_step
from slipway.serving.scaling.hpa import Window, asked_for, wished
from slipway.serving.scaling.types import (
    Hpa,
    Scaling,
    ScalingMetric,
    ScalingStrategy,
    Target,
    TimeRule,
)
from slipway.serving.types import RequestLimit

CPU = Target(ScalingMetric.CPU, 50)
QPS = Target(ScalingMetric.QPS, 10)


def count(
    ready: int, hpa: Hpa, values: dict[ScalingMetric, float], current: int | None = None
) -> int:
    return wished(ready if current is None else current, asked_for(ready, hpa.targets, values), hpa)


@pytest.mark.covers("SRV-47")
@pytest.mark.parametrize(
    ("ready", "cpu", "expected"),
    [
        (2, 100, 4), (2, 50, 2), (3, 17, 2), (4, 25, 2), (2, 54, 2), (2, 46, 2), (2, 56, 3),
        (1, 400, 5), (5, 1, 1),
    ],
)  # fmt: skip
def test_the_count_is_that_at_which_the_threshold_is_met(
    ready: int, cpu: float, expected: int
) -> None:
    """2 x 54/50 deviates by less than a tenth; 5 and 1 are the bounds."""
    assert count(ready, Hpa(1, 5, (CPU,)), {ScalingMetric.CPU: cpu}) == expected


@pytest.mark.covers("SRV-47")
def test_the_metric_that_asks_for_most_decides_and_a_missing_one_forbids_less() -> None:
    hpa = Hpa(1, 10, (CPU, QPS))
    assert count(4, hpa, {ScalingMetric.CPU: 25, ScalingMetric.QPS: 15}) == 6
    assert count(4, hpa, {ScalingMetric.CPU: 25, ScalingMetric.QPS: 5}) == 2
    assert count(4, hpa, {ScalingMetric.CPU: 25}) == 4
    assert count(4, hpa, {ScalingMetric.CPU: 100}) == 8
    assert count(4, hpa, {}) == 4
    assert count(0, hpa, {ScalingMetric.CPU: 0}, current=3) == 3


@given(st.integers(1, 50), st.floats(0.01, 10_000), st.floats(1, 5_000))
def test_after_scaling_the_threshold_is_kept(ready: int, value: float, threshold: float) -> None:
    hpa = Hpa(1, 10**9, (Target(ScalingMetric.QPS, threshold),))
    wanted = count(ready, hpa, {ScalingMetric.QPS: value})
    each = ready * value / wanted
    assert each <= threshold * 1.1 * (1 + 1e-6)
    if wanted < ready:  # one fewer would not do
        assert wanted == 1 or ready * value / (wanted - 1) > threshold * (1 - 1e-6)


def test_a_fall_must_last_its_window_and_a_rise_its_own() -> None:
    hpa = Hpa(1, 10, (CPU,), up_window_s=20, down_window_s=60)
    window = Window(started=0)
    assert [window.steadied(t, 2, 6, hpa) for t in (0, 10, 19)] == [2, 2, 2]
    assert window.steadied(21, 2, 6, hpa) == 6
    window = Window(started=0)
    assert [window.steadied(t, 6, 2, hpa) for t in (0, 30, 59)] == [6, 6, 6]
    assert window.steadied(61, 6, 2, hpa) == 2
    window = Window(started=0)
    window.steadied(40, 6, 5, hpa)  # a peak within the window holds it up
    assert window.steadied(90, 6, 2, hpa) == 5
    assert window.steadied(101, 5, 2, hpa) == 2


def facts(**other: object) -> Facts:
    base = {
        "replicas": 2, "default_replicas": 2, "steady": True, "held": 0, "idle_s": None,
        "fired": None, "asked": (), "bounds": None,
    }  # fmt: skip
    return Facts(**(base | other))  # type: ignore[arg-type]


@pytest.mark.covers("SRV-X1")
def test_what_nobody_calls_falls_asleep_and_a_waiting_call_wakes_it() -> None:
    scaling, window = Scaling(idle_s=60), Window(0)
    assert next_step(scaling, facts(idle_s=59), window, 0) is None
    assert next_step(scaling, facts(idle_s=None), window, 0) is None
    assert next_step(scaling, facts(idle_s=90, steady=False), window, 0) is None
    asleep = next_step(scaling, facts(idle_s=60), window, 0)
    assert asleep is not None
    assert (asleep.kind, asleep.replicas) == (ScalingStepKind.SLEEP, 0)
    assert next_step(scaling, facts(replicas=0), window, 0) is None
    woken = next_step(scaling, facts(replicas=0, held=3), window, 0)
    assert woken is not None
    assert (woken.kind, woken.replicas) == (ScalingStepKind.WAKE, 2)
    assert woken.reason == "Calls wait for it to wake: 3."
    assert next_step(Scaling(), facts(idle_s=10**6), window, 0) is None


REFUSED = [
    (Scaling(ScalingStrategy.HPA), "scaling.hpa"),
    (Scaling(ScalingStrategy.HPA, hpa=Hpa(1, 2, ())), "scaling.hpa.targets"),
    (Scaling(ScalingStrategy.HPA, hpa=Hpa(3, 2, (CPU,))), "scaling.hpa"),
    (Scaling(ScalingStrategy.HPA, hpa=Hpa(0, 2, (CPU,))), "scaling.hpa"),
    (Scaling(ScalingStrategy.HPA, hpa=Hpa(1, 2, (CPU, CPU))), "scaling.hpa.targets.1"),
    (Scaling(ScalingStrategy.HPA, hpa=Hpa(1, 2, (Target(ScalingMetric.CPU, 9),))), "scaling.hpa.targets.0"),
    (Scaling(ScalingStrategy.HPA, hpa=Hpa(1, 2, (Target(ScalingMetric.QPS, 5001),))), "scaling.hpa.targets.0"),
    (Scaling(ScalingStrategy.HPA, hpa=Hpa(1, 2, (Target(ScalingMetric.CONCURRENCY, 80),))), "scaling.hpa.targets.0"),
    (Scaling(ScalingStrategy.HPA, hpa=Hpa(1, 2, (Target(ScalingMetric.TTFT, 800),))), "scaling.hpa.targets.0"),
    (Scaling(ScalingStrategy.HPA, hpa=Hpa(1, 2, (CPU,), down_window_s=3601)), "scaling.hpa"),
    (Scaling(ScalingStrategy.TIME), "scaling.rules"),
    (Scaling(ScalingStrategy.TIME, (TimeRule("8 * *", 1),)), "scaling.rules.0.time"),
    (Scaling(ScalingStrategy.TIME, (TimeRule("0 8 * * *", 0),)), "scaling.rules.0.replicas"),
    (Scaling(ScalingStrategy.TIME, (TimeRule("0 8 * * *", 1, ("* * * * * 7",)),)), "scaling.rules.0.exceptions.0"),
    (Scaling(ScalingStrategy.TIME, (TimeRule("0 8 * * *", 1, ("* * * 1 * *",) * 4),)), "scaling.rules.0.exceptions"),
    (Scaling(ScalingStrategy.TIME, (TimeRule("0 8 * * *", 1, min_replicas=1),)), "scaling.rules.0.min_replicas"),
    (Scaling(ScalingStrategy.MANUAL, (TimeRule("0 8 * * *", 1),)), "scaling.strategy"),
    (Scaling(ScalingStrategy.TIME, (TimeRule("0 8 * * *", 1),), hpa=Hpa(1, 2, (CPU,))), "scaling.hpa"),
    (Scaling(idle_s=5), "scaling.idle_s"),
]  # fmt: skip


@pytest.mark.covers("SRV-47", "SRV-45", "SRV-46")
@pytest.mark.parametrize(("scaling", "field"), REFUSED)
def test_a_policy_that_breaks_a_rule_is_refused_with_its_field(
    scaling: Scaling, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        check_scaling(scaling, RequestLimit(), llm=False)
    assert refused.value.details["field"] == field


def test_what_fits_passes_and_comes_back_from_json_as_it_was() -> None:
    targets = (CPU, QPS, Target(ScalingMetric.CONCURRENCY, 80), Target(ScalingMetric.KV_CACHE, 70))
    rules = (TimeRule("0 8 * * *", 0, ("0 0 8 1 1 *",), 1, 3),)
    scaling = Scaling(ScalingStrategy.HPA, rules, Hpa(1, 5, targets), idle_s=1800)
    told = check_scaling(scaling, RequestLimit(concurrency_per_replica=4), llm=True)
    assert len(told) == 1
    assert "0 0 8 1 1 *" in told[0]
    assert Scaling.of(scaling.as_json()) == scaling
