"""The process: identity, a graceful end, and starts that cannot work."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from .control_plane import llm_service, service
from .loop_thread import wait_for
from .upstreams import chat_chunk, echo, event


def start_failing(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "slipway.gateway", "--home", str(home), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=20)


def test_the_identity_file_names_this_very_process(control, start_gateway):
    gateway = start_gateway(control.url)
    identity = json.loads(gateway.identity_file.read_text())
    assert identity["pid"] == gateway.process.pid and identity["port"] == gateway.port
    stat = Path(f"/proc/{gateway.process.pid}/stat").read_text()
    assert identity["start_ticks"] == int(stat.rpartition(")")[2].split()[19])
    assert identity["started_at"].endswith("Z")
    assert oct(gateway.identity_file.stat().st_mode)[-3:] == "600"
    assert gateway.stop() == 0
    assert not gateway.identity_file.exists()


def test_health_says_whether_the_control_plane_is_there(control, start_gateway):
    control.feed_status = 503
    gateway = start_gateway(control.url)
    assert gateway.health() == {"status": "ok", "control": "away", "version": 0, "limits": "own"}
    control.feed_status = 200
    gateway.wait_connected()
    assert gateway.health()["version"] == control.version


def test_a_second_gateway_for_the_same_home_is_refused(control, start_gateway):
    gateway = start_gateway(control.url)
    second = start_failing(gateway.home, "--control", control.url, "--port", "0")
    assert second.returncode == 1
    assert "already running" in second.stderr and "Traceback" not in second.stderr
    assert gateway.health()["status"] == "ok"


def test_a_taken_port_is_a_sentence(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        failed = start_failing(tmp_path, "--control", "http://127.0.0.1:1", "--port", str(port))
    assert failed.returncode == 1
    assert str(port) in failed.stderr and "Traceback" not in failed.stderr


def test_a_bad_control_url_is_a_usage_error(tmp_path):
    failed = start_failing(tmp_path, "--control", "nonsense")
    assert failed.returncode == 2 and "http://127.0.0.1:8700" in failed.stderr


def test_the_access_log_can_be_switched_off(control, upstream, start_gateway):
    control.put("service", service("ms-1", upstream(echo).port))
    gateway = start_gateway(control.url, "--no-access-log")
    gateway.wait_connected()
    httpx.get(f"{gateway.url}/ms-1/")
    gateway.stop()
    assert gateway.output.read_text() == ""


def test_a_graceful_end_lets_running_answers_finish(control, upstream, start_gateway):
    release = asyncio.Event()

    async def slow(_request, line):
        await line.start_stream()
        await line.piece(event(chat_chunk({"content": "one"})))
        await release.wait()
        await line.piece(b"data: [DONE]\n\n")
        await line.end_stream()

    instance = upstream(slow)
    control.put("service", llm_service("ms-1", instance.port, auth=False))
    gateway = start_gateway(control.url)
    gateway.wait_connected()
    with (
        httpx.Client() as idle,
        httpx.stream("POST", f"{gateway.url}/ms-1/v1/chat/completions",
                     json={"model": "m", "stream": True, "messages": [{}]}) as answer,
    ):  # fmt: skip
        idle.get(f"{gateway.url}/healthz")  # and stays connected
        pieces = answer.iter_raw()
        assert b"one" in next(pieces)
        gateway.process.terminate()
        wait_for(lambda: refuses(gateway.port), "the listener to close")
        instance.loop.call(release.set)
        assert b"".join(pieces) == b"data: [DONE]\n\n"
    assert gateway.process.wait(10) == 0
    assert [r["status"] for r in control.records] == [200]


def test_a_graceful_end_has_an_end(control, upstream, start_gateway):
    async def never(_request, line):
        await line.reader.read()

    instance = upstream(never)
    control.put("service", service("ms-1", instance.port))
    gateway = start_gateway(control.url, "--drain-s", "0.3")
    gateway.wait_connected()
    with socket.create_connection(("127.0.0.1", gateway.port)) as raw:
        raw.sendall(b"GET /ms-1/ HTTP/1.1\r\nhost: x\r\n\r\n")
        wait_for(lambda: instance.requests, "the request")
        assert gateway.stop(timeout_s=5) == 0
    assert [r["error_code"] for r in control.records] == ["client_closed"]


@pytest.mark.parametrize("signal_name", ["SIGINT", "SIGTERM"])
def test_both_stop_signals_end_it(control, start_gateway, signal_name):
    gateway = start_gateway(control.url)
    os.kill(gateway.process.pid, getattr(signal, signal_name))
    assert gateway.process.wait(10) == 0


def test_nothing_of_the_platform_is_imported():
    code = (
        "import sys, slipway.gateway.main\n"
        "print([m for m in sys.modules if m.startswith('slipway.')"
        " and not m.startswith('slipway.gateway')])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert found.stdout.strip() == "[]"


def refuses(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except ConnectionRefusedError:
        return True
    return False
