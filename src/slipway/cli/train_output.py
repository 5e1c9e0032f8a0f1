"""How `slipway train` shows one task, and what its end means for the exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from slipway.cli.output import show

if TYPE_CHECKING:
    from slipway.sdk.types import TaskView


def show_task(task: Any, as_json: bool) -> None:
    show(
        task, as_json, ("id", task.id), ("name", task.name), ("state", task.state), ("reason", task.reason),
        ("environment", task.environment), ("mode", task.mode), ("instances", task.instances),
        ("output", task.output), ("created", task.created_at),
    )  # fmt: skip


def finish(task: TaskView, as_json: bool) -> None:
    """Exit code 1 unless it completed."""
    show_task(task, as_json)
    if task.state != "Completed":
        raise typer.Exit(1)
