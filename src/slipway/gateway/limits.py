"""How much a key, a model or a tenant has used, and whether one more call fits.

Reserve, then settle: a call is admitted against what is settled plus what calls in flight have
reserved, so parallel callers cannot slip through together, whichever process they come to. `Limits`
is the one door to all counters; where they are kept is in `meters.py`.

Two kinds of keys count differently. A service group's AppKey counts a minute as the last 60
seconds and a call must fit with its prompt's estimate. A single service's own key counts calendar
minutes and days, and a call passes while anything is left, so the last one may overshoot. Limits of
a model count like an AppKey's. A free trial serves the call that crosses its line.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum, IntEnum
from typing import Protocol

from slipway.gateway import meters
from slipway.gateway.meters import MINUTE_SLICES, SECOND_SLICES, Meters
from slipway.gateway.periods import MINUTE_S, Calendar, end_of_day, end_of_minute, end_of_month
from slipway.gateway.state import Bounds, Key, Limit, Service

MAX_FOUND = 20_000
SLICE_S = MINUTE_S / MINUTE_SLICES


class Scope(Enum):
    """Whose limit it is."""

    KEY = "key"
    MODEL = "model"
    FREE = "free"
    BUSY = "busy"  # a service's calls at once, over several processes


@dataclass(frozen=True, slots=True)
class Counted:
    """Counters that a call counts into, by name, and the limits that hold there. own: of a
    service's own key."""

    name: str
    scope: Scope
    bounds: Bounds
    own: bool = False


def counted(key: Key | None, service: Service | None, *, several: bool) -> Iterator[Counted]:
    """In the order of checks. several: other processes serve the same services."""
    if key is not None:
        yield Counted(key.meter, Scope.KEY, key.limits, own=key.group is None)
    if service is None:
        return
    rules = service.rules
    if rules.limits:
        yield Counted(service.id, Scope.MODEL, rules.limits)
    if rules.free_tokens is not None and key is not None:
        name = f"free:{key.tenant or service.project}:{service.id}"
        yield Counted(name, Scope.FREE, ((Limit.FREE, rules.free_tokens),))
    most = service.concurrency_per_replica
    if most is not None and service.replica_count and several:
        # The router of each process sees its own calls only.
        at_once = ((Limit.CONCURRENCY, most * service.replica_count),)
        yield Counted(f"busy:{service.id}", Scope.BUSY, at_once)


class Need:
    """What a call wants, as far as it is known before it is made. `cost` is in millionths."""

    __slots__ = ("amounts", "cost", "images", "tokens")

    def __init__(self, tokens: int = 0, images: int = 0, cost: int = 0) -> None:
        self.tokens = tokens
        self.images = images
        self.cost = cost
        self.amounts = (1, tokens, images, cost)

    @property
    def least(self) -> tuple[int, int, int, int]:
        """Where it is enough that something is left."""
        return 1, min(self.tokens, 1), self.images, min(self.cost, 1)


@dataclass(frozen=True, slots=True)
class Denied:
    """Which limit a call ran into, and when to come back (0: no use)."""

    scope: Scope
    limit: Limit
    allowed: int
    retry_after_s: int


class Held(Protocol):
    """An admitted call, wherever it is counted. `lines`: what was left then, as header lines."""

    @property
    def lines(self) -> bytes: ...

    def settle(self, now: float, tokens: int, cost: int = 0) -> None:
        """Gives the reservation back and books what was really used. Done once."""


class Grant:
    """An admitted call: what it holds until it is settled, and what was left then as header
    lines."""

    __slots__ = ("_limits", "_meters", "_need", "lines")

    def __init__(
        self, limits: "Limits", found: tuple["_Meter", ...], need: Need, lines: bytes
    ) -> None:
        self._limits = limits
        self._meters = found
        self._need = need
        self.lines = lines

    def settle(self, now: float, tokens: int, cost: int = 0) -> None:
        """Gives the reservation back and books what was really used. Done once."""
        found, self._meters = self._meters, ()
        self._limits.settle(found, self._need, now, tokens, cost)


class Limits:
    """Every counter, by key, by model and by tenant of a model."""

    def __init__(self, store: Meters | None = None, *, several: bool = False) -> None:
        """several: other gateways serve the same services, on this machine or elsewhere."""
        self._store = store or Meters()
        self._several = several or self._store.processes > 1
        self._calendar = Calendar()
        self._found: dict[
            tuple[str | None, str | None], tuple[Key | None, Service | None, tuple[_Meter, ...]]
        ] = {}

    def admit(
        self, key: Key | None, service: Service | None, now: float, need: Need
    ) -> Grant | Denied:
        """Counts a call in, or says which limit it would break first (and counts nothing)."""
        with self._store:
            return self._admit(self._meters(key, service, now), now, need)

    def admit_to(self, places: tuple[Counted, ...], now: float, need: Need) -> Grant | Denied:
        """The same for a caller that has looked up itself what it counts into."""
        with self._store:
            return self._admit(tuple(self._place(one, now) for one in places), now, need)

    def book(self, places: tuple[Counted, ...], now: float, tokens: int, cost: int) -> None:
        """What a call has used whose reservation is gone already."""
        with self._store:
            found = tuple(self._place(one, now) for one in places)
            self._book(self._store.words, found, now, tokens, cost)

    def _admit(self, found: tuple["_Meter", ...], now: float, need: Need) -> Grant | Denied:
        lines = b""
        self._calendar.turn_to(now)
        current = int(now / SLICE_S)
        words = self._store.words  # only now: looking up may have moved them
        for meter in found:
            amounts = need.amounts if meter.fits else need.least
            for check in meter.checks:
                wanted = amounts[check.wants]
                left = check.allowed - self._used(words, check, now, current) - wanted
                if left < 0 and wanted:
                    return self._denied(words, meter, check, wanted, now)
                if check.lines:
                    lines += b"%b%d\r\n" % (check.lines, left if left > 0 else 0)
        process = self._store.process
        for meter in found:
            page = meter.page
            meters.add_to_window(words, page + meters.REQUESTS, MINUTE_SLICES, current, 1)
            words[page + meters.HELD_CALLS + process] += 1
            if need.images:
                meters.add_to_window(
                    words, page + meters.IMAGES, MINUTE_SLICES, current, need.images
                )
            if need.tokens:
                words[page + meters.HELD_TOKENS + process] += need.tokens
            if need.cost:
                words[page + meters.HELD_COST + process] += need.cost
        return Grant(self, found, need, lines)

    def settle(
        self, found: tuple["_Meter", ...], need: Need, now: float, tokens: int, cost: int
    ) -> None:
        """See `Grant.settle`."""
        process = self._store.process
        with self._store:
            words = self._store.words
            for meter in found:
                page = meter.page
                words[page + meters.HELD_CALLS + process] -= 1
                if need.tokens:
                    words[page + meters.HELD_TOKENS + process] -= need.tokens
                if need.cost:
                    words[page + meters.HELD_COST + process] -= need.cost
            if tokens or cost:
                self._book(words, found, now, tokens, cost)

    def admit_to_service(self, service_id: str, now: float, qps: int) -> int:
        """Counts a call in if the service takes one more this second.

        Returns how many more would fit now, or -1 if this one did not.
        """
        with self._store:
            at, words = self._store.page(service_id, now) + meters.SECOND, self._store.words
            current = int(now * SECOND_SLICES)
            left = qps - meters.slide(words, at, SECOND_SLICES, current)
            if left > 0:
                meters.add_to_window(words, at, SECOND_SLICES, current, 1)
            return max(left, 0) - 1

    def lines(self, key: Key, service: Service | None, now: float) -> bytes:
        """What is left now as header lines, for a call that was not admitted."""
        with self._store:
            self._calendar.turn_to(now)
            found = self._meters(key, service, now)
            words, current = self._store.words, int(now / SLICE_S)
            return b"".join(
                b"%b%d\r\n"
                % (check.lines, max(0, check.allowed - self._used(words, check, now, current)))
                for meter in found
                for check in meter.checks
                if check.lines
            )

    def used(self, key: Key, limit: Limit, now: float) -> int:
        """What a key has used of a limit, and holds."""
        asking = replace(key, limits=((limit, 0),))
        with self._store:
            self._calendar.turn_to(now)
            (meter,) = self._look_up(asking, None, now)
            return self._used(self._store.words, meter.checks[0], now, int(now / SLICE_S))

    def forget(self) -> None:
        """The routing table changed: who is checked by what is looked up anew."""
        self._found.clear()

    def flush(self) -> None:
        """Counters to the disk. Blocks."""
        self._store.flush()

    # -- inside a turn

    def _meters(self, key: Key | None, service: Service | None, now: float) -> tuple["_Meter", ...]:
        """In the order of checks. Remembered, since a key calls few services."""
        asked = (None if key is None else key.id, None if service is None else service.id)
        known = self._found.get(asked)
        if known is not None and known[0] is key and known[1] is service:
            return known[2]
        if len(self._found) >= MAX_FOUND:
            self._found.clear()
        found = tuple(self._look_up(key, service, now))
        self._found[asked] = key, service, found
        return found

    def _look_up(self, key: Key | None, service: Service | None, now: float) -> Iterator["_Meter"]:
        for one in counted(key, service, several=self._several):
            yield self._place(one, now)

    def _place(self, one: Counted, now: float) -> "_Meter":
        return _meter(self._store.page(one.name, now), one.scope, one.bounds, own=one.own)

    def _used(self, words: memoryview, check: "_Check", now: float, current: int) -> int:
        """What is settled and what calls in flight hold."""
        at, kind = check.at, check.kind
        if kind is _SLIDING:  # by far the most
            used = meters.slide(words, at, MINUTE_SLICES, current)
        elif kind is _Kind.EVER:
            used = words[at + 1]
        elif kind is _Kind.NOW:
            used = 0
        else:
            used = meters.calendar(words, at, self._period(kind, now))
        if check.held_at:
            used += self._held(words, check.held_at)
        return used

    def _period(self, kind: "_Kind", now: float) -> int:
        if kind is _Kind.MINUTE:
            return int(now // MINUTE_S)
        return self._calendar.day if kind is _Kind.DAY else self._calendar.month

    def _held(self, words: memoryview, at: int) -> int:
        if self._store.processes == 1:
            return words[at]
        return sum(words[at : at + self._store.processes])

    def _book(
        self, words: memoryview, found: tuple["_Meter", ...], now: float, tokens: int, cost: int
    ) -> None:
        self._calendar.turn_to(now)
        for meter in found:
            page = meter.page
            if tokens:
                self._book_tokens(words, meter, now, tokens)
            if cost:
                meters.add(words, page + meters.DAY_COST, self._calendar.day, cost)
                meters.add(words, page + meters.MONTH_COST, self._calendar.month, cost)

    def _book_tokens(self, words: memoryview, meter: "_Meter", now: float, tokens: int) -> None:
        page = meter.page
        if meter.own:
            meters.add(words, page + meters.MINUTE_TOKENS, int(now // MINUTE_S), tokens)
        else:
            at = page + meters.TOKENS
            meters.add_to_window(words, at, MINUTE_SLICES, int(now / SLICE_S), tokens)
        meters.add(words, page + meters.DAY_TOKENS, self._calendar.day, tokens)
        meters.add(words, page + meters.MONTH_TOKENS, self._calendar.month, tokens)
        words[page + meters.EVER_TOKENS + 1] += tokens

    def _denied(
        self, words: memoryview, meter: "_Meter", check: "_Check", wanted: int, now: float
    ) -> Denied:
        held = self._held(words, check.held_at) if check.held_at else 0
        wait_s = self._wait_s(words, check, max(0, check.allowed - wanted - held), now)
        again = 0 if check.kind is _Kind.EVER else max(1, math.ceil(wait_s))
        return Denied(meter.scope, check.limit, check.allowed, again)

    def _wait_s(self, words: memoryview, check: "_Check", room: int, now: float) -> float:
        """Seconds until at most `room` is in use, should nothing more come."""
        match check.kind:
            case _Kind.SLIDING:
                at = meters.slices_until(words, check.at, MINUTE_SLICES, room)
                return at * SLICE_S - now
            case _Kind.MINUTE:
                return end_of_minute(now) - now
            case _Kind.DAY:
                return end_of_day(now) - now
            case _Kind.MONTH:
                return end_of_month(now) - now
            case _:
                return 0


# -- what is checked where, worked out once for each key and service


class _Kind(IntEnum):
    """How a counter forgets."""

    SLIDING = 0
    MINUTE = 1
    DAY = 2
    MONTH = 3
    EVER = 4
    NOW = 5


@dataclass(frozen=True, slots=True)
class _Check:
    """One limit: its counter's place, the place of what is held, and what of a call it wants (an
    index of `Need.amounts`). lines: its headers up to the number that is left; none where it shows
    none."""

    limit: Limit
    allowed: int
    kind: _Kind
    at: int
    held_at: int
    wants: int
    lines: bytes


@dataclass(frozen=True, slots=True)
class _Meter:
    """One page. fits: a call must fit, not only find something left. own: of a service's key."""

    page: int
    scope: Scope
    checks: tuple[_Check, ...]
    fits: bool
    own: bool


_SLIDING = _Kind.SLIDING
_ONE, _TOKENS, _IMAGES, _COST = range(4)
# kind, counter, what is held, what is wanted, header
_PLACES: dict[Limit, tuple[_Kind, int, int, int, bytes]] = {
    Limit.RPM: (_Kind.SLIDING, meters.REQUESTS, 0, _ONE, b"requests"),
    Limit.TPM: (_Kind.SLIDING, meters.TOKENS, meters.HELD_TOKENS, _TOKENS, b"tokens"),
    Limit.TPD: (_Kind.DAY, meters.DAY_TOKENS, meters.HELD_TOKENS, _TOKENS, b"tokens-day"),
    Limit.IPM: (_Kind.SLIDING, meters.IMAGES, 0, _IMAGES, b"images"),
    Limit.CONCURRENCY: (_Kind.NOW, 0, meters.HELD_CALLS, _ONE, b"concurrency"),
    Limit.TOKENS_MONTH: (
        _Kind.MONTH, meters.MONTH_TOKENS, meters.HELD_TOKENS, _TOKENS, b"tokens-month",
    ),
    Limit.COST_DAY: (_Kind.DAY, meters.DAY_COST, meters.HELD_COST, _COST, b""),
    Limit.COST_MONTH: (_Kind.MONTH, meters.MONTH_COST, meters.HELD_COST, _COST, b""),
    Limit.FREE: (_Kind.EVER, meters.EVER_TOKENS, meters.HELD_TOKENS, _TOKENS, b"free-tokens"),
}  # fmt: skip
_HEADER_PREFIX = {Scope.KEY: b"", Scope.MODEL: b"model-", Scope.FREE: b"", Scope.BUSY: b""}


def _meter(page: int, scope: Scope, bounds: Bounds, *, own: bool = False) -> _Meter:
    checks = []
    for limit, allowed in bounds:
        kind, at, held, wants, header = _PLACES[limit]
        if own and limit is Limit.TPM:
            kind, at = _Kind.MINUTE, meters.MINUTE_TOKENS
        name = _HEADER_PREFIX[scope] + header if header and scope is not Scope.BUSY else b""
        shown = b"x-ratelimit-limit-%b: %d\r\nx-ratelimit-remaining-%b: " % (name, allowed, name)
        checks.append(
            _Check(
                limit,
                allowed,
                kind,
                page + at,
                page + held if held else 0,
                wants,
                shown if name else b"",
            )
        )
    fits = not own and scope is not Scope.FREE
    return _Meter(page, scope, tuple(checks), fits, own)
