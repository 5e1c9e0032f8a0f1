"""Windows and meters, against a slow and obvious reference."""

from array import array
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.gateway import meters
from slipway.gateway.limits import Denied, Grant, Limits, Need, Scope
from slipway.gateway.meters import Meters
from slipway.gateway.periods import end_of_day, end_of_minute, end_of_month
from slipway.gateway.state import Key, Limit, Rules, Service

NOON = datetime(2026, 3, 4, 10, 0, 0).timestamp()  # noqa: DTZ001  the platform's own zone

steps = st.lists(
    st.tuples(st.floats(0, 40, allow_nan=False), st.integers(1, 50)), min_size=1, max_size=60
)


def key(group: str | None = "sg-1", **limits: int) -> Key:
    given = tuple((limit, limits[limit]) for limit in Limit if limit in limits)
    return Key("key-1", "00", (), group, True, False, None, given, group or "key-1")


def model(**more) -> Service:
    rules = Rules(**{"limits": (), **more})
    return Service(
        "ms-1", "pr-1", "m", "running", True, True, ("m",), (), None, None, False, 1, rules
    )


def admit(limits: Limits, asking: Key, now: float, tokens: int = 0, images: int = 0):
    return limits.admit(asking, None, now, Need(tokens, images))


@given(steps)
def test_a_sliding_window_never_forgets_early_and_forgets_a_slice_late_at_most(steps):
    words = memoryview(array("q", bytes(8 * 600)))
    now, added = NOON, []
    for wait_s, amount in steps:
        now += wait_s
        meters.add_to_window(words, 0, 120, int(now / 0.5), amount)
        added.append((now, amount))
        inside = sum(n for at, n in added if now - at < 60.0 - 1e-6)
        a_slice_more = sum(n for at, n in added if now - at <= 60.5 + 1e-6)
        assert inside <= meters.slide(words, 0, 120, int(now / 0.5)) <= a_slice_more


@given(steps, st.integers(1, 100))
def test_calls_admitted_by_rpm_never_exceed_it_in_any_minute(steps, limit):
    limits, now, admitted = Limits(), NOON, []
    for wait_s, burst in steps:
        now += wait_s
        for _ in range(burst):
            if isinstance(admit(limits, key(rpm=limit), now, 0, 0), Grant):
                admitted.append(now)
    for end in admitted:
        assert sum(end - 60.0 + 1e-6 < at <= end for at in admitted) <= limit


@given(steps, st.integers(1, 60))
def test_retry_after_is_when_the_next_call_fits(steps, limit):
    limits, now = Limits(), NOON
    for wait_s, burst in steps:
        now += wait_s
        for _ in range(burst):
            answer = admit(limits, key(rpm=limit), now, 0, 0)
            if isinstance(answer, Denied):
                assert 1 <= answer.retry_after_s <= 62
                later = limits.used(key(), Limit.RPM, now + answer.retry_after_s)
                assert later < limit
                return  # the window stands in the future now


def test_a_clock_set_back_does_not_lock_a_window():
    limits = Limits()
    admit(limits, key(rpm=10), NOON)
    assert limits.used(key(), Limit.RPM, NOON - 3600) == 0


def test_a_call_that_was_held_up_forgets_nothing():
    limits = Limits()
    admit(limits, key(rpm=10), NOON)
    admit(limits, key(rpm=10), NOON - 20)
    assert limits.used(key(), Limit.RPM, NOON) == 2


@pytest.mark.covers("GWY-96")
@given(st.lists(st.tuples(st.integers(1, 300), st.integers(0, 2000)), max_size=40))
def test_tokens_of_an_app_key_are_reserved_and_then_settled(calls):
    limits, now = Limits(), NOON
    asking = key(tpm=1000)
    used = 0
    for estimate, real in calls:
        answer = admit(limits, asking, now, estimate, 0)
        fits = used + estimate <= 1000
        assert isinstance(answer, Grant) == fits
        if isinstance(answer, Grant):
            assert limits.used(asking, Limit.TPM, now) == used + estimate
            answer.settle(now, real)
            used += real
        assert limits.used(asking, Limit.TPM, now) == used


@pytest.mark.covers("GWY-96")
def test_parallel_calls_cannot_reserve_more_than_there_is():
    limits = Limits()
    grants = [admit(limits, key(tpm=100), NOON, 10, 0) for _ in range(50)]
    assert sum(isinstance(grant, Grant) for grant in grants) == 10


def test_a_long_call_keeps_its_reservation_beyond_the_window():
    limits = Limits()
    assert isinstance(admit(limits, key(tpm=100), NOON, 60, 0), Grant)
    assert isinstance(admit(limits, key(tpm=100), NOON + 300, 60, 0), Denied)


@pytest.mark.covers("SRV-43")
def test_the_manuals_example_of_a_service_key():
    limits, own = Limits(), key(group=None, tpm=1000)
    first = admit(limits, own, NOON + 5, 1, 0)
    first.settle(NOON + 6, 900)
    second = admit(limits, own, NOON + 20, 50, 0)
    second.settle(NOON + 21, 400)  # 900 < 1000, so it was let in
    assert admit(limits, own, NOON + 40, 1, 0) == Denied(Scope.KEY, Limit.TPM, 1000, 20)
    assert isinstance(admit(limits, own, NOON + 60, 1, 0), Grant)


@pytest.mark.covers("SRV-43")
def test_tokens_per_day_last_until_midnight():
    limits, own = Limits(), key(group=None, tpd=100)
    admit(limits, own, NOON, 1, 0).settle(NOON, 100)
    denied = admit(limits, own, NOON + 3600, 1, 0)
    assert denied.limit is Limit.TPD
    midnight = datetime(2026, 3, 5).timestamp()  # noqa: DTZ001
    assert denied.retry_after_s == midnight - NOON - 3600
    assert isinstance(admit(limits, own, midnight, 1, 0), Grant)


def test_a_changed_limit_applies_to_the_running_window():
    limits = Limits()
    for _ in range(3):
        assert isinstance(admit(limits, key(rpm=3), NOON, 0, 0), Grant)
    assert isinstance(admit(limits, key(rpm=3), NOON, 0, 0), Denied)
    assert isinstance(admit(limits, key(rpm=4), NOON, 0, 0), Grant)
    assert isinstance(admit(limits, key(rpm=2), NOON, 0, 0), Denied)


@pytest.mark.covers("GWY-98")
def test_an_image_call_counts_as_many_images_as_it_asks_for():
    limits, painter = Limits(), key(ipm=5)
    assert isinstance(admit(limits, painter, NOON, 0, 4), Grant)
    assert admit(limits, painter, NOON, 0, 2).limit is Limit.IPM
    assert isinstance(admit(limits, painter, NOON, 0, 1), Grant)


def test_a_refused_call_counts_nothing():
    limits = Limits()
    admit(limits, key(tpm=10), NOON, 10, 0)
    for _ in range(5):
        assert isinstance(admit(limits, key(tpm=10, rpm=2), NOON, 5, 0), Denied)
    assert limits.used(key(), Limit.RPM, NOON) == 1


@given(st.floats(1.6e9, 1.9e9))
def test_calendar_windows_end_on_whole_minutes_and_days(now):
    assert end_of_minute(now) % 60 == 0
    assert 0 < end_of_minute(now) - now <= 60
    assert 0 < end_of_day(now) - now <= 25 * 3600
    midnight = datetime.fromtimestamp(end_of_day(now))  # noqa: DTZ006
    assert (midnight.hour, midnight.minute, midnight.second) == (0, 0, 0)


def test_counters_survive_a_restart(tmp_path):
    file = tmp_path / "counters"
    before = Meters(file)
    asking = key(tpd=100, tokens_month=1000, rpm=9)
    admit(Limits(before), asking, NOON, 1).settle(NOON, 70)
    held = admit(Limits(before), asking, NOON, 25)
    assert isinstance(held, Grant)  # and this process is killed before it is settled
    after = Limits(Meters(file))
    assert after.used(asking, Limit.TPD, NOON) == 70
    assert after.used(asking, Limit.TOKENS_MONTH, NOON + 86400) == 70
    assert after.used(asking, Limit.TPD, NOON + 86400) == 0
    assert after.used(asking, Limit.RPM, NOON) == 2


def test_a_file_that_is_no_counters_is_begun_anew(tmp_path):
    file = tmp_path / "counters"
    file.write_bytes(b"x" * 5000)
    assert Limits(Meters(file)).used(key(), Limit.RPM, NOON) == 0


def test_sums_are_right_again_after_a_death_in_the_middle_of_a_change(tmp_path):
    file = tmp_path / "counters"
    dying = Meters(file)
    admit(Limits(dying), key(rpm=10), NOON)
    with dying:
        at, words = dying.page("sg-1", NOON) + meters.REQUESTS, dying.words
        words[at + 2 + words[at] % 121] += 3  # and it dies here, before the sum
        words[meters._BUSY] = 1
        dying._map_of_file.flush()
        copy = file.read_bytes()
    (tmp_path / "torn").write_bytes(copy)
    assert Limits(Meters(tmp_path / "torn")).used(key(), Limit.RPM, NOON) == 4


def test_processes_count_together_and_more_names_than_fit_at_first(tmp_path):
    stores = [Meters(tmp_path / "counters", process=i, processes=3) for i in range(3)]
    sharing = [Limits(store) for store in stores]
    grants = [admit(sharing[i % 3], key(tpm=100), NOON, 10) for i in range(50)]
    assert sum(isinstance(grant, Grant) for grant in grants) == 10
    for grant in grants[:3]:
        grant.settle(NOON, 1)
    assert [one.used(key(), Limit.TPM, NOON) for one in sharing] == [73, 73, 73]
    for number in range(300):  # the file grows under the others
        other = replace(key(rpm=5), id=f"key-{number}", meter=f"other-{number}")
        for one in sharing:
            admit(one, other, NOON)
        assert {one.used(other, Limit.RPM, NOON) for one in sharing} == {3}
    again = Meters(tmp_path / "counters", process=1, processes=3)  # 1 was killed
    assert Limits(again).used(key(), Limit.TPM, NOON) == 3 + 10 * 7 - _held(grants, 1)


def _held(grants: list, process: int) -> int:
    """What a process still held, of those not settled."""
    return sum(
        10 for i, g in enumerate(grants) if i >= 3 and isinstance(g, Grant) and i % 3 == process
    )


@pytest.mark.covers("GWY-97")
def test_a_model_is_limited_over_all_keys():
    limits, small = Limits(), model(limits=((Limit.RPM, 3), (Limit.TPM, 50), (Limit.IPM, 4)))
    keys = [replace(key(), id=f"key-{i}", meter=f"sg-{i}") for i in range(5)]
    answers = [limits.admit(one, small, NOON, Need(1)) for one in keys]
    assert [isinstance(a, Grant) for a in answers] == [True] * 3 + [False] * 2
    assert (answers[3].scope, answers[3].limit) == (Scope.MODEL, Limit.RPM)
    later = limits.admit(keys[0], small, NOON + 120, Need(50))
    assert later.limit is Limit.TPM  # three calls hold one token each
    for answer in answers[:3]:
        answer.settle(NOON + 120, 0)
    assert isinstance(limits.admit(keys[0], small, NOON + 120, Need(50)), Grant)
    assert limits.admit(keys[1], small, NOON + 120, Need(0, 5)).limit is Limit.IPM


def test_a_keys_limit_is_told_before_its_models():
    limits, small = Limits(), model(limits=((Limit.RPM, 0),), free_tokens=0)
    assert limits.admit(key(rpm=0), small, NOON, Need(1)).scope is Scope.KEY
    assert limits.admit(key(rpm=1), small, NOON, Need(1)).scope is Scope.MODEL
    assert limits.admit(key(rpm=1), model(free_tokens=0), NOON, Need(1)).scope is Scope.FREE
    assert limits.used(key(), Limit.RPM, NOON) == 0


@pytest.mark.covers("GWY-99")
def test_a_free_trial_is_for_a_tenant_and_a_model_and_serves_the_call_that_crosses_it():
    limits, trial = Limits(), model(free_tokens=100)
    ann, bob = replace(key(), tenant="pr-a"), replace(key(), id="k2", meter="sg-2", tenant="pr-b")
    limits.admit(ann, trial, NOON, Need(1)).settle(NOON, 99)
    crossing = limits.admit(ann, trial, NOON, Need(500))
    assert isinstance(crossing, Grant)
    assert isinstance(limits.admit(ann, trial, NOON, Need(1)), Denied)  # while it is under way
    crossing.settle(NOON, 700)
    denied = limits.admit(ann, trial, NOON + 10**8, Need(1))
    assert (denied.scope, denied.allowed, denied.retry_after_s) == (Scope.FREE, 100, 0)
    assert isinstance(limits.admit(bob, trial, NOON, Need(1)), Grant)
    assert isinstance(limits.admit(ann, replace(trial, id="ms-2"), NOON, Need(1)), Grant)
    assert isinstance(limits.admit(ann, model(free_tokens=10_000), NOON, Need(1)), Grant)


def test_budgets_of_money_and_of_months():
    limits = Limits()
    rules = Rules(prompt_price=2_000_000, completion_price=8_000_000, image_price=40_000)
    assert rules.cost(100, 50, 2) == 100 * 2 + 50 * 8 + 80_000
    assert Rules(prompt_price=1).cost(1, 0, 0) == 1  # rounded up
    buyer = key(cost_day=1000, cost_month=1500)
    limits.admit(buyer, None, NOON, Need(10, 0, 600)).settle(NOON, 10, 900)
    denied = limits.admit(buyer, None, NOON, Need(10, 0, 200))
    assert (denied.limit, denied.retry_after_s) == (Limit.COST_DAY, 14 * 3600)
    assert isinstance(limits.admit(buyer, None, NOON, Need(10, 0, 100)), Grant)
    tomorrow = NOON + 86_400
    assert limits.admit(buyer, None, tomorrow, Need(10, 0, 600)).limit is Limit.COST_MONTH
    april = datetime(2026, 4, 1).timestamp()  # noqa: DTZ001
    assert end_of_month(NOON) == april
    # The hundred of the call that never ended are still held.
    assert isinstance(limits.admit(buyer, None, april, Need(10, 0, 900)), Grant)


def test_calls_at_once():
    limits = Limits()
    running = [admit(limits, key(concurrency=2), NOON) for _ in range(3)]
    assert running[2] == Denied(Scope.KEY, Limit.CONCURRENCY, 2, 1)
    running[0].settle(NOON, 0)
    assert isinstance(admit(limits, key(concurrency=2), NOON), Grant)


def test_headers_say_what_is_left_when_a_call_was_let_in():
    limits, small = Limits(), model(limits=((Limit.RPM, 5),))
    granted = limits.admit(key(rpm=3, tpm=100), small, NOON, Need(10))
    assert granted.lines == b"".join(
        b"x-ratelimit-limit-%b: %d\r\nx-ratelimit-remaining-%b: %d\r\n" % (name, limit, name, left)
        for name, limit, left in (
            (b"requests", 3, 2),
            (b"tokens", 100, 90),
            (b"model-requests", 5, 4),
        )
    )
    assert limits.lines(key(rpm=3, tpm=100), small, NOON) == granted.lines


def test_a_service_takes_so_many_requests_a_second():
    limits = Limits()
    assert [limits.admit_to_service("ms-1", NOON, 3) for _ in range(5)] == [2, 1, 0, -1, -1]
    assert limits.admit_to_service("ms-1", NOON + 1.06, 3) == 2
