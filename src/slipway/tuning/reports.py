"""What trials have reported of the metric, read from where it was left. Everything here blocks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from slipway.compute.output.metrics import values_from


@dataclass(slots=True)
class Reported:
    """`values`: one for each step that was reported, in order of arrival; a step that comes again
    (from another instance, or after a restart) is the same report. NaN: not a finite number."""

    values: list[float] = field(default_factory=list)
    last: float | None = None
    last_at: float = -math.inf
    _steps: set[int] = field(default_factory=set)
    _positions: dict[Path, int] = field(default_factory=dict)

    def read_on(self, paths: Iterable[Path], name: str) -> None:
        for path in paths:
            found, self._positions[path] = values_from(path, self._positions.get(path, 0), name)
            for value, time_s, step in found:
                if time_s >= self.last_at:
                    self.last, self.last_at = value, time_s
                if step is not None:
                    if step in self._steps:
                        continue
                    self._steps.add(step)
                self.values.append(value)


class Reports:
    """Of open trials, by the ids of their tasks. Lost with the process, and read again."""

    def __init__(self) -> None:
        self._known: dict[str, Reported] = {}

    def read(self, task_id: str, paths: Mapping[str, Path], name: str) -> Reported:
        known = self._known.setdefault(task_id, Reported())
        known.read_on(paths.values(), name)
        return known

    def keep_only(self, task_ids: Iterable[str]) -> None:
        kept = set(task_ids)
        self._known = {k: v for k, v in self._known.items() if k in kept}
