"""Calendar minutes, days and months in the platform's time zone, which is the process's own."""

from datetime import date, datetime, timedelta

MINUTE_S = 60.0


def end_of_minute(now: float) -> float:
    return (now // MINUTE_S + 1) * MINUTE_S


def end_of_day(now: float) -> float:
    return _midnight(_day(now) + timedelta(days=1))


def end_of_month(now: float) -> float:
    first = _day(now).replace(day=1)
    return _midnight((first + timedelta(days=32)).replace(day=1))


class Calendar:
    """Numbers of the present day and month; reading the calendar anew once a day is enough."""

    __slots__ = ("_from", "_until", "day", "month")

    def __init__(self) -> None:
        self._from = self._until = 0.0
        self.day = self.month = 0

    def turn_to(self, now: float) -> None:
        if self._from <= now < self._until:
            return
        today = _day(now)
        self._from, self._until = _midnight(today), _midnight(today + timedelta(days=1))
        self.day, self.month = today.toordinal(), today.year * 12 + today.month


def _day(now: float) -> date:
    return datetime.fromtimestamp(now).astimezone().date()


def _midnight(day: date) -> float:
    return datetime.combine(day, datetime.min.time()).astimezone().timestamp()
