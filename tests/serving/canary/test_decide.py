"""When a rollout stays, goes on and goes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.serving.canary.decide import Candidate, next_rollout
from slipway.serving.canary.types import Rollout, RolloutChecks, RolloutState, RolloutStep, shared
from slipway.serving.statistics import Figures

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
STEPS = (RolloutStep(5, 60), RolloutStep(25, 60), RolloutStep(100, 0))


def rollout(at: int = 0, held_s: float = 0, **checks: float | None) -> Rollout:
    since = NOW - timedelta(seconds=held_s)
    return Rollout(
        "ms-a-2", STEPS, RolloutChecks(**checks), {"ms-a-1": 100, "ms-a-2": 0}, at, since, since, "ann"
    )  # type: ignore[arg-type]  # fmt: skip


def calls(
    received: int, failed: int = 0, throttled: int = 0, p95: float = 10, ttft: float = 5
) -> Candidate:
    done = received - failed - throttled
    figures = Figures(received, done, failed, throttled, 0, 0, 0, 0, p95, p95, p95, p95, ttft, ttft)
    return Candidate(True, "", figures)


@pytest.mark.covers("SRV-X4")
def test_a_step_holds_its_time_and_waits_for_calls_to_judge() -> None:
    assert next_rollout(rollout(), calls(100), NOW) == rollout()
    waits = next_rollout(rollout(held_s=90), calls(7), NOW)
    assert (waits.at, waits.reason) == (0, "7 of 20 calls are needed to judge.")
    on = next_rollout(rollout(held_s=60), calls(20), NOW)
    assert (on.at, on.weight, on.step_since) == (1, 25, NOW)
    last = next_rollout(rollout(at=1, held_s=60), calls(50), NOW)
    assert last.weight == 100
    assert next_rollout(last, calls(0), NOW).state == RolloutState.DONE


@pytest.mark.covers("SRV-X4")
@pytest.mark.parametrize(
    ("checks", "seen", "words"),
    [
        ({}, calls(100, failed=2), "2.0 % of the calls failed"),
        ({"p95_ms": 9}, calls(20), "95 % of the calls took up to 10 ms"),
        ({"ttft_p95_ms": 4}, calls(20), "95 % of the first tokens took up to 5 ms"),
        ({}, Candidate(False, "It crashed.", calls(0).calls), "It crashed."),
    ],
)
def test_a_breach_goes_back_at_once(checks: dict[str, float], seen: Candidate, words: str) -> None:
    back = next_rollout(rollout(**checks), seen, NOW)
    assert (back.state, back.ended_at) == (RolloutState.ROLLED_BACK, NOW)
    assert words in back.reason


def test_what_was_refused_at_the_door_and_too_few_calls_say_nothing() -> None:
    assert next_rollout(rollout(), calls(1000, failed=10, throttled=990), NOW).reason == ""
    assert next_rollout(rollout(), calls(19, failed=19), NOW).state == RolloutState.RUNNING
    kept = next_rollout(rollout(error_pct=None), calls(100, failed=100), NOW)
    assert kept.state == RolloutState.RUNNING


@given(
    st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), st.integers(0, 100), min_size=1),
    st.integers(0, 100),
)
def test_shares_always_add_up(before: dict[str, int], weight: int) -> None:
    found = shared({**before, "new": 0}, "new", weight)
    assert sum(found.values()) == 100
    assert min(found.values()) >= 0
    if sum(before.values()):
        assert found["new"] == weight


def test_a_rollout_comes_back_from_json_as_it_was() -> None:
    ended = rollout(at=1).ended(RolloutState.CANCELLED, "why", NOW)
    assert Rollout.of(ended.as_json()) == ended
