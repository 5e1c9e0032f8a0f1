"""When a workload last showed a sign of life: a log line, a metric, or a busy GPU (X5)."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

_TAIL_BYTES = 64 * 1024


def active_at(directories: Sequence[Path]) -> datetime | None:
    """The newest sign of all instances. Blocking, small: three stats and one tail an instance."""
    signs = [sign for directory in directories for sign in _signs(directory)]
    return datetime.fromtimestamp(max(signs), UTC) if signs else None


def _signs(directory: Path) -> list[float]:
    found = []
    for name in ("runner.json", "log", "metrics.jsonl"):
        try:
            found.append((directory / name).stat().st_mtime)
        except OSError:
            continue
    busy = _last_busy_gpu(directory / "samples.jsonl")
    return found if busy is None else [*found, busy]


def _last_busy_gpu(samples: Path) -> float | None:
    try:
        with samples.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL_BYTES))
            lines = file.read().splitlines()
    except OSError:
        return None
    for line in reversed(lines):
        try:
            sample = json.loads(line)
        except ValueError:
            continue  # the first line of the tail may be cut
        if any((gpu.get("util_pct") or 0) > 0 for gpu in sample.get("gpus", ())):
            return float(sample["t"])
    return None
