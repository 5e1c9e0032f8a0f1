"""A platform as a real process, to be signed in to, killed and started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from slipway import Client

PASSWORD = "correct horse"
_READY_S = 90


@dataclass
class PlatformProcess:
    home: Path
    port: int
    gateway_port: int
    process: subprocess.Popen[bytes] | None = field(default=None)
    clients: list[Client] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def gateway_url(self) -> str:
        return f"http://127.0.0.1:{self.gateway_port}"

    def start(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "up.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "slipway.cli.main", "up", "--home", str(self.home),
                 "--port", str(self.port), "--gateway-port", str(self.gateway_port)],
                env=os.environ | {"SLIPWAY_ADMIN_PASSWORD": PASSWORD}, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        self.wait_ready()

    def wait_ready(self) -> None:
        deadline = time.monotonic() + _READY_S
        for url in (f"{self.url}/api/v1/health", f"{self.gateway_url}/healthz"):
            while True:
                try:
                    if httpx.get(url, timeout=5).is_success:
                        break
                except httpx.TransportError:
                    pass
                assert time.monotonic() < deadline, f"{url} did not answer:\n{self.log()[-3000:]}"
                assert self.process is None or self.process.poll() is None, self.log()[-3000:]
                time.sleep(0.05)

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
        code = self.process.wait(30)
        self.process = None
        return code

    def down(self) -> None:
        """End the control plane, the gateway and every instance."""
        for client in self.clients:
            client.close()
        if self.process is None and (self.home / "run" / "gateway.json").exists():
            # Without a control plane nobody would end the gateway: start one for that.
            self.start()
        subprocess.run(
            [sys.executable, "-m", "slipway.cli.main", "down", "--all", "--home", str(self.home)],
            check=True,
            capture_output=True,
        )
        if self.process is not None:
            self.process.wait(30)
            self.process = None

    def client(self) -> Client:
        """Signed in as the administrator; closed by `down`."""
        self.clients.append(Client.sign_in(self.url, "admin", PASSWORD))
        return self.clients[-1]

    def log(self) -> str:
        return (self.home / "up.log").read_text(errors="replace")

    def left_behind(self) -> list[str]:
        """Live processes that name this home."""
        found = []
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                line = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if str(self.home) in line and int(entry.parent.name) != os.getpid():
                found.append(f"{entry.parent.name} {line.strip()}")
        return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def new_platform(home: Path) -> PlatformProcess:
    return PlatformProcess(home, free_port(), free_port())
