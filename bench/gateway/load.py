"""The load: `wrk` for small calls, `bench.gateway.streams` for streams; each beside the gateway's CPU."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bench.figure import quantile
from bench.gateway.targets import CHAT, KEY, LOAD_CORE, Target
from bench.process import cpu_s, tree

SCRIPT = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer KEY"
wrk.body = '{"model":"m1","messages":[{"role":"system","content":"You are a helpful assistant."},{"role":"user","content":"Say hello in one short sentence, please."}],"max_tokens":32,"temperature":0}'
"""
UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}


class Failed(RuntimeError):
    """Some calls were not answered with 200: the figures would be of something else."""


@dataclass(frozen=True)
class Calls:
    """busy_s: CPU seconds of the gateway in this run, 0 for the bare upstream."""

    count: int
    per_s: float
    p50_ms: float
    p99_ms: float
    busy_s: float

    @property
    def per_core_s(self) -> float:
        """Calls a CPU second: the speed of a core that the gateway has to itself."""
        return self.count / self.busy_s


@dataclass(frozen=True)
class Streams:
    events: int
    ttft_p50_ms: float
    ttft_p99_ms: float
    busy_s: float


def calls(target: Target, connections: int, seconds: int, folder: Path) -> Calls:
    script = folder / "chat.lua"
    script.write_text(SCRIPT.replace("KEY", KEY))
    before = _busy(target)
    said = subprocess.run(
        ["taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency",
         "--timeout", "10s", "-s", str(script), f"http://127.0.0.1:{target.port}{CHAT}"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    busy = _busy(target) - before
    if trouble := re.search(r"(Non-2xx|Socket errors).*", said):
        raise Failed(f"{target.name}, {connections} connections: {trouble[0]}")
    count = int(_found(r"(\d+) requests in", said))
    per_s = float(_found(r"Requests/sec:\s+([\d.]+)", said))
    return Calls(count, per_s, _latency_ms("50", said), _latency_ms("99", said), busy)


def streams(target: Target, callers: int, seconds: int) -> Streams:
    before = _busy(target)
    said = subprocess.run(
        ["taskset", "-c", LOAD_CORE, *_client(target.events_port, "m1-sse", callers, seconds)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    busy = _busy(target) - before
    if said.returncode:
        raise Failed(f"{target.name}: {said.stderr[-500:]}")
    seen = json.loads(said.stdout)
    if seen["failed"]:
        raise Failed(f"{target.name}: {seen['failed']} streams failed")
    ttft = seen["ttft_ms"]
    return Streams(seen["events"], quantile(ttft, 0.5), quantile(ttft, 0.99), busy)


def hold(target: Target, count: int) -> subprocess.Popen[str]:
    """Opens so many streams and returns once each has had its first event; closing stdin ends them."""
    client = subprocess.Popen(
        ["taskset", "-c", LOAD_CORE, *_client(target.port, "m1-idle", count, 0)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert client.stdout is not None
    if json.loads(client.stdout.readline() or "{}").get("held") != count:
        client.kill()
        raise Failed(f"{target.name} did not hold {count} streams")
    time.sleep(1)
    return client


def _client(port: int, model: str, callers: int, seconds: int) -> list[str]:
    words = [sys.executable, "-m", "bench.gateway.streams"]
    return [*words, str(port), KEY, model, str(callers), str(seconds)]


def _busy(target: Target) -> float:
    return 0.0 if target.pid is None else cpu_s(tree(target.pid))


def _latency_ms(percent: str, said: str) -> float:
    found = re.search(rf"\s{percent}%\s+([\d.]+)(us|ms|s|m)\s", said)
    assert found is not None, said
    return float(found[1]) * UNITS[found[2]]


def _found(pattern: str, said: str) -> str:
    found = re.search(pattern, said)
    assert found is not None, said
    return found[1]
