"""The rolling update as a pure function: the catalogue's table, and what must always hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.base.errors import Invalid
from slipway.serving.rollout import Seen, bounds, check_shares, plan

TABLE = [
    # N, MaxSurge, MaxUnavailable, surge, unavailable, most at once, fewest ready
    (1, "0%", "33%", 0, 1, 1, 0),
    (2, "0%", "33%", 0, 1, 2, 1),
    (3, "0%", "33%", 0, 1, 3, 2),
    (10, "0%", "33%", 0, 3, 10, 7),
    (1, "25%", "0%", 1, 0, 2, 1),
    (4, "25%", "25%", 1, 1, 5, 3),
    (6, "50%", "0%", 3, 0, 9, 6),
]


@pytest.mark.covers("SRV-24")
@pytest.mark.parametrize("n,up,down,surge,unavailable,most,fewest", TABLE)
def test_the_table_of_the_catalogue(
    n: int, up: str, down: str, surge: int, unavailable: int, most: int, fewest: int
) -> None:
    found = bounds(n, up, down)
    assert (found.surge, found.unavailable, found.most, found.fewest) == (
        surge, unavailable, most, fewest,
    )  # fmt: skip


@pytest.mark.covers("SRV-24")
@pytest.mark.parametrize("n,up,down", [row[:3] for row in TABLE])
def test_an_update_reaches_its_bounds_and_never_crosses_them(n: int, up: str, down: str) -> None:
    most, fewest = _update(n, up, down)
    limits = bounds(n, up, down)
    assert (most, fewest) == (limits.most, limits.fewest)


@pytest.mark.covers("SRV-24")
def test_numbers_are_accepted_and_nonsense_is_refused() -> None:
    assert bounds(10, "2", "1").most == 12
    for up, down in (("0%", "0%"), ("0", "0"), ("101%", "0%"), ("-1", "0%"), ("a", "33%")):
        with pytest.raises(Invalid):
            check_shares(up, down)


@given(
    n=st.integers(1, 12),
    up=st.integers(0, 100),
    down=st.integers(0, 100),
    order=st.randoms(use_true_random=False),
)
def test_every_update_ends_within_its_bounds(n: int, up: int, down: int, order: object) -> None:
    limits = bounds(n, f"{up}%", f"{down}%")
    most, fewest = _update(n, f"{up}%", f"{down}%", order.random)  # type: ignore[attr-defined]
    assert most <= limits.most
    assert fewest >= limits.fewest


def test_scaling_down_gives_up_the_unready_and_then_the_newest() -> None:
    there = [Seen("a", False, True, False), Seen("b", False, False, False),
             Seen("c", False, True, False)]  # fmt: skip
    found = plan(1, bounds(1, "0%", "33%"), there)
    assert (found.create, found.stop) == (0, ("b", "c"))


def test_a_replica_on_its_way_out_still_holds_its_place() -> None:
    leaving = Seen("old", True, False, True)
    assert plan(1, bounds(1, "0%", "33%"), [leaving]).create == 0
    assert plan(1, bounds(1, "100%", "0%"), [leaving]).create == 1


def test_nothing_is_wanted_of_a_stopped_version() -> None:
    there = [Seen("a", False, True, False), Seen("b", True, False, True)]
    assert plan(0, bounds(0, "0%", "33%"), there).stop == ("a",)


def _update(n: int, up: str, down: str, chance: object = lambda: 0.0) -> tuple[int, int]:
    """Play a whole update, one happening a step; the most that existed and the fewest ready."""
    limits = bounds(n, up, down)
    world = {f"old{i}": Seen(f"old{i}", True, True, False) for i in range(n)}
    made, most, fewest = 0, n, n
    for _ in range(40 * n + 40):
        todo = plan(n, limits, list(world.values()))
        for name in todo.stop:
            was = world[name]
            world[name] = Seen(name, was.outdated, False, True)
        for _ in range(todo.create):
            made += 1
            world[f"new{made}"] = Seen(f"new{made}", False, False, False)
        most = max(most, len(world))
        fewest = min(fewest, sum(r.ready for r in world.values()))
        pending = [r for r in world.values() if r.leaving or not r.ready]
        if not pending:
            break
        one = pending[int(chance() * len(pending))]  # type: ignore[operator]
        if one.leaving:
            del world[one.id]
        else:
            world[one.id] = Seen(one.id, one.outdated, True, False)
    assert sorted(r.outdated for r in world.values()) == [False] * n
    assert all(r.ready for r in world.values())
    return most, fewest
