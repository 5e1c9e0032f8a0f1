"""Starts a platform of its own for the demo, and makes sure that nothing of it is left."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

_READY_S = 60


class DemoFailed(Exception):
    """The journey cannot go on; the text says why."""


@dataclass
class Platform:
    home: Path
    url: str
    gateway_url: str
    password: str
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        """End the control plane, the gateway and everything that runs."""
        subprocess.run(
            [sys.executable, "-m", "slipway.cli.main", "down", "--all", "--home", str(self.home)],
            check=True,
        )
        self.process.wait(30)


def start(home: Path) -> Platform:
    """A platform in a fresh home on free ports, ready to be used."""
    port, gateway_port = _free_port(), _free_port()
    password = secrets.token_urlsafe(12)
    home.mkdir(parents=True)
    log = (home / "up.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "slipway.cli.main", "up", "--home", str(home), "--port", str(port),
         "--gateway-port", str(gateway_port)],
        env=os.environ | {"SLIPWAY_ADMIN_PASSWORD": password}, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    platform = Platform(
        home, f"http://127.0.0.1:{port}", f"http://127.0.0.1:{gateway_port}", password, process
    )
    for url in (f"{platform.url}/api/v1/health", f"{platform.gateway_url}/healthz"):
        _wait_for(url, process, home / "up.log")
    return platform


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _READY_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise DemoFailed(f"The platform ended while starting:\n{log.read_text()[-3000:]}")
        try:
            if httpx.get(url, timeout=2).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise DemoFailed(f"{url} did not answer within {_READY_S} s; see {log}.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def processes_of(home: Path) -> list[str]:
    """Processes that name the home in their command line, besides this one."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(home) in line and entry.parent.name != str(os.getpid()):
            found.append(f"{entry.parent.name}: {line.strip()}")
    return found
