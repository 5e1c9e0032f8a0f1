"""What the demo shows while it runs, and what it leaves: a table and `summary.json`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


class DemoFailed(Exception):
    """The journey cannot go on; the text says why."""


@dataclass
class Step:
    name: str
    seconds: float = 0.0
    result: str = ""
    figures: dict[str, Any] = field(default_factory=dict)


class Report:
    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._began = time.monotonic()
        self._live = sys.stdout.isatty()
        self._last = ""

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        step = Step(name)
        self._say(f"{self._clock()}  {name} ...")
        began = time.monotonic()
        yield step
        step.seconds = round(time.monotonic() - began, 2)
        self.steps.append(step)
        self._say(f"{self._clock()}  {name}: {step.result} ({step.seconds:.1f} s)", over=True)

    def progress(self, text: str) -> None:
        """A line of what is going on; in a terminal it replaces the one before."""
        if text == self._last:
            return
        self._last = text
        if self._live:
            print(f"\r\033[K        {text[:110]}", end="", flush=True)
        else:
            print(f"        {text}", flush=True)

    def table(self) -> str:
        width = max(len(step.name) for step in self.steps)
        lines = [f"{'Step':<{width}}  {'Time':>8}  Result", "-" * (width + 40)]
        lines += [f"{s.name:<{width}}  {s.seconds:>6.1f} s  {s.result}" for s in self.steps]
        return "\n".join(
            [*lines, "-" * (width + 40), f"{'Total':<{width}}  {self.total_s:>6.1f} s"]
        )

    @property
    def total_s(self) -> float:
        return time.monotonic() - self._began

    def write(self, path: Path, **facts: Any) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        steps = [asdict(step) for step in self.steps]
        path.write_text(
            json.dumps({**facts, "total_s": round(self.total_s, 1), "steps": steps}, indent=2)
        )

    def _clock(self) -> str:
        return f"{self.total_s:6.1f}s"

    def _say(self, text: str, *, over: bool = False) -> None:
        print(f"\r\033[K{text}" if over and self._live else text, flush=True)
