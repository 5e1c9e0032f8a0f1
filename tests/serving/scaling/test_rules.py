"""When time rules fire: by the wall clock of a zone, whoever was awake then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.serving.scaling.rules import last_fired, next_fired
from slipway.serving.scaling.types import TimeRule

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


MORNING, EVENING = TimeRule("0 8 * * *", 2), TimeRule("0 20 * * *", 1)


@pytest.mark.covers("SRV-45")
def test_the_manuals_example() -> None:
    rules = (MORNING, EVENING)
    since = at("2026-03-01 21:00")
    assert last_fired(rules, since, at("2026-03-02 07:59"), UTC) is None
    morning = last_fired(rules, since, at("2026-03-02 08:00"), UTC)
    assert morning is not None
    assert (morning.at, morning.rule, morning.index) == (at("2026-03-02 08:00"), MORNING, 0)
    evening = last_fired(rules, morning.at, at("2026-03-05 20:30"), UTC)  # days later: the last
    assert evening is not None
    assert (evening.at, evening.rule) == (at("2026-03-05 20:00"), EVENING)
    assert last_fired(rules, evening.at, at("2026-03-06 07:00"), UTC) is None


@pytest.mark.covers("SRV-45")
def test_of_rules_in_one_minute_the_highest_holds() -> None:
    first, second = TimeRule("0 8 * * MON-FRI", 5), TimeRule("0 8 * * *", 1)
    monday, sunday = at("2026-03-02 08:00"), at("2026-03-01 08:00")
    for rules, expected in (((first, second), first), ((second, first), second)):
        fired = last_fired(rules, monday - timedelta(hours=1), monday, UTC)
        assert fired is not None
        assert fired.rule == expected
    fired = last_fired((first, second), sunday - timedelta(hours=1), sunday, UTC)
    assert fired is not None
    assert fired.rule == second


@pytest.mark.covers("SRV-46")
def test_a_rule_does_not_fire_on_the_days_of_its_exceptions() -> None:
    rule = TimeRule("0 8 * * *", 2, ("* * * * * SAT,SUN", "* * * 1-7 10 *"))
    friday, monday = at("2026-03-06 08:00"), at("2026-03-09 08:00")
    following = next_fired((rule,), friday, UTC)
    assert following is not None
    assert following.at == monday
    assert last_fired((rule,), friday, monday - timedelta(minutes=1), UTC) is None
    holidays = next_fired((rule,), at("2026-09-30 09:00"), UTC)
    assert holidays is not None
    assert holidays.at == at("2026-10-08 08:00")


@pytest.mark.covers("SRV-46")
def test_an_exception_of_a_higher_rule_lets_the_lower_one_fire() -> None:
    rules = (TimeRule("0 8 * * *", 9, ("* * * 2 3 *",)), TimeRule("0 8 * * *", 1))
    fired = last_fired(rules, at("2026-03-02 00:00"), at("2026-03-02 12:00"), UTC)
    assert fired is not None
    assert fired.rule.replicas == 1


def test_dates_are_those_of_the_platforms_zone() -> None:
    rule = TimeRule("30 7 * * *", 2, ("* * * * * SUN",))
    # 23:30 UTC on Saturday is 7:30 on Sunday in Shanghai.
    saturday = at("2026-03-07 23:30")
    assert last_fired((rule,), saturday - timedelta(minutes=5), saturday, SHANGHAI) is None
    sunday = at("2026-03-08 23:30")
    fired = last_fired((rule,), sunday - timedelta(minutes=5), sunday, SHANGHAI)
    assert fired is not None
    assert fired.at == sunday


def test_a_minute_that_the_clock_leaves_out_is_no_minute_and_one_it_repeats_is_one() -> None:
    rule = TimeRule("30 2 * * *", 2)
    spring = at("2026-03-29 00:00")
    found = next_fired((rule,), spring, BERLIN)
    assert found is not None
    assert found.at == at("2026-03-30 00:30")
    autumn = next_fired((rule,), at("2026-10-25 00:00"), BERLIN)
    assert autumn is not None
    again = next_fired((rule,), autumn.at, BERLIN)
    assert again is not None
    assert again.at - autumn.at > timedelta(hours=23)


def test_a_date_that_never_comes_is_none() -> None:
    assert next_fired((TimeRule("0 8 31 2 *", 1),), at("2026-01-01 00:00"), UTC) is None
    leap = next_fired((TimeRule("0 8 29 2 *", 1),), at("2097-01-01 00:00"), UTC)
    assert leap is not None
    assert leap.at == at("2104-02-29 08:00")


minutes = st.integers(0, 2 * 365 * 1440).map(
    lambda n: at("2025-01-01 00:00") + timedelta(minutes=n)
)
some_rules = st.lists(
    st.builds(
        lambda m, h, d, n: TimeRule(f"{m} {h} * * {d}", n),
        st.integers(0, 59), st.integers(0, 23), st.sampled_from(["*", "1-5", "0,6"]), st.integers(1, 9),
    ),
    min_size=1, max_size=4,
)  # fmt: skip


@given(some_rules, minutes, st.integers(1, 4000))
def test_looking_once_or_at_every_minute_finds_the_same(
    rules: list[TimeRule], since: datetime, length: int
) -> None:
    now = since + timedelta(minutes=length)
    forward, moment = None, since
    while (found := next_fired(rules, moment, UTC)) is not None and found.at <= now:
        forward, moment = found, found.at
    assert last_fired(rules, since, now, UTC) == forward
