"""A loaded service is updated over and over: how many of 100,000 calls fail.

A whole platform: three replicas, default MaxSurge and MaxUnavailable, one rolling update after the
other while 32 callers call through the gateway. The server dies at once of SIGTERM, so whatever is
kept is kept by the platform.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.figure import Figure
from slipway import Client
from slipway.sdk.local import LocalPlatform

CALLS, CALLERS, REPLICAS = 100_000, 32, 3
SERVER = """
import asyncio, os

async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\\r\\n\\r\\n")
            length = int(head.lower().split(b"content-length:", 1)[1].split(b"\\r\\n", 1)[0])
            body = await reader.readexactly(length)
            writer.write(b"HTTP/1.1 200 OK\\r\\ncontent-length: %d\\r\\n\\r\\n%b" % (length, body))
    except (asyncio.IncompleteReadError, OSError):
        writer.close()

async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["PORT"]))
    await server.serve_forever()

asyncio.run(main())
"""


def figures() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="slipway-bench-") as folder:
        platform = LocalPlatform.fresh(Path(folder) / "home")
        platform.environment = {"SLIPWAY_SERVICE_QPS_CEILING": "0"}
        with platform:
            failed, updates, seconds = _run(platform)
    return [
        Figure("gateway.rolling_update_failed", "calls", failed),
        Figure("gateway.rolling_update_updates", "updates", updates),
        Figure("gateway.rolling_update_rps", "1/s", CALLS / seconds),
    ]


def _run(platform: LocalPlatform) -> tuple[int, int, float]:
    client = platform.client()
    command = f"exec {sys.executable} -S -c '{SERVER}'"
    made = _ask(
        client, "POST", "/services", name="rolling", runtime="custom", command=command,
        replicas=REPLICAS, cpu_cores=0.1, memory_bytes=64 << 20,
    )  # fmt: skip
    _settled(client, made["id"])
    url = f"{platform.gateway_url}/{made['id']}/"
    hammer = subprocess.Popen(
        [sys.executable, "-m", "bench.gateway.hammer", url, str(CALLS), str(CALLERS)],
        stdout=subprocess.PIPE,
    )
    updates = 0
    while hammer.poll() is None:
        _ask(
            client, "POST", f"/services/versions/{made['id']}-1/update",
            env={"REVISION": str(updates)},
        )  # fmt: skip
        _settled(client, made["id"])
        updates += 1
    assert hammer.stdout is not None
    said = json.loads(hammer.stdout.read())
    failed = {name: count for name, count in said["answers"].items() if name != "ok"}
    if failed:
        print(f"gateway.rolling_update: {failed}")
    assert said["answers"].get("ok", 0) + sum(failed.values()) == CALLS
    return sum(failed.values()), updates, float(said["seconds"])


def _settled(client: Client, service_id: str) -> None:
    while True:
        seen = _ask(client, "GET", f"/services/{service_id}")
        if all(v["state"] == "Normal" and not v["updating"] for v in seen["items"]):
            return
        time.sleep(0.05)


def _ask(client: Client, method: str, path: str, **body: Any) -> Any:
    return client.http.request(method, path, json=body or None).json()
