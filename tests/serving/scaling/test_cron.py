"""The grammar of scaling times, held against an evaluator that knows no cron."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.base.errors import Invalid
from slipway.serving.scaling.cron import parse_exception, parse_time

MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]


def days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [d for n in range(366) if (d := first + timedelta(days=n)).year == year]


def skipped(text: str, year: int = 2026) -> set[date]:
    cron = parse_exception(text, field="exceptions")
    return {day for day in days_of(year) if cron.matches(day)}


@pytest.mark.covers("SRV-46")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("* * * * * SAT,SUN", {d for d in days_of(2026) if d.weekday() >= 5}),
        ("* * * 1-3 1 *", {date(2026, 1, d) for d in (1, 2, 3)}),
        ("* * * 25,26 DEC *", {date(2026, 12, d) for d in (25, 26)}),
        ("* * * 1 JAN-MAR *", {date(2026, m, 1) for m in (1, 2, 3)}),
        ("* * * * 8 1-5", {d for d in days_of(2026) if d.month == 8 and d.weekday() < 5}),
        ("* * * 31 * *", {date(2026, m, 31) for m in (1, 3, 5, 7, 8, 10, 12)}),
        ("* * * 13 * FRI", {d for d in days_of(2026) if d.day == 13 or d.weekday() == 4}),
        ("0 30 9 24 12 *", {date(2026, 12, 24)}),
        ("*** 1-7 10 *", {date(2026, 10, d) for d in range(1, 8)}),
        ("* * * 1-3,10,20-21 feb *", {date(2026, 2, d) for d in (1, 2, 3, 10, 20, 21)}),
        ("*\t*  * * * sun", {d for d in days_of(2026) if d.weekday() == 6}),
    ],
)
def test_the_catalogues_examples(text: str, expected: set[date]) -> None:
    assert skipped(text) == expected


def test_a_time_of_day_is_taken_and_said_to_have_no_effect() -> None:
    assert parse_exception("0 30 9 24 12 *", field="e").time_ignored
    assert not parse_exception("* * * 24 12 *", field="e").time_ignored
    assert not parse_exception("*** 24 12 *", field="e").time_ignored


@pytest.mark.covers("SRV-46")
@pytest.mark.parametrize(
    "text",
    [
        "* * * 0 1 *", "* * * 32 * *", "* * * * 13 *", "* * * * * 7", "* * * 7-1 * *",
        "* * * */2 * *", "* * * 1 2", "", "*", "*** *** * *", "* * * 1,,2 * *", "* * * 1- * *",
        "* * * -1 * *", "* * * ? * *", "* * * L * *", "* * * 1W * *", "* * * * * MON#1",
        "* * * JAN * *", "* * * * MON *", "* * * * * JAN", "* * * ² * *", "* * * ١ * *",
        "* * * *-3 * *", "* * * * * 5L", "* * * * * * *", "* * * SAT-SUN * *", "* * * * * SAT-SUN",
    ],
)  # fmt: skip
def test_what_is_no_exception_is_refused_with_its_field(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_exception(text, field="scaling.rules.0.exceptions.1")
    assert refused.value.details["field"] == "scaling.rules.0.exceptions.1"


def field(first: int, last: int, names: list[str]) -> st.SearchStrategy[tuple[str, set[int]]]:
    """A field's text, written in any of the ways there are, with the values it stands for."""

    def name(value: int) -> st.SearchStrategy[str]:
        ways = [str(value)]
        if names:
            ways += [names[value - first], names[value - first].lower()]
        return st.sampled_from(ways)

    value = st.integers(first, last)
    single = value.flatmap(lambda v: st.tuples(name(v), st.just({v})))
    span = (
        st.tuples(value, value)
        .map(sorted)
        .flatmap(
            lambda ab: st.tuples(
                st.tuples(name(ab[0]), name(ab[1])).map("-".join),
                st.just(set(range(ab[0], ab[1] + 1))),
            )
        )
    )
    several = st.lists(st.one_of(single, span), min_size=1, max_size=4).map(
        lambda parts: (",".join(t for t, _ in parts), set().union(*(v for _, v in parts)))
    )
    return st.one_of(st.just(("*", set(range(first, last + 1)))), several)


@pytest.mark.covers("SRV-46")
@given(
    field(1, 31, []), field(1, 12, MONTHS), field(0, 6, WEEKDAYS),
    st.dates(date(2020, 1, 1), date(2040, 12, 31)),
)  # fmt: skip
def test_any_exception_matches_the_days_that_its_fields_name(
    day: tuple[str, set[int]],
    month: tuple[str, set[int]],
    weekday: tuple[str, set[int]],
    on: date,
) -> None:
    cron = parse_exception(f"* * * {day[0]} {month[0]} {weekday[0]}", field="e")
    in_day, in_weekday = on.day in day[1], (on.weekday() + 1) % 7 in weekday[1]
    both = day[0] != "*" and weekday[0] != "*"
    expected = on.month in month[1] and (
        (in_day or in_weekday) if both else (in_day and in_weekday)
    )
    assert cron.matches(on) is expected


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    for parse in (parse_exception, parse_time):
        try:
            parse(text, field="f")
        except Invalid as refused:
            assert refused.details["field"] == "f"


WORDS = st.text(alphabet="0123456789*,-/?LW#JANMOSFRI", min_size=1, max_size=5)


@given(st.lists(WORDS, min_size=3, max_size=3))
def test_what_is_read_has_fields_in_their_ranges(words: list[str]) -> None:
    try:
        cron = parse_exception(f"* * * {' '.join(words)}", field="f")
    except Invalid:
        return
    for values, low, high in (
        (cron.days.day, 1, 31), (cron.days.month, 1, 12), (cron.days.weekday, 0, 6),
    ):  # fmt: skip
        assert values is None or (values and min(values) >= low and max(values) <= high)


def test_a_rules_time_has_minutes_and_hours() -> None:
    cron = parse_time("0,30 8-10 * * mon-fri", field="time")
    assert (cron.minutes, cron.hours) == ((0, 30), (8, 9, 10))
    assert cron.days.matches(date(2026, 1, 5))
    assert not cron.days.matches(date(2026, 1, 4))
    for wrong in ("60 8 * * *", "0 24 * * *", "0 8 * *", "0 0 8 * * *", "*/5 * * * *"):
        with pytest.raises(Invalid):
            parse_time(wrong, field="time")
