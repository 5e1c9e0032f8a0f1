"""Windows and meters, against a slow and obvious reference."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.gateway.limits import (
    CalendarWindow,
    Denied,
    Grant,
    Limits,
    SlidingWindow,
    end_of_day,
    end_of_minute,
)
from slipway.gateway.state import Key, Limit

NOON = datetime(2026, 3, 4, 10, 0, 0).timestamp()  # noqa: DTZ001  the platform's own zone

steps = st.lists(
    st.tuples(st.floats(0, 40, allow_nan=False), st.integers(1, 50)), min_size=1, max_size=60
)


def key(group: str | None = "sg-1", **limits: int) -> Key:
    given = tuple((limit, limits[limit]) for limit in Limit if limit in limits)
    return Key("key-1", "00", (), group, True, False, None, given)


@given(steps)
def test_a_sliding_window_never_forgets_early_and_forgets_a_slice_late_at_most(steps):
    window = SlidingWindow(60.0, slices=600)
    now, added = NOON, []
    for wait_s, amount in steps:
        now += wait_s
        window.add(now, amount)
        added.append((now, amount))
        inside = sum(n for at, n in added if now - at < 60.0 - 1e-6)
        a_slice_more = sum(n for at, n in added if now - at <= 60.1 + 1e-6)
        assert inside <= window.used(now) <= a_slice_more


@given(steps, st.integers(1, 100))
def test_calls_admitted_by_rpm_never_exceed_it_in_any_minute(steps, limit):
    limits, now, admitted = Limits(), NOON, []
    for wait_s, burst in steps:
        now += wait_s
        for _ in range(burst):
            if isinstance(limits.admit(key(rpm=limit), now, 0, 0), Grant):
                admitted.append(now)
    for end in admitted:
        assert sum(end - 60.0 + 1e-6 < at <= end for at in admitted) <= limit


@given(steps, st.integers(1, 60))
def test_retry_after_is_when_the_next_call_fits(steps, limit):
    limits, now = Limits(), NOON
    for wait_s, burst in steps:
        now += wait_s
        for _ in range(burst):
            answer = limits.admit(key(rpm=limit), now, 0, 0)
            if isinstance(answer, Denied):
                assert 1 <= answer.retry_after_s <= 62
                later = limits.meter(key()).requests.used(now + answer.retry_after_s)
                assert later < limit
                break


def test_a_clock_set_back_does_not_lock_a_window():
    window = SlidingWindow(60.0)
    window.add(NOON, 10)
    assert window.used(NOON - 3600) == 0


@pytest.mark.covers("GWY-96")
@given(st.lists(st.tuples(st.integers(1, 300), st.integers(0, 2000)), max_size=40))
def test_tokens_of_an_app_key_are_reserved_and_then_settled(calls):
    limits, now = Limits(), NOON
    asking = key(tpm=1000)
    used = 0
    for estimate, real in calls:
        answer = limits.admit(asking, now, estimate, 0)
        fits = used + estimate <= 1000
        assert isinstance(answer, Grant) == fits
        if isinstance(answer, Grant):
            assert limits.meter(asking).reserved == estimate
            answer.settle(now, real)
            used += real
        assert limits.meter(asking).reserved == 0
        assert limits.meter(asking).minute_tokens.used(now) == used


@pytest.mark.covers("GWY-96")
def test_parallel_calls_cannot_reserve_more_than_there_is():
    limits = Limits()
    grants = [limits.admit(key(tpm=100), NOON, 10, 0) for _ in range(50)]
    assert sum(isinstance(grant, Grant) for grant in grants) == 10


def test_a_long_call_keeps_its_reservation_beyond_the_window():
    limits = Limits()
    assert isinstance(limits.admit(key(tpm=100), NOON, 60, 0), Grant)
    assert isinstance(limits.admit(key(tpm=100), NOON + 300, 60, 0), Denied)


@pytest.mark.covers("SRV-43")
def test_the_manuals_example_of_a_service_key():
    limits, own = Limits(), key(group=None, tpm=1000)
    first = limits.admit(own, NOON + 5, 1, 0)
    first.settle(NOON + 6, 900)
    second = limits.admit(own, NOON + 20, 50, 0)
    second.settle(NOON + 21, 400)  # 900 < 1000, so it was let in
    assert limits.admit(own, NOON + 40, 1, 0) == Denied(Limit.TPM, 1000, 20)
    assert isinstance(limits.admit(own, NOON + 60, 1, 0), Grant)


@pytest.mark.covers("SRV-43")
def test_tokens_per_day_last_until_midnight():
    limits, own = Limits(), key(group=None, tpd=100)
    limits.admit(own, NOON, 1, 0).settle(NOON, 100)
    denied = limits.admit(own, NOON + 3600, 1, 0)
    assert denied.limit is Limit.TPD
    midnight = datetime(2026, 3, 5).timestamp()  # noqa: DTZ001
    assert denied.retry_after_s == midnight - NOON - 3600
    assert isinstance(limits.admit(own, midnight, 1, 0), Grant)


def test_a_changed_limit_applies_to_the_running_window():
    limits = Limits()
    for _ in range(3):
        assert isinstance(limits.admit(key(rpm=3), NOON, 0, 0), Grant)
    assert isinstance(limits.admit(key(rpm=3), NOON, 0, 0), Denied)
    assert isinstance(limits.admit(key(rpm=4), NOON, 0, 0), Grant)
    assert isinstance(limits.admit(key(rpm=2), NOON, 0, 0), Denied)


@pytest.mark.covers("GWY-98")
def test_an_image_call_counts_as_many_images_as_it_asks_for():
    limits, painter = Limits(), key(ipm=5)
    assert isinstance(limits.admit(painter, NOON, 0, 4), Grant)
    assert limits.admit(painter, NOON, 0, 2).limit is Limit.IPM
    assert isinstance(limits.admit(painter, NOON, 0, 1), Grant)


def test_a_refused_call_counts_nothing():
    limits = Limits()
    limits.admit(key(tpm=10), NOON, 10, 0)
    for _ in range(5):
        assert isinstance(limits.admit(key(tpm=10, rpm=2), NOON, 5, 0), Denied)
    assert limits.meter(key()).requests.used(NOON) == 1


@given(st.floats(1.6e9, 1.9e9))
def test_calendar_windows_end_on_whole_minutes_and_days(now):
    assert end_of_minute(now) % 60 == 0
    assert 0 < end_of_minute(now) - now <= 60
    assert 0 < end_of_day(now) - now <= 25 * 3600
    midnight = datetime.fromtimestamp(end_of_day(now))  # noqa: DTZ006
    assert (midnight.hour, midnight.minute, midnight.second) == (0, 0, 0)


def test_day_counters_survive_a_restart():
    before = Limits()
    before.admit(key(tpd=100), NOON, 1, 0).settle(NOON, 70)
    after = Limits()
    after.restore_days(before.dump_days(), {"key-1": key()})
    assert after.meter(key()).day_tokens.used(NOON) == 70
    assert after.meter(key()).day_tokens.used(NOON + 86400) == 0


def test_a_service_takes_so_many_requests_a_second():
    limits = Limits()
    assert [limits.admit_to_service("ms-1", NOON, 3) for _ in range(5)] == [2, 1, 0, -1, -1]
    assert limits.admit_to_service("ms-1", NOON + 1.03, 3) == 2


def test_counters_of_a_deleted_key_are_dropped():
    limits = Limits()
    limits.admit(key(), NOON, 0, 0)
    limits.forget_all_but({}, {})
    assert limits.meter(key()).requests.used(NOON) == 0


def test_a_calendar_window_says_how_long_it_lasts():
    window = CalendarWindow(end_of_minute)
    window.add(NOON + 10, 5)
    assert window.wait_s(NOON + 10, 4) == 50
    assert window.wait_s(NOON + 10, 5) == 0
