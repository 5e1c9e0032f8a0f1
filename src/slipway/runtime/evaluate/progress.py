"""`progress.json`: how far the evaluation is, for whoever watches."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from slipway.runtime.evaluate.journal import write_atomically

PROGRESS_FILE = "progress.json"
_SHORTEST_PAUSE_S = 0.5


class State(StrEnum):
    WAITING = "waiting"
    EVALUATING = "evaluating"
    COMPLETED = "completed"


@dataclass(slots=True)
class Step:
    """One model on one set."""

    model: str
    set: str
    total: int
    done: int = 0
    failed: int = 0
    state: State = State.WAITING
    started_at: str | None = None
    ended_at: str | None = None
    run_time_s: float = 0.0  # over all starts of the program


class Progress:
    """Counts and writes. The estimate is by proportion of the items done in this start."""

    def __init__(
        self, directory: Path, steps: list[Step], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._path = directory / PROGRESS_FILE
        self._clock = clock
        self._began = clock()
        self._written = float("-inf")
        self._running: tuple[Step, float] | None = None
        self.steps = steps
        self._elapsed_before = self._recall()
        self._done_before = 0

    def begin(self, step: Step, already_done: int) -> None:
        step.done = already_done
        self._done_before += already_done
        step.state = State.EVALUATING
        step.started_at = step.started_at or _now()
        step.ended_at = None
        self._running = (step, self._clock() - step.run_time_s)
        self.write()

    def count(self, step: Step, *, failed: bool) -> None:
        step.done += 1
        step.failed += failed
        if self._clock() - self._written >= _SHORTEST_PAUSE_S:
            self.write()

    def finish(self, step: Step) -> None:
        self._time_running()
        self._running = None
        step.state = State.COMPLETED
        step.ended_at = _now()
        self.write()

    def write(self) -> None:
        self._written = self._clock()
        self._time_running()
        text = json.dumps(self._described(), ensure_ascii=False, indent=1)
        write_atomically(self._path, text)

    def _time_running(self) -> None:
        if self._running:
            step, zero = self._running
            step.run_time_s = self._clock() - zero

    def _described(self) -> dict[str, Any]:
        done, total = (sum(getattr(s, name) for s in self.steps) for name in ("done", "total"))
        return {
            "state": self._state(),
            "done": done,
            "total": total,
            "percent": 100.0 * done / total if total else 100.0,
            "elapsed_s": self._elapsed_before + self._clock() - self._began,
            "eta_s": self._eta_s(done, total),
            "updated_at": _now(),
            "steps": [asdict(step) for step in self.steps],
        }

    def _state(self) -> State:
        states = {step.state for step in self.steps}
        return State.COMPLETED if states == {State.COMPLETED} else State.EVALUATING

    def _eta_s(self, done: int, total: int) -> float | None:
        new = done - self._done_before
        return None if new <= 0 else (total - done) * (self._clock() - self._began) / new

    def _recall(self) -> float:
        """Take over times from an earlier start that did not come to its end."""
        try:
            earlier = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return 0.0
        times = {(e["model"], e["set"]): e for e in earlier["steps"]}
        for step in self.steps:
            if known := times.get((step.model, step.set)):
                step.run_time_s = known["run_time_s"]
                step.started_at = known["started_at"]
        return float(earlier["elapsed_s"])


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
