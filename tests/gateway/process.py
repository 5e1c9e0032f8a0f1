"""The real gateway process, started as the platform starts it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx

from .control_plane import TOKEN, ControlPlane
from .loop_thread import wait_for


class GatewayProcess:
    def __init__(
        self, home: Path, control_url: str, *arguments: str, number: int = 0, port: int = 0
    ) -> None:
        """number: which of several processes of this home; `arguments` say how many."""
        self.home = home
        run_dir = home / "run"
        run_dir.mkdir(parents=True, exist_ok=True)
        (run_dir / "gateway.token").write_text(TOKEN + "\n")
        self.identity_file = run_dir / (f"gateway-{number}.json" if number else "gateway.json")
        self.identity_file.unlink(missing_ok=True)
        self.output = home / "stdout.log"
        self.errors = home / "stderr.log"
        command = [sys.executable, "-m", "slipway.gateway", "--home", str(home)]
        command += ["--port", str(port), "--process", str(number)]
        with self.output.open("ab") as out, self.errors.open("ab") as err:
            self.process = subprocess.Popen(
                [*command, "--control", control_url, *arguments], stdout=out, stderr=err
            )
        wait_for(self._announced, "the gateway's identity file", timeout_s=20)
        self.port: int = json.loads(self.identity_file.read_text())["port"]
        self.url = f"http://127.0.0.1:{self.port}"

    def _announced(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError(f"the gateway ended: {self.errors.read_text()}")
        return self.identity_file.exists()

    def health(self) -> dict:
        return httpx.get(f"{self.url}/healthz").json()

    def wait_version(self, version: int) -> None:
        wait_for(lambda: self.health()["version"] >= version, f"feed version {version}")

    def wait_connected(self) -> None:
        wait_for(lambda: self.health()["control"] == "connected", "the feed")

    def log_lines(self) -> list[dict]:
        return [json.loads(line) for line in self.output.read_text().splitlines()]

    def stop(self, timeout_s: float = 60.0) -> int:
        """A graceful end. Returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout_s)

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(5)


class World:
    """A control plane, a gateway, and shortcuts for what tests say most."""

    def __init__(self, control: ControlPlane, gateway: GatewayProcess) -> None:
        self.control = control
        self.gateway = gateway
        self.url = gateway.url
        self.port = gateway.port

    def put(self, kind: str, value: dict) -> dict:
        """Feeds an object and waits until the gateway has it."""
        self.gateway.wait_version(self.control.put(kind, value))
        return value

    def delete(self, kind: str, name: str) -> None:
        self.gateway.wait_version(self.control.delete(kind, name))

    def record(self, request_id: str) -> dict:
        """The usage record of a request, once the control plane has it."""
        return wait_for(
            lambda: next((r for r in self.control.records if r["id"] == request_id), None),
            f"the usage record of {request_id}",
        )
