"""How soon it is there, and what it costs to have it: start, first page, memory, idle CPU, CLI, import."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from bench.figure import Figure, median
from bench.process import cpu_s, pss_bytes, tree
from slipway.sdk.local import LocalPlatform

RUNS = 3
IDLE_S = 20


def figures() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="slipway-bench-") as folder:
        platform = LocalPlatform.fresh(Path(folder) / "home")
        first = _to_first_page(platform)
        platform.interrupt()
        later = []
        for _ in range(RUNS):
            later.append(_to_first_page(platform))
            if len(later) < RUNS:
                platform.interrupt()
        time.sleep(3)
        assert platform.process is not None
        pids = tree(platform.process.pid)
        before = cpu_s(pids)
        time.sleep(IDLE_S)
        idle = (cpu_s(pids) - before) / IDLE_S * 100
        memory = pss_bytes(pids) / 2**20
        platform.down()
    slipway = str(Path(sys.executable).parent / "slipway")
    bare = _command([sys.executable, "-c", "pass"])
    return [
        Figure("startup.first_up_to_first_page_s", "s", first),
        Figure("startup.up_to_first_page_s", "s", median(later)),
        Figure("startup.idle_pss_mb", "MB", memory),
        Figure("startup.idle_cpu_percent", "%", idle),
        Figure("startup.cli_help_s", "s", _command([slipway, "--help"]), "python -c pass", bare),
        Figure(
            "startup.import_ms",
            "ms",
            (_command([sys.executable, "-c", "import slipway"]) - bare) * 1000,
        ),
    ]


def _to_first_page(platform: LocalPlatform) -> float:
    """Seconds from the command to the console's page."""
    began = time.perf_counter()
    platform.home.mkdir(parents=True, exist_ok=True)
    with (platform.home / "up.log").open("ab") as log:
        platform.process = subprocess.Popen(
            [str(Path(sys.executable).parent / "slipway"), "up", "--home", str(platform.home),
             "--port", str(platform.port), "--gateway-port", str(platform.gateway_port),
             "--s3-port", str(platform.s3_port)],
            env=os.environ | {"SLIPWAY_ADMIN_PASSWORD": platform.password}, stdout=log, stderr=log,
        )  # fmt: skip
    while True:
        try:
            if httpx.get(platform.url, timeout=5).status_code in (200, 503):
                break
        except httpx.TransportError:
            time.sleep(0.005)
    seconds = time.perf_counter() - began
    platform._wait_for(f"{platform.gateway_url}/healthz", time.monotonic() + 30)
    return seconds


def _command(words: list[str]) -> float:
    """Median wall seconds of a command, after a warm-up."""
    times = []
    for _ in range(RUNS + 3):
        began = time.perf_counter()
        subprocess.run(words, check=True, capture_output=True)
        times.append(time.perf_counter() - began)
    return median(times[1:])
