"""Who is measured: the bare upstream, our gateway, nginx as a bare proxy, LiteLLM's proxy.

Each gateway runs on the first core alone, the upstream and the load on the second.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from tests.gateway.control_plane import TOKEN, ControlPlane, group, key, llm_service
from tests.gateway.loop_thread import LoopThread

KEY = "sk-bench-1234"
LITELLM = "1.106.2"
PEERS = Path(tempfile.gettempdir()) / "slipway-bench-peers"
GATEWAY_CORE, LOAD_CORE = "0", "1"
CHAT = "/v1/chat/completions"
# Limits that count every call and stop none.
HIGH = {"rpm": 10**9, "tpm": 10**12}


@dataclass(frozen=True)
class Upstreams:
    """Ports: a fixed answer; 100 events 10 ms apart; one event and then a very long silence."""

    fixed: int
    events: int
    idle: int


@dataclass(frozen=True)
class Target:
    """pid: the gateway's; None where the upstream is called directly. started_s: to its first 200."""

    name: str
    port: int
    events_port: int
    pid: int | None
    started_s: float = 0.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    words: list[str], core: str, log: Path, environment: dict[str, str] | None = None
) -> Iterator[int]:
    """A process on one core, until the block ends. Gives its pid."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            ["taskset", "-c", core, *words],
            stdout=out,
            stderr=out,
            env=os.environ | (environment or {}),
        )
    try:
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def upstreams(folder: Path) -> Iterator[Upstreams]:
    ports = Upstreams(free_port(), free_port(), free_port())
    answer = json.dumps({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m1",
        "choices": [{"index": 0, "finish_reason": "stop",
                     "message": {"role": "assistant", "content": "A fixed answer. " * 6}}],
        "usage": {"prompt_tokens": 27, "completion_tokens": 21, "total_tokens": 48},
    })  # fmt: skip
    fixed = nginx(folder, "up", f"server {{ listen 127.0.0.1:{ports.fixed} backlog=4096; "
                  f"default_type application/json; location / {{ return 200 '{answer}'; }} }}")  # fmt: skip
    stream = [sys.executable, "-m", "bench.gateway.upstream"]
    log = folder / "upstreams.log"
    with (
        running(fixed, LOAD_CORE, log),
        running([*stream, str(ports.events), "100", "10"], LOAD_CORE, log),
        running([*stream, str(ports.idle), "2", "3600000"], LOAD_CORE, log),
    ):
        _first_answer(ports.fixed, "m1")
        yield ports


def nginx(folder: Path, name: str, servers: str) -> list[str]:
    """The command of an nginx with one worker and this inside its `http` block."""
    work = folder / name
    work.mkdir()
    temporary = "".join(
        f"{kind}_temp_path {work}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (work / "nginx.conf").write_text(
        f"worker_processes 1; pid {work}/pid; error_log {work}/errors; daemon off;\n"
        "events { worker_connections 4096; }\n"
        f"http {{ access_log off; keepalive_timeout 300s; keepalive_requests 100000000; {temporary}\n"
        f"{servers} }}\n"
    )
    return ["nginx", "-c", str(work / "nginx.conf")]


def direct(up: Upstreams) -> Target:
    return Target("upstream", up.fixed, up.events, None)


@contextmanager
def nginx_proxy(folder: Path, up: Upstreams) -> Iterator[Target]:
    """No key, no limit, no usage, no log: the least that a proxy can do."""
    fixed, events = free_port(), free_port()
    servers = "".join(
        f"upstream u{to} {{ server 127.0.0.1:{to}; keepalive 128; keepalive_requests 100000000; }}"
        f"server {{ listen 127.0.0.1:{port} backlog=4096; proxy_http_version 1.1; "
        f'proxy_set_header Connection ""; proxy_buffering off; location / {{ proxy_pass http://u{to}; }} }}'
        for port, to in ((fixed, up.fixed), (events, up.events))
    )
    words = nginx(folder, "proxy", servers)
    with running(words, GATEWAY_CORE, folder / "nginx.log") as pid:
        yield Target("nginx", fixed, events, pid, _first_answer(fixed, "m1"))


@contextmanager
def ours(folder: Path, up: Upstreams) -> Iterator[tuple[Target, ControlPlane]]:
    """The real gateway: AppKey of a group with RPM and TPM, usage sent and booked, access log kept."""
    with _fed(folder, up) as control, _process(folder, control, free_port()) as target:
        yield target, control


@contextmanager
def several(folder: Path, up: Upstreams, count: int) -> Iterator[tuple[list[Target], ControlPlane]]:
    """The same in `count` processes that share a port and their counters; each may use any core."""
    cores = ",".join(str(core) for core in range(os.cpu_count() or 1))
    port = free_port()
    with _fed(folder, up) as control, ExitStack() as stack:
        yield (
            [
                stack.enter_context(_process(folder, control, port, number, count, cores))
                for number in range(count)
            ],
            control,
        )


@contextmanager
def _fed(folder: Path, up: Upstreams) -> Iterator[ControlPlane]:
    """A control plane that knows the services and the key of the load."""
    loop = LoopThread()
    control = ControlPlane(loop).start()
    models = {"m1": up.fixed, "m1-sse": up.events, "m1-idle": up.idle}
    for name, port in models.items():
        control.put("service", llm_service(f"ms-{name}", port, models=[name]))
    services = [f"ms-{name}" for name in models]
    control.put("group", group("sg-1", *services))
    control.put("key", key("key-1", KEY, *services, group="sg-1", limits=HIGH))
    (folder / "run").mkdir(parents=True)
    (folder / "run" / "gateway.token").write_text(TOKEN)
    try:
        yield control
    finally:
        control.close()
        loop.close()


@contextmanager
def _process(
    folder: Path, control: ControlPlane, port: int, number: int = 0, count: int = 1,
    cores: str = GATEWAY_CORE,
) -> Iterator[Target]:  # fmt: skip
    words = [
        sys.executable, "-m", "slipway.gateway", "--home", str(folder), "--port", str(port),
        "--control", control.url, "--service-qps-ceiling", "0", "--process", str(number),
        "--processes", str(count), "--connections-per-address", "0",
    ]  # fmt: skip
    with running(words, cores, folder / f"access-{number}.log") as pid:
        yield Target("Slipway", port, port, pid, _first_answer(port, "m1"))


@contextmanager
def litellm(folder: Path, up: Upstreams) -> Iterator[Target]:
    """One worker, a key with the same two limits from its in-memory limiter, no database."""
    program = _installed_litellm(print)
    (folder / "bench_key.py").write_text(
        "from litellm.proxy._types import UserAPIKeyAuth\n"
        "async def check(request, api_key):\n"
        f"    if api_key != {KEY!r}: raise Exception('no')\n"
        f"    return UserAPIKeyAuth(api_key=api_key, rpm_limit={HIGH['rpm']}, tpm_limit={HIGH['tpm']})\n"
    )
    served = [
        {"model_name": name, "litellm_params": {
            "model": "openai/m1", "api_base": f"http://127.0.0.1:{to}/v1", "api_key": "sk-up"}}
        for name, to in (("m1", up.fixed), ("m1-sse", up.events))
    ]  # fmt: skip
    config = {
        "model_list": served,
        "litellm_settings": {"telemetry": False, "num_retries": 0},
        "general_settings": {"master_key": "sk-master", "custom_auth": "bench_key.check"},
    }
    (folder / "litellm.yaml").write_text(json.dumps(config))  # JSON is YAML
    port = free_port()
    words = [str(program), "--config", str(folder / "litellm.yaml"), "--port", str(port),
             "--host", "127.0.0.1", "--num_workers", "1"]  # fmt: skip
    environment = {
        "LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR", "LITELLM_MODE": "PRODUCTION",
        "LITELLM_TELEMETRY": "False", "PYTHONPATH": str(folder), "NO_PROXY": "127.0.0.1",
    }  # fmt: skip
    with running(words, GATEWAY_CORE, folder / "litellm.log", environment) as pid:
        yield Target("LiteLLM", port, port, pid, _first_answer(port, "m1", limit_s=120))


def _installed_litellm(say: Callable[[str], object]) -> Path:
    """Its command, in an environment of its own. Raises CalledProcessError if it cannot be installed."""
    home = PEERS / f"litellm-{LITELLM}"
    program = home / "bin" / "litellm"
    if not program.exists():
        say(f"Installing litellm {LITELLM} into {home} (some minutes, once).")
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        wanted = f"litellm[proxy]=={LITELLM}"
        pip = [str(home / "bin" / "pip"), "install", "--quiet", wanted]
        subprocess.run(pip, check=True, capture_output=True, text=True)
    return program


def _first_answer(port: int, model: str, limit_s: float = 30) -> float:
    """Seconds until a call is answered. Raises TimeoutError."""
    began = time.perf_counter()
    body = {"model": model, "messages": [{"role": "user", "content": "hi"}]}
    with httpx.Client(trust_env=False, timeout=5) as http:
        while time.perf_counter() - began < limit_s:
            try:
                answer = http.post(
                    f"http://127.0.0.1:{port}{CHAT}", json=body,
                    headers={"authorization": f"Bearer {KEY}"},
                )  # fmt: skip
                if answer.status_code == 200:
                    return time.perf_counter() - began
            except httpx.TransportError:
                pass
            time.sleep(0.02)
    raise TimeoutError(f"nothing useful answered at port {port} within {limit_s} s")
