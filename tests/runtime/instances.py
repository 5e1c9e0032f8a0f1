"""Agents and instances for tests, and waiting for what they do."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

AGENT = [sys.executable, "-m", "slipway.runtime.agent"]


def wait_until(condition: Callable[[], Any], timeout_s: float = 60.0) -> Any:
    """The first true value of `condition`; fails the test when there is none in time."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.005)
    pytest.fail(f"waited {timeout_s} s in vain")


def is_running(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


class Instance:
    """An instance directory and what the runner has put there."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def finished(self, timeout_s: float = 60.0) -> dict[str, Any]:
        wait_until(lambda: (self.directory / "exit.json").exists(), timeout_s)
        return json.loads((self.directory / "exit.json").read_text())

    def running(self) -> dict[str, Any]:
        """runner.json, once the command runs."""

        def command_runs() -> dict[str, Any] | None:
            path = self.directory / "runner.json"
            value = json.loads(path.read_text()) if path.exists() else {}
            return value if "command_pid" in value else None

        return wait_until(command_runs)

    def log_lines(self, category: str = "C") -> list[str]:
        path = self.directory / "log"
        lines = path.read_bytes().decode().split("\n")[:-1] if path.exists() else []
        return [
            text for _, kind, text in (line.split(" ", 2) for line in lines) if kind == category
        ]

    def says(self, text: str, category: str = "C") -> str:
        """Wait for a log line that starts with `text` and return the rest of it."""

        def found() -> list[str]:
            return [line for line in self.log_lines(category) if line.startswith(text)]

        return wait_until(found)[0][len(text) :]

    def signal_runner(self, number: int) -> None:
        os.kill(self.running()["pid"], number)


class AgentProcess:
    def __init__(self, command: list[str], home: Path) -> None:
        self.home = home
        ours, theirs = socket.socketpair()
        self.process = subprocess.Popen(
            [*command, "--fd", str(theirs.fileno())], pass_fds=[theirs.fileno()]
        )
        theirs.close()
        self.socket = ours
        self._lines = ours.makefile("rwb")
        self._next_id = 0

    def send(self, message: bytes) -> dict[str, Any]:
        self._lines.write(message + b"\n")
        self._lines.flush()
        return json.loads(self._lines.readline())

    def start(self, directory: Path) -> dict[str, Any]:
        self._next_id += 1
        request = {"op": "start", "id": self._next_id, "dir": str(directory)}
        answer = self.send(json.dumps(request).encode())
        assert answer.pop("id") == self._next_id
        return answer

    def run(self, command: str | None = None, **spec: Any) -> Instance:
        """Write the spec of a new instance, start it, and expect that it starts."""
        instance = self.prepare(command, **spec)
        answer = self.start(instance.directory)
        assert answer["ok"], answer
        return instance

    def prepare(self, command: str | None = None, **spec: Any) -> Instance:
        directory = Path(tempfile.mkdtemp(prefix="in-", dir=self.home / "instances"))
        shutil.copystat(self.home, directory)
        os.chown(directory, self.home.stat().st_uid, self.home.stat().st_gid)
        full = {
            "instance_id": directory.name,
            "workload_id": "wl",
            "attempt": 1,
            "command": command,
            "argv": None,
            "env": {},
            "workdir": "/tmp",
            "mounts": [],
            "files": [],
            "hide": [],
            "ports": {},
            "limits": {},
            "gpus": [],
            "grace_s": 10,
            "pre_stop": None,
            "pre_start": None,
            "sample_interval_s": 5,
            "isolate": "auto",
            **spec,
        }
        (directory / "spec.json").write_text(json.dumps(full))
        return Instance(directory)

    def close(self) -> None:
        self._lines.close()
        self.socket.close()
