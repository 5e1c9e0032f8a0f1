"""What to do about the replicas of a version: a pure function of what is wanted and what is there.

Worked examples are in the catalogue, "Rolling update". Repeating a plan that was carried out leads
to an empty one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from slipway.base.errors import Invalid

_SHARE = re.compile(r"(\d{1,4})(%?)")


@dataclass(frozen=True, slots=True)
class Share:
    """A number of replicas, or a percentage of the expected ones."""

    amount: int
    percent: bool

    @classmethod
    def parse(cls, text: str, *, field: str) -> Share:
        match = _SHARE.fullmatch(text.strip())
        if match is None or (match[2] and int(match[1]) > 100):
            raise Invalid(
                f"{field} is a percentage from 0% to 100%, or a number of replicas; got {text!r}.",
                field=field,
            )
        return cls(int(match[1]), bool(match[2]))


@dataclass(frozen=True, slots=True)
class Bounds:
    """During an update: at most `most` replicas exist, at least `fewest` of them are ready."""

    surge: int
    unavailable: int
    most: int
    fewest: int


def bounds(expected: int, max_surge: str, max_unavailable: str) -> Bounds:
    """Surge is rounded up and unavailable down; if both are 0, one may be unavailable."""
    up = Share.parse(max_surge, field="max_surge")
    down = Share.parse(max_unavailable, field="max_unavailable")
    surge = math.ceil(up.amount * expected / 100) if up.percent else up.amount
    unavailable = down.amount * expected // 100 if down.percent else down.amount
    unavailable = min(unavailable, expected)
    if surge == 0 and unavailable == 0:
        unavailable = min(1, expected)
    return Bounds(surge, unavailable, expected + surge, max(0, expected - unavailable))


def check_shares(max_surge: str, max_unavailable: str) -> None:
    up = Share.parse(max_surge, field="max_surge")
    down = Share.parse(max_unavailable, field="max_unavailable")
    if up.amount == 0 and down.amount == 0:
        raise Invalid(
            "MaxSurge and MaxUnavailable cannot both be 0: an update could not replace anything.",
            field="max_unavailable",
        )


@dataclass(frozen=True, slots=True)
class Seen:
    """A replica that has not ended, as the plan sees it. The sequence is oldest first."""

    id: str
    outdated: bool
    ready: bool  # takes requests
    leaving: bool  # on its way out already


@dataclass(frozen=True, slots=True)
class Plan:
    create: int = 0
    stop: tuple[str, ...] = ()


def plan(expected: int, limits: Bounds, replicas: Sequence[Seen]) -> Plan:
    """How many to create, and which to stop."""
    staying = [r for r in replicas if not r.leaving]
    if expected == 0:
        return Plan(0, tuple(r.id for r in staying))
    current = [r for r in staying if not r.outdated]
    outdated = [r for r in staying if r.outdated]
    # What is on its way out still holds its resources, so it counts among those that exist.
    create = min(expected - len(current), limits.most - len(replicas))
    surplus = _newest_first(current)[: max(0, len(current) - expected)]
    return Plan(max(0, create), tuple(r.id for r in (*surplus, *_spare(outdated, staying, limits))))


def _newest_first(current: Sequence[Seen]) -> list[Seen]:
    """Which to give up first when there are too many: those not ready, then the newest."""
    newest_first = current[::-1]
    return sorted(newest_first, key=lambda r: r.ready)


def _spare(outdated: Sequence[Seen], staying: Sequence[Seen], limits: Bounds) -> list[Seen]:
    """Outdated ones that can go now without too few being left ready, oldest first."""
    spare = max(0, sum(r.ready for r in staying) - limits.fewest)
    unready = [r for r in outdated if not r.ready]
    return [*unready, *[r for r in outdated if r.ready][:spare]]
