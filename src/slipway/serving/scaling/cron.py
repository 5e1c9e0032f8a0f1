"""Cron text: when a scaling rule fires (five fields), and the days on which it does not (six).

Both are dates and times of the platform's time zone. A field is `*`, a value, an ascending range
`a-b`, or a list of values and ranges. If both day and weekday are restricted, a date matches when
either does, as in classic cron.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from slipway.base.errors import Invalid

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_FOREIGN = re.compile(r"[/?#]|(?<![A-Z])[LW](?![A-Z])")
MAX_TEXT = 200


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    first: int
    last: int
    names: tuple[str, ...] = ()  # of the values from `first` on


_MINUTE, _HOUR = _Field("minute", 0, 59), _Field("hour", 0, 23)
_DAY, _MONTH = _Field("day", 1, 31), _Field("month", 1, 12, _MONTHS)
_WEEKDAY = _Field("weekday", 0, 6, _WEEKDAYS)


@dataclass(frozen=True, slots=True)
class Days:
    """The dates of the last three fields. None: every value."""

    day: frozenset[int] | None
    month: frozenset[int] | None
    weekday: frozenset[int] | None  # 0 is Sunday

    def matches(self, on: date) -> bool:
        if self.month is not None and on.month not in self.month:
            return False
        weekday = on.isoweekday() % 7
        if self.day is not None and self.weekday is not None:
            return on.day in self.day or weekday in self.weekday
        if self.day is not None:
            return on.day in self.day
        return self.weekday is None or weekday in self.weekday


@dataclass(frozen=True, slots=True)
class TimeCron:
    """`minute hour day month weekday`: the minutes at which a rule fires."""

    minutes: tuple[int, ...]  # ascending
    hours: tuple[int, ...]  # ascending
    days: Days


@dataclass(frozen=True, slots=True)
class ExceptionCron:
    """`second minute hour day month weekday`: the finest unit is a day, so three fields count."""

    days: Days
    time_ignored: bool  # a time of day was given, and has no effect

    def matches(self, on: date) -> bool:
        return self.days.matches(on)


def parse_time(text: str, *, field: str) -> TimeCron:
    """Raises Invalid, which names `field` and the part that is wrong."""
    words = text.split()
    if len(text) > MAX_TEXT or len(words) != 5:
        raise _wrong(
            text, field, "it needs five fields: minute, hour, day, month, weekday; for example "
            "'0 8 * * MON-FRI'"
        )  # fmt: skip
    minute, hour, *days = words
    return TimeCron(
        _all(_values(minute, _MINUTE, text, field), _MINUTE),
        _all(_values(hour, _HOUR, text, field), _HOUR),
        _days(days, text, field),
    )


def parse_exception(text: str, *, field: str) -> ExceptionCron:
    """Raises Invalid, which names `field` and the part that is wrong."""
    words = text.split()
    if words and words[0] == "***":  # how the manual prints three stars
        words = ["*", "*", "*", *words[1:]]
    if len(text) > MAX_TEXT or len(words) != 6:
        raise _wrong(
            text, field, "it needs six fields: second, minute, hour, day, month, weekday; for "
            "example '* * * * * SAT,SUN'"
        )  # fmt: skip
    return ExceptionCron(
        _days(words[3:], text, field), time_ignored=any(word != "*" for word in words[:3])
    )


def _days(words: list[str], text: str, field: str) -> Days:
    day, month, weekday = words
    return Days(
        _values(day, _DAY, text, field),
        _values(month, _MONTH, text, field),
        _values(weekday, _WEEKDAY, text, field),
    )


def _values(word: str, kind: _Field, text: str, field: str) -> frozenset[int] | None:
    if word == "*":
        return None
    upper = word.upper()
    if _FOREIGN.search(upper):
        raise _wrong(text, field, f"{word!r}: '/', '?', 'L', 'W' and '#' are not known here")
    found: set[int] = set()
    for part in upper.split(","):
        first, dash, last = part.partition("-")
        low = _value(first, kind, text, field)
        high = _value(last, kind, text, field) if dash else low
        if high < low:
            raise _wrong(text, field, f"the range {part!r} must ascend")
        found.update(range(low, high + 1))
    return frozenset(found)


def _value(word: str, kind: _Field, text: str, field: str) -> int:
    if word in kind.names:
        return kind.first + kind.names.index(word)
    # Not `isdigit`: it takes digits of other scripts, and superscripts.
    value = int(word) if re.fullmatch(r"[0-9]{1,3}", word) else None
    if value is None or not kind.first <= value <= kind.last:
        also = f" or {kind.names[0]} to {kind.names[-1]}" if kind.names else ""
        raise _wrong(
            text, field, f"{word!r} is no {kind.name}, which is {kind.first} to {kind.last}{also}"
        )
    return value


def _all(values: frozenset[int] | None, kind: _Field) -> tuple[int, ...]:
    return tuple(range(kind.first, kind.last + 1)) if values is None else tuple(sorted(values))


def _wrong(text: str, field: str, why: str) -> Invalid:
    return Invalid(f"The time {text[:MAX_TEXT]!r} cannot be read: {why}.", field=field)
