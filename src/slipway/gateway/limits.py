"""Windows and meters: how much a key or a service has used, and whether one more call fits.

Reserve, then settle: a call is admitted against what is settled plus what calls in flight have
reserved, so parallel callers cannot slip through together. `Limits` is the one door to all
counters; several gateway processes would put a shared store behind it and change nothing else.

Two kinds of keys count differently. A service group's AppKey counts a minute as the last 60
seconds and a call must fit with its prompt's estimate. A single service's own key counts calendar
minutes and days, and a call passes while anything is left, so the last one may overshoot.
"""

import math
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from slipway.gateway.state import Key, Limit

MINUTE_S = 60.0


class Window(Protocol):
    """A sum over a stretch of time. Times are Unix seconds and are handed in."""

    def used(self, now: float) -> int: ...

    def add(self, now: float, amount: int) -> None: ...

    def wait_s(self, now: float, room: int) -> float:
        """Seconds until at most `room` is in use (infinity never happens: windows end)."""


class SlidingWindow:
    """What was added in the last `span_s` seconds.

    Kept in slices, not per call, so memory does not grow with traffic. A slice counts until its
    youngest possible entry is out: never too generous, at most one slice too strict.
    """

    __slots__ = ("_count", "_slice_s", "_slices", "_total")

    def __init__(self, span_s: float, slices: int = 600) -> None:
        self._slice_s = span_s / slices
        self._count = slices
        self._slices: deque[list[int]] = deque()  # [number of the slice, amount]
        self._total = 0

    def used(self, now: float) -> int:
        slices = self._slices
        if slices:
            current = int(now / self._slice_s)
            while slices and slices[0][0] + self._count < current:
                self._total -= slices.popleft()[1]
            # The clock was set back: what seems to come from the future would count for ever.
            while slices and slices[-1][0] > current + 1:
                self._total -= slices.pop()[1]
        return self._total

    def add(self, now: float, amount: int) -> None:
        self.used(now)
        current = int(now / self._slice_s)
        if self._slices and self._slices[-1][0] >= current:
            self._slices[-1][1] += amount
        else:
            self._slices.append([current, amount])
        self._total += amount

    def wait_s(self, now: float, room: int) -> float:
        left = self.used(now)
        for number, amount in self._slices:
            if left <= room:
                break
            left -= amount
            free_at = (number + self._count + 1) * self._slice_s
            if left <= room:
                return max(0.0, free_at - now)
        return 0.0


class CalendarWindow:
    """What was added since the calendar minute or day began."""

    __slots__ = ("_end_of", "_ends_at", "_total")

    def __init__(self, end_of: Callable[[float], float]) -> None:
        self._end_of = end_of
        self._ends_at = 0.0
        self._total = 0

    def used(self, now: float) -> int:
        if now >= self._ends_at:
            self._ends_at = self._end_of(now)
            self._total = 0
        return self._total

    def add(self, now: float, amount: int) -> None:
        self.used(now)
        self._total += amount

    def wait_s(self, now: float, room: int) -> float:
        return self._ends_at - now if self.used(now) > room else 0.0

    def dump(self) -> tuple[float, int]:
        return self._ends_at, self._total

    def restore(self, ends_at: float, total: int) -> None:
        self._ends_at, self._total = ends_at, total


def end_of_minute(now: float) -> float:
    return (now // MINUTE_S + 1) * MINUTE_S


def end_of_day(now: float) -> float:
    """Midnight in the platform's time zone, which is the process's own."""
    today = datetime.fromtimestamp(now).astimezone().date()
    midnight = datetime.combine(today + timedelta(days=1), datetime.min.time())
    return midnight.astimezone().timestamp()


@dataclass(frozen=True, slots=True)
class Denied:
    """Which limit a call ran into, and when to come back."""

    limit: Limit
    allowed: int
    retry_after_s: int


class KeyMeter:
    """All counters of one key. `reserved` are the tokens of calls in flight."""

    __slots__ = ("day_tokens", "images", "minute_tokens", "requests", "reserved", "windows")

    def __init__(self, minute_tokens: Window) -> None:
        self.minute_tokens = minute_tokens
        self.day_tokens = CalendarWindow(end_of_day)
        self.requests = SlidingWindow(MINUTE_S)
        self.images = SlidingWindow(MINUTE_S)
        self.reserved = 0
        self.windows: dict[Limit, Window] = {
            Limit.RPM: self.requests,
            Limit.TPM: self.minute_tokens,
            Limit.TPD: self.day_tokens,
            Limit.IPM: self.images,
        }


@dataclass(slots=True)
class Grant:
    """An admitted call: what it holds until it is settled."""

    meter: KeyMeter
    reserved: int

    def settle(self, now: float, tokens: int) -> None:
        """Gives the reservation back and books what was really used. Done once."""
        self.meter.reserved -= self.reserved
        self.reserved = 0
        if tokens:
            self.meter.minute_tokens.add(now, tokens)
            self.meter.day_tokens.add(now, tokens)


class Limits:
    """Every counter of this process, by key and by service."""

    def __init__(self) -> None:
        self._meters: dict[str, KeyMeter] = {}
        self._services: dict[str, SlidingWindow] = {}

    def admit(self, key: Key, now: float, tokens: int, images: int) -> Grant | Denied:
        """Counts a call of a key in, or says which limit it would break (and counts nothing)."""
        meter = self.meter(key)
        # A service's own key asks only whether anything is left; an AppKey's call must fit.
        ask = tokens if key.group is not None else min(tokens, 1)
        for limit, allowed in key.limits:
            wanted, reserved = 1, 0
            if limit is Limit.TPM or limit is Limit.TPD:
                wanted, reserved = ask, meter.reserved
            elif limit is Limit.IPM:
                wanted = images
            window = meter.windows[limit]
            if not wanted or window.used(now) + reserved + wanted <= allowed:
                continue
            wait_s = window.wait_s(now, max(0, allowed - wanted - reserved))
            return Denied(limit, allowed, max(1, math.ceil(wait_s)))
        meter.requests.add(now, 1)
        if images:
            meter.images.add(now, images)
        meter.reserved += tokens
        return Grant(meter, tokens)

    def admit_to_service(self, service_id: str, now: float, qps: int) -> int:
        """Counts a call in if the service takes one more this second.

        Returns how many more would fit now, or -1 if this one did not.
        """
        window = self._services.get(service_id)
        if window is None:
            window = self._services[service_id] = SlidingWindow(1.0, slices=50)
        left = qps - window.used(now)
        if left <= 0:
            return -1
        window.add(now, 1)
        return left - 1

    def meter(self, key: Key) -> KeyMeter:
        meter = self._meters.get(key.id)
        if meter is None:
            minute = CalendarWindow(end_of_minute) if key.group is None else SlidingWindow(MINUTE_S)
            meter = self._meters[key.id] = KeyMeter(minute)
        return meter

    def forget_all_but(self, keys: Mapping[str, Key], services: Mapping[str, object]) -> None:
        """Drops the counters of what no longer exists."""
        self._meters = {k: m for k, m in self._meters.items() if k in keys or m.reserved}
        self._services = {s: w for s, w in self._services.items() if s in services}

    def dump_days(self) -> dict[str, tuple[float, int]]:
        """The day counters, the only ones worth keeping over a restart."""
        days = {key_id: meter.day_tokens.dump() for key_id, meter in self._meters.items()}
        return {key_id: day for key_id, day in days.items() if day[1]}

    def restore_days(self, days: Mapping[str, tuple[float, int]], keys: Mapping[str, Key]) -> None:
        for key_id, (ends_at, total) in days.items():
            if key_id in keys:
                self.meter(keys[key_id]).day_tokens.restore(float(ends_at), int(total))

    def remaining(self, key: Key, now: float) -> list[tuple[bytes, int, int]]:
        """(name, limit, what is left) for each limit that the key has, as headers call them."""
        if not key.limits:
            return []
        meter = self.meter(key)
        found = []
        for limit, allowed in key.limits:
            used = meter.windows[limit].used(now)
            if limit is Limit.TPM or limit is Limit.TPD:
                used += meter.reserved
            found.append((_HEADER_NAMES[limit], allowed, max(0, allowed - used)))
        return found


_HEADER_NAMES = {
    Limit.RPM: b"requests",
    Limit.TPM: b"tokens",
    Limit.TPD: b"tokens-day",
    Limit.IPM: b"images",
}
