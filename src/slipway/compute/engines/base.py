"""What an engine must do. Every engine passes the same contract suite (`tests/compute/engines`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from slipway.compute.lifecycle.steps import Observed
from slipway.compute.types import Card


@dataclass(frozen=True, slots=True)
class Launchable:
    """One instance, ready to start; `spec` is the instance spec of ARCHITECTURE.md."""

    instance_id: str
    spec: dict[str, Any]
    engine_node: str = ""  # where, in the engine's own word


@dataclass(frozen=True, slots=True)
class SeenNode:
    """A machine the engine reaches now. `engine_node` stays the same while the machine stays joined."""

    engine_node: str
    name: str
    host: str
    cpu_cores: float
    memory_bytes: int
    gpus: tuple[Card, ...] = ()
    info: dict[str, Any] = field(default_factory=dict)


class CannotStart(Exception):
    """The engine was reached and refused; the sentence is for the user. Anything else is retried."""


class NoShell(Exception):
    """The engine cannot open a shell there; the sentence is for the user."""


class EngineAway(Exception):
    """The engine does not answer. Nothing is known, so nothing may be concluded from it."""


class Shell(Protocol):
    """A terminal inside an instance. `namespace`: it sees the paths that the command sees."""

    namespace: bool

    async def read(self) -> bytes:
        """What was written since; b"" when the shell has ended."""

    async def write(self, typed: bytes) -> None: ...

    async def resize(self, columns: int, rows: int) -> None: ...

    async def exit_code(self) -> int | None:
        """How it ended, once `read` has said so; 128 and the signal's number where that ended it."""

    async def close(self) -> None:
        """End it with everything that was started in it."""


class Engine(Protocol):
    async def open(self, on_exit: Callable[[str], None]) -> None:
        """Connect; from now on call `on_exit(instance_id)` when an instance seen alive ends."""

    async def close(self) -> None:
        """Let go. Instances go on."""

    async def start(self, launch: Launchable) -> None:
        """Start it. Starting twice runs once. Raises CannotStart."""

    def observe(self, instance_id: str) -> Observed:
        """What is true now, from what the instance left on disk and from the machine itself."""

    def watches(self, instance_id: str) -> bool:
        """Whether its end is certain to be told by `on_exit`, so that nobody has to look for it."""

    def stop(self, instance_id: str, *, at_once: bool = False) -> None:
        """Ask it to end: gracefully, or at once. Harmless when it is not there."""

    async def open_shell(self, instance_id: str, columns: int, rows: int) -> Shell:
        """A shell inside a running instance; it ends with the instance. Raises NoShell."""

    async def list_nodes(self) -> list[SeenNode]:
        """Every machine it reaches now. Raises EngineAway when that cannot be known."""

    def list_alive(self) -> list[str]:
        """Ids of every instance of this platform that is alive on the engine, known or not."""

    def follows(self, instance_id: str) -> bool:
        """Whether what it writes arrives here now; if not, its silence says nothing."""

    def can_bind(self, engine_node: str, port: int) -> bool:
        """Whether nobody listens on that port there, as far as is known without asking."""

    def forget(self, instance_id: str) -> None:
        """Delete what an ended instance left (log, metrics, samples)."""

    def directory(self, instance_id: str) -> Path:
        """Where its log, metrics and samples are."""
