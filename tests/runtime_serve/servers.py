"""Start a serving program as a user would, wait for it, and see that nothing stays behind."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

DEADLINE_S = 60
PREDICT = "/v1/models/m:predict"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Program:
    """A running server: its process group, its output, a client for it."""

    def __init__(self, process: subprocess.Popen, port: int, log: Path):
        self.process = process
        self.port = port
        self.log = log
        self.http = httpx.Client(
            base_url=f"http://127.0.0.1:{port}", timeout=DEADLINE_S, trust_env=False
        )

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def wait_ready(self, path: str = "/readyz") -> "Program":
        def ready() -> bool:
            assert self.process.poll() is None, self.output()
            with contextlib.suppress(httpx.TransportError):
                return self.http.get(path).status_code == 200
            return False

        wait_for(ready, f"{path} answers 200", self.output)
        return self

    def wait_exit(self) -> int:
        return self.process.wait(DEADLINE_S)

    def predict(self, body: object) -> httpx.Response:
        return self.http.post(PREDICT, json=body)

    def group(self) -> list[int]:
        """Ids of the living processes in the program's group."""
        return [pid for pid in _pids() if _group_of(pid) == self.process.pid]

    def children(self, text: str) -> list[int]:
        """Ids of the group's processes whose command line holds the text."""
        return [pid for pid in self.group() if text in _command_line(pid)]


def wait_for(condition, what: str, explain=lambda: "") -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, f"never: {what}\n{explain()}"
        time.sleep(0.02)


@contextlib.contextmanager
def running(
    arguments: list[str], port: int, directory: Path, env: dict[str, str] | None = None
) -> Iterator[Program]:
    """`python <arguments>` in a process group of its own; ended and checked at the end."""
    log = directory / f"server-{port}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=directory,
            env=os.environ | {"PYTHONUNBUFFERED": "1"} | (env or {}),
            start_new_session=True,
        )
    program = Program(process, port, log)
    try:
        yield program
    finally:
        program.http.close()
        if process.poll() is None:
            process.terminate()
        try:
            process.wait(15)
            wait_for(lambda: not program.group(), "all processes end", program.output)
        finally:
            for pid in program.group():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            process.wait(15)


def _pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _group_of(pid: int) -> int | None:
    """The process group, or None for one that has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else int(fields[2])


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except (FileNotFoundError, ProcessLookupError):
        return ""
