"""kill -9 in the middle of work: nothing is lost, nothing runs twice, nothing is left behind."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from slipway.sdk.local import LocalPlatform

pytestmark = [pytest.mark.chaos, pytest.mark.slow]

COUNTER = """
import time
from slipway.runtime.metrics import push_training_metrics
for n in range(120):
    print(f"line {n}", flush=True)
    if n % 10 == 0:
        push_training_metrics(int(time.time()), {"n": n}, step=n, total_steps=120)
    time.sleep(0.05)
"""
ECHO = """
import http.server, os
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.send_header("content-length", "2"); self.end_headers(); self.wfile.write(b"ok")
    def log_message(self, *a): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), H).serve_forever()
"""


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[LocalPlatform]:
    platform = LocalPlatform.fresh(tmp_path / "home")
    platform.start()
    yield platform
    platform.down()
    assert platform.left_behind() == []


@pytest.mark.covers("TRN-35", "TRN-46", "TRN-48")
def test_a_running_task_and_a_service_survive_three_kills_of_the_control_plane(
    platform: LocalPlatform,
) -> None:
    client = platform.client()
    small = {"cpu_cores": 0.2, "memory_bytes": 128 << 20}
    task = client.tasks.create("counter", f"python -c '{COUNTER}'", environment="python", **small)
    made = client.services.create(
        "echo", "custom", command=f"exec {sys.executable} -S -c '{ECHO}'", **small
    )
    service = client.services.wait(made.id, timeout_s=60)
    call = f"{platform.gateway_url}/{service.id}/x"
    assert httpx.get(call).text == "ok"
    for _ in range(3):
        platform.kill()
        assert httpx.get(call).text == "ok", "the gateway must go on without the control plane"
        time.sleep(0.3)
        platform.start()
        assert httpx.get(call).text == "ok"
    done = client.tasks.wait(task.id, timeout_s=120)
    assert (done.state, done.restarts) == ("Completed", 0)
    lines = [line["text"] for line in client.tasks.follow(task.id) if line["category"] == "code"]
    assert lines == [f"line {n}" for n in range(120)]
    (curve,) = client.tasks.metrics(task.id)
    assert curve.step == list(range(0, 120, 10))
    events = client.http.request("GET", f"/training/tasks/{task.id}/events").json()["items"]
    assert [e["type"] for e in reversed(events)] == [
        "training:taskScheduling", "training:taskStateChanged", "training:taskRunning", "training:taskCompleted",
    ]  # fmt: skip
    _every_call_is_counted_once(client, service.id, calls=7)


def _every_call_is_counted_once(client: object, service_id: str, calls: int) -> None:
    deadline = time.monotonic() + 15
    while True:
        records = client.http.request("GET", "/usage", params={"limit": 1000}).json()["items"]  # type: ignore[attr-defined]
        requests = [r for r in records if r["subject_id"] == service_id and r["kind"] == "requests"]
        if sum(r["quantity"] for r in requests) == calls:
            return
        assert time.monotonic() < deadline, requests
        time.sleep(0.2)


def test_a_killed_instance_is_not_completed_and_leaves_nothing(platform: LocalPlatform) -> None:
    client = platform.client()
    task = client.tasks.create(
        "victim",
        "sleep 301 & sleep 302",
        environment="python",
        cpu_cores=0.2,
        memory_bytes=64 << 20,
    )
    deadline = time.monotonic() + 30
    while client.tasks.get(task.id).state != "Running":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    runner = platform.home / "instances" / client.tasks.instances(task.id)[0].id / "runner.json"
    pid = int(re.search(r'"pid": ?(\d+)', runner.read_text())[1])  # type: ignore[index]
    import os
    import signal

    os.kill(pid, signal.SIGKILL)
    done = client.tasks.wait(task.id, timeout_s=30)
    assert done.state == "Abnormal"
    assert done.reason
    deadline = time.monotonic() + 10
    while _sleeping():
        assert time.monotonic() < deadline, _sleeping()
        time.sleep(0.05)


def _sleeping() -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if words[:2] in ([b"sleep", b"301"], [b"sleep", b"302"]):
            found.append(path.parent.name)
    return found


def test_ctrl_c_stops_cleanly_and_says_what_goes_on(platform: LocalPlatform) -> None:
    client = platform.client()
    task = client.tasks.create(
        "goes-on", "sleep 4; echo done", environment="python", cpu_cores=0.2, memory_bytes=64 << 20
    )
    while client.tasks.get(task.id).state != "Running":
        time.sleep(0.05)
    assert platform.interrupt() == 0
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{platform.gateway_url}/healthz")
    platform.start()
    assert client.tasks.wait(task.id, timeout_s=60).state == "Completed"


def test_a_second_up_on_the_same_home_says_so(platform: LocalPlatform) -> None:
    import subprocess

    second = subprocess.run(
        [sys.executable, "-m", "slipway.cli.main", "up", "--home", str(platform.home), "--port", "0"],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert second.returncode == 1
    assert "already runs on" in second.stderr
    assert platform.url in second.stderr
