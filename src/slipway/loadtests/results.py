"""What the generator has written so far, in the room's words. Everything here blocks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_FAILED = "failed_"


def read_results(file: Path) -> dict[str, Any]:
    """Finished steps, and the figures of the last second of the one that runs.

    {"steps": [{"concurrency", "seconds", "requests", ..., "failures": {...}}], "live": {...} | None}
    """
    steps: list[dict[str, Any]] = []
    live: dict[str, Any] | None = None
    for line in _lines(file):
        metrics = line["metrics"]
        if "requests" in metrics:
            steps.append(_step(metrics))
            live = None
        else:
            live = {"step": line.get("step", 0), "time": line.get("t"), **metrics}
    return {"steps": steps, "live": live}


def _step(metrics: dict[str, Any]) -> dict[str, Any]:
    failures = {
        k.removeprefix(_FAILED): int(v) for k, v in metrics.items() if k.startswith(_FAILED)
    }
    plain = {k: v for k, v in metrics.items() if not k.startswith(_FAILED)}
    return plain | {"failures": failures}


def _lines(file: Path) -> list[dict[str, Any]]:
    """A last line that is only half there is left for the next look."""
    found = []
    try:
        text = file.read_text(encoding="utf-8")
    except OSError:
        return []
    for line in text.splitlines():
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict) and isinstance(value.get("metrics"), dict):
            found.append(value)
    return found
