"""kill -9 of the control plane while alerts are under way: none is lost, none comes twice."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from slipway.sdk.client import Client
from slipway.sdk.local import LocalPlatform

pytestmark = [pytest.mark.chaos, pytest.mark.slow]

TASKS = 12


@contextmanager
def receiver() -> Iterator[tuple[str, list[str]]]:
    """An address, and the ids of the events that were posted to it (some more than once)."""
    got: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            got.append(json.loads(body)["event"]["id"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", got
    finally:
        server.shutdown()
        server.server_close()


def test_each_end_of_a_task_is_told_once_whenever_the_platform_dies(tmp_path: Path) -> None:
    platform = LocalPlatform.fresh(tmp_path / "home")
    platform.environment["SLIPWAY_WEBHOOK_REACH"] = "local"
    with receiver() as (address, posted), platform:
        client = platform.client()
        inbox = client.alerts.create_target("inbox", "inbox", users=[client.me().user.id])
        hook = client.alerts.create_target("hook", "webhook", url=address)
        form = {"service": "training", "types": ["taskCompleted"]}
        client.alerts.create_rule("ends", [inbox.id, hook.id], form=form)
        small = {"environment": "python", "cpu_cores": 0.1, "memory_bytes": 64 << 20}
        tasks = []
        for number in range(TASKS):
            tasks.append(client.tasks.create(f"t-{number}", "true", **small).id)
            if number % 4 == 3:
                platform.kill()
                platform.start()
        for task in tasks:
            assert client.tasks.wait(task, timeout_s=60).state == "Completed"
        ends = _ends(client)
        assert sorted(subject for subject, _ in ends) == sorted(tasks)
        _until(lambda: {event for _, event in ends} <= set(posted))
        told = [message.link.rpartition("/")[2] for message in client.inbox.list()]
        assert sorted(told) == sorted(tasks)
        _until(lambda: {d.state for d in client.alerts.deliveries()} == {"Delivered"})
        assert len(list(client.alerts.deliveries())) == 2 * TASKS
    assert platform.left_behind() == []


def _ends(client: Client) -> list[tuple[str, str]]:
    found = client.http.request(
        "GET", "/events", params={"type": "training:taskCompleted", "limit": 100}
    ).json()["items"]
    return [(event["subject_id"], event["id"]) for event in found]


def _until(condition: object, seconds: float = 90) -> None:
    """Long enough for the claim of a killed loop to run out."""
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true"
        time.sleep(0.1)
