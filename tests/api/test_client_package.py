"""The package that the platform hands out, installed by pip and used against it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from slipway.api.client_package import WHEEL
from tests.running import listening, open_world

PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
import slipway
from slipway.sdk.client import Client
assert slipway.__file__.startswith(sys.argv[1]), slipway.__file__
with Client(sys.argv[2], sys.argv[3]) as client:
    print(client.me().user.name)
"""


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
async def test_pip_installs_the_sdk_from_the_platform(db, settings, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    async with open_world(db, settings) as world, listening(world.app) as url:
        place = f"{url}/api/v1/client/{WHEEL}"
        target = tmp_path / "site"
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index",
               "--target", str(target), place]  # fmt: skip
        await asyncio.to_thread(subprocess.run, pip, check=True)
        token = world.ann.http.headers["authorization"].removeprefix("Bearer ")
        ran = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-c", PROGRAM, str(target), url, token],
            check=True, capture_output=True, text=True, cwd=tmp_path,
        )  # fmt: skip
        assert ran.stdout == "ann\n"
        assert not list(target.glob("slipway/api/console/*"))
        async with httpx.AsyncClient(trust_env=False) as client:
            other = await client.get(f"{url}/api/v1/client/slipway-0.0.0-py3-none-any.whl")
        assert other.status_code == 404
        assert WHEEL in other.json()["error"]["message"]
