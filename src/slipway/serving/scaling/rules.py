"""Which time rule holds now, and when the next one fires. Pure; times are aware, in UTC."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from slipway.serving.scaling.cron import ExceptionCron, TimeCron, parse_exception, parse_time
from slipway.serving.scaling.types import TimeRule

_FIELD = "scaling.rules"
# Rules that name a date fire within a year; 29 February within eight.
_FARTHEST_DAYS = 8 * 366 + 1


@dataclass(frozen=True, slots=True)
class Fired:
    at: datetime  # the minute
    rule: TimeRule
    index: int  # in the list; 0 is the highest


@dataclass(frozen=True, slots=True)
class _Read:
    rule: TimeRule
    index: int
    time: TimeCron
    exceptions: tuple[ExceptionCron, ...]

    def holds_on(self, day: date) -> bool:
        return self.time.days.matches(day) and not any(e.matches(day) for e in self.exceptions)


def last_fired(
    rules: Sequence[TimeRule], since: datetime, now: datetime, zone: tzinfo | None
) -> Fired | None:
    """The rule that fired last in (since, now]; of several in one minute the highest in the list.

    `zone` None: the time zone of this machine. Level-triggered: it does not matter who was awake
    at that minute.
    """
    read, first = _read(rules), since.astimezone(zone).date()
    day = now.astimezone(zone).date()
    while day >= first:
        for fired in _of_day(read, day, zone, backwards=True):
            if since < fired.at <= now:
                return fired
        day -= timedelta(days=1)
    return None


def next_fired(rules: Sequence[TimeRule], now: datetime, zone: tzinfo | None) -> Fired | None:
    """The first one after `now`; None where no rule ever fires again."""
    read, day = _read(rules), now.astimezone(zone).date()
    for _ in range(_FARTHEST_DAYS):
        for fired in _of_day(read, day, zone, backwards=False):
            if fired.at > now:
                return fired
        day += timedelta(days=1)
    return None


def _read(rules: Sequence[TimeRule]) -> list[_Read]:
    return [
        _Read(
            rule, index, parse_time(rule.time, field=_FIELD),
            tuple(parse_exception(text, field=_FIELD) for text in rule.exceptions),
        )
        for index, rule in enumerate(rules)
    ]  # fmt: skip


def _of_day(
    rules: Sequence[_Read], day: date, zone: tzinfo | None, *, backwards: bool
) -> Iterator[Fired]:
    """What fires on a day, in order of time, one a minute."""
    holding = [rule for rule in rules if rule.holds_on(day)]
    found: dict[datetime, _Read] = {}
    for rule in reversed(holding):  # the highest comes last, and stays
        for hour in rule.time.hours:
            for minute in rule.time.minutes:
                moment = _moment(day, hour, minute, zone)
                if moment is not None:
                    found[moment] = rule
    for moment in sorted(found, reverse=backwards):
        rule = found[moment]
        yield Fired(moment, rule.rule, rule.index)


def _moment(day: date, hour: int, minute: int, zone: tzinfo | None) -> datetime | None:
    """That minute of the wall clock; None where a clock that is put forward leaves it out."""
    wall = datetime(day.year, day.month, day.day, hour, minute)  # noqa: DTZ001  a wall clock's
    moment = (wall.astimezone() if zone is None else wall.replace(tzinfo=zone)).astimezone(UTC)
    back = moment.astimezone(zone).replace(tzinfo=None)
    return moment if back == wall else None
