"""A platform of one's own as a child process: for demos, tests, benchmarks and notebooks.

    with LocalPlatform.fresh(home) as platform:
        client = platform.client()

Needs the server extra in the same Python.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

import httpx

from slipway.sdk.client import Client
from slipway.sdk.errors import Unavailable

_COMMAND = (sys.executable, "-m", "slipway.cli.main")


@dataclass
class LocalPlatform:
    home: Path
    port: int
    gateway_port: int
    s3_port: int
    password: str  # of the administrator `admin`; used at the first start
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    clients: list[Client] = field(default_factory=list)

    @classmethod
    def fresh(cls, home: Path) -> LocalPlatform:
        """On free ports, with a made-up password; not started yet."""
        port, gateway_port, s3_port, grpc_port = _free_ports(4)
        return cls(
            home, port, gateway_port, s3_port, secrets.token_urlsafe(12),
            {"SLIPWAY_GATEWAY_GRPC_PORT": str(grpc_port)},
        )  # fmt: skip

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def gateway_url(self) -> str:
        return f"http://127.0.0.1:{self.gateway_port}"

    @property
    def s3_url(self) -> str:
        return f"http://127.0.0.1:{self.s3_port}"

    def start(self, *, timeout_s: float = 90, own_session: bool = False) -> None:
        """Start it and wait until API and gateway answer. `own_session`: it outlives this process."""
        self.launch(own_session=own_session)
        deadline = time.monotonic() + timeout_s
        self._wait_for(f"{self.url}/api/v1/health", deadline)
        self._wait_for(f"{self.gateway_url}/healthz", deadline)

    def launch(self, *, own_session: bool = False) -> None:
        """Start the process, and do not wait for it."""
        self.home.mkdir(parents=True, exist_ok=True)
        ports = (
            "--port", str(self.port), "--gateway-port", str(self.gateway_port),
            "--s3-port", str(self.s3_port),
        )  # fmt: skip
        with (self.home / "up.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*_COMMAND, "up", "--home", str(self.home), *ports],
                env=os.environ | {"SLIPWAY_ADMIN_PASSWORD": self.password} | self.environment,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=own_session,
            )  # fmt: skip

    def client(self) -> Client:
        """Signed in as the administrator; closed by `down`."""
        self.clients.append(Client.sign_in(self.url, "admin", self.password))
        return self.clients[-1]

    def kill(self) -> None:
        """kill -9 of the control plane alone."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process = None

    def interrupt(self) -> int:
        """Ctrl-C; returns the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(60)
        self.process = None
        return code

    def down(self) -> None:
        """End the control plane, the gateway and every instance."""
        for client in self.clients:
            client.close()
        self.clients.clear()
        subprocess.run(
            [*_COMMAND, "down", "--all", "--home", str(self.home)], check=True, capture_output=True
        )
        if self.process is not None:
            self.process.wait(60)
            self.process = None

    def log(self) -> str:
        return (self.home / "up.log").read_text(errors="replace")

    def left_behind(self) -> list[str]:
        """Live processes that name this home in their command line, but for those that called us."""
        found = []
        callers = _ancestors()
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                line = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
                if str(self.home) in line and int(entry.parent.name) not in callers:
                    found.append(f"{entry.parent.name} {line.strip()}")
        return found

    def _wait_for(self, url: str, deadline: float) -> None:
        while True:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(url, timeout=5).is_success:
                    return
            if self.process is not None and self.process.poll() is not None:
                raise Unavailable(f"The platform ended while starting:\n{self.log()[-3000:]}")
            if time.monotonic() > deadline:
                raise Unavailable(f"{url} does not answer; see {self.home / 'up.log'}.")
            time.sleep(0.02)

    def __enter__(self) -> LocalPlatform:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.down()


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def _ancestors() -> set[int]:
    """This process and what started it, such as a shell or `timeout` with the home as an argument."""
    pids, pid = set(), os.getpid()
    while pid > 1:
        pids.add(pid)
        stat = Path(f"/proc/{pid}/stat").read_text()
        pid = int(stat[stat.rindex(")") + 2 :].split()[1])
    return pids
