"""Start the processes of a model package and keep them until the end."""

from __future__ import annotations

import importlib.metadata
import logging
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mosec import Server
from mosec.runtime import RsRuntimeManager
from mosec.utils import get_mosec_path

from tiinfer.front import PREDICT_PATH
from tiinfer.processes import StageRuntime, end_with_parent
from tiinfer.stages import PackageError, Stage

logger = logging.getLogger("tiinfer")

# Where the package's format says that a server listens; a platform passes its own address.
ALL_INTERFACES = "0.0.0.0"  # noqa: S104

# Leaves 50 for mosec's folder and the name of a worker class.
MAX_TEMPORARY_CHARS = 57


@dataclass(frozen=True)
class Options:
    """What the command line decides."""

    address: str = ALL_INTERFACES
    port: int = 8501
    timeout_ms: int = 30000
    capacity: int = 1024
    log_level: str = "info"
    max_request_bytes: int = 10 * 1024 * 1024


class MosecProcess(RsRuntimeManager):
    """mosec's compiled front, ended with this process however that ends."""

    def start(self, config_path: Path) -> subprocess.Popen[bytes]:
        command = [str(mosec_program()), str(config_path)]
        self.process = subprocess.Popen(command, preexec_fn=end_with_parent)
        return self.process


class PackageServer(Server):
    """mosec's server behind our front; remembers why it ended.

    mosec reports success whatever happened. Here a signal means 0 and all else 1.
    """

    def __init__(self, options: Options, listener: socket.socket) -> None:
        self._options = options
        self._listener = listener
        self._upstream_port = _free_port()
        self.exit_code = 0
        sys.argv[1:] = _mosec_arguments(options, self._upstream_port)
        super().__init__()  # type: ignore[no-untyped-call]
        self._front: subprocess.Popen[bytes] | None = None

    def _start_rs_runtime(self) -> None:
        self._start_front()
        self._rs_runtime_manager = MosecProcess(self._options.timeout_ms)
        super()._start_rs_runtime()  # type: ignore[no-untyped-call]

    def _start_front(self) -> None:
        fd = self._listener.fileno()
        command = [sys.executable, "-m", "tiinfer.front", "--fd", str(fd)]
        command += ["--upstream", str(self._upstream_port)]
        self._front = subprocess.Popen(command, pass_fds=[fd], preexec_fn=end_with_parent)
        self._listener.close()
        self.register_daemon("front", self._front)

    def _terminate(self, signum: int, framestack: Any) -> None:
        # mosec passes a sentence instead of a frame where something failed.
        if isinstance(framestack, str) and not self._server_shutdown:
            self.exit_code = 1
            logger.error("stopping: %s", framestack)
        self._server_shutdown = True

    def _halt(self) -> None:
        """The front first, so that what is being answered gets its answer."""
        if self._front is not None:
            self._end_front(self._front)
        super()._halt()  # type: ignore[no-untyped-call]

    def _end_front(self, front: subprocess.Popen[bytes]) -> None:
        front.terminate()
        deadline = time.monotonic() + self._options.timeout_ms / 1000
        try:
            # Workers still run, yet nobody restarts them: one that dies now ends in an error
            # for its caller, which the front passes on.
            front.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            logger.warning("requests were still running at the timeout; ending them")
            front.kill()
            front.wait()


def serve(stages: list[Stage], options: Options, listener: socket.socket) -> int:
    """Run until SIGTERM, SIGINT or a failure; returns the exit code."""
    server = PackageServer(options, listener)
    server.register_runtime({PREDICT_PATH.decode(): [StageRuntime(stage) for stage in stages]})
    for stage in stages:
        logger.info("stage %s x %d", stage.worker.__name__, stage.num)
    server.run()  # type: ignore[no-untyped-call]
    return server.exit_code


def mosec_program() -> Path:
    """The compiled front, where mosec was installed from.

    mosec looks beside the running Python, which is another place where the package comes from
    a lower environment.
    """
    for file in importlib.metadata.files("mosec") or []:
        if file.name == "mosec" and file.parent.name == "bin":
            return Path(str(file.locate())).resolve()
    found = get_mosec_path()
    if found is None:
        raise PackageError("mosec's program is missing: install the package mosec again.")
    return found


def _mosec_arguments(options: Options, port: int) -> list[str]:
    """mosec reads its settings from sys.argv, here and in each worker process."""
    return [
        *("--path", _socket_dir()),
        *("--address", "127.0.0.1", "--port", str(port)),
        *("--timeout", str(options.timeout_ms), "--capacity", str(options.capacity)),
        *("--log-level", options.log_level),
        *("--max-request-size", str(options.max_request_bytes)),
    ]


def _socket_dir() -> str:
    """A new name for mosec's folder; a Unix socket's whole path may have 107 bytes only."""
    temporary = tempfile.gettempdir()
    if len(temporary) > MAX_TEMPORARY_CHARS and os.access("/tmp", os.W_OK):  # noqa: S108
        temporary = "/tmp"  # noqa: S108
    return f"{temporary}/mosec_{secrets.token_hex(4)}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listen(address: str, port: int) -> socket.socket:
    """Take the public port; OSError where it is taken or not allowed."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
        listener.listen(1024)
    except OSError:
        listener.close()
        raise
    os.set_inheritable(listener.fileno(), False)
    return listener
