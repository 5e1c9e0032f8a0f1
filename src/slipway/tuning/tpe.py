"""Bayesian search by tree-structured Parzen estimators (Bergstra et al. 2011, section 4).

The results so far are split into the good ones and the rest. Of each a density is kept for every
parameter on its own; candidates are drawn from that of the good ones, and the one is taken where it
exceeds the other the most. Trials that run still count among the rest, so that several at once do
not all try the same place.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from slipway.tuning.space import bounds, from_scale, to_scale
from slipway.tuning.types import (
    Direction,
    Parameter,
    ParameterKind,
    Point,
    SearchSpec,
    Value,
)

START = 8  # random trials before results are used
_CANDIDATES = 24
_GOOD, _MOST_GOOD = 0.15, 25  # the share of the results that counts as good


@dataclass(frozen=True, slots=True)
class Seen:
    point: Point
    value: float


def suggest_by_results(
    spec: SearchSpec, seen: Sequence[Seen], asked: Sequence[Point], rng: random.Random
) -> dict[str, Value] | None:
    """None: there are too few results yet. `asked`: every point so far, with and without a result."""
    if len(seen) < START:
        return None
    sign = 1 if spec.direction == Direction.MINIMIZE else -1
    ranked = [one.point for one in sorted(seen, key=lambda one: sign * one.value)]
    count = min(math.ceil(_GOOD * len(ranked)), _MOST_GOOD)
    good, others = ranked[:count], ranked[count:]
    ended = [one.point for one in seen]
    others += [point for point in asked if point not in ended]
    return {one.name: _best(one, good, others, rng) for one in spec.space}


def _best(
    one: Parameter, good: Sequence[Point], others: Sequence[Point], rng: random.Random
) -> Value:
    if one.kind == ParameterKind.CHOICE:
        return _best_choice(one, good, others, rng)
    low, high = bounds(one)
    if high <= low:
        return from_scale(one, low)
    near = _Density.of([to_scale(one, p[one.name]) for p in good], low, high)
    far = _Density.of([to_scale(one, p[one.name]) for p in others], low, high)
    drawn = [near.draw(rng) for _ in range(_CANDIDATES)]
    return from_scale(one, max(drawn, key=lambda at: near.log(at) - far.log(at)))


def _best_choice(
    one: Parameter, good: Sequence[Point], others: Sequence[Point], rng: random.Random
) -> Value:
    """Drawn, not taken: with few results the best value so far is often the best by chance."""
    near, far = _shares(one, good), _shares(one, others)
    weights = [n * n / f for n, f in zip(near, far, strict=True)]
    return rng.choices(one.values, weights=weights)[0]


def _shares(one: Parameter, points: Sequence[Point]) -> list[float]:
    """Counts with one more for every value, so that none is ever out of the question."""
    chosen = [p[one.name] for p in points]
    counts = [
        1 + sum(v is c or (type(v) is type(c) and v == c) for c in chosen) for v in one.values
    ]
    return [count / sum(counts) for count in counts]


@dataclass(frozen=True, slots=True)
class _Density:
    """A mixture of normal distributions cut off at the range, one at each result and a wide one."""

    low: float
    high: float
    centres: tuple[float, ...]
    widths: tuple[float, ...]

    @classmethod
    def of(cls, at: Sequence[float], low: float, high: float) -> _Density:
        """Each as wide as the larger gap to its neighbours, but never a needle."""
        span = high - low
        places = sorted(min(max(x, low), high) for x in at)
        least = span / min(100.0, 1.0 + len(places))
        widths = []
        for i, x in enumerate(places):
            left = x - places[i - 1] if i else 0.0
            right = places[i + 1] - x if i + 1 < len(places) else 0.0
            widths.append(min(max(left, right, least), span))
        return cls(low, high, (*places, (low + high) / 2), (*widths, span))

    def draw(self, rng: random.Random) -> float:
        which = rng.randrange(len(self.centres))
        for _ in range(100):
            at = rng.gauss(self.centres[which], self.widths[which])
            if self.low <= at <= self.high:
                return at
        return self.centres[which]

    def log(self, at: float) -> float:
        total = 0.0
        for centre, width in zip(self.centres, self.widths, strict=True):
            inside = _below((self.high - centre) / width) - _below((self.low - centre) / width)
            total += math.exp(-0.5 * ((at - centre) / width) ** 2) / (width * max(inside, 1e-12))
        return math.log(max(total / len(self.centres), 1e-300))


def _below(x: float) -> float:
    return 0.5 * (1 + math.erf(x / math.sqrt(2)))
