"""Which builds the sweeper takes away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from slipway.environments.sweep import Unused, to_remove

START = datetime(2026, 1, 1, tzinfo=UTC)
sizes = st.lists(st.integers(0, 100), max_size=12)


def unused(sizes: list[int]) -> list[Unused]:
    """Oldest first."""
    return [Unused(f"b{n}", s, START + timedelta(hours=n)) for n, s in enumerate(sizes)]


@given(sizes, st.integers(0, 6), st.integers(0, 500), st.integers(0, 400))
def test_only_the_last_used_stay_and_no_more_than_fit(
    sizes: list[int], keep: int, in_use: int, limit: int
) -> None:
    builds = unused(sizes)
    gone = to_remove(builds, keep=keep, held_bytes=sum(sizes) + in_use, max_bytes=limit)
    stay = [b for b in builds if b.build_id not in gone]
    assert len(stay) <= keep
    # Who stays was used after everybody who goes.
    assert stay == builds[len(builds) - len(stay) :]
    if limit and stay:
        assert in_use + sum(b.size_bytes for b in stay) <= limit


def test_without_limits_nothing_more_than_the_count_goes() -> None:
    builds = unused([10, 10, 10])
    assert to_remove(builds, keep=2, held_bytes=30, max_bytes=0) == {"b0"}
    assert to_remove(builds, keep=3, held_bytes=30, max_bytes=25) == {"b0"}
