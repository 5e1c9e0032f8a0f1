"""Weights, load and isolation."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.gateway.errors import NO_READY_INSTANCE, SERVICE_BUSY, SERVICE_STOPPED, Refused
from slipway.gateway.routing import Router
from slipway.gateway.state import parse_service

from .control_plane import service


def with_weights(*weights: int, replicas: int = 1):
    value = service("ms-1")
    value["versions"] = [
        {
            "id": f"ms-1-{number}",
            "weight": weight,
            "replicas": [{"id": f"v{number}r{r}", "host": "h", "port": 1} for r in range(replicas)],
        }
        for number, weight in enumerate(weights, start=1)
    ]
    return parse_service(value)


@pytest.mark.covers("SRV-48")
@given(st.lists(st.integers(0, 100), min_size=1, max_size=4).filter(any))
def test_versions_share_exactly_by_weight(weights):
    router, split = Router(), with_weights(*weights)
    total = sum(weights)
    got = Counter(router.choose(split, None, 0.0).version.id for _ in range(total))
    assert got == {f"ms-1-{n}": w for n, w in enumerate(weights, start=1) if w}


def test_a_version_without_replicas_leaves_its_share_to_the_others():
    split = with_weights(50, 50)
    alone = parse_service(
        {**service("ms-1"), "versions": [
            {"id": "ms-1-1", "weight": 50, "replicas": []},
            {"id": "ms-1-2", "weight": 50, "replicas": [{"id": "r", "host": "h", "port": 1}]},
        ]}
    )  # fmt: skip
    router = Router()
    assert {router.choose(alone, None, 0.0).version.id for _ in range(4)} == {"ms-1-2"}
    assert {router.choose(split, None, 0.0).version.id for _ in range(4)} == {"ms-1-1", "ms-1-2"}


def test_the_least_busy_replica_is_chosen_and_equals_take_turns():
    router, wide = Router(), with_weights(100, replicas=3)
    first_round = [router.choose(wide, None, 0.0).replica.id for _ in range(6)]
    assert Counter(first_round) == {"v1r0": 2, "v1r1": 2, "v1r2": 2}
    router.load("v1r0").in_flight = 2
    router.load("v1r2").in_flight = 1
    assert {router.choose(wide, None, 0.0).replica.id for _ in range(6)} == {"v1r1"}


def test_a_replica_that_refused_is_the_last_choice_for_a_while():
    router, wide = Router(), with_weights(100, replicas=2)
    router.load("v1r0").cooling_until = 5.0
    assert {router.choose(wide, None, 4.0).replica.id for _ in range(4)} == {"v1r1"}
    assert {router.choose(wide, None, 6.0).replica.id for _ in range(4)} == {"v1r0", "v1r1"}
    assert router.choose(wide, None, 4.0, avoid=("v1r1",)).replica.id in ("v1r0", "v1r1")


def test_a_versions_own_path_ignores_the_weights():
    split = with_weights(100, 0)
    assert Router().choose(split, split.versions[1], 0.0).version.id == "ms-1-2"


def refusal(value: dict, router: Router | None = None):
    with pytest.raises(Refused) as refused:
        (router or Router()).choose(parse_service(value), None, 0.0)
    return refused.value.fault


def test_why_nothing_can_be_chosen():
    assert refusal(service("ms-1", 1, state="stopped")) is SERVICE_STOPPED
    assert refusal(service("ms-1")) is NO_READY_INSTANCE
    assert refusal(service("ms-1", state="starting", versions=[])) is NO_READY_INSTANCE
    router = Router()
    router.load("ms-1-r0").in_flight = 2
    limits = {"qps_per_replica": None, "concurrency_per_replica": 2}
    assert refusal(service("ms-1", 1, limits=limits), router) is SERVICE_BUSY
