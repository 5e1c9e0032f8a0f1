"""Metrics over HTTP and searching logs; MLflow's own server beside it where it can be installed.

Ours is measured with every push on disk when it is answered, and with the calls' limit off. The
clients share the machine's cores with the server, as do the peer's.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx

from bench.figure import Figure, median
from slipway import Client
from slipway.compute.output.logs import LogQuery, read_logs
from slipway.sdk.local import LocalPlatform

WRITERS, BATCH_WRITERS = 32, 4
SECONDS, ROUNDS = 4.0, 3
BATCH_POINTS = 1000
LOG_BYTES = 100 << 20
PEER = "MLflow 3.17 server (1 worker)"
# Measured on an idle machine of two cores; used where the peer cannot be installed.
PEER_SINGLE_PER_S, PEER_POINTS_PER_S = 111.0, 8700.0


def figures() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="slipway-bench-") as folder:
        single, points = _ours(Path(folder) / "home")
        search_s = _search(Path(folder) / "log")
        peer_single, peer_points, peer = _peer(Path(folder) / "peer")
    return [
        Figure("compute.metrics_single_per_s", "1/s", single, peer, peer_single),
        Figure("compute.metrics_points_per_s", "1/s", points, peer, peer_points),
        Figure("compute.log_search_100mb_s", "s", search_s, "grep -i", _grep()),
    ]


def _ours(home: Path) -> tuple[float, float]:
    platform = LocalPlatform.fresh(home)
    platform.environment["SLIPWAY_METRICS_CALLS_PER_S"] = "0"
    with platform:
        client = platform.client()
        form = {"environment": "python", "cpu_cores": 0.01, "memory_bytes": 16 << 20}
        task = client.tasks.create("bench", "sleep 600", **form).id
        key = client.keys.create(name="bench")
        token = str(key.secret)
        single = median([asyncio.run(_singles(platform.port, task, token)) for _ in range(ROUNDS)])
        points = median([asyncio.run(_batches(platform.port, task, token)) for _ in range(ROUNDS)])
        _check_all_there(client, task)
    return single, points


def _check_all_there(client: Client, task: str) -> None:
    assert {s.name for s in client.tasks.metrics(task, points=10)} >= {"loss", "m0", "m9"}


async def _singles(port: int, task: str, token: str) -> float:
    """32 writers on one task, a value a call."""

    def body(step: int) -> bytes:
        return b'{"timestamp":%.3f,"metrics":{"loss":0.5},"step":%d}' % (time.time(), step)

    return await _calls(port, f"/api/v1/training/tasks/{task}/metrics", token, WRITERS, body)


async def _batches(port: int, task: str, token: str) -> float:
    """MLflow's own batch call: 1,000 values each."""

    def body(step: int) -> bytes:
        now = int(time.time() * 1000)
        metrics = [
            {"key": f"m{n % 10}", "value": 0.5, "timestamp": now, "step": step * 100 + n // 10}
            for n in range(BATCH_POINTS)
        ]
        return json.dumps({"run_id": task, "metrics": metrics}).encode()

    prepared = [body(step) for step in range(50)]
    path = "/mlflow/api/2.0/mlflow/runs/log-batch"
    rate = await _calls(port, path, token, BATCH_WRITERS, lambda step: prepared[step % 50])
    return rate * BATCH_POINTS


async def _calls(
    port: int, path: str, token: str, writers: int, body: Callable[[int], bytes]
) -> float:
    """Answered calls a second over kept connections; any answer but 200 ends the measurement."""
    end = time.perf_counter() + SECONDS
    counts = await asyncio.gather(*(_writer(port, path, token, body, end) for _ in range(writers)))
    return sum(counts) / SECONDS


async def _writer(
    port: int, path: str, token: str, body: Callable[[int], bytes], end: float
) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
    count = 0
    while time.perf_counter() < end:
        data = body(count)
        writer.write(f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data)
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200"), answer
        length = answer.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        if length:
            await reader.readexactly(int(length))
        else:
            await _read_chunks(reader)
        count += 1
    writer.close()
    return count


async def _read_chunks(reader: asyncio.StreamReader) -> None:
    while size := int((await reader.readuntil(b"\r\n")).strip(), 16):
        await reader.readexactly(size + 2)
    await reader.readexactly(2)


def _search(path: Path) -> float:
    """A word that occurs once, near the far end, in 100 MB: the whole log is looked through."""
    line = "2026-01-02T03:{:02d}:{:02d}.{:06d}Z C step {} loss 0.1234 learning rate 0.001 samples per second 1234\n"
    with path.open("w") as file:
        file.write(line.format(0, 0, 0, "needle"))
        step = 0
        while file.tell() < LOG_BYTES:
            block = (line.format(n // 600_000 % 60, n // 10_000 % 60, n % 10_000, n) for n in range(step, step + 20_000))  # fmt: skip
            file.write("".join(block))
            step += 20_000
    _GREP.append(path)
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        assert len(read_logs({"one": path}, LogQuery(search="NEEDLE loss")).lines) == 1
        took.append(time.perf_counter() - began)
    _GREP.append(_timed_grep(path))
    return median(took)


_GREP: list[object] = []


def _grep() -> float:
    return float(_GREP[-1])  # type: ignore[arg-type]


def _timed_grep(path: Path) -> float:
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        subprocess.run(["grep", "-i", "needle loss", str(path)], check=True, capture_output=True)
        took.append(time.perf_counter() - began)
    return median(took)


def _peer(folder: Path) -> tuple[float, float, str]:
    """MLflow's server in an environment of its own; its known figures where it cannot be had."""
    try:
        server = _installed_mlflow(folder)
    except subprocess.SubprocessError:
        return PEER_SINGLE_PER_S, PEER_POINTS_PER_S, f"{PEER}, cited"
    with _running(server, folder) as port:
        url = f"http://127.0.0.1:{port}/api/2.0/mlflow"
        experiment = httpx.post(f"{url}/experiments/create", json={"name": "bench"}).json()["experiment_id"]  # fmt: skip
        run = httpx.post(f"{url}/runs/create", json={"experiment_id": experiment}).json()["run"]["info"]["run_id"]  # fmt: skip

        def one(step: int) -> bytes:
            metric = {"run_id": run, "key": "loss", "value": 0.5, "timestamp": int(time.time() * 1000), "step": step}  # fmt: skip
            return json.dumps(metric).encode()

        def many(step: int) -> bytes:
            metrics = [{"key": f"m{n % 10}", "value": 0.5, "timestamp": step, "step": step * 100 + n // 10} for n in range(BATCH_POINTS)]  # fmt: skip
            return json.dumps({"run_id": run, "metrics": metrics}).encode()

        base = "/api/2.0/mlflow/runs"
        singles = [
            asyncio.run(_calls(port, f"{base}/log-metric", "x", 1, one)) for _ in range(ROUNDS)
        ]
        batches = [
            asyncio.run(_calls(port, f"{base}/log-batch", "x", 1, many)) for _ in range(ROUNDS)
        ]
    return median(singles), median(batches) * BATCH_POINTS, PEER


def _installed_mlflow(folder: Path) -> Path:
    environment = folder / "venv"
    subprocess.run([sys.executable, "-m", "venv", environment], check=True, timeout=120)
    pip = [environment / "bin" / "python", "-m", "pip", "install", "-q", "mlflow==3.17.2"]
    subprocess.run(pip, check=True, timeout=600)
    return environment / "bin" / "mlflow"


@contextlib.contextmanager
def _running(server: Path, folder: Path) -> Iterator[int]:
    port = LocalPlatform.fresh(folder).port
    command = [
        server, "server", "--backend-store-uri", f"sqlite:///{folder}/m.db", "--artifacts-destination",
        folder / "artifacts", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
    ]  # fmt: skip
    quiet = os.environ | {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
    process = subprocess.Popen(command, env=quiet, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)  # fmt: skip
    try:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"http://127.0.0.1:{port}/health").is_success:
                    break
            time.sleep(0.2)
        yield port
    finally:
        os.killpg(process.pid, 15)
        process.wait()
