"""A platform of its own for the examples of the documentation, as a reader would start it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from slipway import Client

_READY_S = 60
_PASSWORD = "documentation"


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody signed in to the platform, working in the repository's directory."""

    url: str
    token: str
    config: Path

    def environment(self, project: str) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("SLIPWAY_")}
        bin_dir = str(Path(sys.executable).parent)
        return kept | {
            "PATH": f"{bin_dir}{os.pathsep}{kept.get('PATH', '')}",
            "SLIPWAY_URL": self.url,
            "SLIPWAY_TOKEN": self.token,
            "SLIPWAY_PROJECT": project,
            "XDG_CONFIG_HOME": str(self.config),
        }


@pytest.fixture(scope="session")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    place = tmp_path_factory.mktemp("reader")
    home = place / "home"
    command = [sys.executable, "-m", "slipway.cli.main"]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SLIPWAY_")}
    with (place / "up.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "up", "--home", home, "--port", "0", "--gateway-port", "0"],
            env=environment | {"SLIPWAY_ADMIN_PASSWORD": _PASSWORD},
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        url = _address(process, place / "up.log")
        with Client.sign_in(url, "admin", _PASSWORD) as client:
            yield Reader(url, client.token, place)
    finally:
        subprocess.run([*command, "down", "--all", "--home", home], check=True, capture_output=True)
        process.wait(30)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    """From the greeting of `slipway up`."""
    deadline = time.monotonic() + _READY_S
    while time.monotonic() < deadline and process.poll() is None:
        for line in log.read_text().splitlines():
            before, found, url = line.partition("Slipway is ready: ")
            if found and not before:
                return url.strip()
        time.sleep(0.05)
    raise AssertionError(f"The platform did not start:\n{log.read_text()}")
