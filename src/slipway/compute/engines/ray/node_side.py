"""What a machine does for the platform: run instances, and say what changed. No Ray in here.

The instances run under the process engine of this machine, each with its own runner; on top of it,
`changes` hands out what the platform does not have yet, by byte offset. It remembers nothing of
what was handed out, so it does not matter which side died in between.
"""

from __future__ import annotations

import asyncio
import shutil
import socket
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from slipway.compute.engines.base import CannotStart, Launchable
from slipway.compute.engines.left import read_json
from slipway.compute.engines.process import ProcessEngine
from slipway.compute.engines.ray.folder_watch import FolderWatch
from slipway.compute.engines.ray.mirror import STREAMS
from slipway.compute.lifecycle.steps import Alive, Gone, NotStarted

OWN = "@instance/"  # in a mount: a place in the instance's own directory, which is on its machine
_PIECE_BYTES = 1 << 20
_ANSWER_BYTES = 4 << 20
_GATHER_S = 0.02  # what is printed within that time travels together
_KEPT_S = 7 * 86400.0  # an ended instance that no platform asked for


@dataclass(frozen=True, slots=True)
class Held:
    """What the platform has of one instance."""

    lengths: Mapping[str, int]
    started: bool = False  # it was told once that the runner is there
    runner_stamp: int = 0


@dataclass(slots=True)
class Change:
    """What is new of one instance. `exit` comes only with or after the last byte."""

    pieces: dict[str, bytes] = field(default_factory=dict)
    runner: dict[str, Any] | None = None
    runner_stamp: int = 0
    exit: dict[str, Any] | None = None
    missing: bool = False  # it was started here once, and nothing is left of it

    def __bool__(self) -> bool:
        return bool(self.pieces or self.runner or self.exit or self.missing)


@dataclass(frozen=True, slots=True)
class News:
    alive: tuple[str, ...]
    changes: dict[str, Change]


class NodeSide:
    def __init__(self, root: Path, marker: Path, platform: str) -> None:
        """`marker` is a file of the platform's home, which holds `platform` where it is shared."""
        self._root, self._marker, self._platform = root, marker, platform
        self._engine = ProcessEngine(root)
        self._delivered = root.parent / "delivered"  # a name for each instance that is over here
        self._starting: Counter[str] = Counter()
        self._alive: set[str] = set()
        self._dirty: set[str] = set()
        self._news = asyncio.Event()

    async def open(self) -> None:
        self._watch = FolderWatch(self._mark)
        await self._engine.open(self._ended)
        self._forget_abandoned()
        for instance_id in self._engine.list_alive():
            self._alive.add(instance_id)
            self._engine.observe(instance_id)  # from now on its end is noticed

    def directory(self, instance_id: str) -> Path:
        return self._engine.directory(instance_id)

    def shares_storage(self) -> bool:
        try:
            return self._marker.read_text().strip() == self._platform
        except OSError:
            return False

    async def start(self, instance_id: str, spec: dict[str, Any]) -> dict[str, Any] | None:
        """The runner's identity; None where it is over. Raises CannotStart.

        The platform repeats a start whose answer it lost, and by then the instance may have run,
        ended and been delivered: nothing of it is left but its name, and it must not run again.
        """
        if (self._delivered / instance_id).exists():
            return None
        self._starting[instance_id] += 1
        try:
            return await self._start(instance_id, spec)
        finally:
            self._starting[instance_id] -= 1
            if not self._starting[instance_id]:
                del self._starting[instance_id]
                if (self._delivered / instance_id).exists():
                    self._engine.forget(instance_id)

    async def _start(self, instance_id: str, spec: dict[str, Any]) -> dict[str, Any] | None:
        directory = self._engine.directory(instance_id)
        if not directory.exists():
            self._check(spec)
        await self._engine.start(Launchable(instance_id, self._placed(directory, spec)))
        if isinstance(self._engine.observe(instance_id), Alive):
            self._alive.add(instance_id)
        self._mark(instance_id)
        return read_json(directory / "runner.json")

    def stop(self, instance_id: str, *, at_once: bool) -> None:
        self._engine.stop(instance_id, at_once=at_once)

    def delivered(self, instance_id: str) -> None:
        """The platform has all of it: only its name stays here."""
        self._delivered.mkdir(exist_ok=True)
        (self._delivered / instance_id).touch()
        if instance_id not in self._starting:  # or a start that is under way would run it anew
            self._engine.forget(instance_id)

    def forget(self, instance_id: str) -> None:
        """Of one that still runs nothing is deleted: it is ended, so that it can be forgotten later."""
        (self._delivered / instance_id).unlink(missing_ok=True)
        if isinstance(self._engine.observe(instance_id), Alive):
            self._engine.stop(instance_id, at_once=True)
        else:
            self._engine.forget(instance_id)

    async def changes(
        self, held: Mapping[str, Held], known_alive: set[str] | None, wait_s: float
    ) -> News:
        """Waits until there is anything that the platform does not have, but not for ever."""
        self._watch.keep_only(set(held))
        look_at = set(held)
        try:
            async with asyncio.timeout(wait_s):
                while True:
                    self._news.clear()
                    found = self._look(held, look_at)
                    if found or self._alive != known_alive:
                        return News(tuple(sorted(self._alive)), found)
                    await self._news.wait()
                    await asyncio.sleep(_GATHER_S)
                    dirty, self._dirty = self._dirty, set()
                    if not dirty <= set(held):  # one was started after this was asked
                        return News(tuple(sorted(self._alive)), {})
                    look_at = dirty
        except TimeoutError:
            return News(tuple(sorted(self._alive)), {})

    def _look(self, held: Mapping[str, Held], names: set[str]) -> dict[str, Change]:
        found: dict[str, Change] = {}
        room = _ANSWER_BYTES
        for name in sorted(names):
            change = self._change_of(name, held[name], room)
            if change:
                found[name] = change
                room -= sum(map(len, change.pieces.values()))
        return found

    def _change_of(self, instance_id: str, held: Held, room: int) -> Change:
        directory = self._engine.directory(instance_id)
        # Watch, then look at the state, then at the bytes: so nothing falls between two looks.
        try:
            self._watch.add(instance_id, directory)
        except FileNotFoundError:
            return Change(missing=held.started)
        seen = self._engine.observe(instance_id)
        if isinstance(seen, NotStarted):
            return Change(missing=held.started)
        change = Change()
        stamp = _stamp(directory / "runner.json")
        if stamp != held.runner_stamp:
            change.runner, change.runner_stamp = read_json(directory / "runner.json"), stamp
        whole = True
        for stream in STREAMS:
            piece, more = _read(directory / stream, held.lengths.get(stream, 0), room)
            if piece:
                change.pieces[stream] = piece
                room -= len(piece)
            whole = whole and not more
        if isinstance(seen, Gone) and whole:
            change.exit = _exit_of(directory, seen)
        return change

    def _check(self, spec: Mapping[str, Any]) -> None:
        outside = [m for m in spec["mounts"] if not m["source"].startswith(OWN)]
        if outside and not self.shares_storage():
            raise CannotStart(
                f"could not be started: the machine {socket.gethostname()} does not see the platform's "
                f"storage at {self._marker.parent}. Mount that directory there at the same path"
            )
        python = spec["env"].get("SLIPWAY_PYTHON")
        if python and not Path(python).exists():
            raise CannotStart(
                f"could not be started: the machine {socket.gethostname()} has no {python}. "
                "Install Slipway there at the same path as the platform's"
            )
        for port in spec["ports"].values():
            if not can_bind(port):
                raise CannotStart(
                    f"could not be started: port {port} of {socket.gethostname()} was taken meanwhile"
                )

    def _placed(self, directory: Path, spec: dict[str, Any]) -> dict[str, Any]:
        """The specification with the paths of this machine; other instances' files are hidden."""
        mounts = [
            m | {"source": str(directory / m["source"].removeprefix(OWN))}
            if m["source"].startswith(OWN)
            else m
            for m in spec["mounts"]
        ]
        hidden = any(self._root.is_relative_to(place) for place in spec["hide"])
        own = [] if hidden else [str(self._root)]
        return spec | {"mounts": mounts, "hide": [*spec["hide"], *own]}

    def _ended(self, instance_id: str) -> None:
        self._alive.discard(instance_id)
        self._mark(instance_id)

    def _mark(self, instance_id: str) -> None:
        self._dirty.add(instance_id)
        self._news.set()

    def _forget_abandoned(self) -> None:
        before = time.time() - _KEPT_S
        for name in self._delivered.glob("*"):
            if name.stat().st_mtime < before:
                name.unlink()
        for ended in self._root.glob("*/exit.json"):
            if ended.stat().st_mtime < before:
                shutil.rmtree(ended.parent, ignore_errors=True)


def can_bind(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return True


def _read(path: Path, offset: int, room: int) -> tuple[bytes, bool]:
    """The next piece from `offset` on, and whether there is more behind it."""
    try:
        with path.open("rb") as file:
            file.seek(offset)
            piece = file.read(max(0, min(_PIECE_BYTES, room)))
            return piece, bool(file.read(1))
    except FileNotFoundError:
        return b"", False


def _stamp(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _exit_of(directory: Path, seen: Gone) -> dict[str, Any]:
    return read_json(directory / "exit.json") or {
        "exit_code": seen.exit_code, "signal": seen.signal, "oom": False, "stopped": False,
        "reason": seen.reason, "ended_at": seen.ended_at.isoformat(),
    }  # fmt: skip
