"""What an engine must do. Every engine passes the same contract suite (`tests/compute/engines`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from slipway.compute.steps import Observed


@dataclass(frozen=True, slots=True)
class Launchable:
    """One instance, ready to start; `spec` is the instance spec of ARCHITECTURE.md."""

    instance_id: str
    spec: dict[str, Any]


class CannotStart(Exception):
    """The engine was reached and refused; the sentence is for the user. Anything else is retried."""


class Engine(Protocol):
    async def open(self, on_exit: Callable[[str], None]) -> None:
        """Connect; from now on call `on_exit(instance_id)` when an instance seen alive ends."""

    async def close(self) -> None:
        """Let go. Instances go on."""

    async def start(self, launch: Launchable) -> None:
        """Start it. Starting twice runs once. Raises CannotStart."""

    def observe(self, instance_id: str) -> Observed:
        """What is true now, from what the instance left on disk and from the machine itself."""

    def stop(self, instance_id: str, *, at_once: bool = False) -> None:
        """Ask it to end: gracefully, or at once. Harmless when it is not there."""

    def list_alive(self) -> list[str]:
        """Ids of every instance of this platform that is alive on the engine, known or not."""

    def forget(self, instance_id: str) -> None:
        """Delete what an ended instance left (log, metrics, samples)."""

    def directory(self, instance_id: str) -> Path:
        """Where its log, metrics and samples are."""
