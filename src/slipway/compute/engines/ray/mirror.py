"""The platform's own copy of an instance directory whose runner is on another machine.

The bridge writes it while the instance runs; the rooms read it like any other. Bytes are written
at the place they have in the original, so writing the same piece twice changes nothing, and the
length of a file says where to go on after a crash. `exit.json` comes last, when all else is here.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from slipway.base.clock import utc_now
from slipway.compute.engines.left import read_json

STREAMS = ("log", "metrics.jsonl", "samples.jsonl")
_PLACE = "engine.json"


class Mirror:
    def __init__(self, root: Path) -> None:
        self._root = root

    def directory(self, instance_id: str) -> Path:
        return self._root / instance_id

    def prepare(self, instance_id: str, engine_node: str) -> None:
        """The owner record on disk: which machine was asked to run it, written before it is asked."""
        self.directory(instance_id).mkdir(mode=0o700, parents=True, exist_ok=True)
        for stream in STREAMS:
            (self.directory(instance_id) / stream).touch(mode=0o640)
        self._replace(instance_id, _PLACE, {"engine": "ray", "node": engine_node})

    def unplace(self, instance_id: str) -> None:
        """The machine refused: nothing has to be followed there."""
        (self.directory(instance_id) / _PLACE).unlink(missing_ok=True)

    def node_of(self, instance_id: str) -> str | None:
        place = read_json(self.directory(instance_id) / _PLACE)
        return None if place is None else str(place["node"])

    def open_instances(self) -> Iterator[tuple[str, str]]:
        """Instance and machine of each that has not ended, as far as is known here."""
        if not self._root.is_dir():
            return
        for entry in os.scandir(self._root):
            if entry.is_dir() and not self.has_ended(entry.name):
                node = self.node_of(entry.name)
                if node is not None:
                    yield entry.name, node

    def has_ended(self, instance_id: str) -> bool:
        return (self.directory(instance_id) / "exit.json").exists()

    def has_started(self, instance_id: str) -> bool:
        return (self.directory(instance_id) / "runner.json").exists()

    def lengths(self, instance_id: str) -> dict[str, int]:
        return {name: self._length(instance_id, name) for name in STREAMS}

    def write(self, instance_id: str, stream: str, offset: int, data: bytes) -> None:
        path = self.directory(instance_id) / stream
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            while data:
                written = os.pwrite(fd, data, offset)
                data, offset = data[written:], offset + written
        finally:
            os.close(fd)

    def write_runner(self, instance_id: str, runner: Mapping[str, Any]) -> None:
        self._replace(instance_id, "runner.json", runner)

    def write_first_runner(self, instance_id: str, runner: Mapping[str, Any]) -> None:
        """What the start answered; what came since is newer and stays."""
        draft = self._draft(instance_id, "runner.json", runner)
        with contextlib.suppress(FileExistsError):
            os.link(draft, self.directory(instance_id) / "runner.json")
        draft.unlink()

    def write_exit(self, instance_id: str, ended: Mapping[str, Any]) -> None:
        self._replace(instance_id, "exit.json", ended)

    def write_lost(self, instance_id: str, reason: str, *, node_lost: bool = False) -> None:
        """It cannot have ended well, and nobody is left who could say how."""
        self.write_exit(
            instance_id,
            {
                "exit_code": None, "signal": None, "oom": False, "stopped": False,
                "reason": reason, "ended_at": utc_now().isoformat(), "node_lost": node_lost,
            },
        )  # fmt: skip

    def _length(self, instance_id: str, name: str) -> int:
        try:
            return (self.directory(instance_id) / name).stat().st_size
        except FileNotFoundError:
            return 0

    def _replace(self, instance_id: str, name: str, value: Mapping[str, Any]) -> None:
        self._draft(instance_id, name, value).rename(self.directory(instance_id) / name)

    def _draft(self, instance_id: str, name: str, value: Mapping[str, Any]) -> Path:
        """A file of its own, since two may be written at once; the original is deleted once it is here."""
        fd, path = tempfile.mkstemp(prefix=f".{name}.", dir=self.directory(instance_id))
        with os.fdopen(fd, "w") as file:
            file.write(json.dumps(value))
            file.flush()
            os.fsync(file.fileno())
        return Path(path)
