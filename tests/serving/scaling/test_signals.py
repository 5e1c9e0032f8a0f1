"""What gateways report, added up; and what engines tell, in their own words."""

from __future__ import annotations

import pytest

from slipway.serving.scaling.engines import parse
from slipway.serving.scaling.signals import EntranceLoad, LoadReport, Signals


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_several_gateways_are_added_up_and_a_silent_one_is_left_out() -> None:
    clock = Clock()
    signals = Signals(clock)
    assert signals.in_flight(["r1"]) is None
    at = ("ms-a", "")
    signals.report(LoadReport("one", {at: EntranceLoad(5, held=2)}, {"r1": 3}))
    signals.report(LoadReport("two", {at: EntranceLoad(1, held=1)}, {"r1": 1, "r2": 4}))
    assert signals.in_flight(["r1", "r2"]) == 8
    assert signals.held("ms-a") == 3
    clock.now += 10
    signals.report(LoadReport("two", {}, {"r2": 4}))
    clock.now += 10
    assert signals.in_flight(["r1", "r2"]) == 4
    assert signals.held("ms-a") == 0
    assert signals.idle_s("ms-a", "ms-a-1", by_service=True) == 20
    assert signals.idle_s("ms-a", "ms-a-1", by_service=False) is None
    assert signals.idle_s("ms-b", "ms-b-1", by_service=True) is None


def test_rates_and_quantiles_are_of_the_last_half_minute() -> None:
    clock = Clock()
    signals = Signals(clock)
    signals.report(LoadReport("one", {}, {}))
    signals.ended([("ms-a-1", float(ms)) for ms in range(1, 61)])
    assert signals.qps("ms-a-1") == 2
    assert signals.ttft_p95_ms("ms-a-1") == 58
    assert signals.qps("ms-b-1") == 0
    clock.now += 31
    assert signals.qps("ms-a-1") is None  # nobody has reported
    signals.report(LoadReport("one", {}, {}))
    assert signals.qps("ms-a-1") == 0
    assert signals.ttft_p95_ms("ms-a-1") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("slipway_llm_sequences_running 2\nslipway_llm_sequences_waiting 3\n", (2, 3, None)),
        (
            'vllm:num_requests_running{engine="0",model_name="m"} 1.0\n'
            'vllm:num_requests_running{engine="1",model_name="m"} 2.0\n'
            'vllm:num_requests_waiting{engine="0",model_name="m"} 5.0\n'
            'vllm:kv_cache_usage_perc{engine="0",model_name="m"} 0.5\n'
            'vllm:kv_cache_usage_perc{engine="1",model_name="m"} 0.25\n',
            (3, 5, 37.5),
        ),
        ("# HELP x y\nsglang:num_queue_reqs{} 4\nsglang:token_usage 0.9\n", (None, 4, 90)),
        ("<html>not found</html>", (None, None, None)),
    ],
)
def test_each_engines_names(text: str, expected: tuple[float | None, ...]) -> None:
    found = parse(text)
    assert (found.running, found.waiting, found.kv_cache_pct) == expected
