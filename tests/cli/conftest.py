"""A platform, and the command line signed in to it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from slipway.sdk.local import LocalPlatform


@dataclass
class Shell:
    platform: LocalPlatform
    config: Path

    def run(self, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.words(*words), input=given, text=True, capture_output=True, timeout=120,
            env=self.environment | {"COLUMNS": "200"},
        )  # fmt: skip

    @staticmethod
    def words(*words: str) -> list[str]:
        return [sys.executable, "-m", "slipway.cli.main", *words]

    @property
    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("SLIPWAY_")}
        return kept | {"XDG_CONFIG_HOME": str(self.config)}

    def ok(self, *words: str, given: str = "") -> str:
        done = self.run(*words, given=given)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    folder = tmp_path_factory.mktemp("cli")
    platform = LocalPlatform.fresh(folder / "home")
    platform.start()
    shell = Shell(platform, folder / "config")
    said = shell.ok(
        "login",
        "--url",
        platform.url,
        "--user",
        "admin",
        "--password-stdin",
        given=platform.password + "\n",
    )
    assert "Signed in" in said
    yield shell
    platform.down()
