"""Our model server beside bare mosec: the same model, the same processes, the same load.

Turn and turn about, medians of three; the small body goes through the whole server and back. What
ours has on that mosec has not: probes while models load, refusals in words, its own worker loop.
Needs `wrk` (apt install wrk).
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.figure import Figure, median
from bench.process import cpu_s, pss_bytes, tree

RUNS = 3
SECONDS = 5
CONNECTIONS = 32
BATCH = 32
PATH = "/v1/models/m:predict"
BODY = '{"a": 1, "b": 2}'
UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}

OURS = """
import tiinfer

class Adder(tiinfer.Model):
    def predict(self, request):
        if isinstance(request, list):
            return [{"result": one["a"] + one["b"]} for one in request]
        return {"result": request["a"] + request["b"]}
"""

MOSEC = """
import sys
from mosec import Server, Worker

class Adder(Worker):
    def forward(self, data):
        if isinstance(data, list):
            return [{"result": one["a"] + one["b"]} for one in data]
        return {"result": data["a"] + data["b"]}

if __name__ == "__main__":
    batch = int(sys.argv.pop(1))
    server = Server()
    server.append_worker(Adder, num=1, max_batch_size=batch, route="/v1/models/m:predict")
    server.run()
"""


@dataclass(frozen=True)
class Server:
    """started_s: from the command to the first answer."""

    pid: int
    port: int
    started_s: float


@dataclass(frozen=True)
class Calls:
    """cpu_us: what the server's processes used for one request."""

    per_s: float
    p50_ms: float
    p99_ms: float
    cpu_us: float


def figures() -> list[Figure]:
    if shutil.which("wrk") is None:
        print("tiinfer: left out, no wrk here (apt install wrk).")
        return []
    if (busy := os.getloadavg()[0]) > 1:
        print(f"tiinfer: other work is on this machine (load {busy:.1f}): read the ratios.")
    found = []
    with tempfile.TemporaryDirectory(prefix="slipway-bench-") as name:
        folder = Path(name)
        for batch, mark in ((1, ""), (BATCH, "_batched")):
            found += _compare(folder, batch, mark)
    return found


def _compare(folder: Path, batch: int, mark: str) -> list[Figure]:
    with ExitStack() as stack:
        servers = {
            "mosec": stack.enter_context(_mosec(folder, batch)),
            "ours": stack.enter_context(_ours(folder, batch)),
        }
        for server in servers.values():
            _load(server, folder, CONNECTIONS, 1)
        many = _in_turn(servers, folder, CONNECTIONS)
        one = _in_turn(servers, folder, 1)
        memory = {name: pss_bytes(tree(s.pid)) / 2**20 for name, s in servers.items()}
    rps = {name: median([run.per_s for run in runs]) for name, runs in many.items()}
    p99 = {name: median([run.p99_ms for run in runs]) for name, runs in many.items()}
    p50 = {name: median([run.p50_ms for run in runs]) for name, runs in one.items()}
    cpu = {name: median([run.cpu_us for run in runs]) for name, runs in many.items()}
    started = {name: server.started_s for name, server in servers.items()}
    return [
        Figure(f"runtime.tiinfer_ratio{mark}", "x", rps["ours"] / rps["mosec"], "target", 0.9),
        *(
            Figure(f"runtime.tiinfer_{what}{mark}", unit, values["ours"], "mosec", values["mosec"])
            for what, unit, values in (
                ("rps_c32", "1/s", rps), ("p99_ms_c32", "ms", p99), ("p50_ms_c1", "ms", p50),
                ("cpu_us_per_request", "us", cpu), ("start_s", "s", started),
                ("pss_mb", "MB", memory),
            )
        ),
    ]  # fmt: skip


def _in_turn(servers: dict[str, Server], folder: Path, connections: int) -> dict[str, list[Calls]]:
    runs: dict[str, list[Calls]] = {name: [] for name in servers}
    for _ in range(RUNS):
        for name, server in servers.items():
            runs[name].append(_load(server, folder, connections, SECONDS))
    return runs


def _load(server: Server, folder: Path, connections: int, seconds: int) -> Calls:
    script = folder / "predict.lua"
    script.write_text(
        'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\n'
        f"wrk.body = '{BODY}'\n"
    )
    before = cpu_s(tree(server.pid))
    said = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", str(script),
         f"http://127.0.0.1:{server.port}{PATH}"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    if trouble := re.search(r"(Non-2xx|Socket errors).*", said):
        raise RuntimeError(f"{trouble[0]} at {connections} connections")
    busy = cpu_s(tree(server.pid)) - before
    per_s, count = _found(r"Requests/sec:\s+([\d.]+)", said), _found(r"(\d+) requests in", said)
    return Calls(per_s, _latency_ms("50", said), _latency_ms("99", said), busy / count * 1e6)


def _found(pattern: str, said: str) -> float:
    found = re.search(pattern, said)
    assert found is not None, said
    return float(found[1])


def _latency_ms(percent: str, said: str) -> float:
    found = re.search(rf"\s{percent}%\s+([\d.]+)(us|ms|s|m)\s", said)
    assert found is not None, said
    return float(found[1]) * UNITS[found[2]]


def _ours(folder: Path, batch: int) -> contextlib.AbstractContextManager[Server]:
    package = folder / "package"
    package.mkdir(exist_ok=True)
    (package / "model_service.py").write_text(OURS)
    env = {"TI_MODEL_DIR": str(package), "TI_INFERENCE_MAX_BATCH_SIZE": str(batch)}
    return _running([sys.executable, "-m", "tiinfer", "--address", "127.0.0.1"], folder, env)


def _mosec(folder: Path, batch: int) -> contextlib.AbstractContextManager[Server]:
    script = folder / "bare.py"
    script.write_text(MOSEC)
    command = [sys.executable, str(script), str(batch), "--address", "127.0.0.1"]
    return _running([*command, "--timeout", "30000"], folder, {})


@contextlib.contextmanager
def _running(command: list[str], folder: Path, env: dict[str, str]) -> Iterator[Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    began = time.perf_counter()
    with (folder / f"log-{port}").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--port", str(port)], env=os.environ | env, cwd=folder, stdout=log,
            stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        while not _answers(port):
            if process.poll() is not None:
                raise RuntimeError((folder / f"log-{port}").read_text())
            time.sleep(0.01)
        yield Server(process.pid, port, time.perf_counter() - began)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _answers(port: int) -> bool:
    try:
        answer = httpx.post(f"http://127.0.0.1:{port}{PATH}", content=BODY, trust_env=False)
    except httpx.TransportError:
        return False
    return answer.status_code == 200
