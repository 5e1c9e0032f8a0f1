"""What a runner leaves on disk, read back: see ARCHITECTURE.md, "Seam: instance directory"."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from slipway.compute.lifecycle.steps import Alive, Gone


def read_json(path: Path) -> dict[str, Any] | None:
    """None where there is no file, or nothing whole in it."""
    try:
        data: dict[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return data


def alive(runner: dict[str, Any]) -> Alive:
    return Alive(
        _time(runner["started_at"]),
        bool(runner["namespace"]),
        tuple(runner.get("notes", ())),
        began=_began(runner),
    )


def gone(ended: dict[str, Any], runner: dict[str, Any] | None) -> Gone:
    return Gone(
        exit_code=ended["exit_code"], signal=ended["signal"], reason=ended["reason"], ended_at=_time(ended["ended_at"]),
        started_at=_time(runner["started_at"]) if runner else None,
        namespace=bool(runner["namespace"]) if runner else None,
        notes=tuple(runner.get("notes", ())) if runner else (), began=runner is not None and _began(runner),
        fault=ended.get("fault"), node_lost=bool(ended.get("node_lost")),
    )  # fmt: skip


def lost(runner: dict[str, Any], *, reason: str, at: datetime) -> Gone:
    """It was seen alive and can have ended only badly."""
    return Gone(None, None, reason, at, _time(runner["started_at"]), runner["namespace"])


def _began(runner: dict[str, Any]) -> bool:
    return "command_pid" in runner or not runner.get("prelude")


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
