"""How many replicas the load asks for. Pure (catalogue, section "HPA")."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from slipway.serving.scaling.types import Hpa, ScalingMetric, Target

TOLERANCE = 0.10  # a deviation below this is none


@dataclass(frozen=True, slots=True)
class Asked:
    """What one metric asks for. `value` None: nothing was measured, so it asks for nothing."""

    target: Target
    value: float | None
    replicas: int | None


def asked_for(
    ready: int, targets: Sequence[Target], values: Mapping[ScalingMetric, float]
) -> list[Asked]:
    """`values` are means over `ready` replicas, in the unit of the metric's threshold."""
    found = []
    for target in targets:
        value = values.get(target.metric)
        wanted = None if value is None or ready == 0 else _wanted(ready, value, target.threshold)
        found.append(Asked(target, value, wanted))
    return found


def wished(current: int, asked: Sequence[Asked], hpa: Hpa) -> int:
    """The largest that any metric asks for, within the bounds.

    With a metric missing it never goes below `current`: what is not known may be high.
    """
    known = [one.replicas for one in asked if one.replicas is not None]
    wanted = max(known, default=current)
    if len(known) < len(asked):
        wanted = max(wanted, current)
    return max(hpa.min_replicas, min(hpa.max_replicas, wanted))


def _wanted(ready: int, value: float, threshold: float) -> int:
    ratio = value / threshold
    if abs(ratio - 1) < TOLERANCE:
        return ready
    # Rounded first: 3 x 0.7 / 0.7 is 3.0000000000000004, and asks for no fourth.
    return math.ceil(round(ready * ratio, 6))


@dataclass(slots=True)
class Window:
    """Wishes of late, so that a dip does not scale down nor a peak up before its window is over.

    A window that has not been watched for its whole length lets nothing through: after a restart
    nobody knows what was before.
    """

    started: float
    wishes: list[tuple[float, int]] = field(default_factory=list)  # (time, replicas), in order

    def steadied(self, now: float, current: int, wish: int, hpa: Hpa) -> int:
        """The count to have now. Times are seconds of any clock that only rises."""
        self.wishes.append((now, wish))
        longest = max(hpa.up_window_s, hpa.down_window_s)
        self.wishes = [(t, w) for t, w in self.wishes if t > now - longest or t == now]
        if wish > current and self._is_watched(now, hpa.up_window_s):
            return max(current, min(self._since(now, hpa.up_window_s)))
        if wish < current and self._is_watched(now, hpa.down_window_s):
            return min(current, max(self._since(now, hpa.down_window_s)))
        return current

    def _is_watched(self, now: float, window_s: int) -> bool:
        return now - self.started >= window_s

    def _since(self, now: float, window_s: int) -> list[int]:
        return [w for t, w in self.wishes if t > now - window_s or t == now]
