"""What an evaluation left on disk, in the room's words: results, and how far it is.

All functions block. `folder` is the evaluation's output; `models` are its models' names in order.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Collected:
    results: dict[str, Any]
    progress: dict[str, Any]
    complete: bool  # every model has results
    reasons: tuple[str, ...]  # of the models that failed


def collect(folder: Path, models: Sequence[str]) -> Collected:
    states = _states(folder, models)
    parts = [_results_of(folder, index, state) for index, state in enumerate(states)]
    return Collected(
        {"models": parts},
        read_progress(folder, models),
        bool(parts) and all(part["state"] == "completed" for part in parts),
        tuple(f"{p['name']}: {p['reason']}" for p in parts if p["state"] == "failed"),
    )


def read_progress(folder: Path, models: Sequence[str]) -> dict[str, Any]:
    """Percent, time used and left in seconds, and one step per deployment and per (model, set).

    The percentage is evaluated items / (models x items of the sets); the estimate is by
    proportion of items done (EVA-21).
    """
    steps: list[dict[str, Any]] = []
    done = items_of_sets = 0
    elapsed_s = 0.0
    for index, state in enumerate(_states(folder, models)):
        steps += _deployment(state)
        own = _read(folder / "models" / str(index) / "progress.json") or {}
        steps += [_evaluating(state["name"], step) for step in own.get("steps", [])]
        done += own.get("done", 0)
        items_of_sets = own.get("total", 0) or items_of_sets
        elapsed_s += own.get("elapsed_s", 0.0)
    total = items_of_sets * len(models)
    return {
        "percent": 100.0 * done / total if total else 0.0,
        "done": done, "total": total, "elapsed_s": elapsed_s,
        "eta_s": elapsed_s * (total - done) / done if done else None,
        "steps": steps,
    }  # fmt: skip


def _states(folder: Path, models: Sequence[str]) -> list[dict[str, Any]]:
    known = (_read(folder / "models.json") or {}).get("models", [])
    waiting = {"state": "waiting", "reason": "", "deployment": None}
    return [
        {**waiting, **(known[index] if index < len(known) else {}), "name": name}
        for index, name in enumerate(models)
    ]


def _results_of(folder: Path, index: int, state: dict[str, Any]) -> dict[str, Any]:
    content = _read(folder / "models" / str(index) / "results.json") or {}
    return {
        "index": index, "name": state["name"], "state": state["state"], "reason": state["reason"],
        "results": content.get("results", []), "settings": content.get("settings", {}),
        "backend": content.get("backend", {}), "ended_at": content.get("ended_at"),
    }  # fmt: skip


def _deployment(state: dict[str, Any]) -> list[dict[str, Any]]:
    deployment = state["deployment"]
    if deployment is None:
        return []
    return [_step("deployment", state["name"], None, deployment, 0, 0, 0)]


def _evaluating(model: str, step: dict[str, Any]) -> dict[str, Any]:
    counts = step["done"], step["total"], step["failed"]
    return _step("evaluation", model, step["set"], step, *counts)


def _step(
    kind: str,
    model: str,
    set_name: str | None,
    times: dict[str, Any],
    done: int,
    total: int,
    failed: int,
) -> dict[str, Any]:
    return {
        "kind": kind, "model": model, "set": set_name, "state": times["state"], "done": done,
        "total": total, "failed": failed, "percent": 100.0 * done / total if total else None,
        "started_at": times["started_at"], "ended_at": times["ended_at"],
    }  # fmt: skip


def _read(path: Path) -> dict[str, Any] | None:
    """None where the file is not there (yet), or is spoiled."""
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None
